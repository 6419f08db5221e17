"""Put tables with the same columns one below the other."""

import argparse
from pathlib import Path

import pandas as pd
from common import run, whole_file
from processors import check_one_processor


def timed_processors(runs: pd.DataFrame) -> dict[str, str]:
    """Return the processor of each timed run, by the run's name; all columns are text."""
    timed = runs[runs["timed"] == "True"]
    names = timed[["framework", "recipe", "network", "seed"]].itertuples(index=False)
    return dict(zip(map("/".join, names), timed["processor"], strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", type=Path, nargs="+")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument(
        "--one-processor", action="store_true", help="refuse times of different processors"
    )
    args = parser.parse_args()

    # As text, so that no number changes its last digit on the way.
    tables = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in args.tables]
    merged = pd.concat(tables)
    if args.one_processor:
        check_one_processor(timed_processors(merged))
    with whole_file(args.output) as path:
        merged.to_csv(path, index=False)


if __name__ == "__main__":
    run(main)
