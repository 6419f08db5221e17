"""A finished workflow in another folder, without network, and as a part of another workflow."""

import csv
import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest
from environments.build import RECORD
from environments.files import CLOSURE
from tiny import (
    FLAGS,
    ROOT,
    copy_finished,
    copy_workflow,
    jobs,
    own_environments,
    share_environments,
    snakemake,
)

# No proxy answers. This is set in addition to a network namespace, or in place of one.
NOWHERE = {
    f"{name}{ending}": "http://127.0.0.1:9"
    for name in ("http", "https", "all", "HTTP", "HTTPS", "ALL")
    for ending in ("_proxy", "_PROXY")
}
UNSHARE = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]


def offline(*command, folder=None, **variables):
    """Run a command without network; return the finished process, its output in ``stdout``."""
    can_unshare = subprocess.run([*UNSHARE, "true"], capture_output=True).returncode == 0
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "PYTHON"))}
    return subprocess.run(
        [*(UNSHARE if can_unshare else []), *map(str, command)],
        cwd=folder,
        env={**environment, **NOWHERE, **variables},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_a_command_is_offline():
    fetch = "import urllib.request as r; r.urlopen('http://localhost:%d/')"
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"],
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        port = int(server.stdout.readline().split("port ")[1].split()[0])
        process = offline(sys.executable, "-c", fetch % port)
        server.terminate()
    assert "URLError" in process.stdout


def untimed(path):
    """Return a table's rows without what the clock or the machine decides."""
    measured = ("seconds", "memory", "threads_used", "gflops", "busy", "load", "core", "day")
    with path.open() as file:
        return [
            {key: value for key, value in row.items() if not any(m in key for m in measured)}
            for row in csv.DictReader(file)
        ]


@pytest.fixture
def elsewhere(finished_alone, tmp_path):
    """A whole copy with environments of its own; the one that it is to use is complete."""
    folder = copy_finished(finished_alone, tmp_path / "elsewhere")
    source = (ROOT / "resources" / "environments" / "numpy").resolve()
    target = folder / "resources" / "environments" / "numpy"
    for path in source.iterdir():
        if path.is_symlink() or path.is_file():
            if not (target / path.name).exists():
                shutil.copy2(path, target, follow_symlinks=False)
        else:
            shutil.copytree(path, target / path.name, symlinks=True, copy_function=link)
    return folder


def link(source, target):
    """Let a copied file be the same file; copy it where that cannot be, as between disks."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def test_a_copy_elsewhere_makes_its_analysis_again_without_network(finished, elsewhere):
    assert jobs(elsewhere) == {}
    results = elsewhere / "results"
    for file in ("report.html", "runs/numpy/harmonised/runs.csv"):
        (results / file).unlink()
    for folder in ("tables", "figures", "runs/numpy/harmonised/relu-1x64"):
        shutil.rmtree(results / folder)
    python = elsewhere / "resources" / "environments" / "numpy" / "bin" / "python"
    process = offline(python, "-c", "import numpy; print(numpy.__file__)")
    assert process.stdout.startswith(f"{elsewhere}/resources/environments/numpy/lib/")

    process = offline(sys.executable, "-m", "snakemake", *FLAGS, folder=elsewhere)
    assert process.returncode == 0, process.stdout[-4000:]
    before = finished / "results"
    scores = "runs/numpy/harmonised/relu-1x64/1/scores.f32"
    assert (results / scores).read_bytes() == (before / scores).read_bytes()
    for table in ("runs", "summary", "lines-of-code", "equivalence", "left-out-runs"):
        file = f"tables/{table}.csv"
        assert untimed(results / file) == untimed(before / file)
    kept = {path.name for path in (before / "figures").iterdir()}
    assert {path.name for path in (results / "figures").iterdir()} == kept
    assert "figure-04.png" in (results / "report.html").read_text()
    assert jobs(elsewhere) == {}


def test_a_copy_without_times_is_told_that_nothing_changed(finished, tmp_path):
    folder = copy_finished(finished, tmp_path / "copied")
    for path in sorted(folder.glob("results/runs/*/*/*/*/model/**/*")):
        if path.is_file():
            os.utime(path)
    assert set(jobs(folder)) >= {"predict", "report"}
    snakemake(*FLAGS, "--touch", folder=folder)
    assert jobs(folder) == {}


def wheel(folder, name, version):
    """Write a wheel with an empty module."""
    information = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as file:
        file.writestr(f"{name}.py", "")
        file.writestr(f"{information}/METADATA", f"Metadata-Version: 2.1\nName: {name}\n"
                      f"Version: {version}\n")  # fmt: skip
        file.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\n"
                      "Root-Is-Purelib: true\nTag: py3-none-any\n")  # fmt: skip
        file.writestr(f"{information}/RECORD", "")


def test_an_environment_comes_from_a_folder_of_wheels(tmp_path):
    wheel(tmp_path, "framework", "1.2")
    version = ".".join(map(str, sys.version_info[:3]))
    (tmp_path / "small.yaml").write_text(
        f"name: small\nchannels: [nodefaults]\ndependencies:\n  - python={version}\n  - pip:\n"
        f"      - framework==1.2\n      {CLOSURE}\n"
    )
    process = offline(
        *(sys.executable, ROOT / "scripts" / "environments" / "build.py"),
        *("--file", tmp_path / "small.yaml", "--folder", tmp_path / "environment"),
        UV_FIND_LINKS=str(tmp_path),
        UV_OFFLINE="1",
    )
    assert process.returncode == 0, process.stdout
    handle = json.loads((tmp_path / "environment" / "environment.json").read_text())
    assert handle["packages"] == {"framework": "1.2", "python": version}


def test_an_environment_comes_from_the_cache_of_uv(environments, tmp_path):
    folder = tmp_path / "environment"
    process = offline(
        *(sys.executable, ROOT / "scripts" / "environments" / "build.py"),
        *("--file", ROOT / "envs" / "numpy.yaml", "--folder", folder),
        UV_OFFLINE="1",
    )
    if "network was disabled" in process.stdout:
        pytest.skip("uv's cache lacks packages of envs/numpy.yaml, which this user has not built")
    assert process.returncode == 0, process.stdout
    handle = json.loads((folder / "environment.json").read_text())
    shared = ROOT / "resources" / "environments" / "numpy" / "environment.json"
    assert handle["packages"] == json.loads(shared.read_text())["packages"]


# --- environments behind a link


@pytest.fixture
def clone(environments, tmp_path):
    """A fresh copy of the workflow that uses the environments of the checkout through a link."""
    folder = copy_workflow(tmp_path / "workflow")
    share_environments(folder)
    return folder


def states(folder):
    """Return what tells whether a file of the environments in ``folder`` was written anew."""
    found = {path: path.stat() for path in folder.glob("*/*")}
    return {path: (each.st_ino, each.st_mtime_ns, each.st_size) for path, each in found.items()}


def test_a_fresh_clone_uses_environments_behind_a_link_as_they_are(clone):
    shared = clone / "resources" / "environments"
    before = states(shared)
    assert "environment" not in jobs(clone)
    output = snakemake("environments", *FLAGS, "--forcerun", "environment", folder=clone).stdout
    assert "Making the environment" not in output
    assert states(shared) == before


@pytest.fixture
def copied(clone, tmp_path):
    """The same, but the link leads to handles and records alone, which a test may change."""
    shared = clone / "resources" / "environments"
    own_environments(clone)
    shared.rename(tmp_path / "shared")
    shared.symlink_to(tmp_path / "shared")
    return clone


def comment(folder):
    with (folder / "envs" / "numpy.yaml").open("a") as file:
        file.write("# a comment\n")


def more_parts(folder):
    (folder / "envs" / "numpy.parts").write_text("libraries: {}\n")


def no_record(folder):
    (folder / "resources" / "environments" / "numpy" / RECORD).unlink()


@pytest.mark.parametrize(
    ("change", "flags", "name", "reason"),
    [
        (comment, [], "numpy", "was made from another envs/numpy.yaml"),
        (more_parts, [], "numpy", "was made from another envs/numpy.parts"),
        (no_record, [], "numpy", "does not say what it was made from"),
        (None, ["--sdm", "conda"], "numpy", "was made without conda"),
    ],
)
def test_a_shared_environment_that_does_not_fit_is_refused(copied, change, flags, name, reason):
    if change:
        change(copied)
    shared = copied / "resources" / "environments"
    before = states(shared)
    process = snakemake("environments", *FLAGS, *flags, folder=copied, check=False)
    assert process.returncode != 0
    assert (
        f"resources/environments/{name} is shared through a link and {reason}: use the files that"
        " it was made from, or replace the link by a folder of this checkout's own, and rerun."
    ) in process.stdout
    assert "Traceback" not in process.stdout
    assert states(shared) == before


def test_an_environment_that_is_missing_behind_a_link_is_made_there(copied, tmp_path):
    """And from then on it is one that others share."""
    shutil.rmtree(tmp_path / "shared" / "keras")
    assert jobs(copied)["environment"] == 1
    # As if another checkout had made it meanwhile.
    source = (ROOT / "resources" / "environments" / "keras").resolve()
    (tmp_path / "shared" / "keras").mkdir()
    shutil.copy2(source / RECORD, tmp_path / "shared" / "keras")
    handle = "resources/environments/keras/environment.json"
    snakemake(*FLAGS, "--", handle, folder=copied)
    assert (copied / handle).read_bytes() == (source / "environment.json").read_bytes()
    assert "environment" not in jobs(copied)


# --- as a module


@pytest.fixture
def module(environments, tmp_path):
    """The example of a workflow that uses this one, with the environments of the checkout."""
    folder = copy_workflow(tmp_path / "workflow") / "examples" / "module"
    share_environments(folder)
    return folder


MODULE = ["--cores", "2", "--workflow-profile", "../../profiles/default"]


def test_another_workflow_uses_this_one_with_its_own_configuration(module):
    output = snakemake(*MODULE, "--dry-run", folder=module).stdout
    counts = dict(line.split() for line in output.splitlines() if len(line.split()) == 2)
    # Two frameworks, one network; and of the tables only what is asked for.
    assert (counts["frameworks_train"], counts["frameworks_summary"]) == ("2", "1")
    assert counts["accuracies"] == "1"
    assert "frameworks_figure_04" not in counts
    snakemake(*MODULE, "results/tables/table-1.csv", folder=module)
    with (module / "results" / "tables" / "lines-of-code.csv").open() as file:
        assert [row["framework"] for row in csv.DictReader(file)] == ["numpy", "pytorch"]
    # Nothing was left in the folder of the workflow itself.
    assert not {"results", "logs", ".snakemake"} & set(os.listdir(module.parents[1]))


def test_a_folder_with_scripts_of_its_own_is_refused(module):
    (module / "scripts").mkdir()
    process = snakemake(*MODULE, "--dry-run", folder=module, check=False)
    assert process.returncode != 0
    assert f"{module}/scripts is not the scripts of the workflow in" in process.stdout
    assert "Traceback" not in process.stdout
