"""The shares of the variance of accuracy, and the sentence that is made of them."""

import itertools

import numpy as np
import pandas as pd
import pytest
from analysis import opening_sentence, variance
from rule_scripts import job
from shared.script import InputError


def make_runs(accuracies: dict[tuple[str, str], list[float]], network="tanh-1x100"):
    """Runs of a network from the accuracies of each (framework, recipe), seeds 1, 2, ..."""
    rows = [
        {"framework": f, "recipe": r, "network": network, "seed": seed, "accuracy": accuracy,
         "scores_sha256": f"{f}/{r}/{network}/{seed}"}
        for (f, r), values in accuracies.items()
        for seed, accuracy in enumerate(values, start=1)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def found(runs, network="tanh-1x100"):
    """The rows of a network by source."""
    table = variance.analyse(runs, replicates=500)
    return table[table.network == network].set_index("source")


def test_shares_by_hand():
    # Recipes at .9 and .8, frameworks +-.01, no interaction, no spread.
    runs = make_runs(
        {
            ("a", "x"): [0.91, 0.91],
            ("a", "y"): [0.81, 0.81],
            ("b", "x"): [0.89, 0.89],
            ("b", "y"): [0.79, 0.79],
        }
    )
    table = found(runs)
    assert table.variance.to_dict() == pytest.approx(
        {"recipe": 0.05**2, "framework": 0.01**2, "interaction": 0, "seed": 0}
    )
    assert table.share["recipe"] == pytest.approx(25 / 26)
    assert table.share_low["recipe"] == pytest.approx(25 / 26)
    assert table.runs["recipe"] == 8


def test_an_effect_that_only_one_pair_has_is_interaction():
    runs = make_runs(
        {
            ("a", "x"): [0.9, 0.9],
            ("a", "y"): [0.8, 0.8],
            ("b", "x"): [0.8, 0.8],
            ("b", "y"): [0.9, 0.9],
        }
    )
    assert found(runs).share["interaction"] == pytest.approx(1)


def test_the_seeds_noise_is_taken_off_the_means():
    # Cells' variances are 2 d^2 with d = .01; the residuals of a recipe's seed are opposite in the
    # two frameworks, so that they cancel in the recipe's mean but double in their difference.
    d = 0.01
    runs = make_runs(
        {
            ("a", "x"): [0.9 + d, 0.9 - d],
            ("b", "x"): [0.9 - d, 0.9 + d],
            ("a", "y"): [0.8 + d, 0.8 - d],
            ("b", "y"): [0.8 - d, 0.8 + d],
        }
    )
    table = found(runs)
    assert table.variance["seed"] == pytest.approx(2 * d**2)
    # Nothing to take off: a recipe's mean is the same for every seed.
    assert table.variance["recipe"] == pytest.approx(0.05**2)
    # The same accuracies with the frameworks' seeds alike: the means of both go together.
    together = make_runs(
        {
            (f, r): [value + d, value - d]
            for f, (r, value) in itertools.product("ab", {"x": 0.9, "y": 0.8}.items())
        }
    )
    # A recipe's mean has the variance d^2; that of two means around theirs is half of it.
    assert found(together).variance["recipe"] == pytest.approx(0.05**2 - d**2 / 2)


def test_independent_noise_is_the_seeds():
    """Nothing but noise: the other sources' estimates are around 0, not around their noise."""
    random = np.random.default_rng(0)
    estimates = []
    for _ in range(200):
        cells = itertools.product("abcd", "wxyz")
        runs = make_runs({cell: list(0.9 + 0.01 * random.standard_normal(3)) for cell in cells})
        layout = variance.lay_out(runs)
        means = layout.cells["mean"].to_numpy()
        matrix = variance.quadratic_forms(layout.cells)["framework"]
        noise = np.einsum("iu,ij,ju->", layout.noise, matrix, layout.noise)
        estimates.append(means @ matrix @ means - noise)
    # Uncorrected, it would be around 3/4 of the variance of a framework's mean, .01^2 / 12.
    assert abs(np.mean(estimates)) < 1e-6


def test_intervals_hold_the_truth():
    """Known components: 95 % intervals hold the recipe's true share at least nine times in ten."""
    random = np.random.default_rng(1)
    recipes, frameworks = np.array([0.95, 0.93, 0.90, 0.87]), np.array([0.0, 0.002, -0.002])
    sigma = 0.01
    truth = np.array([recipes.var(), frameworks.var(), 0, sigma**2])
    truth /= truth.sum()
    held = 0
    for _ in range(60):
        runs = make_runs(
            {
                (f"f{f}", f"r{r}"): list(
                    recipes[r] + frameworks[f] + sigma * random.standard_normal(5)
                )
                for f, r in itertools.product(range(3), range(4))
            }
        )
        row = found(runs).loc["recipe"]
        held += row.share_low <= truth[0] <= row.share_high
    assert held >= 54


def test_missing_cells_and_seeds_are_no_hindrance():
    # The third framework lacks the bad recipe: that is no merit of its own.
    values = {("a", "x"): 0.9, ("a", "y"): 0.8, ("b", "x"): 0.9, ("b", "y"): 0.8, ("c", "x"): 0.9}
    table = found(make_runs({cell: [value] * 2 for cell, value in values.items()}))
    assert table.variance.to_dict() == pytest.approx(
        {"recipe": 0.05**2, "framework": 0, "interaction": 0, "seed": 0}
    )
    uneven = make_runs(
        {
            ("a", "x"): [0.9, 0.92, 0.91],
            ("a", "y"): [0.8],
            ("b", "x"): [0.9, 0.91],
            ("b", "y"): [0.8],
        }
    )
    table = found(uneven)
    assert table.share.sum() == pytest.approx(1)
    assert (table.share_low <= table.share_high).all()


@pytest.mark.parametrize(
    ("accuracies", "problem"),
    [
        ({("a", "x"): [0.9, 0.8], ("a", "y"): [0.7, 0.6]}, "one framework"),
        ({("a", "x"): [0.9, 0.8], ("b", "x"): [0.7, 0.6]}, "one recipe"),
        ({("a", "x"): [0.9, 0.8], ("b", "y"): [0.7, 0.6]}, "no recipes in common"),
        (
            {("a", "x"): [0.9, 0.8], ("a", "y"): [0.9, 0.8], ("b", "y"): [0.7, 0.6]},
            "too few frameworks",
        ),
        ({(f, r): [0.9 if r == "x" else 0.8] for f in "ab" for r in "xy"}, "one seed only"),
        ({(f, r): [0.9, 0.9] for f in "ab" for r in "xy"}, "accuracies are equal"),
    ],
)
def test_what_cannot_be_told_is_said(accuracies, problem):
    table = variance.analyse(make_runs(accuracies), replicates=100)
    assert table.share.isna().all()
    assert table.problem.str.contains(problem).all()
    assert problem in variance.markdown(table)
    assert problem in opening_sentence.sentence_of_shares(table)


def test_networks_are_added_up_by_their_variance():
    small = {(f, r): [0.9 + 0.001 * (f == "a")] * 2 for f in "ab" for r in "xy"}
    large = {(f, r): [0.9 - 0.1 * (r == "y")] * 2 for f in "ab" for r in "xy"}
    runs = pd.concat([make_runs(small, "relu-1x64"), make_runs(large, "tanh-4x100")])
    assert found(runs, "relu-1x64").share["framework"] == pytest.approx(1)
    assert found(runs, "tanh-4x100").share["recipe"] == pytest.approx(1)
    overall = found(runs, variance.OVERALL)
    assert overall.share["framework"] == pytest.approx(0.0005**2 / (0.0005**2 + 0.05**2))
    # Without either recipe there is only one left.
    assert overall.left_out.eq("").all()


def test_one_bad_recipe_is_named():
    values = {"x": 0.97, "y": 0.97, "bad": 0.1}
    runs = make_runs(
        {
            (f, r): [value + 0.001 * (f == "a")] * 2
            for f, (r, value) in itertools.product("ab", values.items())
        }
    )
    table = found(runs)
    assert table.left_out["recipe"] == "bad"
    assert table.share["recipe"] > 0.99 and table.smallest_recipe_share["recipe"] == 0


def shares_table(**shares):
    """A table of all networks from (share, low, high) by source."""
    return pd.DataFrame(
        {"network": "all", "source": s, "share": v[0], "share_low": v[1], "share_high": v[2],
         "problem": ""}
        for s, v in shares.items()
    )  # fmt: skip


def test_opening_sentence():
    table = shares_table(
        recipe=(0.93, 0.9, 0.952), framework=(0.01, 0, 0.014), interaction=(0.04, 0.03, 0.05),
        seed=(0.02, 0.01, 0.03),
    )  # fmt: skip
    assert opening_sentence.sentence_of_shares(table) == (
        "The recipe explains 93 % of the variance of accuracy (90–95 %), "  # noqa: RUF001
        "what a framework makes of a recipe 4 % (3–5 %), "  # noqa: RUF001
        "the seed 2 % (1–3 %) and the framework 1 % (0–1 %)."  # noqa: RUF001
    )
    table = shares_table(
        recipe=(0.001, 0, 0.01), framework=(0.998, 0.9, 1), interaction=(0, 0, 0), seed=(0, 0, 0)
    )
    sentence = opening_sentence.sentence_of_shares(table)
    assert sentence.startswith("The framework explains more than 99 % of the variance")
    assert "the recipe less than 1 %" in sentence
    table = shares_table(
        recipe=(0.5, 0.2, 0.7), framework=(0.4, 0.3, 0.6), interaction=(0.1, 0, 0.2), seed=(0, 0, 0)
    )
    assert opening_sentence.sentence_of_shares(table).startswith("No source stands out")


def test_ranges_in_points():
    runs = make_runs(
        {("a", "x"): [0.9, 0.92], ("a", "y"): [0.5], ("b", "x"): [0.9], ("b", "y"): [0.52]}
    )
    # Frameworks: .91-.90 and .52-.50; recipes: .91-.50 and .90-.52.
    assert opening_sentence.typical_range(runs, "recipe", "framework") == pytest.approx(1.5)
    assert opening_sentence.typical_range(runs, "framework", "recipe") == pytest.approx(39.5)
    assert "differ by 1.5 percentage points" in opening_sentence.sentence_of_ranges(runs)
    assert opening_sentence.sentence_of_ranges(runs[runs.framework == "a"]) == ""


def test_the_runs_are_selected_by_name():
    runs = make_runs({(f, r): [0.9, 0.8] for f in "ab" for r in ("x", "x+change")})
    assert set(variance.select(runs, ["a", "b"], ["x"], ["tanh-1x100"]).recipe) == {"x"}
    with pytest.raises(InputError, match="no run of the frameworks a with the recipes z"):
        variance.select(runs, ["a"], ["z"], ["tanh-1x100"])
    with pytest.raises(InputError, match="the run a/x/tanh-1x100/1 twice"):
        variance.select(pd.concat([runs, runs]), ["a"], ["x"], ["tanh-1x100"])


def test_identical_scores_are_one_run():
    runs = make_runs({(f, r): [0.9, 0.9] for f in "ab" for r in ("x", "same-seed")})
    runs.loc[runs.recipe == "same-seed", "scores_sha256"] = "the same"
    chosen = variance.select(runs, ["a", "b"], ["x", "same-seed"], ["tanh-1x100"])
    assert chosen.groupby("recipe").size().to_dict() == {"x": 4, "same-seed": 2}


def test_from_the_runs_to_the_sentence(tmp_path):
    random = np.random.default_rng(0)
    cells = itertools.product("ab", {"x": 0.97, "y": 0.8}.items())
    runs = make_runs({(f, r): list(v + 0.002 * random.standard_normal(3)) for f, (r, v) in cells})
    runs.to_csv(tmp_path / "runs.csv", index=False)
    named = {"frameworks": ["a", "b"], "recipes": ["x", "y"], "networks": ["tanh-1x100"]}
    tables = {"runs": tmp_path / "runs.csv", "variance": tmp_path / "v.csv"}
    written = {"csv": tmp_path / "v.csv", "markdown": tmp_path / "v.md"}
    variance.main(job(input=tables, output=written, params=named))
    opening_sentence.main(job(input=tables, output=[tmp_path / "opening.txt"], params=named))
    assert (tmp_path / "opening.txt").read_text().startswith("The recipe explains more than 99 %")
    assert "| tanh-1x100 | more than 99 %" in (tmp_path / "v.md").read_text()
