"""Tables: all runs, their summary, the data dictionary, and the paper's table 1."""

from runs import left_out

PAIR_FOLDERS = [f"<results>/runs/{framework}/{recipe}" for framework, recipe in PLAN.pairs]


rule merge_runs:
    input:
        tables=expand("{pair}/runs.csv", pair=PAIR_FOLDERS),
    output:
        shown("<results>/tables/runs.csv", "Tables", table="All runs"),
    params:
        one_processor=False,
        columns=columns_of("runs"),
    script:
        "../scripts/tables/merge.py"


use rule merge_runs as merge_left_out with:
    input:
        tables=expand("{pair}/left-out.csv", pair=PAIR_FOLDERS),
    output:
        shown("<results>/tables/left-out-runs.csv", "Equivalence", caption="equivalence", table="Runs left out"),
    params:
        columns=left_out.RUN_COLUMNS,


rule columns:
    input:
        schema="schemas/{table}.schema.yaml",
    output:
        kept("<results>/tables/{table}-columns.md", table=["runs", "times"]),
    wildcard_constraints:
        table="runs|times",
    script:
        "../scripts/tables/columns.py"


rule summary:
    input:
        runs="<results>/tables/runs.csv",
        times="<results>/tables/times.csv",
    output:
        shown("<results>/tables/summary.csv", "Tables", table="Summary"),
    script:
        "../scripts/tables/summary.py"


rule table_1:
    input:
        lines="<results>/tables/lines-of-code.csv",
        published="reference/lines-of-code.csv",
        frameworks=DESCRIPTIONS,
    output:
        **written("<results>/tables/table-1", "Tables", table="Table 1"),
    script:
        "../scripts/tables/table_1.py"
