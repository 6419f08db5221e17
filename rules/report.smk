"""The report: one page with all figures and tables, how each was made, and how long it took.

Needs all tables and figures. Leaves results/report.html.

Snakemake's own --report-after-run would fail in every dry run of an unfinished workflow, and make the page again
where nothing has changed; as a rule, the page follows what it shows like any other result.
"""

import collections
import csv

REPORT = "<results>/report.html"
# Read by the second Snakemake, which writes the page when everything else is there.
OPENING_SENTENCE = RESULTS / "tables" / "opening-sentence.txt"
config["opening_sentence"] = OPENING_SENTENCE.read_text() if OPENING_SENTENCE.exists() else ""
LEFT_OUT_RUNS = RESULTS / "tables" / "left-out-runs.csv"
# What no figure and no table has: how many runs of a framework with a recipe, and why.
config["left_out_runs"] = sorted(
    collections.Counter(
        (row["framework"], row["recipe"], row["reason"])
        for row in csv.DictReader(LEFT_OUT_RUNS.read_text().splitlines())
    ).items()
    if LEFT_OUT_RUNS.exists()
    else []
)


localrules:
    report,


rule report:
    input:
        expand("report/figure-{number:02d}.rst", number=range(1, 14)),
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
        # Read back by the second Snakemake, with whatever the command line has changed of it.
        # But what it reads itself: before the first run there is none of that.
        config=lambda wildcards: json.dumps(
            {**config, "opening_sentence": "", "left_out_runs": []}, sort_keys=True
        ),
        python=lambda wildcards, output: SNAKEMAKE_PYTHON,
    message:
        "Write the report"
    shell:
        "configuration=$(mktemp --suffix=.json) && trap 'rm -f $configuration' EXIT && "
        "printf %s {params.config:q} > $configuration && "
        "{params.python:q} -m snakemake {input.shown:q} --nolock --workflow-profile none "
        "--configfile $configuration --report {output:q} > {log:q} 2>&1"
