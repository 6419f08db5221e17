"""The profile for SLURM; where there is a SLURM and its plugin, a run on it (docs/cluster.md)."""

import importlib.util
import json
import re
import shutil
import socket
import subprocess

import pytest
import yaml
from conftest import ROOT, snakemake
from test_workflow import copy_workflow, share_environments

PROFILE = yaml.safe_load((ROOT / "profiles" / "slurm" / "config.yaml").read_text())


def slurm_is_here():
    plugin = importlib.util.find_spec("snakemake_executor_plugin_slurm")
    if plugin is None or shutil.which("sinfo") is None:
        return False
    states = subprocess.run(["sinfo", "--noheader", "-o", "%t"], capture_output=True, text=True)
    return states.returncode == 0 and "idle" in states.stdout


def test_the_profile_names_rules_that_there_are():
    rules = "\n".join(path.read_text() for path in (ROOT / "rules").glob("*.smk"))
    known = set(re.findall(r"^rule (\w+):", rules, re.MULTILINE))
    assert set(PROFILE["groups"]) <= known
    assert set(PROFILE["group-components"]) <= set(PROFILE["groups"].values())


@pytest.mark.skipif(
    not slurm_is_here(), reason="needs a SLURM with an idle node of two CPUs, and the plugin"
)
def test_a_timed_run_on_slurm_is_one_job_and_names_its_node(environments, tmp_path):
    folder = copy_workflow(tmp_path / "workflow")
    share_environments(folder)
    tiny = json.loads((folder / "tiny.json").read_text())
    only = {"frameworks": ["numpy"], "networks": ["tanh-1x100"]}
    tiny["experiments"]["harmonised"] |= only
    tiny["experiments"]["times"] |= only
    tiny["measurement"]["lanes"] = 2
    (folder / "tiny.json").write_text(json.dumps(tiny))
    cluster = ["--profile", "profiles/slurm", "--cores", "2", "--slurm-no-account"]
    cluster += ["--slurm-status-command", "squeue", "--seconds-between-status-checks", "5"]
    table = "results/tables/times.csv"
    process = snakemake(table, *cluster, "--configfile", "tiny.json", folder=folder)
    submitted = re.findall(r"slurm_logs/(\w+)/\S*\.log\)", process.stdout)
    assert [name for name in submitted if "time_run" in name] == ["rule_time_run"]
    run = folder / "results" / "times" / "numpy" / "harmonised" / "short" / "tanh-1x100" / "1"
    record = json.loads((run / "times.json").read_text())
    # Of the node: the job itself has one CPU.
    assert record["lanes"] == 2
    for role in ("train", "predict"):
        assert record[role]["timed"]
        assert record[role]["machine"]["node"] == socket.gethostname()
