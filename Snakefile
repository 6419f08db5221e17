"""Which deep-learning framework is the best? A 2016 paper, rerun and judged.

`snakemake --cores 8` makes the default run: data, environments, runs, tables, figures, report and page.
Each stage has a rule file in rules/, and its scripts in scripts/.
"""

from snakemake.utils import min_version

min_version("9.14")


include: "rules/configuration.smk"


configfile: "config.yaml"


report: "report/workflow.rst"


include: "rules/common.smk"
include: "rules/programs.smk"
include: "rules/environments.smk"
include: "rules/builds.smk"
include: "rules/data.smk"
include: "rules/weights.smk"
include: "rules/equivalence.smk"
include: "rules/runs.smk"
include: "rules/tables.smk"
include: "rules/times.smk"
include: "rules/audit.smk"
include: "rules/lines.smk"
include: "rules/figures.smk"
include: "rules/threads.smk"
include: "rules/analysis.smk"
include: "rules/speed.smk"
include: "rules/verdicts.smk"
include: "rules/arithmetic.smk"
include: "rules/compare.smk"
include: "rules/report.smk"
include: "rules/page.smk"
include: "rules/publish.smk"
include: "rules/rejudge.smk"
include: "rules/scripts.smk"


# If another workflow uses this one as a module, the terminal is its own.
if workflow.is_main_process and workflow.modifier.is_main_snakefile() and not workflow.output_settings.dryrun:
    TERMINAL = progress.quiet(logger, {rule.name: Path(str(rule.snakefile)).stem for rule in workflow.rules})


onstart:
    rate_limit.lift(workflow)
    jobs = list(workflow.dag.needrun_jobs())
    TERMINAL.begin(((job.rule.name, job.wildcards_dict.get("framework", "")) for job in jobs), CORES)
    if len(jobs) >= forked_scripts.ENOUGH_SCRIPTS and not ON_CLUSTER and not DEPLOYED_BY_CONDA:
        forked_scripts.use(SCRIPT_VARIABLES)


onsuccess:
    last = efficiency.last_run(LOGS, TERMINAL.elapsed, TERMINAL.cores, TERMINAL.steps)
    if last["steps"]:
        write_json(RESULTS / "last-run.json", last)
    for line in progress.last_lines(RESULTS, SKIPPED, LABELS, last):
        TERMINAL.say(line)


rule all:
    default_target: True
    input:
        SHOWN,
        PAGE,
        REPORT,


rule results:
    input:
        SHOWN,


rule environments:
    input:
        expand(ENVIRONMENT, environment=USED_ENVIRONMENTS),
        [build for name in USED_FRAMEWORKS for build in INPUTS.builds(name)],
