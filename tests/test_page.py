"""The page of results: what it says of made-up tables, and how it behaves in a real browser."""

import json
import re
import shutil

import pandas as pd
import pytest
from maintenance import reference_run
from page import accuracy, build, judged, ranking
from page.inputs import Run, Tables
from page.overview import facts, totals, working
from rule_scripts import ROOT, job

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="no Chromium on the PATH")

LABELS = {
    "numpy": "NumPy",
    "caffe": "Caffe 1.0",
    "new": "New <Framework>",
    "caffe-2016": "Caffe 2016",
}
PARAMS = {
    "mode": "default", "recipe": "harmonised", "labels": LABELS, "own": {"caffe": ["caffe-2016"]},
    "skipped": {"torch7": "th is missing: install Torch7."}, "logs": "../logs/x",
}  # fmt: skip


def rows(columns, *values):
    return pd.DataFrame([dict(zip(columns.split(), each, strict=True)) for each in values])


def made_up():
    """Return the tables of a small run, by name; of the times, three differ in what is sure."""
    speeds = rows(
        "framework recipe network measure n seconds low high",
        ("numpy", "harmonised", "all", "train", 8, 2.0, 1.9, 2.1),
        ("caffe", "harmonised", "all", "train", 8, 2.05, 1.95, 2.15),
        ("new", "harmonised", "all", "train", 8, 9.0, 8.5, 9.5),
        ("numpy", "harmonised", "relu-1x1024", "train", 4, 7.0, 6.8, 7.2),
        # Not ranked: it is NumPy under another name.
        ("numpy-again", "harmonised", "relu-1x1024", "train", 4, 4.9, 4.8, 5.1),
        ("caffe", "harmonised", "relu-1x1024", "train", 4, 5.0, 4.8, 5.2),
        ("numpy", "harmonised", "relu-1x1024", "predict", 1, 0.012, None, None),
        ("caffe", "harmonised", "relu-1x1024", "predict", 1, 0.02, None, None),
        ("caffe", "caffe-2016", "tanh-1x100", "train", 4, 3.0, 2.9, 3.1),
    )
    ranks = rows(
        "framework recipe network measure rank_low rank_high",
        ("numpy", "harmonised", "all", "train", 1, 2),
        ("caffe", "harmonised", "all", "train", 1, 2),
        ("new", "harmonised", "all", "train", 3, 3),
        ("numpy", "harmonised", "relu-1x1024", "train", 2, 2),
        ("caffe", "harmonised", "relu-1x1024", "train", 1, 1),
    )
    # As in the table: the framework's time by the other's. The one sought is its reciprocal.
    ratios = rows(
        "recipe network measure framework other ratio low high",
        ("harmonised", "relu-1x1024", "train", "caffe", "numpy", 5 / 7, 1 / 1.5, 0.8),
    )
    runs = rows(
        "framework recipe network seed epochs train_images dataset processor accuracy_all "
        "accuracy_of flag diverged",
        *(
            (framework, recipe, network, seed, 10, 60000, "MNIST", "A processor", accuracy, "test",
             None, False)
            for framework, accuracy in (("numpy", 0.971), ("caffe", 0.9), ("new", 0.98))
            for recipe in ("harmonised", "caffe-2016")
            for network in ("tanh-1x100", "relu-1x1024")
            for seed in range(1, 11)
        ),
    )  # fmt: skip
    times = rows(
        "framework recipe network block length day processor train_seconds predict_seconds "
        "peak_memory_mib other_load compute_threads lanes",
        ("numpy", "harmonised", "tanh-1x100", 1, "short", "2026-02-03", "A processor", 2.5, 0.03,
         50.2, 0.01, 1, 2),
        ("numpy", "harmonised", "tanh-1x100", 2, "short", "2026-02-04", "A processor", 2.6, 0.03,
         50.2, 0.0, 1, 2),
    )  # fmt: skip
    numbers = rows(
        "framework network measure cell_verdict recipe verdict published_mean published ours "
        "agrees_from agrees_to difference low high n reason",
        ("caffe", "tanh-1x100", "accuracy", "reproduced", "caffe-2016", "reproduced", 0.95, 0.95,
         0.953, -0.01, 0.01, 0.003, 0.001, 0.005, 3, "the interval lies within the margin"),
        ("caffe", "relu-1x64", "accuracy", "not reproduced", "caffe-2016", "not reproduced", 0.96,
         0.95, 0.91, -0.01, 0.01, -0.04, -0.05, -0.03, 3, "it lies outside"),
        ("caffe", "tanh-1x100", "train_seconds", "ambiguous", "caffe-2016", "ambiguous", 1.5, 1.5,
         1.3, 1.2, 1.875, None, 1.1, 1.5, 2, "the interval contains an end"),
        ("caffe", "relu-1x64", "train_seconds", "not run", "caffe-2016", "not run", 1.5, 1.5, None,
         1.2, 1.875, None, None, None, None, "caffe has no runs here"),
    )  # fmt: skip
    statements = rows(
        "id place statement setting verdict numbers explanation",
        *(
            (name, "section 4", f"About {name}.", setting, verdict, "a 1, b 2", "Because of a.")
            for name, verdicts in {
                "speed": ("holds", "holds", "does not hold"),
                "depth": ("holds", "does not hold", "does not hold"),
                "width": ("not run", "holds", "ambiguous"),
            }.items()
            for setting, verdict in zip(("published", "2016", "harmonised"), verdicts, strict=True)
        ),
        ("inputs", "section 2", "About inputs.", "files", "does not hold", "a 1", "Because of b."),
    )
    statements["probability"] = statements["setting"].map({"2016": 0.97, "harmonised": 0.999})
    differences = rows(
        "scope factor first second difference",
        ("all recipes", "framework", "numpy", "caffe", -0.2),
        ("recipes that train well", "framework", "numpy", "caffe", -0.002),
        ("recipes that train well", "recipe", "harmonised", "caffe-2016", 0.03),
    )
    predicted = rows(
        "recipe network epochs published predicted n logged",
        ("caffe-2016", "tanh-1x100", 10, True, 0.953, 3, 0.95),
        ("caffe-2016", "tanh-1x100", 1, False, 0.89, 3, 0.9),
    )
    same = rows("contains_1", (True,), (False,), (True,))
    order = rows("measure verdict", ("train_seconds", "reproduced"))
    left_out = rows("framework recipe reason", ("caffe", "harmonised", "it cannot shuffle"))
    disturbed = rows("framework recipe reason", ("numpy", "harmonised", "disturbed: train: slow"))
    return {
        "left-out-times": disturbed,
        "speed": speeds, "speed-ranks": ranks, "speed-ratios": ratios, "runs": runs, "times": times,
        "verdicts-numbers": numbers, "verdicts-statements": statements, "differences": differences,
        "predicted": predicted, "left-out-runs": left_out,
        "verdicts-order": order,
        "same-program": same,
    }  # fmt: skip


