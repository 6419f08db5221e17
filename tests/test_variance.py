"""The shares of the variance of accuracy, the recipes' scoring rules, and what is said of them."""

import itertools

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as formula
from analysis import cross, differences, opening_sentence, variance
from cross_runs import WELL, make_runs, simulate
from rule_scripts import job
from shared.script import InputError
from statsmodels.stats.anova import anova_lm

LABELS = {"bad": "Bad 2016"}


def found(runs, network="tanh-1x100", scope="all recipes"):
    """The rows of a network by source."""
    table = variance.analyse(runs)
    return table[(table.network == network) & (table.scope == scope)].set_index("source")


def sentence(runs):
    tables = differences.compare(runs), variance.analyse(runs), cross.describe_recipes(runs)
    return opening_sentence.sentences(*tables, LABELS)


def test_shares_by_hand():
    # Recipes at .9 and .8, frameworks +-.01, no interaction, no spread.
    runs = make_runs(
        {("a", "x"): [0.92, 0.90], ("a", "y"): [0.81], ("b", "x"): [0.89], ("b", "y"): [0.79, 0.79]}
    )
    table = found(runs)
    assert table.variance.to_dict() == pytest.approx(
        {"recipe": 0.05**2, "framework": 0.01**2, "rest": 0}
    )
    assert table.share["recipe"] == pytest.approx(25 / 26)
    assert table.trainings["recipe"] == 6


def test_components_are_those_of_the_analysis_of_variance():
    """(MS - MSE) / levels of the other factor, for levels that are all there are."""
    random = np.random.default_rng(2)
    cells = itertools.product("abc", {"w": 0.97, "x": 0.95, "y": 0.9, "z": 0.8}.items())
    runs = make_runs({(f, r): [v + 0.01 * random.standard_normal()] for f, (r, v) in cells})
    fit = formula.ols("accuracy_all ~ C(framework) + C(recipe)", runs).fit()
    square = anova_lm(fit)["mean_sq"]
    table = found(runs).variance
    assert table["rest"] == pytest.approx(square["Residual"])
    recipe = (square["C(recipe)"] - square["Residual"]) / 3 * 3 / 4
    framework = (square["C(framework)"] - square["Residual"]) / 4 * 2 / 3
    assert table["recipe"] == pytest.approx(recipe)
    assert table["framework"] == pytest.approx(max(0, framework))


def test_an_effect_that_only_one_pair_has_is_the_rest():
    runs = make_runs({("a", "x"): [0.9], ("a", "y"): [0.8], ("b", "x"): [0.8], ("b", "y"): [0.9]})
    assert found(runs).share["rest"] == pytest.approx(1)


def test_a_missing_cell_is_no_merit():
    # The third framework lacks the bad recipe.
    values = {("a", "x"): 0.9, ("a", "y"): 0.8, ("b", "x"): 0.9, ("b", "y"): 0.8, ("c", "x"): 0.9}
    table = found(make_runs({cell: [value] for cell, value in values.items()}))
    assert table.variance.to_dict() == pytest.approx({"recipe": 0.05**2, "framework": 0, "rest": 0})


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
        ({(f, r): [0.9, 0.9] for f in "ab" for r in "xy"}, "accuracies are equal"),
    ],
)
def test_what_cannot_be_told_is_said(accuracies, problem):
    table = variance.analyse(make_runs(accuracies))
    table = table[table.scope == "all recipes"]
    assert table.share.isna().all()
    assert table.problem.str.contains(problem).all()
    assert problem in variance.shares_markdown(table)


def test_networks_are_added_up_by_their_variance():
    small = {(f, r): [0.9 + 0.001 * (f == "a")] for f in "ab" for r in "xy"}
    large = {(f, r): [0.9 - 0.1 * (r == "y")] for f in "ab" for r in "xy"}
    runs = pd.concat([make_runs(small, "relu-1x64"), make_runs(large, "tanh-4x100")])
    assert found(runs, "relu-1x64").share["framework"] == pytest.approx(1)
    assert found(runs, "tanh-4x100").share["recipe"] == pytest.approx(1)
    overall = found(runs, variance.OVERALL)
    assert overall.share["framework"] == pytest.approx(0.0005**2 / (0.0005**2 + 0.05**2))
    # Without either recipe there is only one left.
    assert overall.without_low.isna().all()


