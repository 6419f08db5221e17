"""The columns of the tables of what was left out. Rules import them, so this imports nothing."""

RUN_COLUMNS = ["framework", "recipe", "network", "seed", "reason"]
TIME_COLUMNS = ["framework", "recipe", "network", "block", "length", "day", "reason"]
