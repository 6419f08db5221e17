"""Compare: this run beside another one, by default the reference run of the repository.

`snakemake compare --config with=FOLDER` names another run's folder.
"""

OTHER_RUN = config.get("with", "reference-run")
READ = ["runs", "times", "speed-ratios", "verdicts-numbers"]
# An installation check is not compared, and a checkout may have no reference run.
COMPARABLE = config["mode"] != "installation check" and Path(OTHER_RUN).is_dir()


rule compare:
    input:
        **{name: f"<results>/tables/{name}.csv" for name in READ},
        # If a table is missing, the script says so.
        other=[str(path) for path in sorted(Path(OTHER_RUN, "tables").glob("*.csv")) if path.stem in READ],
    output:
        **written("<results>/tables/compare", "Tables", when=COMPARABLE, table="Another run beside this one"),
    params:
        # A function, because Snakemake's linter would take this folder for a prefix of the inputs.
        other=lambda wildcards: OTHER_RUN,
        recipe=FIGURE_RECIPE,
    script:
        "../scripts/compare/table.py"
