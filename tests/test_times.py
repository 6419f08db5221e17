"""Timed runs: which there are, in which order, on which cores, and what follows from them."""

import json
import multiprocessing
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from configuration.lanes import lane_count
from configuration.timings import Timing, in_order, timed_recipe, timings
from lane_holder import hold
from launcher import lanes
from launcher.machine import machine
from rule_scripts import job
from shared.efficiency import last_run, program_seconds
from shared.script import InputError
from test_tables import PREDICT, TRAIN
from times import collect
from times import lanes as side_by_side
from times import run as times_run

ROOT = Path(__file__).parent.parent
FRAMEWORKS = {
    name: {"successor_of": None, "environment": name} for name in ("slow", "fast", "other")
}
RECIPE = {
    "data": "unit", "epochs": 10, "batch_size": 125, "partial_batch": "keep", "of": "slow",
    "repetitions": "carried-over",
}  # fmt: skip


def configuration(**experiments):
    common = {"purpose": "times", "recipes": ["harmonised"], "networks": ["a", "b"]}
    return {
        "frameworks": list(FRAMEWORKS),
        "networks": ["a"],
        "seeds": [1],
        "recipes": {"harmonised": RECIPE},
        "experiments": {name: {**common, **each} for name, each in experiments.items()},
    }


def test_experiments_share_their_blocks_and_a_slow_framework_has_fewer():
    config = configuration(
        all={"blocks": 1, "fewer": {"slow": {"skip_networks": ["b"]}}},
        more={"blocks": 2, "networks": ["a"], "frameworks": ["fast"]},
        check={"blocks": 1, "networks": ["b"], "frameworks": ["other"], "whole": True},
        accuracy={"purpose": "comparison", "frameworks": ["fast"]},
    )
    found = {(t.length, t.framework, t.network, t.block) for t in timings(config, FRAMEWORKS)}
    assert found == {
        ("short", "slow", "a", 1),
        ("short", "fast", "a", 1),
        ("short", "fast", "b", 1),
        ("short", "other", "a", 1),
        ("short", "other", "b", 1),
        ("short", "fast", "a", 2),
        ("whole", "other", "b", 1),
    }


def test_a_block_has_every_framework_once_and_the_next_block_another_order():
    names, networks = [f"f{number}" for number in range(8)], ["a", "b", "c", "d"]
    planned = [
        Timing("short", name, "harmonised", network, block)
        for block in (2, 1)
        for name in names
        for network in networks
    ]
    order = in_order(planned)
    assert sorted(map(repr, order)) == sorted(map(repr, planned))
    # The same runs in another order are started in the same order.
    assert in_order(planned[::-1]) == order
    # All of the first block come before the second; within it, a network's frameworks in a row.
    groups = [order[start : start + 8] for start in range(0, len(order), 8)]
    assert [{t.block for t in group} for group in groups] == [{1}] * 4 + [{2}] * 4
    assert all(len({t.network for t in group}) == 1 for group in groups)
    assert all({t.framework for t in group} == set(names) for group in groups)
    orders = {tuple(t.framework for t in group) for group in groups}
    assert len(orders) > 6


def test_how_short_a_timed_run_is():
    timed = {"epochs": 8, "images": 16000}
    short = timed_recipe(RECIPE, 60000, timed, "short")
    assert (short["epochs"], short["train_images"]) == (8, 16000)
    # Each of its repetitions has its own network.
    assert "repetitions" not in short
    assert timed_recipe(RECIPE, 6000, timed, "short")["train_images"] == 6000
    whole = timed_recipe(RECIPE, 60000, timed, "whole")
    assert (whole["epochs"], whole["train_images"]) == (10, 60000)


@pytest.mark.parametrize(
    ("images", "batch", "partial", "expected"),
    [
        (60000, 125, "keep", 480),
        (60000, 128, "keep", 469),
        (60000, 128, "drop", 468),
        (60000, 128, "wrap", 468.75),
        (16000, 128, "drop", 125),
    ],
)
def test_the_steps_of_an_epoch(images, batch, partial, expected):
    assert collect.steps(images, batch, partial) == expected


