"""The report: one page with all figures and tables, how each was made, and how long it took.

Needs all tables and figures. Leaves results/opening.rst, what the page begins with, and results/report.html.

Snakemake's own --report-after-run would fail in every dry run of an unfinished workflow, and make the page again
where nothing has changed; as a rule, the page follows what it shows like any other result.
"""

REPORT = "<results>/report.html"
# What the page says of this run before anything else; report/workflow.rst includes it.
OPENING = "<results>/opening.rst"
OPENING_SENTENCE = "<results>/tables/opening-sentence.txt"


localrules:
    report,


rule report_opening:
    input:
        runs="<results>/tables/runs.csv",
        left_out_runs="<results>/tables/left-out-runs.csv",
        sentence=OPENING_SENTENCE if OPENING_SENTENCE in ANALYSIS else [],
        script="scripts/report/opening.py",
        modules=modules_of("scripts/report/opening.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        OPENING,
    log:
        "<logs>/opening.log",
    conda:
        "../envs/workflow.yaml"
    params:
        skipped=lambda wildcards: json.dumps(
            {FRAMEWORKS[name]["label"]: missing for name, missing in LEFT_OUT.items()}
        ),
        labels=json.dumps(LABELS),
        sentence=lambda wildcards, input: ["--sentence", input.sentence] if input.sentence else [],
    message:
        "Write what the report opens with: the main finding, and what needs a remark"
    shell:
        "python {input.script:q} --left-out-runs {input.left_out_runs:q} {params.sentence:q} "
        "--runs {input.runs:q} --labels {params.labels:q} --skipped {params.skipped:q} --output {output:q} > {log:q} 2>&1"


rule report:
    input:
        expand("report/figure-{number:02d}.rst", number=range(1, 14)),
        opening=OPENING,
        workflow="report/workflow.rst",
        # By their files, as in another workflow the rules may have other names.
        shown=[*TABLES, *FIGURES, *GATES, *ANALYSIS, *VERDICTS],
    output:
        REPORT,
    log:
        "<logs>/report.log",
    conda:
        "../envs/workflow.yaml"
    params:
        # Read back by the second Snakemake, with whatever the command line has changed of it. In its own
        # order, which the order of frameworks in tables and figures follows.
        config=lambda wildcards: json.dumps(config),
        python=lambda wildcards, output: SNAKEMAKE_PYTHON,
    message:
        "Write the report"
    shell:
        "configuration=$(mktemp --suffix=.json) && trap 'rm -f $configuration' EXIT && "
        "printf %s {params.config:q} > $configuration && "
        "{params.python:q} -m snakemake {input.shown:q} --nolock --workflow-profile none "
        "--configfile $configuration --report {output:q} > {log:q} 2>&1"
