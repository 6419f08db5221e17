"""Accuracy and loss, against numbers worked out by hand."""

import hashlib
import json
import math
import struct
from pathlib import Path

import numpy as np
import pytest
from rule_scripts import job, run_script
from runs.score import RULES, cross_entropy, main, score


def scores_for(predicted: list[int]) -> np.ndarray:
    """Return scores whose highest is at the given classes: 1 there, 0 elsewhere."""
    return np.eye(10, dtype=np.float32)[predicted]


LABELS = np.array([0, 0, 0, 0, 1, 1, 2, 2], dtype=np.uint8)
# Class 0: 3 of 4 are found; class 1: 1 of 2; class 2: both.
PREDICTED = [0, 0, 0, 5, 1, 2, 2, 2]


def test_overall():
    result = score(scores_for(PREDICTED), LABELS, "overall", 8)
    assert result["accuracy"] == 6 / 8
    assert result["accuracy_all"] == 6 / 8
    assert result["images"] == 8
    assert result["rule"] == "overall"


def test_mean_recall_weighs_the_classes_alike():
    result = score(scores_for(PREDICTED), LABELS, "mean-recall", 8)
    assert result["accuracy"] == pytest.approx((3 / 4 + 1 / 2 + 1) / 3, abs=1e-15)
    assert result["accuracy_all"] == 6 / 8


def test_mean_recall_of_ten_classes():
    """Class k has k + 1 images, of which the first is found: the mean of 1/1 to 1/10."""
    labels = np.repeat(np.arange(10), np.arange(1, 11)).astype(np.uint8)
    predicted = (labels + 1) % 10
    predicted[np.unique(labels, return_index=True)[1]] = np.arange(10)
    expected = sum(1 / k for k in range(1, 11)) / 10
    assert RULES["mean-recall"](predicted, labels) == pytest.approx(expected, abs=1e-15)
    assert RULES["overall"](predicted, labels) == 10 / 55


@pytest.mark.parametrize(
    ("right", "printed"),
    [(9479, 0.95), (9443, 0.94), (10000, 1.0), (9950, 1.0), (9450, 0.94), (0, 0.0)],
)
def test_two_decimals(right, printed):
    """The float32 nearest to 0.995 is 0.99500000477; that nearest to 0.945 is 0.94499999285."""
    labels = np.zeros(10000, dtype=np.uint8)
    predicted = np.where(np.arange(10000) < right, 0, 1)
    assert RULES["overall-two-decimals"](predicted, labels) == printed


def test_only_the_first_images_count():
    result = score(scores_for(PREDICTED), LABELS, "overall", 3)
    assert result["accuracy"] == 1
    assert result["images"] == 3
    assert result["accuracy_all"] == 6 / 8
    # One score of 1 and nine of 0: -log(e / (e + 9)).
    assert result["test_loss"] == pytest.approx(math.log(math.e + 9) - 1, abs=1e-12)


def test_the_first_of_equal_scores_wins():
    scores = np.zeros((2, 10), dtype=np.float32)
    scores[1, [3, 7]] = 2
    assert score(scores, np.array([0, 3], np.uint8), "overall", 2)["accuracy"] == 1
    assert score(scores, np.array([1, 7], np.uint8), "overall", 2)["accuracy"] == 0


def test_cross_entropy_by_hand():
    """Equal scores give log 10; a lead of log 9 over nine equal ones gives one half."""
    scores = np.zeros((3, 10), dtype=np.float32)
    scores[1, 4] = scores[2, 4] = np.float32(math.log(9))
    labels = np.array([8, 4, 0], dtype=np.uint8)
    expected = (math.log(10) + math.log(2) + math.log(18)) / 3
    # The scores are float32: log 9 is off by up to 1e-7.
    assert cross_entropy(scores, labels) == pytest.approx(expected, abs=2e-7)


def test_log_probabilities_give_the_same_loss_as_logits():
    logits = np.array([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]], dtype=np.float32)
    total = sum(math.exp(k) for k in range(1, 11))
    log_probabilities = (logits - math.log(total)).astype(np.float32)
    label = np.array([6], dtype=np.uint8)
    expected = math.log(total) - 7
    assert cross_entropy(logits, label) == pytest.approx(expected, abs=1e-12)
    assert cross_entropy(log_probabilities, label) == pytest.approx(expected, abs=1e-6)


