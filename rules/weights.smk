"""Initial weights: drawn once for a recipe, a network and a seed, the same for every framework.

Leaves them in results/initial-weights/<recipe>/<network>/<seed>.f32.
"""


rule initial_weights:
    input:
        environment=ancient(WORKFLOW_ENVIRONMENT),
        script="scripts/weights/draw.py",
    output:
        "<results>/initial-weights/{recipe}/{network}/{seed}.f32",
    log:
        "<logs>/initial-weights/{recipe}/{network}/{seed}.log",
    conda:
        "../envs/workflow.yaml"
    params:
        flags=lambda wildcards: configuration.command_line(
            configuration.weights_flags(
                recipe_of(wildcards), wildcards.network, inputs_of(wildcards), int(wildcards.seed)
            )
        ),
    message:
        "Draw initial weights for {wildcards.recipe}, {wildcards.network}, seed {wildcards.seed}"
    shell:
        "python {input.script:q} {params.flags} --output {output:q} > {log:q} 2>&1"
