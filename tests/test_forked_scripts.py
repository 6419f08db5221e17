"""Scripts run in forks of one Python: what a script finds there, and how it fails."""

import json

import pytest
from tiny import ROOT, snakemake

SNAKEFILE = """\
import sys
sys.path.insert(0, "{scripts}")
from common import forked_scripts

onstart:
    forked_scripts.use("{scripts}")

rule all:
    input: expand("{{number}}.json", number=range(6))

rule one:
    output: "{{number}}.json"
    params: fails={fails}
    threads: 2
    script: "tell.py"
"""
# Pandas is imported by nobody here. Each script would find what another has left in a module.
TELL = """\
import json, os, sys
import shared.script
pandas = "pandas" in sys.modules
if snakemake.params.fails == snakemake.wildcards.number:
    sys.exit("error: this one fails.")
left = getattr(shared.script, "left", None)
shared.script.left = snakemake.wildcards.number
import numpy, threadpoolctl
told = {
    "number": snakemake.wildcards.number, "pandas": pandas, "left": left, "parent": os.getppid(),
    "folder": os.getcwd(), "temporary": os.environ["TMPDIR"],
    "threads": [library["num_threads"] for library in threadpoolctl.threadpool_info()],
}
with open(snakemake.output[0], "w") as file:
    json.dump(told, file)
"""


@pytest.fixture
def folder(tmp_path):
    def make(fails="None"):
        (tmp_path / "Snakefile").write_text(SNAKEFILE.format(scripts=ROOT / "scripts", fails=fails))
        (tmp_path / "tell.py").write_text(TELL)
        return tmp_path

    return make


def run(folder, check=True, **variables):
    flags = ["--cores", "2", "--keep-going", "--default-resources", f"tmpdir='{folder}'"]
    return snakemake(*flags, folder=folder, check=check, **variables)


def told(folder):
    """Return what the scripts have told, in the order of their numbers."""
    return [json.loads(path.read_text()) for path in sorted(folder.glob("?.json"))]


def test_scripts_are_forks_that_know_nothing_of_each_other(folder):
    place = folder()
    run(place)
    found = told(place)
    assert [each["number"] for each in found] == list("012345")
    # One server has imported pandas for all.
    assert {each["pandas"] for each in found} == {True}
    assert len({each["parent"] for each in found}) == 1
    assert {each["left"] for each in found} == {None}
    assert {(each["folder"], each["temporary"]) for each in found} == {(str(place), str(place))}
    assert {threads for each in found for threads in each["threads"]} == {2}


def test_a_script_that_fails_fails_its_job_alone(folder):
    place = folder(fails='"3"')
    process = run(place, check=False)
    assert process.returncode == 1
    assert "error: this one fails." in process.stdout
    assert [each["number"] for each in told(place)] == list("01245")


def test_without_a_place_for_the_servers_socket_scripts_run_in_new_pythons(folder):
    place = folder()
    # The path of a socket has at most 107 characters.
    long = place / ("x" * 100)
    long.mkdir()
    run(place, TMPDIR=long)
    found = told(place)
    assert {each["pandas"] for each in found} == {False}
