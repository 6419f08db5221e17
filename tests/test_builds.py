"""The build step: a framework in C, compiled by the workflow, goes through its gate and runs."""

import csv
import json
import re
import shutil
from pathlib import Path

import pytest
from builds import build
from builds.build import copy_sources
from conftest import describe
from rule_scripts import job
from shared import descriptions
from shared.script import InputError
from tiny import FLAGS, ROOT, copy_workflow, edit, jobs, own_python, share_environments, snakemake

ENVIRONMENT = "name: compiled\nchannels: [conda-forge, nodefaults]\ndependencies: [gcc=14.3.0]\n"
VERSIONS = "versions.json"
PARTS = "programs: {gcc: install a C compiler}\n"


def add_compiled(folder):
    """Add a framework in C to a copy of the workflow, as CONTRIBUTING.md says."""
    shutil.copytree(ROOT / "tests" / "compiled", folder / "scripts" / "frameworks" / "compiled")
    (folder / "envs" / "compiled.yaml").write_text(ENVIRONMENT)
    (folder / "envs" / "compiled.parts").write_text(PARTS)
    tiny = json.loads((folder / "tiny.json").read_text())
    tiny["frameworks"] = ["numpy", "compiled"]
    for experiment in ("harmonised", "times"):
        del tiny["experiments"][experiment]["frameworks"]
    (folder / "tiny.json").write_text(json.dumps(tiny))


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """A workflow in which NumPy and the framework in C have run; what it said in the terminal."""
    folder = copy_workflow(tmp_path_factory.mktemp("compiled") / "workflow")
    shared = tmp_path_factory.mktemp("environments")
    own_python(shared)
    share_environments(folder, shared)
    add_compiled(folder)
    snakemake(*FLAGS, folder=folder)
    return folder


def rows(folder, table):
    """Return the framework's rows of a table."""
    with (folder / "results" / "tables" / f"{table}.csv").open(newline="") as file:
        return [row for row in csv.DictReader(file) if row["framework"] == "compiled"]


@pytest.mark.slow
def test_a_compiled_framework_passes_its_gate_and_is_in_every_table(compiled):
    gate = compiled / "results" / "equivalence" / "compiled" / "harmonised" / "gate.json"
    assert json.loads(gate.read_text()) == {"left_out": None}
    accuracies = {row["network"]: float(row["accuracy"]) for row in rows(compiled, "runs")}
    assert set(accuracies) == {"tanh-1x100", "relu-1x64"}
    # After one epoch.
    assert min(accuracies.values()) > 0.85
    [timed] = rows(compiled, "times")
    assert timed["network"] == "relu-1x64"
    [counted] = rows(compiled, "lines-of-code")
    source = (ROOT / "tests" / "compiled" / "network.c").read_text()
    assert (counted["language"], counted["files"]) == ("C", "1")
    assert int(counted["physical_lines"]) == source.count("\n")


@pytest.mark.slow
def test_its_compiler_is_in_the_table_of_environments(compiled):
    [row] = rows(compiled, "environments")
    assert re.match(r"gcc .*\d+\.\d+", row["runtime"])
    assert row["library"] == "loops"


@pytest.mark.slow
def test_it_is_compiled_again_for_its_sources_alone(compiled):
    assert jobs(compiled) == {}
    sources = compiled / "scripts" / "frameworks" / "compiled"
    edit(sources / "framework.yaml", "label: Plain C", "label: C alone")
    assert "build" not in jobs(compiled)
    assert "train" not in jobs(compiled)
    edit(sources / "network.c", "tests of the build step", "tests of a build")
    due = jobs(compiled)
    assert due["build"] == 1
    # Its gate and its networks; none of NumPy's.
    assert due["equivalence_train"] == 1
    assert due["train"] == due["predict"] == 2
    assert due["time_run"] == due["audit"] == 1
    edit(sources / "network.c", "tests of a build", "tests of the build step")
    edit(sources / "framework.yaml", "label: C alone", "label: Plain C")
    assert jobs(compiled) == {}


