"""The environments: their pins are complete, and each is made of its parts, with conda or without.

Some tests need the network, as the workflow does.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, SMALL, program
from environments import build as build_environment
from environments.files import CLOSURE, EnvironmentFile, read_environment_file, read_parts
from maintenance import pin_environments
from shared.script import InputError

ENVIRONMENT_FILES = sorted((ROOT / "envs").glob("*.yaml"))
PINNED_FILES = [*sorted((ROOT / "envs").iterdir()), *sorted(ROOT.glob("requirements*"))]

JAVA = "  - openjdk=17.0.15\n  - maven=3.9.11\n"
JAR = b"a jar"
JARS = f"org.asked:for:1.0\n{CLOSURE}\norg.asked:for:1.0 {hashlib.sha256(JAR).hexdigest()}\n"

# A Python in which the pinned packages of SMALL are installed.
PYTHON = """
echo '{"python": "3.11.7", "packages": {"Asked-For": "1.0", "brought.along": "2.0"}}'
"""


# Also where a test makes a machine of its own.
THIS_PYTHON = sys.executable


def run_script(
    script: str, *arguments: str | Path, root: Path = ROOT
) -> subprocess.CompletedProcess:
    return subprocess.run(
        [THIS_PYTHON, root / "scripts" / script, *arguments], capture_output=True, text=True
    )


def output_of(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def nothing(tmp_path: Path) -> Path:
    """An environment file of no language: what it has is in its parts."""
    path = tmp_path / "nothing.yaml"
    path.write_text("name: nothing\ndependencies: []\n")
    return path


@pytest.fixture
def machine(bare_machine: Path) -> Path:
    """A machine with a uv that installs the packages of SMALL, a JDK, and a Maven with its jar."""
    installed = program(bare_machine.with_name("installed-python"), PYTHON)
    program(
        bare_machine / "uv",
        f"""\
for last; do :; done
case $1 in
python) echo cpython-3.11 ;;
venv)
  mkdir -p "$last/bin" "$last/lib/brought.libs"
  touch "$last/pyvenv.cfg"
  cp '{installed}' "$last/bin/python"
  echo fast > "$last/lib/brought.libs/libfast-1a2b.so" ;;
esac""",
    )
    java_programs(bare_machine)
    return bare_machine


def java_programs(folder: Path) -> None:
    """Put a JDK 17 and a Maven that fetches the jar of JARS into a folder."""
    program(folder / "java", "echo 'openjdk version \"17.0.1\" 2021-10-19' >&2")
    program(folder / "javac", "exit 0")
    program(
        folder / "mvn",
        f"""\
