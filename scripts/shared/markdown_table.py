"""One way to write a table in Markdown."""

from collections.abc import Iterable, Sequence


def markdown_table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], right: Sequence[str] = ()
) -> str:
    """Return a Markdown table that ends in a line feed.

    ``right`` are the headings of the columns that are right-aligned. A cell's vertical bars and
    line feeds are written so that they stay inside it.
    """
    rule = ["---:" if heading in right else "---" for heading in headings]
    cells = [[" ".join(str(cell).split()).replace("|", "\\|") for cell in row] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in [headings, rule, *cells])
