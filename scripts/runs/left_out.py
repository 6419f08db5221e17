"""The columns of the table of runs that were left out. Rules import them, so it imports nothing."""

LEFT_OUT_COLUMNS = ["framework", "recipe", "network", "seed", "reason"]
