"""Rejudge: the tables that a published run measured, in place of those that this machine would measure.

All other tables, the figures and the page are then made from these, and no framework runs.
"""

REJUDGED = config.get("rejudge")
# Not every run has these tables.
KEPT_IF_THERE = ["threads.csv", *([] if "with" in config else ["compare.csv", "compare.md"])]


if REJUDGED:

    rule published_table:
        input:
            f"{REJUDGED}/tables/{{table}}",
        output:
            "<results>/tables/{table}",
        log:
            "<logs>/rejudge/{table}.log",
        wildcard_constraints:
            table="|".join(map(re.escape, [*check.MEASURED, *KEPT_IF_THERE])),
        localrule: True
        shell:
            "cp {input:q} {output:q} 2> {log:q}"

    # The rules that make these tables from measurements.
    ruleorder: published_table > merge_runs > merge_left_out > merge_times > merge_left_out_times
    ruleorder: published_table > lines_of_code > threads > audit_table > equivalence_table
    ruleorder: published_table > independence_audit > compare