@pytest.mark.slow
def test_a_build_that_is_made_anew_reruns_nothing(compiled):
    """As docs/reruns.md says, if it is made by a call of its own."""
    built = compiled / "resources" / "builds" / "compiled"
    shutil.rmtree(built)
    snakemake("environments", *FLAGS, folder=compiled)
    assert (built / "network").exists()
    assert jobs(compiled) == {}


@pytest.mark.slow
def test_nothing_is_written_beside_the_sources(compiled):
    there = {path.name for path in (compiled / "scripts/frameworks/compiled").iterdir()}
    assert there == {path.name for path in (ROOT / "tests" / "compiled").iterdir()}


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Return a function that runs the script of a build; it returns the folder of the build."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "environment.json").write_text(json.dumps({"path": ["/usr/bin", "/bin"]}))
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "words.txt").write_text("compiled\n")

    def run(command, *versions):
        folder = tmp_path / "built"
        folder.mkdir()
        (folder / "of-another-build").touch()
        build.main(
            job(
                input={
                    "files": ["sources/words.txt"],
                    "environment": tmp_path / "environment.json",
                },
                output=[folder / VERSIONS],
                params={
                    "build": {"command": command, "versions": versions},
                    "program": {"commands": {}, "milestones": {}},
                    "sources": Path("sources"),
                    "limits": {"seconds": 30, "gib": None},
                },
            )
        )
        return folder

    return run


def test_a_build_works_on_a_copy_of_its_sources(start, tmp_path):
    folder = start("sh -c 'tr a-z A-Z < words.txt > made'", "echo one 1.0", "cat made")
    assert (folder / "made").read_text() == "COMPILED\n"
    assert not (folder / "of-another-build").exists()
    assert json.loads((folder / VERSIONS).read_text()) == ["one 1.0", "COMPILED"]
    assert [path.name for path in (tmp_path / "sources").iterdir()] == ["words.txt"]


def test_a_build_finds_the_folder_of_its_environment(start, tmp_path):
    folder = start("sh -c 'echo {environment} > made'", "echo 1")
    assert (folder / "made").read_text() == f"{tmp_path}\n"


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("sh -c 'echo no such header; exit 1'", "failed with exit status 1.*no such header"),
        ("no-such-compiler words.txt", "'no-such-compiler' is not in the environment"),
    ],
)
def test_a_build_that_fails(start, command, sentence, tmp_path):
    with pytest.raises(InputError, match=re.compile(sentence, re.DOTALL)):
        start(command, "echo 1")
    assert not (tmp_path / "built" / VERSIONS).exists()


@pytest.mark.parametrize("command", ["true", "sh -c 'echo unknown option >&2; exit 1'"])
def test_a_version_that_cannot_be_had(start, command):
    with pytest.raises(InputError, match=r"build\.versions in a framework\.yaml, tells no version"):
        start("true", command)


def test_sources_keep_their_folders(tmp_path):
    (tmp_path / "mine" / "src").mkdir(parents=True)
    (tmp_path / "mine" / "src" / "main.c").write_text("int main;\n")
    copy_sources([tmp_path / "mine/src/main.c"], tmp_path / "mine", tmp_path / "copy")
    assert (tmp_path / "copy" / "src" / "main.c").read_text() == "int main;\n"


def test_a_description_names_what_its_build_needs(tmp_path):
    program = {"command": "x", "files": ["main.c"]}
    built = {"command": "make", "files": ["Makefile"], "versions": ["cc --version"]}
    path = describe(tmp_path, "mine", build=built, train=program, predict=program)
    with pytest.raises(InputError) as error:
        descriptions.read(path)
    assert str(error.value) == (
        f"{path}: build.files: {path.parent}/Makefile does not exist; correct the list."
    )
    (path.parent / "Makefile").touch()
    (path.parent / "main.c").touch()
    found = descriptions.source_files(path, descriptions.read(path))
    assert [file.name for file in found] == ["Makefile", "main.c"]