def write(folder, tables, **params):
    """Write the tables and, as its rule does, the page of them; return its path."""
    (folder / "tables").mkdir(parents=True)
    for name, table in tables.items():
        table.to_csv(folder / "tables" / f"{name}.csv", index=False)
    shown = sorted((folder / "tables").iterdir())
    output = folder / "index.html"
    build.main(
        job(
            input={
                "shown": shown,
                "sentence": [],
                "report": folder / "report.html",
                "templates": sorted((ROOT / "scripts" / "page" / "templates").iterdir()),
            },
            output=[output],
            params={**PARAMS, **params},
        )
    )
    return output


def read(folder):
    return Tables((folder / "tables").iterdir())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return write(tmp_path_factory.mktemp("page"), made_up())


def test_verdicts_are_counted_once_per_cell_and_setting(made):
    found = {total.group: list(total.counts.values()) for total in totals(read(made.parent))}
    # Of each: holds, does not hold, ambiguous, not run.
    assert found == {
        "Published numbers: accuracy": [1, 1, 0, 0],
        "Published numbers: training time": [0, 0, 1, 1],
        "Order of two frameworks: training time": [1, 0, 0, 0],
        "Statements: the paper's own numbers": [2, 0, 0, 1],
        "Statements: our runs, recipes of 2016": [2, 1, 0, 0],
        "Statements: our runs, one shared recipe": [0, 2, 1, 0],
        "Statements: the authors' code and logs": [0, 1, 0, 0],
    }


def test_an_accuracy_that_is_compared_with_the_logs_says_so(made):
    run = Run("default", "harmonised", LABELS, PARAMS["own"])
    first, _ = judged.grid(run, read(made.parent))
    by_network = {row["network"]: dict(row["cells"][0]["by"][0]["facts"]) for row in first["rows"]}
    assert by_network["tanh-1x100"]["Published"] == "95.0 %"
    assert "Published" not in by_network["relu-1x64"]
    assert by_network["relu-1x64"]["First repetition in the logs"] == "95.0 %"
    assert by_network["relu-1x64"]["Published mean of all"] == "96.0 %"
    assert (
        "The accuracies of Caffe 1.0 (1) are compared with the first repetition in the "
        "authors&#39; logs"
    ) in made.read_text()