def test_the_share_is_told_with_and_without_recipes_that_fail():
    values = {"x": 0.97, "y": 0.95, "z": 0.94, "bad": 0.1}
    runs = make_runs(
        {
            (f, r): [value + 0.01 * (f == "a")]
            for f, (r, value) in itertools.product("ab", values.items())
        }
    )
    everything = found(runs, variance.OVERALL)
    well = found(runs, variance.OVERALL, "recipes that train well")
    recipes = {name: np.var(list(values.values())[:number]) for name, number in
               (("all", 4), ("well", 3))}  # fmt: skip
    assert everything.share["recipe"] == pytest.approx(recipes["all"] / (recipes["all"] + 2.5e-5))
    assert well.share["recipe"] == pytest.approx(recipes["well"] / (recipes["well"] + 2.5e-5))
    # The recipe's variance is .005^2 without x, and .015^2 without y: each beside .005^2.
    assert well.without_low["recipe"] == pytest.approx(0.5)
    assert well.without_high["recipe"] == pytest.approx(0.9)
    assert "Bad 2016 is not compared, because a network stays below 90 %" in sentence(runs)


def test_only_seeds_that_all_frameworks_have_are_compared():
    runs = make_runs({(f, "x"): [0.96, 0.97] for f in "ab"})
    runs = runs[(runs.framework == "a") | (runs.seed == 1)]
    chosen = cross.select(runs, ["a", "b"], ["x"], ["tanh-1x100"])
    assert chosen[["framework", "seed"]].to_numpy().tolist() == [["a", 1], ["b", 1]]


def test_what_a_scoring_rule_moves_is_apart():
    runs = make_runs({(f, r): [0.95, 0.96] for f in "ab" for r in ("own", "half")})
    # The first half of the images is harder: by 1.2 and 1.8 points.
    half = runs.recipe == "half"
    runs.loc[half, "accuracy"] -= np.where(runs.seed[half] == 1, 0.012, 0.018)
    runs.loc[half, "accuracy_images"] = 5000
    runs.loc[runs.index[0], ["accuracy", "accuracy_all"]] = 0.8999
    table = cross.describe_recipes(runs).set_index("recipe")
    moved = table.loc["half", ["rule_moves", "rule_moves_low", "rule_moves_high"]].tolist()
    assert moved == pytest.approx([-0.015, -0.018, -0.012])
    assert table.loc["own", "rule_moves"] == 0
    # If only one framework fails, this is not a fault of the recipe.
    assert table.trains_well.to_dict() == {"own": True, "half": True}
    assert table.loc["own", "lowest"] == 0.8999
    failed = runs.assign(accuracy_all=runs["accuracy_all"].mask(runs.recipe == "own", 0.8999))
    assert not cross.describe_recipes(failed).set_index("recipe").trains_well["own"]
    assert (
        "| half | 95.0 | yes | overall, 5,000 images | -1.50 | -1.80 to -1.20 | 4 |"
        in variance.recipes_markdown(cross.describe_recipes(runs), {})
    )
    # The rule has no part in the variance.
    assert found(runs[runs.seed == 2]).problem.eq("all accuracies are equal").all()


def differences_table(**changes):
    """The table of two frameworks and two recipes that train well."""
    row = {"scope": "recipes that train well", "problem": "", "runs": 16, "largest": 0.01,
           "first": "a", "second": "b", "p_equivalent": 0.01}  # fmt: skip
    rows = [
        {**row, "factor": "framework", "difference": 0.001, "low": -0.0012, "high": 0.0032},
        {**row, "factor": "recipe", "difference": -0.024, "low": -0.03, "high": -0.018},
    ]
    return pd.DataFrame([{**each, **changes} for each in rows])


