"""Initial weights: drawn once for a recipe, a network and a seed, the same for every framework."""


rule initial_weights:
    output:
        "<results>/initial-weights/{recipe}/{network}/{seed}.f32",
    params:
        weights=PLAN.weights,
    script:
        "../scripts/weights/draw.py"
