"""Make one of the environments in envs/ ready, and leave a handle to it: environment.json.

Two ways, one result. Where Snakemake has deployed the file with conda, its programs are passed on.
Otherwise uv builds a virtual environment from the same file, its Python and its ``pip:`` pins,
Java is the machine's own, and what else an environment needs is taken from where its parts say.
Whoever starts a program of the environment reads the handle, and need not know which way it was.
"""

import argparse
import json
import shutil
from pathlib import Path

from common import InputError, run, whole_file
from environments import debian, java, python
from environments.files import EnvironmentFile, read_environment_file, read_parts
from environments.tools import find_program, pass_on

# What an environment's folder may hold where no virtual environment was made in it.
FOLDERS = {"bin", "jars", "debian", "libraries", "cache", "environment.json"}

# A user's own packages (~/.local) must not come before the environment's; a virtual environment
# leaves them out by itself.
CONDA_VARIABLES = {"PYTHONNOUSERSITE": "1"}


def find_needs(file: EnvironmentFile, parts: dict, folders: list[Path]) -> None:
    """Raise `InputError` for the first thing that an environment without conda lacks here.

    ``folders`` are looked in before the PATH. Nothing is downloaded to find that out.
    """
    if file.python:
        python.find_python(file.python_minor, folders)
    if file.java:
        java.find_jdk(file.java_major, java.candidates(folders))
        java.find_maven(folders)
    if "debian" in parts:
        debian.find_mmdebstrap(folders)
    for name, mend in parts.get("programs", {}).items():
        find_program(name, folders, mend)


def make_empty(folder: Path) -> None:
    """Make ``folder`` an empty folder, if it held an environment, whole or half made.

    Raises `InputError` if it held anything else: a wrong --folder must not delete it.
    """
    if not folder.is_dir():
        folder.mkdir(parents=True)
        return
    # Hidden files are the parts of an unfinished build, or what a framework keeps there.
    names = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    if not ("pyvenv.cfg" in names or names <= FOLDERS):
        raise InputError(f"{folder} holds something else than an environment; delete it and rerun.")
    shutil.rmtree(folder)
    folder.mkdir()


def link_libraries(libraries: dict[str, str], root: Path, folder: Path) -> None:
    """Link libraries under the names that a program looks for, in ``folder``/libraries.

    Args:
        libraries: by name, a pattern that one file in ``root`` fits.
        root: the environment's own folder, or that of conda.
    """
    for name, pattern in libraries.items():
        found = sorted(root.glob(pattern))
        if not found:
            raise InputError(f"{root} has no {pattern}, which is to be {name}; pin what brings it.")
        link = folder / "libraries" / name
        link.parent.mkdir(exist_ok=True)
        # Relative where it can be, so that the workflow's folder can be moved.
        link.symlink_to(Path("..") / found[0].relative_to(root) if root == folder else found[0])


def build(path: Path, folder: Path, prefix: Path | None, folders: list[Path]) -> dict:
    """Make the environment of the file ``path`` in ``folder``; return its handle.

    Args:
        path: the environment file.
        folder: where it goes; what was there before is deleted.
        prefix: where conda has deployed it, or None.
        folders: looked in before the PATH for programs that the machine has.

    Raises `InputError` where something is missing, cannot be had or is not what is pinned.
    """
    file, parts = read_environment_file(path), read_parts(path)
    if not prefix:
        find_needs(file, parts, folders)
    make_empty(folder)
    # The folders on the PATH; a relative one counts from the handle's own.
    paths: list[str] = []
    packages: dict[str, str] = {}
    if file.python:
        if prefix:
            pass_on(python.conda_python(prefix), folder, CONDA_VARIABLES)
        else:
            python.build(file, path, folder, folders)
        found = python.installed(folder)
        # What conda's own packages bring along is conda's to choose.
        ignored = python.FROM_CONDA | (set(found["packages"]) if file.conda else set())
        python.check_pinned(file, path, found, ignored if prefix else set())
        packages.update(found["packages"], python=found["python"])
    if file.java:
        jdk, packages["openjdk"] = java.find_jdk(
            file.java_major, [prefix / "bin"] if prefix else java.candidates(folders)
        )
        paths.append(str(jdk))
        packages.update(java.copy_jars(path, folder, jdk, [prefix] if prefix else folders))
    if not prefix and "debian" in parts:
        packages.update(debian.build(parts["debian"], folder, folders))
    if not prefix:
        for name, mend in parts.get("programs", {}).items():
            pass_on(find_program(name, folders, mend), folder, {})
    link_libraries(parts.get("libraries", {}), prefix or folder, folder)
    return {
        "name": file.name,
        "kind": "conda" if prefix else "local",
        "path": [str(prefix / "bin")] if prefix else ["bin", *paths],
        "variables": CONDA_VARIABLES if prefix else {},
        "packages": packages,
    }


def parse_arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--file", type=Path, required=True, help="environment file")
    parser.add_argument("--folder", type=Path, required=True, help="where the environment goes")
    parser.add_argument(
        "--program-folders",
        type=Path,
        nargs="*",
        default=[],
        help="folders to look for the machine's programs in before any other",
    )
    parser.add_argument(
        "--conda-prefix", type=Path, help="conda environment that is already deployed"
    )
    return parser.parse_args()


def main() -> None:
    """Make the environment, and write its handle last."""
    arguments = parse_arguments()
    folder = arguments.folder
    # A handle that is there means an environment that is whole.
    (folder / "environment.json").unlink(missing_ok=True)
    prefix = arguments.conda_prefix.absolute() if arguments.conda_prefix else None
    folders = [path.expanduser() for path in arguments.program_folders]
    handle = build(arguments.file, folder, prefix, folders)
    with whole_file(folder / "environment.json") as part:
        part.write_text(json.dumps(handle, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    run(main)