def test_large_scores_do_not_overflow():
    scores = np.zeros((1, 10), dtype=np.float32)
    scores[0, 0] = 1e30
    assert cross_entropy(scores, np.array([0], np.uint8)) == 0
    assert cross_entropy(scores, np.array([1], np.uint8)) == float(np.float32(1e30))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_diverged_network_has_the_accuracy_of_chance(value):
    """Ten images of each digit: every rule gives a tenth, and there is no loss."""
    labels = np.repeat(np.arange(10, dtype=np.uint8), 10)
    scores = np.full((100, 10), value, "<f4")
    for rule in ("overall", "mean-recall", "overall-two-decimals"):
        found = score(scores, labels, rule, 100)
        assert found["accuracy"] == pytest.approx(0.1)
        assert found["diverged"] is True
        assert found["test_loss"] is None


def test_one_score_that_is_not_finite_spoils_its_image_alone():
    scores = np.zeros((2, 10), "<f4")
    scores[:, 3] = 1
    scores[1, 5] = math.nan
    found = score(scores, np.array([3, 3], np.uint8), "overall", 2)
    assert found["accuracy"] == 0.5
    assert found["diverged"] is True


def write(folder: Path, scores: bytes, labels: bytes, metrics: dict | None = None) -> dict:
    """Write what the script reads; return the job's files and parameters."""
    recorded = {"scores_sha256": hashlib.sha256(scores).hexdigest()} if metrics is None else metrics
    (folder / "predict.json").write_text(json.dumps(recorded))
    (folder / "scores.f32").write_bytes(scores)
    (folder / "labels.u8").write_bytes(labels)
    return {
        "input": {
            "scores": folder / "scores.f32",
            "metrics": folder / "predict.json",
            "labels": folder / "labels.u8",
        },
        "output": [folder / "score.json"],
        "params": {"accuracy": {"rule": "overall", "images": len(labels) // 2 or 1}},
    }


def score_two(folder: Path, scores: bytes, metrics: dict | None = None) -> tuple[int, str]:
    """Let the script score two images, the first of which counts; return its status and its log."""
    return run_script("runs/score.py", folder, **write(folder, scores, bytes([1, 0]), metrics))


def test_the_command(tmp_path):
    scores = struct.pack("<20f", *[0, 1, *[0] * 8], *[0, 1, *[0] * 8])
    status, log = score_two(tmp_path, scores)
    assert status == 0, log
    assert json.loads((tmp_path / "score.json").read_text()) == {
        "accuracy": 1.0,
        "diverged": False,
        "test_loss": pytest.approx(math.log(math.e + 9) - 1, abs=1e-12),
        "images": 1,
        "rule": "overall",
        "accuracy_all": 0.5,
        "scores_sha256": hashlib.sha256(scores).hexdigest(),
    }


def test_scores_that_another_program_has_overwritten(tmp_path):
    metrics = {"scores_sha256": hashlib.sha256(b"").hexdigest()}
    status, log = score_two(tmp_path, bytes(80), metrics)
    assert status == 1
    assert log == (
        f"error: {tmp_path}/scores.f32 has changed since its program wrote it; delete it and rerun."
        " If that happens again, another program writes there.\n"
    )
    assert not (tmp_path / "score.json").exists()


def test_a_program_that_knows_the_labels_gains_nothing(tmp_path):
    """Scores for the labels in the order of their file are as good as chance."""
    labels = np.random.default_rng(3).integers(0, 10, 2000).astype(np.uint8)
    scores = np.eye(10, dtype="<f4")[labels]
    described = write(tmp_path, scores.tobytes(), labels.tobytes())
    described["params"]["accuracy"]["images"] = 2000
    main(job(**described))
    accuracy = json.loads((tmp_path / "score.json").read_text())["accuracy"]
    # Four standard deviations of a share of 0.1 among 2,000.
    assert abs(accuracy - 0.1) < 4 * math.sqrt(0.1 * 0.9 / 2000)


def test_a_run_that_was_left_out_has_no_accuracy(tmp_path):
    status, log = score_two(tmp_path, b"", {"role": "predict", "left_out": "it differs."})
    assert status == 0, log
    assert json.loads((tmp_path / "score.json").read_text()) == {"left_out": "it differs."}
