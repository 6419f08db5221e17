"""Times, their ratios and the sets of ranks; expected values are by hand or by SciPy's t tests."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shared.time_model import TimeModel, compare, rank_sets

# Seconds in four blocks.
A = [1.00, 1.10, 0.95, 1.05]
B = [1.20, 1.35, 1.10, 1.30]


def runs(cells, block=None):
    """A row for each time; ``cells`` are times by framework and network, a block each."""
    return pd.DataFrame(
        [
            {"framework": f, "network": n, "block": block or i, "seconds": seconds}
            for (f, n), values in cells.items()
            for i, seconds in enumerate(values, start=1)
        ]
    )


def test_two_frameworks_in_the_same_blocks_are_a_paired_t_test():
    model = TimeModel(runs({("a", "x"): A, ("b", "x"): B}), "seconds")
    found = model.ratio("b", "a", ["x"])
    paired = stats.ttest_rel(np.log(B), np.log(A))
    interval = paired.confidence_interval(0.95)
    assert found.freedom == pytest.approx(3)
    assert found.p == pytest.approx(paired.pvalue)
    assert found.interval() == pytest.approx((math.exp(interval.low), math.exp(interval.high)))
    # 90 % is narrower.
    narrow = paired.confidence_interval(0.90)
    assert found.interval(0.9)[0] == pytest.approx(math.exp(narrow.low))
    level = model.level("a", ["x"])
    assert math.exp(level.value) == pytest.approx(stats.gmean(A))


def test_a_block_that_is_slow_for_all_makes_no_time_uncertain():
    slow = [1.0, 2.0, 1.0, 4.0]
    model = TimeModel(runs({("a", "x"): slow, ("b", "x"): [3 * each for each in slow]}), "seconds")
    low, high = model.ratio("b", "a", ["x"]).interval()
    assert (low, high) == pytest.approx((3, 3))


def test_each_framework_has_a_deviation_of_its_own():
    """Without blocks, two frameworks have Welch's interval of their pooled variances."""
    rng = np.random.default_rng(1)
    cells = {
        (name, network): np.exp(rng.normal(0, deviation, 3))
        for name, deviation in (("quiet", 0.01), ("noisy", 0.2))
        for network in "xyz"
    }
    model = TimeModel(runs(cells, block=1), "seconds")
    pooled = {
        name: np.mean([np.var(np.log(cells[name, each]), ddof=1) for each in "xyz"])
        for name in ("quiet", "noisy")
    }
    assert model.deviations["quiet"] == pytest.approx((math.sqrt(pooled["quiet"]), 6))
    assert model.deviations["noisy"] == pytest.approx((math.sqrt(pooled["noisy"]), 6))
    found = model.ratio("noisy", "quiet", ["x", "y", "z"])
    # Means of nine logarithms each.
    parts = [variance / 9 for variance in pooled.values()]
    assert found.error == pytest.approx(math.sqrt(sum(parts)))
    assert found.freedom == pytest.approx(sum(parts) ** 2 / sum(part**2 / 6 for part in parts))
    # One network has three.
    assert model.level("quiet", ["x"]).error == pytest.approx(math.sqrt(pooled["quiet"] / 3))


def test_what_changes_for_a_framework_in_a_whole_block_widens_its_mean_over_networks():
    """A balanced table: Henderson's method is then that of the analysis of variance."""
    # By framework, network and block. Both frameworks have the deviation of all.
    logs = np.array(
        [[[0.10, 0.31, 0.20], [1.12, 1.28, 1.15]], [[2.3, 2.1, 2.4], [3.2, 3.05, 3.35]]]
    )
    cells = {(f, n): np.exp(logs[i, j]) for i, f in enumerate("ab") for j, n in enumerate("xy")}
    model = TimeModel(runs(cells), "seconds")
    centred = logs - logs.mean(axis=2, keepdims=True)
    in_block = centred.mean(axis=1) - centred.mean(axis=(0, 1))
    both = 2 * (in_block**2).sum() / 2
    rest = centred - centred.mean(axis=1, keepdims=True)
    chance = (rest**2).sum() / 4
    assert both > chance
    expected = (both / chance - 1) / 2
    assert model.in_block == pytest.approx(expected)
    # The deviation is that of 12 runs less 4 cells and 2 blocks. Each run weighs a sixth.
    variance = ((centred - centred.mean(axis=(0, 1))) ** 2).sum() / 6
    assert model.deviations["a"] == pytest.approx((math.sqrt(variance), 6))
    found = model.ratio("a", "b", ["x", "y"])
    assert found.error == pytest.approx(math.sqrt(variance * (1 / 3 + expected * 2 / 3)))
    # One network does not tell it from chance.
    alone = TimeModel(runs({key: cells[key] for key in cells if key[1] == "x"}), "seconds")
    assert alone.in_block == 0


