"""The fresh draws of a recipe: trainings from initial weights of their own, each counted once.

They are runs of the framework itself. Where the gate of equivalence has let it run with the recipe,
it computes what the reference computes, so that runs of the reference with other seeds are draws
too. With the same seed, both start from the same weights and are one draw.
"""

import pandas as pd
from shared.study import Facts
from verdicts.basis import Basis, NotRun, repeated_runs


def draws(
    runs: pd.DataFrame,
    framework: str,
    recipe: str,
    network: str,
    basis: Basis,
    facts: Facts | None = None,
) -> pd.DataFrame:
    """Return the draws of a recipe.

    ``facts`` are what the runs must have been trained and tested with. By default they are those
    of the framework in 2016. Where their epochs are not those of 2016, the runs are those of
    ``recipe--N-epochs``.

    Returns by draw (a seed): ``framework`` that was run, ``accuracy``, and whether it ``diverged``.
    The framework's own are first.

    Raises `NotRun` where there are none.
    """
    facts = facts or basis.study.frameworks[framework]
    ending = "" if facts.epochs == basis.study.common.epochs else f"--{facts.epochs}-epochs"
    recipes = basis.alike.get(recipe, [recipe])
    reason, found = None, []
    for name in sources(runs, framework, recipe, basis):
        for variant in recipes:
            try:
                chosen = repeated_runs(runs, name, variant + ending, network, facts, basis)
            except NotRun as missing:
                reason = reason or missing
                continue
            found.append(fresh(chosen, variant, basis))
    together = pd.concat(found) if found else pd.DataFrame()
    if together.empty:
        if reason and not found:
            raise reason
        raise NotRun(f"{framework} has no run of {network} from fresh weights")
    return together[~together.index.duplicated()]


def sources(runs: pd.DataFrame, framework: str, recipe: str, basis: Basis) -> list[str]:
    """Return the frameworks whose runs are draws of a framework's recipe.

    The gate has let a framework run with a recipe where it has runs with it.
    """
    recipes = basis.alike.get(recipe, [recipe])
    is_open = ((runs["framework"] == framework) & runs["recipe"].isin(recipes)).any()
    if is_open and basis.reference and basis.reference != framework:
        return [framework, basis.reference]
    return [framework]


def fresh(chosen: pd.DataFrame, recipe: str, basis: Basis) -> pd.DataFrame:
    """Return the runs that have started from weights of their own, by draw (`draws`).

    A network that is carried over is fresh in its first repetition only. Where each repetition has
    the same seed, all are one draw. Both are drawn as seed 1 is.
    """
    table = chosen.assign(diverged=chosen["scores_sha256"].isna())
    if recipe in basis.carried_over:
        table = table[table["seed"] == 1]
    elif recipe in basis.same_seed:
        table = table[:1].assign(seed=1)
    return table.set_index("seed")[["framework", "accuracy", "diverged"]]


def counts(found: pd.DataFrame, framework: str) -> dict:
    """Return how many draws are the framework's own, and how many are of which other one."""
    others = found.loc[found["framework"] != framework, "framework"]
    return {
        "n": len(found),
        "own_runs": len(found) - len(others),
        "other_runs": len(others),
        "other_framework": ", ".join(others.unique()),
    }


def runs_of(row: dict) -> str:
    """Write how many runs there are, ``1 + 2 numpy`` where some are another framework's."""
    if pd.isna(row["n"]):
        return ""
    if pd.isna(row["other_runs"]) or not row["other_runs"]:
        return f"{row['n']}"
    return f"{row['own_runs']} + {row['other_runs']} {row['other_framework']}"
