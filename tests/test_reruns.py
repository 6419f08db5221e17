"""What each kind of change runs again: the rows of docs/reruns.md, each proved by a dry run.

A job is named by its log, whose path says the stage, the framework, the network and the seed.
"""

import ast
import csv
import json
import os
import re
import shutil
from itertools import product
from pathlib import Path

import pytest
from common.dependencies import code
from conftest import program
from tiny import ENVIRONMENTS, FLAGS, FRAMEWORKS, NETWORKS, ROOT, copy_finished, edit, snakemake

# --- what the words of the table's second column stand for


def runs(frameworks, *steps, networks=NETWORKS, seed=1):
    folders = product(frameworks, networks, steps)
    return {f"runs/{f}/harmonised/{network}/{seed}/{step}" for f, network, step in folders}


def rows(frameworks):
    return {f"runs/{framework}/harmonised/runs" for framework in frameworks}


def gates(frameworks, *steps):
    # A log has the name of the first output.
    made = [{"train": "models", "predict": "scores"}[step] for step in steps]
    found = {f"equivalence/{f}/harmonised/float32/{name}" for f, name in product(frameworks, made)}
    if "numpy" in frameworks:
        found |= {f"equivalence/numpy/harmonised/float64/{name}" for name in made}
    return found | judgements(frameworks)


def judgements(frameworks):
    return {f"equivalence/{framework}/harmonised/gate" for framework in frameworks} | {
        "tables/equivalence",
        "figures/equivalence",
    }


def audits(frameworks):
    return {f"audit/{framework}" for framework in frameworks} | {"tables/environments"}


def figures(*numbers):
    return {f"figures/figure-{number:02d}" for number in numbers}


# Of accuracies, and of times.
ACCURACY_FIGURES, TIME_FIGURES = figures(6, 9, 12), figures(4, 5, 7, 8, 10, 11)
SWEEPS = ACCURACY_FIGURES | TIME_FIGURES
VERDICTS = {"tables/verdicts-numbers", "figures/verdicts", "tables/verdicts-statements"}
ARITHMETIC = {"tables/arithmetic", "figures/arithmetic"}
RUNS_TABLE = {
    "tables/runs",
    "tables/left-out-runs",
    "tables/summary",
    "tables/independence",
    # Accuracy is one of the weights, and part of the time to an accuracy.
    "tables/speed-choices",
    "tables/time-to-accuracy",
    *ACCURACY_FIGURES,
    *VERDICTS,
}
SPEED = {"tables/speed", "figures/speed"}
TIMES_TABLE = {
    "tables/times",
    "tables/left-out-times",
    "tables/summary",
    "tables/timed-in-2016",
    "tables/verdicts-order",
    "tables/speed-choices",
    "tables/time-to-accuracy",
    *SPEED,
    *TIME_FIGURES,
    *ARITHMETIC,
    *VERDICTS,
}
# The verdicts judge the counts too.
PAGES = {"index", "report"}
LINES = {
    "tables/lines-of-code", "tables/speed-choices", "tables/table-1", "figures/figure-13",
    "tables/verdicts-statements",
}  # fmt: skip
DATA = {"data/download_mnist", "data/unit/train-images", "data/unit-train-6000"}
ALL_FIGURES = figures(*range(1, 14)) | {"figures/arithmetic", "figures/equivalence"}
ALL_FIGURES |= {"figures/verdicts", "figures/speed"}
TABLES = {"tables/equivalence", "tables/environments"}
NEW_NETWORK = "relu-2x100"


def new_runs(network=None, seed=None):
    networks, seed = ([network], 1) if network else (NETWORKS, seed)
    weights = {f"initial-weights/harmonised/{each}/{seed}" for each in networks}
    return weights | runs(FRAMEWORKS, "train", "predict", "score", networks=networks, seed=seed)


