"""The files in envs/: what they ask for.

``<name>.yaml`` is a conda environment file with exact pins. Beside it may stand ``<name>.jars``,
the jars of an environment of Java (java.py), and ``<name>.parts``, what else it needs
(`read_parts`).
"""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from shared.script import InputError
from shared.strict_yaml import read_yaml
from shared.validation import validate

# This line separates the pins of an environment: the packages that are asked for are above it,
# their dependencies below it.
CLOSURE = "# Their closure, written by that command."

# conda's packages for the languages themselves. Its other packages belong to the framework.
OF_LANGUAGES = {"python", "pip", "openjdk", "maven"}

# An environment file, as conda reads it.
FILE = {
    "type": "object",
    "required": ["name", "dependencies"],
    "properties": {
        "name": {"type": "string"},
        "channels": {"type": "array", "items": {"type": "string"}},
        "dependencies": {
            "type": "array",
            "items": {
                "type": ["string", "object"],
                "additionalProperties": False,
                "required": ["pip"],
                "properties": {"pip": {"type": "array", "items": {"type": "string"}}},
            },
        },
    },
}
PARTS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        # Where conda does not deploy the environment:
        "debian": {
            "type": "object",
            "additionalProperties": False,
            "required": ["release", "packages", "programs"],
            "properties": {
                # Its code name.
                "release": {"type": "string"},
                # What is taken from it, with all that they depend on.
                "packages": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                # Paths of the programs that the environment is to have.
                "programs": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                # Subfolders of its library folder that come before it.
                "libraries": {"type": "array", "items": {"type": "string"}},
            },
        },
        # Programs that the machine must have, each with how to get it.
        "programs": {"type": "object", "additionalProperties": {"type": "string"}},
        # Debian packages by the names of these programs, for a machine with apt that lacks one.
        "apt": {"type": "object", "additionalProperties": {"type": "string"}},
        # With and without conda, links in its folder libraries/: by name, a pattern of files in it.
        "libraries": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


@dataclass(frozen=True)
class EnvironmentFile:
    """An environment file; versions are None for a language that it does not have.

    ``asked`` and ``closure`` are requirement lines of pip, ``conda`` the packages that conda brings
    beside the languages.
    """

    name: str
    python: str | None
    java: str | None
    conda: list[str]
    asked: list[str]
    closure: list[str]

    @property
    def python_minor(self) -> str:
        """The version of Python without its patch level: ``3.11``."""
        assert self.python, self.name
        return ".".join(self.python.split(".")[:2])

    @property
    def java_major(self) -> str:
        """The version of Java without what follows its first dot: ``17``."""
        assert self.java, self.name
        return self.java.split(".")[0]

    def versions(self) -> dict[str, str]:
        """Return the pinned version of each package, by normalised name."""
        pins = {}
        for line in self.asked + self.closure:
            name, _, version = line.partition(";")[0].partition("==")
            pins[normalised(name)] = version.strip()
        return pins


def normalised(package: str) -> str:
    """Return the normalised name of a package (PEP 503)."""
    return re.sub(r"[-_.]+", "-", package.partition("[")[0].strip()).lower()


def place_of(entry: str, path: Path) -> str:
    """Return the file and the line that an entry of a list stands in, for a message."""
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if line.split(" #")[0].strip(" -'\"") == entry.strip(" -'\""):
            return f"{path}, line {number}"
    return str(path)


def read_environment_file(path: Path) -> EnvironmentFile:
    """Read an environment file of envs/.

    Raises `InputError` if it is not there or lacks its name, a version, Python or the line
    `CLOSURE` where it has packages of pip, or ``==`` in one of these.
    """
    content = read_yaml(path)
    validate(content, FILE, str(path))
    text = path.read_text()

    def pip_list(part: str) -> list[str]:
        dependencies = yaml.safe_load(part)["dependencies"]
        return [
            line for item in dependencies if isinstance(item, dict) for line in item["pip"] or []
        ]

    asked, closure = pip_list(text), []
    if asked:
        if text.count(CLOSURE) != 1:
            raise InputError(
                f"{path}: the line '{CLOSURE}' must be there once: write it below the packages of"
                " pip that you ask for, as deep as they are. What follows it is written by"
                f" `python scripts/maintenance/pin_environments.py {path.stem}`."
            )
        number = len(pip_list(text.partition(CLOSURE)[0]))
        asked, closure = asked[:number], asked[number:]
    packages = [item for item in content["dependencies"] if isinstance(item, str)]
    for package in packages:
        if not re.fullmatch(r"[^=<>~! ]+=[^=<>~!*, ]+(=\S+)?", package):
            name = re.split("[=<>~! ]", package)[0]
            raise InputError(
                f"{place_of(package, path)}: '{package}' has no exact version; write"
                f" {name}=VERSION, as conda has it."
            )
    for line in asked + closure:
        if not re.fullmatch(r"[^=<>~!;]+==[^=<>~!*, ]+", line.partition(";")[0].strip()):
            name = re.split("[=<>~!; ]", line)[0]
            raise InputError(
                f"{place_of(line, path)}: '{line}' has no exact version; write {name}==VERSION."
            )
    versions = dict(item.split("=", 1) for item in packages)
    if asked and "python" not in versions:
        raise InputError(
            f"{path}: it has packages of pip, but no Python; write '- python=VERSION' above them."
        )
    conda = [package for package in packages if package.split("=")[0] not in OF_LANGUAGES]
    return EnvironmentFile(
        content["name"], versions.get("python"), versions.get("openjdk"), conda, asked, closure
    )


def parts_file(environment_file: Path) -> Path:
    """Return the path of the further parts of an environment, if it has any."""
    return environment_file.with_suffix(".parts")


def read_parts(environment_file: Path) -> dict:
    """Return what an environment needs beside packages, as `PARTS` describes it.

    Raises `InputError` where the file says something else.
    """
    path = parts_file(environment_file)
    if not path.exists():
        return {}
    parts = read_yaml(path)
    validate(parts, PARTS, str(path))
    return parts
