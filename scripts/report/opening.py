"""The opening of the report's page: the main finding, and what was skipped on this machine.

It is reStructuredText, which report/workflow.rst includes.
"""

import re


def escaped(text: str) -> str:
    """Return ``text`` as one line in which reStructuredText finds no markup."""
    return re.sub(r"([\\*`_|<>:])", r"\\\1", " ".join(text.split()))


def opening(sentence: str, skipped: dict[str, str], remarks: list[str]) -> str:
    """Return the paragraphs of the opening.

    Args:
        sentence: the main finding, and on further lines what else there is to know; or nothing.
        skipped: by label, what this machine lacks for a framework.
        remarks: sentences about runs that are missing or that need a look.
    """
    finding, *rest = sentence.strip().splitlines() or [""]
    paragraphs = [f"**{escaped(finding)}**"] if finding else []
    paragraphs += map(escaped, rest)
    paragraphs += [
        f"**{escaped(label)} was skipped:** {escaped(missing)}"
        for label, missing in skipped.items()
    ]
    paragraphs += map(escaped, remarks)
    return "".join(f"{paragraph}\n\n" for paragraph in paragraphs)
