"""The environments: their pins are complete, and each is built, checked and found as promised.

Some tests need the network, as the workflow does.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import build_environment
import pin_environments
import pytest
from common import InputError

ROOT = Path(__file__).parents[1]
ENVIRONMENT_FILES = sorted((ROOT / "envs").glob("*.yaml"))
PYTHON_FILES = [path for path in ENVIRONMENT_FILES if not path.with_suffix(".jars").exists()]
PINNED_FILES = [*sorted((ROOT / "envs").iterdir()), *sorted(ROOT.glob("requirements*"))]

SMALL = f"""\
name: small
channels: [conda-forge, nodefaults]
dependencies:
  - python=3.11.13
  - pip=25.3
  - pip:
      - Asked_For==1.0
      {build_environment.CLOSURE}
      - brought.along==2.0 ; sys_platform == 'linux'
"""


def run_script(
    script: str, *arguments: str | Path, root: Path = ROOT
) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, root / "scripts" / script, *arguments], capture_output=True, text=True
    )


def program(path: Path, lines: str) -> Path:
    """Write an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without Python or uv but what a test puts into the folder that this returns."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "no-pyenv"))
    return folder


@pytest.fixture(scope="module")
def numpy_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The environment numpy, really built, and then moved."""
    folder = tmp_path_factory.mktemp("environments") / "numpy"
    # What a build that was killed leaves behind.
    program(folder / "bin" / "python", "exit 1")
    (folder / "pyvenv.cfg").touch()
    (folder / "half-made").touch()
    built = run_script(
        "build_environment.py", "--file", ROOT / "envs" / "numpy.yaml", "--folder", folder
    )
    assert built.returncode == 0, built.stderr
    assert not (folder / "half-made").exists()
    return folder.rename(folder.with_name("moved"))


# --- the pins


@pytest.mark.parametrize(
    "name",
    ["requirements", *(path.stem for path in ENVIRONMENT_FILES), "requirements-dev"],
)
def test_pins_are_the_closure_of_what_is_asked_for(name: str):
    if (ROOT / "envs" / f"{name}.jars").exists() and not shutil.which("mvn"):
        pytest.skip("Maven is not on the PATH")
    checked = run_script("pin_environments.py", name, "--check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("change", ["missing", "superfluous"])
def test_check_names_the_file_and_pinning_mends_it(tmp_path: Path, change: str):
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    shutil.copytree(ROOT / "envs", tmp_path / "envs")
    path = tmp_path / "envs" / "keras.yaml"
    text = path.read_text()
    if change == "missing":
        path.write_text(re.sub(r" *- gast==.*\n", "", text))
    else:
        path.write_text(text + "      - iniconfig==2.0.0\n")
    damaged = path.read_text()
    assert damaged != text

    checked = run_script("pin_environments.py", "keras", "--check", root=tmp_path)
    assert checked.returncode == 1
    assert checked.stderr.startswith("error: envs/keras.yaml: ")
    assert path.read_text() == damaged

    assert run_script("pin_environments.py", "keras", root=tmp_path).returncode == 0
    pinned = build_environment.read_environment_file(path).versions()
    assert pinned.keys() == parse(text, tmp_path).versions().keys()


def parse(text: str, folder: Path) -> build_environment.EnvironmentFile:
    path = folder / "text.yaml"
    path.write_text(text)
    return build_environment.read_environment_file(path)


def test_development_has_the_versions_of_the_workflow_and_of_the_plain_command():
    development = pin_environments.pins_of((ROOT / "requirements-dev.txt").read_text())
    plain = pin_environments.pins_of((ROOT / "requirements.txt").read_text())
    assert plain <= development
    workflow = build_environment.read_environment_file(ROOT / "envs" / "workflow.yaml")
    assert {f"{n}=={v}" for n, v in workflow.versions().items()} <= {
        line.partition(" ;")[0] for line in development
    }


@pytest.mark.parametrize("path", PINNED_FILES, ids=lambda path: path.name)
def test_no_address_and_no_path_is_pinned(path: Path):
    assert not re.search(r"://|index-url|find-links|(^|\s)/\w| @ ", path.read_text())


@pytest.mark.parametrize("path", PYTHON_FILES, ids=lambda path: path.stem)
def test_environment_file_is_named_after_its_environment(path: Path):
    assert build_environment.read_environment_file(path).name == path.stem


def test_environment_file_is_read_in_its_two_parts(small: Path):
    file = build_environment.read_environment_file(small)
    assert file.python_minor == "3.11"
    assert file.asked == ["Asked_For==1.0"]
    assert file.versions() == {"asked-for": "1.0", "brought-along": "2.0"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (build_environment.CLOSURE, "# Something else."),
        ("Asked_For==1.0", "Asked_For>=1.0"),
        ("python=3.11.13", "perl=5"),
        ("name: small", "nam: small"),
    ],
)
def test_broken_environment_file_is_named(small: Path, old: str, new: str):
    small.write_text(SMALL.replace(old, new))
    with pytest.raises(InputError, match=re.escape(str(small))):
        build_environment.read_environment_file(small)


# --- what is installed


def test_local_build_counts_as_its_version(small: Path):
    file = build_environment.read_environment_file(small)
    found = {"python": "3.11.7", "packages": {"asked-for": "1.0+cpu"}}
    build_environment.check_pinned(file, small, found, set())


@pytest.mark.parametrize(
    ("python", "packages", "named"),
    [
        ("3.11.7", {"asked-for": "1.0", "stowaway": "3.0"}, "stowaway"),
        ("3.11.7", {"asked-for": "1.1"}, "asked-for==1.0, but 1.1"),
        ("3.11.7", {"brought-along": "2.0"}, "asks for asked-for"),
        ("3.12.1", {"asked-for": "1.0"}, "3.12.1"),
    ],
)
def test_what_is_not_pinned_is_named(small: Path, python: str, packages: dict, named: str):
    file = build_environment.read_environment_file(small)
    found = {"python": python, "packages": packages}
    with pytest.raises(InputError, match=re.escape(named)):
        build_environment.check_pinned(file, small, found, set())


def test_built_environment_can_be_moved(numpy_environment: Path):
    handle = json.loads((numpy_environment / "environment.json").read_text())
    pinned = build_environment.read_environment_file(ROOT / "envs" / "numpy.yaml").versions()
    assert handle["packages"] == pinned
    assert handle["interpreter"].startswith("Python 3.11.")
    assert (handle["name"], handle["kind"], handle["path"]) == ("numpy", "uv", ["bin"])
    python = numpy_environment / handle["path"][0] / "python"
    answer = subprocess.run(
        [python, "-c", "import numpy; print(numpy.__version__)"], capture_output=True, text=True
    )
    assert answer.stdout.strip() == pinned["numpy"], answer.stderr


def test_conda_environment_gets_a_handle(numpy_environment: Path, tmp_path: Path):
    # Any prefix with a Python will do, even one with a space.
    prefix = tmp_path / "conda prefix"
    prefix.symlink_to(numpy_environment)
    folder = tmp_path / "numpy"
    file = ROOT / "envs" / "numpy.yaml"
    made = run_script(
        *("build_environment.py", "--file", file, "--folder", folder, "--conda-prefix", prefix)
    )
    assert made.returncode == 0, made.stderr
    handle = json.loads((folder / "environment.json").read_text())
    assert (handle["kind"], handle["path"]) == ("conda", [str(prefix / "bin")])
    answer = subprocess.run(
        [folder / "bin" / "python", "-c", "import numpy, sys; print(sys.argv[1:])", "a b", "c"],
        capture_output=True,
        text=True,
    )
    assert answer.stdout.strip() == "['a b', 'c']", answer.stderr


# --- what can go wrong


def build(small: Path, folder: Path) -> None:
    file = build_environment.read_environment_file(small)
    build_environment.build(file, small, folder, [])


def test_without_uv_and_without_pip_the_mend_is_named(bare_machine: Path, tmp_path: Path):
    program(bare_machine / "python", "exit 1")
    with pytest.raises(InputError, match="pip install uv"):
        build_environment.find_uv(tmp_path / "environments")


def test_without_uv_the_pinned_one_is_fetched(bare_machine: Path, tmp_path: Path):
    environments = tmp_path / "environments"
    # `python -m venv FOLDER` makes a Python whose `-m pip install uv==...` leaves a uv.
    pip = r'/bin/echo "$4" > "$0.asked"; /bin/cp "$0" "${0%/*}/uv"'
    made = program(tmp_path / "made", pip)
    program(bare_machine / "python", f'/bin/mkdir -p "$3/bin"; /bin/cp {made} "$3/bin/python"')
    assert build_environment.find_uv(environments) == str(environments / ".uv" / "bin" / "uv")
    asked = (environments / ".uv" / "bin" / "python.asked").read_text().strip()
    assert f"{asked} \\\n" in (ROOT / "requirements.txt").read_text()


def test_uv_beside_python_comes_before_the_path(
    bare_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    on_path = program(tmp_path / "path" / "uv", "exit 0")
    monkeypatch.setenv("PATH", str(on_path.parent))
    assert build_environment.find_uv(tmp_path) == str(on_path)
    beside = program(bare_machine / "uv", "exit 0")
    assert build_environment.find_uv(tmp_path) == str(beside)


def test_python_is_looked_for_in_the_named_folders_first(bare_machine: Path, tmp_path: Path):
    assert build_environment.find_python("3.11", []) == "3.11"
    # A shim of a Python that is switched off, and a Python of another version.
    program(bare_machine / "python3.11", "exit 127")
    program(tmp_path / "other" / "bin" / "python3.11", "echo 3.12 /other")
    folders = [tmp_path / "other", tmp_path / "not-there", tmp_path / "versions"]
    assert build_environment.find_python("3.11", folders) == "3.11"
    program(bare_machine / "python3.11", "echo 3.11 /on/path")
    assert build_environment.find_python("3.11", folders) == "/on/path"
    program(tmp_path / "versions" / "3.11.9" / "bin" / "python3.11", "echo 3.11 /named")
    assert build_environment.find_python("3.11", folders) == "/named"


@pytest.mark.parametrize(
    ("uv", "mend"),
    [
        ('[ "$1" = venv ] && echo "No interpreter found" >&2; exit 2', "python_folders"),
        ('[ "$1" = venv ] || { echo "no version of asked-for" >&2; exit 1; }', "--upgrade"),
        ('[ "$1" = venv ] || { echo "(os error 28)" >&2; exit 1; }', "no space left"),
    ],
    ids=["no Python", "no package", "no space"],
)
def test_failure_of_uv_ends_in_a_mend(
    bare_machine: Path, small: Path, tmp_path: Path, uv: str, mend: str
):
    program(bare_machine / "uv", uv)
    folder = tmp_path / "environment"
    with pytest.raises(InputError, match=re.escape(mend)) as error:
        build(small, folder)
    assert "\n" not in str(error.value)
    assert not (folder / "environment.json").exists()


def test_a_failed_script_ends_in_one_sentence(small: Path, tmp_path: Path):
    failed = run_script(
        *("build_environment.py", "--file", small, "--folder", tmp_path / "environment"),
        *("--conda-prefix", tmp_path / "nothing"),
    )
    assert failed.returncode == 1
    assert failed.stderr.startswith("error: ")
    assert failed.stderr.count("\n") == 1


def test_a_folder_that_is_no_environment_is_left_alone(tmp_path: Path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(InputError, match=re.escape(str(tmp_path))):
        build_environment.make_empty(tmp_path)
    assert os.listdir(tmp_path) == ["thesis.tex"]


# --- what comes from a release of Debian

DEBIAN = {
    "release": "old",
    "packages": ["greeter"],
    "programs": ["usr/bin/greet"],
    "libraries": ["fast"],
}
# Extracts a release whose loader says what it was started with.
MMDEBSTRAP = r"""
/bin/echo "$@" > "$0.asked"
for root; do :; done
doc="$root/usr/share/doc/greeter"
/bin/mkdir -p "$root/lib/cpu" "$root/usr/bin" "$doc"
printf '#!/bin/sh\nprintf "%%s\\n" "$@"\n' > "$root/lib/cpu/ld-linux-cpu.so.2"
/bin/chmod +x "$root/lib/cpu/ld-linux-cpu.so.2"
echo 'greeter (1.0-2) old; urgency=low' | /bin/gzip > "$doc/changelog.Debian.gz"
"""


def test_program_of_debian_is_started_by_its_own_loader(bare_machine: Path, tmp_path: Path):
    program(bare_machine / "mmdebstrap", MMDEBSTRAP)
    folder = tmp_path / "environment"
    (folder / "bin").mkdir(parents=True)
    assert build_environment.add_debian(DEBIAN, folder) == {"greeter": "1.0-2"}
    asked = (bare_machine / "mmdebstrap.asked").read_text().split()
    assert asked[-3:] == ["--include=greeter", "old", str(folder / "debian")]
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
        build_environment.add_debian(DEBIAN, tmp_path)


def test_failure_of_mmdebstrap_is_told(bare_machine: Path, tmp_path: Path):
    program(bare_machine / "mmdebstrap", 'echo "E: no such release" >&2; exit 25')
    with pytest.raises(InputError, match="mmdebstrap says: E: no such release"):
        build_environment.add_debian(DEBIAN, tmp_path)
