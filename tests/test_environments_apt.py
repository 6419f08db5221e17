"""What apt brings to a machine that lacks it, with made-up apt programs: no network, no root."""

import os
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, program
from environments import apt, debian, tools
from environments import build as build_environment
from environments.files import read_environment_file, read_parts
from shared.script import InputError

# Leaves one package where it is told to, and notes each call.
APT_GET = r"""
printf '%s\n' "$*" >> "$0.asked"
for option; do case $option in -oDir::Cache::Archives=*) debs=${option#*=}; esac; done
case "$*" in *" install "*) echo > "$debs/tool_1_all.deb"; esac
"""
# Extracts a program that tells its arguments and variables, and an absolute link.
DPKG_DEB = r"""
mkdir -p "$3/usr/bin" "$3/etc/tool" "$3/usr/share/tool" "$3/usr/lib/cpu-linux-gnu"
for name in mmdebstrap g++; do
    printf '#!/bin/sh\necho "$0" "$@" "$LD_LIBRARY_PATH"\n' > "$3/usr/bin/$name"
    chmod +x "$3/usr/bin/$name"
done
rm -f "$3/lib"  # As the real one does, if it is a link.
mkdir -p "$3/lib/cpu-linux-gnu"
echo old > "$3/lib/cpu-linux-gnu/libold.so.1"
ln -s /etc/tool "$3/usr/share/tool/settings"
"""


@pytest.fixture
def machine_with_apt(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing but apt's programs."""
    program(bare_machine / "apt-get", APT_GET)
    program(bare_machine / "dpkg-deb", DPKG_DEB)
    monkeypatch.setattr(apt, "MACHINE_LIBRARIES", ())
    return bare_machine


def answer(path: Path, *arguments: str) -> str:
    """Return what a program prints on a machine with the usual small tools."""
    variables = {"PATH": "/usr/bin:/bin"}
    command = [path, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=variables).stdout.strip()


def test_a_missing_program_is_brought_and_can_be_moved(machine_with_apt: Path, tmp_path: Path):
    environments = tmp_path / "environments"
    folders = build_environment.bring_needs(
        read_environment_file(ROOT / "envs" / "torch7.yaml"),
        {"debian": {"release": "old"}},
        [],
        environments,
    )
    assert debian.find_mmdebstrap(folders).is_relative_to(environments)
    moved = environments.rename(tmp_path / "moved environments") / ".apt" / "mmdebstrap"
    root = moved / "root"
    assert answer(moved / "bin" / "mmdebstrap", "a b") == (
        f"{root}/usr/bin/mmdebstrap a b {root}/usr/lib/cpu-linux-gnu"
    )
    # A package of before Debian 13 has files in /lib, which is one folder with /usr/lib.
    assert (root / "usr/lib/cpu-linux-gnu/libold.so.1").read_text() == "old\n"
    assert os.readlink(root / "lib") == "usr/lib"
    assert os.readlink(root / "usr/share/tool/settings") == "../../../etc/tool"


def test_apt_is_asked_once_and_writes_into_its_own_folder(machine_with_apt: Path, tmp_path: Path):
    for _ in range(2):
        apt.bring("mmdebstrap", tmp_path)
    update, install = (machine_with_apt / "apt-get.asked").read_text().splitlines()
    assert update.endswith(" update")
    assert install.endswith(" --no-install-recommends --download-only install mmdebstrap")
    for option in ("Dir::State", "Dir::Cache", "Dir::Cache::Archives", "Dir::Etc::SourceList"):
        assert f"-o{option}={tmp_path}/.apt/" in install


def test_a_compiler_looks_below_its_own_root(machine_with_apt: Path, tmp_path: Path):
    folder, *_ = apt.bring("g++", tmp_path)
    tools.pass_on(folder / "bin" / "g++", tmp_path / "environment", {})
    root = tmp_path / ".apt" / "g++" / "root"
    told = answer(tmp_path / "environment" / "bin" / "g++", "x.cc")
    assert told.startswith(f"{root}/usr/bin/g++ --sysroot={root} x.cc ")


def test_a_package_that_apt_cannot_have_is_told_and_tried_again(
    machine_with_apt: Path, tmp_path: Path
):
    program(machine_with_apt / "apt-get", "echo 'E: Unable to locate package maven'; exit 100")
    with pytest.raises(InputError, match=r"maven: check the network.*E: Unable to locate") as error:
        apt.bring("maven", tmp_path)
    assert "\n" not in str(error.value)
    assert not (tmp_path / ".apt" / "maven").exists()
    program(machine_with_apt / "apt-get", APT_GET)
    assert apt.bring("maven", tmp_path) == [tmp_path / ".apt" / "maven"]


def test_a_package_of_an_older_debian_is_looked_for_on_the_machines_own_mirror(
    machine_with_apt: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    key = tmp_path / "key.gpg"
    key.touch()
    monkeypatch.setattr(apt, "KEY", key)
    # It has the package only when the older release is among its sources.
    program(
        machine_with_apt / "apt-get",
        """
case "$*" in *indextargets*)
    echo "http://mirror.example/security Debian Debian-Security"
    echo "http://mirror.example/debian Debian Debian"
    exit;; esac
for option; do case $option in -oDir::Etc::SourceList=*) sources=${option#*=}; esac; done
case "$*" in *" install "*) grep -q . "$sources" || { echo "E: none"; exit 100; }; esac
"""
        + APT_GET,
    )
    apt.bring("mmdebstrap", tmp_path / "environments")
    sources = (tmp_path / "environments" / ".apt" / "sources.list").read_text()
    assert sources.split("\n")[1] == (
        f"deb [signed-by={key}] http://mirror.example/debian bookworm main"
    )


@pytest.mark.parametrize("name", ["caffe", "deeplearning4j", "theano-keras"])
def test_what_apt_can_bring_is_not_missing(
    machine_with_apt: Path, name: str, monkeypatch: pytest.MonkeyPatch
):
    """A framework is skipped for it only where apt's programs are not there."""
    monkeypatch.setattr(build_environment.python, "find_python", lambda minor, folders: minor)
    path = ROOT / "envs" / f"{name}.yaml"
    build_environment.find_needs(read_environment_file(path), read_parts(path), [])
    (machine_with_apt / "dpkg-deb").unlink()
    with pytest.raises(InputError):
        build_environment.find_needs(read_environment_file(path), read_parts(path), [])


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("torch7", r"put th on the PATH .* or use conda \(--sdm conda\)\.$"),
        ("candle", r"^cargo is neither .*: install Rust .* or use conda \(--sdm conda\)\.$"),
    ],
)
def test_what_apt_does_not_have_is_missing_with_it_too(
    machine_with_apt: Path, name: str, sentence: str
):
    path = ROOT / "envs" / f"{name}.yaml"
    with pytest.raises(InputError, match=sentence):
        build_environment.find_needs(read_environment_file(path), read_parts(path), [])
