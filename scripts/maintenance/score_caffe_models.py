"""Score the Caffe models that the authors trained in 2016, on 5,000 and on 10,000 test images.

    python scripts/maintenance/score_caffe_models.py FOLDER > reference/caffe-models-2016.csv

FOLDER is ``results/Strep03-FCNN-Tanh/SubStep-03-FCNN-Caffe`` of the authors' repository,
github.com/gakarak/DeepLearning_Frameworks_Benchmark, at commit 23f1c5f. It holds the models
(``*.caffemodel``) and their logs (``*-Log.txt``). Needs the test images of MNIST, which the
workflow downloads to resources/mnist, and NumPy. Caffe is not needed.
"""

import argparse
import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path

# Started by hand, it finds the workflow's modules by itself.
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from data.mnist import check_format, parse_idx
from shared.script import InputError, run_command

# `scale: 0.00390625` in the authors' network-*.prototxt.
SCALE = 1 / 256
# `caffe test` takes 50 batches of 100 images if it is not told otherwise, so the first 5,000.
FIRST_IMAGES = 5000

# Field numbers of Caffe's src/caffe/proto/caffe.proto.
NET_LAYER = 100
LAYER_TYPE, LAYER_BLOBS = 2, 7
BLOB_DATA, BLOB_SHAPE = 5, 7
SHAPE_DIM = 1

# Wire types of protobuf (protobuf.dev/programming-guides/encoding).
VARINT, FIXED64, LENGTH_DELIMITED, FIXED32 = 0, 1, 2, 5

COLUMNS = (
    "activation",
    "hidden_layers",
    "hidden_units",
    "epochs",
    "accuracy_first_5000",
    "accuracy_all_10000",
    "logged_last",
    "logged_mean",
)


def read_varint(message: bytes, start: int) -> tuple[int, int]:
    """Return the variable-length integer at ``start`` and the position after it."""
    value = shift = 0
    for position in range(start, len(message)):
        byte = message[position]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position + 1
        shift += 7
    raise ValueError("the message ends inside of a number")


def fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Yield the number and the content of each field of a protobuf message.

    A variable-length integer is an int, everything else the field's bytes. Raises `ValueError`
    where the bytes are not such a message.
    """
    position = 0
    while position < len(message):
        key, position = read_varint(message, position)
        number, wire_type = key >> 3, key & 7
        if wire_type == VARINT:
            value, position = read_varint(message, position)
            yield number, value
            continue
        if wire_type == LENGTH_DELIMITED:
            length, position = read_varint(message, position)
        elif wire_type in (FIXED32, FIXED64):
            length = 4 if wire_type == FIXED32 else 8
        else:
            raise ValueError(f"it has a field of the unknown wire type {wire_type}")
        if position + length > len(message):
            raise ValueError("the message ends inside of a field")
        yield number, message[position : position + length]
        position += length


def submessages(message: bytes, number: int) -> list[bytes]:
    """Return the fields ``number`` of a message that hold bytes, in their order."""
    return [value for n, value in fields(message) if n == number and isinstance(value, bytes)]


def read_blob(message: bytes) -> np.ndarray:
    """Return a BlobProto as a float32 array of its shape; its numbers are packed floats."""
    data = np.frombuffer(b"".join(submessages(message, BLOB_DATA)), "<f4")
    shape = []
    for dimensions in submessages(message, BLOB_SHAPE):
        for packed in submessages(dimensions, SHAPE_DIM):
            position = 0
            while position < len(packed):
                size, position = read_varint(packed, position)
                shape.append(size)
    return data.reshape(shape)


def read_layers(content: bytes) -> list[tuple[str, list[np.ndarray]]]:
    """Return the type and the arrays of each layer of a .caffemodel (a binary NetParameter).

    An ``InnerProduct`` layer has the weights ``[outputs, inputs]`` and the biases ``[outputs]``,
    both float32. Raises `ValueError` where the content is no such model.
    """
    return [
        (
            b"".join(submessages(layer, LAYER_TYPE)).decode(),
            [read_blob(blob) for blob in submessages(layer, LAYER_BLOBS)],
        )
        for layer in submessages(content, NET_LAYER)
    ]


def class_scores(layers: list[tuple[str, list[np.ndarray]]], images: np.ndarray) -> np.ndarray:
    """Return the logits ``[items, classes]`` of images ``[items, inputs]``, both float32.

    Layers of data and loss are skipped. Raises `ValueError` for a layer of any other type, and
    where a layer does not fit the one before it.
    """
    outputs = images
    seen = 0
    for layer_type, arrays in layers:
        if layer_type == "InnerProduct":
            weights, biases = arrays
            outputs = outputs @ weights.T + biases
            seen += 1
        elif layer_type == "TanH":
            outputs = np.tanh(outputs)
        elif layer_type == "ReLU":
            outputs = np.maximum(outputs, 0)
        elif layer_type not in ("Data", "Accuracy", "SoftmaxWithLoss"):
            raise ValueError(f"it has a layer of the type {layer_type!r}")
    if seen == 0:
        raise ValueError("it has no layer of the type 'InnerProduct'")
    return outputs


def accuracy(scores: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of rows of ``scores [items, classes]`` with the label's score highest."""
    return float(np.mean(scores.argmax(axis=1) == labels))


