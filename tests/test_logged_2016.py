"""The authors' logged repetitions, against the values that the paper published."""

import pandas as pd
import pytest
from tiny import ROOT

CELL = ["framework", "activation", "hidden_layers", "hidden_units", "epochs"]
MEASURES = ["train_seconds", "predict_seconds", "accuracy"]
# Repetitions of each cell, by framework and set.
REPETITIONS = {
    ("theano-keras", "only"): 10,
    ("torch7", "earlier"): 10,
    ("torch7", "later"): 6,
    ("caffe", "only"): 10,
    ("tensorflow-0.12", "only"): 5,
    ("deeplearning4j-0.4", "only"): 5,
}
NETWORKS = {
    *((activation, layers, 100) for activation in ("tanh", "relu") for layers in (1, 2, 3, 4)),
    *((activation, 1, units) for activation in ("tanh", "relu") for units in (64, 128, 512, 1024)),
}


@pytest.fixture(scope="module")
def logged():
    return pd.read_csv(ROOT / "reference/logged-2016.csv")


@pytest.fixture(scope="module")
def published():
    return pd.read_csv(ROOT / "reference/published.csv")


def test_every_cell_has_the_repetitions_of_its_framework(logged):
    counts = {
        key: set(group.groupby(CELL).size()) for key, group in logged.groupby(["framework", "set"])
    }
    assert counts == {key: {n} for key, n in REPETITIONS.items()}
    numbered = logged.groupby([*CELL, "set"]).repetition
    assert (numbered.min() == 1).all()
    assert (numbered.max() == numbered.nunique()).all()


def test_every_framework_and_set_has_sixteen_networks_at_three_numbers_of_epochs(logged):
    for _, group in logged.groupby(["framework", "set"]):
        cells = set(group[CELL[1:]].itertuples(index=False, name=None))
        assert cells == {(*network, epochs) for network in NETWORKS for epochs in (1, 5, 10)}
    assert len(logged) == 48 * sum(REPETITIONS.values())


def test_exactly_the_published_cells_are_marked(logged, published):
    marked = logged[logged.published]
    assert set(marked.set) == {"only", "later"}
    assert set(marked[CELL].itertuples(index=False)) == set(published[CELL].itertuples(index=False))
    unmarked = logged[~logged.published & (logged.set != "earlier")]
    assert not set(unmarked[CELL].itertuples(index=False)) & set(
        published[CELL].itertuples(index=False)
    )


@pytest.mark.parametrize("measure", MEASURES)
def test_the_published_values_are_means_and_deviations_of_the_repetitions(
    measure, logged, published
):
    cells = logged[logged.published].groupby(CELL)[measure]
    # Three decimals are published of each mean, four of each deviation (divided by n).
    for statistic, values, decimals in (("mean", cells.mean(), 3), ("sd", cells.std(ddof=0), 4)):
        expected = published.set_index(CELL)[f"{measure}_{statistic}"]
        assert len(expected) == len(values) == 60
        # Half a unit of the last decimal; the small rest is the rounding of binary fractions.
        largest = (values - expected).abs().max()
        assert largest <= 0.5 * 10**-decimals + 1e-9, f"{measure}_{statistic}"


def test_the_values_are_possible(logged):
    assert logged.accuracy.between(0, 1).all()
    assert (logged.train_seconds > 0).all()
    assert (logged.predict_seconds >= 0).all()


def test_the_clock_of_torchs_earlier_set_ran_on(logged):
    earlier = logged[logged.set == "earlier"]
    assert (earlier.predict_seconds > earlier.train_seconds).all()


def test_repetitions_with_one_seed_have_one_accuracy(logged):
    one_seed = logged[logged.framework == "deeplearning4j-0.4"]
    assert (one_seed.groupby(CELL).accuracy.nunique() == 1).all()


def test_tensorflow_logged_two_decimals(logged):
    two_decimals = logged[logged.framework == "tensorflow-0.12"].accuracy
    assert (two_decimals.round(2) == two_decimals).all()
