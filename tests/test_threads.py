"""The table of threads: an epoch's time with each number of them, and how much faster that is."""

import json

import pytest
from threads import table as threads
from shared.script import InputError


def write(folder, framework, compute_threads, epochs):
    path = folder / str(compute_threads) / framework / "brief" / "relu-1x1024" / "1" / "train.json"
    path.parent.mkdir(parents=True)
    spans = {"built": 9.0, **{f"epoch {i + 1}": seconds for i, seconds in enumerate(epochs)}}
    path.write_text(
        json.dumps({"spans": spans, "compute_threads": compute_threads, "threads_used": 1.0})
    )
    return path


def test_speed_up_is_the_time_with_one_thread_over_that_with_more(tmp_path):
    """The first epoch does not count."""
    paths = [
        write(tmp_path, "torch7", 2, [5.0, 1.5, 2.5]),
        write(tmp_path, "torch7", 1, [9.0, 3.0, 5.0]),
        write(tmp_path, "caffe", 1, [9.0, 3.0, 3.0]),
        write(tmp_path, "caffe", 2, [9.0, 6.0, 6.0]),
    ]
    table = threads.compare([threads.row(path) for path in paths])
    found = table.set_index(["framework", "compute_threads"])["speed_up"].to_dict()
    assert found == {
        ("torch7", 1): 1.0,
        ("torch7", 2): 2.0,
        ("caffe", 1): 1.0,
        ("caffe", 2): 0.5,
    }
    assert table["epoch_seconds"].tolist() == [3.0, 6.0, 4.0, 2.0]


def test_one_epoch_is_too_few(tmp_path):
    with pytest.raises(InputError, match="has 1 epochs"):
        threads.row(write(tmp_path, "caffe", 1, [9.0]))
