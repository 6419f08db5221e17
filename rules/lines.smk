"""Lines of code: counts the lines of each framework's programs.

Needs only the framework folders. Leaves results/tables/lines-of-code.csv.
"""


rule lines_of_code:
    input:
        programs=[
            file
            for name in SHOWN_FRAMEWORKS
            for file in descriptions.source_files(descriptions.path_of(name), FRAMEWORKS[name])
        ],
        frameworks=DESCRIPTIONS,
    output:
        shown("<results>/tables/lines-of-code.csv", "Tables", table="Lines of code"),
    script:
        "../scripts/lines/count.py"
