"""Repetitions that are not independent are named; each is an error unless a recipe declares it."""

from pathlib import Path

import pandas as pd
import pytest
from rule_scripts import job
from shared.study import read_study
from verdicts import independence as independence_audit
from verdicts.basis import Basis

ROOT = Path(__file__).parents[1]
PUBLISHED = ROOT / "reference" / "published.csv"
STUDY = read_study(ROOT / "reference" / "recipes-2016.yaml")
OWN = {"deeplearning4j-0.4": ["deeplearning4j-0.4-2016"]}
FAULTS = Basis(
    STUDY, OWN, same_seed=frozenset(["deeplearning4j-0.4-2016"]), carried_over=frozenset(["chain"])
)


def runs(recipe, *checksums):
    return pd.DataFrame(
        {
            "framework": "pytorch",
            "recipe": recipe,
            "network": "tanh-1x100",
            "seed": range(1, len(checksums) + 1),
            "scores_sha256": checksums,
        }
    )


def weights(folder, recipe, *contents):
    paths = []
    for seed, content in enumerate(contents, start=1):
        path = folder / recipe / "tanh-1x100" / f"{seed}.f32"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        paths.append(path)
    return paths


def of_scores(table):
    """Return the findings on the scores of runs."""
    return independence_audit.identical(table, "runs", "scores", "scores_sha256", FAULTS.same_seed)


def of_weights(paths):
    """Return the findings on initial weights."""
    table = independence_audit.read_weights(paths)
    either = FAULTS.same_seed | FAULTS.carried_over
    return independence_audit.identical(
        table, "initial weights", "initial weights", "sha256", either
    )


def test_identical_scores_are_an_error_and_named():
    assert of_scores(runs("harmonised", "a", "b", "a")) == [
        [
            *("runs", "pytorch", "harmonised", "tanh-1x100", "scores", "1, 3", "error"),
            "identical scores: the recipe does not declare it",
        ]
    ]


def test_identical_scores_that_the_recipe_declares_are_found_too():
    ((*_, status, finding),) = of_scores(runs("deeplearning4j-0.4-2016", "a", "a", "a"))
    assert status == "declared"
    assert finding == "identical scores: as the recipe declares"


def test_runs_of_other_sets_may_have_the_same_scores():
    both = pd.concat([runs("harmonised", "a", "b"), runs("harmonised-double", "a", "b")])
    assert of_scores(both) == []


def test_a_network_carried_over_has_other_scores_each_time():
    ((*_, status, _),) = of_scores(runs("chain", "a", "a"))
    assert status == "error"


def test_identical_initial_weights_are_found(tmp_path):
    paths = weights(tmp_path, "harmonised", b"x", b"y", b"y") + weights(tmp_path, "other", b"x")
    ((_, _, recipe, network, _, seeds, status, _),) = of_weights(paths)
    assert (recipe, network, seeds, status) == ("harmonised", "tanh-1x100", "2, 3", "error")
    assert of_weights([]) == []


@pytest.mark.parametrize("recipe", ["chain", "deeplearning4j-0.4-2016"])
def test_recipes_may_declare_identical_initial_weights(tmp_path, recipe):
    ((*_, status, _),) = of_weights(weights(tmp_path, recipe, b"x", b"x"))
    assert status == "declared"


def test_the_published_deviations_of_0_are_found_and_explained():
    rows = independence_audit.audit_published(pd.read_csv(PUBLISHED), FAULTS)
    found = pd.DataFrame(rows, columns=independence_audit.COLUMNS)
    counts = found.groupby(["framework", "what", "status"]).size().to_dict()
    assert counts == {
        ("deeplearning4j-0.4", "accuracy", "declared"): 12,
        # Two decimals: 0.95, 0.95, 0.94, 0.97.
        ("tensorflow-0.12", "accuracy", "rounding"): 4,
        # Hundredths of a second: 0.04, 0.03, 0.04, 0.03, 0.1.
        ("tensorflow-0.12", "predict_seconds", "rounding"): 5,
    }


def test_a_published_deviation_of_0_that_nothing_explains_is_an_error():
    rows = independence_audit.audit_published(pd.read_csv(PUBLISHED), Basis(STUDY, OWN))
    errors = [row for row in rows if row[-2] == "error"]
    assert {row[1] for row in errors} == {"deeplearning4j-0.4"}
    assert len(errors) == 12


def audit(tmp_path, table, contents=(b"x", b"y")):
    """Run the script on a runs table and on the initial weights of two seeds."""
    table.to_csv(tmp_path / "runs.csv", index=False)
    declared = {"same_seed": ["deeplearning4j-0.4-2016"], "carried_over": [], "rounded": []}
    independence_audit.main(
        job(
            input={
                "runs": tmp_path / "runs.csv",
                "published": PUBLISHED,
                "recipes_2016": ROOT / "reference" / "recipes-2016.yaml",
                "weights": weights(tmp_path, "harmonised", *contents),
            },
            output={"csv": tmp_path / "i.csv", "markdown": tmp_path / "i.md"},
            params={"basis": {"own": OWN, **declared}, "draws": {"harmonised-again": "harmonised"}},
        )
    )
    return pd.read_csv(tmp_path / "i.csv")


def test_the_script_puts_errors_first(tmp_path):
    table = audit(tmp_path, runs("harmonised", "a", "a"))
    assert list(table["status"][:2]) == ["error", "rounding"]
    first = table.iloc[0]
    assert (first["framework"], first["recipe"], first["network"], first["repetitions"]) == (
        "pytorch",
        "harmonised",
        "tanh-1x100",
        "1, 2",
    )
    assert first["finding"] == "identical scores: the recipe does not declare it"
    assert "Findings: 12 declared, 9 rounding, 1 error." in (tmp_path / "i.md").read_text()


def test_the_script_finds_the_weights_of_the_runs(tmp_path):
    first = audit(tmp_path, runs("harmonised", "a", "b"), contents=(b"x", b"x")).iloc[0]
    assert (first["source"], first["repetitions"], first["status"]) == (
        "initial weights",
        "1, 2",
        "error",
    )


def test_weights_that_no_run_has_started_from_do_not_count(tmp_path):
    table = audit(tmp_path, runs("harmonised", "a"), contents=(b"x", b"x"))
    assert set(table["source"]) == {"published"}


def test_independent_runs_have_no_finding(tmp_path):
    table = audit(tmp_path, runs("harmonised", "a", "b"))
    assert set(table["source"]) == {"published"}
    assert "error" not in set(table["status"])