# Of "its", "their" and "the new" is what a change is made to.
WORDS = {
    "nothing": set(),
    "the report": {"report"},
    "the pages": PAGES,
    "every environment": {f"environments/{name}" for name in ENVIRONMENTS},
    "run results": RUNS_TABLE | PAGES,
    "line counts": LINES,
    "the data": DATA,
    "every gate": gates(FRAMEWORKS, "train", "predict"),
    "every decision": judgements(FRAMEWORKS),
    "every training": runs(FRAMEWORKS, "train", "predict", "score"),
    "every prediction": runs(FRAMEWORKS, "predict", "score"),
    "every score": runs(FRAMEWORKS, "score"),
    "every row": rows(FRAMEWORKS),
    "every audit": audits(FRAMEWORKS),
    "every figure": ALL_FIGURES,
    "every table and figure": ALL_FIGURES | TABLES | RUNS_TABLE | TIMES_TABLE | LINES,
    # NumPy alone is timed, on one network.
    "every timed run": {"times/numpy/harmonised/short/relu-1x64/1"},
    "every row of times": {"times/numpy/harmonised/times"},
    "time results": TIMES_TABLE | PAGES,
    "the lanes": {"lanes"},
    "figure 1": figures(1),
    "figures 2 and 3": figures(2, 3),
    "figures 4 to 12": SWEEPS,
    "results with labels": {
        "tables/environments",
        "tables/timed-in-2016",
        "figures/equivalence",
        "figures/arithmetic",
        "tables/time-to-accuracy",
        *SPEED,
        *LINES,
        *SWEEPS,
    },
    "published values": {"tables/independence", "tables/verdicts-order", *ARITHMETIC, *VERDICTS},
    "`speed`": {"figures/speed"},
    "`equivalence`": {"figures/equivalence"},
    "`arithmetic`": ARITHMETIC,
    "`timed-in-2016`": {"tables/timed-in-2016"},
    "verdicts on statements": {"tables/verdicts-statements"},
    "tables of all frameworks": {
        "tables/equivalence",
        "figures/equivalence",
        "tables/environments",
        "tables/timed-in-2016",
        "figures/arithmetic",
        *SPEED,
        *TIME_FIGURES,
    },
    "Markdown tables": {
        "tables/runs-columns",
        "tables/times-columns",
        "tables/environments",
        "tables/table-1",
        "tables/equivalence",
        "figures/equivalence",
        "tables/timed-in-2016",
        "tables/independence",
        "tables/speed-choices",
        "tables/verdicts-order",
        *ARITHMETIC,
        *VERDICTS,
    },
}
OF_IT = {
    "its environment": lambda name: {f"environments/{name}"},
    "its gate": lambda name: gates([name], "train", "predict"),
    "its gate's predictions": lambda name: gates([name], "predict"),
    "its trainings": lambda name: runs([name], "train", "predict", "score"),
    "its predictions": lambda name: runs([name], "predict", "score"),
    "its rows": lambda name: rows([name]),
    "its audit": lambda name: audits([name]),
    "its timed runs": lambda name: {f"times/{name}/harmonised/short/relu-1x64/1"},
    "its rows of times": lambda name: {f"times/{name}/harmonised/times"},
    "the new runs": lambda new: new_runs(**new),
}

# Those that take a framework's name.
NAMED = [words for name, words in OF_IT.items() if name != "the new runs"]

# --- the changes, by the table's first column: what each is made to, and how


def source(name):
    """Change a file, anywhere in it, by a comment."""

    def change(folder):
        with (folder / name).open("a") as file:
            file.write("\n# a comment\n")

    return change


def setting(**changes):
    """Change the configuration; the keys of nested mappings are joined by two underscores."""

    def change(folder):
        tiny = json.loads((folder / "tiny.json").read_text())
        for key, value in changes.items():
            *path, last = key.split("__")
            mapping = tiny
            for name in path:
                mapping = mapping.setdefault(name, {})
            mapping[last] = value
        (folder / "tiny.json").write_text(json.dumps(tiny))

    return change


def replaced(name, old, new):
    return lambda folder: edit(folder / name, old, new)


def prose(folder):
    for name in ("README.md", "docs/contract.md"):
        (folder / name).write_text("changed\n")
    for name in ("Snakefile", "rules/runs.smk", "rules/common.smk", "config.yaml"):
        source(name)(folder)


def rewrite(path):
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)


def same_again(folder):
    resources = folder / "resources"
    for path in [*resources.glob("environments/*/environment.json"), *resources.glob("mnist/*")]:
        rewrite(path)
    for name in ("scripts", "envs", "reference", "schemas", "report"):
        for path in (folder / name).rglob("*.*"):
            if path.is_file():
                rewrite(path)


def moved(folder):
    shutil.move(folder, folder.with_name("elsewhere"))
    return folder.with_name("elsewhere")


