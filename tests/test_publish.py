"""What is published: its bytes, its description for other programs, and that it can be run again.

The tiny workflow is published for real, from a Git repository of its own.
"""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from environments.files import read_environment_file
from publish import archive as publish
from publish import ro_crate
from shared.script import InputError
from tiny import (
    EXPERIMENTS,
    FLAGS,
    FRAMEWORKS,
    NETWORKS,
    ROOT,
    TINY,
    copy_finished,
    copy_workflow,
    git,
    share_environments,
    snakemake,
)

# The validator of the people behind RO-Crate, in an environment of its own: it needs another
# version of a package that the workflow's environment pins.
VALIDATOR = ["uv", "tool", "run", "--from", "roc-validator==0.13.0", "rocrate-validator"]
# What the terms of the description mean, for the validator without a network; from the
# specification, and no term more than the description has.
SCHEMA = """
    about actionStatus additionalType agent author creator datePublished description
    encodingFormat endTime exampleOfWork hasPart instrument keywords license mainEntity mentions
    name object programmingLanguage publisher result startTime subjectOf url value version
    workExample ComputerLanguage CreateAction CreativeWork Dataset Organization Person PropertyValue
    SoftwareSourceCode
"""
CONTEXT = {
    **{term: f"http://schema.org/{term}" for term in SCHEMA.split()},
    "File": "http://schema.org/MediaObject",
    "conformsTo": "http://purl.org/dc/terms/conformsTo",
    "ComputationalWorkflow": "https://bioschemas.org/ComputationalWorkflow",
    "FormalParameter": "https://bioschemas.org/FormalParameter",
    "input": "https://bioschemas.org/ComputationalWorkflow#input",
    "output": "https://bioschemas.org/ComputationalWorkflow#output",
}
# Before any environment was built: a checkout's files are not newer than these.
DATE = "2026-01-02T03:04:05+00:00"


def commit(folder):
    """Make a folder a Git repository with one commit of all that is not ignored; return it."""
    git("init", "--quiet", folder=folder)
    git("add", ".", folder=folder)
    dates = {"GIT_AUTHOR_DATE": DATE, "GIT_COMMITTER_DATE": DATE}
    git("commit", "--quiet", "--message=tiny", folder=folder, **dates)
    return git("rev-parse", "HEAD", folder=folder).strip()


@pytest.fixture(scope="module")
def published(finished, tmp_path_factory):
    """The finished tiny workflow, its commit, and its archive."""
    folder = copy_finished(finished, tmp_path_factory.mktemp("published") / "workflow")
    revision = commit(folder)
    output = snakemake("publish", *FLAGS, folder=folder).stdout
    # The run was finished: nothing but the archive is made.
    assert "\n1 step on " in output
    return folder, revision, folder / "results" / "archive.zip"


@pytest.fixture
def unpacked(published, tmp_path):
    """The archive, unpacked into an empty folder: with the times of its files, as unzip does it."""
    with zipfile.ZipFile(published[2]) as archive:
        for info in archive.infolist():
            seconds = datetime(*info.date_time).timestamp()
            os.utime(archive.extract(info, tmp_path / "unpacked"), (seconds, seconds))
    return tmp_path / "unpacked"


def test_the_same_run_gives_the_same_bytes(published):
    folder, _, archive = published
    before = archive.read_bytes()
    archive.unlink()
    snakemake("publish", *FLAGS, folder=folder)
    assert archive.read_bytes() == before


# An experiment after all others of the configuration, whose name would be the first of all.
SMALLEST = {
    "experiments": {
        **{name: {"enabled": False} for name in EXPERIMENTS},
        "harmonised": {
            "networks": ["relu-1x64"], "seeds": [1], "frameworks": ["numpy"],
            "fewer": None,
        },
        "aside": {
            "purpose": "comparison", "frameworks": ["numpy"],
            "networks": ["relu-1x64"],
            "recipes": ["deeplearning4j-0.4-2016"], "seeds": [1],
        },
    },
    "speedup": {"enabled": False},
    "recipes": {"harmonised": {"epochs": 1}, "deeplearning4j-0.4-2016": {"epochs": 1}},
    # The audit waits for a trial of timing side by side, which is short in this.
    "measurement": TINY["measurement"],
}  # fmt: skip