def test_sentences_have_labels_in_place_of_names():
    labels = {"caffe": "Caffe 1.0", "theano-keras": "Theano", "caffe-2016": "Caffe 2016"}
    run = Run("default", "harmonised", {**labels, "tensorflow-0.12": "TensorFlow 0.12"}, {})
    assert run.worded("Theano-keras: 1 caffe 2, tensorflow-0.12 3.08, caffe-2016, caffe.") == (
        "Theano: 1 Caffe 1.0 2, TensorFlow 0.12 3.08, Caffe 2016, Caffe 1.0."
    )
    # A word of the sentence, and a longer name.
    assert run.worded("Caffe's clock; caffe-2016-later") == "Caffe's clock; caffe-2016-later"


def test_the_facts_say_how_programs_were_timed(made):
    assert dict(facts(read(made.parent)))["Timed with"] == "1 compute thread, 2 at a time"


def test_pairs_are_those_of_the_recipes_that_train_well(made):
    run = Run("default", "harmonised", LABELS, PARAMS["own"])
    found = accuracy.differences(run, read(made.parent))
    assert found["difference"].tolist() == pytest.approx([0.2, 3.0])


def test_the_fastest_is_named_with_how_sure_that_is(made):
    run = Run("default", "harmonised", LABELS, PARAMS["own"])
    tables = read(made.parent)
    said = ranking.sentences(ranking.times(run, tables), tables, run.label)
    assert said == {
        "harmonised|all|train": "Not sure. The lowest time is that of NumPy: 2 s "
        "(95 % interval 1.9 s to 2.1 s, n = 8), but Caffe 1.0 may be as fast or faster.",
        "harmonised|relu-1x1024|train": "Sure at 95 %, for this run. The fastest is Caffe 1.0: 5 s "
        "(95 % interval 4.8 s to 5.2 s, n = 4). NumPy takes 1.40 times as long (1.25 to 1.50).",
        "harmonised|relu-1x1024|predict": "The lowest time is that of NumPy: 0.012 s. Nothing was "
        "repeated, so there is no interval: the order may be chance.",
        "own|tanh-1x100|train": "Caffe 1.0: 3 s. No other framework was timed here.",
    }


def test_what_works_is_told_with_what_does_not_and_why(made):
    run = Run("default", "harmonised", LABELS, skipped=PARAMS["skipped"])
    found = {
        each["label"]: (each["state"], each["problems"]) for each in working(run, read(made.parent))
    }
    assert "1 disturbed timing" in working(run, read(made.parent))[0]["ran"]
    assert found == {
        "NumPy": ("works", []),
        "Caffe 1.0": ("partly", ["harmonised: it cannot shuffle"]),
        "New <Framework>": ("works", []),
        "torch7": ("skipped", ["th is missing: install Torch7."]),
    }


def test_an_installation_check_shows_neither_verdicts_nor_published_values(tmp_path):
    text = write(tmp_path, made_up(), mode="installation check").read_text()
    assert "<h1>Installation check: 3 of 4 frameworks run</h1>" in text
    for word in ("does not hold", "reproduced", "Because of a", "lies within the margin", "logged"):
        # The library is not searched; what the page holds as JSON is.
        assert word not in re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    # One large line with each chart: times and accuracies.
    assert text.count('class="not-a-result"') == 2


def test_the_page_asks_for_nothing_outside_and_is_small(made):
    text = made.read_text()
    assert len(text) < 3_000_000
    without_library = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//|@import|url\(", without_library)
    for document in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text):
        json.loads(document)


# --- in a browser

ARGUMENTS = [
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, chromium_sandbox=False
        )
        yield started
        started.close()


@pytest.fixture
def visit(browser):
    """Open a page; what it says in the console, and what it asks for, is checked in the end."""
    errors, requests, contexts, visits = [], [], [], []

    def open_page(path, width=1280, scheme="light"):
        contexts.append(
            browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        )
        opened = contexts[-1].new_page()
        opened.on("console", lambda said: said.type == "error" and errors.append(said.text))
        opened.on("load", lambda of: of.url.startswith("file:") and visits.append(of.url))
        opened.on("pageerror", lambda error: errors.append(str(error)))
        opened.on("request", lambda request: requests.append(request))
        opened.goto(path.as_uri())
        opened.wait_for_selector("body[data-drawn]")
        return opened

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []
    assert [each.url for each in requests if not each.url.startswith(("file:", "data:"))] == []
    # A page asks for itself alone, once for each visit.
    files = [each for each in requests if each.url.startswith("file:")]
    assert len(files) == len(visits)
    assert all(each.is_navigation_request() for each in files)


