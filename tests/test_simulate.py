"""The simulation of a run with other numbers of cores, on jobs whose schedule is known by hand."""

import base64
import json

import pytest
from maintenance.simulate import Finished, lines, read_jobs, simulate
from shared.script import InputError


def test_independent_jobs_share_the_cores():
    jobs = [Finished("train", 3.0) for _ in range(4)]
    assert [simulate(jobs, cores) for cores in (1, 2, 3, 4, 8)] == [12, 6, 6, 3, 3]


def test_a_job_waits_for_what_it_needs():
    jobs = [Finished("train", 3.0), Finished("score", 1.0, {0}), Finished("figure", 5.0)]
    # 0 and 2 at once, then 1.
    assert simulate(jobs, 2) == 5
    assert simulate(jobs, 1) == 9


def test_timed_runs_come_last_and_some_jobs_take_all_cores():
    jobs = [Finished("time_run", 4.0), Finished("train_with_threads", 2.0), Finished("train", 1.0)]
    # The training with threads has the machine; then the other two side by side.
    assert simulate(jobs, 2) == 6
    # A timed run does not begin before the training, though it could.
    assert simulate([Finished("time_run", 4.0), Finished("train", 1.0)], 1) == 5
    jobs = [Finished("time_run", 4.0), Finished("train", 1.0), Finished("score", 1.0, {1})]
    assert simulate(jobs, 1) == 6


def test_what_snakemake_recorded(tmp_path):
    def record(output, rule, start, end, needs=()):
        name = base64.b64encode(output.encode()).decode()
        content = {"rule": rule, "log": [f"{rule}.log"], "starttime": start, "endtime": end}
        (tmp_path / name).write_text(json.dumps(content | {"input": list(needs)}))

    # Two outputs of one job, which Snakemake starts to write one after the other, a job that needs
    # one of them, one that has not ended, and one behind another page.
    record("a.csv", "table", 10.0, 70.0, ["reference.csv"])
    record("a.md", "table", 10.0001, 70.0, ["reference.csv"])
    record("page.html", "page", 70.0, 190.0, ["a.csv"])
    record("b.svg", "other", 70.0, None)
    record("quick.html", "page_of_another", 70.0, 80.0, ["a.csv"])
    jobs = read_jobs(tmp_path, "page.html")
    assert sorted((job.rule, job.seconds, len(job.needs)) for job in jobs) == [
        ("page", 120.0, 1),
        ("table", 60.0, 0),
    ]
    assert list(lines(jobs, [1, 8]))[2:] == ["| 1 | 3 |", "| 8 | 3 |"]


def test_a_folder_without_a_record_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match=r"no record of page\.html; run `snakemake --cores 8`"):
        read_jobs(tmp_path, "page.html")
