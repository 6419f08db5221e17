"""What a program must have written, and what it must have left as it was."""

from pathlib import Path

from shared.script import InputError


def check_scores(path: Path, images: int) -> None:
    """Raise `InputError` unless ``path`` holds ten float32 scores for each image.

    They need not be finite: a network may have diverged.
    """
    if not path.is_file():
        raise InputError(f"the program wrote no scores to {path}.")
    expected = images * 10 * 4
    size = path.stat().st_size
    if size != expected:
        few_or_many = "few" if size < expected else "many"
        raise InputError(
            f"the program wrote too {few_or_many} scores: {path} has {size} bytes, "
            f"{images} images need {expected}."
        )


def check_reads(before: dict, after: dict) -> None:
    """Raise `InputError` if a file that a program may only read has changed while it ran.

    ``before`` and ``after`` are fingerprints (`digests.fingerprint`).
    """
    for path, was in before.items():
        if after.get(path) != was:
            raise InputError(
                f"{path} has changed while the program ran, which may only read it; correct the "
                "program (or whatever else writes there), delete that file and rerun."
            )
