"""The reader and the scorer of Caffe models, on a small model written byte by byte."""

import csv
import struct
import subprocess
import sys

import numpy as np
import pytest
from maintenance.score_caffe_models import class_scores, fields, read_layers, read_varint
from tiny import ROOT

PROGRAM = ROOT / "scripts/maintenance/score_caffe_models.py"
NAME = "ModelFCN-Caffe-p2-b128-e10_iter_4687.caffemodel"


def varint(value):
    """Encode as protobuf does: seven bits a byte, the lowest first, the top bit says more."""
    encoded = []
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


def field(number, content):
    """Encode a field of bytes (wire type 2)."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def blob(values):
    """Encode an array as a BlobProto: packed floats (5) and the shape (7) with packed sizes (1)."""
    values = np.asarray(values, "<f4")
    shape = field(1, b"".join(varint(size) for size in values.shape))
    return field(5, values.tobytes()) + field(7, shape)


def layer(layer_type, *arrays):
    """Encode a LayerParameter, with a phase (10, a varint) and a loss weight (5, a float)."""
    blobs = b"".join(field(7, blob(array)) for array in arrays)
    phase = varint(10 << 3) + varint(0)
    loss_weight = varint(5 << 3 | 5) + struct.pack("<f", 1)
    return field(1, b"name") + field(2, layer_type.encode()) + phase + loss_weight + blobs


def model(*layers):
    return field(1, b"FCNN") + b"".join(field(100, content) for content in layers)


# Two inputs, two hidden units that see one input each, two classes that see one unit each.
TWO_BY_TWO = model(
    layer("Data"),
    layer("InnerProduct", [[1, 0], [0, 2]], [0, -1]),
    layer("TanH"),
    layer("InnerProduct", [[1, 0], [0, 1]], [0.5, 0]),
    layer("SoftmaxWithLoss"),
)


def test_a_number_takes_seven_bits_of_each_byte():
    # The example of protobuf's own description of the encoding: 150 is 96 01.
    assert read_varint(b"\x96\x01", 0) == (150, 2)


def test_the_layers_have_their_types_and_arrays():
    layers = read_layers(TWO_BY_TWO)
    assert [layer_type for layer_type, _ in layers] == [
        "Data",
        "InnerProduct",
        "TanH",
        "InnerProduct",
        "SoftmaxWithLoss",
    ]
    weights, biases = layers[1][1]
    assert weights.tolist() == [[1, 0], [0, 2]]
    assert biases.tolist() == [0, -1]


def test_scores_are_those_computed_by_hand():
    images = np.array([[0, 0.5], [1, 0]], "<f4")
    # tanh(0) + 0.5 and tanh(2 * 0.5 - 1); tanh(1) + 0.5 and tanh(-1).
    expected = [[0.5, 0], [1.2615942, -0.7615942]]
    np.testing.assert_allclose(class_scores(read_layers(TWO_BY_TWO), images), expected, rtol=1e-6)


def test_relu_cuts_off_below_zero():
    layers = read_layers(model(layer("InnerProduct", [[1.0]], [0.0]), layer("ReLU")))
    assert class_scores(layers, np.array([[-2.0], [3.0]])).tolist() == [[0], [3]]


@pytest.mark.parametrize("cut", [1, 10, 100])
def test_a_truncated_model_is_refused(cut):
    with pytest.raises(ValueError, match="ends inside"):
        read_layers(TWO_BY_TWO[:-cut])


def test_an_unknown_layer_is_refused():
    with pytest.raises(ValueError, match="'Convolution'"):
        class_scores(read_layers(model(layer("Convolution"))), np.zeros((1, 2)))


def test_a_group_is_refused():
    with pytest.raises(ValueError, match="wire type 3"):
        list(fields(bytes([1 << 3 | 3])))


def write_repository(folder, content, name=NAME):
    """Write a model with its log and 10,000 test images; return the command's arguments.

    The model sees 784 pixels and says 1 where the first pixel is bright, else 0. All labels
    are 0; the first pixel is bright in 1,000 of the first 5,000 images and in no other.
    """
    mnist = folder / "mnist"
    mnist.mkdir()
    images = np.zeros((10000, 28, 28), np.uint8)
    images[:1000, 0, 0] = 255
    (mnist / "t10k-images-idx3-ubyte").write_bytes(
        struct.pack(">4B3I", 0, 0, 8, 3, *images.shape) + images.tobytes()
    )
    (mnist / "t10k-labels-idx1-ubyte").write_bytes(
        struct.pack(">4BI", 0, 0, 8, 1, 10000) + bytes(10000)
    )
    models = folder / "models"
    models.mkdir()
    (models / name).write_bytes(content)
    (models / "ModelFCN-Caffe-p2-b128-e10-Log.txt").write_text(
        "model, timeTrain, timeTest, acc\nm, 1.0, 0.1, 0.700\nm, 1.0, 0.1, 0.800\n"
    )
    return [str(models), "--mnist", str(mnist)]


def first_pixel_decides():
    first = np.zeros((2, 784))
    first[1, 0] = 4
    return model(
        layer("InnerProduct", first, [0, 0]),
        layer("TanH"),
        layer("InnerProduct", np.eye(2), [0.5, 0]),
    )


def score(arguments):
    return subprocess.run(
        [sys.executable, PROGRAM, *arguments], capture_output=True, text=True, check=False
    )


def test_the_table_has_both_accuracies_and_the_logged_ones(tmp_path):
    done = score(write_repository(tmp_path, first_pixel_decides()))
    assert done.stderr == ""
    [row] = csv.DictReader(done.stdout.splitlines())
    assert row == {
        "activation": "tanh",
        "hidden_layers": "1",
        "hidden_units": "2",
        "epochs": "10",
        "accuracy_first_5000": "0.8000",
        "accuracy_all_10000": "0.9000",
        "logged_last": "0.800",
        "logged_mean": "0.7500",
    }


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (TWO_BY_TWO, NAME, "is not a Caffe model of a fully connected network"),
        (b"<html>", NAME, "is not a Caffe model of a fully connected network"),
        (TWO_BY_TWO, "other.caffemodel", "is not named like the authors' models"),
        (TWO_BY_TWO, "model.zip", "has no file *.caffemodel"),
    ],
)
def test_a_wrong_file_ends_in_one_sentence(content, name, sentence, tmp_path):
    done = score(write_repository(tmp_path, content, name))
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert sentence in done.stderr


def test_missing_images_end_in_one_sentence(tmp_path):
    arguments = write_repository(tmp_path, first_pixel_decides())
    (tmp_path / "mnist/t10k-images-idx3-ubyte").unlink()
    done = score(arguments)
    assert done.stderr.startswith("error: ")
    assert "does not exist; run `snakemake --cores 2 resources/mnist/" in done.stderr


def test_the_committed_table_repeats_the_last_logged_repetition():
    with open(ROOT / "reference/caffe-models-2016.csv", newline="") as lines:
        rows = list(csv.DictReader(lines))
    with open(ROOT / "reference/logged-2016.csv", newline="") as lines:
        logged = {
            (row["activation"], row["hidden_layers"], row["hidden_units"], row["epochs"]): row
            for row in csv.DictReader(lines)
            if row["framework"] == "caffe"
        }
    assert len(rows) == 24
    for row in rows:
        cell = (row["activation"], row["hidden_layers"], row["hidden_units"], row["epochs"])
        # The rows are in the order of the repetitions, so the last one of a cell stays.
        assert float(row["logged_last"]) == float(logged[cell]["accuracy"])
        # The logs have three decimals.
        assert abs(float(row["accuracy_first_5000"]) - float(row["logged_last"])) < 0.00051
