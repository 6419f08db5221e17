"""Tables in CSV files: read, with the columns that they must have, and written beside Markdown."""

from pathlib import Path

import pandas as pd
from shared.script import InputError, whole_file


def read_table(path: str | Path, columns: list[str]) -> pd.DataFrame:
    """Read a CSV file; raise `InputError` where it is not a table or lacks one of ``columns``."""
    try:
        table = pd.read_csv(path)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not a CSV table with a header line: {error}.") from None
    for column in columns:
        if column not in table.columns:
            raise InputError(f"{path}: the column {column} is missing; add it.")
    return table


def without_repeated_scores(runs: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return runs without those that have the scores of an earlier one with the same ``keys``.

    Networks that have diverged have no checksum of their scores; all of them stay.
    """
    return runs[runs["scores_sha256"].isna() | ~runs.duplicated([*keys, "scores_sha256"])]


def without_carried_over(runs: pd.DataFrame) -> pd.DataFrame:
    """Return runs without the later repetitions of a network that is carried over.

    These have seen more epochs than the recipe's.
    """
    return runs[runs["epochs"] == runs.groupby("recipe")["epochs"].transform("min")]


def read_by_framework(path: str | Path, columns: list[str]) -> pd.DataFrame:
    """Read a CSV file with a row for each framework, whose names become the index."""
    return read_table(path, ["framework", *columns]).set_index("framework")


def write_csv(table: pd.DataFrame, csv: str | Path, float_format: str | None = "%.6g") -> None:
    """Write a table as CSV, without its index."""
    with whole_file(csv) as path:
        table.to_csv(path, index=False, float_format=float_format)


def write_table(
    table: pd.DataFrame,
    csv: str | Path,
    text: str,
    markdown: str | Path,
    float_format: str | None = "%.6g",
) -> None:
    """Write a table as CSV, and as the Markdown ``text`` that shows it."""
    write_csv(table, csv, float_format)
    with whole_file(markdown) as path:
        path.write_text(text)
