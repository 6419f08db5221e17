"""Pack a finished run into one archive, from which it can be read, checked, cited and run again.

The archive holds the workflow as of its commit, the results and, in archived/, what tells where
they come from; ro-crate-metadata.json describes all of it (ro_crate.py). The same run gives the
same bytes: files are sorted by name and have the time of the commit.
"""

import csv
import importlib.metadata
import io
import json
import platform
import re
import subprocess
import tarfile
import zipfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from publish.ro_crate import METADATA, crate
from shared.script import InputError, Job, run, whole_file
from shared.strict_yaml import read_yaml

# The folder of the results in the archive. Running the workflow in the archive does not change it.
ARCHIVED = "archived"
PROGRAMS = ("train", "predict")
# By table: the columns that name a run's folder, and the records in it.
RUNS = {
    "runs": (
        ("framework", "recipe", "network", "seed"),
        ("train.json", "predict.json", "score.json"),
    ),
    "times": (("framework", "recipe", "length", "network", "block"), ("times.json",)),
}
REPLACE_LINK = "replace it by a file or remove it, commit, and rerun."


def git(*arguments: str) -> bytes:
    """Return what Git says of the workflow's folder; raise `InputError` where it says nothing."""
    try:
        return subprocess.run(["git", *arguments], check=True, capture_output=True).stdout
    except OSError:
        raise InputError("publishing needs Git, which is not on the PATH: install it.") from None
    except subprocess.CalledProcessError as error:
        words = error.stderr.decode(errors="replace").strip().splitlines()
        raise InputError(
            "publishing needs Git and a checkout with a commit, which the archive is made of:"
            f" run it in a clone of the workflow. Git says: {words[0] if words else 'nothing'}"
        ) from None


def workflow_files() -> dict[str, tuple[bytes, int]]:
    """Return content and permissions of the files of the commit that is checked out.

    A link is replaced by the file that it leads to. Untracked files do not matter.

    Raises `InputError` if a file differs from the commit, because what made the results would not
    be in it, and if the commit holds something that cannot be packed.
    """
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".").decode().splitlines()
    if changed:
        names = ", ".join(line[3:] for line in changed)
        raise InputError(f"changed since the last commit: {names}; commit or undo that, and rerun.")
    for entry in filter(None, git("ls-tree", "-r", "-z", "HEAD").split(b"\0")):
        mode, _, path = entry.partition(b"\t")
        name = path.decode(errors="backslashreplace")
        if mode.startswith(b"160000"):
            raise InputError(
                f"{name} is a Git submodule, whose files are in no commit of the workflow:"
                " commit the files themselves or remove it, and rerun."
            )
        if name == METADATA or name.startswith(f"{ARCHIVED}/"):
            raise InputError(
                f"{name} is committed, but this name belongs to the results in the archive:"
                f" run `git rm -r --cached {name.split('/')[0]}`, commit, and rerun."
            )
        try:
            path.decode()
        except UnicodeDecodeError:
            raise InputError(
                f"the name of the committed file {name} is not UTF-8: rename it, commit, and rerun."
            ) from None
    files: dict[str, tuple[bytes, int]] = {}
    with tarfile.open(fileobj=io.BytesIO(git("archive", "--format=tar", "HEAD"))) as archive:
        for member in archive:
            try:
                # A link is followed inside the commit, and an absolute one leads out of it.
                content = None if member.linkname.startswith("/") else archive.extractfile(member)
            except KeyError:
                content = None
            except RecursionError:
                raise InputError(
                    f"the committed link {member.name} leads to itself; {REPLACE_LINK}"
                ) from None
            if content:
                executable = member.isreg() and member.mode & 0o100
                files[member.name] = (content.read(), 0o755 if executable else 0o644)
            elif member.issym():
                raise InputError(
                    f"the committed link {member.name} leads to {member.linkname}, which is no"
                    f" file of the commit; {REPLACE_LINK}"
                )
    if "Snakefile" not in files:
        raise InputError("the Git checkout here is not the workflow's: run it in a clone of that.")
    return files


def moment(seconds: float) -> str:
    """Return a time of the file system as ISO 8601, in UTC and whole seconds."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat()


def recorded(path: Path, roles: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return records of programs, by role, with the times at which they started and ended.

    The last one ended when ``path`` was written, and each other one before the next one started.
    """
    found = {}
    ended = path.stat().st_mtime
    for role, record in reversed(roles.items()):
        times = {"started": moment(ended - record["wall_seconds"]), "ended": moment(ended)}
        found[role] = {**record, **times, "file": path.name}
        ended -= record["wall_seconds"]
    return found


