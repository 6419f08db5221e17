"""The workflow in a user's folder, where snakedeploy has put only a module.

snakedeploy really runs. What Snakemake would fetch from GitHub is already in its cache.
"""

import json
import re
import shutil
import subprocess

import pytest
import yaml
from test_publish import commit
from tiny import FLAGS, ROOT, TINY, copy_workflow, git, share_environments, snakemake

SNAKEDEPLOY = ["uv", "tool", "run", "--from", "snakedeploy==0.17.1", "snakedeploy"]


@pytest.fixture(scope="module")
def clone(environments, tmp_path_factory):
    """A clone of the workflow, with a tag."""
    folder = copy_workflow(tmp_path_factory.mktemp("clone") / "workflow")
    commit(folder)
    git("tag", "v1", folder=folder)
    return folder


@pytest.fixture(scope="module")
def made(clone, tmp_path_factory):
    """A folder that snakedeploy has made from the clone."""
    folder = tmp_path_factory.mktemp("made") / "study"
    command = [*SNAKEDEPLOY, "deploy-workflow", clone, folder, "--tag", "v1", "--name", "study"]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture
def deployed(made, tmp_path):
    """The same, with the tiny configuration, for a test to change."""
    folder = shutil.copytree(made, tmp_path / "study", symlinks=True)
    (folder / "tiny.json").write_text(json.dumps(TINY))
    share_environments(folder)
    return folder


def take_module_from(folder, source):
    """Say where the module of a deployed folder comes from."""
    path = folder / "workflow" / "Snakefile"
    text = path.read_text()
    assert text.count('"workflow/Snakefile"') == 1
    path.write_text(text.replace('"workflow/Snakefile"', source))


def due(folder, *targets):
    """Return how many jobs of each rule are due, and in all; without a target, for the default."""
    output = snakemake(*targets, "--dry-run", *FLAGS, folder=folder).stdout
    counts = dict(re.findall(r"^(\w+) +(\d+)$", output, re.MULTILINE))
    assert counts or "Nothing to be done" in output
    # In a folder of a user's, the default is a rule of the same input.
    return {name.replace("everything", "all"): int(count) for name, count in counts.items()}


def test_the_module_of_a_clone_runs_the_same_jobs(clone, deployed, tmp_path):
    take_module_from(deployed, f'"{clone}/workflow/Snakefile"')
    # Not that clone: snakedeploy copies all that lies in it.
    another = shutil.copytree(clone, tmp_path / "clone", symlinks=True)
    share_environments(another)
    found = due(deployed)
    assert found == due(another)
    assert found["train"] > 0


def test_the_module_of_a_repository_elsewhere_runs(clone, deployed, tmp_path, monkeypatch):
    take_module_from(deployed, 'github("owner/name", path="workflow/Snakefile", tag="v1")')
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    cache = tmp_path / "cache" / "snakemake" / "snakemake" / "source-cache" / "snakemake-git-cache"
    target = cache / "github.com" / "owner" / "name"
    git("clone", "--quiet", "--bare", clone, target)
    snakemake("results/tables/lines-of-code.csv", *FLAGS, folder=deployed)
    table = (deployed / "results" / "tables" / "lines-of-code.csv").read_text()
    assert table.count("\nnumpy,") == 1
    # The files are those of the tag, though the folder that it was cloned from has gone on.
    script = deployed / "scripts" / "lines" / "count.py"
    assert script.read_bytes() == (ROOT / "scripts" / "lines" / "count.py").read_bytes()
    assert deployed in script.resolve().parents
    assert due(deployed, "results/tables/lines-of-code.csv") == {}


def test_the_deployed_configuration_is_the_default(made):
    found = yaml.safe_load((made / "config" / "config.yaml").read_text())
    assert found == yaml.safe_load((ROOT / "config.yaml").read_text())
    assert not (made / "config" / "config.yaml").is_symlink()


def test_the_clone_keeps_its_own_snakefile(clone):
    """Beside workflow/Snakefile, which links to nothing there."""
    output = snakemake("--list-rules", *FLAGS, folder=clone).stdout
    assert "all" in output.split() and "everything" not in output.split()
    for name in ("envs", "reference", "report", "requirements.txt", "schemas", "scripts"):
        assert not (clone / name).is_symlink()


def test_the_catalog_finds_what_it_asks_for():
    settings = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())
    assert settings["usage"]["software-stack-deployment"]["conda"] is True
    assert (ROOT / "config" / "README.md").read_text().startswith("# Configuration")
    assert (ROOT / "workflow" / "Snakefile").exists()
    assert shutil.which("git")
    readme = (ROOT / "README.md").read_text().lower()
    assert "snakemake" in readme and "workflow" in readme
