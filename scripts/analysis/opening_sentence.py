"""Write what the report opens with: does accuracy depend on the framework, or on the recipe?

Differences in points come first, then what they mean as shares of the variance.
"""

import pandas as pd
from analysis.cross import ALL, TRAINS_WELL, WELL
from analysis.differences import COLUMNS, FACTORS, LEVEL, MARGIN, largest_difference, levels_of
from analysis.variance import OVERALL, networks_of, percent, points
from shared.labels import listed
from shared.script import Job, run, whole_file
from shared.study import plural
from shared.tables import read_table

SHARE_COLUMNS = [
    "scope", "network", "source", "share", "without_low", "without_high", "frameworks", "recipes",
    "problem",
]  # fmt: skip
RECIPE_COLUMNS = ["recipe", "lowest", "trains_well"]


def finding_sentence(parts: dict[str, pd.DataFrame]) -> str:
    """Say how much the levels of each factor differ; why not, where they cannot be compared.

    ``parts`` are the rows of each factor of the table of differences.
    """
    levels = {"framework": "frameworks", "recipe": "recipes that train well"}
    told, unknown = [], []
    for factor, part in parts.items():
        problem = part["problem"].iloc[0]
        if part["difference"].isna().all():
            unknown.append(f"{levels[factor].capitalize()} cannot be compared: {problem}.")
            continue
        largest, low, high = largest_difference(part)
        bounds = f"95 % interval {points(low)} to {points(high)}" if pd.notna(high) else problem
        told.append(f"{points(largest)} percentage points between two {levels[factor]} ({bounds})")
    return " ".join([f"The largest difference in accuracy is {listed(told)}.", *unknown])


def sizes_sentence(well: pd.DataFrame, networks: list[str]) -> str:
    """Say what the differences are of; ``well`` are those with recipes that train well."""
    trainings, complete = well["runs"].iloc[0], len(networks)
    sizes = [plural(str(trainings), "training")]
    for factor in ("framework", "recipe"):
        levels = levels_of(well[well["factor"] == factor])
        sizes.append(plural(str(len(levels)), factor))
        complete *= len(levels)
    several = len(networks) > 1
    of = f"These are means over {listed(networks)}" if several else f"This is {networks[0]}"
    missing = " Not every framework ran with every recipe." if trainings < complete else ""
    return f"{of}: {', '.join(sizes)}.{missing}"


def one_apart_sentence(part: pd.DataFrame, labels: dict[str, str]) -> str:
    """Say how much recipes differ without the one that differs most; empty with fewer than four."""
    names = levels_of(part)
    if len(names) < 4 or part["difference"].isna().any():
        return ""

    def largest_without(name: str) -> float:
        rest = part[(part["first"] != name) & (part["second"] != name)]
        return rest["difference"].abs().max()

    apart = min(names, key=largest_without)
    return (
        f"Without {labels.get(apart, apart)}, the largest difference between recipes is "
        f"{points(largest_without(apart))} points."
    )


def same_trainings_sentence(compared: int, ran: int) -> str:
    """Say how many frameworks repeat the trainings of others (`cross.different_trainings`)."""
    left = ran - compared
    if left < 1:
        return ""
    return (
        f"{left} of the {ran} frameworks repeated the trainings of another one exactly. Such a "
        "training counts once."
    )


def equivalence_sentence(part: pd.DataFrame) -> str:
    """Say for how many pairs of frameworks the test shows the same accuracy."""
    tested = part["p_equivalent"].dropna()
    if tested.empty:
        return ""
    alike = int((tested < LEVEL).sum())
    pairs = "all" if alike == len(tested) else f"{alike} of {len(tested)}"
    return (
        f"A test of equivalence shows the same accuracy within {points(MARGIN)} points for {pairs} "
        "pairs of frameworks."
    )


def dropped_sentence(recipes: pd.DataFrame, labels: dict[str, str]) -> str:
    """Say which recipes the comparison does not hold."""
    bad = recipes[~recipes["trains_well"]]
    if bad.empty:
        return ""
    names = listed([labels.get(name, name) for name in bad["recipe"]])
    return (
        f"{names} {'is' if len(bad) == 1 else 'are'} not compared, because a network stays below "
        f"{100 * TRAINS_WELL:.0f} % with every framework."
    )


def share_sentence(table: pd.DataFrame) -> str:
    """Say the recipe's share with all recipes and with those that train well.

    The second one depends on which recipes these are, so it has its range.
    """
    overall = table[(table["network"] == OVERALL) & (table["source"] == "recipe")]
    found = overall.set_index("scope")
    told = [
        f"{percent(found.loc[scope, 'share'])} with {what.format(found.loc[scope, 'recipes'])}"
        for scope, what in ((ALL, "all {} recipes"), (WELL, "the {} that train well"))
        if pd.notna(found.loc[scope, "share"])
    ]
    well = found.loc[WELL]
    if told and pd.notna(well["without_low"]) and pd.notna(well["share"]):
        ends = f"{percent(well['without_low'])} to {percent(well['without_high'])}"
        told[-1] += f" ({ends} if one of these is left out)"
    if len(told) == 2 and found.loc[ALL, "recipes"] == found.loc[WELL, "recipes"]:
        told = told[:1]
    if not told:
        return ""
    return f"Of the variance of accuracy, the recipe explains {' and '.join(told)}."


def sentences(
    differences: pd.DataFrame, shares: pd.DataFrame, recipes: pd.DataFrame, labels: dict[str, str]
) -> str:
    """Return the opening in three lines: the finding, what it rests on, and the rest.

    Where nothing can be compared, it is one line that says why.
    """
    well = differences[differences["scope"] == WELL]
    of_well = shares[shares["scope"] == WELL]
    ran = int(of_well.loc[of_well["network"] == OVERALL, "frameworks"].iloc[0])
    networks = networks_of(of_well)
    parts = {factor: well[well["factor"] == factor] for factor in FACTORS}
    frameworks, others = parts["framework"], parts["recipe"]
    if well["difference"].isna().all():
        return f"These runs cannot tell framework from recipe: {well['problem'].iloc[0]}."
    evidence = [sizes_sentence(well, networks), one_apart_sentence(others, labels)]
    rest = [
        dropped_sentence(recipes, labels),
        same_trainings_sentence(len(levels_of(frameworks)), ran),
        equivalence_sentence(frameworks),
        share_sentence(shares),
    ]
    lines = (" ".join(filter(None, line)) for line in ([finding_sentence(parts)], evidence, rest))
    return "\n".join(filter(None, lines))


def main(job: Job) -> None:
    differences = read_table(job.input.differences, COLUMNS).fillna({"problem": ""})
    shares = read_table(job.input.variance, SHARE_COLUMNS)
    recipes = read_table(job.input.recipes, RECIPE_COLUMNS)
    with whole_file(job.output[0]) as path:
        path.write_text(sentences(differences, shares, recipes, job.params.labels) + "\n")


if __name__ == "__main__":
    run(main)
