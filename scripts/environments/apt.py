"""Packages of Debian or Ubuntu, for a machine on which this user may not install anything.

apt-get downloads a package with all that the machine lacks of what it depends on, and dpkg-deb
extracts them. Any user can do both in a folder of the user's own. No script of a package runs, and
nothing outside of that folder changes.
"""

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from environments.debian import KEYRING
from environments.tools import locked, run_tool, write_program
from shared.script import InputError

SOURCES = Path("/etc/apt/sources.list")
# Newer releases of Debian have no JDK 17; this one has it.
OLDER_RELEASE = "bookworm"
KEY = "/" / KEYRING
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")

# Where the machine keeps its libraries. A compiler looks for all of them below one root.
MACHINE_LIBRARIES = ("lib64/ld-linux*.so*", "usr/lib/*-linux-gnu*/*.so*")
# Debian's programs look for their files at absolute paths, but here the files are below another
# root. The wrapper finds this root when a program starts, so that the workflow's folder can be
# moved.
WRAPPER = """\
root=$(dirname "$(dirname "$(readlink -f "$0")")")/root
libraries=$(printf '%s:' "$root"/usr/lib/*-linux-gnu*)
modules=$(printf '%s:' "$root"/usr/share/perl5 "$root"/usr/share/perl/* "$root"/usr/lib/*/perl/*)
export PATH="$root/usr/bin:$PATH" PERL5LIB="${{modules%:}}"
export LD_LIBRARY_PATH="${{libraries%:}}${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"
exec "$root/{program}" {arguments} "$@"
"""
# These programs can look for the system's headers and libraries below another root.
COMPILERS = {"g++", "gcc"}

# Debian makes a JDK's list of certificates when it is installed; without it Java trusts nobody.
STORE = """\
import java.io.*; import java.security.*; import java.security.cert.*;
class Store { public static void main(String[] names) throws Exception {
    KeyStore store = KeyStore.getInstance("JKS"); store.load(null, null); int number = 0;
    for (java.security.cert.Certificate each : CertificateFactory.getInstance("X.509")
            .generateCertificates(new FileInputStream(names[0])))
        store.setCertificateEntry("c" + number++, each);
    store.store(new FileOutputStream(names[1]), "changeit".toCharArray()); } }
"""


def present() -> bool:
    """Return whether this machine has apt's programs."""
    return all(map(shutil.which, ("apt-get", "dpkg-deb")))


def bring(package: str, environments: Path) -> list[Path]:
    """Return the folders that hold the programs of a package; it is downloaded if need be.

    Args:
        package: the name of a Debian package; its program has the same name, or is Maven or a JDK.
        environments: the folder of the environments; packages go into its folder .apt.

    Raises `InputError` if apt cannot get it.
    """
    store = environments.resolve() / ".apt"
    folder = store / package
    # Several environments may be built at the same time.
    with locked(store):
        store.mkdir(exist_ok=True)
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=store) as temporary:
                made = Path(temporary) / "made"
                extract(download(package, store, Path(temporary)), made / "root")
                complete(made, package)
                made.rename(folder)
    return [folder, *sorted(folder.glob("root/usr/lib/jvm/java-*"))]


def download(package: str, store: Path, folder: Path) -> list[Path]:
    """Let apt download a package and what the machine lacks of its dependencies into ``folder``."""
    for name in ("state/lists/partial", "cache"):
        (store / name).mkdir(parents=True, exist_ok=True)
    (folder / "debs" / "partial").mkdir(parents=True)
    sources = store / "sources.list"
    sources.write_text(SOURCES.read_text() if SOURCES.exists() else "")
    options = {
        "Dir::State": store / "state",
        # What the machine already has is not downloaded again.
        "Dir::State::status": "/var/lib/dpkg/status",
        "Dir::Cache": store / "cache",
        "Dir::Cache::Archives": folder / "debs",
        "Dir::Etc::SourceList": sources,
        "Debug::NoLocking": 1,
        "Acquire::Languages": "none",
        # These would refresh the machine's own catalogues, which only root can.
        "APT::Update::Post-Invoke-Success": "",
        # Do not change to apt's own user, who may not write here.
        "APT::Sandbox::User": "",
    }
    command = ["apt-get", "-q", "-y", *(f"-o{name}={value}" for name, value in options.items())]
    failure = f"apt could not download {package}: check the network, or install it;"
    wanted = ["--no-install-recommends", "--download-only", "install", package]

    def fetch() -> None:
        run_tool([*command, "update"], failure, store)
        run_tool([*command, *wanted], failure, store)

    try:
        fetch()
    except InputError:
        mirror = debian_mirror(command)
        if mirror is None or not KEY.exists():
            raise
        older = f"deb [signed-by={KEY}] {mirror} {OLDER_RELEASE} main"
        sources.write_text(f"{sources.read_text()}\n{older}\n")
        fetch()
    return sorted((folder / "debs").glob("*.deb"))


