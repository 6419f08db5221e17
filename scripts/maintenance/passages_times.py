"""What the documentation says of the times of the reference run."""

import pandas as pd
from maintenance.published_run import ReferenceRun, wrapped
from page.ranking import next_one
from shared.labels import dashed, listed
from shared.markdown_table import markdown_table
from speed.measures import OVERALL
from verdicts.basis import HARMONISED, NOT_REPRODUCED, REPRODUCED


def first(run: ReferenceRun) -> str:
    """Say which frameworks may be the fastest, for training and for prediction, and how close."""
    ranks, ratios = run.table("speed-ranks"), run.table("speed-ratios")
    told: list[str] = []
    last = None
    for measure, doing, how in (
        ("train", "trains", "without start-up and separate compilation"),
        ("whole training", "trains", "with start-up and compilation"),
        ("predict", "predicts", "without start-up and the first prediction"),
    ):
        found = ranks[
            (ranks["recipe"] == HARMONISED)
            & (ranks["network"] == OVERALL)
            & (ranks["measure"] == measure)
            & (ranks["rank_low"] == 1)
        ]
        if found.empty:
            continue
        names = [run.label(name) for name in found["framework"]]
        networks = int(found["networks"].iloc[0])
        open_question = "" if len(names) == 1 else "; the runs do not decide which"
        start = (
            how.capitalize() if networks == last else f"Averaged over {networks} networks, {how}"
        )
        last = networks
        told.append(f"{start}, {listed(names, 'or')} {doing} fastest{open_question}.")
        if len(names) == 1:
            same = ratios[(ratios["recipe"] == HARMONISED) & (ratios["network"] == OVERALL)]
            same = same[same["measure"] == measure]
            told.append(next_one(found["framework"].iloc[0], same, run.label).strip())
    return wrapped(" ".join(told))


def times(run: ReferenceRun) -> str:
    """Show the training times of a few networks with intervals, and the possible ranks."""
    speed, ranks = run.table("speed"), run.table("speed-ranks")
    chosen = speed[(speed["recipe"] == HARMONISED) & (speed["measure"] == "train")]
    most = chosen[chosen["network"] != OVERALL].groupby("network")["n"].max()
    networks = sorted(most[most == most.max()].index, key=lambda name: (name[0] != "t", name))
    places = ranks[(ranks["recipe"] == HARMONISED) & (ranks["measure"] == "train")]
    known = {(r.framework, r.network): r for r in places.itertuples()}
    rows = []
    # As in the figure of speed.
    order = chosen[chosen["network"] == OVERALL].sort_values("seconds")["framework"]
    for framework in order:
        row = [run.label(framework)]
        for network in networks:
            cell = chosen[(chosen["framework"] == framework) & (chosen["network"] == network)]
            if cell.empty:
                row.append("")
                continue
            time, place = cell.iloc[0], known.get((framework, network))
            rank = "" if place is None else f", rank {dashed(place.rank_low, place.rank_high)}"
            row.append(f"{time.seconds:.3g} ({time.low:.3g} to {time.high:.3g}){rank}")
        rows.append(row)
    return markdown_table(["seconds of ten epochs", *networks], rows, networks)


def costs(run: ReferenceRun) -> str:
    """Show what else counts for a user: start-up, prediction, memory, threads and lines of code."""
    speed = run.table("speed")
    speed = speed[(speed["recipe"] == HARMONISED) & (speed["network"] == OVERALL)]
    seconds = speed.pivot(index="framework", columns="measure", values="seconds")
    # A short run has read fewer images, and frameworks differ in how many.
    memory = run.table("times").query(f"recipe == '{HARMONISED}' and length == 'whole'")
    threads = run.table("threads")
    most = threads["compute_threads"].max()
    faster = threads[threads["compute_threads"] == most].set_index("framework")["speed_up"]
    lines = run.table("lines-of-code").set_index("framework")["code_lines"]
    table = pd.DataFrame(
        {
            "start-up (s)": seconds["start-up"],
            "whole training (s)": seconds["whole training"],
            "prediction (s)": seconds["predict"],
            "memory (MiB)": memory.set_index("framework")["peak_memory_mib"],
            f"speed-up with {most} threads": faster,
            "lines of code": lines,
        }
    ).loc[seconds.sort_values("whole training").index]

    def said(value: float) -> str:
        return "-" if pd.isna(value) else f"{value:.0f}" if value >= 100 else f"{value:.3g}"

    rows = [[run.label(name), *map(said, row)] for name, *row in table.itertuples()]
    return markdown_table(["framework", *table], rows, list(table))