def test_the_recipes_time_by_hand():
    """Four seconds of warming up, and epochs of a quarter of the steps that take two seconds."""
    assert collect.derived([5.0, 3.0, 2.0, 2.0], 4.0, 10) == (8.0, 4.0 + 80.0)
    # Of three or five epochs the one in the middle counts as warm.
    assert collect.derived([7.0, 1.0, 2.0], 1.0, 3) == (1.5, 10.0)
    assert collect.derived([9.0, 8.0, 1.0, 2.0, 3.0], 2.0, 5) == (4.0, 23.0 + 10.0)


# --- the table


def collected(tmp_path, *records, timed_images=16000):
    runs = [f"short/tanh-3x100/{number}" for number in range(1, len(records) + 1)]
    paths = []
    for number, record in enumerate(records, start=1):
        paths.append(tmp_path / f"{number}.json")
        paths[-1].write_text(json.dumps(record))
    (tmp_path / "gate.json").write_text('{"left_out": null}')
    output = {"times": tmp_path / "times.csv", "left_out": tmp_path / "left-out.csv"}
    inputs = {
        "runs": paths,
        "gate": tmp_path / "gate.json",
        "schema": ROOT / "schemas" / "times.schema.yaml",
    }
    recipe = {"epochs": 10, "batch_size": 125, "partial_batch": "keep", "images": 60000}
    params = {
        "runs": runs, "dataset": "MNIST", "steps": recipe,
        "timed_images": {"short": timed_images, "whole": 60000},
    }  # fmt: skip
    wildcards = {"framework": "keras", "recipe": "harmonised"}
    collect.main(job(input=inputs, output=output, params=params, wildcards=wildcards))
    return pd.read_csv(output["times"]), pd.read_csv(output["left_out"])


def test_a_row_for_each_timed_run(tmp_path):
    record = {"day": "2001-09-09", "lanes": 2, "disturbed": [], "train": TRAIN, "predict": PREDICT}
    table, left_out = collected(tmp_path, record)
    row = table.iloc[0]
    assert (row.framework, row.network, row.block, row.lanes) == ("keras", "tanh-3x100", 1, 2)
    assert (row.activation, row.hidden_layers, row.hidden_units) == ("tanh", 3, 100)
    assert row.day == "2001-09-09"
    # Epochs of 3, 2, 2.5 and 9 s, whatever the order in which they stand: 5.75 in the last half.
    # 480 steps are 3.75 times 128, so 33.5 more short epochs are to come.
    assert (row.timed_epochs, row.first_epoch_seconds) == (4, 3.0)
    assert row.epoch_seconds == pytest.approx(5.75 * 3.75)
    assert row.train_seconds == pytest.approx(16.5 + 33.5 * 5.75)
    assert pd.isna(row.measured_train_seconds)
    # The middle one of 0.2, 0.3 and 0.7.
    assert (row.predict_seconds, row.first_predict_seconds) == (0.3, 0.9)
    assert row.load_seconds == pytest.approx(0.25 * 3.75)
    assert (row.other_load, row.attempts, row.core) == (0.02, 1, 1)
    assert left_out.empty


def test_a_disturbed_run_is_in_a_log_of_its_own(tmp_path):
    disturbed = {"reason": "train: others used 40 % of its cores", "train": {}, "predict": {}}
    again = {
        "day": "2001-09-09",
        "lanes": 1,
        "disturbed": [disturbed],
        "train": TRAIN,
        "predict": PREDICT,
    }
    never = {"day": "2001-09-10", "lanes": 1, "disturbed": [disturbed] * 3}
    table, left_out = collected(tmp_path, again, never, {"left_out": "it differs."})
    assert list(table["attempts"]) == [2]
    assert list(left_out["block"]) == [1, 2, 2, 2, 2, 3]
    assert list(left_out["day"].fillna("")) == ["2001-09-09", *["2001-09-10"] * 4, ""]
    assert left_out["reason"].iloc[0] == "disturbed: train: others used 40 % of its cores"
    assert list(left_out["reason"].iloc[-2:]) == ["disturbed each time", "it differs."]