def conda(folder):
    """Let there be a conda that answers what Snakemake asks of it in a dry run."""
    conda = program(
        folder / "conda" / "conda",
        """case $1 in
        info) echo '{"conda_prefix": "/", "platform": "linux-64", "conda_version": "25.9.0"}' ;;
        config) echo '{"get": {"channel_priority": "strict"}}' ;;
        --version) echo conda 25.9.0 ;;
        esac""",
    )
    return conda.parent


LEARNING_RATE = {"name": "sgd", "learning_rate": 0.02, "momentum": 0.9, "nesterov": True}
DATA_FILES = [
    f"{part}-{name}-ubyte" for part in ("train", "t10k") for name in ("images-idx3", "labels-idx1")
]
OTHER_DATA = {
    "label": "Other",
    "checksums": dict.fromkeys(DATA_FILES, "a" * 64),
    "sources": [{"folder": "resources/elsewhere"}],
}
PYTORCH, KERAS = "scripts/frameworks/pytorch", "scripts/frameworks/keras"
CHANGES = {
    "`README.md`, `docs/`, a comment in a rule or in `config.yaml`": (None, prose),
    "the number of cores on the command line": (None, lambda folder: ["--cores", "1"]),
    "files that were touched or checked out again, with the same content": (None, same_again),
    "the folder, moved to another place": (None, moved),
    "a framework's training program": ("keras", source(f"{KERAS}/train.py")),
    "a framework's prediction program": ("keras", source(f"{KERAS}/predict.py")),
    "a file that both programs share": ("pytorch", source(f"{PYTORCH}/network.py")),
    "a reference program": ("numpy", source("scripts/frameworks/numpy/train.py")),
    "a framework's label or colour": (
        "pytorch",
        replaced(f"{PYTORCH}/framework.yaml", "label: PyTorch", "label: Torch"),
    ),
    "the launcher, `scripts/launcher/program.py`": (None, source("scripts/launcher/program.py")),
    "the script that makes the runs tables, `scripts/runs/collect.py`": (
        None,
        source("scripts/runs/collect.py"),
    ),
    "a figure's script, `scripts/figures/sweep.py`": (None, source("scripts/figures/sweep.py")),
    "the style of the figures, `scripts/shared/figure_style.py`": (
        None,
        source("scripts/shared/figure_style.py"),
    ),
    "a module of the tables, `scripts/shared/markdown_table.py`": (
        None,
        source("scripts/shared/markdown_table.py"),
    ),
    "a caption in `report/`": (None, source("report/figure-accuracy.rst")),
    "a value in `reference/published.csv`": (
        None,
        lambda folder: edit(folder / "reference" / "published.csv", ",0.9", ",0.8"),
    ),
    "a fact in `reference/recipes-2016.yaml`": (
        None,
        replaced("reference/recipes-2016.yaml", "epochs: 10 ", "epochs: 11 "),
    ),
    "a statement in `reference/statements.yaml`": (None, source("reference/statements.yaml")),
    "a recipe's learning rate": (None, setting(recipes__harmonised__optimizer=LEARNING_RATE)),
    "a recipe's number of epochs": (None, setting(recipes__harmonised__epochs=2)),
    "a recipe's accuracy rule": (
        None,
        setting(recipes__harmonised__accuracy={"rule": "mean-recall", "images": 10000}),
    ),
    "one more seed": ({"seed": 2}, setting(experiments__harmonised__seeds=[1, 2])),
    "one more network": (
        {"network": NEW_NETWORK},
        setting(experiments__harmonised__networks=[*NETWORKS, NEW_NETWORK]),
    ),
    "one framework removed": (
        None,
        setting(experiments__harmonised__frameworks=["numpy", "pytorch", "tensorflow"]),
    ),
    "a pin in a framework's environment": (
        "pytorch",
        replaced("envs/pytorch.yaml", "numpy==", "numpy==1"),
    ),
    "a pin in `requirements.txt`": (None, replaced("requirements.txt", "pandas==", "pandas==1")),
    "a checksum in `reference/mnist.csv`": (None, replaced("reference/mnist.csv", ",ba8", ",ca8")),
    "`dataset`": (None, setting(dataset="other", datasets__other=OTHER_DATA)),
    "`compute_threads`": (None, setting(compute_threads=2)),
    "`measurement.predict_repeats`": (None, setting(measurement__predict_repeats=3)),
    "`measurement.time_limit_minutes`": (None, setting(measurement__time_limit_minutes=31)),
    "`datasets.<name>.sources`, `program_folders`": (
        None,
        setting(
            datasets__mnist__sources=[{"folder": "resources/other"}], program_folders=["/elsewhere"]
        ),
    ),
    "`--sdm conda` on or off": (None, lambda folder: ["--sdm", "conda"]),
}


