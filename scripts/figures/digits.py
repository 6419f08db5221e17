"""Draw figure 1: examples of the images of the data set, the ten classes side by side."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from shared.figure_style import BANNER, MUTED, WIDTH, banner, footer, panel, save, title
from shared.scoring_order import restored
from shared.script import Job, run
from shared.study import Study, read_study, size_of, warning

DIGITS = 10
# Images of each digit.
EXAMPLES = 6
# Pixels of background between two images.
GAP = 4


def mosaic(images: np.ndarray, labels: np.ndarray, examples: int, gap: int = GAP) -> np.ndarray:
    """Set the first ``examples`` images of each digit in a column of their own.

    Args:
        images: Shape (images, size, size), zero is the background.
        labels: uint8, shape (images,), the digits 0 to 9.
        gap: Pixels of background between two images.

    Returns an array of shape (examples * size + (examples - 1) * gap, 10 * size + 9 * gap).
    """
    size = images.shape[1]
    step = size + gap
    sheet = np.zeros((examples * step - gap, DIGITS * step - gap), dtype=images.dtype)
    for digit in range(DIGITS):
        found = np.flatnonzero(labels == digit)[:examples]
        for row, image in enumerate(images[found]):
            sheet[row * step : row * step + size, digit * step : digit * step + size] = image
    return sheet


def draw(
    images: np.ndarray,
    labels: np.ndarray,
    examples: int,
    size: pd.DataFrame,
    study: Study,
    mode: str = "default",
) -> Figure:
    """Draw the mosaic of `mosaic`, dark ink on white, with each column's digit above it.

    ``size`` is a row with the columns dataset, train_images and epochs of the runs that the
    figures show; ``study`` says what those of 2016 had; ``mode`` is that of the configuration.
    """
    sheet = mosaic(images, labels, examples)
    rows, columns = sheet.shape
    not_comparable, dataset = warning(size, study, mode), size["dataset"].iloc[0]
    side, top, bottom = 0.3, 1.0, 0.57
    top += BANNER if not_comparable else 0
    width = WIDTH - 2 * side
    height = width * rows / columns
    figure = Figure(figsize=(WIDTH, top + height + bottom))
    axes = panel(figure, side, bottom, width, height)
    # Pixel by pixel, as the networks see the digits.
    axes.imshow(sheet, cmap="gray_r", vmin=0, vmax=images.max(), interpolation="none")
    axes.set_axis_off()
    for digit in range(DIGITS):
        axes.text(
            (digit + 0.5) * (columns + GAP) / DIGITS - (GAP + 1) / 2, -5, digit, ha="center",
            va="bottom", size=11, weight="bold", color=MUTED,
        )  # fmt: skip
    pixels = images.shape[1]
    known = dataset == study.common.dataset
    title(
        figure,
        "Figure 1. Handwritten digits of MNIST" if known else f"Figure 1. Images of {dataset}",
        f"{pixels} by {pixels} grey pixels an image; a network sees them as {pixels**2} numbers",
    )
    if not_comparable:
        banner(figure, not_comparable)
    kind = "digit" if known else "class"
    footer(
        figure,
        f"The first {examples} test images of each {kind} in the file, not chosen by eye.",
        f"The runs that the figures show: {size_of(size)}.",
    )
    return figure


def main(job: Job) -> None:
    params, side = job.params, job.params.image_size
    images = restored(np.fromfile(job.input.images, dtype="<f4").reshape(-1, side, side))
    labels = np.fromfile(job.input.labels, dtype=np.uint8)
    row = {"dataset": params.dataset, "train_images": params.train_images, "epochs": params.epochs}
    study = read_study(job.input.recipes_2016)
    figure = draw(images, labels, EXAMPLES, pd.DataFrame([row]), study, params.mode)
    save(figure, job.output.svg, job.output.png)


if __name__ == "__main__":
    run(main)