# --- disturbance


def record(load=0.0, gflops=100.0, wall=100.0):
    return {"other_load": load, "calibration_gflops": gflops, "wall_seconds": wall}


@pytest.mark.parametrize(
    ("train", "predict", "reason"),
    [
        (record(), record(), None),
        (record(load=0.05), record(), None),
        (record(load=0.06), record(), "train: others used 6 % of its cores"),
        (record(), record(load=0.5), "predict: others used 50 % of its cores"),
        # A quarter of a second is a quarter of a program of one second.
        (record(load=0.29, wall=1.0), record(), None),
        (record(load=0.31, wall=1.0), record(), "train: others used 31 % of its cores"),
        (record(gflops=76.0), record(), None),
        (record(), record(gflops=74.0), "predict: its cores reached 74 GFLOP/s just before, and"),
        (record(load=None), record(load=None), None),
    ],
)
def test_what_disturbs_a_timed_run(train, predict, reason):
    found = times_run.disturbance({"train": train, "predict": predict}, 100.0, 0.05)
    assert found is None if reason is None else found.startswith(reason)
    assert times_run.disturbance({"train": train, "predict": predict}, 100.0, None) is None


@pytest.mark.parametrize(
    ("loads", "attempts", "kept"), [([0.9, 0.0], 2, True), ([0.9, 0.8, 0.7, 0.0], 3, False)]
)
def test_a_disturbed_run_is_repeated_a_few_times(tmp_path, monkeypatch, loads, attempts, kept):
    left = iter(loads)
    monkeypatch.setattr(
        times_run,
        "once",
        lambda job, cores: {"train": record(load=next(left)), "predict": record()},
    )
    (tmp_path / "lanes.json").write_text('{"gflops": 100}')
    output = {name: tmp_path / name for name in ("model", "scores", "metrics")}
    times_run.main(
        job(
            input={"lanes": tmp_path / "lanes.json"},
            output=output,
            params={
                "left_out": None,
                "launch": {"train": {"threads": 1}},
                "disturbed_share": 0.05,
                "lanes": 2,
            },
        )
    )
    written = json.loads(output["metrics"].read_text())
    assert len(written["disturbed"]) + kept == attempts
    assert ("train" in written) is kept
    assert written["lanes"] == 2
    assert written["day"] == date.today().isoformat()


# --- lanes


def topology(folder, siblings, nodes):
    """Write what Linux says of a machine's cores: their siblings, and the node of each."""
    for core, (text, node) in enumerate(zip(siblings, nodes, strict=True)):
        path = folder / f"cpu/cpu{core}"
        (path / "topology").mkdir(parents=True)
        (path / "topology/thread_siblings_list").write_text(f"{text}\n")
        (path / f"node{node}").mkdir()
    return folder


def test_hyperthreads_count_once_and_nodes_apart(tmp_path):
    siblings = ["0,4", "1,5", "2-2,6", "3,7", "0,4", "1,5", "2,6", "3,7"]
    system = topology(tmp_path, siblings, [0, 0, 1, 1, 0, 0, 1, 1])
    assert lanes.physical_cores(set(range(8)), system) == [[0, 1], [2, 3]]
    # A process that may use a part of the machine has a part of its cores.
    assert lanes.physical_cores({1, 5, 6}, system) == [[1], [6]]
    # Where the system says nothing, each core counts.
    assert lanes.physical_cores({0, 3}, tmp_path / "nothing") == [[0, 3]]


def test_a_lane_is_of_one_node():
    nodes = [[0, 1, 2], [3, 4, 5]]
    assert lanes.groups(1, nodes) == [[2], [1], [0], [5], [4], [3]]
    assert lanes.groups(2, nodes) == [[1, 2], [4, 5]]
    assert lanes.groups(4, nodes) == [[2, 3, 4, 5]]
    with pytest.raises(InputError, match="compute_threads is 7, but this machine gives 6 cores"):
        lanes.groups(7, nodes)


