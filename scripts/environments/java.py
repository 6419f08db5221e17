"""The Java of an environment: a JDK that is there, and the jars that envs/<name>.jars pins.

Maven copies the jars into the environment's folder; each must have the pinned checksum.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from environments.files import CLOSURE
from environments.tools import find_program
from shared.digests import sha256
from shared.script import InputError

# Where Linux distributions keep their JDKs.
JDK_FOLDERS = Path("/usr/lib/jvm")
COPY_DEPENDENCIES = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"


@dataclass(frozen=True, order=True)
class Jar:
    """A jar by its Maven coordinates; ``classifier`` names a platform's build, or is empty."""

    group: str
    artifact: str
    version: str
    classifier: str = ""

    def __str__(self) -> str:
        return ":".join(filter(None, (self.group, self.artifact, self.version, self.classifier)))

    @property
    def file(self) -> str:
        """The jar's file name, which is the same in all Maven repositories."""
        return "-".join(filter(None, (self.artifact, self.version, self.classifier))) + ".jar"

    @property
    def path(self) -> Path:
        """Where a Maven repository keeps the jar."""
        return Path(*self.group.split("."), self.artifact, self.version, self.file)

    def as_dependency(self) -> str:
        """Return the jar as an entry of a pom.xml."""
        values = {
            "groupId": self.group,
            "artifactId": self.artifact,
            "version": self.version,
            "classifier": self.classifier,
        }
        inner = "".join(f"<{key}>{escape(text)}</{key}>" for key, text in values.items() if text)
        return f"<dependency>{inner}</dependency>"


@dataclass(frozen=True)
class JarList:
    """A list of jars: those ``asked`` for, and the SHA-256 of these and of all that they need."""

    asked: list[Jar]
    closure: dict[Jar, str]

    def versions(self) -> dict[str, str]:
        """Return the version of each artifact."""
        return {f"{jar.group}:{jar.artifact}": jar.version for jar in self.closure}


def jars_file(environment_file: Path) -> Path:
    """Return the path of the list of jars beside an environment file, if it has one."""
    return environment_file.with_suffix(".jars")


