"""The report: one page with all figures and tables, how each was made, and how long it took.

Snakemake's own --report-after-run would fail in every dry run of an unfinished workflow. It would also make the page
again when nothing has changed. Therefore a rule makes the page: it is rerun only if something that it shows changes.
"""

REPORT = "<results>/report.html"


rule report:
    input:
        # The captions, and the first page.
        texts=[str(path) for path in sorted(Path("report").glob("*.rst"))],
        runs="<results>/tables/runs.csv",
        left_out_runs="<results>/tables/left-out-runs.csv",
        sentence=OPENING_SENTENCE if OPENING_SENTENCE in SHOWN else [],
        # Files, not rules: if another workflow uses this one, the rules may have other names.
        shown=SHOWN,
    output:
        page=REPORT,
        # What the page says of this run before anything else; report/workflow.rst includes it.
        opening="<results>/opening.rst",
    localrule: True
    params:
        skipped={LABELS[name]: missing for name, missing in SKIPPED.items()},
        labels=LABELS,
        # The second Snakemake reads this configuration, with all changes by the command line.
        config=PLAIN_CONFIG,
        cores=unrecorded(workflow.cores),
    script:
        "../scripts/report/page.py"