def test_two_programs_never_have_one_core(tmp_path):
    """As many processes as there are lanes, and one more: it has to wait."""
    known = lanes.lanes(1)
    context = multiprocessing.get_context("spawn")
    queue, done = context.Queue(), context.Event()
    processes = [
        context.Process(target=hold, args=(str(tmp_path), queue, done))
        for _ in range(len(known) + 1)
    ]
    for process in processes:
        process.start()
    held = [tuple(queue.get(timeout=30)) for _ in known]
    assert sorted(held) == sorted(map(tuple, known))
    assert queue.empty()
    done.set()
    assert tuple(queue.get(timeout=30)) in held
    for process in processes:
        process.join(timeout=30)


# What a run measured on a machine where one core was disturbed from time to time.
DISTURBED = [-0.8, -0.7, 6.8, 3.4, 7.8, 1.8, -0.6, 2.6, 12.8, 1.7, 3.6, 2.7, 32.2, -0.5, -0.3, 0.7,
             7.9, 3.8, 1.2, -0.2, 22.2, -0.6, 0.3, 1.3, 58.2, 17.2, 18.2, 1.0, -3.3, 1.1, 1.9, -0.3,
             -0.5, 3.4, 0.7, 0.1]  # fmt: skip


def test_a_few_disturbed_trainings_do_not_decide_the_cost():
    """By hand: the median of 36, and the 13th and the 24th of them (Conover's table)."""
    pairs = zip(DISTURBED[::2], DISTURBED[1::2], strict=True)
    cells = [{"seconds": [1, 1 + a / 100, 1 + b / 100, 1]} for a, b in pairs]
    found = side_by_side.cost(cells)
    ordered = sorted(DISTURBED)
    assert found["n"] == 36
    assert found["cost"] == pytest.approx((ordered[17] + ordered[18]) / 200)
    assert found["cost"] < 0.015
    assert (found["low"], found["high"]) == pytest.approx((ordered[12] / 100, ordered[23] / 100))
    # Their mean is 5.8 %.
    assert sum(DISTURBED) / 36 > 5


@pytest.mark.parametrize(
    ("limit", "decided"), [(0.03, False), (0.09, True), (-0.01, True), (None, True)]
)
def test_the_cost_is_measured_again_if_its_interval_contains_the_limit(limit, decided):
    cells = [{"seconds": [1, 1 + a / 100, 1 + b / 100, 1]} for a, b in [(0, 1), (2, 8), (4, 5)]]
    found = side_by_side.cost(cells)
    # Of six values, the ends are the smallest and the largest.
    assert (found["low"], found["high"]) == pytest.approx((0.0, 0.08))
    assert side_by_side.is_decided(found, limit) is decided
    # Four ratios have no interval.
    found = side_by_side.cost(cells[:2])
    assert (found["low"], found["high"], found["n"]) == (None, None, 4)
    assert side_by_side.is_decided(found, limit) is (limit is None)


LANES = {"machine": machine(), "threads": 1, "lanes": 4, "cost": 0.02}


def lanes_of(folder, asked, *, threads=1, measured=None, **how):
    """Return the number of lanes, with a file of what was measured and a limit of 3 %."""
    path = folder / "lanes.json"
    path.write_text(json.dumps({**LANES, **(measured or {})}))
    measurement = {"lanes": asked, "side_by_side": {"limit": 0.03}}
    return lane_count({"compute_threads": threads, "measurement": measurement}, path, **how)


@pytest.mark.parametrize(
    ("asked", "threads", "measured", "alike", "expected"),
    [
        # The configuration's number, as far as there are cores: eight here.
        (2, 1, {}, True, 2),
        (16, 1, {}, True, 8),
        (4, 4, {}, True, 2),
        # The number of physical cores that was measured, if the cost is at most the limit, 3 %.
        ("auto", 1, {}, True, 4),
        ("auto", 1, {"cost": 0.03}, True, 4),
        ("auto", 1, {"cost": 0.031}, True, 1),
        # Nothing was tried, or it was tried with another number of threads.
        ("auto", 1, {"cost": None}, True, 1),
        ("auto", 2, {}, True, 1),
        # Another processor counts only where we assume that all machines are alike.
        ("auto", 1, {"machine": {**machine(), "processor": "another"}}, False, 1),
        ("auto", 1, {"machine": {**machine(), "processor": "another"}}, True, 4),
    ],
)
def test_how_many_programs_are_timed_side_by_side(
    tmp_path, asked, threads, measured, alike, expected
):
    found = lanes_of(tmp_path, asked, threads=threads, measured=measured, cores=8, alike=alike)
    assert found == expected


