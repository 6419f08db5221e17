"""The drawing in README.md is the workflow's."""

import os
import re

import pytest
from tiny import ROOT, snakemake

# Not drawn, because everything runs in an environment and is requested by the Snakefile.
UNDRAWN = {"environments", "builds", "Snakefile"}


def arrows_between_stages():
    """Return what Snakemake itself finds: pairs of stages, which are the files in rules/.

    The profile `reference` has all stages.
    """
    stage_of = {"all": "Snakefile"}
    for path in (ROOT / "rules").glob("*.smk"):
        for name in re.findall(r"^ *rule (\w+)|^use rule \w+ as (\w+)", path.read_text(), re.M):
            stage_of["".join(name)] = path.stem
    result = snakemake("--cores", "2", "--profile", "profiles/reference", "--rulegraph", "dot")
    rules = dict(re.findall(r'^\s*(\d+)\[label = "(\w+)', result.stdout, re.M))
    # The paper's figures are made in a loop.
    stages = {
        number: stage_of.get(name, re.sub(r"^figure_\d+$", "figures", name))
        for number, name in rules.items()
    }
    found = re.findall(r"^\s*(\d+) -> (\d+)", result.stdout, re.M)
    return {(stages[a], stages[b]) for a, b in found if stages[a] != stages[b]}


def reachable(arrows):
    """Return all pairs that a way along the arrows joins."""
    ways = set(arrows)
    while longer := {(a, d) for a, b in ways for c, d in arrows if b == c} - ways:
        ways |= longer
    return ways


@pytest.mark.slow
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="with one core nothing is sped up")
def test_the_stages_and_arrows_of_the_readme_are_those_of_the_rules():
    drawing = re.search(r"```mermaid\n(.*?)```", (ROOT / "README.md").read_text(), re.S)[1]
    drawn = set(re.findall(r"^ *(\w+)(?:\[.*?\])? --> (\w+)", drawing, re.M))
    needed = arrows_between_stages()
    assert drawn <= needed
    # The drawing may omit short cuts along other arrows, and the stores that are made with the
    # runs.
    missing = {pair for pair in needed if not UNDRAWN & set(pair)} - reachable(drawn)
    assert missing <= {("runs", "equivalence"), ("data", "figures")}
    # Four have no rule. Nothing needs `publish`, and `rejudge` takes the place of others.
    apart = {"configuration", "common", "programs", "scripts", "publish", "rejudge"}
    stages = {path.stem for path in (ROOT / "rules").glob("*.smk")} - apart
    assert {stage for arrow in drawn for stage in arrow} == stages - UNDRAWN
