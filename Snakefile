"""Which deep-learning framework is the best? A 2016 paper, rerun and judged.

`snakemake --cores 8` makes everything: data, environments, runs, tables, figures and the report.
A result's path names the rule file that makes it: each stage has one in rules/.
"""

from snakemake.utils import min_version

min_version("9.14")


include: "rules/configuration.smk"


configfile: "config.yaml"


report: "report/workflow.rst"


# Snakemake limits how many jobs it starts in a second. Each scheduling round adds a timer for that; after some
# hundred jobs the scheduler busy-waits, and takes half a core from what is timed beside it. Only a cluster needs
# the limit. The attribute is Snakemake's own: one without it is left as it is.
onstart:
    if workflow.local_exec and hasattr(workflow.scheduler, "job_rate_limiter"):
        workflow.scheduler.job_rate_limiter = None


include: "rules/common.smk"
include: "rules/environments.smk"
include: "rules/data.smk"
include: "rules/weights.smk"
include: "rules/equivalence.smk"
include: "rules/runs.smk"
include: "rules/audit.smk"
include: "rules/lines.smk"
include: "rules/tables.smk"
include: "rules/figures.smk"
include: "rules/threads.smk"
include: "rules/analysis.smk"
include: "rules/verdicts.smk"
include: "rules/arithmetic.smk"
include: "rules/report.smk"
include: "rules/publish.smk"


onsuccess:
    for line in closing.closing_lines(RESULTS, LABELS):
        logger.warning(line)


rule all:
    default_target: True
    input:
        TABLES,
        FIGURES,
        GATES,
        ANALYSIS,
        VERDICTS,
        REPORT,


rule results:
    input:
        TABLES,
        FIGURES,
        GATES,
        ANALYSIS,
        VERDICTS,


rule environments:
    input:
        expand(ENVIRONMENT, environment=["workflow", *USED_ENVIRONMENTS]),