def shares_table(everything=0.997, well=0.6):
    return pd.DataFrame(
        {"scope": s, "network": network, "source": "recipe", "share": share, "frameworks": 2,
         "recipes": recipes, "without_low": 0.3, "without_high": 0.7, "problem": ""}
        for s, share, recipes in [("all recipes", everything, 3),
                                  ("recipes that train well", well, 2)]
        for network in ("tanh-1x100", "tanh-4x100", "all")
    )  # fmt: skip


RECIPES = pd.DataFrame(
    {"recipe": ["x", "y", "bad"], "lowest": [0.97, 0.95, 0.1], "trains_well": [True, True, False]}
)


def test_opening_sentence():
    text = opening_sentence.sentences(differences_table(), shares_table(), RECIPES, LABELS)
    assert text == (
        "The largest difference in accuracy is 0.10 percentage points between two frameworks (95 % "
        "interval 0.00 to 0.32) and 2.4 percentage points between two recipes that train well (95 "
        "% interval 1.8 to 3.0).\n"
        "These are means over tanh-1x100 and tanh-4x100: 16 trainings, 2 frameworks, 2 recipes.\n"
        "Bad 2016 is not compared, because a network stays below 90 % with every framework. "
        "A test of equivalence shows the same accuracy within 0.50 points for all pairs of "
        "frameworks. Of the variance of accuracy, the recipe explains more than 99 % with all 3 "
        "recipes and 60 % with the 2 that train well (30 % to 70 % if one of these is left out)."
    )
    table = differences_table(p_equivalent=0.06)
    text = opening_sentence.sentences(table, shares_table(np.nan, np.nan), RECIPES[:2], {})
    assert text.endswith("within 0.50 points for 0 of 1 pairs of frameworks.")
    assert "not compared" not in text


def test_an_opening_without_intervals_says_why():
    nothing = {"difference": np.nan, "low": np.nan, "high": np.nan, "p_equivalent": np.nan}
    table = differences_table(**nothing, problem="there is one framework only")
    assert opening_sentence.sentences(table, shares_table(), RECIPES, {}) == (
        "These runs cannot tell framework from recipe: there is one framework only."
    )
    runs = make_runs({("a", "x"): [0.97], ("a", "y"): [0.95]})
    assert sentence(runs) == (
        "The largest difference in accuracy is 2.0 percentage points between two recipes that "
        "train well (runs of one framework give no interval). Frameworks cannot be compared: there "
        "is one framework only.\n"
        "This is tanh-1x100: 2 trainings, 1 framework, 2 recipes."
    )


def test_the_recipe_that_differs_most_is_named():
    differences = {("x", "y"): 0.001, ("x", "z"): -0.002, ("y", "z"): -0.003, ("x", "far"): 0.02,
                   ("y", "far"): 0.019, ("z", "far"): 0.022}  # fmt: skip
    rows = [
        {**differences_table().iloc[1], "first": a, "second": b, "difference": value}
        for (a, b), value in differences.items()
    ]
    table = pd.concat([differences_table().head(1), pd.DataFrame(rows)])
    text = opening_sentence.sentences(table, shares_table(), RECIPES, {"far": "Far 2016"})
    assert "Without Far 2016, the largest difference between recipes is 0.30 points." in text


def same_trainings():
    """Three frameworks on two networks; the second and third make the same trainings."""
    runs = [
        make_runs({(f, r): [0.95 + 0.002 * (f == "a") + 0.01 * (r == "x")] for f in "abc"
                   for r in "xyz"}, network)
        for network in ("tanh-1x100", "tanh-4x100")
    ]  # fmt: skip
    runs = pd.concat(runs, ignore_index=True)
    runs["test_loss"] = 0.2 + 0.01 * (runs["framework"] == "a")
    # Another rounding error.
    runs.loc[runs["framework"] == "c", "test_loss"] += 2e-9
    # The same loss with another recipe or network is another training.
    runs["accuracy_all"] += 0.0003 * np.arange(len(runs)) % 0.0007
    return runs


