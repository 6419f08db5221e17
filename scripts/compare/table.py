"""Compare a run with another one: accuracies, speed, order of the frameworks, and verdicts.

The other one is the reference run of the repository (reference-run/), or a folder of results that
`snakemake compare --config with=FOLDER` names.

    accuracy  runs with the same framework, recipe, network and seed. Equal scores mean the same
              arithmetic; other processors round in another way.
    speed     for each framework, the ratio of the training times here to those there: the mean
              logarithm over its recipes and networks, with a 95 % t interval over these. Blocks of
              two runs are independent, so those of a network are averaged first.
    ratios    for each network, and over all: the ratios between two frameworks' training times,
              with the recipe of the figures. How many agree within their intervals; the factor by
              which half of them differ at most; how many pairs are the other way round, and of how
              many of these both runs are sure; Kendall's tau. Frameworks that one of the runs has
              timed with other epochs, images or threads are left out.
    verdicts  on published numbers that differ.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats
from shared.markdown_table import markdown_table
from shared.script import InputError, Job, run
from shared.tables import read_table, write_table
from shared.time_model import CONFIDENCE
from speed.measures import OVERALL
from verdicts.basis import NOT_RUN, NUMBER_KEYS

RUN = ["framework", "recipe", "network", "seed"]
CELL = ["framework", "recipe", "network"]
PAIR = ["framework", "other"]
# Times that differ in one of these columns cannot be compared.
ALIKE = ["train_images", "epochs", "timed_images", "timed_epochs", "compute_threads"]
# The columns that are read from both runs, by table.
TABLES = {
    "runs": [*RUN, "accuracy_all", "scores_sha256", "train_images", "epochs"],
    "times": [*CELL, "length", "train_seconds", *ALIKE],
    "speed-ratios": ["recipe", "network", "measure", *PAIR, "ratio", "low", "high", "adjusted_p"],
    "verdicts-numbers": [*NUMBER_KEYS, "cell_verdict", "reason"],
}
COLUMNS = [
    "what", "subject", "here", "there", "ratio", "low", "high", "n",
    # Of accuracy: how many runs have the same scores. Of ratios: how many agree, of how many with
    # an interval; the factor by which half of them differ at most; how many pairs are reversed,
    # and of how many of these both runs are sure.
    "agree", "known", "factor", "reversed", "sure",
    "remark",
]  # fmt: skip


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Read the tables of a run from its folder.

    Raises `InputError` where one of them is missing.
    """
    tables = folder / "tables"
    for name in TABLES:
        if not (tables / f"{name}.csv").is_file():
            raise InputError(
                f"with={folder}: {tables / name}.csv is missing; name the folder of a finished "
                "run, such as reference-run or another checkout's results."
            )
    return {name: read_table(tables / f"{name}.csv", TABLES[name]) for name in TABLES}


def accuracies(here: pd.DataFrame, there: pd.DataFrame) -> list[dict]:
    """Return a row for each framework: how far its runs differ from the same runs of the other."""
    same = [*RUN, "train_images", "epochs"]
    both = here.merge(there, on=same, suffixes=("_here", "_there"))
    both["difference"] = (both["accuracy_all_here"] - both["accuracy_all_there"]).abs()
    both["equal"] = both["scores_sha256_here"] == both["scores_sha256_there"]
    rows = []
    for framework, part in both.groupby("framework", sort=False):
        agree = part["equal"].sum()
        rows.append(
            {
                "what": "accuracy",
                "subject": framework,
                "here": part["accuracy_all_here"].mean(),
                "there": part["accuracy_all_there"].mean(),
                "n": len(part),
                "agree": agree,
                "remark": f"{agree} of {len(part)} runs have the same scores; the "
                f"largest difference is {100 * part['difference'].max():.2f} points",
            }
        )
    return rows


def mean_logs(times: pd.DataFrame) -> pd.Series:
    """Return the mean logarithm of the training time of each cell, over its short timed runs."""
    short = times[times["length"] == "short"]
    return np.log(short["train_seconds"]).groupby([short[key] for key in CELL]).mean()


