"""Publish: a finished run of a checkout without changes, in one archive (docs/publishing.md). No rule needs it."""

from common.commit import checked_out


rule publish:
    input:
        results=[*SHOWN, REPORT, PAGE],
        packages="requirements.txt",
    output:
        "<results>/archive.zip",
    params:
        # Another commit is another archive.
        commit=lambda wildcards: checked_out(),
        # The keys keep their order, because it is the order of the frameworks in tables and figures.
        configuration=PLAIN_CONFIG,
    script:
        "../scripts/publish/archive.py"
