"""Times of different processors are compared only where the configuration says so."""

from collections import Counter

from shared.script import InputError


def check_one_processor(timed: dict[str, str]) -> None:
    """Raise `InputError` unless all that was timed ran on processors of one model.

    ``timed`` has the processor's model by the name of what was timed.
    """
    counts = Counter(timed.values())
    if len(counts) > 1:
        names = {processor: name for name, processor in reversed(timed.items())}
        listed = ", ".join(
            f"{count} on {processor} (such as {names[processor]})"
            for processor, count in counts.most_common()
        )
        raise InputError(
            f"times of different processors are not compared: {listed}; delete the results of all "
            "but one and rerun on that, or set measurement.mixed_processors to true in config.yaml."
        )