def same_program(run: ReferenceRun) -> str:
    """Say how far the same program under two names differs."""
    every = run.table("same-program")
    found = every[(every["network"] == OVERALL) & (every["measure"] == "train")]
    if found.empty:
        return wrapped("No program was timed under two names.")
    row = found.iloc[0]
    contains = "contains" if row.low <= 1 <= row.high else "does not contain"
    known = every["contains_1"].dropna().astype(bool)
    return wrapped(
        f"The same NumPy program, timed under two names, differs by a factor of {row.ratio:.3f} "
        f"(95 % interval {row.low:.3f} to {row.high:.3f}, n = {row.n} and {row.n_again}). The "
        f"interval {contains} 1. Over all measures and networks, {known.sum()} of {len(known)} "
        "intervals contain 1."
    )


def ten_epochs(run: ReferenceRun) -> str:
    """Say how well the derived training times agree with measured ones."""
    found = run.table("ten-epochs")
    found = found[found["recipe"] == HARMONISED].drop_duplicates("framework")
    low, high = found.loc[found["ratio"].idxmin()], found.loc[found["ratio"].idxmax()]
    networks, n = listed(list(found["network"].unique())), found["n_whole"].max()
    agree = ((found["low"] <= 1) & (found["high"] >= 1)).sum()
    return wrapped(
        f"Training times derived from short runs were divided by those of whole runs of ten epochs "
        f"(on {networks}, n = {n}). The ratios are {low.ratio:.2f} ({run.label(low.framework)}) to "
        f"{high.ratio:.2f} ({run.label(high.framework)}). Their median is "
        f"{found['ratio'].median():.2f}, and {agree} of {len(found)} intervals contain 1. No other "
        "network was checked."
    )


def two_runs(run: ReferenceRun) -> str:
    """Say how far the run agrees with the reference run before it."""
    found = run.table("compare")
    ratios = found[(found["what"] == "ratios") & (found["subject"] != OVERALL)]
    counted = ["agree", "known", "reversed", "sure"]
    numbers = ratios[counted].sum().astype(int)
    overall = found.loc[(found["what"] == "ratios") & (found["subject"] == OVERALL), counted]
    overall = overall.iloc[0].astype(int)
    factors = ratios["factor"]
    same, runs = found.loc[found["what"] == "accuracy", ["agree", "n"]].sum().astype(int)
    changed = found[found["what"] == "verdict"]
    opposite = [
        {REPRODUCED, NOT_REPRODUCED} == set(pair) for pair in changed[["here", "there"]].values
    ]
    return wrapped(
        f"{same} of {runs} accuracy runs that both have gave the same scores. On single networks, "
        f"{numbers['agree']} of {numbers['known']} ratios of training times of two frameworks "
        f"agree within their 95 % intervals ({100 * numbers['agree'] / numbers['known']:.0f} %). "
        "On each network, half of the ratios differ by less than a factor of "
        f"{factors.min():.2f} to {factors.max():.2f}. {numbers['reversed']} pairs are in the other "
        f"order, and both runs are sure of {numbers['sure']} of them. Over all networks, "
        f"{overall['agree']} of {overall['known']} ratios agree, {overall['reversed']} pairs are "
        f"in the other order, and both runs are sure of {overall['sure']} of them. {len(changed)} "
        f"verdicts on published numbers differ, {sum(opposite)} of them between *reproduced* and "
        "*not reproduced*."
    )
