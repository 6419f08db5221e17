"""Flag runs that a program may have got wrong without failing: those unlike the reference's.

The equivalence gate sees a few short trainings. A program that passes it may still train too few
images or epochs in a run, or start from other weights. Its accuracy then differs from that of the
NumPy program with the same recipe and network. A flag excludes nothing.
"""

import numpy as np
import pandas as pd
from scipy import special

# Log-odds of the accuracy: 0.97 may be 0.960 to 0.978, and 0.83 may be 0.783 to 0.868. Runs of one
# framework that differ in their seed alone have a standard deviation of about 0.07 there.
MARGIN = 0.3
# A factor on the reference's largest loss: scores may be finite, and yet absurd.
LOSS_FACTOR = 10.0


def flag(row: dict, reference: pd.DataFrame) -> str | None:
    """Return why a run should be looked at; None if nothing is conspicuous.

    Args:
        row: a run's ``network``, ``epochs``, ``accuracy_of``, ``accuracy_all`` and ``test_loss``.
        reference: the same columns of the reference's runs with the same recipe. Those of another
            network, or of a network that has seen other epochs, do not count.
    """
    alike = reference[
        (reference["network"] == row["network"]) & (reference["epochs"] == row["epochs"])
    ]
    if alike.empty:
        return None
    # Accuracies of 0 and 1 count as half of one in 10,000 images.
    odds = special.logit(np.clip(alike["accuracy_all"].to_numpy(float), 0.5e-4, 1 - 0.5e-4))
    low, high = special.expit([odds.min() - MARGIN, odds.max() + MARGIN])
    if not low <= row["accuracy_all"] <= high:
        images = {"test": "all test images", "train": "training images"}[row["accuracy_of"]]
        return (
            f"an accuracy of {row['accuracy_all']:.4f} on {images}, where the reference's "
            f"runs lead one to expect {low:.4f} to {high:.4f}"
        )
    largest = alike["test_loss"].astype(float).max()
    if row["test_loss"] is not None and row["test_loss"] > LOSS_FACTOR * largest:
        return (
            f"a {row['accuracy_of']} loss of {row['test_loss']:.3g}, where the reference's largest "
            f"is {largest:.3g}"
        )
    return None
