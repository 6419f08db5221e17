"""The Python of an environment: a virtual environment that uv builds, or the one of conda."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from environments.files import EnvironmentFile, normalised
from environments.tools import run_tool
from shared.script import InputError

# conda brings these with Python itself, whether the file names them or not.
FROM_CONDA = {"pip", "setuptools", "wheel"}

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


def find_uv() -> str:
    """Return the path of uv: beside this Python, or on the PATH.

    It is told to trust the certificates that the system trusts, as pip and browsers do: uv's own
    list lacks those of a company's proxy. (An older uv knows the setting by its second name.)

    Raises `InputError` if there is none.
    """
    for setting in ("UV_SYSTEM_CERTS", "UV_NATIVE_TLS"):
        os.environ.setdefault(setting, "1")
    uv = present_uv()
    if uv is None:
        raise InputError("uv is not on the PATH: run `pip install -r requirements.txt` and rerun.")
    return uv


def present_uv() -> str | None:
    """Return the path of a uv that is there already."""
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if os.access(beside, os.X_OK) else shutil.which("uv")


def readable(folder: Path, pattern: str) -> list[Path]:
    """Return the files in ``folder`` that fit a pattern; none if this user may not read it."""
    try:
        return sorted(folder.glob(pattern))
    except PermissionError:
        return []


def python_candidates(minor: str, folders: Iterable[Path]) -> Iterator[Path]:
    """Yield what may be a Python ``minor``, in the order in which they are to be tried.

    A folder may hold the program itself, be the prefix of one Python, or have a prefix in each
    of its subfolders, as pyenv's ``versions`` does.
    """
    program = f"python{minor}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for folder in folders:
        for pattern in (program, f"bin/{program}", f"*/bin/{program}"):
            yield from readable(folder, pattern)
    yield Path(sys.executable)
    yield from (Path(folder) / program for folder in os.get_exec_path())
    yield from readable(pyenv / "versions", f"*/bin/{program}")


def find_python(minor: str, folders: Iterable[Path]) -> str:
    """Return the path of a Python ``minor`` that runs, or ``minor`` itself, for uv to download.

    Each candidate is run: a name on the PATH may be the shim of a Python that is switched off.

    Raises `InputError` if there is none and uv has none to download.
    """
    for candidate in python_candidates(minor, folders):
        if not os.access(candidate, os.X_OK):
            continue
        probe = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"
        answer = subprocess.run([candidate, "-I", "-c", probe], capture_output=True, text=True)
        version, _, executable = answer.stdout.strip().partition(" ")
        if answer.returncode == 0 and version == minor:
            return executable
    uv = present_uv()
    if uv:
        command = [uv, "python", "list", "--only-downloads", f"cpython@{minor}"]
        if not subprocess.run(command, capture_output=True, text=True).stdout.strip():
            raise InputError(
                f"Python {minor} is not on the PATH, in pyenv's versions or in the configuration's"
                f" program_folders, and uv has none to download: install it (pyenv install {minor})"
                " or name its folder in program_folders."
            )
    return minor


def build(file: EnvironmentFile, path: Path, folder: Path, folders: list[Path]) -> None:
    """Build the virtual environment that ``file`` (read from ``path``) describes, in ``folder``."""
    uv = find_uv()
    python = find_python(file.python_minor, folders)
    run_tool(
        # Relocatable, so that the workflow's folder can be moved.
        [uv, "venv", "--relocatable", "--no-project", "--clear", "--python", python, str(folder)],
        f"no virtual environment with Python {file.python_minor} could be made in {folder}: install"
        " that Python or name its folder in the configuration's program_folders, then rerun;",
        folder,
    )
    with tempfile.TemporaryDirectory() as temporary:
        # The pins are only constraints: a build of a package that needs fewer others brings fewer.
        # With UV_TORCH_BACKEND=cpu in the environment, uv takes the CPU build of PyTorch, the same
        # version without the 3 GB of CUDA libraries that no CPU run needs.
        constraints = Path(temporary) / "constraints.txt"
        constraints.write_text("\n".join([*file.asked, *file.closure]))
        install = [uv, "pip", "install", "--python", str(folder / "bin" / "python")]
        install += ["--constraint", str(constraints)]
        run_tool(
            [*install, *file.asked],
            f"the packages of {path} could not be installed: check the network, or, if a pin cannot"
            " be had any more, run"
            f" `python scripts/maintenance/pin_environments.py {file.name} --upgrade`;",
            folder,
        )
    # Compiled now, so that no timed program does it at its first start. uv cannot do it, because it
    # would need Python 3.7. Packages may contain files for another Python; their errors are
    # ignored.
    compileall = ["-m", "compileall", "-qq", "-j", "0", str(folder / "lib")]
    subprocess.run([str(folder / "bin" / "python"), *compileall], stdout=sys.stderr)


def installed(folder: Path) -> dict:
    """Return ``python`` (its version) and ``packages`` (name to version) of the environment.

    Raises `InputError` if its Python does not run.
    """
    command = [str(folder / "bin" / "python"), "-I", "-c", LIST_PACKAGES]
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

    The suffix of a local build does not count: ``2.9.1+cpu`` is ``2.9.1``.
    """
    mend = f"run `python scripts/maintenance/pin_environments.py {file.name}` and rerun."
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


def conda_python(prefix: Path) -> Path:
    """Return the Python of the conda environment ``prefix``; raise `InputError` if it has none."""
    python = prefix / "bin" / "python"
    if not os.access(python, os.X_OK):
        raise InputError(f"{python} is no program; delete the conda environment and rerun.")
    return python
