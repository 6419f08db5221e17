"""Framework programs: what all rules that start one share.

A program gets one settings file (docs/contract.md). Its rule says what is in it as `settings`; the script adds the
paths. `program` says how the program is started, and `limits` when it is stopped.
"""

from configuration.inputs import Inputs
from configuration.lanes import lane_count

INPUTS = Inputs(PLAN, REFERENCE, RESULTS)


def timed_cores(wildcards, input):
    """Return the cores of a lane as Snakemake counts them: all, if nothing may run beside a timed program."""
    try:
        return CORES // lane_count(config, input.lanes, CORES, alike=ON_CLUSTER)
    except FileNotFoundError:
        # Snakemake needs a number before the lanes are known, and asks again later.
        return CORES
