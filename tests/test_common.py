"""How every script is started, fails and writes."""

from pathlib import Path

import pytest
from common import links
from shared.script import InputError, run_command, whole_file


def test_a_users_mistake_is_one_sentence():
    def main():
        raise InputError("config.yaml: epochs is missing; add it.")

    with pytest.raises(SystemExit) as error:
        run_command(main)
    assert error.value.code == "error: config.yaml: epochs is missing; add it."


def test_a_full_disk_is_one_sentence():
    def main():
        # The kernel's device that is always full.
        with open("/dev/full", "wb", buffering=0) as file:
            file.write(b"x")

    with pytest.raises(SystemExit) as error:
        run_command(main)
    assert error.value.code == (
        "error: no space left on the disk for the output; free some and rerun."
    )


def test_a_fault_of_the_workflow_keeps_its_traceback():
    def main():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_command(main)


def test_a_file_is_whole_or_as_it_was(tmp_path):
    path = tmp_path / "deep" / "table.csv"
    with whole_file(path) as temporary:
        temporary.write_text("first")
        assert not path.exists()
    assert path.read_text() == "first"
    with pytest.raises(RuntimeError), whole_file(path) as temporary:
        temporary.write_text("half of the sec")
        raise RuntimeError
    assert path.read_text() == "first"
    assert [file.name for file in path.parent.iterdir()] == ["table.csv"]


def test_a_working_folder_that_cannot_be_written_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "home" / "envs").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    def refuse(link, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    with pytest.raises(InputError) as error:
        links.make(tmp_path / "home")
    assert str(error.value) == (
        f"{tmp_path / 'elsewhere' / 'envs'} cannot be made (Permission denied); run the workflow "
        "in a folder where you may write (snakemake --directory)."
    )
