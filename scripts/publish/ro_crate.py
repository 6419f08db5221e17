"""Describe a published run for other programs: a Workflow Run RO-Crate, as JSON-LD.

It follows RO-Crate 1.1 (w3id.org/ro/crate/1.1) and the profiles for workflows and their runs
(w3id.org/ro/wfrun), of which Provenance Run Crate is the most detailed: beside the run of the
workflow, each run of a framework's program is an action, with what it was given and what it left.
"""

import os
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, unquote

METADATA = "ro-crate-metadata.json"
RO_CRATE = "https://w3id.org/ro/crate/1.1"
WORKFLOW_RO_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/ro/wfrun/provenance/0.5": "Provenance Run Crate",
    WORKFLOW_RO_CRATE: "Workflow RO-Crate",
}
BIOSCHEMAS = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
SNAKEMAKE = "https://w3id.org/workflowhub/workflow-ro-crate#snakemake"
MAIN = "Snakefile"
ENCODINGS = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
# The inputs and the outputs of the workflow in the archive.
PARAMETERS = {
    "input": {"configuration": "archived/config.json"},
    "output": {
        "page": "archived/index.html",
        "report": "archived/report.html",
        "tables": "archived/tables/",
        "figures": "archived/figures/",
    },
}

Entity = dict[str, Any]


def reference(identifier: str) -> Entity:
    return {"@id": identifier}


def references(identifiers: Iterable[str]) -> list[Entity] | Entity:
    """Return a list of references, or a single one without a list, as RO-Crate wishes."""
    found = [reference(identifier) for identifier in identifiers]
    return found[0] if len(found) == 1 else found


def data_entity(path: str) -> Entity:
    """Return a file, or a folder if its name ends in a slash, with what its name tells of it.

    ``path`` is quoted as in a URL.
    """
    if path.endswith("/"):
        return {"@id": path, "@type": "Dataset", "name": unquote(path)}
    encoding = ENCODINGS.get(PurePosixPath(path).suffix, "text/plain")
    return {"@id": path, "@type": "File", "name": unquote(path), "encodingFormat": encoding}


def author(entry: dict[str, str], number: int) -> Entity:
    """Return an author of CITATION.cff: a person, or an ``entity`` with nothing but a name."""
    if "family-names" in entry:
        name = f"{entry.get('given-names', '')} {entry['family-names']}".strip()
        return {"@id": entry.get("orcid", f"#author-{number}"), "@type": "Person", "name": name}
    return {"@id": f"#author-{number}", "@type": "Organization", "name": entry["name"]}


def machine_entity(number: int, machine: dict[str, Any]) -> Entity:
    """Return one of the machines of the provenance as a value that a run was given."""
    extensions = " ".join(machine["vector_extensions"])
    value = (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_mib']} MiB,"
        f" {machine['system']}, {extensions}"
    )
    return {
        "@id": f"#machine-{number}",
        "@type": "PropertyValue",
        "name": "machine",
        "value": value,
    }


def program_of(command: list[str], workflow: Iterable[str]) -> str:
    """Return which file of the workflow a command starts."""
    # A framework may use another's programs: its folder/../the other's/train.py.
    words = (os.path.normpath(word) for word in command)
    return next(word for word in words if word in workflow)


def program_runs(
    workflow: Iterable[str], runs: dict[str, Any], provenance: dict[str, Any]
) -> list[Entity]:
    """Return an action for each program that was started; arguments as for `crate`."""
    files = set(workflow)
    actions = []
    for folder, records in runs.items():
        for role in ("train", "predict"):
            told = provenance["runs"][folder][role]
            environment = provenance["environments"][told["environment"]]["name"]
            actions.append(
                {
                    "@id": f"#{folder}/{role}",
                    "@type": "CreateAction",
                    "name": f"{role}: {folder.removeprefix('runs/')}",
                    "description": " ".join(records[role]["command"]),
                    "instrument": reference(program_of(records[role]["command"], files)),
                    "object": references(
                        [f"envs/{environment}.yaml", f"#machine-{told['machine']}"]
                    ),
                    "result": reference(f"archived/{folder}/{records[role]['file']}"),
                    "startTime": told["started"],
                    "endTime": told["ended"],
                    "actionStatus": "http://schema.org/CompletedActionStatus",
                }
            )
    return actions


def workflow_run(actions: list[Entity], machines: list[Entity], agent: str) -> Entity:
    """Return the action of the whole workflow, from those of the programs."""
    return {
        "@id": "#run",
        "@type": "CreateAction",
        "name": "Run of the workflow",
        "description": "Made what archived/ holds",
        "instrument": reference(MAIN),
        "agent": reference(agent),
        "object": references([*PARAMETERS["input"].values(), *(m["@id"] for m in machines)]),
        "result": references(PARAMETERS["output"].values()),
        "startTime": min(action["startTime"] for action in actions),
        "endTime": max(action["endTime"] for action in actions),
        "actionStatus": "http://schema.org/CompletedActionStatus",
        "subjectOf": reference("archived/provenance.json"),
    }