def modules_of(script, scripts, seen=()):
    """Return the files in scripts/ that a script imports, and those that these import."""
    names = set()
    for node in ast.walk(ast.parse(script.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    paths = {scripts / f"{name.replace('.', '/')}.py" for name in names} - {script, *seen}
    found = set()
    for path in filter(Path.exists, paths):
        # How a script is started, fails and writes is no part of its result.
        if path != scripts / "shared" / "script.py":
            found |= {path, *modules_of(path, scripts, {script, *seen})}
    return found


def documented():
    """Return the second column of the table in docs/reruns.md by the first."""
    text = (ROOT / "docs" / "reruns.md").read_text().partition("\n## ")[0]
    found = re.findall(r"^\| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    return {change: again for change, again in found[1:] if set(change) != {"-"}}


def due(folder, *flags):
    """Return the logs of the jobs that a dry run would run, without their folder and ending."""
    output = snakemake("--dry-run", *FLAGS, *flags, folder=folder).stdout
    logs = re.findall(r"^    log: logs/([^,\n]+)\.log(?:, .*)?$", output, re.MULTILINE)
    total = re.search(r"^total +(\d+)$", output, re.MULTILINE)
    # No job goes uncounted; one of them is `all`, which runs nothing.
    assert len(logs) == (int(total[1]) - 1 if total else 0)
    return set(logs)


def test_every_row_is_tried_and_every_change_documented():
    assert list(documented()) == list(CHANGES)


@pytest.fixture
def changed(finished_alone, tmp_path):
    """A copy of the finished workflow with environments of its own, that a test may change."""
    return copy_finished(finished_alone, tmp_path / "workflow")


# Changes that rerun nothing are tested together: if all of them rerun nothing, none of them does.
WITHOUT_EFFECT = [change for change, again in documented().items() if again == "nothing"]
TRIED = [WITHOUT_EFFECT, *([change] for change in CHANGES if change not in WITHOUT_EFFECT)]


@pytest.mark.parametrize("changes", TRIED, ids=lambda changes: changes[0])
def test_a_change_runs_again_what_the_table_says(changed, changes, monkeypatch):
    flags, expected = [], set()
    for change in changes:
        it, make = CHANGES[change]
        more = make(changed) or []
        if isinstance(more, Path):
            changed, more = more, []
        flags += more
        for words in documented()[change].split(", "):
            expected |= OF_IT[words](it) if words in OF_IT else WORDS[words]
    if "conda" in flags:
        monkeypatch.setenv("PATH", f"{conda(changed)}{os.pathsep}{os.environ['PATH']}")
    # A result that no row names is newer than the table. The tests below check its inputs.
    known = set().union(*WORDS.values(), *(words(name) for words in NAMED for name in FRAMEWORKS))
    assert due(changed, *flags) & (known | expected) == expected


def test_no_job_misses_a_module_that_its_script_imports(finished):
    """If a module is not an input, its changes would rerun nothing."""
    scripts = finished / "scripts"
    checked = set()
    for rules in (finished / "rules").glob("*.smk"):
        for rule in re.split(r"^(?=rule )", rules.read_text(), flags=re.MULTILINE)[1:]:
            script = re.search(r'^    script:\n        "\.\./scripts/(.+)"$', rule, re.MULTILINE)
            if script:
                checked.add(script[1])
    assert len(checked) > 40
    for script in checked:
        files = {scripts / script, *modules_of(scripts / script, scripts)}
        uses_pandas = any("\nimport pandas" in path.read_text() for path in files)
        packages = {"requirements.txt"} if uses_pandas else set()
        assert set(code(script)) == packages | {str(path.relative_to(finished)) for path in files}


def test_every_rule_with_a_script_has_it_as_input(finished):
    """What the last test reads in the rules is what Snakemake records."""
    output = snakemake("--detailed-summary", *FLAGS, folder=finished).stdout
    table = output[output.index("output_file") :].splitlines()
    for job in csv.DictReader(table, delimiter="\t"):
        inputs = job["input-file(s)"].split(",")
        # A shell command is not a script. That of environments starts one, which is also an input.
        commands = job["shellcmd"].split()
        if job["rule"] == "environment" or commands in ([], ["-"]):
            assert any(name.startswith("scripts/") for name in inputs), job["rule"]
