"""Intervals of differences against textbook examples, SciPy and numbers by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from test_verdicts_numbers import FAULTS, made_up
from verdicts.differences import (
    Mean,
    Spread,
    half_width,
    pool,
    pooled_variance,
    prediction,
    published_mean,
    spread_of,
    welch,
)


def mean_of(values):
    return Mean(np.mean(values), np.var(values, ddof=1) / len(values), len(values) - 1)


def test_welchs_interval_is_that_of_the_nist_handbook():
    """NIST/SEMATECH e-Handbook, 1.3.5.3: miles per gallon of 249 US and 79 Japanese cars.

    It gives T = -12.94627 with 136.8750 degrees of freedom for unequal variances.
    """
    us, japan = Mean(20.14458, 6.41470**2 / 249, 248), Mean(30.48101, 6.10771**2 / 79, 78)
    low, high = welch(us, japan)
    assert (low + high) / 2 == pytest.approx(20.14458 - 30.48101)
    error = (20.14458 - 30.48101) / -12.94627
    # Tables have t(0.95) = 1.6561 for 136.875.
    assert (high - low) / 2 == pytest.approx(1.6561 * error, rel=1e-4)


def test_welchs_interval_is_scipys():
    ours, theirs = [0.941, 0.945, 0.938], [0.951, 0.950, 0.957, 0.940, 0.949]
    expected = stats.ttest_ind(ours, theirs, equal_var=False).confidence_interval(0.90)
    assert welch(mean_of(ours), mean_of(theirs)) == pytest.approx((expected.low, expected.high))


def test_without_any_deviation_the_difference_is_a_point():
    assert welch(Mean(0.96, 0, 2), Mean(0.95, 0, 4)) == pytest.approx((0.01, 0.01))
    assert prediction(0.96, 0, 2, 3, 0.95) == pytest.approx((0.01, 0.01))


def test_a_prediction_interval_is_of_a_mean_and_one_more_draw():
    # Five values with mean 50.10 and deviation 1.31; t(0.95; 4) = 2.132 in every table.
    half = 2.132 * 1.31 * math.sqrt(1 + 1 / 5)
    assert prediction(50.10, 1.31, 4, 5, 50) == pytest.approx((0.10 - half, 0.10 + half), abs=1e-3)


def test_nine_of_ten_prediction_intervals_contain_no_difference():
    """A simulation: three draws of a recipe, and a published one that is of the same recipe."""
    draws = np.random.default_rng(0).normal(0.95, 0.002, (2000, 4))
    hits = [
        np.multiply(*prediction(row[:3].mean(), row[:3].std(ddof=1), 2, 3, row[3])) <= 0
        for row in draws
    ]
    assert np.mean(hits) == pytest.approx(0.9, abs=0.02)


def test_the_published_deviation_is_divided_by_n():
    # Values 0.93, 0.93, 0.94, 0.94, 0.94: the paper's way gives 0.0049 around 0.936.
    values = [0.93, 0.93, 0.94, 0.94, 0.94]
    mean = published_mean(0.936, 0.0048990, 5, rounded=False)
    assert mean.variance == pytest.approx(np.var(values, ddof=1) / 5, rel=1e-4)
    assert mean.freedom == 4
    # Torch's relu-1x64: 2.015 x 0.1475 / the root of 5.
    noisy = published_mean(0.694, 0.1475, 6, rounded=False)
    assert half_width(noisy.variance, noisy.freedom) == pytest.approx(0.13292, abs=1e-5)
    # Five equal values of two decimals were all rounded by the same error, which stays.
    equal = published_mean(0.95, 0.0, 5, rounded=True)
    assert equal.variance == pytest.approx(0.01**2 / 12)
    # With a small deviation, the errors differ.
    unequal = published_mean(0.952, 0.001, 5, rounded=True)
    assert unequal.variance == pytest.approx(0.01**2 / 12 / 5)


def test_a_pool_is_the_mean_variance_weighted_by_its_degrees_of_freedom():
    assert pooled_variance([(1.0, 2), (4.0, 4)]) == (pytest.approx(3.0), 6)
    spread = pool({"a": (1.0, 2), "b": (4.0, 4)})
    assert spread.pooled == (pytest.approx(math.sqrt(3)), 6)
    assert spread.of("c") == spread.pooled


def test_a_variance_that_does_not_belong_to_the_others_stays_alone():
    # F = 100 with 4 and 12 degrees of freedom has a chance of 5e-9, F = 3 one of 0.06.
    spread = pool({"a": (1.0, 4), "b": (1.0, 4), "c": (1.0, 4), "d": (100.0, 4)})
    assert spread.pooled == (pytest.approx(1.0), 12)
    assert spread.of("d") == (pytest.approx(10.0), 4)
    assert not pool({"a": (1.0, 4), "b": (1.0, 4), "c": (1.0, 4), "d": (3.0, 4)}).alone
    # Nor does any variance belong to networks whose draws are all equal. Zeros belong together.
    assert pool({"a": (0.0, 1), "b": (0.0, 1), "c": (0.01, 1)}) == Spread(
        (0.0, 2), {"c": (pytest.approx(0.1), 1)}
    )
    assert pool({"a": (0.0, 1), "b": (0.0, 1)}) == Spread((0.0, 2))


def test_large_variances_do_not_hide_each_other():
    spread = pool({"a": (1.0, 4), "d": (90.0, 4), "b": (1.0, 4), "e": (100.0, 4), "c": (1.0, 4)})
    assert spread.pooled == (pytest.approx(1.0), 12)
    assert set(spread.alone) == {"d", "e"}
    # A single draw may be like them: the published deviation tells, if it is larger.
    assert spread.of("f", 1, (3.0, 5)) == (3.0, 5)
    assert spread.of("f", 1, (0.5, 5)) == (pytest.approx(1.0), 12)
    assert spread.of("f", 2, (3.0, 5)) == (pytest.approx(1.0), 12)
    assert pool({"a": (1.0, 4)}).of("f", 1, (3.0, 5)) == (1.0, 4)


def test_nothing_to_pool_is_no_deviation():
    assert pool({}).of("tanh-1x100") is None


def test_the_deviations_of_a_recipe_are_pooled_over_networks_and_frameworks():
    runs = [
        # With the reference's seed 2: 0.940 and 0.942, a variance of 2e-6.
        made_up("caffe", "caffe-2016", "tanh-1x100", [0.940]),
        made_up("numpy", "caffe-2016", "tanh-1x100", [0.8, 0.942]),
        # A variance of 1e-6.
        made_up("caffe", "caffe-2016", "tanh-2x100", [0.950, 0.951, 0.952]),
        # Not of this recipe.
        made_up("caffe", "harmonised", "tanh-3x100", [0.1, 0.9]),
    ]
    diverged = made_up("caffe", "caffe-2016", "tanh-4x100", [0.95, 0.1])
    diverged.loc[1, "scores_sha256"] = None
    spread = spread_of(pd.concat([*runs, diverged]), "caffe", "caffe-2016", FAULTS)
    assert spread.pooled == (pytest.approx(math.sqrt((2e-6 + 2 * 1e-6) / 3)), 3)
    # One of its two draws has diverged: the root of 2 x 0.425 ^ 2.
    assert spread.of("tanh-4x100") == (pytest.approx(0.601041), 1)
