"""Say how fast each framework computes, from the width sweep alone: marginal GFLOP/s.

Each additional hidden unit costs every framework the same arithmetic, whatever else it does per
image, step or epoch. So the seconds that each additional unit costs give its speed:

    GFLOP/s = images * operations / (seconds(WIDE) - seconds(NARROW)) * (WIDE - NARROW) / 1e9

A network with one hidden layer, I inputs and 10 outputs does, for each hidden unit and image, two
operations (a multiplication and an addition) for each weight it has to pass:

    forward             2 I into the unit, 2 * 10 out of it
    gradient of weights 2 I and 2 * 10 again
    gradient of the unit, through the 10 outputs: 2 * 10

together 4 I + 60: 3,196 for 784 inputs, 4,156 for 1,024. We do not count the gradient of the
images, which nothing needs, though Torch computes it (2 I more). Nor do we count biases,
activations and the optimiser's update (at most a dozen operations for each weight and *step*, 2 %
of a batch of 128).

The same formula gives the speeds of 2016 from the published times, each with the images and inputs
that its framework had (reference/timed-2016.yaml).
"""

from pathlib import Path

import numpy as np
import pandas as pd
from shared.markdown_table import markdown_table
from shared.networks import CLASSES, operations
from shared.script import InputError, Job, run
from shared.strict_yaml import read_yaml
from shared.study import Study, read_study, unlike, warning
from shared.tables import read_table, write_table

NARROW, WIDE = 128, 1024
RUN_COLUMNS = [
    "framework", "recipe", "activation", "hidden_layers", "hidden_units", "block", "length",
    "epochs", "compute_threads", "train_seconds", "calibration_gflops", "dataset", "train_images",
]  # fmt: skip
PUBLISHED_COLUMNS = [
    "framework", "sweep", "hidden_units", "train_seconds_mean", "train_seconds_sd",
]  # fmt: skip
COLUMNS = [
    "source", "framework", "recipe", "gflops", "standard_error", "machine_gflops",
    "share_of_machine", "inputs", "images", "seconds_narrow", "seconds_wide", "runs",
]  # fmt: skip


def images_trained(train_images: int, batch_size: int, partial_batch: str, epochs: int) -> int:
    """Return how many images a training takes steps on; ``partial_batch`` is the recipe's."""
    if partial_batch == "drop":
        return train_images // batch_size * batch_size * epochs
    if partial_batch == "wrap":
        return train_images * epochs // batch_size * batch_size
    return train_images * epochs


def marginal_gflops(
    narrow: tuple[float, float], wide: tuple[float, float], inputs: int
) -> tuple[float, float]:
    """Return GFLOP/s and their standard error, from (mean, standard error) of two widths.

    The means are in seconds for each image. The error is that of the difference, to first order.
    Not a number where the wider network is not slower: then its time is not the arithmetic's.
    """
    difference = wide[0] - narrow[0]
    if not difference > 0:
        return np.nan, np.nan
    of_unit = operations([inputs, 1, CLASSES], images=1)
    gflops = of_unit * (WIDE - NARROW) / difference / 1e9
    return gflops, gflops * np.hypot(narrow[1], wide[1]) / difference


def published_rows(published: pd.DataFrame, timed: dict, study: Study) -> list[dict]:
    """Return a row for each framework of the paper; the keys are of `COLUMNS`.

    ``published`` is reference/published.csv, ``timed`` reference/timed-2016.yaml.
    """
    rows = []
    sweep = published[published["sweep"] == "width"].set_index(["framework", "hidden_units"])
    for name in pd.unique(published["framework"]):
        facts, repetitions = timed[name]["train"], study.repetitions[name]
        images, inputs = facts["images"], facts["inputs"]
        ends = []
        for units in (NARROW, WIDE):
            point = sweep.loc[(name, units)]
            # The published deviations are divided by n (verdicts/estimates.py says how we know).
            error = point["train_seconds_sd"] / np.sqrt(repetitions - 1)
            ends.append((point["train_seconds_mean"] / images, error / images))
        narrow, wide = ends
        gflops, error = marginal_gflops(narrow, wide, inputs)
        rows.append(
            {
                "source": "published 2016",
                "framework": name,
                "recipe": "",
                "gflops": gflops,
                "standard_error": error,
                "inputs": inputs,
                "images": images,
                "seconds_narrow": ends[0][0] * images,
                "seconds_wide": ends[1][0] * images,
                "runs": 2 * repetitions,
            }
        )
    return rows


