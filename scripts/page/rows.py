"""The tables that the page shows row by row: runs, timed runs, environments."""

import pandas as pd
from audit.table import HEADINGS as ENVIRONMENTS
from page.inputs import Run, Tables, records

RUN_COLUMNS = [
    "framework", "recipe", "network", "seed", "epochs", "accuracy_all", "accuracy_of", "flag",
    "diverged",
]  # fmt: skip
TIME_COLUMNS = [
    "framework", "recipe", "network", "block", "length", "train_seconds", "predict_seconds",
    "peak_memory_mib", "other_load",
]  # fmt: skip
COMPARE_COLUMNS = ["what", "subject", "here", "there", "ratio", "low", "high", "n", "remark"]


def _rounded(value: float | None, factor: int, decimals: int) -> float | None:
    return None if value is None else round(value * factor, decimals)


def _remark(row: dict) -> str:
    """Return what is wrong with a run, if anything is."""
    said = [row["flag"]] if row["flag"] else []
    said += ["diverged"] if str(row["diverged"]).lower() == "true" else []
    said += [] if row["accuracy_of"] == "test" else [f"recipe scores {row['accuracy_of']} images"]
    return "; ".join(said)


def long_tables(run: Run, tables: Tables) -> list[dict]:
    """Return the accuracy runs and the timed runs: name, headings, and rows of cells.

    The last cell of a row is the beginning of the links to its logs. ``logs`` has their ends.
    """
    runs = [
        [run.label(row["framework"]), run.label(row["recipe"]), row["network"], row["seed"],
         row["epochs"], _rounded(row["accuracy_all"], 100, 2),
         _remark(row),
         f"{run.logs}/runs/{row['framework']}/{row['recipe']}/{row['network']}/{row['seed']}"]
        for row in records(tables.get("runs", RUN_COLUMNS))
    ]  # fmt: skip
    timed = [
        [run.label(row["framework"]), run.label(row["recipe"]), row["network"], row["block"],
         row["length"], *(_rounded(row[c], 1, 5) for c in ("train_seconds", "predict_seconds")),
         _rounded(row["peak_memory_mib"], 1, 0), _rounded(row["other_load"], 100, 1),
         f"{run.logs}/times/{row['framework']}/{row['recipe']}/{row['length']}/{row['network']}/"
         f"{row['block']}"]
        for row in records(tables.get("times", TIME_COLUMNS))
    ]  # fmt: skip
    common = ["Framework", "Recipe", "Network"]
    return [
        {
            "name": "Accuracy runs",
            "id": "runs",
            "headings": [*common, "Seed", "Epochs", "Accuracy (%)", "Remark"],
            "decimals": [None, None, None, None, None, 2],
            "logs": {"training": "/train.log", "prediction": "/predict.log"},
            "rows": runs,
        },
        {
            "name": "Timed runs",
            "id": "timed",
            "headings": [*common, "Block", "Length", "Training (s)", "Prediction (s)",
                         "Memory (MiB)", "Other load (%)"],
            "decimals": [None, None, None, None, None, 3, 4, 0, 1],
            "logs": {"log": ".log"},
            "rows": timed,
        },
    ]  # fmt: skip


def compared(run: Run, tables: Tables) -> dict:
    """Return this run beside another one: the speeds as rows of text, and the rest in sentences."""
    table = tables.get("compare", COMPARE_COLUMNS)
    speed = table[table["what"] == "speed"]
    rows = []
    for row in records(speed):
        interval = "-" if row["low"] is None else f"{row['low']:.3g} to {row['high']:.3g}"
        rows.append([run.label(row["subject"]), f"{row['ratio']:.3g}", interval, str(row["n"])])
    said = [
        f"{run.label(row['subject'])}: {row['remark']}."
        for row in records(table[table["what"].isin(["accuracy", "ratios"])])
    ]
    said += [
        f"{run.label(row['subject'])}: {row['there']} there, {row['here']} here."
        for row in records(table[table["what"] == "verdict"])
    ]
    headings = ["Framework", "Training time here / there", "95 % interval", "Recipes x networks"]
    return {"headings": headings, "rows": rows, "said": said}


def environments(tables: Tables) -> dict:
    """Return the table of environments: headings, and rows of text."""
    table = tables.get("environments", list(ENVIRONMENTS))
    text = [
        ["-" if pd.isna(cell) else str(cell) for cell in row]
        for row in table[list(ENVIRONMENTS)].itertuples(index=False)
    ]
    return {"headings": list(ENVIRONMENTS.values()), "rows": text}