def inputs(folder, configuration):
    """Return the input files of each job with a configuration, in the order that its script has."""
    flags = ["--dry-run", "--forceall", "--workflow-profile", "none", "--cores", "1"]
    output = snakemake("results", *flags, "--configfile", configuration, folder=folder).stdout
    return {line for line in output.splitlines() if line.startswith("    input: ")}


def test_one_call_gives_the_bytes_that_later_calls_give(environments, tmp_path):
    """From nothing to the archive at once; then again, when everything is there."""
    folder = copy_workflow(tmp_path / "workflow")
    share_environments(folder)
    (folder / "tiny.json").write_text(json.dumps(SMALLEST))
    commit(folder)
    snakemake("publish", *FLAGS, folder=folder)
    archive = folder / "results" / "archive.zip"
    before = archive.read_bytes()
    # An unchanged run is published already.
    assert "Nothing to be done" in snakemake("publish", *FLAGS, folder=folder).stdout
    archive.unlink()
    output = snakemake("publish", *FLAGS, folder=folder).stdout
    assert "\n1 step on " in output
    assert archive.read_bytes() == before
    # From the archived configuration the same jobs run, with the same parameters and the same order
    # of frameworks.
    with zipfile.ZipFile(archive) as files:
        (folder / "archived.json").write_bytes(files.read("archived/config.json"))
    expected = inputs(folder, "tiny.json")
    assert any("scripts/figures/sweep.py" in files for files in expected)
    assert inputs(folder, "archived.json") == expected
    again = snakemake("results", "--cores", "1", "--configfile", "archived.json", folder=folder)
    assert "Nothing to be done" in again.stdout


def test_the_archive_holds_the_commit_and_the_results(published, unpacked):
    folder, revision, _ = published
    tracked = git("ls-tree", "-r", "--name-only", revision, folder=folder).split("\n")
    for name in filter(None, tracked):
        assert (unpacked / name).read_bytes() == (folder / name).read_bytes()
    # The exact pins of every environment are among them.
    assert {f"envs/{name}.yaml" for name in FRAMEWORKS} | {"requirements.txt"} <= set(tracked)
    results = folder / "results"
    for kind in ("tables", "figures"):
        for path in (results / kind).iterdir():
            assert (unpacked / "archived" / kind / path.name).read_bytes() == path.read_bytes()
    report = (unpacked / "archived" / "report.html").read_bytes()
    assert report == (results / "report.html").read_bytes()
    configuration = json.loads((unpacked / "archived" / "config.json").read_text())
    # The one that was run, and nothing that its user has not written.
    expected = yaml.safe_load((ROOT / "config.yaml").read_text())
    for section, entries in TINY.items():
        for name, entry in entries.items():
            if isinstance(entry, dict):
                expected[section][name] = {**expected[section].get(name, {}), **entry}
            else:
                expected[section][name] = entry
    assert configuration == expected
    # No folder of this machine is told.
    metadata = (unpacked / "ro-crate-metadata.json").read_text()
    for text in (metadata, (unpacked / "archived" / "provenance.json").read_text()):
        assert str(folder) not in text and str(Path.home()) not in text


