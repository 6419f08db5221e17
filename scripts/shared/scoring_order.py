"""The order in which prediction programs get their images: not that of the labels' file.

A program that reads the labels of the test images, which lie in the data's folder, gains nothing:
only this module knows which label belongs to which image. data/prepare.py and prepare_sample.py
write the images in this order, and runs/score.py puts the scores back into the order of the labels.
"""

import numpy as np

SEED = 2016


def shuffled(images: np.ndarray) -> np.ndarray:
    """Return images ``[n, ...]``, given in the labels' order, in the programs' order."""
    return images[_order(len(images))]


def restored(scores: np.ndarray) -> np.ndarray:
    """Return a program's scores ``[n, ...]`` in the labels' order."""
    in_order = np.empty_like(scores)
    in_order[_order(len(scores))] = scores
    return in_order


def _order(count: int) -> np.ndarray:
    # NumPy keeps the stream of PCG64 from version to version.
    return np.random.Generator(np.random.PCG64(SEED)).permutation(count)
