"""The page: what a run found, in one file that needs no other file and no network.

Needs all tables that there are, and the report, which it links to. A card replaces each missing table and
says why. Leaves results/index.html.
"""

PAGE = "<results>/index.html"
# The page shows the folder of the logs by links.


rule page:
    input:
        shown=SHOWN,
        report=REPORT,
        sentence=OPENING_SENTENCE if OPENING_SENTENCE in SHOWN else [],
        templates=[str(path) for path in sorted(Path("scripts/page/templates").iterdir())],
    output:
        PAGE,
    localrule: True
    params:
        mode=config["mode"],
        recipe=FIGURE_RECIPE,
        labels=NAMES,
        own=PLAN.own_recipes(),
        skipped=SKIPPED,
        logs=os.path.relpath(LOGS, RESULTS),
    script:
        "../scripts/page/build.py"
