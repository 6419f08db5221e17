"""The runs of frameworks x recipes x networks that tell the framework from the recipe.

They are compared by ``accuracy_all``, the plain accuracy on all test images. A recipe's own rule
may round, or count half of the images, which would look like an effect of the recipe.
"""

import pandas as pd
from shared.script import InputError
from shared.tables import without_carried_over, without_repeated_scores

MEASURE = "accuracy_all"
RUN_COLUMNS = [
    "framework", "recipe", "network", "seed", "accuracy", MEASURE, "accuracy_rule",
    "accuracy_images", "test_loss", "scores_sha256", "epochs",
]  # fmt: skip
# Two test losses that differ by less are of the same training, computed with other rounding errors.
# (Losses of trainings with other seeds or another order of images differ in the fourth decimal.)
SAME_LOSS = 1e-6
# A recipe trains well if, with at least one framework, all networks reach this accuracy. It is far
# above chance (.1), and below the accuracies of recipes with which all networks train. If a network
# fails with one framework only, this is a difference between frameworks, so the recipe is kept.
TRAINS_WELL = 0.90
ALL, WELL = "all recipes", "recipes that train well"


def select(
    runs: pd.DataFrame, frameworks: list[str], recipes: list[str], networks: list[str]
) -> pd.DataFrame:
    """Return the runs of these frameworks with these recipes and networks, in the order given.

    Repetitions with identical scores are not independent: only the first is taken. A network that
    is carried over from one repetition to the next has trained longer in each: only the runs with a
    recipe's fewest epochs are taken. Frameworks are compared with equal initial weights, so only
    seeds that all frameworks of a recipe and a network have are taken.

    Raises `InputError` where there is no run.
    """
    chosen = runs[
        runs["framework"].isin(frameworks)
        & runs["recipe"].isin(recipes)
        & runs["network"].isin(networks)
        & runs[MEASURE].notna()
    ]
    if chosen.empty:
        raise InputError(
            f"the runs table holds no run of the frameworks {', '.join(frameworks)} with the "
            f"recipes {', '.join(recipes)}; enable the experiment whose purpose is cross."
        )
    chosen = without_repeated_scores(chosen, ["framework", "recipe", "network"])
    chosen = without_carried_over(chosen)
    case = chosen.groupby(["recipe", "network"])["framework"].transform("nunique")
    with_seed = chosen.groupby(["recipe", "network", "seed"])["framework"].transform("nunique")
    chosen = chosen[with_seed == case]
    order = {
        name: {value: place for place, value in enumerate(values)}
        for name, values in (("framework", frameworks), ("recipe", recipes), ("network", networks))
    }
    return chosen.sort_values(
        ["network", "recipe", "framework", "seed"],
        key=lambda column: column.map(order[column.name]) if column.name in order else column,
    )


def different_trainings(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs without those that repeat the training of another framework.

    Frameworks repeat a training if they take the images in the same order: a recipe does not
    shuffle, or two frameworks draw from the same generator (Torch7 and PyTorch). Such a training is
    one observation. The run of the first framework is kept.

    ``runs`` as `select` returns them.
    """
    case = ["recipe", "network"]
    runs = runs.reset_index(drop=True)
    by_loss = runs.sort_values([*case, "test_loss"])
    step = by_loss.groupby(case)["test_loss"].diff()
    # A run without a loss equals no other run.
    training = (~(step < SAME_LOSS)).cumsum()
    return runs[~training.sort_index().duplicated()]


def describe_recipes(runs: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each recipe: whether it trains well, and what its scoring rule moves.

    ``runs`` as `select` returns them. Columns: recipe, runs, lowest (accuracy of a run on all
    images), trains_well (`TRAINS_WELL`), the rule with its images, and the difference that the rule
    makes, accuracy - accuracy_all (fractions): its mean, lowest and highest over the runs.
    """
    moved = runs.assign(moved=runs["accuracy"] - runs[MEASURE])
    table = moved.groupby("recipe", sort=False).agg(
        runs=(MEASURE, "size"),
        lowest=(MEASURE, "min"),
        accuracy_rule=("accuracy_rule", "first"),
        accuracy_images=("accuracy_images", "first"),
        rule_moves=("moved", "mean"),
        rule_moves_low=("moved", "min"),
        rule_moves_high=("moved", "max"),
    )
    best = runs.groupby(["recipe", "framework"])[MEASURE].min().groupby("recipe").max()
    table.insert(2, "trains_well", best.reindex(table.index) >= TRAINS_WELL)
    return table.reset_index()


def scopes(runs: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the runs of all recipes, and those of the recipes that train well."""
    table = describe_recipes(runs)
    well = table.loc[table["trains_well"], "recipe"]
    return {ALL: runs, WELL: runs[runs["recipe"].isin(well)]}


def cell_means(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the mean accuracy over the seeds: a row for each framework, recipe and network."""
    keys = ["framework", "recipe", "network"]
    return runs.groupby(keys, sort=False)[MEASURE].mean().rename("mean").reset_index()