for last; do :; done
target=${{last#-DoutputDirectory=}}/org/asked/for/1.0
mkdir -p "$target"
printf '{JAR.decode()}' > "$target/for-1.0.jar" """,
    )


@pytest.fixture(scope="module")
def numpy_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The environment numpy, really built, and then moved."""
    folder = tmp_path_factory.mktemp("environments") / "numpy"
    # What a build that was killed leaves behind.
    program(folder / "bin" / "python", "exit 1")
    (folder / "pyvenv.cfg").touch()
    (folder / "half-made").touch()
    built = run_script(
        "environments/build.py", "--file", ROOT / "envs" / "numpy.yaml", "--folder", folder
    )
    assert built.returncode == 0, built.stderr
    assert not (folder / "half-made").exists()
    return folder.rename(folder.with_name("moved"))


# --- the pins


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["requirements", *(path.stem for path in ENVIRONMENT_FILES), "requirements-dev"]
)
def test_pins_are_the_closure_of_what_is_asked_for(name: str):
    if (ROOT / "envs" / f"{name}.jars").exists() and not shutil.which("mvn"):
        pytest.skip("Maven is not on the PATH")
    checked = run_script("maintenance/pin_environments.py", name, "--check")
    if "has none to download" in checked.stderr or "python-build-standalone" in checked.stderr:
        pytest.skip(f"this machine has no Python for envs/{name}.yaml, and uv can fetch none")
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

    checked = run_script("maintenance/pin_environments.py", "keras", "--check", root=tmp_path)
    assert checked.returncode == 1
    assert checked.stderr.startswith("error: envs/keras.yaml: ")
    assert path.read_text() == damaged

    assert run_script("maintenance/pin_environments.py", "keras", root=tmp_path).returncode == 0
    pinned = read_environment_file(path).versions()
    assert pinned.keys() == parse(text, tmp_path).versions().keys()


def test_a_new_environment_file_is_written_from_a_few_names(tmp_path: Path):
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    shutil.copytree(ROOT / "envs", tmp_path / "envs")
    path = tmp_path / "envs" / "mine.yaml"

    def pin(*words: str):
        return run_script("maintenance/pin_environments.py", *words, root=tmp_path)

    assert pin("mine", "--new", "python-dateutil==2.9.0", "iniconfig").returncode == 0
    found = read_environment_file(path)
    assert found.name == "mine"
    assert found.python == read_environment_file(ROOT / "envs" / "numpy.yaml").python
    assert [line.partition("==")[0] for line in found.asked] == ["python-dateutil", "iniconfig"]
    # The only package that either of them needs.
    assert [line.partition("==")[0] for line in found.closure] == ["six"]
    assert found.versions()["python-dateutil"] == "2.9.0"
    assert pin("mine", "--check").returncode == 0

    text = path.read_text()
    again = pin("mine", "--new", "iniconfig")
    assert again.returncode == 1
    assert again.stderr.startswith("error: ") and "mine.yaml exists" in again.stderr
    assert path.read_text() == text
    assert pin("--new", "iniconfig").returncode == 2


def parse(text: str, folder: Path) -> EnvironmentFile:
    path = folder / "text.yaml"
    path.write_text(text)
    return read_environment_file(path)


def test_conda_and_development_have_the_versions_of_the_plain_command():
    development = pin_environments.pins_of((ROOT / "requirements-dev.txt").read_text())
    plain = pin_environments.pins_of((ROOT / "requirements.txt").read_text())
    # A package may be missing on a platform in one file, and be there on all platforms in the
    # other.
    plain, development = ({pin.partition(" ;")[0] for pin in pins} for pins in (plain, development))
    assert plain <= development
    workflow = read_environment_file(ROOT / "envs" / "workflow.yaml")
    assert {f"{n}=={v}" for n, v in workflow.versions().items()} <= plain


@pytest.mark.parametrize("path", PINNED_FILES, ids=lambda path: path.name)
def test_no_address_and_no_path_is_pinned(path: Path):
    assert not re.search(r"://|index-url|find-links|(^|\s)/\w| @ ", path.read_text())


# --- the files


@pytest.mark.parametrize("path", ENVIRONMENT_FILES, ids=lambda path: path.stem)
def test_environment_file_is_named_after_its_environment(path: Path):
    assert read_environment_file(path).name == path.stem
    # Its parts can be read, and make no other.
    assert read_parts(path).keys() <= {"debian", "programs", "apt", "libraries"}


def test_no_part_is_without_its_environment_file():
    stems = {path.stem for path in (ROOT / "envs").iterdir()}
    assert stems == {path.stem for path in ENVIRONMENT_FILES}


def test_environment_file_is_read_in_its_two_parts(small: Path):
    file = read_environment_file(small)
    assert (file.python_minor, file.java, file.conda) == ("3.11", None, [])
    assert file.asked == ["Asked_For==1.0"]
    assert file.versions() == {"asked-for": "1.0", "brought-along": "2.0"}


def test_languages_are_told_from_what_else_conda_brings(small: Path):
    small.write_text(f"name: small\ndependencies:\n{JAVA}  - caffe=1.0\n")
    file = read_environment_file(small)
    assert (file.java_major, file.python, file.conda) == ("17", None, ["caffe=1.0"])


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            CLOSURE,
            "# Something else.",
            ": the line '# Their closure, written by that command.' must be there once: write it"
            " below the packages of pip that you ask for",
        ),
        (
            "Asked_For==1.0",
            "Asked_For>=1.0",
            ", line 7: 'Asked_For>=1.0' has no exact version; write Asked_For==VERSION.",
        ),
        (
            "Asked_For==1.0",
            "Asked_For",
            ", line 7: 'Asked_For' has no exact version; write Asked_For==VERSION.",
        ),
        (
            "brought.along==2.0 ;",
            "brought.along==2.* ;",
            ", line 9: 'brought.along==2.* ; sys_platform == 'linux'' has no exact version",
        ),
        (
            "python=3.11.13",
            "perl=5",
            ": it has packages of pip, but no Python; write '- python=VERSION' above them.",
        ),
        (
            "python=3.11.13",
            "python  # any",
            ", line 4: 'python' has no exact version; write python=VERSION, as conda has it.",
        ),
        (
            "python=3.11.13",
            "python>=3.11",
            ", line 4: 'python>=3.11' has no exact version; write python=VERSION",
        ),
        ("name: small", "nam: small", ": the key name is missing; add it."),
        ("name: small", "name: [small", " is not valid YAML"),
        ("  - pip:", "  - pipe:", "pipe"),
        (SMALL, "small", ": 'small' must be a mapping of keys to values."),
    ],
)
def test_broken_environment_file_is_named(small: Path, old: str, new: str, sentence: str):
    assert old in SMALL
    small.write_text(SMALL.replace(old, new))
    with pytest.raises(InputError, match=re.escape(str(small))) as error:
        read_environment_file(small)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_environment_file_is_named(small: Path):
    small.unlink()
    with pytest.raises(InputError, match=re.escape(f"{small} does not exist.")):
        read_environment_file(small)


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ("debain: {}", "unknown key 'debain'; did you mean 'debian'?"),
        (
            "debian: {release: old, packages: [greeter]}",
            "debian: the key programs is missing; add it.",
        ),
        (
            "debian: {release: old, packages: [], programs: [usr/bin/greet]}",
            "debian.packages: the list is empty; write one entry or more.",
        ),
        ("programs: [th]", "programs: ['th'] must be a mapping of keys to values."),
        ("programs: {th: null}", "programs.th: null must be text."),
        ("libraries: {libblas.so.3: 3}", "libraries.libblas.so.3: 3 must be text."),
        ("libraries: {", "is not valid YAML"),
        ("", "null must be a mapping of keys to values."),
    ],
)
def test_broken_parts_are_named(small: Path, parts: str, sentence: str):
    path = small.with_suffix(".parts")
    path.write_text(parts)
    with pytest.raises(InputError, match=re.escape(sentence)) as error:
        read_parts(small)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_most_environments_have_no_further_parts(small: Path):
    assert read_parts(small) == {}


