"""Write the page of results: one file that needs no other file and no network."""

import json
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
import vl_convert
from page import accuracy, charts, judged, overview, ranking, rows
from page.inputs import Run, Tables
from shared.labels import listed, network_label
from shared.script import Job, run, whole_file
from shared.study import check_words

# What the page draws charts with: Vega-Embed, and Vega-Lite and Vega within it.
BUNDLE = "window.vegaEmbed = vegaEmbed;"


def card(name: str, chart: dict | None, why: str, **parts: Any) -> dict:
    """Return what the template needs for a chart; if there is none, ``why``."""
    return {
        "name": name, "chart": chart, "why": "" if chart else why, "finding": "", **parts,
    }  # fmt: skip


def options(values: Iterable[str], *before: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the options of a selector: values that are their own labels, after some others."""
    return [*before, *((value, value) for value in values)]


def table_of(table: pd.DataFrame, headings: dict[str, str], digits: int = 3) -> dict:
    """Return the numbers behind a chart as a table: headings, and rows of text."""

    def text(value: Any) -> str:
        if pd.isna(value):
            return "-"
        return f"{value:.{digits}g}" if isinstance(value, float) else str(value)

    chosen = table[list(headings)].itertuples(index=False)
    return {
        "columns": list(headings),
        "headings": list(headings.values()),
        "rows": [list(map(text, row)) for row in chosen],
    }


def times_cards(of: Run, tables: Tables) -> dict:
    """Return the two cards with times: the answer, and the plot with selectors."""
    table = ranking.times(of, tables)
    why = "No time was measured, or the table of times is missing."
    if table.empty:
        return {"fastest": card("fastest", None, why), "times": card("times", None, why)}
    first = ranking.at_first(of, table)
    chosen = table[(table[list(first)] == pd.Series(first)).all(axis=1)].sort_values("seconds")
    said = ranking.sentences(table, tables, of.label)
    headings = {"label": "Framework", "seconds": "Seconds", "low": "95 % from", "high": "to",
                "rank_low": "Rank from", "rank_high": "to", "n": "Runs"}  # fmt: skip
    key = "|".join(first[name] for name in ranking.KEYS)
    choices = ranking.choices(of, table)
    shown = ("measure", "network", "recipe")
    what = " · ".join(dict(choices[name])[first[name]] for name in shown)
    return {
        "fastest": card("fastest", charts.times(chosen, first), "", finding=said[key], what=what,
                        table=table_of(chosen, headings)),
        "times": card("times", charts.times(table, first), "", finding=said[key], first=first,
                      options=choices, sentences=said, same=ranking.same_program(tables),
                      table=table_of(chosen, headings)),
    }  # fmt: skip


def accuracy_cards(of: Run, tables: Tables, opening: str) -> dict:
    """Return the cards with accuracies: the answer, all frameworks and recipes, and the logs."""
    finding, *rest = opening.splitlines() or [""]
    pairs = accuracy.differences(of, tables)
    found = accuracy.by_recipe(of, tables)
    logged = accuracy.predicted(of, tables)
    networks, frameworks = (found[column].unique() for column in ("network", "label"))
    # The network that most pairs of a framework and a recipe have, and the framework with most
    # recipes.
    most = found["network"].value_counts().idxmax() if len(found) else ""
    marked = found.groupby("label", sort=False)["recipe"].nunique().idxmax() if len(found) else ""
    recipe = card(
        "recipe", charts.differences(pairs) if len(pairs) else None,
        "No two frameworks ran with several recipes that train well, so nothing can be compared.",
        finding=finding, rest=rest,
        table=table_of(pairs, {"factor": "Compared", "first": "First", "second": "Second",
                               "difference": "Difference (points)"}),
    )  # fmt: skip
    headings = {"label": "Framework", "recipe": "Recipe", "network": "Network",
                "accuracy": "Accuracy (%)", "n": "Runs"}  # fmt: skip
    several = card(
        "accuracies",
        charts.accuracies(found, most, marked) if len(found) else None,
        "No recipe was run by two frameworks.",
        most=most, marked=marked, frameworks=options(frameworks),
        networks=[(name, f"{name} ({network_label(name)})") for name in networks],
        table=table_of(found, headings, digits=4),
    )  # fmt: skip
    headings = {"recipe": "Recipe", "network": "Network", "epochs": "Epochs", "kind": "Kind",
                "logged": "Logged (%)", "predicted": "Ours (%)", "n": "Runs"}  # fmt: skip
    predicted = card(
        "predicted", charts.predicted(logged) if len(logged) else None,
        "No run has a recipe of 2016 in full: the authors' logs cannot be compared.",
        recipes=options(logged["recipe"].unique(), ("", "All recipes")),
        table=table_of(logged, headings),
    )  # fmt: skip
    return {"recipe": recipe, "accuracies": several, "predicted": predicted}


def content(of: Run, tables: Tables, opening: str) -> dict:
    """Return everything that the template shows, without links to files."""
    works = overview.working(of, tables)
    found = [] if of.is_check else overview.totals(tables)
    statements = [] if of.is_check else judged.statements(of, tables)
    numbers = tables.get("verdicts-numbers", overview.COMPARED)
    verdicts = card(
        "verdicts", charts.verdicts(found) if found else None, "Nothing was judged.",
        finding=overview.answer(found),
        table={
            "headings": ["Group", *(v.capitalize() for v in overview.VERDICTS)],
            "rows": [[each.group, *map(str, each.counts.values())] for each in found],
        },
    )  # fmt: skip
    return {
        "mode": of.mode if of.is_check else f"{of.mode} run",
        "check": of.is_check,
        "warning": check_words(of.mode),
        "headline": overview.headline(of, found, works),
        "rest": overview.rest_of_headline(found),
        "by_logs": overview.judged_by_logs(numbers, of.label),
        "shared_recipe": of.label(of.recipe),
        "facts": overview.facts(tables),
        "working": works,
        "skipped": listed([of.label(name) for name in of.skipped]),
        "verdict_kinds": overview.VERDICTS,
        "of_numbers": overview.OF_NUMBERS,
        "settings": [("", "Any of these"), *overview.SETTINGS.items()],
        "verdict_options": options(overview.VERDICTS, ("", "All verdicts")),
        "verdicts": verdicts,
        **times_cards(of, tables),
        **accuracy_cards(of, tables, opening),
        "statements": statements,
        "statement_parts": judged.parts(statements),
        "grid": [] if of.is_check else judged.grid(of, tables),
        "tables": rows.long_tables(of, tables),
        "compared": rows.compared(of, tables),
        "environments": rows.environments(tables),
    }


def files(shown: list[str], page: Path) -> dict[str, list[dict]]:
    """Return links to all figures (SVG) and tables of the run, by kind."""
    found: dict[str, list[dict]] = {"Figures": [], "Tables": []}
    for path in sorted(set(shown)):
        kind = "Figures" if path.endswith(".svg") else "Tables"
        if not path.endswith(".png"):
            link = os.path.relpath(path, page.parent)
            found[kind].append({"link": link, "name": Path(path).name})
    return found


def as_json(value: Any) -> str:
    """Return JSON that a script element can hold; NaN becomes null."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


@cache
def library() -> str:
    """Return the JavaScript that draws the charts, as a script element can hold it."""
    return vl_convert.javascript_bundle(BUNDLE).replace("</script", "<\\/script")


def render(shown: dict, templates: Path) -> str:
    """Return the page's HTML from the templates in a folder."""
    loader = jinja2.FileSystemLoader(templates)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["json"] = as_json
    environment.globals["symbols"] = overview.SYMBOLS
    return environment.get_template("index.html.j2").render(**shown, library=library())


def main(job: Job) -> None:
    params, page = job.params, Path(job.output[0])
    of = Run(params.mode, params.recipe, params.labels, params.own, params.skipped, params.logs)
    tables = Tables(map(Path, job.input.shown))
    opening = Path(job.input.sentence).read_text().strip() if job.input.sentence else ""
    shown = content(of, tables, opening)
    shown["files"] = files(list(job.input.shown), page)
    shown["report"] = os.path.relpath(job.input.report, page.parent)
    text = render(shown, Path(job.input.templates[0]).parent)
    with whole_file(page) as path:
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run(main)
