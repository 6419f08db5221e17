"""Programs that only an old release of Debian still has, taken from it without an installation."""

import gzip
import os
import re
from pathlib import Path

from environments.tools import find_program, run_tool, write_program
from shared.script import InputError

# A program of another Debian release runs only with the loader and libraries of that release. The
# wrapper finds its own folder when it starts, so that the workflow's folder can be moved.
WRAPPER = """\
debian=$(dirname "$(dirname "$(readlink -f "$0")")")/debian
exec "$debian/{loader}" --library-path "{libraries}" "$debian/{program}" "$@"
"""


# Debian's keys, below the root of a machine or of what apt has brought. Ubuntu lacks them.
KEYRING = Path("usr/share/keyrings/debian-archive-keyring.gpg")


def find_mmdebstrap(folders: list[Path]) -> Path:
    """Return the path of mmdebstrap; raise `InputError` if it is not found."""
    mend = "install it (apt install mmdebstrap), or let conda make the environments (--sdm conda)"
    return find_program("mmdebstrap", folders, mend)


def find_keyring(folders: list[Path]) -> Path:
    """Return the path of Debian's keys; raise `InputError` if they are not found."""
    for root in (Path("/"), *(folder / "root" for folder in folders)):
        if (root / KEYRING).is_file():
            return root / KEYRING
    raise InputError(
        f"/{KEYRING} is missing, so no package of Debian can be checked: install it (apt install"
        " debian-archive-keyring), or let conda make the environments (--sdm conda)."
    )


def build(debian: dict, folder: Path, folders: list[Path]) -> dict[str, str]:
    """Extract packages of a release of Debian, and put programs of theirs into ``folder``/bin.

    ``debian`` is that key of the environment's parts. The packages are not
    installed: none of their scripts runs, nothing outside of ``folder`` changes, and any user can
    do it.

    Returns the versions of the packages by their names.
    """
    root = folder / "debian"
    run_tool(
        [
            str(find_mmdebstrap(folders)),
            "--variant=extract",
            # By itself, mmdebstrap trusts what the machine's own apt trusts.
            f"--keyring={find_keyring(folders)}",
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
        script = WRAPPER.format(
            loader=loader.relative_to(root),
            libraries=":".join(f"$debian/{path}" for path in libraries),
            program=program,
        )
        write_program(folder / "bin" / Path(program).name, script)
    return {package: debian_version(root, package) for package in debian["packages"]}


def debian_version(root: Path, package: str) -> str:
    """Return the version of an extracted package: the one that its changelog begins with."""
    with gzip.open(root / "usr/share/doc" / package / "changelog.Debian.gz", "rt") as changelog:
        [version] = re.findall(r"^\S+ \((.+?)\)", changelog.readline())
        return version
