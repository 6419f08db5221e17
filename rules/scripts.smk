"""Scripts: what all rules with a script have in common.

The Snakefile includes this file last. The input `code` of a rule is its script and the modules that the script imports,
so Snakemake compares them by content (docs/reruns.md says why). With --sdm conda, scripts run in envs/workflow.yaml.
"""

from common.dependencies import code

for each in workflow.rules:
    # If another workflow uses this one as a module, its rules are not changed. No rule is changed twice.
    if each.script and each.basedir == workflow.current_basedir and "code" not in each.input.keys():
        # A rule without inputs has no modifier of their paths.
        each.input_modifier = each.input_modifier or each.output_modifier
        each.set_input(code=code(each.script.removeprefix("../scripts/")))
        each.conda_env = each.conda_env or "../envs/workflow.yaml"
