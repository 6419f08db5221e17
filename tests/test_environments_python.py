"""The Python of an environment: which is taken, how it is built, and what must be in it."""

import os
import re
import sys
from pathlib import Path

import pytest
from conftest import program
from environments import build as build_environment
from environments import python, tools
from environments.files import read_environment_file
from shared.script import InputError

# The one that requirements-dev.txt pins.
REAL_UV = Path(sys.executable).with_name("uv")


# --- what is installed


def test_local_build_counts_as_its_version(small: Path):
    file = read_environment_file(small)
    found = {"python": "3.11.7", "packages": {"asked-for": "1.0+cpu"}}
    python.check_pinned(file, small, found, set())


@pytest.mark.parametrize(
    ("version", "packages", "named"),
    [
        ("3.11.7", {"asked-for": "1.0", "stowaway": "3.0"}, "stowaway"),
        ("3.11.7", {"asked-for": "1.1"}, "asked-for==1.0, but 1.1"),
        ("3.11.7", {"brought-along": "2.0"}, "asks for asked-for"),
        ("3.12.1", {"asked-for": "1.0"}, "3.12.1"),
    ],
)
def test_what_is_not_pinned_is_named(small: Path, version: str, packages: dict, named: str):
    file = read_environment_file(small)
    found = {"python": version, "packages": packages}
    with pytest.raises(InputError, match=re.escape(named)):
        python.check_pinned(file, small, found, set())


# --- uv


def test_without_uv_the_mend_is_named(bare_machine: Path):
    with pytest.raises(InputError, match=r"pip install -r requirements\.txt"):
        python.find_uv()


def test_uv_beside_python_comes_before_the_path(
    bare_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    on_path = program(tmp_path / "path" / "uv", "exit 0")
    monkeypatch.setenv("PATH", str(on_path.parent))
    assert python.find_uv() == str(on_path)
    beside = program(bare_machine / "uv", "exit 0")
    assert python.find_uv() == str(beside)


@pytest.mark.parametrize(
    ("uv", "mend"),
    [
        ('[ "$1" = venv ] && echo "No interpreter found" >&2; exit 2', "program_folders"),
        ('[ "$1" = venv ] || { echo "no version of asked-for" >&2; exit 1; }', "--upgrade"),
        ('[ "$1" = venv ] || { echo "(os error 28)" >&2; exit 1; }', "no space left"),
    ],
    ids=["no Python", "no package", "no space"],
)
def test_failure_of_uv_ends_in_a_mend(
    bare_machine: Path, small: Path, tmp_path: Path, uv: str, mend: str
):
    # It would have a Python to download.
    program(bare_machine / "uv", f'[ "$1" = python ] && echo cpython && exit 0\n{uv}')
    folder = tmp_path / "environment"
    with pytest.raises(InputError, match=re.escape(mend)) as error:
        build_environment.build(small, folder, None, [])
    assert "\n" not in str(error.value)
    assert not (folder / "environment.json").exists()


# --- which Python


def test_python_is_looked_for_in_the_named_folders_first(bare_machine: Path, tmp_path: Path):
    assert python.find_python("3.11", []) == "3.11"
    # A shim of a Python that is switched off, and a Python of another version.
    program(bare_machine / "python3.11", "exit 127")
    program(tmp_path / "other" / "bin" / "python3.11", "echo 3.12 /other")
    folders = [tmp_path / "other", tmp_path / "not-there", tmp_path / "versions"]
    assert python.find_python("3.11", folders) == "3.11"
    pyenv = tmp_path / "no-pyenv" / "versions"
    program(pyenv / "3.11.5" / "bin" / "python3.11", "echo 3.11 /of/pyenv")
    assert python.find_python("3.11", folders) == "/of/pyenv"
    program(bare_machine / "python3.11", "echo 3.11 /on/path")
    assert python.find_python("3.11", folders) == "/on/path"
    program(tmp_path / "versions" / "3.11.9" / "bin" / "python3.11", "echo 3.11 /named")
    assert python.find_python("3.11", folders) == "/named"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_may_not_be_read_has_no_programs(
    bare_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    closed = tmp_path / "closed"
    program(closed / "versions" / "3.11.5" / "bin" / "python3.11", "echo 3.11 /closed")
    program(closed / "bin" / "th", "echo closed")
    monkeypatch.setenv("PYENV_ROOT", str(closed))
    closed.chmod(0)
    try:
        assert python.find_python("3.11", [closed]) == "3.11"
        with pytest.raises(InputError, match="th is neither on the PATH nor in"):
            tools.find_program("th", [closed], "install Torch")
    finally:
        closed.chmod(0o700)


def test_python_that_uv_cannot_download_is_missing(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
):
    """Of the real uv, which needs no network for its list."""
    (bare_machine / "uv").symlink_to(REAL_UV)
    monkeypatch.setenv("UV_OFFLINE", "1")
    with pytest.raises(InputError, match=r"uv has none to download: .*pyenv install 3\.6"):
        python.find_python("3.6", [])
    # Left to uv, when the environment is built.
    assert python.find_python("3.13", []) == "3.13"
