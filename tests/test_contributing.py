"""Adding what CONTRIBUTING.md lists is enough: a dry run has the new jobs.

For a statement, tests/test_verdicts_statements.py checks what is missing.
"""

import json
import shutil

import pytest
import yaml
from test_workflow import NETWORKS, copy_workflow, edit, jobs

# Each asks Snakemake for the whole plan of a checkout, twice.
pytestmark = pytest.mark.slow
PER_NETWORK = ("train", "predict", "score")


@pytest.fixture
def numpy_alone(tmp_path):
    """A fresh checkout, configured to run NumPy alone."""
    folder = copy_workflow(tmp_path / "workflow")
    configure(folder, frameworks=["numpy"])
    return folder


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """What that would run."""
    folder = copy_workflow(tmp_path_factory.mktemp("before") / "workflow")
    configure(folder, frameworks=["numpy"])
    return jobs(folder)


def configure(folder, **changes):
    """Change the one experiment of the tiny configuration."""
    path = folder / "tiny.json"
    tiny = json.loads(path.read_text())
    tiny["experiments"]["harmonised"] |= changes
    if "frameworks" in changes:
        tiny["frameworks"] = changes["frameworks"]
    path.write_text(json.dumps(tiny))


def added(before, after):
    """Return by rule how many jobs are new; none must be gone."""
    assert before.keys() <= after.keys()
    counts = {name: count - before.get(name, 0) for name, count in after.items()}
    return {name: count for name, count in counts.items() if count}


def test_a_framework_is_a_folder_an_environment_and_its_name(numpy_alone, before):
    frameworks = numpy_alone / "scripts" / "frameworks"
    shutil.copytree(frameworks / "numpy", frameworks / "mine")
    path = frameworks / "mine" / "framework.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"environment": "mine"}))
    shutil.copy(numpy_alone / "envs" / "numpy.yaml", numpy_alone / "envs" / "mine.yaml")
    configure(numpy_alone, frameworks=["numpy", "mine"])
    assert added(before, jobs(numpy_alone)) == {
        **dict.fromkeys(PER_NETWORK, len(NETWORKS)),
        "environment": 1,
        "equivalence_train": 1,
        "equivalence_predict": 1,
        "equivalence": 1,
        "collect_runs": 1,
        "audit": 1,
    }


def test_a_recipe_is_an_entry_and_its_name(numpy_alone, before):
    configuration = numpy_alone / "config.yaml"
    edit(
        configuration,
        "  brief: {<<: *harmonised",
        "  mine: {<<: *harmonised, batch_size: 100}\n  brief: {<<: *harmonised",
    )
    configure(numpy_alone, recipes=["harmonised", "mine"])
    assert added(before, jobs(numpy_alone)) == {
        **dict.fromkeys(PER_NETWORK, len(NETWORKS)),
        # Another batch size changes the computation, so it gets its own gate.
        "equivalence_train": 2,
        "equivalence_predict": 2,
        "equivalence": 1,
        # The initial weights are those of `harmonised`.
        "collect_runs": 1,
    }


def test_a_network_is_its_name(numpy_alone, before):
    configure(numpy_alone, networks=[*NETWORKS, "tanh-5x30"])
    assert added(before, jobs(numpy_alone)) == {
        **dict.fromkeys(PER_NETWORK, 1),
        "initial_weights": 1,
    }


RULE = """

rule figure_mine:
    input:
        runs="<results>/tables/runs.csv",
    output:
        **drawn("<results>/figures/mine", "Figures", figure="mine"),
    script:
        "../scripts/figures/mine.py"
"""


def test_a_figure_is_a_script_a_rule_and_its_files(numpy_alone, before):
    (numpy_alone / "scripts" / "figures" / "mine.py").touch()
    (numpy_alone / "report" / "mine.rst").write_text("What it shows.\n")
    rules = numpy_alone / "rules" / "figures.smk"
    with rules.open("a") as file:
        file.write(RULE)
    assert added(before, jobs(numpy_alone)) == {"figure_mine": 1}