def measured_rows(runs: pd.DataFrame, configuration: dict) -> list[dict]:
    """Return a row for each framework and recipe that was timed at both widths.

    ``configuration`` holds the ``recipes`` and ``data_variants`` of the configuration. The
    machine's GFLOP/s are the median of those that were measured before each run.
    """
    chosen = runs[
        (runs["length"] == "short")
        & (runs["activation"] == "relu")
        & (runs["hidden_layers"] == 1)
        & runs["hidden_units"].isin([NARROW, WIDE])
    ]
    rows = []
    for (framework, recipe), part in chosen.groupby(["framework", "recipe"], sort=False):
        if recipe not in configuration["recipes"]:
            raise InputError(f"the configuration has no recipe {recipe!r}, which the runs name.")
        settings = configuration["recipes"][recipe]
        variant = configuration["data_variants"][settings["data"]]
        inputs = variant["image_size"] ** 2
        images = images_trained(
            variant["train_images"],
            settings["batch_size"],
            settings["partial_batch"],
            settings["epochs"],
        )
        groups = (part["train_seconds"] / images).groupby(part["hidden_units"])
        if set(groups.groups) != {NARROW, WIDE}:
            continue
        means, errors, seconds = groups.mean(), groups.sem(), part["train_seconds"]
        narrow, wide = ((means[units], errors[units]) for units in (NARROW, WIDE))
        gflops, error = marginal_gflops(narrow, wide, inputs)
        machine = part["calibration_gflops"].median()
        rows.append(
            {
                "source": "measured here",
                "framework": framework,
                "recipe": recipe,
                "gflops": gflops,
                "standard_error": error,
                "machine_gflops": machine,
                "share_of_machine": gflops / machine,
                "inputs": inputs,
                "images": images,
                "seconds_narrow": seconds[part["hidden_units"] == NARROW].mean(),
                "seconds_wide": seconds[part["hidden_units"] == WIDE].mean(),
                "runs": len(part),
            }
        )
    return rows


def build(
    runs: pd.DataFrame, published: pd.DataFrame, timed: dict, study: Study, configuration: dict
) -> pd.DataFrame:
    """Return the published rows, then those of our runs."""
    rows = published_rows(published, timed, study)
    rows += measured_rows(runs, configuration)
    return pd.DataFrame(rows, columns=COLUMNS)


def markdown(table: pd.DataFrame, timed: dict, note: str = "") -> str:
    """Write the table in Markdown, with what it means beneath and a note above, if there is one."""
    headings = ["Framework", "Recipe", "GFLOP/s", "of the machine's", "s at 128", "s at 1,024"]
    text = f"**{note}**\n\n" if note else ""
    for source, part in table.groupby("source", sort=False):
        rows = []
        for row in part.itertuples():
            error = "" if np.isnan(row.standard_error) else f" ± {row.standard_error:.2g}"
            share = (
                ""
                if np.isnan(row.share_of_machine)
                else f"{100 * row.share_of_machine:.0f} % of {row.machine_gflops:.0f}"
            )
            speed = "not told by the times" if np.isnan(row.gflops) else f"{row.gflops:.3g}{error}"
            rows.append(
                [row.framework, row.recipe, speed, share]
                + [f"{seconds:.3g}" for seconds in (row.seconds_narrow, row.seconds_wide)]
            )
        text += f"{source.capitalize()}:\n\n{markdown_table(headings, rows, headings[2:])}\n"
    wasteful = [name for name, facts in timed.items() if facts["train"]["input_gradient"] is True]
    text += (
        f"Marginal speed of training between {NARROW} and {WIDE:,} hidden units (one layer, ReLU), "
        "± one standard error over the repetitions: 4 inputs + 60 operations for each image and "
        "added unit, by the seconds that it adds. The machine's own speed is that of a product of "
        "float32 matrices of 512 x 512; a recipe in double precision can reach half of it. Only "
        "useful operations are counted"
    )
    for name in wasteful:
        inputs = timed[name]["train"]["inputs"]
        factor = 1 + 2 * inputs / operations([inputs, 1, CLASSES], images=1)
        text += (
            f"; {name} did {factor:.2f} times as many, since it computes the images' gradient too"
        )
    return f"{text}. `scripts/arithmetic/table.py` derives the formula.\n"


def main(job: Job) -> None:
    timed = read_yaml(Path(job.input.timed))
    study = read_study(job.input.recipes_2016)
    runs = read_table(job.input.times, RUN_COLUMNS)
    published = read_table(job.input.published, PUBLISHED_COLUMNS)
    table = build(runs, published, timed, study, job.params.configuration)
    note = warning(runs, study) if len(runs) and unlike(runs, study).all() else ""
    text = markdown(table, timed, note)
    write_table(table, job.output.csv, text, job.output.markdown)


if __name__ == "__main__":
    run(main)
