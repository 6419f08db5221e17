"""A run beside another one, on made-up tables whose comparison is known by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from compare import table as compare
from page import rows
from page.inputs import Tables
from rule_scripts import job, run_script
from scipy import stats

NETWORKS = ["tanh-1x100", "relu-1x64"]


def write(folder, seconds, accuracies, ratios, verdict="reproduced"):
    """Write the tables of a run: two networks of each framework, each timed in two blocks.

    ``ratios`` are rows of speed-ratios: network, framework, other, ratio, low, high, adjusted_p.
    """
    tables = folder / "tables"
    tables.mkdir(parents=True)
    runs = [
        {
            "framework": name, "recipe": "harmonised", "network": network, "seed": 1,
            "accuracy_all": accuracy, "scores_sha256": f"{name} {network} {accuracy}",
            "train_images": 60000, "epochs": 10,
        }
        for name, accuracy in accuracies.items()
        for network in NETWORKS
    ]  # fmt: skip
    pd.DataFrame(runs).to_csv(tables / "runs.csv", index=False)
    times = [
        {
            "framework": name, "recipe": "harmonised", "network": network, "length": length,
            "train_seconds": value * factor, "train_images": 60000, "epochs": 10,
            "timed_images": 16000, "timed_epochs": 4, "compute_threads": 1,
        }
        for name, values in seconds.items()
        for network, value in zip(NETWORKS, values, strict=True)
        # Two blocks whose geometric mean is the value; a whole run belongs to none.
        for length, factor in (("short", 2.0), ("short", 0.5), ("whole", 100.0))
    ]  # fmt: skip
    pd.DataFrame(times).to_csv(tables / "times.csv", index=False)
    columns = ["network", "framework", "other", "ratio", "low", "high", "adjusted_p"]
    table = pd.DataFrame(ratios, columns=columns).assign(recipe="harmonised", measure="train")
    # Another recipe or another measure does not count.
    others = [table.assign(recipe="own"), table.assign(measure="predict")]
    pd.concat([table, *others]).to_csv(tables / "speed-ratios.csv", index=False)
    numbers = {
        "framework": ["caffe"], "network": ["tanh-1x100"], "measure": ["accuracy"],
        "cell_verdict": [verdict], "reason": ["it is so"],
    }  # fmt: skip
    pd.DataFrame(numbers).to_csv(tables / "verdicts-numbers.csv", index=False)
    return folder


def files(folder, tmp_path, other):
    tables = folder / "tables"
    return {
        "input": {name: tables / f"{name}.csv" for name in compare.TABLES},
        "output": {"csv": tmp_path / "compare.csv", "markdown": tmp_path / "compare.md"},
        "params": {"other": str(other), "recipe": "harmonised"},
    }


@pytest.fixture
def both(tmp_path):
    here = write(
        tmp_path / "here", {"numpy": [2.0, 8.0], "caffe": [3.0, 4.0]},
        {"numpy": 0.96, "caffe": 0.95},
        [
            ["tanh-1x100", "numpy", "caffe", 2 / 3, 0.6, 0.74, 0.01],
            ["relu-1x64", "numpy", "caffe", 2.0, 0.3, 13.0, 0.5],
        ],
        "ambiguous",
    )  # fmt: skip
    there = write(
        tmp_path / "there", {"numpy": [4.0, 4.0], "caffe": [3.0, 8.0], "keras": [1.0, 1.0]},
        {"numpy": 0.96, "caffe": 0.9475},
        # The same pairs, the other way round; and one that the first run lacks.
        [
            ["tanh-1x100", "caffe", "numpy", 3 / 4, 0.7, 0.8, 0.01],
            ["relu-1x64", "caffe", "numpy", 2.0, 0.3, 13.0, 0.01],
            ["relu-1x64", "caffe", "keras", 8.0, 7.0, 9.0, 0.01],
        ],
    )  # fmt: skip
    return here, there


def test_each_part_by_hand(both, tmp_path):
    here, there = both
    compare.main(job(**files(here, tmp_path, there)))
    table = pd.read_csv(tmp_path / "compare.csv").set_index(["what", "subject"])
    # Ratios of 0.5 and 2, of 1 and 0.5: their geometric means.
    assert table.loc[("speed", "numpy"), "ratio"] == pytest.approx(1.0)
    assert table.loc[("speed", "caffe"), "ratio"] == pytest.approx(0.5**0.5, rel=1e-5)
    interval = stats.ttest_1samp(np.log([1.0, 0.5]), 0).confidence_interval(0.95)
    assert table.loc[("speed", "caffe"), "low"] == pytest.approx(np.exp(interval.low), rel=1e-5)
    assert ("speed", "keras") not in table.index
    assert table.loc[("accuracy", "numpy"), "remark"] == (
        "2 of 2 runs have the same scores; the largest difference is 0.00 points"
    )
    assert table.loc[("accuracy", "caffe"), "remark"] == (
        "0 of 2 runs have the same scores; the largest difference is 0.25 points"
    )
    # NumPy is first here and second there on tanh, and the other way round with ReLU. Both runs
    # are sure on tanh. With ReLU the ratios are 2 and 1/2, each up to 6.5 times as large.
    # On tanh they are 2/3 and 4/3.
    for network, agree, sure, factor in (("tanh-1x100", 0, 1, 2), ("relu-1x64", 1, 0, 4)):
        row = table.loc[("ratios", network)]
        assert (row["ratio"], row["n"]) == (-1.0, 1)
        assert list(row[["agree", "known", "reversed", "sure"]]) == [agree, 1, 1, sure]
        assert row["remark"] == (
            f"{agree} of 1 ratios agree within their intervals; half of them differ by less than a "
            f"factor of {factor}.00; 1 of 1 pairs are the other way round, {sure} for sure: caffe "
            "and numpy"
        )
    row = table.loc[("verdict", "accuracy of caffe, tanh-1x100")]
    assert (row["here"], row["there"], row["remark"]) == ("ambiguous", "reproduced", "it is so")
    text = (tmp_path / "compare.md").read_text()
    assert text.startswith(f"This run compared with {there}.")
    assert "| caffe | 0.707 (" in text


def test_all_networks_are_compared_only_if_they_are_the_same(both, tmp_path):
    here, there = both
    for folder in both:
        path = folder / "tables" / "speed-ratios.csv"
        table = pd.read_csv(path)
        mean = table[table["network"] == "tanh-1x100"].assign(network="all")
        pd.concat([table, mean]).to_csv(path, index=False)
    compare.main(job(**files(here, tmp_path, there)))
    table = pd.read_csv(tmp_path / "compare.csv")
    assert "all" in set(table[table["what"] == "ratios"]["subject"])
    path = there / "tables" / "speed-ratios.csv"
    table = pd.read_csv(path)
    table[table["network"] != "relu-1x64"].to_csv(path, index=False)
    compare.main(job(**files(here, tmp_path, there)))
    table = pd.read_csv(tmp_path / "compare.csv")
    assert set(table[table["what"] == "ratios"]["subject"]) == {"tanh-1x100"}


def test_the_page_tells_every_row(both, tmp_path):
    here, there = both
    compare.main(job(**files(here, tmp_path, there)))
    table = pd.read_csv(tmp_path / "compare.csv")
    shown = rows.compared(SimpleNamespace(label=str.upper), Tables([tmp_path / "compare.csv"]))
    assert [row[0] for row in shown["rows"]] == ["NUMPY", "CAFFE"]
    assert len(shown["said"]) == len(table) - 2
    assert sum("pairs are the other way round" in each for each in shown["said"]) == 2


def test_a_run_with_itself_is_the_same(both, tmp_path):
    here, _ = both
    compare.main(job(**files(here, tmp_path, here)))
    table = pd.read_csv(tmp_path / "compare.csv")
    assert list(table[table["what"] == "speed"]["ratio"]) == [1.0, 1.0]
    same = table[table["what"] == "ratios"]
    assert list(same["ratio"]) == [1.0, 1.0]
    assert set(same["remark"]) == {
        "1 of 1 ratios agree within their intervals; half of them differ by less than a factor of "
        "1.00; 0 of 1 pairs are the other way round, 0 for sure"
    }
    assert (
        "No verdict on a published number that both have judged differs."
        in (tmp_path / "compare.md").read_text()
    )


def test_runs_of_another_size_are_not_compared(both, tmp_path):
    here, there = both
    for name in ("runs", "times"):
        path = there / "tables" / f"{name}.csv"
        pd.read_csv(path).assign(train_images=6000).to_csv(path, index=False)
    compare.main(job(**files(here, tmp_path, there)))
    kinds = set(pd.read_csv(tmp_path / "compare.csv")["what"])
    assert kinds == {"verdict"}


def test_a_folder_without_a_run_is_one_sentence(both, tmp_path):
    here, _ = both
    (tmp_path / "empty").mkdir()
    asked = files(here, tmp_path, tmp_path / "empty")
    status, log = run_script("compare/table.py", tmp_path, **asked)
    assert status == 1
    assert "runs.csv is missing; name the folder of a finished run" in log
    assert not (tmp_path / "compare.csv").exists()


def test_frameworks_that_were_timed_otherwise_are_left_out(both):
    here, there = (compare.read_tables(folder) for folder in both)
    here["times"]["timed_epochs"] = here["times"]["timed_epochs"].mask(
        here["times"]["framework"] == "caffe", 10
    )
    table = compare.compare(here, there, "harmonised")
    assert table.loc[table["what"] == "speed", "subject"].tolist() == ["numpy"]
    # The only pair has Caffe in it.
    assert "ratios" not in set(table["what"])


def test_runs_with_nothing_in_common_say_so(tmp_path):
    """Both have judged, but with other frameworks."""
    here = write(tmp_path / "here", {"numpy": [1.0, 1.0]}, {"numpy": 0.9}, [], "not run")
    there = write(tmp_path / "there", {"caffe": [1.0, 1.0]}, {"caffe": 0.9}, [])
    compare.main(job(**files(here, tmp_path, there)))
    text = (tmp_path / "compare.md").read_text()
    assert "The two have no run in common." in text and "Verdicts that differ" not in text
