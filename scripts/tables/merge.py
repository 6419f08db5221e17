"""Put tables with the same columns one below the other."""

import pandas as pd
from shared.processors import check_one_processor
from shared.script import Job, run, whole_file


def timed_processors(runs: pd.DataFrame) -> dict[str, str]:
    """Return the processor of each timed run, by the run's name; all columns are text."""
    names = runs[["framework", "recipe", "length", "network", "block"]].itertuples(index=False)
    return dict(zip(map("/".join, names), runs["processor"], strict=True))


def main(job: Job) -> None:
    # Read as text, so that no number changes its last digit.
    tables = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in job.input.tables]
    # This also works if there is nothing to merge.
    merged = pd.concat([pd.DataFrame(columns=job.params.columns, dtype=str), *tables])
    if job.params.one_processor:
        check_one_processor(timed_processors(merged))
    with whole_file(job.output[0]) as path:
        merged.to_csv(path, index=False)


if __name__ == "__main__":
    run(main)