def formal_parameters() -> list[Entity]:
    """Return what the workflow is given and leaves, each with the file or folder that it was."""
    return [
        {
            "@id": f"#{name}",
            "@type": "FormalParameter",
            "additionalType": "Dataset" if path.endswith("/") else "File",
            "name": name,
            "workExample": reference(path),
        }
        for paths in PARAMETERS.values()
        for name, path in paths.items()
    ]


def data_entities(
    workflow: list[str],
    archived: list[str],
    parameters: list[Entity],
    actions: list[Entity],
    commit: str,
) -> dict[str, Entity]:
    """Return the files and folders that are described, by their paths.

    The workflow's files in folders are not described one by one. Programs and environments that the
    actions name are exceptions.
    """
    programs = {action["instrument"]["@id"] for action in actions}
    environments = {entity["@id"] for action in actions for entity in action["object"]}
    folders = {f"{path.split('/')[0]}/" for path in workflow if "/" in path}
    folders |= {f"{path.rpartition('/')[0]}/" for path in archived}
    files = {path for path in workflow if "/" not in path} - {MAIN}
    files |= {*archived, *programs, *(environments & set(workflow))}
    entities = {path: data_entity(path) for path in sorted(folders | files)}
    for parameter in parameters:
        # An archive may lack the tables or the figures.
        if (path := parameter["workExample"]["@id"]) in entities:
            entities[path]["exampleOfWork"] = reference(parameter["@id"])
    for path in programs:
        entities[path] |= {"@type": ["File", "SoftwareSourceCode"], "version": commit}
    if "README.md" in entities:
        entities["README.md"]["about"] = reference("./")
    return entities


def crate(
    citation: dict[str, Any],
    workflow: list[str],
    archived: list[str],
    runs: dict[str, dict[str, Any]],
    provenance: dict[str, Any],
) -> dict[str, Any]:
    """Return the metadata of an archive.

    Args:
        citation: the content of CITATION.cff: whose it is, and under what licence.
        workflow: paths of the workflow's files.
        archived: paths of the results and of what belongs to them, in archived/.
        runs: what was recorded of each run, by its folder (`archive.read_records`).
        provenance: where the results come from (`archive.provenance`).
    """
    # Identifiers are URLs: a file's name may hold a space.
    workflow, archived = [quote(path) for path in workflow], [quote(path) for path in archived]
    authors = [author(entry, number) for number, entry in enumerate(citation["authors"], 1)]
    licence = f"https://spdx.org/licenses/{citation['license']}"
    commit = provenance["software"]["commit"]
    machines = [machine_entity(*entry) for entry in enumerate(provenance["machines"])]
    actions = program_runs(workflow, runs, provenance)
    whole_run = workflow_run(actions, machines, authors[0]["@id"])
    for action in actions:
        action["agent"] = whole_run["agent"]
    parameters = formal_parameters()
    entities = data_entities(workflow, archived, parameters, actions, commit)

    main = {
        "@id": MAIN,
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
        "name": citation["title"],
        "conformsTo": reference(BIOSCHEMAS),
        "version": commit,
        "license": reference(licence),
        "creator": references(entity["@id"] for entity in authors),
        "programmingLanguage": reference(SNAKEMAKE),
        "hasPart": references(sorted({action["instrument"]["@id"] for action in actions})),
        **{way: references(f"#{name}" for name in paths) for way, paths in PARAMETERS.items()},
    }
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": citation["title"],
        "description": citation["abstract"],
        "version": str(citation["version"]),
        "datePublished": str(citation["date-released"]),
        "keywords": citation["keywords"],
        "license": reference(licence),
        "author": references(entity["@id"] for entity in authors),
        "publisher": reference(authors[0]["@id"]),
        "conformsTo": references(PROFILES),
        "mainEntity": reference(MAIN),
        "hasPart": references([MAIN, *entities]),
        "mentions": references([whole_run["@id"], *(action["@id"] for action in actions)]),
    }
    descriptor = {
        "@id": METADATA,
        "@type": "CreativeWork",
        "about": reference("./"),
        "conformsTo": references([RO_CRATE, WORKFLOW_RO_CRATE]),
    }
    context = [
        {"@id": licence, "@type": "CreativeWork", "name": citation["license"]},
        *(
            {"@id": url, "@type": "CreativeWork", "name": name, "version": url.rpartition("/")[2]}
            for url, name in PROFILES.items()
        ),
        {
            "@id": SNAKEMAKE,
            "@type": "ComputerLanguage",
            "name": "Snakemake",
            "version": provenance["software"]["snakemake"],
            "url": "https://snakemake.github.io",
        },
    ]
    return {
        "@context": f"{RO_CRATE}/context",
        "@graph": [
            *(descriptor, root, main, *parameters, *entities.values()),
            *(whole_run, *actions, *machines, *authors, *context),
        ],
    }
