"""Score one run's predictions: the only place that sees the labels of the test images.

A recipe may take its accuracy of training images instead. Everything here is then about these.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import special
from shared.digests import check_unchanged
from shared.networks import CLASSES
from shared.scoring_order import restored
from shared.script import Job, read_json, run, write_json


def overall(predicted: np.ndarray, labels: np.ndarray) -> float:
    """Share of images whose class is right."""
    return float(np.mean(predicted == labels))


def mean_recall(predicted: np.ndarray, labels: np.ndarray) -> float:
    """Mean over the classes of the share of a class's images that are found.

    The 2016 Torch script reported this (averageValid of torch/optim's ConfusionMatrix), which
    leaves out a class that has no image.
    """
    present = np.unique(labels)
    return float(np.mean([np.mean(predicted[labels == digit] == digit) for digit in present]))


def overall_two_decimals(predicted: np.ndarray, labels: np.ndarray) -> float:
    """Return the overall share as the 2016 TensorFlow script printed it, with two decimals.

    TensorFlow gave it as a float32, which decides how a share halfway between two is rounded.
    """
    return float(f"{np.float32(overall(predicted, labels)):.2f}")


# The names are those of a recipe's accuracy in config.yaml. A rule takes the predicted and the
# true classes, both [images].
RULES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "overall": overall,
    "mean-recall": mean_recall,
    "overall-two-decimals": overall_two_decimals,
}


def cross_entropy(scores: np.ndarray, labels: np.ndarray) -> float:
    """Mean cross-entropy in nats of the softmax of ``scores`` ``[images, 10]``, in float64.

    Adding a constant to an image's scores changes nothing, so logits and log-probabilities give
    the same number.
    """
    logarithms = special.log_softmax(scores.astype(np.float64), axis=1)
    # Not -mean, which would be -0.0 where all scores are certain and right.
    return float(0 - np.mean(logarithms[np.arange(len(labels)), labels]))


def predicted_classes(scores: np.ndarray) -> np.ndarray:
    """Return the class with the highest score for each row of ``[n, 10]``, the first of equal ones.

    A row with a score that is not finite counts as class 0: a network that has diverged names the
    same class for every image, and so has the accuracy of chance.
    """
    return np.where(np.isfinite(scores).all(axis=1), scores.argmax(axis=1), 0)


def score(scores: np.ndarray, labels: np.ndarray, rule: str, images: int) -> dict:
    """Return the accuracy and the loss of predictions.

    ``scores`` is ``[n, 10]``, logits or log-probabilities; ``labels`` is uint8 ``[n]``;
    ``images`` is how many of the first images count.
    ``accuracy_all`` is the plain share over all n images, so that runs whose recipes take accuracy
    differently compare, if they take it of the same images. A network is ``diverged`` if any score
    is not finite; it then has no loss.
    """
    predicted = predicted_classes(scores)
    diverged = not np.isfinite(scores).all()
    return {
        "accuracy": RULES[rule](predicted[:images], labels[:images]),
        "test_loss": None if diverged else cross_entropy(scores[:images], labels[:images]),
        "diverged": diverged,
        "images": images,
        "rule": rule,
        "accuracy_all": overall(predicted, labels),
    }


def main(job: Job) -> None:
    prediction = read_json(job.input.metrics)
    if "left_out" in prediction:
        result = {"left_out": prediction["left_out"]}
    else:
        labels = np.fromfile(job.input.labels, np.uint8)
        # The launcher has checked its size, so the scores are one row for each label.
        check_unchanged(Path(job.input.scores), prediction["scores_sha256"])
        scores = np.fromfile(job.input.scores, "<f4").reshape(len(labels), CLASSES)
        accuracy = job.params.accuracy
        result = score(restored(scores), labels, accuracy["rule"], accuracy["images"])
        # Two runs of a set with the same scores are an error; the checksum shows them.
        result["scores_sha256"] = prediction["scores_sha256"]
    write_json(job.output[0], result)


if __name__ == "__main__":
    run(main)
