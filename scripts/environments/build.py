"""Make one of the environments in envs/ ready, and leave a handle to it: environment.json.

There are two ways, with the same result. If Snakemake has deployed the file with conda, conda's
programs are used. Otherwise uv builds a virtual environment from the Python and the ``pip:`` pins
of the same file, and Java is the machine's own. The environment's parts say where everything else
comes from. To start a program, only the handle is needed. It looks the same in both ways.

Several checkouts can share one folder of environments through a link. A record in each environment,
`RECORD`, says which files it was made from. An environment that fits its files is never built
again.
"""

import argparse
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

# This is a command, not a Snakemake script (rules/environments.smk), so it sets its own module
# path.
sys.path.insert(0, str(Path(__file__).parents[1]))

from environments import apt, debian, java, python
from environments.files import EnvironmentFile, parts_file, read_environment_file, read_parts
from environments.tools import find_program, locked, pass_on
from shared.digests import sha256
from shared.script import InputError, run_command, whole_file

# What an environment's folder may contain if it has no virtual environment.
FOLDERS = {"bin", "jars", "debian", "libraries", "cache", "environment.json"}

# A user's own packages (~/.local) must not come before the environment's; a virtual environment
# leaves them out by itself.
CONDA_VARIABLES = {"PYTHONNOUSERSITE": "1"}


# What an environment was made from, and a copy of its handle, which Snakemake deletes before it
# starts this script. The digests are not in the handle itself, because every run depends on the
# handle's content, and a comment in an environment file must not rerun them.
RECORD = ".made-from.json"


def is_shared(folder: Path) -> bool:
    """Return whether a link leads to an environment's ``folder``, so that others may use it too."""
    return folder.resolve() != Path.cwd() / folder


def digests(path: Path) -> dict[str, str]:
    """Return the SHA-256 of the environment file ``path`` and of its jars and parts, by name."""
    files = [path, java.jars_file(path), parts_file(path)]
    return {file.name: sha256(file) for file in files if file.exists()}


def builder_digest() -> str:
    """Return one SHA-256 of the programs that build environments."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def read_record(folder: Path) -> dict | None:
    """Return what the environment in ``folder`` was made from; None if nothing says so."""
    path = folder / RECORD
    return json.loads(path.read_text()) if path.exists() else None


def difference(record: dict, path: Path, conda: Path | None) -> str | None:
    """Return how an environment differs from what this checkout asks for; None if it does not.

    Args:
        record: of `read_record`.
        path: the environment file.
        conda: the folder below which conda deploys environments; None without conda.
    """
    now, then = digests(path), record["files"]
    for name in sorted(now.keys() | then.keys()):
        if now.get(name) != then.get(name):
            return f"was made from another {path.with_name(name)}"
    handle = record["handle"]
    if handle["kind"] != ("conda" if conda else "local"):
        return "was made without conda" if conda else "was made with conda"
    if conda and not Path(handle["path"][0]).resolve().is_relative_to(conda.resolve()):
        return f"was deployed by conda in {Path(handle['path'][0]).parents[1]}"
    return None


def refusal(path: Path, folder: Path, conda: Path | None) -> str | None:
    """Return one sentence if a shared environment cannot be used here; None if it can.

    Arguments as for `difference`.
    """
    record = read_record(folder)
    reason = difference(record, path, conda) if record else "does not say what it was made from"
    if not reason:
        return None
    return (
        f"{folder} is shared through a link and {reason}: use the files that it was made from,"
        " or replace the link by a folder of this checkout's own, and rerun."
    )


@dataclass(frozen=True)
class Need:
    """What the machine must have for an environment without conda.

    ``find`` raises `InputError` unless it is in the folders that it is given, or in a usual place.
    ``package`` is the Debian package that has it; None if Debian has none.
    """

    find: Callable[[list[Path]], object]
    package: str | None = None


def needs(file: EnvironmentFile, parts: dict) -> list[Need]:
    """Return what an environment without conda needs of the machine."""
    found = []
    if file.python:
        found.append(Need(partial(python.find_python, file.python_minor)))
    if file.java:

        def find_jdk(folders: list[Path]) -> object:
            return java.find_jdk(file.java_major, java.candidates(folders))

        found.append(Need(find_jdk, f"openjdk-{file.java_major}-jdk-headless"))
        found.append(Need(java.find_maven, "maven"))
    if "debian" in parts:
        found.append(Need(debian.find_mmdebstrap, "mmdebstrap"))
        found.append(Need(debian.find_keyring, "debian-archive-keyring"))
    for name, mend in parts.get("programs", {}).items():
        found.append(Need(partial(find_program, name, mend=mend), parts.get("apt", {}).get(name)))
    return found


def find_needs(file: EnvironmentFile, parts: dict, folders: list[Path]) -> None:
    """Raise `InputError` for the first thing that an environment without conda lacks here.

    ``folders`` are searched before the PATH. This check downloads nothing: a program that apt can
    bring does not count as lacking.
    """
    for need in needs(file, parts):
        if not (need.package and apt.present()):
            need.find(folders)


def bring_needs(
    file: EnvironmentFile, parts: dict, folders: list[Path], environments: Path
) -> list[Path]:
    """Let apt bring what the machine lacks; return ``folders`` and those of what it brought."""
    for need in needs(file, parts):
        try:
            need.find(folders)
        except InputError:
            if not (need.package and apt.present()):
                raise
            folders = [*folders, *apt.bring(need.package, environments)]
            need.find(folders)
    return folders


def make_empty(folder: Path) -> None:
    """Make ``folder`` an empty folder, if it held an environment, whole or half made.

    Raises `InputError` if it held anything else: a wrong --folder must not delete it.
    """
    # The folder itself, not a link to it.
    folder = folder.resolve()
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


def activated(prefix: Path) -> dict[str, str]:
    """Return the variables that conda has set to a place in its environment, such as JAVA_HOME.

    A program is started without conda's activation, and may need them.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if value.startswith(f"{prefix}/") and not name.startswith("CONDA")
    }


