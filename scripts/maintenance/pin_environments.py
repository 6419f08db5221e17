"""Pin the whole closure of every environment: envs/*.yaml and the two requirements.txt.

    python scripts/maintenance/pin_environments.py [NAME ...] [--upgrade]   writes the pins
    python scripts/maintenance/pin_environments.py [NAME ...] --check       only says what is wrong
    python scripts/maintenance/pin_environments.py NAME --new PACKAGE ...   writes envs/NAME.yaml

A NAME is that of an environment file, ``requirements`` or ``requirements-dev``; without one, all
are meant. What is pinned stays as long as it fits what is asked for; only --upgrade takes newer
versions. Needs uv and an index of Python packages.

Each version is decided once, in requirements.txt. envs/workflow.yaml has the same packages for
conda, and requirements-dev.txt has some more.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

# Started by hand, it finds the workflow's modules by itself.
sys.path.insert(0, str(Path(__file__).parents[1]))

from environments import java
from environments.files import CLOSURE, EnvironmentFile, normalised, read_environment_file
from environments.python import find_python, find_uv
from shared.script import InputError, run_command, whole_file

ROOT = Path(__file__).parents[2]
COMMAND = "python scripts/maintenance/pin_environments.py"
# The oldest Python that the README promises; the environments have the one that they name.
OLDEST_PYTHON = "3.11"


def compile_pins(folder: Path, source: str, output: str, python: str, *options: str) -> str:
    """Resolve the requirements file ``source`` with uv and return the pins.

    All names count from ``folder``, so that no path of a machine gets into what is written there.
    Pins that ``output`` holds already are preferred. Raises `InputError` if uv finds no solution.
    """
    command = [find_uv(), "pip", "compile", "--quiet"]
    command += ["--universal", "--python-version", python, "--no-emit-index-url", *options]
    # A package without a wheel is built to learn what it needs; an old one by a Python of its time.
    command += ["--python", find_python(python, [])]
    command += ["--custom-compile-command", COMMAND, source, "--output-file", output]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if answer.returncode:
        raise InputError(
            f"what {source} asks for cannot be had together: change it, or check the network; uv"
            f" says: {' '.join(answer.stderr.split())}"
        )
    return (folder / output).read_text()


def pins_of(text: str) -> set[str]:
    """Return the ``name==version ; marker`` lines of a requirements file, without hashes."""
    return set(re.findall(r"^[^\s#-].*?(?=\s*\\?$)", text, re.MULTILINE))


def new_environment(path: Path, packages: list[str]) -> None:
    """Write an environment file with packages of pip and their closure, in their newest versions.

    A package is a name or a requirement (``jax``, ``jax==0.10.2``). The environment gets the Python
    of the workflow's own scripts. Raises `InputError` if the file exists or a package is not found.
    """
    if path.exists():
        raise InputError(f"{path} exists: edit it, or delete it first.")
    by_name = {normalised(re.split("[=<>!~; ]", package)[0]): package for package in packages}
    if len(by_name) < len(packages) or "" in by_name:
        raise InputError("--new has a package twice, or one without a name; correct the list.")
    workflow = read_environment_file(path.with_name("workflow.yaml"))
    file = EnvironmentFile(path.stem, workflow.python, None, [], packages, [])
    pins = {normalised(line.partition("==")[0]): line for line in resolve(file, packages, [], "")}
    asked = [pins.pop(name) for name in by_name]
    text = path.with_name("workflow.yaml").read_text()
    head, _, _ = text[text.index("channels:") :].partition("      #")
    lines = [
        f"# The framework {file.name}.",
        f"name: {file.name}",
        f"{head}      # Asked for: edit these, then run `{COMMAND} {file.name}`.",
        *(f"      - {pin}" for pin in asked),
        f"      {CLOSURE}",
        *(f"      - {pin}" for _, pin in sorted(pins.items())),
        "",
    ]
    with whole_file(path) as part:
        part.write_text("\n".join(lines))


def complete_environment(path: Path, *, upgrade: bool, constraints: str) -> str | None:
    """Return one environment file with its closure written anew; None where nothing changes.

    With ``upgrade``, what is asked for and its closure take their newest versions.
    ``constraints`` is a requirements file that the pins must agree with.
    """
    file = read_environment_file(path)
    if not file.asked:
        return None
    # Without the pin: ``keras`` of ``keras==3.1``.
    asked = [re.sub(r"\s*==[^;]+", " ", x).strip() if upgrade else x for x in file.asked]
    pins = resolve(file, asked, [] if upgrade else file.closure, constraints)
    names = [normalised(line.partition("==")[0]) for line in file.asked]
    found = {normalised(line.partition("==")[0]): line for line in pins}
    if upgrade:
        asked = [found[name] for name in names]
    closure = [line for name, line in sorted(found.items()) if name not in names]
    if (asked, closure) == (file.asked, file.closure):
        return None
    head, _, _ = path.read_text().partition(CLOSURE)
    for old, new in zip(file.asked, asked, strict=True):
        head = head.replace(f"- {old}\n", f"- {new}\n")
    # The closure ends the file. It is indented like the comment above it.
    indent = head.rpartition("\n")[2]
    return head + "\n".join([CLOSURE, *(f"{indent}- {line}" for line in closure), ""])


def complete_jars(path: Path) -> str | None:
    """Return one list of jars with its closure written anew; None where nothing changes.

    There are no newer versions to take: a framework of Java is one release.
    """
    jars = java.jars_file(path)
    closure = java.pin(path, read_environment_file(path).java_major)
    if closure == java.read_jars(jars).closure:
        return None
    head, _, _ = jars.read_text().partition(CLOSURE)
    lines = [f"{jar} {checksum}" for jar, checksum in closure.items()]
    return head + "\n".join([CLOSURE, *lines, ""])


def resolve(
    file: EnvironmentFile, asked: list[str], closure: list[str], constraints: str
) -> list[str]:
    """Return the pins of ``asked`` and of all dependencies, one for each package."""
    major, minor = map(int, file.python_minor.split("."))
    below_next = f"python_full_version < '{major}.{minor + 1}'"
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        # An environment has one Python, and so one version of each package; uv is told so here.
        (folder / "pyproject.toml").write_text(f'[tool.uv]\nenvironments = ["{below_next}"]\n')
        # This is a requirements file, but it has the name that uv's messages should show.
        (folder / f"{file.name}.yaml").write_text("\n".join(asked))
        (folder / "constraints.txt").write_text(constraints)
        (folder / "pins.txt").write_text("\n".join([*asked, *closure]))
        options = ("--constraint", "constraints.txt", "--no-annotate", "--no-header")
        text = compile_pins(folder, f"{file.name}.yaml", "pins.txt", file.python_minor, *options)
    # uv repeats this condition in every line, where it adds nothing.
    return [
        re.sub(rf" ; {re.escape(below_next)}(?: and (.*))?$", add_marker, line)
        for line in text.splitlines()
    ]


def add_marker(match: re.Match[str]) -> str:
    """Return what is left of a marker, without the parentheses around all of it."""
    rest = match.group(1) or ""
    if rest.startswith("((") and rest.endswith("))"):
        rest = rest[1:-1]
    return f" ; {rest}" if rest else ""


def complete_requirements(name: str, *, upgrade: bool) -> str | None:
    """Return requirements.txt or requirements-dev.txt anew; None where its pins stay."""
    path = ROOT / f"{name}.txt"
    old = path.read_text() if path.exists() else ""
    options = ["--generate-hashes"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "requirements.in").write_text((ROOT / "requirements.in").read_text())
        if name == "requirements-dev":
            (folder / f"{name}.in").write_text((ROOT / f"{name}.in").read_text())
            (folder / "requirements.txt").write_text((ROOT / "requirements.txt").read_text())
            options += ["--constraint", "requirements.txt"]
        if not upgrade:
            (folder / f"{name}.txt").write_text(old)
        new = compile_pins(folder, f"{name}.in", f"{name}.txt", OLDEST_PYTHON, *options)
    return None if pins_of(new) == pins_of(old) else new


def completed(name: str, *, upgrade: bool) -> Iterator[tuple[Path, str | None]]:
    """Yield the files of a NAME, each with its new text; None where nothing changes."""
    if name.startswith("requirements"):
        yield ROOT / f"{name}.txt", complete_requirements(name, upgrade=upgrade)
        return
    path = ROOT / "envs" / f"{name}.yaml"
    constraints = (ROOT / "requirements.txt").read_text() if name == "workflow" else ""
    yield path, complete_environment(path, upgrade=upgrade, constraints=constraints)
    if java.jars_file(path).exists():
        yield java.jars_file(path), complete_jars(path)


def parse_arguments(names: list[str]) -> argparse.Namespace:
    """Parse the command line; ``names`` are the files that there are."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", nargs="*", help=f"of {', '.join(names)}; all, if none is given")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help="change nothing, exit with 1 if amiss")
    how.add_argument("--upgrade", action="store_true", help="take the newest versions")
    how.add_argument("--new", nargs="+", metavar="PACKAGE", help="write a new environment file")
    arguments = parser.parse_args()
    if arguments.new:
        if len(arguments.name) != 1 or not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", arguments.name[0]):
            parser.error("--new takes one NAME before it, in small letters")
        return arguments
    for name in arguments.name:
        if name not in names:
            parser.error(f"there is no {name}; choose from {', '.join(names)}")
    return arguments


def main() -> None:
    """Bring the chosen files up to date, or name those that are not."""
    environments = sorted(path.stem for path in (ROOT / "envs").glob("*.yaml"))
    order = ["requirements", *environments, "requirements-dev"]
    arguments = parse_arguments(order)
    if arguments.new:
        path = ROOT / "envs" / f"{arguments.name[0]}.yaml"
        new_environment(path, arguments.new)
        print(f"{path.relative_to(ROOT)}: written")
        return
    amiss = []
    for name in order:
        if arguments.name and name not in arguments.name:
            continue
        for path, text in completed(name, upgrade=arguments.upgrade):
            if text is None:
                continue
            if not arguments.check:
                with whole_file(path) as part:
                    part.write_text(text)
            amiss.append(f"{path.relative_to(ROOT)}")
            print(f"{amiss[-1]}: {'not up to date' if arguments.check else 'written'}")
    if arguments.check and amiss:
        raise InputError(
            f"{', '.join(amiss)}: the pins are not the closure of what is asked for; run"
            f" `{COMMAND}` and commit the result."
        )


if __name__ == "__main__":
    run_command(main)
