"""Publish: a finished run in one archive, with a description for other programs.

Needs all tables and figures, the report and the page, and a Git checkout without uncommitted changes. Leaves
results/archive.zip (docs/publishing.md); no other rule needs it.
"""

ARCHIVE = "<results>/archive.zip"


rule publish:
    input:
        results=[*SHOWN, REPORT, PAGE],
        packages="requirements.txt",
    output:
        ARCHIVE,
    params:
        # Another commit is another archive.
        commit=checked_out_commit,
        # The keys keep their order, because it is the order of the frameworks in tables and figures.
        configuration=PLAIN_CONFIG,
    script:
        "../scripts/publish/archive.py"