def names_in(opened, chart):
    """Return the texts of a chart, in the order of its drawing from top to bottom."""
    script = """(svg) => [...svg.querySelectorAll('text')].map(
        (text) => [text.getBoundingClientRect().top, text.textContent])"""
    placed = opened.eval_on_selector(f"#chart-{chart} svg", script)
    return [text for _, text in sorted(placed)]


@needs_chromium
def test_the_selectors_change_the_plot_and_the_sentence(made, visit):
    opened = visit(made)
    ranked = [name for name in names_in(opened, "times") if name in LABELS.values()]
    assert ranked == ["NumPy", "Caffe 1.0", "New <Framework>"]
    opened.select_option("#times-network", "relu-1x1024")
    assert "In 2 of 3 comparisons" in opened.inner_text("#times")
    assert "The fastest is Caffe 1.0: 5 s" in opened.inner_text("#times-finding")
    opened.wait_for_function(
        "document.querySelector('#chart-times').textContent.includes('5 s, rank 1')"
    )
    ranked = [name for name in names_in(opened, "times") if name in LABELS.values()]
    assert ranked == ["Caffe 1.0", "NumPy"]
    opened.click("#times summary")
    numbers = [line.inner_text().split("\t") for line in opened.locator("#times tbody tr").all()]
    assert [line[:4] for line in numbers] == [
        ["numpy-again", "4.9", "4.8", "5.1"],
        ["Caffe 1.0", "5", "4.8", "5.2"],
        ["NumPy", "7", "6.8", "7.2"],
    ]
    # Only one network was timed with the other recipe, so that one is chosen.
    opened.select_option("#times-recipe", "own")
    assert opened.input_value("#times-network") == "tanh-1x100"
    assert "No other framework was timed here" in opened.inner_text("#times-finding")
    assert opened.is_disabled("#times-network option[value='all']")


@needs_chromium
@pytest.mark.parametrize("width", [1280, 390])
def test_the_numbers_below_a_chart_are_those_of_the_chosen_network(made, visit, width):
    opened = visit(made, width)
    opened.click("#accuracy summary")
    rows_shown = opened.locator("#accuracy tbody tr:visible")
    # Three frameworks with two recipes, on each of two networks.
    for network in ("relu-1x1024", "tanh-1x100"):
        opened.select_option("#accuracies-network", network)
        playwright.expect(rows_shown).to_have_count(6)
        playwright.expect(rows_shown.filter(has_text=network)).to_have_count(6)


@needs_chromium
def test_statements_are_filtered_by_setting_verdict_and_words(made, visit):
    opened = visit(made)

    def shown():
        return [each.inner_text() for each in opened.locator(".statement:visible h3").all()]

    assert len(shown()) == 4
    opened.select_option("#statements-verdict", "does not hold")
    assert shown() == ["About speed.", "About depth.", "About inputs."]
    opened.select_option("#statements-setting", "2016")
    assert shown() == ["About depth."]
    assert opened.inner_text("#statements-status") == "1 of 4 statements"
    opened.select_option("#statements-verdict", "")
    opened.fill("#statements-search", "WIDTH section")
    assert shown() == ["About width."]
    opened.click("#statement-width summary")
    told = opened.inner_text("#statement-width")
    assert "Because of a." in told
    # An ambiguous verdict has none here, and the paper's own numbers never have one.
    assert "recipes of 2016: holds (probability: 97 %)" in told
    assert told.count("probability") == 1
    opened.fill("#statements-search", "speed")
    opened.click("#statement-speed summary")
    told = opened.inner_text("#statement-speed")
    assert "shared recipe: does not hold (probability: more than 99 %)" in told


@needs_chromium
def test_the_conclusions_are_shown_first(tmp_path, visit):
    tables = made_up()
    about_depth = tables["verdicts-statements"]["id"] == "depth"
    tables["verdicts-statements"].loc[about_depth, "place"] = "section 5, conclusion 1"
    opened = visit(write(tmp_path, tables))
    shown = opened.locator(".statement:visible h3")
    assert shown.all_inner_texts() == ["About depth."]
    assert opened.inner_text("#statements-status") == "1 of 4 statements"
    opened.select_option("#statements-part", "")
    assert shown.count() == 4


