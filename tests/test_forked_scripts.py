"""Scripts run in forks of one Python: what a script finds there, and how it fails."""

import json

import pytest
from tiny import ROOT, snakemake

pytestmark = pytest.mark.slow

SNAKEFILE = """\
import sys
sys.path.insert(0, "{scripts}")
from common import forked_scripts

onstart:
    {first}
    forked_scripts.use({{"PYTHONPATH": "{scripts}"}})

rule all:
    input: expand("{{number}}.json", number=range(6))

rule one:
    output: "{{number}}.json"
    params: fails={fails}
    threads: 1
    script: "tell.py"

rule trained:
    output: "{{how}}-trained.txt"
    params:
        launch=lambda wildcards: {{"train": {{"timed": wildcards.how == "timed"}}}},
        fails=None
    script: "tell.py"
"""
# The script does not import pandas. A fork has it already, but nothing that another script has left
# in a module.
TELL = """\
import json, os, sys, tempfile
import shared.script
pandas = "pandas" in sys.modules
number = dict(snakemake.wildcards.items()).get("number")
if number and snakemake.params.fails == number:
    sys.exit("error: this one fails.")
left = getattr(shared.script, "left", None)
shared.script.left = number
import numpy, threadpoolctl
told = {
    "number": number, "pandas": pandas, "left": left, "parent": os.getppid(),
    "folder": os.getcwd(), "temporary": tempfile.gettempdir(), "variables": dict(os.environ),
    "arguments": len(sys.argv),
    "threads": [library["num_threads"] for library in threadpoolctl.threadpool_info()],
}
with open(snakemake.output[0], "w") as file:
    json.dump(told, file)
"""


@pytest.fixture
def folder(tmp_path):
    def make(fails="None", first="pass"):
        names = {"scripts": ROOT / "scripts", "fails": fails, "first": first}
        (tmp_path / "Snakefile").write_text(SNAKEFILE.format(**names))
        (tmp_path / "tell.py").write_text(TELL)
        return tmp_path

    return make


def run(folder, *targets, check=True):
    flags = ["--cores", "2", "--keep-going", "--default-resources", f"tmpdir='{folder}'"]
    return snakemake(*flags, "--", *targets, folder=folder, check=check)


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
    assert {(each["folder"], each["arguments"]) for each in found} == {(str(place), 1)}
    assert {each["temporary"] for each in found} == {str(place)}
    for each in found:
        assert set(each["threads"]) == {1} and each["variables"]["OMP_NUM_THREADS"] == "1"
        # The server has imported threadpoolctl, which sets this.
        assert "KMP_DUPLICATE_LIB_OK" not in each["variables"]


def test_a_script_that_times_a_program_is_no_fork(folder):
    """Linux counts the memory of the process that starts a program as the program's own."""
    place = folder()
    names = ["timed-trained.txt", "untimed-trained.txt"]
    run(place, *names)
    found = [json.loads((place / name).read_text()) for name in names]
    assert [each["pandas"] for each in found] == [False, True]


def test_a_script_that_fails_fails_its_job_alone(folder):
    place = folder(fails='"3"')
    process = run(place, check=False)
    assert process.returncode == 1
    assert "error: this one fails." in process.stdout
    assert [each["number"] for each in told(place)] == list("01245")


@pytest.mark.parametrize(
    "first",
    [
        "forked_scripts.forkserver.ensure_running = lambda: open('/none/such')",
        # A package that raises something when it is imported.
        "open('broken.py', 'w').write('1 / 0'); sys.path.insert(0, '.');"
        " forked_scripts.PACKAGES.append('broken')",
    ],
)
def test_without_a_server_scripts_run_in_new_pythons(folder, first):
    place = folder(first=first)
    run(place, "0.json", "1.json")
    assert [(each["number"], each["pandas"]) for each in told(place)] == [
        ("0", False),
        ("1", False),
    ]