def speeds(here: pd.DataFrame, there: pd.DataFrame) -> list[dict]:
    """Return a row for each framework that both runs have timed on some network."""
    alike = [*CELL, "length", *ALIKE]
    here = here.merge(there[alike].drop_duplicates(), on=alike)
    logs = (mean_logs(here) - mean_logs(there)).dropna()
    rows = []
    for framework in pd.unique(here["framework"]):
        found = logs.xs(framework, level="framework") if framework in logs.index else logs[:0]
        if found.empty:
            continue
        row = {"what": "speed", "subject": framework, "n": len(found)}
        row["ratio"] = float(np.exp(found.mean()))
        if len(found) > 1:
            interval = stats.ttest_1samp(found, 0).confidence_interval(CONFIDENCE)
            row |= {"low": float(np.exp(interval.low)), "high": float(np.exp(interval.high))}
        row["remark"] = f"training time here divided by that there, {len(found)} cells"
        rows.append(row)
    return rows


def timed_otherwise(here: pd.DataFrame, there: pd.DataFrame, recipe: str) -> set[str]:
    """Return the frameworks whose timed runs with a recipe had another size or other threads."""
    of = [*CELL, "length"]
    both = here.merge(there, on=of, suffixes=("_here", "_there"))
    both = both[both["recipe"] == recipe]
    differs = [both[f"{name}_here"] != both[f"{name}_there"] for name in ALIKE]
    return set(both.loc[np.logical_or.reduce(differs), "framework"])


def _logarithms(table: pd.DataFrame, recipe: str) -> pd.DataFrame:
    """Return the logarithms of the ratios of training times, each pair in the order of its names.

    The columns are log, low, high and sure, by network and pair.
    """
    table = table[(table["recipe"] == recipe) & (table["measure"] == "train")]
    logs = np.log(table[["ratio", "low", "high"]].to_numpy(float))
    swapped = (table["framework"] > table["other"]).to_numpy()
    logs[swapped] = -logs[swapped][:, [0, 2, 1]]
    names = np.sort(table[PAIR].to_numpy(str), axis=1)
    return pd.DataFrame(
        {"log": logs[:, 0], "low": logs[:, 1], "high": logs[:, 2]}
        | {"sure": (table["adjusted_p"] < 1 - CONFIDENCE).to_numpy()},
        index=pd.MultiIndex.from_arrays([table["network"], names[:, 0], names[:, 1]]),
    )


def _averaged(logarithms: pd.DataFrame) -> set[str]:
    """Return the networks that the ratios over all are averaged over: those with the same pairs."""
    pairs = {network: set(part.index.droplevel(0)) for network, part in logarithms.groupby(level=0)}
    of_all = pairs.pop(OVERALL, set())
    return {network for network, found in pairs.items() if of_all <= found}


def ratios(here: pd.DataFrame, there: pd.DataFrame, recipe: str) -> list[dict]:
    """Return a row for each network, and for all: how alike the ratios between frameworks are.

    There is a row for all only if both runs have averaged over the same networks.

    The interval of a difference of two ratios comes from their own intervals (Zou and Donner,
    Statistics in Medicine 27, 2008). They agree if it contains 0.
    """
    of_here, of_there = _logarithms(here, recipe), _logarithms(there, recipe)
    if _averaged(of_here) != _averaged(of_there):
        of_here = of_here.drop(index=OVERALL, level=0, errors="ignore")
    both = of_here.merge(of_there, left_index=True, right_index=True, suffixes=("_here", "_there"))
    difference = both["log_here"] - both["log_there"]
    below = np.hypot(both["log_here"] - both["low_here"], both["high_there"] - both["log_there"])
    above = np.hypot(both["high_here"] - both["log_here"], both["log_there"] - both["low_there"])
    both["known"] = below.notna()
    both["agree"] = (difference - below <= 0) & (difference + above >= 0)
    both["reversed"] = both["log_here"] * both["log_there"] < 0
    both["surely"] = both["reversed"] & both["sure_here"] & both["sure_there"]
    rows = []
    for network, part in both.groupby(level=0, sort=False):
        turned = part[part["reversed"]]
        names = ", ".join(f"{one} and {other}" for _, one, other in turned.index)
        agree, known, sure = (part[name].sum() for name in ("agree", "known", "surely"))
        factor = float(np.exp(difference[part.index].abs().median()))
        rows.append(
            {
                "what": "ratios",
                "subject": network,
                # Kendall's tau-a: concordant less discordant pairs, by all.
                "ratio": 1 - 2 * len(turned) / len(part),
                "n": len(part),
                "agree": agree,
                "known": known,
                "factor": factor,
                "reversed": len(turned),
                "sure": sure,
                "remark": f"{agree} of {known} ratios agree within their intervals; half of them "
                f"differ by less than a factor of {factor:.2f}; {len(turned)} of {len(part)} pairs "
                f"are the other way round, {sure} for sure" + (f": {names}" if names else ""),
            }
        )
    return rows


