"""Scripts: what all rules with a script have in common.

The Snakefile includes this file last. The input `code` of a rule is its script and the modules that the script imports,
so Snakemake compares them by content (docs/reruns.md says why). If a rule names no log, the log of `<results>/a/b.csv`,
its first output, is `<logs>/a/b.log`. Every figure gets the parameter `mode`, which it shows. With --sdm conda, scripts
run in envs/workflow.yaml.
"""

from common.dependencies import code
from snakemake.io import flag
from snakemake.path_modifier import PATH_MODIFIER_FLAG

for each in workflow.rules:
    # If another workflow uses this one as a module, its rules are not changed. No rule is changed twice.
    if each.script and each.basedir == workflow.current_basedir and "code" not in each.input.keys():
        # A rule without inputs has no modifier of their paths.
        each.input_modifier = each.input_modifier or each.output_modifier
        each.set_input(code=code(each.script.removeprefix("../scripts/")))
        each.conda_env = each.conda_env or "../envs/workflow.yaml"
        if "svg" in each.output.keys():
            each.set_params(mode=config["mode"])
        if not each.log:
            log = os.path.splitext(each.output[0])[0].replace(str(RESULTS), str(LOGS), 1) + ".log"
            each.log_modifier = each.output_modifier
            # A module has already changed this path.
            each.set_log(flag(log, PATH_MODIFIER_FLAG))
