"""The input files of the jobs that start a framework's programs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from configuration.plan import Plan
from shared import descriptions
from shared.script import read_json
from snakemake.io import ancient

# One path or several; an empty list is no input.
Paths = str | list[str]


class Inputs:
    """Where the jobs of a plan find what they read.

    A method whose only argument is ``wildcards`` is an input function of a rule. Snakemake replaces
    ``<results>`` at the start of a path.
    """

    def __init__(self, plan: Plan, reference: str, results: Path) -> None:
        """``reference`` is the framework that others are compared with, ``results`` <results>."""
        self.plan, self.reference, self.results = plan, reference, results

    def programs(
        self, *roles: str, warm_up: bool = True
    ) -> dict[str, Callable[[Any], Paths | list[Path]]]:
        """Return what each rule needs that starts a framework's programs, by the input's name."""
        needed: dict[str, Callable[[Any], Paths | list[Path]]] = {
            "files": self.plan.files(*roles),
            "build": self.build,
            "environment": self.environment,
        }
        return {**needed, "warm_up": self.warm_up} if warm_up else needed

    def environment(self, wildcards: Any) -> str:
        return self.plan.handles([wildcards.framework])[0]

    def builds(self, framework: str) -> list[str]:
        """Return the file that a framework's build leaves; none if nothing is compiled."""
        if "build" not in self.plan.frameworks[framework]:
            return []
        return [descriptions.BUILT.format(framework=framework)]

    def build(self, wildcards: Any) -> list[str]:
        return self.builds(wildcards.framework)

    def data(self, file: str) -> Callable[[Any], str]:
        """Return an input function: a file of the data variant that a recipe asks for."""
        return lambda wildcards: f"<results>/data/{self.plan.recipe(wildcards)['data']}/{file}"

    def _scored_part(self, wildcards: Any) -> str:
        """Return the part of the data on which a recipe computes its accuracy."""
        return {"test": "test", "train": "train-sample"}[self.plan.accuracy_of(wildcards)]

    def scored_labels(self, wildcards: Any) -> str:
        return self.data(f"{self._scored_part(wildcards)}-labels.u8")(wildcards)

    def _read(self, wildcards: Any, purpose: str, part: str) -> dict[str, str]:
        """Return what a program reads from a part of the data: images and, to train, labels.

        Some frameworks read them from a store of their own.
        """
        if "prepare" in self.plan.frameworks[wildcards.framework]:
            variant = self.plan.recipe(wildcards)["data"]
            return {f"{purpose}_store": f"<results>/stores/{wildcards.framework}/{variant}/{part}"}
        images = {f"{purpose}_images": self.data(f"{part}-images.f32")(wildcards)}
        labels = {"train_labels": self.data(f"{part}-labels.u8")(wildcards)}
        return images | labels if purpose == "train" else images

    def train_images(self, wildcards: Any) -> dict[str, str]:
        return self._read(wildcards, "train", "train")

    def test_images(self, wildcards: Any) -> dict[str, str]:
        return self._read(wildcards, "test", self._scored_part(wildcards))

    def timed_images(self, wildcards: Any) -> dict[str, str]:
        """Return what a timed run reads: the start of the training images, and all to predict."""
        train = self._read(wildcards, "train", self.plan.timed_part(wildcards))
        return train | self.test_images(wildcards)

    def _network(self, wildcards: Any) -> str:
        """Return the network of a run, or that of all gates."""
        return getattr(wildcards, "network", self.plan.config["equivalence"]["network"])

    def warm_up(self, wildcards: Any) -> Paths:
        """Return the record of a framework's warm-up with a network, if it needs a warm-up."""
        if not self.plan.frameworks[wildcards.framework].get("warm_up"):
            return []
        folder = f"<results>/warm-up/{wildcards.framework}/{wildcards.recipe}"
        return f"{folder}/{self._network(wildcards)}.json"

    def equivalence(self, file: str) -> Callable[[Any], str]:
        """Return an input function: a file of the equivalence gate of a framework and recipe."""

        def path(wildcards: Any) -> str:
            recipe = self.plan.gates[wildcards.recipe]
            name = file.format(precision=self.plan.recipe(wildcards)["precision"])
            return f"<results>/equivalence/{wildcards.framework}/{recipe}/{name}"

        return path

    def gate(self, wildcards: Any) -> str:
        """Return the file that says whether a framework may run with a recipe.

        The file is ancient: if a gate is judged again because the reference has changed, this alone
        reruns nothing.
        """
        return ancient(self.equivalence("gate.json")(wildcards))

    def left_out(self, wildcards: Any) -> str | None:
        """Return why a framework's gate does not let it through, or None: a params function.

        The gate is read when it exists. So Snakemake records the reason as a parameter, and reruns
        the framework's runs if it changes. Snakemake would not record a function of the input.
        """
        path = self.equivalence("gate.json")(wildcards)
        gate = Path(path.replace("<results>", str(self.results)))
        return read_json(gate)["left_out"] if gate.exists() else None

    def single_scores(self, wildcards: Any) -> Paths:
        """Return the reference's scores in float32, where the recipe has that precision."""
        if self.plan.recipe(wildcards)["precision"] != "float32":
            return []
        return f"<results>/equivalence/{self.reference}/{wildcards.recipe}/float32/scores.npz"

    def weights(self, wildcards: Any) -> str:
        """Return the initial weights of a run or a gate; recipes that draw the same share them."""
        recipe, seed = self.plan.draws[wildcards.recipe], getattr(wildcards, "seed", 1)
        return f"<results>/initial-weights/{recipe}/{self._network(wildcards)}/{seed}.f32"

    def reference_runs(self, wildcards: Any) -> Paths:
        """Return the reference's table of runs with a recipe, which others are compared with."""
        pair = (self.reference, wildcards.recipe)
        if wildcards.framework == self.reference or pair not in self.plan.pairs:
            return []
        return f"<results>/runs/{self.reference}/{wildcards.recipe}/runs.csv"