def read_records(results: Path) -> dict[str, dict[str, Any]]:
    """Return what was recorded of the runs of both tables, by the run's folder in ``results``.

    Each run has one record for each role. The record also says when its program started and ended,
    and from which ``file`` it is.

    Raises `InputError` if there are no runs, or if a record is missing.
    """
    runs: dict[str, dict[str, Any]] = {}
    for table, (columns, names) in RUNS.items():
        with (results / "tables" / f"{table}.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        if table == "runs" and not rows:
            raise InputError("every run was left out: there is nothing to publish.")
        for row in rows:
            folder = "/".join([table, *(row[column] for column in columns)])
            runs[folder] = {}
            for name in names:
                path = results / folder / name
                if not path.exists():
                    raise InputError(
                        f"{path} is missing: repeat the command of the run, and publish again."
                    )
                record = json.loads(path.read_text())
                roles = {path.stem: record} if table == "runs" else record
                programs = {role: roles[role] for role in PROGRAMS if role in roles}
                runs[folder] |= recorded(path, programs)
    return runs


def installed(requirements: Path) -> dict[str, str]:
    """Return the versions of Python and of the packages that a file of requirements pins.

    They are those of the running interpreter. Packages for other systems are skipped: they are not
    installed here.
    """
    packages = {"python": platform.python_version()}
    for name in re.findall(r"^([\w.-]+)==", requirements.read_text(), re.MULTILINE):
        with suppress(importlib.metadata.PackageNotFoundError):
            packages[name] = importlib.metadata.version(name)
    return packages


def provenance(
    runs: dict[str, dict[str, Any]], packages: dict[str, str], **software: str
) -> dict[str, Any]:
    """Return where the results come from: software, machines, environments, and each run's own.

    Args:
        runs: of `read_records`.
        packages: versions of the packages that made tables and figures.
        software: versions, by what has them.
    """
    machines: list[dict] = []
    environments: list[dict] = [{"name": "workflow", "kind": "snakemake", "packages": packages}]

    def number(entry: dict, entries: list[dict]) -> int:
        if entry not in entries:
            entries.append(entry)
        return entries.index(entry)

    described = {
        folder: {
            role: {
                "started": records[role]["started"],
                "ended": records[role]["ended"],
                "machine": number(records[role]["machine"], machines),
                "environment": number(records[role]["environment"], environments),
            }
            for role in PROGRAMS
        }
        for folder, records in runs.items()
    }
    return {
        "software": software,
        "machines": machines,
        "environments": environments,
        "runs": described,
    }


def write_archive(path: Path, files: dict[str, tuple[bytes, int]], time: datetime) -> None:
    """Write a zip file whose bytes depend on nothing but the arguments.

    Args:
        path: of the zip file.
        files: content and permissions by name.
        time: that every file in it bears.
    """
    with zipfile.ZipFile(path, "w") as archive:
        for name, (content, mode) in sorted(files.items()):
            info = zipfile.ZipInfo(name, time.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            # Written as on Unix, so that permissions are kept on every system.
            info.create_system = 3
            info.external_attr = (0o100000 | mode) << 16
            archive.writestr(info, content)


def as_json(document: Any) -> bytes:
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def main(job: Job) -> None:
    results = Path(job.output[0]).parent
    files = workflow_files()
    workflow = sorted(files)
    citation = read_yaml(Path("CITATION.cff"))
    commit, seconds = git("log", "-1", "--format=%H %ct").decode().split()
    runs = read_records(results)
    sources = provenance(
        runs,
        installed(Path(job.input.packages)),
        workflow=str(citation["version"]),
        commit=commit,
        snakemake=importlib.metadata.version("snakemake"),
    )
    records = [
        results / folder / name for folder in runs for name in RUNS[folder.partition("/")[0]][1]
    ]
    for path in [*map(Path, job.input.results), *records]:
        name = f"{ARCHIVED}/{path.relative_to(results).as_posix()}"
        files[name] = (path.read_bytes(), 0o644)
    files[f"{ARCHIVED}/config.json"] = (as_json(job.params.configuration), 0o644)
    files[f"{ARCHIVED}/provenance.json"] = (as_json(sources), 0o644)
    metadata = crate(citation, workflow, sorted(set(files) - set(workflow)), runs, sources)
    files[METADATA] = (as_json(metadata), 0o644)
    with whole_file(job.output[0]) as path:
        write_archive(path, files, datetime.fromtimestamp(int(seconds), UTC))


if __name__ == "__main__":
    run(main)
