"""From a recipe of 2016 to the harmonised one, one change at a time."""

import itertools

import pandas as pd
import pytest
from analysis import ablation, figure_ablation
from rule_scripts import job
from shared.script import InputError

STEPS = {
    "old": [
        {"change": "optimiser", "alone": "old+optimiser", "cumulated": "old+optimiser"},
        {"change": "initial weights", "alone": "old+weights", "cumulated": "harmonised"},
    ]
}
LABELS = {"old": "Old 2016", "pytorch": "PyTorch"}
ACCURACIES = {
    "old": [0.85, 0.87],
    "old+optimiser": [0.90, 0.94],
    "old+weights": [0.84, 0.82],
    "harmonised": [0.97, 0.97],
}


def make_runs(accuracies=ACCURACIES, framework="pytorch", networks=("tanh-4x100",)):
    rows = [
        {"framework": framework, "recipe": recipe, "network": network, "seed": seed, "accuracy": a}
        for network, (recipe, values) in itertools.product(networks, accuracies.items())
        for seed, a in enumerate(values, start=1)
    ]
    return pd.DataFrame(rows, columns=ablation.RUN_COLUMNS)


def test_effects_by_hand():
    table = ablation.build(make_runs(), STEPS)
    assert table.variant.tolist() == ["start", "alone", "cumulated", "alone", "cumulated"]
    assert table.accuracy.tolist() == pytest.approx([0.86, 0.92, 0.92, 0.83, 0.97])
    # Alone against .86, in its place against the step before.
    assert table.effect.tolist()[1:] == pytest.approx([0.06, 0.06, -0.03, 0.05])
    # Variances 2e-4 and 8e-4, of two runs each; the last one is without spread.
    assert table.standard_error[1] == pytest.approx((1e-4 + 4e-4) ** 0.5)
    assert table.standard_error[4] == pytest.approx(0.02)
    assert "| initial weights | -3.0 ± 1.4 | +5.0 ± 2.0 | 97.0 | 2 and 2 |" in ablation.markdown(
        table
    )


def test_only_what_has_steps_is_in_the_table():
    others = [
        make_runs({"old": [0.9], "harmonised": [0.9]}, framework="numpy"),
        make_runs({"harmonised": [0.9]}, networks=["relu-1x64"]),
    ]
    table = ablation.build(pd.concat([make_runs(), *others]), STEPS)
    assert set(table.framework) == {"pytorch"} and set(table.network) == {"tanh-4x100"}


def test_missing_and_single_runs_are_said():
    table = ablation.build(
        make_runs({"old": [0.86], "old+weights": [0.83, 0.85], "harmonised": [0.97]}), STEPS
    )
    assert table.runs.tolist() == [1, 0, 0, 2, 1]
    # A step after one without runs has nothing to be compared with.
    assert table.effect.isna().tolist() == [True, True, True, False, True]
    assert table.standard_error.isna().all()
    assert "| optimiser | no run | no run |  | 0 and 0 |" in ablation.markdown(table)
    assert ablation.markdown(ablation.build(make_runs({}), STEPS)).startswith("No step")


def test_the_waterfall_goes_from_level_to_level():
    runs = make_runs(networks=("tanh-1x100", "tanh-4x100"))
    figure = figure_ablation.draw(ablation.build(runs, STEPS), runs, "old", "pytorch", LABELS)
    assert len(figure.axes) == 2
    axes = figure.axes[0]
    bars = [(patch.get_x(), patch.get_width()) for patch in axes.patches if patch.get_zorder()]
    assert bars == [pytest.approx((86, 6)), pytest.approx((92, 5))]
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "Old 2016", "optimiser", "initial weights",
    ]  # fmt: skip
    # Each level is written where it is.
    levels = {text.get_text(): text.xy[0] for text in axes.texts}
    assert levels == pytest.approx({"86.0, n=2": 87, "92.0, n=2": 94, "97.0, n=2": 97})
    assert figure.texts[0].get_text() == (
        "From Old 2016 to harmonised: +11.0 points with 1 tanh layer of 100; largest change "
        "alone: optimiser, +6.0"
    )
    assert figure.texts[1].get_text().startswith("All with PyTorch. ")
    marks = [line.get_xdata() for line in axes.get_lines() if line.get_marker() == "o"]
    assert sorted(x for line in marks for x in line) == pytest.approx([85, 87, 90, 94, 97, 97])
    with pytest.raises(InputError, match="no step from new was run with pytorch"):
        figure_ablation.draw(ablation.build(runs, STEPS), runs, "new", "pytorch", LABELS)


def test_a_loss_has_its_value_at_its_own_end():
    runs = make_runs({**ACCURACIES, "old+optimiser": [0.80]})
    figure = figure_ablation.draw(ablation.build(runs, STEPS), runs, "old", "pytorch", LABELS)
    (loss,) = [text for text in figure.axes[0].texts if text.get_text() == "80.0, n=1"]
    assert loss.xy[0] == pytest.approx(80) and loss.get_ha() == "right"
    # In the figure, the steps are -6 and +17. Alone, the second one takes 2 points.
    assert figure.texts[0].get_text().endswith("largest change alone: optimiser, \N{MINUS SIGN}6.0")


def test_table_and_figure_of_the_scripts(tmp_path):
    runs, csv = tmp_path / "runs.csv", tmp_path / "a.csv"
    make_runs({**ACCURACIES, "old+optimiser": [0.8], "old+weights": []}).to_csv(runs, index=False)
    written = {"csv": csv, "markdown": tmp_path / "a.md"}
    ablation.main(job(input={"runs": runs}, output=written, params={"steps": STEPS}))
    figure_ablation.main(
        job(
            input={"runs": runs, "table": csv},
            output={"svg": tmp_path / "a.svg", "png": tmp_path / "a.png"},
            params={"framework": "pytorch", "labels": LABELS, "mode": "default"},
            wildcards={"recipe": "old"},
        )
    )
    assert (tmp_path / "a.png").stat().st_size > 0
