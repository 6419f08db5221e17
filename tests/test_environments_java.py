"""Environments of Java: their lists of jars, and what is said where something is missing."""

import hashlib
import os
import re
from pathlib import Path

import pytest
from conftest import ROOT, program
from environments import java
from environments.files import CLOSURE, read_environment_file
from environments.java import Jar
from shared.script import InputError

LISTS = sorted((ROOT / "envs").glob("*.jars"))
CONTENT = b"a jar"
SMALL = f"""\
# Asked for:
org.asked:for:1.0:linux-x86_64
{CLOSURE}
org.asked:for:1.0:linux-x86_64 {hashlib.sha256(CONTENT).hexdigest()}
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """An environment file's path; only the list of jars beside it is there."""
    path = tmp_path / "small.yaml"
    path.with_suffix(".jars").write_text(SMALL)
    return path


def jdk(folder: Path, version: str = "17.0.1") -> Path:
    program(folder / "java", f"echo 'openjdk version \"{version}\" 2021-10-19' >&2")
    program(folder / "javac", "exit 0")
    return folder


def maven(folder: Path, content: bytes) -> None:
    """A Maven that leaves one jar in the folder that its last argument names."""
    lines = f"""\
for last; do :; done
target="${{last#-DoutputDirectory=}}/org/asked/for/1.0"
mkdir -p "$target"
printf '{content.decode()}' > "$target/for-1.0-linux-x86_64.jar"
"""
    program(folder / "mvn", lines)


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.name)
def test_every_jar_that_is_asked_for_is_pinned(path: Path):
    jars = java.read_jars(path)
    assert set(jars.asked) <= jars.closure.keys()
    assert all(re.fullmatch("[0-9a-f]{64}", checksum) for checksum in jars.closure.values())
    assert len({jar.file for jar in jars.closure}) == len(jars.closure)
    assert read_environment_file(path.with_suffix(".yaml")).java_major == "17"


def test_coordinates_name_the_file():
    jar = Jar("org.asked", "for", "1.0", "linux-x86_64")
    assert str(jar) == "org.asked:for:1.0:linux-x86_64"
    assert str(jar.path) == "org/asked/for/1.0/for-1.0-linux-x86_64.jar"
    assert Jar("org.asked", "for", "1.0").file == "for-1.0.jar"


@pytest.mark.parametrize(("old", "new"), [(CLOSURE, ""), (":1.0:linux", "\norg.asked:linux")])
def test_broken_list_is_named(small: Path, old: str, new: str):
    path = java.jars_file(small)
    path.write_text(SMALL.replace(old, new))
    with pytest.raises(InputError, match=re.escape(str(path))):
        java.read_jars(path)


def test_jars_come_into_the_library(bare_machine: Path, small: Path, tmp_path: Path):
    maven(bare_machine, CONTENT)
    folder = tmp_path / "environment"
    folder.mkdir()
    assert java.copy_jars(small, folder, jdk(bare_machine), []) == {"org.asked:for": "1.0"}
    assert os.listdir(folder) == ["jars"]
    assert (folder / "jars" / "for-1.0-linux-x86_64.jar").read_bytes() == CONTENT


def test_another_jar_than_the_pinned_one_is_refused(
    bare_machine: Path, small: Path, tmp_path: Path
):
    maven(bare_machine, b"another jar")
    with pytest.raises(InputError, match="linux-x86_64 with another checksum"):
        java.copy_jars(small, tmp_path, jdk(bare_machine), [])


def test_maven_that_cannot_fetch_is_quoted(bare_machine: Path, small: Path, tmp_path: Path):
    program(bare_machine / "mvn", "echo '[ERROR] Unknown host'; exit 1")
    with pytest.raises(InputError, match="check the network; it says: Unknown host"):
        java.copy_jars(small, tmp_path, jdk(bare_machine), [])


def test_without_maven_the_mend_is_named(bare_machine: Path, small: Path, tmp_path: Path):
    with pytest.raises(InputError, match="the package maven"):
        java.copy_jars(small, tmp_path, jdk(bare_machine), [])


def test_jdk_is_looked_for_in_the_named_folders_first(
    bare_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    named = [tmp_path / "not-there", tmp_path / "named"]
    with pytest.raises(InputError, match="openjdk-17-jdk-headless"):
        java.find_jdk("17", java.candidates(named))
    # A runtime without a compiler, and a JDK of another version.
    program(bare_machine / "java", "echo 'openjdk version \"17.0.0\"' >&2")
    jdk(tmp_path / "no-jdks" / "jdk-25" / "bin", "25.0.1")
    with pytest.raises(InputError, match="no JDK 17"):
        java.find_jdk("17", java.candidates(named))
    # From the last place to the first.
    places = ["no-jdks/jdk-17/bin", "programs", "home/bin", "named/bin"]
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    for number, place in enumerate(places):
        jdk(tmp_path / place, f"17.0.{number}")
        found = java.find_jdk("17", java.candidates(named))
        assert found == (tmp_path / place, f"17.0.{number}")