# --- an environment of its parts


def test_environment_of_several_parts_can_be_moved(machine: Path, small: Path, tmp_path: Path):
    small.write_text(SMALL.replace("  - pip=25.3\n", f"  - pip=25.3\n{JAVA}"))
    small.with_suffix(".jars").write_text(JARS)
    small.with_suffix(".parts").write_text("libraries: {libblas.so.3: lib/*.libs/libfast-*.so}")
    folder = tmp_path / "environment"
    handle = build_environment.build(small, folder, None, [])
    assert handle == {
        "name": "small",
        "kind": "local",
        # Its own programs, then those of the machine's JDK.
        "path": ["bin", str(machine)],
        "variables": {},
        "packages": {
            "python": "3.11.7",
            "asked-for": "1.0",
            "brought-along": "2.0",
            "openjdk": "17.0.1",
            "org.asked:for": "1.0",
        },
    }
    moved = folder.rename(tmp_path / "moved")
    assert (moved / "libraries" / "libblas.so.3").read_text() == "fast\n"
    assert (moved / "jars" / "for-1.0.jar").read_bytes() == JAR


def test_library_that_nothing_brings_is_named(machine: Path, small: Path, tmp_path: Path):
    small.with_suffix(".parts").write_text("libraries: {libblas.so.3: lib/*.libs/libslow-*.so}")
    with pytest.raises(InputError, match=r"has no lib/\*\.libs/libslow-\*\.so, which is to be lib"):
        build_environment.build(small, tmp_path / "environment", None, [])


