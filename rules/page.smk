"""The page: what a run found, in one file that needs no network. A card replaces each missing table and says why."""

PAGE = "<results>/index.html"


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
