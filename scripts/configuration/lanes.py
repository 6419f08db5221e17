"""How many timed programs run side by side."""

from pathlib import Path

from launcher.machine import machine, same_processor
from shared.script import read_json


def lane_count(config: dict, measured: Path | str, cores: int | None, alike: bool) -> int:
    """Return how many lanes there are: as the configuration says, or as this machine allows.

    Args:
        config: the configuration.
        measured: the file with the cost of timing side by side.
        cores: those that all lanes share; None if only the measurement knows them, as in the job of
            a cluster, which sees its own cores.
        alike: whether the cost was measured on a machine like the one that runs the programs, as we
            assume of a cluster's nodes.
    """
    measurement, threads = config["measurement"], config["compute_threads"]
    found = read_json(measured, "machine", "threads", "lanes", "cost")
    possible = found["lanes"] if cores is None else max(1, cores // threads)
    if measurement["lanes"] != "auto":
        return min(measurement["lanes"], possible)
    of_another = not alike and not same_processor(found["machine"], machine())
    if of_another or found["threads"] != threads or found["cost"] is None:
        return 1
    cheap = found["cost"] <= measurement["side_by_side"]["limit"]
    return min(found["lanes"], possible) if cheap else 1
