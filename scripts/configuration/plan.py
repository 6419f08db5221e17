"""What the configuration asks of each job: the rules' parameters, by a job's wildcards."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from configuration import experiments, timings
from configuration.settings import predict_settings, train_settings, weights_settings
from shared import descriptions
from shared.networks import hidden_size, layer_sizes, operations
from shared.script import InputError

# Of every data set in MNIST's format.
TEST_IMAGES = 10000
# What the launcher must know of a framework, beside how its programs are started.
LAUNCHER_KEYS = ("variables", "openblas_kernels", "milestones")


class Plan:
    """The experiments of a configuration, and what each of their jobs is told.

    A method whose argument is ``wildcards`` is a params function of a rule: it reads the wildcards
    ``framework``, ``recipe``, ``network`` and ``seed``, as far as the rule has them.

    Attributes:
        config: The checked configuration.
        frameworks: The descriptions of all frameworks, by name.
        recipes: The recipes of the configuration, and those that its experiments derive from them.
        runs: All runs that this machine can do.
        timings: All timed runs that it can do, in the order in which they are started.
    """

    def __init__(
        self, config: dict, frameworks: dict[str, dict], left_out: Collection[str] = ()
    ) -> None:
        """Plan what a configuration asks for, but for the frameworks that are ``left_out``."""
        self.config, self.frameworks = config, frameworks

        def here(runs: list[Any]) -> list[Any]:
            return [run for run in runs if run.framework not in left_out]

        self.runs: list[experiments.Run] = here(experiments.runs(config, frameworks))
        self.timings = timings.in_order(here(timings.timings(config, frameworks)))
        self.recipes = experiments.all_recipes(config)
        # The recipe whose gate of equivalence a recipe shares.
        self.gates = {name: experiments.gate_recipe(self.recipes, name) for name in self.recipes}
        # The recipe whose initial weights a recipe shares.
        self.draws = {
            name: experiments.draw_recipe(config, self.recipes, name) for name in self.recipes
        }
        # By framework and recipe: a search through all runs for each job would be quadratic.
        self._folders: dict[tuple[str, str], list[str]] = {}
        for run in self.runs:
            pair = self._folders.setdefault((run.framework, run.recipe), [])
            pair.append(f"{run.network}/{run.seed}")
        self._timed_folders: dict[tuple[str, str], list[str]] = {}
        for timing in self.timings:
            pair = self._timed_folders.setdefault((timing.framework, timing.recipe), [])
            pair.append(f"{timing.length}/{timing.network}/{timing.block}")
        self._places = {timing: place for place, timing in enumerate(self.timings)}

    @property
    def used_frameworks(self) -> list[str]:
        """The frameworks that have runs, in the order of the configuration's runs."""
        timed = (timing.framework for timing in self.timings)
        return list(dict.fromkeys([*(run.framework for run in self.runs), *timed]))

    def without(self, left_out: dict[str, str]) -> "Plan":
        """Return the plan without frameworks. The values say what this machine lacks for each.

        Raises `InputError` where the configuration is ``strict``, or nothing is left to run.
        """
        if not left_out:
            return self
        kept = Plan(self.config, self.frameworks, left_out)
        strict = self.config["strict"]
        if strict or not kept.used_frameworks:
            framework, missing = next(iter(left_out.items()))
            reason = "and strict is true" if strict else "nor can any other framework"
            raise InputError(f"{framework} cannot be run here, {reason}: {missing}")
        return kept

    def recipe(self, wildcards: Any) -> dict:
        return self.recipes[wildcards.recipe]

    def variant(self, wildcards: Any) -> dict:
        """Return the data variant of a recipe, or the one that the wildcards name."""
        variants = self.config["data_variants"]
        if hasattr(wildcards, "variant"):
            return variants[wildcards.variant]
        return variants[self.recipe(wildcards)["data"]]

    def inputs(self, wildcards: Any) -> int:
        """Return how many numbers a network sees: the pixels of its data variant."""
        return self.variant(wildcards)["image_size"] ** 2

    def train_images(self, wildcards: Any) -> int:
        return self.variant(wildcards)["train_images"]

    def epochs(self, wildcards: Any) -> int:
        """Return how many epochs the network of a run has seen at its end."""
        return experiments.run_epochs(self.recipe(wildcards), int(wildcards.seed))

    def accuracy(self, wildcards: Any) -> dict:
        return self.recipe(wildcards)["accuracy"]

    def accuracy_of(self, wildcards: Any) -> str:
        """Return which images the accuracy is computed on: ``test`` or ``train``."""
        return experiments.accuracy_of(self.recipe(wildcards))

    def limits(self, wildcards: Any, output: Any) -> dict[str, float | None]:
        """Return the seconds and GiB beyond which a program is stopped.

        Snakemake does not record functions of the output, so other limits rerun nothing.
        """
        measurement = self.config["measurement"]
        seconds = measurement["time_limit_minutes"] * 60
        return {"seconds": seconds, "gib": measurement["memory_limit_gib"]}

    def files(self, *roles: str) -> Callable[[Any], list[Path]]:
        """Return an input function: the files of a framework's programs, of those it has.

        Where they are compiled, these include what only the build needs.
        """

        def of(wildcards: Any) -> list[Path]:
            description = self.frameworks[wildcards.framework]
            path = descriptions.path_of(wildcards.framework)
            return descriptions.source_files(path, description, ["build", *roles])

        return of

    def sources(self, frameworks: list[str]) -> list[Path]:
        """Return the source files of all programs of frameworks."""
        return [
            file
            for name in frameworks
            for file in descriptions.source_files(descriptions.path_of(name), self.frameworks[name])
        ]

    def programs(self, *roles: str) -> Callable[[Any], dict[str, Any]]:
        """Return a params function: how a framework's programs are started, of those it has."""

        return lambda wildcards: self.program(wildcards.framework, *roles)

    def start(self, *roles: str) -> dict[str, Callable]:
        """Return the parameters of each rule that starts a framework's programs, by name."""
        return {"program": self.programs(*roles), "limits": self.limits}

    def program(self, framework: str, *roles: str) -> dict[str, Any]:
        """Return how a framework's programs are started, of those it has."""
        description = self.frameworks[framework]
        commands = {
            role: description[role]["command"].format(
                folder=descriptions.FRAMEWORKS / framework,
                environment=descriptions.ENVIRONMENTS / description["environment"],
                build=descriptions.BUILDS / framework,
            )
            for role in roles
            if role in description
        }
        return {"commands": commands, **{key: description.get(key, {}) for key in LAUNCHER_KEYS}}

    def weights(self, wildcards: Any) -> dict[str, Any]:
        return weights_settings(
            self.recipe(wildcards), wildcards.network, self.inputs(wildcards), int(wildcards.seed)
        )

    def train_settings(self, wildcards: Any) -> dict[str, Any]:
        return train_settings(
            self.recipe(wildcards), wildcards.network, self.inputs(wildcards), int(wildcards.seed)
        )

    def predict_settings(self, wildcards: Any) -> dict[str, Any]:
        return predict_settings(
            self.recipe(wildcards),
            wildcards.network,
            self.inputs(wildcards),
            self.predict_repeats(wildcards),
        )

    def warm_up_settings(self, wildcards: Any) -> dict[str, dict[str, Any]]:
        """Return both programs' settings of a warm-up, which only compiles the network."""
        known = (self.recipe(wildcards), wildcards.network, self.inputs(wildcards))
        return {
            "train": train_settings(*known, seed=0),
            "predict": predict_settings(*known, repeats=1),
        }

    def gate_settings(self, wildcards: Any) -> dict[str, dict[str, Any]]:
        """Return what both programs are told in a recipe's gate; its cases decide the epochs."""
        recipe = {**self.recipe(wildcards), "epochs": 0, "precision": wildcards.precision}
        known = (recipe, self.config["equivalence"]["network"], self.inputs(wildcards))
        return {
            "train": train_settings(*known, seed=1),
            "predict": predict_settings(*known, repeats=1),
        }

    def launch(
        self, *roles: str, timed: bool = False
    ) -> Callable[[Any], dict[str, dict[str, Any]]]:
        """Return a params function: how the launcher starts the programs of a run, by role.

        Programs that are not ``timed`` get one thread. Timed ones get the number of the wildcard
        ``compute_threads``, or else that of the configuration. ``operations`` are the
        floating-point operations of an epoch, or of a prediction of the test images.
        """

        def of(wildcards: Any) -> dict[str, dict[str, Any]]:
            threads = self.config["compute_threads"] if timed else 1
            recipe = self.timed_recipe(wildcards) if hasattr(wildcards, "length") else {}
            images = recipe.get("train_images", self.train_images(wildcards))
            layers = layer_sizes(self.inputs(wildcards), **hidden_size(wildcards.network))
            common = {
                "timed": timed,
                "threads": int(getattr(wildcards, "compute_threads", threads)),
            }
            known = {
                "train": {
                    "repeats": recipe.get("epochs", self.epochs(wildcards)),
                    "operations": operations(layers, images),
                    "images": None,
                },
                "predict": {
                    "repeats": self.predict_repeats(wildcards),
                    "operations": operations(layers, TEST_IMAGES, training=False),
                    "images": TEST_IMAGES,
                },
            }
            return {role: {**common, **known[role]} for role in roles}

        return of

    def predict_repeats(self, wildcards: Any) -> int:
        """Return how often a program predicts the test images: once where nobody reads a time."""
        timed = hasattr(wildcards, "length")
        return self.config["measurement"]["predict_repeats"] if timed else 1

    def timed_recipe(self, wildcards: Any) -> dict:
        """Return the recipe of a timed run, with its ``train_images`` beside its other keys."""
        return self._timed_recipe(wildcards.framework, wildcards.recipe, wildcards.length)

    def _timed_recipe(self, framework: str, name: str, length: str) -> dict:
        recipe = self.recipes[name]
        return timings.timed_recipe(
            recipe,
            self.config["data_variants"][recipe["data"]]["train_images"],
            self.frameworks[framework].get("timed") or self.config["measurement"]["timed"],
            length,
        )

    def timed_settings(self, wildcards: Any) -> dict[str, dict[str, Any]]:
        """Return what the programs of a timed run are told, by role."""
        recipe, inputs = self.timed_recipe(wildcards), self.inputs(wildcards)
        return {
            "train": train_settings(recipe, wildcards.network, inputs, int(wildcards.seed)),
            "predict": self.predict_settings(wildcards),
        }

    def timed_images(self, wildcards: Any) -> dict[str, int]:
        """Return how many images the timed runs of a framework and recipe train with, by length."""
        return {
            length: self._timed_recipe(wildcards.framework, wildcards.recipe, length)[
                "train_images"
            ]
            for length in (timings.SHORT, timings.WHOLE)
        }

    def epoch_steps(self, wildcards: Any) -> dict[str, Any]:
        """Return what decides the steps of a recipe's training (times/collect.py)."""
        recipe = self.recipe(wildcards)
        kept = {key: recipe[key] for key in ("epochs", "batch_size", "partial_batch")}
        return {**kept, "images": self.train_images(wildcards)}

    def handles(self, frameworks: list[str]) -> list[str]:
        """Return the handles of the environments of frameworks."""
        names = (self.frameworks[framework]["environment"] for framework in frameworks)
        return [descriptions.HANDLE.format(environment=name) for name in names]

    def side_by_side(self, frameworks: list[str]) -> dict[str, dict[str, Any]]:
        """Return how the training programs that are tried side by side are started, by name.

        Beside what `program` says, each has its ``environment``'s handle.
        """
        return {
            name: {**self.program(name, "train"), "environment": handle}
            for name, handle in zip(frameworks, self.handles(frameworks), strict=True)
        }

    def side_by_side_settings(self, recipe: str) -> dict[str, dict[str, Any]]:
        """Return the settings of these programs with a recipe, by network."""
        inputs = self.config["data_variants"][self.recipes[recipe]["data"]]["image_size"] ** 2
        return {
            network: train_settings(self.recipes[recipe], network, inputs, seed=1)
            for network in self.config["measurement"]["side_by_side"]["networks"]
        }

    def timed_part(self, wildcards: Any) -> str:
        """Return the part of the data that a timed run trains with: all of it, or its start."""
        images = self.timed_recipe(wildcards)["train_images"]
        return "train" if images == self.train_images(wildcards) else f"train-{images}"

    def start_order(self, wildcards: Any) -> int:
        """Return a timed run's priority: below that of all else, and in the order of blocks."""
        keys = ("length", "framework", "recipe", "network")
        named = {key: wildcards[key] for key in keys}
        timing = timings.Timing(**named, block=int(wildcards.seed))
        return -2 - self._places.get(timing, 0)

    def timed_folders(self, wildcards: Any) -> list[str]:
        """Return ``<length>/<network>/<block>`` of all timed runs of a framework with a recipe."""
        return self._timed_folders[wildcards.framework, wildcards.recipe]

    @property
    def timed_pairs(self) -> list[tuple[str, str]]:
        """The frameworks and recipes that have timed runs, in the order of the configuration."""
        pairs = ((name, recipe) for name in self.used_frameworks for recipe in self.recipes)
        return [pair for pair in pairs if pair in self._timed_folders]

    def folders(self, wildcards: Any) -> list[str]:
        """Return ``<network>/<seed>`` of all runs of a framework with a recipe."""
        return self._folders[wildcards.framework, wildcards.recipe]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The frameworks and recipes that have runs."""
        return list(self._folders)

    def gated(self, sped_up: list[str]) -> list[tuple[str, str]]:
        """Return framework and recipe of every gate; ``sped_up`` as `sped_up` returns them."""
        speedup = [(framework, self.config["speedup"]["recipe"]) for framework in sped_up]
        pairs = [*self.pairs, *self.timed_pairs, *speedup]
        return list(dict.fromkeys((framework, self.gates[recipe]) for framework, recipe in pairs))

    def sped_up(self, counts: list[int]) -> list[str]:
        """Return the frameworks whose speed-up is measured, with these numbers of threads.

        One number shows nothing. If a published run has no speed-up, nothing here measures it.
        """
        published, used = self.config.get("rejudge"), self.used_frameworks
        measured = len(counts) > 1
        if published:
            measured = Path(published, "tables", "threads.csv").is_file()
        if not self.config["speedup"]["enabled"] or not measured:
            return []
        found = experiments.speedup_frameworks(self.config, self.frameworks)
        return [name for name in found if name in used]

    def of_experiments(self, purpose: str, factor: str) -> list:
        """Return what the experiments with a purpose ask for, of frameworks those that are here.

        ``factor`` is ``frameworks``, ``recipes`` or ``networks``.
        """
        names = experiments.with_purpose(self.config, self.frameworks, purpose, factor)
        used = self.used_frameworks
        return [name for name in names if factor != "frameworks" or name in used]

    def repetitions(
        self, metric: str, frameworks: list[str]
    ) -> dict[str, dict[str, dict[str, int]]]:
        """Return how many runs a figure shows, by recipe, framework and network.

        For times, short runs count.
        """
        short = [timing for timing in self.timings if timing.length == timings.SHORT]
        runs: Sequence[Any] = self.runs if metric == "accuracy" else short
        counts: dict[str, dict[str, dict[str, int]]] = {}
        for run in runs:
            if run.framework in frameworks:
                of_recipe = counts.setdefault(run.recipe, {name: {} for name in frameworks})
                found = of_recipe[run.framework]
                found[run.network] = found.get(run.network, 0) + 1
        return counts

    def recipes_of_2016(self, frameworks: list[str]) -> dict[str, list[str]]:
        """Return the recipes of 2016 of each framework; a successor has those of its ancestor."""
        return {
            name: experiments.own_recipes(self.config, self.frameworks, name) for name in frameworks
        }

    def own_recipes(self) -> dict[str, list[str]]:
        """Return the recipes of 2016 of each framework of the paper; successors have none."""
        originals = [name for name, each in self.frameworks.items() if each["successor_of"] is None]
        own = self.recipes_of_2016(originals)
        return {name: recipes for name, recipes in own.items() if recipes}

    @property
    def dependent(self) -> list[str]:
        """The recipes whose repetitions are not independent."""
        return [
            name
            for name, recipe in self.recipes.items()
            if experiments.value_of(recipe, "repetitions") != "independent"
        ]
