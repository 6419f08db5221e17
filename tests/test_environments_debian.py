"""What an environment takes from a release of Debian: its programs run as they would there."""

import subprocess
from pathlib import Path

import pytest
from conftest import program
from environments import debian
from shared.script import InputError

DEBIAN = {
    "release": "old",
    "packages": ["greeter"],
    "programs": ["usr/bin/greet"],
    "libraries": ["fast"],
}
# Extracts a release whose loader says what it was started with.
MMDEBSTRAP = r"""
printf '%s\n' "$@" > "$0.asked"
for root; do :; done
doc="$root/usr/share/doc/greeter"
mkdir -p "$root/lib/cpu" "$root/usr/bin" "$doc"
printf '#!/bin/sh\nprintf "%%s\\n" "$@"\n' > "$root/lib/cpu/ld-linux-cpu.so.2"
chmod +x "$root/lib/cpu/ld-linux-cpu.so.2"
echo 'greeter (1.0-2) old; urgency=low' | gzip > "$doc/changelog.Debian.gz"
"""


@pytest.fixture
def brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What apt brought to a machine that has no keys of Debian: a folder with these."""
    monkeypatch.setattr(debian, "KEYRING", Path("no/such/keys.gpg"))
    keys = tmp_path / "brought" / "root" / debian.KEYRING
    keys.parent.mkdir(parents=True)
    keys.touch()
    return tmp_path / "brought"


def test_program_of_debian_is_started_by_its_own_loader(
    bare_machine: Path, brought: Path, tmp_path: Path
):
    program(bare_machine / "mmdebstrap", MMDEBSTRAP)
    folder = tmp_path / "environment"
    assert debian.build(DEBIAN, folder, [brought]) == {"greeter": "1.0-2"}
    asked = (bare_machine / "mmdebstrap.asked").read_text().splitlines()
    assert asked[-3:] == ["--include=greeter", "old", str(folder / "debian")]
    assert f"--keyring={brought / 'root' / debian.KEYRING}" in asked
    moved = folder.rename(tmp_path / "moved environment")
    answer = subprocess.run(
        [moved / "bin" / "greet", "a b", "c"],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin"},
    )
    root = moved / "debian"
    libraries = ["usr/lib/cpu/fast", "lib/cpu", "usr/lib/cpu", "usr/lib"]
    assert answer.stdout.splitlines() == [
        "--library-path",
        ":".join(f"{root}/{path}" for path in libraries),
        str(root / "usr/bin/greet"),
        "a b",
        "c",
    ]


def test_without_mmdebstrap_the_mend_is_named(bare_machine: Path, tmp_path: Path):
    with pytest.raises(InputError, match="apt install mmdebstrap"):
        debian.build(DEBIAN, tmp_path, [])


def test_without_the_keys_of_debian_the_mend_is_named(bare_machine: Path, brought: Path):
    program(bare_machine / "mmdebstrap", MMDEBSTRAP)
    with pytest.raises(InputError, match="apt install debian-archive-keyring"):
        debian.build(DEBIAN, brought / "environment", [])


def test_failure_of_mmdebstrap_is_told(bare_machine: Path, brought: Path, tmp_path: Path):
    program(bare_machine / "mmdebstrap", 'echo "E: no such release" >&2; exit 25')
    with pytest.raises(InputError, match="mmdebstrap says: E: no such release"):
        debian.build(DEBIAN, tmp_path, [brought])
