"""Lines of code: counts the lines of each framework's programs."""


rule lines_of_code:
    input:
        programs=PLAN.sources(SHOWN_FRAMEWORKS),
        frameworks=DESCRIPTIONS,
    output:
        shown("<results>/tables/lines-of-code.csv", "Tables", table="Lines of code"),
    script:
        "../scripts/lines/count.py"
