"""The calm terminal: what it shows of Snakemake's lines, and what it says is left."""

import logging
from types import SimpleNamespace

import pytest
from common.progress import Estimate, Terminal, duration, last_lines, quiet


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (89.4, "89 s"), (90, "2 min"), (3540, "59 min"), (3600, "1 h 00 min"),
     (6600, "1 h 50 min")],
)  # fmt: skip
def test_durations_are_said_as_people_say_them(seconds, said):
    assert duration(seconds) == said


def test_the_estimate_follows_what_was_measured():
    """Four trainings of two frameworks on two cores: by hand at each step."""
    estimate = Estimate([("train", "a")] * 2 + [("train", "b")] * 2, cores=2)
    # Nothing is measured: 6 s each, side by side.
    assert estimate.remaining() == 4 * 6 / 2
    estimate.finish(("train", "a"), 30.0, threads=1)
    # 30 s for the other one of a; b is only known to be a training, too.
    assert estimate.remaining() == 3 * 30 / 2
    estimate.finish(("train", "b"), 2.0, threads=1)
    assert estimate.remaining() == (30 + 2) / 2
    estimate.finish(("train", "a"), 40.0, threads=1)
    estimate.finish(("train", "b"), 2.0, threads=1)
    assert estimate.remaining() == 0


def test_a_job_that_takes_all_cores_counts_for_all():
    estimate = Estimate([("train", "a")] * 2, cores=4)
    estimate.finish(("train", "a"), 10.0, threads=4)
    assert estimate.remaining() == 10
    # More threads than cores are scaled down.
    estimate = Estimate([("train", "a")] * 2, cores=4)
    estimate.finish(("train", "a"), 10.0, threads=8)
    assert estimate.remaining() == 10


@pytest.fixture
def terminal():
    """A terminal with the lines that it has shown, and a function that logs as Snakemake does."""
    logger = logging.getLogger("test_progress")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    shown = []
    handler = logging.Handler()
    handler.name = "DefaultStreamHandler"
    handler.emit = lambda record: shown.append(record.getMessage())
    logger.handlers = [handler]
    found = quiet(logger, {"train": "runs", "predict": "runs", "summary": "tables"})
    assert isinstance(found, Terminal)

    def log(message, level=logging.INFO, event=None, **more):
        extra = {"event": SimpleNamespace(value=event)} if event else {}
        logger.log(level, message, extra={**extra, **more})

    return found, shown, log


def start(log, number, rule, **wildcards):
    log(None, event="job_info", jobid=number, rule_name=rule, wildcards=wildcards, threads=1)


def test_only_what_a_user_wants_to_read_is_shown(terminal):
    _, shown, log = terminal
    log("Select jobs to execute...")
    log("3 of 4 steps (75%) done", event="progress")
    log("Execute 2 jobs...", event="job_started")
    log("Nothing to be done (all requested files are present and up to date).")
    log("Skipping Caffe 1.0: mmdebstrap is missing", logging.WARNING)
    log("RuleException:\nCalledProcessError in file runs.smk, line 3:\nCommand", logging.ERROR)
    log("Error in rule train", logging.ERROR, event="job_error")
    assert shown == [
        "Nothing to be done (all requested files are present and up to date).",
        "Skipping Caffe 1.0: mmdebstrap is missing",
        "Error in rule train",
    ]


def test_a_stage_is_named_once_with_the_time_that_is_left(terminal):
    found, shown, log = terminal
    found.begin([("train", "numpy"), ("predict", "numpy"), ("summary", "")], cores=1)
    start(log, 1, "train", framework="numpy")
    log("Finished", event="job_finished", job_id=1)
    start(log, 2, "predict", framework="numpy")
    log("Finished", event="job_finished", job_id=2)
    start(log, 3, "summary")
    # 6 + 0.5 + 0.3 s at the start; what was done took no time, and 0.3 s are left in the end.
    assert shown[0].startswith("3 steps on 1 core: about 7 s. ")
    assert shown[1:] == ["[0 s] Stage runs, about 7 s left", "[0 s] Stage tables, about 0 s left"]


def test_the_last_lines_say_what_was_skipped_and_where_the_result_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    results = tmp_path / "results"
    (results / "tables").mkdir(parents=True)
    (results / "tables" / "left-out-runs.csv").write_text(
        "framework,recipe,network,seed,reason\ncaffe,brief,tanh-1x100,1,cannot shuffle\n"
    )
    skipped, labels = {"torch7": "th is missing."}, {"torch7": "Torch7", "caffe": "Caffe 1.0"}
    expected = [
        "Caffe 1.0 was not run with brief (1 run): cannot shuffle",
        "Torch7 was skipped: th is missing.",
        "Done in 2 min.",
    ]
    last = {"seconds": 100, "share": 0.0}
    assert last_lines(results, skipped, labels, last) == expected
    (results / "report.html").touch()
    expected[-1] = "Done in 2 min. Open results/report.html."
    assert last_lines(results, skipped, labels, last) == expected
    (results / "index.html").touch()
    expected[-1] = (
        "Done in 2 min. Open results/index.html. "
        "How each result was made is in results/report.html."
    )
    assert last_lines(results, skipped, labels, last) == expected
    told = last_lines(results, skipped, labels, {"seconds": 100, "share": 0.873})
    assert told[-2] == "Framework programs took 87 % of the cores' time."