def test_a_network_that_varies_much_more_has_its_own_deviation():
    rng = np.random.default_rng(3)
    cells = {("a", network): np.exp(rng.normal(0, 0.02, 4)) for network in "vwxyz"}
    cells["a", "wild"] = np.array([26.1, 50.3, 41.2, 51.1])
    model = TimeModel(runs(cells, block=1), "seconds")
    own = np.std(np.log(cells["a", "wild"]), ddof=1)
    assert model.alone == {("a", "wild"): pytest.approx((own, 3))}
    quiet = [np.var(np.log(cells["a", each]), ddof=1) for each in "vwxyz"]
    assert model.deviation("a", "v") == pytest.approx((math.sqrt(np.mean(quiet)), 15))
    # SciPy's t interval of the four logarithms.
    interval = stats.ttest_1samp(np.log(cells["a", "wild"]), 0).confidence_interval(0.95)
    expected = (math.exp(interval.low), math.exp(interval.high))
    assert model.level("a", ["wild"]).interval() == pytest.approx(expected)
    # Two runs tell too little, so the framework's deviation is used.
    cells["a", "wild"] = cells["a", "wild"][:2]
    assert TimeModel(runs(cells, block=1), "seconds").alone == {}


def test_a_single_run_has_the_deviation_of_all():
    cells = {("a", "x"): A, ("a", "y"): B, ("b", "x"): [1.0]}
    model = TimeModel(runs(cells, block=1), "seconds")
    # 3 + 3 degrees of freedom.
    variance = (np.var(np.log(A), ddof=1) + np.var(np.log(B), ddof=1)) / 2
    assert model.deviations["b"] == pytest.approx((math.sqrt(variance), 6))
    assert model.ratio("b", "a", ["x"]).error == pytest.approx(math.sqrt(variance * (1 + 1 / 4)))


def test_where_nothing_is_repeated_there_is_no_interval():
    model = TimeModel(runs({("a", "x"): [1.0], ("b", "x"): [2.0]}), "seconds")
    found = model.ratio("b", "a", ["x"])
    assert math.exp(found.value) == pytest.approx(2)
    assert all(map(math.isnan, (*found.interval(), found.p)))
    ranks = rank_sets(compare(model, ["a", "b"], ["x"]), ["a", "b"])
    assert ranks["rank"].to_dict() == {"a": 1, "b": 2}
    assert list(ranks["rank_low"]) == [1, 1]
    assert list(ranks["rank_high"]) == [2, 2]


def test_times_that_are_missing_or_zero_do_not_count():
    table = runs({("a", "x"): [1.0, 1.1, 0.0, math.nan], ("b", "x"): [0.0]})
    model = TimeModel(table, "seconds")
    assert model.counts == {("a", "x"): 2}
    assert TimeModel(table[:0], "seconds").cells == []


def test_blocks_that_no_framework_shares_are_no_effect():
    """Two frameworks on different days: their blocks cannot be told from them."""
    table = runs({("a", "x"): [1.0, 1.1]})
    other = runs({("b", "x"): [2.0, 2.3]}).assign(block=[3, 4])
    model = TimeModel(pd.concat([table, other]), "seconds")
    assert math.exp(model.ratio("b", "a", ["x"]).value) == pytest.approx(
        stats.gmean([2.0, 2.3]) / stats.gmean([1.0, 1.1])
    )