def handle_path(path: Path, folder: Path) -> str:
    """Return a path for the handle in ``folder``: relative if apt brought it beside ``folder``.

    The workflow's folder can be moved, and the machine's own programs stay where they are.
    """
    folder = folder.resolve()
    if path.is_relative_to(folder.parent / ".apt"):
        return os.path.relpath(path, folder)
    return str(path)


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
        folders = bring_needs(file, parts, folders, folder.parent)
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
        # conda chooses the dependencies of its own packages.
        ignored = python.FROM_CONDA | (set(found["packages"]) if file.conda else set())
        python.check_pinned(file, path, found, ignored if prefix else set())
        packages.update(found["packages"], python=found["python"])
    if file.java:
        jdk, packages["openjdk"] = java.find_jdk(
            file.java_major, [prefix / "bin"] if prefix else java.candidates(folders)
        )
        paths.append(handle_path(jdk, folder))
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
        "variables": {**activated(prefix), **CONDA_VARIABLES} if prefix else {},
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


def kept(path: Path, folder: Path, prefix: Path | None) -> dict | None:
    """Return the handle of the environment in ``folder`` if it can be kept, or None.

    If the programs that build environments have changed, it is built again, unless it is shared.
    """
    record = read_record(folder)
    if not record or difference(record, path, prefix):
        return None
    if record["builder"] != builder_digest() and not is_shared(folder):
        return None
    return record["handle"]


def write_json(path: Path, document: dict) -> None:
    """Write a JSON file that is whole or not there."""
    with whole_file(path) as part:
        part.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n")


def main() -> None:
    """Make the environment unless it is there already, and write its handle last."""
    arguments = parse_arguments()
    path, folder = arguments.file, arguments.folder
    prefix = arguments.conda_prefix.absolute() if arguments.conda_prefix else None
    folders = [Path(os.path.expanduser(each)) for each in arguments.program_folders]
    with locked(folder):
        handle = kept(path, folder, prefix)
        if handle is None:
            # A handle or a record means that the environment is complete, so both are deleted
            # first.
            for name in ("environment.json", RECORD):
                (folder / name).unlink(missing_ok=True)
            # Before the build: a file that changes meanwhile must not count as what was built.
            files, builder = digests(path), builder_digest()
            handle = build(path, folder, prefix, folders)
            record = {"files": files, "builder": builder, "handle": handle}
            write_json(folder / RECORD, record)
        write_json(folder / "environment.json", handle)


if __name__ == "__main__":
    run_command(main)
