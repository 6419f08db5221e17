"""What the configuration asks of each job: the rules' parameters, by a job's wildcards."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from configuration import experiments
from configuration.settings import predict_settings, train_settings, weights_settings
from shared import descriptions
from shared.networks import layer_sizes, operations

# Of every data set in MNIST's format.
TEST_IMAGES = 10000
# What the launcher must know of a framework, beside how its programs are started.
LAUNCHER_KEYS = ("variables", "openblas_kernels", "milestones")


class Plan:
    """The experiments of a configuration, and what each of their jobs is told.

    A method whose argument is ``wildcards`` is a params function of a rule: it reads the wildcards
    ``framework``, ``recipe``, ``network`` and ``seed``, as far as the rule has them.

    Attributes
    ----------
    config
        The checked configuration.
    frameworks
        The descriptions of all frameworks, by name.
    recipes
        The recipes of the configuration, and those that its experiments derive from them.
    runs
        All runs that this machine can do; whether each is timed.
    """

    def __init__(
        self, config: dict, frameworks: dict[str, dict], runs: dict[experiments.Run, bool]
    ) -> None:
        self.config, self.frameworks, self.runs = config, frameworks, runs
        self.recipes = experiments.all_recipes(config)
        # The recipe whose gate of equivalence a recipe shares.
        self.gates = {name: experiments.gate_recipe(self.recipes, name) for name in self.recipes}
        # By framework and recipe: a search through all runs for each job would be quadratic.
        self._folders: dict[tuple[str, str], list[str]] = {}
        for run in runs:
            pair = self._folders.setdefault((run.framework, run.recipe), [])
            pair.append(f"{run.network}/{run.seed}")

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
        """Return which images the accuracy is taken of: ``test`` or ``train``."""
        return experiments.accuracy_of(self.recipe(wildcards))

    def limits(self, wildcards: Any, output: Any) -> dict[str, float | None]:
        """Return the seconds and GiB beyond which a program is stopped.

        As a function of the output it is not recorded: other limits are no reason to rerun.
        """
        measurement = self.config["measurement"]
        seconds = measurement["time_limit_minutes"] * 60
        return {"seconds": seconds, "gib": measurement["memory_limit_gib"]}

    def files(self, *roles: str) -> Callable[[Any], list[Path]]:
        """Return an input function: the files of a framework's programs, of those it has."""

        def of(wildcards: Any) -> list[Path]:
            description = self.frameworks[wildcards.framework]
            path = descriptions.path_of(wildcards.framework)
            return descriptions.source_files(path, description, roles)

        return of

    def programs(self, *roles: str) -> Callable[[Any], dict[str, Any]]:
        """Return a params function: how a framework's programs are started, of those it has."""

        def of(wildcards: Any) -> dict[str, Any]:
            description = self.frameworks[wildcards.framework]
            commands = {
                role: description[role]["command"].format(
                    folder=descriptions.FRAMEWORKS / wildcards.framework,
                    environment=Path("resources", "environments", description["environment"]),
                )
                for role in roles
                if role in description
            }
            told = {key: description.get(key, {}) for key in LAUNCHER_KEYS}
            return {"commands": commands, **told}

        return of

    def weights(self, wildcards: Any) -> dict[str, Any]:
        return weights_settings(
            self.recipe(wildcards),
            wildcards.network,
            self.inputs(wildcards),
            int(wildcards.seed),
        )

    def train_settings(self, wildcards: Any) -> dict[str, Any]:
        return train_settings(
            self.recipe(wildcards),
            wildcards.network,
            self.inputs(wildcards),
            int(wildcards.seed),
        )

    def predict_settings(self, wildcards: Any) -> dict[str, Any]:
        return predict_settings(
            self.recipe(wildcards),
            wildcards.network,
            self.inputs(wildcards),
            self.config["measurement"]["predict_repeats"],
        )

    def warm_up_settings(self, wildcards: Any) -> dict[str, dict[str, Any]]:
        """Return what both programs are told that only compile a network."""
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

    def is_timed(self, wildcards: Any) -> bool:
        run = experiments.Run(**{**wildcards, "seed": int(wildcards.seed)})
        return self.runs.get(run, False)

    def launch(
        self, role: str, *, timed: bool | None = None, threads: str | None = None
    ) -> Callable[[Any], dict[str, Any]]:
        """Return a params function: how the launcher starts a program of a run.

        ``timed`` and ``threads`` (a wildcard's name) are the run's own unless they are given.
        The function's ``operations`` are the floating-point operations of an epoch, or of a
        prediction of the test images.
        """

        def of(wildcards: Any) -> dict[str, Any]:
            training = role == "train"
            is_timed = self.is_timed(wildcards) if timed is None else timed
            own_threads = self.config["compute_threads"] if is_timed else 1
            images = self.train_images(wildcards) if training else TEST_IMAGES
            layers = layer_sizes(wildcards.network, self.inputs(wildcards))
            predictions = self.config["measurement"]["predict_repeats"]
            return {
                "timed": is_timed,
                "threads": int(wildcards[threads]) if threads else own_threads,
                "repeats": self.epochs(wildcards) if training else predictions,
                "operations": operations(layers, images, training=training),
                "images": None if training else TEST_IMAGES,
            }

        return of

    def folders(self, wildcards: Any) -> list[str]:
        """Return ``<network>/<seed>`` of all runs of a framework with a recipe."""
        return self._folders[wildcards.framework, wildcards.recipe]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The frameworks and recipes that have runs."""
        return list(self._folders)

    def repetitions(
        self, metric: str, recipe: str, frameworks: list[str]
    ) -> dict[str, dict[str, int]]:
        """Return by framework and network how many runs a figure shows: for times, timed ones."""
        counts: dict[str, dict[str, int]] = {framework: {} for framework in frameworks}
        for run, timed in self.runs.items():
            if run.recipe == recipe and (timed or metric == "accuracy"):
                found = counts.get(run.framework, {})
                found[run.network] = found.get(run.network, 0) + 1
        return counts

    def own_recipes(self) -> dict[str, list[str]]:
        """Return the recipes of 2016 of each framework of the paper; successors have none."""
        own = {
            name: experiments.own_recipes(self.config, self.frameworks, name)
            for name, description in self.frameworks.items()
            if description["successor_of"] is None
        }
        return {name: recipes for name, recipes in own.items() if recipes}

    def alike(self) -> dict[str, list[str]]:
        """Return for each framework's own recipes those that do the same, itself first.

        They may train for other numbers of epochs, and a seed may stand for something else.
        """

        def does(recipe: dict) -> dict:
            ignored = (*experiments.ABOUT_2016, "epochs", "repetitions")
            return {key: value for key, value in recipe.items() if key not in ignored}

        return {
            name: sorted(
                (
                    other
                    for other, recipe in self.recipes.items()
                    if does(recipe) == does(self.recipes[name])
                ),
                key=lambda other, name=name: other != name,  # type: ignore[misc]
            )
            for own in self.own_recipes().values()
            for name in own
        }

    def basis(self) -> dict[str, Any]:
        """Return what recipes declare about their repetitions, their accuracy and their logs."""
        declared = {
            name: recipe.get("repetitions", "independent") for name, recipe in self.recipes.items()
        }
        rules = {name: recipe["accuracy"]["rule"] for name, recipe in self.recipes.items()}
        return {
            "own": self.own_recipes(),
            "same_seed": [name for name, how in declared.items() if how == "same-seed"],
            "carried_over": [name for name, how in declared.items() if how == "carried-over"],
            "rounded": [name for name, rule in rules.items() if "decimals" in rule],
            "alike": self.alike(),
            "logs": {
                name: recipe["logs"] for name, recipe in self.recipes.items() if "logs" in recipe
            },
        }