def test_p_values_are_adjusted_by_holms_method():
    cells = {("a", "x"): A, ("b", "x"): B, ("c", "x"): [1.21, 1.3, 1.15, 1.33]}
    pairs = compare(TimeModel(runs(cells), "seconds"), ["a", "b", "c"], ["x"])
    assert list(zip(pairs["framework"], pairs["other"], strict=True)) == [
        ("a", "b"),
        ("a", "c"),
        ("b", "c"),
    ]
    smallest, middle, largest = sorted(pairs["p"])
    expected = [3 * smallest, max(3 * smallest, 2 * middle), max(2 * middle, largest)]
    assert sorted(pairs["adjusted_p"]) == pytest.approx(expected)


def test_sets_of_ranks_leave_room_for_ties():
    """a and b tie, c is slower than both, d is slower than a alone and ties with b and c."""
    pairs = pd.DataFrame(
        [
            ("a", "b", 0.99, 0.9),
            ("a", "c", 0.5, 0.01),
            ("a", "d", 0.6, 0.04),
            ("b", "c", 0.5, 0.02),
            ("b", "d", 0.6, 0.06),
            # The other way round: c is slower.
            ("c", "d", 1.2, 0.5),
        ],
        columns=["framework", "other", "ratio", "adjusted_p"],
    )
    ranks = rank_sets(pairs, ["a", "b", "c", "d"])
    assert ranks["rank"].to_dict() == {"a": 1, "b": 2, "c": 4, "d": 3}
    assert ranks[["rank_low", "rank_high"]].apply(tuple, axis=1).to_dict() == {
        "a": (1, 2),
        "b": (1, 3),
        "c": (3, 4),
        "d": (2, 4),
    }


@pytest.mark.slow
def test_intervals_and_sets_of_ranks_hold_as_often_as_they_say():
    """Simulated runs of frameworks that vary differently, some of them equally fast."""
    rng = np.random.default_rng(5)
    names, networks = list("abcdef"), list("uvwxyz")
    true = dict(zip(names, np.log([1.0, 1.0, 1.0, 1.1, 1.5, 1.5]), strict=True))
    # The ranks that are right for each: those of all that are as fast.
    right = pd.DataFrame({"rank_low": [1, 1, 1, 4, 5, 5], "rank_high": [3, 3, 3, 4, 6, 6]}, names)
    covered, sets = [], []
    for _ in range(100):
        deviations = rng.uniform(0.01, 0.06, len(names))
        blocks = rng.normal(0, 0.05, 2)
        cells = {
            (name, network): np.exp(true[name] + blocks + rng.normal(0, deviation, 2))
            for name, deviation in zip(names, deviations, strict=True)
            for network in networks
        }
        pairs = compare(TimeModel(runs(cells), "seconds"), names, networks[:1])
        truth = np.exp(pairs["framework"].map(true) - pairs["other"].map(true))
        covered += list(pairs["low"].le(truth) & pairs["high"].ge(truth))
        found = rank_sets(pairs, names)
        low, high = found["rank_low"] <= right["rank_low"], found["rank_high"] >= right["rank_high"]
        sets.append((low & high).all())
    # Of 1500 intervals, which are not independent, and of 100 times all sets.
    assert 0.93 <= np.mean(covered) <= 0.97
    assert np.mean(sets) >= 0.93


@pytest.mark.slow
def test_intervals_over_networks_hold_if_a_framework_changes_for_a_whole_block():
    rng = np.random.default_rng(7)
    names, networks = list("abcdef"), list("uvwxyz")
    covered, without = [], []
    for _ in range(100):
        cells = {}
        for name in names:
            deviation = rng.uniform(0.01, 0.06)
            in_block = rng.normal(0, 0.5 * deviation, 4)
            for network in networks:
                cells[name, network] = np.exp(in_block + rng.normal(0, deviation, 4))
        model = TimeModel(runs(cells), "seconds")
        for held in (covered, without):
            pairs = compare(model, names, networks)
            held += list(pairs["low"].le(1) & pairs["high"].ge(1))
            model.in_block = 0.0
    # Of 1500 intervals each, which are not independent.
    assert 0.92 <= np.mean(covered) <= 0.98
    assert np.mean(without) < 0.85