def test_the_provenance_says_which_run_machine_versions_and_commit(published, unpacked):
    folder, revision, _ = published
    found = json.loads((unpacked / "archived" / "provenance.json").read_text())
    assert found["software"]["commit"] == revision
    rows = {}
    for table, *columns in (
        ("runs", "framework", "recipe", "network", "seed"),
        ("times", "framework", "recipe", "length", "network", "block"),
    ):
        with (folder / "results" / "tables" / f"{table}.csv").open() as file:
            for row in csv.DictReader(file):
                rows["/".join([table, *(row[column] for column in columns)])] = row
    assert found["runs"].keys() == rows.keys()
    [machine] = found["machines"]
    for name, row in rows.items():
        assert machine["processor"] == row["processor"]
        train = found["runs"][name]["train"]
        environment = found["environments"][train["environment"]]
        pins = read_environment_file(ROOT / "envs" / f"{row['framework']}.yaml").versions()
        assert environment["name"] == row["framework"]
        assert environment["packages"]["numpy"].partition("+")[0] == pins["numpy"]
        seconds = datetime.fromisoformat(train["ended"]) - datetime.fromisoformat(train["started"])
        of_timed = name.startswith("times/")
        record = json.loads(
            (unpacked / "archived" / name / f"{'times' if of_timed else 'train'}.json").read_text()
        )
        record = record["train"] if of_timed else record
        # Both moments are cut to whole seconds.
        assert abs(seconds.total_seconds() - record["wall_seconds"]) <= 1
        assert datetime.fromisoformat(train["ended"]).tzinfo == UTC


@pytest.mark.parametrize("profile", ["workflow-run-crate", "provenance-run-crate"])
def test_the_validator_accepts_the_description(unpacked, tmp_path, profile):
    path = unpacked / ro_crate.METADATA
    metadata = json.loads(path.read_text())
    assert metadata["@context"] == "https://w3id.org/ro/crate/1.1/context"
    path.write_text(json.dumps({**metadata, "@context": CONTEXT}))
    answer = validate(unpacked, profile, tmp_path)
    assert answer["issues"] == []
    assert answer["passed"]
    # The validator really looks: without the configuration that the run names, it refuses the same
    # crate.
    (unpacked / "archived" / "config.json").unlink()
    graph = [entity for entity in metadata["@graph"] if entity["@id"] != "#run"]
    path.write_text(json.dumps({"@context": CONTEXT, "@graph": graph}))
    assert not validate(unpacked, profile, tmp_path)["passed"]


def validate(folder, profile, tmp_path):
    """Return the validator's report on what the profile requires."""
    report = tmp_path / "report.json"
    flags = ["--offline", "--cache-path", tmp_path / "cache", "--profile-identifier"]
    flags += [f"{profile}-0.5", "--output-format", "json", "--output-file", report]
    command = [*VALIDATOR, "--no-interactive", "validate", *flags, folder]
    process = subprocess.run(command, capture_output=True, text=True)
    assert report.exists(), process.stderr
    return json.loads(report.read_text())


def test_the_archive_runs_in_an_empty_folder(published, unpacked):
    """What it computes again has the same scores, to the last bit."""
    share_environments(unpacked)
    # The images, as if downloaded; they are in no archive, their checksums are.
    shutil.copytree(published[0] / "resources" / "mnist", unpacked / "resources" / "mnist")
    numpy_alone = json.loads((unpacked / "archived" / "config.json").read_text())
    numpy_alone["experiments"]["harmonised"]["frameworks"] = ["numpy"]
    (unpacked / "again.json").write_text(json.dumps(numpy_alone))
    flags = ["--cores", "2", "--configfile", "again.json"]
    snakemake("results/tables/summary.csv", *flags, folder=unpacked)

    def scores(folder):
        with (unpacked / folder / "tables" / "runs.csv").open() as file:
            rows = list(csv.DictReader(file))
        return {row["network"]: row["scores_sha256"] for row in rows if row["framework"] == "numpy"}

    assert scores("results").keys() == set(NETWORKS)
    assert scores("results") == scores("archived")


