"""Rows written as a CSV file.

The rules import scripts that write rows, because these name the columns. Loading pandas takes half
a second at each start of Snakemake, so it is loaded only when something is written.
"""

from pathlib import Path

from shared.script import whole_file


def write_rows(rows: list, columns: list[str], csv: str | Path) -> None:
    """Write rows, mappings or lists in the order of ``columns``, as CSV with these columns."""
    import pandas as pd

    with whole_file(csv) as path:
        pd.DataFrame(rows, columns=columns).to_csv(path, index=False)
