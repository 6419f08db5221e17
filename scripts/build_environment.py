"""Make one of the environments in envs/ ready, and leave a handle to it: environment.json.

Two ways, one result. Where Snakemake has deployed the file with conda, only the handle is made.
Otherwise uv builds a virtual environment from the same file: its minor version of Python and
its ``pip:`` pins; what pip does not carry comes from a release of Debian, if a framework's
description names one (its key ``debian``). Whoever starts a program of the environment reads the
handle, and need not know which way it was.

It runs under Snakemake's own interpreter, as it makes the workflow's environment too, and so
imports nothing but the standard library and PyYAML.
"""

import argparse
import fcntl
import gzip
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import java_environment
import yaml
from common import InputError, run, whole_file

# The line that parts the pins of an environment file: above it what is asked for, below it what
# that brings along.
CLOSURE = "# Their closure, written by that command."

# conda brings these with Python itself, whether the file names them or not.
FROM_CONDA = {"pip", "setuptools", "wheel"}

# A user's own packages (~/.local) must not come before the environment's; a virtual environment
# leaves them out by itself.
CONDA_VARIABLES = {"PYTHONNOUSERSITE": "1"}

# A program of another release of Debian runs with that release's own loader and libraries only.
# Where it stands is found out when it is started, so that the workflow's folder can be moved.
DEBIAN_WRAPPER = """\
#!/bin/sh
debian=$(dirname "$(dirname "$(readlink -f "$0")")")/debian
exec "$debian/{loader}" --library-path "{libraries}" "$debian/{program}" "$@"
"""

# Run by the environment's own Python, as only that knows what is installed. It reads the files that
# importlib.metadata reads, which Python has since 3.8; an old framework's Python is older.
LIST_PACKAGES = """
import email, glob, io, json, os, platform, sys
packages = {}
for folder in sys.path:
    for file in ["*.dist-info/METADATA", "*.egg-info/PKG-INFO", "*.egg-info"]:
        for path in filter(os.path.isfile, glob.glob(os.path.join(glob.escape(folder), file))):
            metadata = email.message_from_file(io.open(path, encoding="utf-8", errors="replace"))
            packages[metadata["Name"]] = metadata["Version"]
print(json.dumps({"python": platform.python_version(), "packages": packages}))
"""


@dataclass(frozen=True)
class EnvironmentFile:
    """An environment file: ``asked`` and ``closure`` are requirement lines of pip.

    ``conda`` are the packages, beside Python and pip, that conda brings.
    """

    name: str
    python: str
    conda: list[str]
    asked: list[str]
    closure: list[str]

    @property
    def python_minor(self) -> str:
        """The version of Python without its patch level: ``3.11``."""
        return ".".join(self.python.split(".")[:2])

    def versions(self) -> dict[str, str]:
        """Return the pinned version of each package, by normalised name."""
        pins = {}
        for line in self.asked + self.closure:
            name, _, version = line.partition(";")[0].partition("==")
            pins[normalised(name)] = version.strip()
        return pins


def normalised(package: str) -> str:
    """Return a package's name in the one spelling that all its spellings share (PEP 503)."""
    return re.sub(r"[-_.]+", "-", package.partition("[")[0].strip()).lower()


def read_environment_file(path: Path) -> EnvironmentFile:
    """Read an environment file of envs/.

    Raises `InputError` if it lacks a name, a ``python=`` pin, the line `CLOSURE`, or ``==`` in a
    package.
    """
    text = path.read_text()
    if text.count(CLOSURE) != 1:
        raise InputError(f"{path}: the line '{CLOSURE}' must be there once; put it back.")

    def pip_list(part: str) -> list[str]:
        dependencies = yaml.safe_load(part)["dependencies"]
        return [line for item in dependencies if isinstance(item, dict) for line in item["pip"]]

    try:
        content = yaml.safe_load(text)
        asked = pip_list(text.partition(CLOSURE)[0])
        closure = pip_list(text)[len(asked) :]
        name = content["name"]
        packages = [item for item in content["dependencies"] if isinstance(item, str)]
        [python] = [x.removeprefix("python=") for x in packages if x.startswith("python=")]
        conda = [x for x in packages if not x.startswith(("python=", "pip="))]
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path}: not an environment file with a name, one 'python=' and a 'pip:' list: {error}"
        ) from error
    for line in asked + closure:
        if "==" not in line.partition(";")[0]:
            raise InputError(f"{path}: '{line}' has no exact version; write {line}==VERSION.")
    return EnvironmentFile(name, python, conda, asked, closure)


