"""Lines of code: what each framework's programs consist of, counted.

Needs only the framework folders. Leaves results/tables/lines_of_code.csv.
"""

DESCRIPTIONS = [configuration.FRAMEWORKS / name / "framework.yaml" for name in USED_FRAMEWORKS]


def sources(wildcards):
    """Return all source files of all frameworks."""
    return [
        description.parent / file
        for description in DESCRIPTIONS
        for role in ("prepare", "train", "predict")
        for file in FRAMEWORKS[description.parent.name].get(role, {}).get("files", [])
    ]


rule lines_of_code:
    input:
        sources,
        frameworks=DESCRIPTIONS,
        script="scripts/lines_of_code.py",
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        report(
            "<results>/tables/lines_of_code.csv",
            category="Tables",
            labels={"table": "Lines of code"},
        ),
    log:
        "<logs>/tables/lines_of_code.log",
    message:
        "Count the lines of code"
    shell:
        "{PYTHON:q} {input.script:q} --frameworks {input.frameworks:q} --output {output:q} > {log:q} 2>&1"
