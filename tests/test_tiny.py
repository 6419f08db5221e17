"""What the tests copy of a checkout: the workflow's files, and nothing else that lies there."""

import shutil

import pytest
from tiny import TOP, git, workflow_files


@pytest.fixture
def checkout(tmp_path):
    """A checkout with changes, and with a virtual environment whose links lead outside."""
    folder = tmp_path / "check out"
    for name in ("Snakefile", "rules/common.smk", "rules/gone.smk", ".gitignore", "config.yaml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("__pycache__/\n")
    (folder / "config").mkdir()
    (folder / "config" / "config.yaml").symlink_to("../config.yaml")
    git("init", "--quiet", folder=folder)
    git("add", ".", folder=folder)
    git("commit", "--quiet", "--message=all", folder=folder)
    (folder / "rules" / "gone.smk").unlink()
    (folder / "rules" / "new ümläut.smk").touch()
    (folder / "rules" / "__pycache__").mkdir()
    (folder / "rules" / "__pycache__" / "cached.pyc").touch()
    (folder / "venv-of-mine" / "bin").mkdir(parents=True)
    (folder / "venv-of-mine" / "bin" / "python").symlink_to("/nowhere/python")
    (folder / "my notes.txt").touch()
    return folder


EXPECTED = {
    "Snakefile", "rules/common.smk", "rules/new ümläut.smk", ".gitignore", "config.yaml",
    "config/config.yaml",
}  # fmt: skip


def test_a_virtual_environment_in_the_checkout_is_not_copied(checkout):
    assert set(workflow_files(checkout)) == EXPECTED
    # The same of an archive that was unpacked.
    shutil.rmtree(checkout / ".git")
    assert set(workflow_files(checkout)) == EXPECTED


def test_the_names_at_the_top_are_those_of_the_checkout():
    found = {name.split("/")[0] for name in workflow_files()}
    assert found == TOP
