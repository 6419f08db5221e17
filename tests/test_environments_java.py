"""Environments of Java: their lists of jars, and what is said where something is missing."""

import hashlib
import os
import re
from pathlib import Path

import java_environment
import pytest
from common import InputError
from java_environment import Jar

ROOT = Path(__file__).parents[1]
LISTS = sorted((ROOT / "envs").glob("*.jars"))
CONTENT = b"a jar"
SMALL = f"""\
# Asked for:
org.asked:for:1.0:linux-x86_64
{java_environment.CLOSURE}
org.asked:for:1.0:linux-x86_64 {hashlib.sha256(CONTENT).hexdigest()}
"""


def program(path: Path, lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without Java but what a test puts into the folder that this returns."""
    folder = tmp_path / "programs"
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(java_environment, "JDK_FOLDERS", tmp_path / "no-jdks")
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text("name: small\ndependencies:\n  - openjdk=17.0.15\n  - maven=3.9.11\n")
    path.with_suffix(".jars").write_text(SMALL)
    return path


def jdk(folder: Path, version: str = "17.0.1") -> None:
    program(folder / "java", f"echo 'openjdk version \"{version}\" 2021-10-19' >&2")
    program(folder / "javac", "exit 0")


def maven(folder: Path, content: bytes) -> None:
    """A Maven that leaves one jar in the folder that its last argument names."""
    target = f'"${{!#}}/{Jar("org.asked", "for", "1.0", "linux-x86_64").path}"'
    lines = f"""\
target={target}
target="${{target#-DoutputDirectory=}}"
/bin/mkdir -p "${{target%/*}}"
echo -n '{content.decode()}' > "$target"
"""
    program(folder / "mvn", lines)
    (folder / "mvn").write_text("#!/bin/bash\n" + lines)


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.name)
def test_every_jar_that_is_asked_for_is_pinned(path: Path):
    jars = java_environment.read_jars(path)
    assert set(jars.asked) <= jars.closure.keys()
    assert all(re.fullmatch("[0-9a-f]{64}", checksum) for checksum in jars.closure.values())
    assert len({jar.file for jar in jars.closure}) == len(jars.closure)
    assert java_environment.java_major(path.with_suffix(".yaml")) == "17"


def test_coordinates_name_the_file():
    jar = Jar("org.asked", "for", "1.0", "linux-x86_64")
    assert str(jar) == "org.asked:for:1.0:linux-x86_64"
    assert str(jar.path) == "org/asked/for/1.0/for-1.0-linux-x86_64.jar"
    assert Jar("org.asked", "for", "1.0").file == "for-1.0.jar"


@pytest.mark.parametrize(
    ("old", "new"), [(java_environment.CLOSURE, ""), (":1.0:linux", "\norg.asked:linux")]
)
def test_broken_list_is_named(small: Path, old: str, new: str):
    path = java_environment.jars_file(small)
    path.write_text(SMALL.replace(old, new))
    with pytest.raises(InputError, match=re.escape(str(path))):
        java_environment.read_jars(path)


def test_jars_come_into_the_library(machine: Path, small: Path, tmp_path: Path):
    jdk(machine)
    maven(machine, CONTENT)
    folder = tmp_path / "environment"
    folder.mkdir()
    made = java_environment.build(small, folder, None)
    assert os.listdir(folder) == ["lib"]
    assert (folder / "lib" / "for-1.0-linux-x86_64.jar").read_bytes() == CONTENT
    assert made["packages"] == {"org.asked:for": "1.0"}
    assert (made["kind"], made["interpreter"]) == ("system", "Java 17.0.1")
    assert made["path"] == [str(machine)]


def test_another_jar_than_the_pinned_one_is_refused(machine: Path, small: Path, tmp_path: Path):
    jdk(machine)
    maven(machine, b"another jar")
    with pytest.raises(InputError, match="linux-x86_64 with another checksum"):
        java_environment.build(small, tmp_path, None)


def test_what_is_missing_is_named_with_the_mend(machine: Path, small: Path, tmp_path: Path):
    with pytest.raises(InputError, match="openjdk-17-jdk-headless"):
        java_environment.build(small, tmp_path, None)
    # A runtime without a compiler, and a JDK of another version.
    program(machine / "java", "exit 0")
    jdk(tmp_path / "no-jdks" / "jdk-25" / "bin", "25.0.1")
    with pytest.raises(InputError, match="no JDK 17"):
        java_environment.build(small, tmp_path, None)
    jdk(tmp_path / "no-jdks" / "jdk-17" / "bin")
    with pytest.raises(InputError, match="the package maven"):
        java_environment.build(small, tmp_path, None)
    program(machine / "mvn", "echo '[ERROR] Unknown host'; exit 1")
    (tmp_path / "lib").rmdir()
    with pytest.raises(InputError, match="check the network; it says: Unknown host"):
        java_environment.build(small, tmp_path, None)