def find_uv(environments: Path) -> str:
    """Return the path of uv: beside this Python, on the PATH, or else fetched with pip.

    It is told to trust the certificates that the system trusts, as pip and browsers do: uv's own
    list lacks those of a company's proxy. (An older uv knows the setting by its second name.)

    Raises `InputError` if there is none and pip cannot fetch it.
    """
    for setting in ("UV_SYSTEM_CERTS", "UV_NATIVE_TLS"):
        os.environ.setdefault(setting, "1")
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("uv")
    return found or fetch_uv(environments)


def fetch_uv(environments: Path) -> str:
    """Install the uv that requirements.txt pins into ``environments``/.uv and return its path.

    A Snakemake from conda or pipx has no uv beside it, and its user did not ask for one.
    """
    requirements = (Path(__file__).parents[1] / "requirements.txt").read_text()
    folder = environments / ".uv"
    folder.mkdir(parents=True, exist_ok=True)
    # The environments are built side by side: one fetches, the others wait for it.
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "bin" / "uv").exists():
            pin = re.search(r"^uv==\S+", requirements, re.MULTILINE).group()
            print(f"uv is not on the PATH: fetching {pin} into {folder}", file=sys.stderr)
            pip = [folder / "bin" / "python", "-m", "pip", "install", pin]
            for command in ([sys.executable, "-m", "venv", folder], pip):
                if subprocess.run(command, stdout=sys.stderr).returncode:
                    raise InputError(
                        "uv is not on the PATH, and pip could not fetch it: pip install uv"
                        " (or pip install -r requirements.txt), then rerun."
                    )
    return str(folder / "bin" / "uv")


def python_candidates(minor: str, folders: Iterable[Path]) -> Iterator[Path]:
    """Yield what may be a Python ``minor``, in the order in which they are to be tried.

    A folder may hold the program itself, be the prefix of one Python, or have a prefix in each
    of its subfolders, as pyenv's ``versions`` does.
    """
    program = f"python{minor}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for folder in folders:
        for pattern in (program, f"bin/{program}", f"*/bin/{program}"):
            yield from sorted(folder.expanduser().glob(pattern))
    yield Path(sys.executable)
    yield from (Path(folder) / program for folder in os.get_exec_path())
    yield from sorted((pyenv / "versions").glob(f"*/bin/{program}"))


def find_python(minor: str, folders: Iterable[Path]) -> str:
    """Return the path of a Python ``minor`` that runs, or ``minor`` itself, for uv to find.

    Each candidate is run: a name on the PATH may be the shim of a Python that is switched off.
    """
    for candidate in python_candidates(minor, folders):
        if not os.access(candidate, os.X_OK):
            continue
        probe = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"
        answer = subprocess.run([candidate, "-I", "-c", probe], capture_output=True, text=True)
        version, _, executable = answer.stdout.strip().partition(" ")
        if answer.returncode == 0 and version == minor:
            return executable
    return minor


def run_tool(command: list[str], failure: str, folder: Path) -> None:
    """Run a tool, its progress on stderr; raise `InputError` with its last words if it fails.

    ``failure`` says what failed and how that is mended.
    """
    print(shlex.join(command), file=sys.stderr, flush=True)
    last: deque[str] = deque(maxlen=6)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        for line in process.stdout:
            print(line, end="", file=sys.stderr, flush=True)
            last.append(line.strip())
    if process.returncode:
        words = " ".join(filter(None, last))
        if "No space left on device" in words or "os error 28" in words:
            raise InputError(
                f"no space left on the disk for {folder} or for uv's cache (UV_CACHE_DIR);"
                " free some and rerun."
            )
        raise InputError(f"{failure} {Path(command[0]).name} says: {words}")


def make_empty(folder: Path) -> None:
    """Make ``folder`` an empty folder, if it held an environment, whole or half made.

    Raises `InputError` if it held anything else: a wrong --folder must not delete it.
    """
    if not folder.is_dir():
        folder.mkdir(parents=True)
        return
    # Hidden files are the parts of an unfinished handle, or what a framework keeps there.
    names = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    if not ("pyvenv.cfg" in names or names <= {"bin", "environment.json"}):
        raise InputError(f"{folder} holds something else than an environment; delete it and rerun.")
    shutil.rmtree(folder)
    folder.mkdir()