def debian_mirror(command: list[str]) -> str | None:
    """Return where this machine gets Debian from, as apt-get says; None if it is no Debian.

    ``command`` is apt-get with its options.
    """
    listed = [*command, "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(LABEL)"]
    found = subprocess.run(listed, capture_output=True, text=True).stdout
    mirrors = [line.split()[0] for line in found.splitlines() if line.endswith(" Debian Debian")]
    return mirrors[0] if mirrors else None


def extract(debs: list[Path], root: Path) -> None:
    """Extract packages into ``root``, and turn their absolute links into relative ones."""
    root.mkdir(parents=True)
    for deb in debs:
        run_tool(["dpkg-deb", "-x", str(deb), str(root)], f"{deb.name} is broken: rerun;", root)
    # A system has links here. dpkg-deb replaces them by folders where a package has a file in one.
    for name in ("bin", "lib", "lib64", "sbin"):
        merged = root / "usr" / name
        merged.mkdir(parents=True, exist_ok=True)
        if (root / name).is_dir():
            shutil.copytree(root / name, merged, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(root / name)
        (root / name).symlink_to(Path("usr") / name)
    for link in [path for path in root.rglob("*") if path.is_symlink()]:
        here = root / os.readlink(link).lstrip("/")
        if os.readlink(link).startswith("/") and (here.is_symlink() or here.exists()):
            link.unlink()
            link.symlink_to(os.path.relpath(here, link.parent))


def complete(folder: Path, package: str) -> None:
    """Add to ``folder``, whose root holds a package, what an installation would have made.

    That is its program in ``bin`` and, for a JDK, the certificates that this machine trusts.
    """
    root = folder / "root"
    for program in (f"usr/bin/{package}", f"usr/share/{package}/bin/mvn"):
        if not (root / program).exists():
            continue
        arguments = '--sysroot="$root"' if package in COMPILERS else ""
        text = WRAPPER.format(program=shlex.quote(program), arguments=arguments)
        write_program(folder / "bin" / Path(program).name, text)
    if package in COMPILERS:
        link_machine_libraries(root)
    for java in root.glob("usr/lib/jvm/java-*/bin/java"):
        source = folder / "Store.java"
        source.write_text(STORE)
        store = root / "etc/ssl/certs/java/cacerts"
        store.parent.mkdir(parents=True, exist_ok=True)
        certificates = CERTIFICATES if CERTIFICATES.exists() else folder / "certificates"
        if not CERTIFICATES.exists():
            found = sorted(root.glob("usr/share/ca-certificates/*/*.crt"))
            certificates.write_text("\n".join(path.read_text() for path in found))
        command = [str(java), str(source), str(certificates), str(store)]
        run_tool(command, "the JDK that apt brought does not run: install one;", folder)
        # The package has a link for it that led nowhere when links were made relative.
        link = java.parents[1] / "lib" / "security" / "cacerts"
        link.unlink(missing_ok=True)
        link.symlink_to(os.path.relpath(store, link.parent))


def link_machine_libraries(root: Path) -> None:
    """Link the machine's own libraries, which apt did not bring again, below ``root``."""
    for pattern in MACHINE_LIBRARIES:
        for path in sorted(Path("/").glob(pattern)):
            link = root / path.relative_to("/")
            link.parent.mkdir(parents=True, exist_ok=True)
            if not (link.exists() or link.is_symlink()):
                link.symlink_to(path)