def read_jars(path: Path) -> JarList:
    """Read a list of jars; raise `InputError` where a line is neither a jar nor a comment.

    A line is ``group:artifact:version`` or ``group:artifact:version:classifier``; below the line
    `CLOSURE` with the jar's SHA-256 after a space.
    """
    asked, closure = [], {}
    head, found, tail = path.read_text().partition(CLOSURE)
    if not found:
        raise InputError(f"{path}: the line '{CLOSURE}' is missing; put it back.")
    try:
        for line in filter(_says_something, head.splitlines()):
            asked.append(Jar(*line.split(":")))
        for line in filter(_says_something, tail.splitlines()):
            coordinates, checksum = line.split()
            closure[Jar(*coordinates.split(":"))] = checksum
    except (TypeError, ValueError):
        raise InputError(f"{path}: '{line}' is no jar; write group:artifact:version.") from None
    return JarList(asked, closure)


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def candidates(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield the folders that may hold a JDK's programs, in the order in which they are tried."""
    for folder in folders:
        yield from (folder, folder / "bin")
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin"
    yield from map(Path, os.get_exec_path())
    yield from sorted(JDK_FOLDERS.glob("*/bin"))


def find_jdk(major: str, folders: Iterable[Path]) -> tuple[Path, str]:
    """Return the folder with the programs of a JDK, and its version.

    Raises `InputError` if there is no JDK ``major``. A runtime without the compiler does not count,
    because the programs are compiled from their sources.
    """
    for folder in folders:
        java = (folder / "java").resolve()
        if not (os.access(java, os.X_OK) and os.access(java.with_name("javac"), os.X_OK)):
            continue
        answer = subprocess.run([java, "-version"], capture_output=True, text=True)
        match = re.search(r'version "((\d+)[^"]*)"', answer.stderr)
        if answer.returncode == 0 and match and match[2] == major:
            return java.parent, match[1]
    raise InputError(
        f"no JDK {major} is in the configuration's program_folders, in JAVA_HOME, on the PATH or in"
        f" {JDK_FOLDERS}: install one (on Debian the package openjdk-{major}-jdk-headless)."
    )


def find_maven(folders: Iterable[Path]) -> Path:
    """Return the path of Maven's mvn; raise `InputError` if it is not found."""
    return find_program("mvn", folders, "install Maven (on Debian the package maven)")


def fetch(
    jars: Iterable[Jar], folder: Path, jdk: Path, maven: Path, *, transitive: bool
) -> dict[Jar, Path]:
    """Let Maven copy jars into ``folder`` and return where each lies.

    With ``transitive``, their dependencies are copied too. Raises `InputError` where Maven fails.
    """
    variables = {
        **os.environ,
        "JAVA_HOME": str(jdk.parent),
        "PATH": os.pathsep.join([str(jdk), os.environ.get("PATH", "")]),
    }
    with tempfile.TemporaryDirectory() as temporary:
        pom = Path(temporary) / "pom.xml"
        pom.write_text(
            "<project><modelVersion>4.0.0</modelVersion>"
            "<groupId>environment</groupId><artifactId>environment</artifactId><version>1</version>"
            f"<dependencies>{''.join(jar.as_dependency() for jar in jars)}</dependencies></project>"
        )
        command = [str(maven), "--batch-mode", "--no-transfer-progress", "--file", str(pom)]
        command += [COPY_DEPENDENCIES, "-DincludeScope=runtime", "-Dmdep.useRepositoryLayout=true"]
        command += [f"-DexcludeTransitive={str(not transitive).lower()}"]
        answer = subprocess.run(
            [*command, f"-DoutputDirectory={folder.absolute()}"],
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    print(answer.stdout, file=sys.stderr, flush=True)
    if answer.returncode:
        errors = re.findall(r"^\[ERROR\] (.+)", answer.stdout, re.MULTILINE)
        words = errors[0] if errors else answer.stdout.strip()
        if "No space left on device" in answer.stdout:
            raise InputError(f"no space left on the disk for {folder}; free some and rerun.")
        raise InputError(f"Maven could not fetch the jars: check the network; it says: {words}")
    paths = {}
    for path in sorted(folder.rglob("*.jar")):
        *group, artifact, version, file = path.relative_to(folder).parts
        classifier = file.removeprefix(f"{artifact}-{version}").removesuffix(".jar").lstrip("-")
        paths[Jar(".".join(group), artifact, version, classifier)] = path
    return paths


def copy_jars(
    environment_file: Path, folder: Path, jdk: Path, folders: Iterable[Path]
) -> dict[str, str]:
    """Copy the pinned jars into ``folder``/jars; return the versions of their artifacts.

    ``folders`` are looked in before the PATH for Maven. Raises `InputError` where it is missing, or
    a jar is not the pinned one.
    """
    path = jars_file(environment_file)
    jars = read_jars(path)
    library = folder / "jars"
    library.mkdir()
    # This folder is hidden. If a build is killed, what is left is thus known to be an
    # environment's.
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as temporary:
        fetched = fetch(jars.closure, Path(temporary), jdk, find_maven(folders), transitive=False)
        for jar, expected in jars.closure.items():
            if jar not in fetched or sha256(fetched[jar]) != expected:
                raise InputError(
                    f"{path} pins {jar} with another checksum than the jar that came: empty"
                    f" Maven's cache of it (~/.m2/repository/{jar.path.parent}) and rerun, or pin"
                    f" it anew with `python scripts/maintenance/pin_environments.py {path.stem}`."
                )
            fetched[jar].rename(library / jar.file)
    return jars.versions()


def pin(environment_file: Path, java_major: str) -> dict[Jar, str]:
    """Return the jars asked for and all that they need now, by Maven, with checksums."""
    jdk, _ = find_jdk(java_major, candidates([]))
    with tempfile.TemporaryDirectory() as temporary:
        asked = read_jars(jars_file(environment_file)).asked
        fetched = fetch(asked, Path(temporary), jdk, find_maven([]), transitive=True)
        return {jar: sha256(path) for jar, path in sorted(fetched.items())}
