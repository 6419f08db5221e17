"""The table of the runs that were left out; the rules import it, and it imports nothing."""

LEFT_OUT_COLUMNS = ["framework", "recipe", "network", "seed", "reason"]
