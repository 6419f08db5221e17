"""Put tables with the same columns one below the other."""

import argparse
from pathlib import Path

import pandas as pd
from common import run, whole_file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", type=Path, nargs="+")
    parser.add_argument("--output", type=Path, required=True)
    args = parser.parse_args()

    # As text, so that no number changes its last digit on the way.
    tables = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in args.tables]
    with whole_file(args.output) as path:
        pd.concat(tables).to_csv(path, index=False)


if __name__ == "__main__":
    run(main)