def test_the_same_training_of_two_frameworks_counts_once():
    runs = same_trainings()
    kept = cross.different_trainings(runs)
    assert len(runs) == 18 and len(kept) == 12 and set(kept["framework"]) == {"a", "b"}
    text = sentence(runs)
    assert "12 trainings, 2 frameworks" in text
    assert (
        "1 of the 3 frameworks repeated the trainings of another one exactly. "
        "Such a training counts once."
    ) in text
    # The shares are those of two frameworks.
    shares = variance.analyse(runs).set_index(["scope", "network", "source"])
    alone = variance.analyse(kept).set_index(["scope", "network", "source"])
    assert shares["share"].equals(alone["share"]) and shares["trainings"].equals(alone["trainings"])
    shares = shares.sort_index()
    assert shares.loc[("all recipes", "all"), "trainings"].tolist() == [12, 12, 12]
    # All recipes are described by all frameworks.
    described = differences.compare(runs)
    described = described[
        (described["scope"] == "all recipes") & (described["factor"] == "framework")
    ]
    assert len(described) == 3


def test_the_runs_are_selected_by_name():
    runs = make_runs({(f, r): [0.9, 0.8] for f in "ab" for r in ("x", "x+change")})
    assert set(cross.select(runs, ["a", "b"], ["x"], ["tanh-1x100"]).recipe) == {"x"}
    with pytest.raises(InputError, match="no run of the frameworks a with the recipes z"):
        cross.select(runs, ["a"], ["z"], ["tanh-1x100"])


def test_identical_scores_are_one_run():
    runs = make_runs({(f, r): [0.9, 0.9] for f in "ab" for r in ("x", "same-seed")})
    runs.loc[runs.recipe == "same-seed", "scores_sha256"] = "the same"
    chosen = cross.select(runs, ["a", "b"], ["x", "same-seed"], ["tanh-1x100"])
    assert chosen.groupby("recipe").size().to_dict() == {"x": 4, "same-seed": 2}


def test_a_network_that_is_carried_over_counts_once():
    """The second repetition has trained for twenty epochs. It is not a second seed."""
    runs = make_runs({(f, r): [0.9, 0.95] for f in "ab" for r in ("x", "carried-over")})
    runs.loc[(runs.recipe == "carried-over") & (runs.seed == 2), "epochs"] = 20
    chosen = cross.select(runs, ["a", "b"], ["x", "carried-over"], ["tanh-1x100"])
    assert chosen.groupby("recipe").size().to_dict() == {"x": 4, "carried-over": 2}
    assert set(chosen[chosen.recipe == "carried-over"].accuracy) == {0.9}


def test_from_the_runs_to_the_sentence(tmp_path):
    means = {**WELL, "bad": 0.3}
    runs = simulate(np.random.default_rng(0), WELL, dict.fromkeys(WELL, 0.001))
    bad = runs[(runs.recipe == "harmonised") & (runs.seed == 1)]
    bad = bad.assign(
        recipe="bad", accuracy=0.3, accuracy_all=0.3, scores_sha256=np.arange(len(bad))
    )
    pd.concat([runs, bad]).to_csv(tmp_path / "runs.csv", index=False)
    factors = {
        "frameworks": list(runs.framework.unique()),
        "recipes": list(means),
        "networks": list(runs.network.unique()),
    }
    names = ("differences", "variance", "recipes")
    tables = {name: tmp_path / f"{name}.csv" for name in names}
    variance.main(
        job(
            input={"runs": tmp_path / "runs.csv"},
            output={**tables, "markdown": tmp_path / "v.md"},
            params={**factors, "labels": LABELS},
        )
    )
    opening_sentence.main(
        job(input=tables, output=[tmp_path / "opening.txt"], params={"labels": LABELS})
    )
    text = (tmp_path / "opening.txt").read_text()
    assert text.startswith("The largest difference in accuracy is 0.")
    assert "10 frameworks" in text and "4 recipes" in text and "Bad 2016 is not compared" in text
    # Points come before shares.
    page = (tmp_path / "v.md").read_text()
    assert 0 < page.index("Largest difference") < page.index("Shares of the variance")
    assert "| all recipes | all networks | more than 99 %" in page
    assert "| Bad 2016 | 30.0 | no |" in page