@pytest.mark.parametrize(("asked", "expected"), [("auto", 4), (2, 2), (16, 4)])
def test_the_job_of_a_cluster_takes_the_number_of_lanes_from_the_measurement(
    tmp_path, asked, expected
):
    assert lanes_of(tmp_path, asked, cores=None, alike=True) == expected


def test_a_calibration_leaves_no_threads_that_spin_on_the_measured_cores():
    """Snakemake tells a job that has all cores to use as many threads."""
    program = """
import os, subprocess
from launcher.machine import calibrate
core = [max(os.sched_getaffinity(0))]
calibrate(core, repeats=1)
# Like a program that is timed: OpenBLAS starts its threads again after a fork.
subprocess.run(["true"], preexec_fn=lambda: None)
calibrate(core, repeats=1)
print(len(os.listdir("/proc/self/task")))
"""
    variables = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    variables |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "2")
    done = subprocess.run(
        [sys.executable, "-c", program], env=variables, capture_output=True, text=True
    )
    assert done.stdout == "1\n", done.stderr


# --- efficiency


def test_the_core_seconds_of_programs(tmp_path):
    def write(path, text):
        path = tmp_path / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    write("runs/numpy/train.log", "    1.500  ready\n[program: 2.000 s, cores: 1]\n")
    # A disturbed run is repeated.
    write("times/numpy/1.log", 2 * "[program: 2.000 s, cores: 1]\n")
    old = write("threads/numpy/train.log", "[program: 2.000 s, cores: 2]\n")
    # Neither a compiler nor what a program prints of itself counts.
    write("builds/candle.log", "[program: 90.000 s, cores: 1]\n")
    write("runs/numpy/predict.log", "    0.100  [program: 9.000 s, cores: 1]\n")
    assert program_seconds(tmp_path) == 2 + 4 + 4
    os.utime(old, (1e9, 1e9))
    assert program_seconds(tmp_path, since=1e9 + 1) == 6
    # Six core seconds of two cores for ten seconds.
    assert last_run(tmp_path, 10.0, 2, 5) == {
        "seconds": 10.0, "cores": 2, "steps": 5, "program_core_seconds": 6, "share": 0.3,
    }  # fmt: skip


def test_settings_of_both_programs_come_from_the_rule(tmp_path, monkeypatch):
    """A store stands in for the files of the images, one for each program."""
    told = {}

    def measure(role, job, paths, settings, written, cores):
        told[role] = {**paths, **settings}
        return {"model_sha256": "m"}

    monkeypatch.setattr(times_run, "measure", measure)
    monkeypatch.setattr(times_run, "check_unchanged", lambda *_: None)
    described = job(
        input={"train_store": "a", "test_store": "b", "weights": "w"},
        output={"model": "m", "scores": "s"},
        params={"settings": {"train": {"epochs": 8}, "predict": {"repeats": 5}}},
    )
    times_run.once(described, None)
    assert told == {
        "train": {"store": "a", "initial_weights": "w", "model": "m", "epochs": 8},
        "predict": {"store": "b", "model": "m", "scores": "s", "repeats": 5},
    }
    plain = SimpleNamespace(**vars(described))
    plain.input = job(
        input={"train_images": "i", "train_labels": "l", "test_images": "t", "weights": "w"}
    ).input
    times_run.once(plain, None)
    assert told["train"]["train_images"] == "i"
    assert "test_images" not in told["train"]
    assert told["predict"]["test_images"] == "t"
    assert "train_labels" not in told["predict"]
