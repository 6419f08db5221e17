"""Tables in Markdown, as all tables of the analysis are written."""

from collections.abc import Iterable, Sequence


def markdown_table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], numbers: Sequence[str] = ()
) -> str:
    """Return a Markdown table that ends with a line break.

    The columns whose headings stand in ``numbers`` are aligned to the right.
    """
    rule = ["---:" if heading in numbers else "---" for heading in headings]
    text = ""
    for line in (headings, rule, *rows):
        cells = [str(cell).replace("|", "\\|") for cell in line]
        text += f"| {' | '.join(cells)} |\n"
    return text