def test_what_is_not_committed_is_not_published(published, monkeypatch):
    folder, _, _ = published
    monkeypatch.chdir(folder)
    readme = (folder / "README.md").read_text()
    (folder / "README.md").write_text("changed\n")
    with pytest.raises(InputError, match=r"changed since the last commit: README\.md; commit or"):
        publish.workflow_files()
    (folder / "README.md").write_text(readme)
    assert publish.workflow_files().keys() >= {"README.md", "Snakefile", ".ci/run"}


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A small checkout to publish from; the working directory is in it."""
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "Snakefile").write_text("rule all:\n")
    (folder / "config.yaml").write_text("strict: true\n")
    git("init", "--quiet", folder=folder)
    monkeypatch.chdir(folder)
    return folder


def commit_all(folder):
    git("add", ".", folder=folder)
    git("commit", "--quiet", "--message=all", folder=folder)


def test_what_lies_in_the_checkout_untracked_does_not_matter(repository, monkeypatch):
    (repository / "config").mkdir()
    (repository / "config" / "config.yaml").symlink_to("../config.yaml")
    commit_all(repository)
    (repository / "venv-of-mine" / "bin").mkdir(parents=True)
    (repository / "venv-of-mine" / "bin" / "python").symlink_to("/nowhere/python")
    # To pack needs no identity.
    monkeypatch.setenv("HOME", str(repository / "nobody"))
    assert publish.workflow_files() == {
        "Snakefile": (b"rule all:\n", 0o644),
        "config.yaml": (b"strict: true\n", 0o644),
        "config/config.yaml": (b"strict: true\n", 0o644),
    }


def outside(folder):
    (folder / "odd").symlink_to("../../outside")


def absolute(folder):
    (folder / "odd").symlink_to("/etc/hosts")


def to_a_folder(folder):
    (folder / "scripts").mkdir()
    (folder / "scripts" / "one.py").touch()
    (folder / "odd").symlink_to("scripts")


def circle(folder):
    (folder / "odd").symlink_to("other")
    (folder / "other").symlink_to("odd")


def submodule(folder):
    entry = f"160000,{'1' * 40},odd"
    git("update-index", "--add", "--cacheinfo", entry, folder=folder)
    # Checked out as an empty repository, or else it would count as deleted.
    (folder / "odd").mkdir()


def of_an_archive(folder):
    (folder / "archived").mkdir()
    (folder / "archived" / "report.html").touch()


def not_utf8(folder):
    (folder / os.fsdecode(b"odd\xff")).touch()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (outside, "the committed link odd leads to ../../outside, which is no file of the commit;"),
        (absolute, "the committed link odd leads to /etc/hosts, which is no file of the commit;"),
        (to_a_folder, "the committed link odd leads to scripts, which is no file of the commit;"),
        (circle, "the committed link odd leads to itself; replace it by a file or remove it,"),
        (submodule, "odd is a Git submodule, whose files are in no commit of the workflow:"),
        (of_an_archive, "archived/report.html is committed, but this name belongs to the results"),
        (not_utf8, r"the name of the committed file odd\xff is not UTF-8: rename it, commit, and"),
    ],
)
def test_what_cannot_be_packed_is_named(repository, make, sentence):
    make(repository)
    commit_all(repository)
    with pytest.raises(InputError) as error:
        publish.workflow_files()
    assert str(error.value).startswith(sentence)
    assert "\n" not in str(error.value)


def test_files_with_odd_names_are_packed(repository):
    names = {"a b.txt", "quo'te \".txt", "ümläut/no\nline", "100%.txt", "back\\slash"}
    (repository / "ümläut").mkdir()
    for name in names:
        (repository / name).write_text(name)
    commit_all(repository)
    files = publish.workflow_files()
    assert {name: files[name][0].decode() for name in names} == {name: name for name in names}


def test_a_missing_record_is_named(tmp_path):
    table = tmp_path / "tables" / "runs.csv"
    table.parent.mkdir()
    table.write_text("framework,recipe,network,seed\nnumpy,harmonised,tanh-1x100,1\n")
    path = tmp_path / "runs" / "numpy" / "harmonised" / "tanh-1x100" / "1" / "train.json"
    with pytest.raises(InputError) as error:
        publish.read_records(tmp_path)
    assert str(error.value) == (
        f"{path} is missing: repeat the command of the run, and publish again."
    )


def test_without_a_checkout_nothing_is_published(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    needs = "publishing needs Git and a checkout with a commit"
    with pytest.raises(InputError, match=f"{needs}.* Git says: fatal: not a git repository"):
        publish.workflow_files()
    git("init", "--quiet", folder=tmp_path)
    with pytest.raises(InputError, match=f"{needs}.* Git says: fatal: .*HEAD"):
        publish.workflow_files()
    (tmp_path / "README.md").write_text("another project")
    commit(tmp_path)
    with pytest.raises(InputError, match="is not the workflow's"):
        publish.workflow_files()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="needs Git, which is not on the PATH: install it"):
        publish.workflow_files()


def test_a_zip_file_holds_nothing_of_its_moment(tmp_path):
    files = {"b": (b"text", 0o644), "a": (b"program", 0o755)}
    time = datetime(2026, 11, 22, 20, 30, 10, tzinfo=UTC)
    publish.write_archive(tmp_path / "one.zip", files, time)
    publish.write_archive(tmp_path / "two.zip", dict(reversed(files.items())), time)
    content = (tmp_path / "one.zip").read_bytes()
    assert content == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        infos = archive.infolist()
        assert [info.filename for info in infos] == ["a", "b"]
        assert {info.date_time for info in infos} == {(2026, 11, 22, 20, 30, 10)}
        assert [oct(info.external_attr >> 16) for info in infos] == ["0o100755", "0o100644"]


def test_runs_of_two_machines_and_environments_are_told_apart(tmp_path):
    def record(processor, version):
        return {
            "started": "2026-11-22T20:00:00+00:00",
            "ended": "2026-11-22T20:01:00+00:00",
            "machine": {"processor": processor},
            "environment": {"name": "numpy", "kind": "local", "packages": {"numpy": version}},
        }

    runs = {
        "runs/numpy/harmonised/tanh-1x100/1": {
            "train": record("old", "2.3"),
            "predict": record("new", "2.3"),
        },
        "runs/numpy/harmonised/tanh-1x100/2": {
            "train": record("new", "2.4"),
            "predict": record("new", "2.3"),
        },
    }
    found = publish.provenance(runs, {"pandas": "3.0"}, commit="abc")
    assert found["machines"] == [{"processor": "old"}, {"processor": "new"}]
    assert [each["packages"].get("numpy") for each in found["environments"]] == [None, "2.3", "2.4"]
    numbers = [
        (told["machine"], told["environment"])
        for run in found["runs"].values()
        for told in run.values()
    ]
    assert numbers == [(0, 1), (1, 1), (1, 2), (1, 1)]
    assert found["environments"][0]["packages"] == {"pandas": "3.0"}


def test_the_packages_of_the_workflow_are_the_installed_ones(tmp_path):
    path = tmp_path / "requirements.txt"
    path.write_text("# made\npytest==0.1 \\\n    # via x\nno-such.thing==1 ; os_name == 'nt'\n")
    found = publish.installed(path)
    assert found == {"python": sys.version.split()[0], "pytest": pytest.__version__}


def test_citation_zenodo_and_the_description_agree(unpacked):
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    zenodo = json.loads((ROOT / ".zenodo.json").read_text())
    metadata = json.loads((unpacked / ro_crate.METADATA).read_text())
    entities = {entity["@id"]: entity for entity in metadata["@graph"]}
    root = entities["./"]
    assert citation["title"] == zenodo["title"] == root["name"]
    assert citation["abstract"] == zenodo["description"] == root["description"]
    assert citation["version"] == zenodo["version"] == root["version"]
    assert citation["keywords"] == zenodo["keywords"] == root["keywords"]
    assert citation["type"] == zenodo["upload_type"]
    assert str(citation["date-released"]) == zenodo["publication_date"] == root["datePublished"]
    assert citation["license"] == zenodo["license"] == entities[root["license"]["@id"]]["name"]
    assert (ROOT / "LICENSE").read_text().startswith(f"{citation['license']} License")
    authors = [each["name"] for each in citation["authors"]]
    assert authors == [each["name"] for each in zenodo["creators"]]
    assert authors == [entities[root["author"]["@id"]]["name"]]
    [reference], [published_reference] = citation["references"], zenodo["references"]
    assert reference["title"] in published_reference


def test_a_program_of_another_frameworks_folder_is_the_instrument():
    shared = "scripts/frameworks/one/Train.java"
    command = ["java", "-cp", "jars/*", "scripts/frameworks/two/../one/Train.java", "--epochs", "2"]
    assert ro_crate.program_of(command, {"Snakefile", shared}) == shared