@needs_chromium
def test_a_cell_tells_its_numbers_by_pointer_tap_and_keys(made, visit):
    opened = visit(made)
    cells = opened.locator(".cell")
    assert cells.count() == 4
    cells.nth(0).hover()
    said = opened.inner_text("#why")
    assert "95.0 %" in said and "95.3 %" in said and "+0.1 to +0.5 points" in said
    assert "+0.3 points" in said
    cells.nth(1).click()
    assert "It lies outside" in opened.inner_text("#why")
    cells.nth(2).focus()
    opened.keyboard.press("ArrowDown")
    assert "Caffe has no runs here" in opened.inner_text("#why")
    # The box stays, and covers no cell.
    box, cell = (opened.locator(place).first.bounding_box() for place in ("#why", ".cell"))
    assert box["y"] + box["height"] <= cell["y"]


@needs_chromium
def test_runs_are_sorted_searched_and_linked_with_their_logs(made, visit):
    opened = visit(made)
    lines = opened.locator("#long-runs tbody tr")
    assert lines.count() == 25
    assert opened.inner_text("#runs-status") == "120 of 120 rows match. 25 are shown."
    opened.click("#long-runs button:has-text('Accuracy')")
    assert lines.nth(0).inner_text().split("\t")[0] == "Caffe 1.0"
    opened.click("#long-runs button:has-text('Accuracy')")
    assert "98.00" in lines.nth(0).inner_text()
    assert opened.locator("th[aria-sort=descending]").count() == 1
    # By number: as texts, 10 would be before 2.
    opened.click("#long-runs button:has-text('Seed')")
    opened.fill("#runs-search", "numpy harmonised 1024")
    seeds = [line.inner_text().split("\t")[3] for line in lines.all()]
    assert seeds == [str(seed) for seed in range(1, 11)]
    link = lines.nth(1).locator("a").first.get_attribute("href")
    assert link == "../logs/x/runs/numpy/harmonised/relu-1x1024/2/train.log"
    opened.fill("#runs-search", "")
    opened.click("#runs-more")
    assert lines.count() == 120


@needs_chromium
def test_a_step_back_shows_what_the_controls_say(made, visit):
    opened = visit(made)
    opened.select_option("#times-recipe", "own")
    opened.fill("#runs-search", "numpy harmonised 1024")
    opened.goto("about:blank")
    opened.go_back()
    opened.wait_for_selector("body[data-drawn]")
    chosen = [opened.input_value(f"#times-{name}") for name in ("recipe", "network", "measure")]
    sentences = json.loads(opened.text_content("#times-sentences"))
    playwright.expect(opened.locator("#times-finding")).to_have_text(sentences["|".join(chosen)])
    found = "10" if opened.input_value("#runs-search") else "120"
    playwright.expect(opened.locator("#runs-status")).to_contain_text(f"{found} of 120 rows match")


@needs_chromium
def test_a_copy_without_logs_names_their_places(made, visit, tmp_path):
    reference_run.copy_page(made.parent, tmp_path / "index.html", [])
    opened = visit(tmp_path / "index.html")
    assert opened.locator("#long-runs tbody a").count() == 0
    assert "logs/x/runs/numpy/" in opened.inner_text("#long-runs tbody")
    assert opened.locator("a[href*=report]").count() == 0


@needs_chromium
@pytest.mark.slow
@pytest.mark.parametrize("mode", ["default", "installation check"])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_the_page_is_accessible_and_fits(tmp_path, visit, mode, width, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is missing")
    opened = visit(write(tmp_path, made_up(), mode=mode), width, scheme)
    for details in opened.locator("details").all():
        details.evaluate("(each) => (each.open = true)")
    assert opened.evaluate("document.documentElement.scrollWidth") == width
    found = axe.Axe().run(opened)
    assert [each["id"] for each in found.response["violations"]] == []


@needs_chromium
def test_where_nothing_was_made_cards_say_why(tmp_path, visit):
    opened = visit(write(tmp_path, {}), 390)
    assert opened.locator("svg").count() == 0
    # The three answers, times, accuracies, predictions; the statements, the grid, the runs of two
    # kinds and the environments.
    assert opened.locator(".empty").count() == 11
    assert opened.evaluate("document.documentElement.scrollWidth") == 390


@needs_chromium
def test_one_framework_alone_has_times_without_ranks(tmp_path, visit):
    alone = {name: table for name, table in made_up().items() if name in ("speed", "runs")}
    alone = {name: table[table["framework"] == "numpy"] for name, table in alone.items()}
    opened = visit(write(tmp_path, alone))
    assert "NumPy: 2 s. No other framework was timed here." in opened.inner_text("#times-finding")
    assert "NumPy" in names_in(opened, "times")