def build(file: EnvironmentFile, path: Path, folder: Path, python_folders: list[Path]) -> None:
    """Build the virtual environment that ``file`` (read from ``path``) describes, in ``folder``."""
    uv = find_uv(folder.parent)
    make_empty(folder)
    python = find_python(file.python_minor, python_folders)
    run_tool(
        # Relocatable, so that the workflow's folder can be moved.
        [uv, "venv", "--relocatable", "--no-project", "--clear", "--python", python, str(folder)],
        f"no virtual environment with Python {file.python_minor} could be made in {folder}: install"
        " that Python or name its folder in the configuration's python_folders, then rerun;",
        folder,
    )
    with tempfile.TemporaryDirectory() as temporary:
        # The pins only constrain: a build of an asked-for package that needs less of them brings
        # less. With UV_TORCH_BACKEND=cpu in the environment, uv takes the CPU build of PyTorch,
        # the same version without the 3 GB of CUDA libraries that no CPU run needs.
        constraints = Path(temporary) / "constraints.txt"
        constraints.write_text("\n".join([*file.asked, *file.closure]))
        install = [uv, "pip", "install", "--python", str(folder / "bin" / "python")]
        install += ["--constraint", str(constraints)]
        run_tool(
            [*install, *file.asked],
            f"the packages of {path} could not be installed: check the network, or, if a pin cannot"
            f" be had any more, run `python scripts/pin_environments.py {file.name} --upgrade`;",
            folder,
        )
    # Compiled now, so that no timed program spends its first start on it; not by uv, whose way asks
    # for Python 3.7. Packages may hold files that are of another Python: their errors say nothing.
    compileall = [folder / "bin" / "python", "-m", "compileall", "-qq", "-j", "0", folder / "lib"]
    subprocess.run(compileall, stdout=sys.stderr)


def find_mmdebstrap(debian: dict) -> str:
    """Return the path of mmdebstrap; raise `InputError` if there is none."""
    found = shutil.which("mmdebstrap")
    if not found:
        raise InputError(
            f"mmdebstrap is not on the PATH, which takes {' and '.join(debian['packages'])} from"
            f" Debian {debian['release']}: install it (apt install mmdebstrap), or let conda make"
            " the environments (--sdm conda)."
        )
    return found


def add_debian(debian: dict, folder: Path) -> dict[str, str]:
    """Extract packages of a release of Debian, and put programs of theirs into ``folder``/bin.

    ``debian`` is what a framework's description says under that key. The packages are not
    installed: none of their scripts runs, nothing outside of ``folder`` changes, and any user can
    do it.

    Returns the versions of the packages by their names.
    """
    root = folder / "debian"
    run_tool(
        [
            find_mmdebstrap(debian),
            "--variant=extract",
            "--mode=root" if os.geteuid() == 0 else "--mode=chrootless",
            f"--include={','.join(debian['packages'])}",
            debian["release"],
            str(root),
        ],
        f"the packages of Debian {debian['release']} could not be extracted into {root}: check the"
        " network;",
        folder,
    )
    [loader] = root.glob("lib/*/ld-linux-*.so.*")
    architecture = loader.parent.name
    libraries = [f"usr/lib/{architecture}/{name}" for name in debian.get("libraries", [])]
    libraries += [f"lib/{architecture}", f"usr/lib/{architecture}", "usr/lib"]
    for program in debian["programs"]:
        wrapper = folder / "bin" / Path(program).name
        wrapper.write_text(
            DEBIAN_WRAPPER.format(
                loader=loader.relative_to(root),
                libraries=":".join(f"$debian/{path}" for path in libraries),
                program=program,
            )
        )
        wrapper.chmod(0o755)
    return {package: debian_version(root, package) for package in debian["packages"]}


def debian_version(root: Path, package: str) -> str:
    """Return the version of an extracted package: the one that its changelog begins with."""
    with gzip.open(root / "usr/share/doc" / package / "changelog.Debian.gz", "rt") as changelog:
        return re.match(r"\S+ \((.+?)\)", changelog.readline())[1]


def wrap_conda(prefix: Path, folder: Path) -> None:
    """Put a program into ``folder`` that starts the Python of the conda environment ``prefix``.

    Raises `InputError` if there is none.
    """
    python = prefix / "bin" / "python"
    if not os.access(python, os.X_OK):
        raise InputError(f"{python} is no program; delete the conda environment and rerun.")
    make_empty(folder)
    wrapper = folder / "bin" / "python"
    wrapper.parent.mkdir()
    variables = [f"{name}={value}" for name, value in CONDA_VARIABLES.items()]
    command = shlex.join(["exec", "env", *variables, str(python)])
    wrapper.write_text(f'#!/bin/sh\n{command} "$@"\n')
    wrapper.chmod(0o755)