def test_built_environment_can_be_moved(numpy_environment: Path):
    handle = json.loads((numpy_environment / "environment.json").read_text())
    pinned = read_environment_file(ROOT / "envs" / "numpy.yaml").versions()
    assert handle["packages"].pop("python").startswith("3.11.")
    assert handle["packages"] == pinned
    assert (handle["name"], handle["kind"], handle["path"]) == ("numpy", "local", ["bin"])
    python = numpy_environment / handle["path"][0] / "python"
    assert (
        output_of(python, "-c", "import numpy; print(numpy.__version__)").strip()
        == (pinned["numpy"])
    )


# --- one folder of environments, several checkouts


@pytest.fixture
def jar(machine: Path, tmp_path: Path) -> Path:
    """The file of an environment of Java with one jar."""
    path = tmp_path / "jar.yaml"
    path.write_text(f"name: jar\ndependencies:\n{JAVA}")
    path.with_suffix(".jars").write_text(JARS)
    return path


def make(file: Path, folder: Path, root: Path = ROOT) -> dict:
    """Make an environment as Snakemake does, which deletes the handle first; return the handle."""
    (folder / "environment.json").unlink(missing_ok=True)
    made = run_script("environments/build.py", "--file", file, "--folder", folder, root=root)
    assert made.returncode == 0, made.stderr
    return json.loads((folder / "environment.json").read_text())


def test_an_environment_that_fits_is_kept(jar: Path, tmp_path: Path):
    folder = tmp_path / "environment"
    handle = make(jar, folder)
    assert handle["packages"] == {"openjdk": "17.0.1", "org.asked:for": "1.0"}
    (folder / ".marker").touch()
    assert make(jar, folder) == handle
    assert (folder / ".marker").exists()
    # Any change of what it was made from builds it again.
    for ending, line in (("yaml", "# a comment"), ("jars", ""), ("parts", "libraries: {}")):
        with jar.with_suffix(f".{ending}").open("a") as file:
            file.write(f"{line}\n")
        assert make(jar, folder) == handle
        assert not (folder / ".marker").exists()
        (folder / ".marker").touch()


def test_new_programs_that_build_rebuild_what_is_not_shared(jar: Path, tmp_path: Path):
    root = tmp_path / "changed"
    for name in ("scripts", "schemas"):
        shutil.copytree(ROOT / name, root / name)
    folder, link = tmp_path / "environment", tmp_path / "link"
    link.symlink_to(folder)
    make(jar, folder)
    (folder / ".marker").touch()
    with (root / "scripts" / "environments" / "tools.py").open("a") as file:
        file.write("# a comment\n")
    make(jar, link, root)
    assert (folder / ".marker").exists()
    make(jar, folder, root)
    assert not (folder / ".marker").exists()


def test_a_build_that_failed_leaves_no_record(jar: Path, tmp_path: Path):
    folder = tmp_path / "environment"
    make(jar, folder)
    jar.with_suffix(".jars").write_text(JARS.replace(JARS[-65:-1], "0" * 64))
    failed = run_script("environments/build.py", "--file", jar, "--folder", folder)
    assert failed.returncode == 1
    assert "with another checksum than the jar that came" in failed.stderr
    assert not (folder / "environment.json").exists()
    jar.with_suffix(".jars").write_text(JARS)
    (folder / ".marker").touch()
    make(jar, folder)
    assert not (folder / ".marker").exists()


