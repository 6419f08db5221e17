"""Draw figure 1: examples of the images of MNIST, the ten digits side by side."""

import argparse
from pathlib import Path

import numpy as np
from common import InputError, run
from figure_style import MUTED, WIDTH, footer, save, title
from matplotlib.figure import Figure
from scoring_order import restored

DIGITS = 10


def read_images(path: Path, image_size: int) -> np.ndarray:
    """Read images, float32, shape (images, image_size, image_size), as the file holds them."""
    pixels = np.fromfile(path, dtype="<f4")
    if pixels.size == 0 or pixels.size % image_size**2:
        raise InputError(
            f"{path} holds {pixels.size} pixels, no whole number of images of "
            f"{image_size} x {image_size}; give the --image-size that it was written with."
        )
    return pixels.reshape(-1, image_size, image_size)


def mosaic(images: np.ndarray, labels: np.ndarray, examples: int, gap: int = 4) -> np.ndarray:
    """Set the first ``examples`` images of each digit in a column of their own.

    Parameters
    ----------
    images
        Shape (images, size, size), zero is the background.
    labels
        uint8, shape (images,), the digits 0 to 9.
    gap
        Pixels of background between two images.

    Returns
    -------
    Shape (examples * size + (examples - 1) * gap, 10 * size + 9 * gap).
    """
    if len(images) != len(labels):
        raise InputError(
            f"there are {len(images)} images and {len(labels)} labels; give files that belong "
            f"together, and the --image-size of the images."
        )
    size = images.shape[1]
    step = size + gap
    sheet = np.zeros((examples * step - gap, DIGITS * step - gap), dtype=images.dtype)
    for digit in range(DIGITS):
        found = np.flatnonzero(labels == digit)[:examples]
        if len(found) < examples:
            raise InputError(
                f"the labels hold {len(found)} images of the digit {digit}; "
                f"give more images or fewer --examples than {examples}."
            )
        for row, image in enumerate(images[found]):
            sheet[row * step : row * step + size, digit * step : digit * step + size] = image
    return sheet


def draw(images: np.ndarray, labels: np.ndarray, examples: int) -> Figure:
    """Draw the mosaic of `mosaic`, dark ink on white, with each column's digit above it."""
    sheet = mosaic(images, labels, examples)
    rows, columns = sheet.shape
    side, top, bottom = 0.3, 1.0, 0.42
    width = WIDTH - 2 * side
    height = width * rows / columns
    figure = Figure(figsize=(WIDTH, top + height + bottom))
    total = figure.get_figheight()
    axes = figure.add_axes((side / WIDTH, bottom / total, width / WIDTH, height / total))
    # Drawn pixel by pixel: the networks see no smoother digits than these.
    axes.imshow(sheet, cmap="gray_r", vmin=0, vmax=images.max(), interpolation="none")
    axes.set_axis_off()
    for digit in range(DIGITS):
        axes.text(
            (digit + 0.5) * (columns + 4) / DIGITS - 2.5, -5, digit, ha="center", va="bottom",
            size=11, weight="bold", color=MUTED,
        )  # fmt: skip
    size = images.shape[1]
    title(
        figure,
        "Figure 1. Handwritten digits of MNIST",
        f"{size} by {size} grey pixels an image; a network sees them as {size**2} numbers",
    )
    footer(figure, [f"The first {examples} images of each digit in the file, not chosen by eye."])
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True, help="little-endian float32")
    parser.add_argument("--labels", type=Path, required=True, help="uint8")
    parser.add_argument("--image-size", type=int, default=28, help="pixels a side")
    parser.add_argument("--examples", type=int, default=6, help="images of each digit")
    parser.add_argument("--svg", type=Path, required=True)
    parser.add_argument("--png", type=Path, required=True)
    args = parser.parse_args()
    images = restored(read_images(args.images, args.image_size))
    labels = np.fromfile(args.labels, dtype=np.uint8)
    save(draw(images, labels, args.examples), args.svg, args.png)


if __name__ == "__main__":
    run(main)
