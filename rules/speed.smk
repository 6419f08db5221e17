"""Speed: how long each framework takes, with intervals, and their sets of ranks."""


rule speed:
    input:
        times="<results>/tables/times.csv",
        frameworks=USED_DESCRIPTIONS,
    output:
        times=shown("<results>/tables/speed.csv", "Speed", table="Times"),
        ratios=shown("<results>/tables/speed-ratios.csv", "Speed", table="Ratios of times"),
        ranks=shown("<results>/tables/speed-ranks.csv", "Speed", table="Sets of ranks"),
        same_program=shown("<results>/tables/same-program.csv", "Speed", table="The same program under two names"),
        ten_epochs=shown("<results>/tables/ten-epochs.csv", "Speed", table="Derived and measured times"),
    params:
        own=PLAN.own_recipes(),
    script:
        "../scripts/speed/table.py"


rule figure_speed:
    input:
        times="<results>/tables/speed.csv",
        ranks="<results>/tables/speed-ranks.csv",
        runs="<results>/tables/times.csv",
        recipes_2016="reference/recipes-2016.yaml",
        lines="reference/lines-of-code.csv",
        frameworks=DESCRIPTIONS,
    output:
        **drawn("<results>/figures/speed", "Speed", figure="Times and ranks"),
    params:
        recipe=FIGURE_RECIPE,
    script:
        "../scripts/speed/figure.py"


rule speed_choices:
    input:
        ranks="<results>/tables/speed-ranks.csv",
        times="<results>/tables/times.csv",
        runs="<results>/tables/runs.csv",
        lines="<results>/tables/lines-of-code.csv",
        threads="<results>/tables/threads.csv" if SPEEDUP_FRAMEWORKS else [],
    output:
        **written("<results>/tables/speed-choices", "Speed", table="The ranking under every choice"),
    # As for the rule `threads`, whose table it reads.
    localrule: True
    params:
        own=PLAN.own_recipes(),
        labels=LABELS,
    script:
        "../scripts/speed/choices.py"


rule time_to_accuracy:
    input:
        speed="<results>/tables/speed.csv",
        runs="<results>/tables/runs.csv",
    output:
        shown("<results>/tables/time-to-accuracy.csv", "Speed", table="Time to accuracy"),
    params:
        reference=REFERENCE,
    script:
        "../scripts/speed/time_to_accuracy.py"