def test_of_two_that_build_at_once_one_builds(machine: Path, jar: Path, tmp_path: Path):
    (tmp_path / "shared").mkdir()
    for name in ("one", "two"):
        (tmp_path / name).symlink_to(tmp_path / "shared")
    calls = tmp_path / "calls"
    maven = (machine / "mvn").read_text()
    (machine / "mvn").write_text(f"{maven}\necho >> '{calls}'\nsleep 1\n")
    processes = [
        subprocess.Popen(
            [
                *(THIS_PYTHON, ROOT / "scripts" / "environments/build.py"),
                *("--file", jar, "--folder", tmp_path / name / "jar"),
            ],
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for process in processes:
        errors = process.communicate()[1]
        assert process.returncode == 0, errors
    assert calls.read_text() == "\n"
    handle = json.loads((tmp_path / "shared" / "jar" / "environment.json").read_text())
    assert handle["packages"]["org.asked:for"] == "1.0"


# --- what conda has deployed


def test_conda_environment_gets_a_handle(numpy_environment: Path, tmp_path: Path):
    # Any prefix with a Python will do, even one with a space.
    prefix = tmp_path / "conda prefix"
    prefix.symlink_to(numpy_environment)
    folder = tmp_path / "numpy"
    file = ROOT / "envs" / "numpy.yaml"
    made = run_script(
        *("environments/build.py", "--file", file, "--folder", folder, "--conda-prefix", prefix)
    )
    assert made.returncode == 0, made.stderr
    handle = json.loads((folder / "environment.json").read_text())
    assert (handle["kind"], handle["path"]) == ("conda", [str(prefix / "bin")])
    # A user's own packages must not come before those of the environment.
    code = "import numpy, os, sys; print(os.environ['PYTHONNOUSERSITE'], sys.argv[1:])"
    printed = output_of(folder / "bin" / "python", "-c", code, "a b", "c")
    assert printed.strip() == "1 ['a b', 'c']"


@pytest.fixture
def prefix(bare_machine: Path, tmp_path: Path) -> Path:
    """A conda environment with Python, Java and a library, on a machine that has none of them."""
    folder = tmp_path / "conda"
    program(folder / "bin" / "python", PYTHON)
    java_programs(folder / "bin")
    (folder / "lib" / "brought.libs").mkdir(parents=True)
    (folder / "lib" / "brought.libs" / "libfast-1a2b.so").write_text("fast\n")
    return folder


def test_conda_brings_what_would_be_of_debian_or_the_machine(
    prefix: Path, small: Path, tmp_path: Path
):
    small.write_text(SMALL.replace("  - pip=25.3\n", f"  - pip=25.3\n{JAVA}"))
    small.with_suffix(".jars").write_text(JARS)
    parts = {
        "debian": {"release": "old", "packages": ["greeter"], "programs": ["usr/bin/greet"]},
        "programs": {"th": "install Torch"},
        "libraries": {"libblas.so.3": "lib/*.libs/libfast-*.so"},
    }
    small.with_suffix(".parts").write_text(json.dumps(parts))
    folder = tmp_path / "environment"
    handle = build_environment.build(small, folder, prefix, [])
    assert (handle["kind"], handle["path"]) == ("conda", [str(prefix / "bin")])
    assert handle["packages"]["openjdk"] == "17.0.1"
    assert sorted(os.listdir(folder)) == ["bin", "jars", "libraries"]
    assert os.listdir(folder / "bin") == ["python"]
    assert (folder / "libraries" / "libblas.so.3").read_text() == "fast\n"


def test_what_conda_s_own_packages_bring_is_not_pinned(prefix: Path, small: Path, tmp_path: Path):
    stowaway = PYTHON.replace('"Asked-For"', '"stowaway": "3.0", "Asked-For"')
    program(prefix / "bin" / "python", stowaway)
    with pytest.raises(InputError, match="stowaway"):
        build_environment.build(small, tmp_path / "environment", prefix, [])
    small.write_text(SMALL.replace("  - pip=25.3\n", "  - pip=25.3\n  - caffe=1.0\n"))
    handle = build_environment.build(small, tmp_path / "environment", prefix, [])
    assert handle["packages"]["stowaway"] == "3.0"


# --- what the machine has


def test_program_of_the_machine_is_passed_on(bare_machine: Path, nothing: Path, tmp_path: Path):
    nothing.with_suffix(".parts").write_text("programs: {th: install Torch}")
    named = tmp_path / "my torch"
    # It finds its own files beside itself, so that a link to it would not do.
    program(named / "bin" / "th", r'printf "%s\n" "$(dirname "$0")" "$@"')
    folder = tmp_path / "environment"
    handle = build_environment.build(nothing, folder, None, [tmp_path / "not-there", named])
    assert handle["path"] == ["bin"]
    assert os.listdir(folder / "bin") == ["th"]
    printed = output_of("/usr/bin/env", "PATH=/usr/bin:/bin", folder / "bin" / "th", "a b", "$c")
    assert printed.splitlines() == [str(named / "bin"), "a b", "$c"]


def test_named_folders_come_before_the_path(bare_machine: Path, nothing: Path, tmp_path: Path):
    nothing.with_suffix(".parts").write_text("programs: {th: install Torch}")
    program(bare_machine / "th", "echo of the PATH")
    program(tmp_path / "named" / "th", "echo named")
    folder = tmp_path / "environment"
    build_environment.build(nothing, folder, None, [])
    assert output_of(folder / "bin" / "th") == "of the PATH\n"
    build_environment.build(nothing, folder, None, [tmp_path / "named"])
    assert output_of(folder / "bin" / "th") == "named\n"


def test_program_that_the_machine_lacks_is_named(bare_machine: Path, nothing: Path, tmp_path: Path):
    nothing.with_suffix(".parts").write_text("programs: {th: install Torch}")
    # A program that exists but cannot be run does not count.
    (bare_machine / "th").touch()
    with pytest.raises(InputError) as error:
        build_environment.build(nothing, tmp_path / "environment", None, [bare_machine])
    assert str(error.value) == (
        "th is neither on the PATH nor in the configuration's program_folders: install Torch."
    )
    assert not (tmp_path / "environment").exists()


NEEDS = {
    "python": "Python 3.11",
    "java": "no JDK 17",
    "mvn": "mvn is neither",
    "mmdebstrap": "apt install mmdebstrap",
    "th": "th is neither",
}


@pytest.mark.parametrize("missing", [None, *NEEDS])
def test_needs_are_found_without_a_download(bare_machine: Path, small: Path, missing: str | None):
    """Each missing program is named. No program that is there has to fetch anything."""
    called = bare_machine.with_name("called")
    note = f'echo "$(basename "$0") $*" >> "{called}"\n'
    programs = {"uv": "[ $1 = python ]", "mvn": "exit 1", "mmdebstrap": "exit 1", "th": "exit 1"}
    for name, lines in programs.items():
        program(bare_machine / name, note + lines)
    java_version = "echo 'openjdk version \"17.0.1\" 2021-10-19' >&2"
    program(bare_machine / "java", note + java_version)
    program(bare_machine / "javac", note)
    program(bare_machine / "python3.11", note + "echo 3.11 /a/python")
    if missing:
        for path in bare_machine.glob(f"{missing}*"):
            path.unlink()
    small.write_text(SMALL.replace("  - pip=25.3\n", f"  - pip=25.3\n{JAVA}"))
    debian = {"release": "old", "packages": ["greeter"], "programs": ["usr/bin/greet"]}
    parts = {"debian": debian, "programs": {"th": "install Torch"}}
    file = read_environment_file(small)
    if missing:
        with pytest.raises(InputError, match=NEEDS[missing]):
            build_environment.find_needs(file, parts, [])
    else:
        build_environment.find_needs(file, parts, [])
    asked = [line.split(" -c ")[0].strip() for line in called.read_text().splitlines()]
    harmless = {"python3.11 -I", "java -version", "uv python list --only-downloads cpython@3.11"}
    assert set(asked) <= harmless


# --- what can go wrong


def test_a_failed_script_ends_in_one_sentence(small: Path, tmp_path: Path):
    failed = run_script(
        *("environments/build.py", "--file", small, "--folder", tmp_path / "environment"),
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


def test_what_a_killed_build_of_jars_leaves_is_cleared(machine: Path, small: Path, tmp_path: Path):
    small.write_text(f"name: small\ndependencies:\n{JAVA}")
    small.with_suffix(".jars").write_text(JARS)
    # A Maven that is killed with the build.
    mvn = (machine / "mvn").read_text()
    program(machine / "mvn", "kill -KILL $PPID")
    folder = tmp_path / "environment"
    killed = run_script("environments/build.py", "--file", small, "--folder", folder)
    assert killed.returncode == -signal.SIGKILL
    assert len(os.listdir(folder)) > 1
    (machine / "mvn").write_text(mvn)
    build_environment.build(small, folder, None, [])
    assert os.listdir(folder) == ["jars"]