def read_test_set(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return MNIST's test images, float32 ``[items, 784]`` times `SCALE`, and labels, uint8."""
    contents = []
    for name in ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
        path = folder / name
        if not path.is_file():
            raise InputError(
                f"{path} does not exist; run `snakemake --cores 2 resources/{folder.name}/{name}` "
                "or give the folder of the uncompressed files with --mnist."
            )
        contents.append(parse_idx(path.read_bytes(), str(path)))
    images, labels = contents
    check_format(images, labels, "test")
    return images.reshape(len(images), -1) * np.float32(SCALE), labels


def logged_accuracies(log: Path) -> list[float]:
    """Return the last column of a log, one number for each repetition."""
    if not log.is_file():
        raise InputError(f"{log} does not exist; restore the log that lies beside the model.")
    rows = [line.split(",") for line in log.read_text().splitlines()[1:] if line.strip()]
    return [float(row[-1]) for row in rows]


def score_model(
    path: Path, images: np.ndarray, labels: np.ndarray, activation: str
) -> dict[str, object]:
    """Return the row of `COLUMNS` for one model; `images` and `labels` as `read_test_set` returns.

    The file's name says the network and the epochs: ModelFCN-Caffe-p100:100-b128-e10_iter_4687.
    """
    name = re.fullmatch(r"(ModelFCN-Caffe-p([\d:]+)-b\d+-e(\d+))_iter_\d+\.caffemodel", path.name)
    if name is None:
        raise InputError(
            f"{path} is not named like the authors' models; restore its name, which says its "
            "network and epochs."
        )
    try:
        scores = class_scores(read_layers(path.read_bytes()), images)
    except ValueError as error:
        raise InputError(
            f"{path} is not a Caffe model of a fully connected network ({error}); "
            "check it out again."
        ) from None
    widths = name[2].split(":")
    logged = logged_accuracies(path.with_name(f"{name[1]}-Log.txt"))
    first = slice(FIRST_IMAGES)
    return {
        "activation": activation,
        "hidden_layers": len(widths),
        "hidden_units": int(widths[0]),
        "epochs": int(name[3]),
        "accuracy_first_5000": f"{accuracy(scores[first], labels[first]):.4f}",
        "accuracy_all_10000": f"{accuracy(scores, labels):.4f}",
        "logged_last": f"{logged[-1]:.3f}",
        "logged_mean": f"{np.mean(logged):.4f}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="the folder with the models and their logs")
    parser.add_argument(
        "--mnist", type=Path, default=Path("resources/mnist"), help="default: %(default)s"
    )
    parser.add_argument(
        "--activation", default="tanh", help="of the models, for the table; default: %(default)s"
    )
    args = parser.parse_args()
    models = sorted(args.folder.glob("*.caffemodel"))
    if not models:
        raise InputError(
            f"{args.folder} has no file *.caffemodel; give the folder of the authors' repository "
            "that has them."
        )
    images, labels = read_test_set(args.mnist)
    rows = [score_model(path, images, labels, args.activation) for path in models]
    rows.sort(key=lambda row: [row[column] for column in COLUMNS[:4]])
    writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


if __name__ == "__main__":
    run_command(main)