def verdicts(here: pd.DataFrame, there: pd.DataFrame) -> list[dict]:
    """Return a row for each published number that both runs have judged differently."""
    cells = [
        table[table["cell_verdict"] != NOT_RUN].drop_duplicates(NUMBER_KEYS)
        for table in (here, there)
    ]
    both = cells[0].merge(cells[1], on=NUMBER_KEYS, suffixes=("_here", "_there"))
    differ = both[both["cell_verdict_here"] != both["cell_verdict_there"]]
    return [
        {
            "what": "verdict",
            "subject": f"{row.measure} of {row.framework}, {row.network}",
            "here": row.cell_verdict_here,
            "there": row.cell_verdict_there,
            "n": len(both),
            "remark": row.reason_here,
        }
        for row in differ.itertuples()
    ]


def compare(
    here: dict[str, pd.DataFrame], there: dict[str, pd.DataFrame], recipe: str
) -> pd.DataFrame:
    """Return all rows (`COLUMNS`); ``recipe`` is that of the ratios between frameworks."""
    rows = accuracies(here["runs"], there["runs"])
    if speed := speeds(here["times"], there["times"]):
        otherwise = timed_otherwise(here["times"], there["times"], recipe)
        kept_here, kept_there = (
            run["speed-ratios"][~run["speed-ratios"][PAIR].isin(otherwise).any(axis=1)]
            for run in (here, there)
        )
        rows += speed + ratios(kept_here, kept_there, recipe)
    rows += verdicts(here["verdicts-numbers"], there["verdicts-numbers"])
    counts = dict.fromkeys(("agree", "known", "reversed", "sure"), "Int64")
    return pd.DataFrame(rows, columns=COLUMNS).astype(counts)


def markdown(table: pd.DataFrame, other: str) -> str:
    """Write the comparison in Markdown; ``other`` names the run that it is with."""

    def part(what: str) -> pd.DataFrame:
        return table[table["what"] == what]

    def interval(row: pd.Series) -> str:
        known = pd.notna(row["low"])
        return f" ({row['low']:.3g} to {row['high']:.3g})" if known else " (one cell)"

    lines = [f"This run compared with {other}.\n"]
    speed = part("speed")
    if len(speed):
        rows = [
            [r["subject"], f"{r['ratio']:.3g}{interval(r)}", r["n"]] for _, r in speed.iterrows()
        ]
        headings = ["Framework", "Training time, ratio (95 % interval)", "Recipes x networks"]
        lines.append(markdown_table(headings, rows, headings[1:]))
    for what, title in (
        ("accuracy", "Accuracy"),
        ("ratios", "Ratios between frameworks' training times"),
    ):
        found = part(what)
        if len(found):
            rows = [[row.subject, row.remark] for row in found.itertuples()]
            lines.append(f"{title}:\n\n{markdown_table(['', 'here and there'], rows)}")
    found = part("verdict")
    if len(found):
        rows = [[row.subject, row.there, row.here, row.remark] for row in found.itertuples()]
        headings = ["Published number", "there", "here", "why"]
        lines.append(f"Verdicts that differ:\n\n{markdown_table(headings, rows)}")
    else:
        lines.append("No verdict on a published number that both have judged differs.\n")
    if not len(part("accuracy")) and not len(speed):
        lines.append("The two have no run in common.\n")
    return "\n".join(lines)


def main(job: Job) -> None:
    here = {name: read_table(Path(job.input[name]), columns) for name, columns in TABLES.items()}
    other = Path(job.params.other)
    table = compare(here, read_tables(other), job.params.recipe)
    name = "the reference run" if other == Path("reference-run") else str(other)
    write_table(table, job.output.csv, markdown(table, name), job.output.markdown)


if __name__ == "__main__":
    run(main)
