"""The statements on what the authors did and counted: sections 2 to 4, and table 1.

Their code, their logs and their table decide these (`Evidence`). No run does.
Torch's code is the public script, except where its published run is known to differ.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from verdicts.basis import NotDecidable
from verdicts.checks import Check, statement
from verdicts.setting import ORIGINALS, Evidence, Setting, each

# What the paper says.
INPUTS, LARGEST_INPUT = 784, 255
TRAIN_IMAGES, TEST_IMAGES = 60_000, 10_000
EPOCHS = 10


def require_public(script: Mapping[str, Any], framework: str) -> None:
    """Raise NotDecidable where the public script is not that of the published run."""
    if "published_recipe" in script:
        raise NotDecidable(f"the script of {framework}'s published run is not public")


@statement("input-784-bytes", by_files=True)
def _(setting: Setting) -> list[Check]:
    def data(framework: str) -> dict[str, int]:
        return setting.evidence.of(framework)["data"]

    largest = each(ORIGINALS, lambda name: LARGEST_INPUT / data(name)["divide_by"])
    return [
        Check(
            "the number of inputs",
            each(ORIGINALS, lambda name: data(name)["inputs"]),
            INPUTS,
            INPUTS,
        ),
        Check("the largest value of an input", largest, LARGEST_INPUT, LARGEST_INPUT),
    ]


@statement("images-60000-10000", by_files=True)
def _(setting: Setting) -> list[Check]:
    of = setting.evidence.of

    def test_images(framework: str) -> int:
        require_public(of(framework), framework)
        accuracy = of(framework)["accuracy"]
        return 0 if accuracy.get("of") == "train" else accuracy["images"]

    return [
        Check(
            "the number of training images",
            each(ORIGINALS, lambda name: of(name)["train_images"]),
            TRAIN_IMAGES,
            TRAIN_IMAGES,
        ),
        Check(
            "the number of test images behind an accuracy",
            each(ORIGINALS, test_images),
            TEST_IMAGES,
            TEST_IMAGES,
        ),
    ]


def networks_logged(evidence: Evidence, framework: str, activation: str) -> pd.DataFrame:
    """Return the sizes of a framework's logged networks, a row for each."""
    logged = evidence.logged
    chosen = logged[(logged["framework"] == framework) & (logged["activation"] == activation)]
    return chosen[["hidden_layers", "hidden_units"]].drop_duplicates()


@statement("activations-tanh-relu", by_files=True)
def _(setting: Setting) -> list[Check]:
    def others(framework: str) -> float:
        """Count the networks whose activation is not the one that names them."""
        script = setting.evidence.of(framework)
        require_public(script, framework)
        computed = script.get("activations", {})
        return sum(
            len(networks_logged(setting.evidence, framework, named))
            for named in ("tanh", "relu")
            if computed.get(named, named) != named
        )

    quantity = "the number of networks with another activation than the one that names them"
    return [Check(quantity, each(ORIGINALS, others), high=0)]


@statement("ten-epochs", by_files=True)
def _(setting: Setting) -> list[Check]:
    """A network that is built once and trained on has more epochs behind it in each repetition."""

    def most(framework: str) -> float:
        logged = setting.evidence.logged
        shown = logged[(logged["framework"] == framework) & logged["published"]]
        carried_over = setting.evidence.of(framework).get("carried_over", False)
        return (shown["epochs"] * (shown["repetition"] if carried_over else 1)).max()

    quantity = "the largest number of epochs behind a published repetition"
    return [Check(quantity, each(ORIGINALS, most), EPOCHS, EPOCHS)]


@statement("width-relu-only", by_files=True)
def _(setting: Setting) -> list[Check]:
    def tanh_widths(framework: str) -> float:
        sizes = networks_logged(setting.evidence, framework, "tanh")
        # 100 units are the networks of the depth experiments.
        return (sizes["hidden_units"] != 100).sum()

    quantity = "the number of widths that the authors logged with tanh"
    return [Check(quantity, each(ORIGINALS, tanh_widths), high=0)]


@statement("table-1-counts", by_files=True)
def _(setting: Setting) -> list[Check]:
    table, files = setting.evidence.table_1, setting.evidence.scripts["lines_of_code"]
    numbers = each(ORIGINALS, lambda name: table[name] - files[name]["lines"])
    return [Check("the number of lines in table 1 less that in the authors' files", numbers, 0, 0)]


@statement("table-1-whole-programs", by_files=True)
def _(setting: Setting) -> list[Check]:
    quantity = "the number of lines of the authors' program that table 1 leaves out"
    files = setting.evidence.scripts["lines_of_code"]
    return [
        Check(quantity, each(ORIGINALS, lambda name: files[name].get("not_counted", 0)), high=0)
    ]