def installed(folder: Path) -> dict:
    """Return ``python`` (its version) and ``packages`` (name to version) of the environment.

    Raises `InputError` if its Python does not run.
    """
    command = [folder / "bin" / "python", "-I", "-c", LIST_PACKAGES]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode:
        raise InputError(
            f"{folder}/bin/python does not run; delete {folder} and rerun: {answer.stderr.strip()}"
        )
    found = json.loads(answer.stdout)
    found["packages"] = {normalised(name): version for name, version in found["packages"].items()}
    return found


def check_pinned(file: EnvironmentFile, path: Path, found: dict, ignored: set[str]) -> None:
    """Raise `InputError` unless all that is installed is what the file pins.

    The suffix of a local build is no other version: ``2.9.1+cpu`` is ``2.9.1``.
    """
    mend = f"run `python scripts/pin_environments.py {file.name}` and rerun."
    if ".".join(found["python"].split(".")[:2]) != file.python_minor:
        raise InputError(f"{path} asks for Python {file.python_minor}, got {found['python']}.")
    pins = file.versions()
    for package, version in sorted(found["packages"].items()):
        if package not in pins:
            if package not in ignored:
                raise InputError(f"{path} does not pin {package}, which it brings along: {mend}")
        elif version.partition("+")[0] != pins[package].partition("+")[0]:
            raise InputError(
                f"{path} pins {package}=={pins[package]}, but {version} came along: {mend}"
            )
    for package in map(normalised, (line.partition("==")[0] for line in file.asked)):
        if package not in found["packages"]:
            raise InputError(f"{path} asks for {package}, which is not installed: {mend}")


def parse_arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--file", type=Path, required=True, help="environment file")
    parser.add_argument("--folder", type=Path, required=True, help="where the environment goes")
    parser.add_argument(
        "--python-folders",
        type=Path,
        nargs="*",
        default=[],
        help="folders to look for Python in before any other",
    )
    parser.add_argument(
        "--debian",
        type=json.loads,
        help="what comes from a release of Debian without conda, as JSON",
    )
    parser.add_argument(
        "--conda-prefix", type=Path, help="conda environment that is already deployed"
    )
    return parser.parse_args()


def main() -> None:
    """Make the environment, check it against its file, and write its handle last."""
    arguments = parse_arguments()
    folder = arguments.folder
    file = read_environment_file(arguments.file)
    # A handle that is there means an environment that is whole.
    (folder / "environment.json").unlink(missing_ok=True)
    from_debian = {}
    if arguments.conda_prefix:
        prefix = arguments.conda_prefix.absolute()
        wrap_conda(prefix, folder)
    else:
        if arguments.debian:
            find_mmdebstrap(arguments.debian)
        build(file, arguments.file, folder, arguments.python_folders)
        if arguments.debian:
            from_debian = add_debian(arguments.debian, folder)
    found = installed(folder)
    ignored = set()
    if arguments.conda_prefix:
        # What conda's own packages bring along is conda's to choose.
        ignored = set(found["packages"]) if file.conda else FROM_CONDA
    check_pinned(file, arguments.file, found, ignored)
    found["packages"].update(from_debian)
    handle = {
        "name": file.name,
        "kind": "conda" if arguments.conda_prefix else "uv",
        # To go first on the PATH; a relative folder counts from the handle's own.
        "path": [str(prefix / "bin")] if arguments.conda_prefix else ["bin"],
        "variables": CONDA_VARIABLES if arguments.conda_prefix else {},
        **found,
    }


def main() -> None:
    """Make the environment, and write its handle last."""
    arguments = parse_arguments()
    folder = arguments.folder
    # A handle that is there means an environment that is whole.
    (folder / "environment.json").unlink(missing_ok=True)
    prefix = arguments.conda_prefix.absolute() if arguments.conda_prefix else None
    if java_environment.jars_file(arguments.file).exists():
        make_empty(folder)
        made = java_environment.build(arguments.file, folder, prefix)
    else:
        made = make_python(arguments.file, folder, prefix, arguments.python_folders)
    # The folders in ``path`` go first on the PATH; a relative one counts from the handle's own.
    handle = {"name": arguments.file.stem, **made}
    with whole_file(folder / "environment.json") as part:
        part.write_text(json.dumps(handle, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    run(main)
