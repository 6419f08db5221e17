"""The reference run: made from a finished run, told in the documentation, and never out of step."""

import json
from pathlib import Path

import pandas as pd
import pytest
from configuration.check import MEASURED
from maintenance import reference_facts as facts
from maintenance import reference_run
from shared.script import InputError

ROOT = Path(__file__).parent.parent
HERE = ROOT / "reference-run"
PROVENANCE = {
    "commit": "0123456789", "day": "2026-01-02", "frameworks": 2, "cores": 4, "minutes": 58,
    "processor": "a processor", "memory_gib": 16, "steps": 2000, "lanes": 2,
    "accuracy_runs": 30, "timed_runs": 40, "disturbed": 3,
    "labels": {"numpy": "NumPy", "caffe": "Caffe 1.0"},
}  # fmt: skip


@pytest.fixture
def reference(tmp_path):
    """A made-up reference run of two frameworks."""
    tables = tmp_path / "tables"
    tables.mkdir()
    (tmp_path / "provenance.json").write_text(json.dumps(PROVENANCE))
    verdicts = ["reproduced", "ambiguous", "not reproduced", "reproduced"]
    pd.DataFrame(
        {
            "framework": ["caffe"] * 4 + ["caffe"],
            "network": ["a", "b", "c", "d", "a"],
            "measure": ["accuracy", "accuracy", "train_seconds", "train_seconds", "accuracy"],
            # The last row is another recipe of the first cell.
            "cell_verdict": [*verdicts, verdicts[0]],
            "verdict": [*verdicts, verdicts[0]],
            "published": [0.96, 0.97, 5.0, 6.0, 0.96],
            # NumPy alone has run the first accuracy.
            "own_runs": [0, 2, None, None, 0],
            # The mean of the second accuracy is another value.
            "published_mean": [0.96, 0.98, 5.0, 6.0, 0.96],
            "interval": "90 % Welch",
            "reason": ["", "uninformative: it is noisy", "", "", ""],
        }
    ).to_csv(tables / "verdicts-numbers.csv", index=False)
    keys = {"recipe": "harmonised", "measure": "train"}
    pd.DataFrame(
        [
            {**keys, "framework": name, "network": network, "n": n, "seconds": s, "low": s / 2,
             "high": s * 2}
            for name, s in (("numpy", 2.0), ("caffe", 8.0))
            for network, n in (("tanh-1x100", 4), ("relu-1x64", 2), ("all", 6))
        ]
    ).to_csv(tables / "speed.csv", index=False)  # fmt: skip
    pd.DataFrame(
        [
            {**keys, "measure": measure, "framework": name, "network": network, "rank_low": low,
             "rank_high": high, "networks": 2}
            for measure, ranks in (
                ("train", {"numpy": (1, 2), "caffe": (1, 2)}),
                ("whole training", {"numpy": (1, 1), "caffe": (2, 2)}),
                ("predict", {"numpy": (1, 2), "caffe": (1, 2)}),
            )
            for name, (low, high) in ranks.items()
            for network in ("tanh-1x100", "all")
        ]
    ).to_csv(tables / "speed-ranks.csv", index=False)  # fmt: skip
    pd.DataFrame(
        [{**keys, "measure": "whole training", "network": "all", "framework": "caffe",
          "other": "numpy", "ratio": 4.0, "low": 3.0, "high": 5.0}]
    ).to_csv(tables / "speed-ratios.csv", index=False)  # fmt: skip
    return facts.ReferenceRun(tmp_path)


def test_verdicts_are_counted_by_hand(reference):
    assert " ".join(facts.verdicts.judged(reference).split()) == (
        "Of the paper's 4 published numbers, 2 are reproduced, 1 are not reproduced and 1 are "
        "ambiguous. 1 of the reproduced ones are accuracies and 1 are times. A time is judged only "
        "by how it changes from network to network, which is a weak test."
    )
    assert " ".join(facts.verdicts.judged_details(reference).split()) == (
        "The test of times is weak, because the published times of another framework often pass it "
        "too (the last table of `reference-run/tables/verdicts-numbers.md`). "
        "The accuracies of Caffe 1.0 (1) are compared with the first repetition in the authors' "
        "logs. Each later repetition trained the same network further, and the published mean "
        "includes these. 1 of the 1 reproduced accuracies come from NumPy's runs alone, because "
        "their frameworks are slow. These frameworks have passed the equivalence check."
    )
    assert "| accuracy | 1 | 0 | 1 | 0 |" in facts.verdicts.numbers(reference)
    assert "| all | 2 | 1 | 1 | 0 |" in facts.verdicts.numbers(reference)


def test_why_numbers_are_ambiguous(reference):
    assert " ".join(facts.verdicts.ambiguous(reference).split()) == (
        "Of the 1 ambiguous numbers, 1 have a published value that is too noisy for any verdict (1 "
        "accuracies), 0 have an interval that contains an end of the margin (0 accuracies), and 0 "
        "are times of 2016 that ours cannot be compared with."
    )


def test_a_run_that_was_judged_again_keeps_where_it_was_measured(tmp_path):
    results, folder = tmp_path / "results", tmp_path / "run"
    for path in (results / "tables", results / "figures", folder / "tables"):
        path.mkdir(parents=True)
    (folder / "provenance.json").write_text(json.dumps(PROVENANCE))
    for name in MEASURED:
        for run in (results, folder):
            (run / "tables" / name).write_text("framework\nnumpy\n")
    (results / "figures" / "speed.svg").write_text("<svg/>")
    # Not all results are there yet.
    with pytest.raises(
        InputError, match=r"index\.html is missing; run `snakemake --cores 2 --prof"
    ):
        reference_run.rejudged(results, folder, "fedcba9876")
    (results / "index.html").write_text("a page")
    # Another run was judged.
    (results / "tables" / "times.csv").write_text("framework\ncaffe\n")
    with pytest.raises(
        InputError, match=r"times\.csv is not that of .*, so another run was judged"
    ):
        reference_run.rejudged(results, folder, "fedcba9876")
    (results / "tables" / "times.csv").write_text("framework\nnumpy\n")
    again = reference_run.rejudged(results, folder, "fedcba9876")
    reference_run.make(results, folder, again, [])
    assert not (tmp_path / "run.part").exists()
    run = facts.ReferenceRun(folder)
    assert run.provenance == {**PROVENANCE, "judged_by": "fedcba9876"}
    assert " ".join(facts.machine(run).split()) == (
        "The numbers are those of one run of the profile `reference` on 2026-01-02: 2 "
        "frameworks, 4 cores of a processor, 16 GiB. The measurements were finished with commit "
        "0123456. Commit fedcba9 made the verdicts, the figures and the page."
    )
    assert facts.made_by(PROVENANCE) == "The run was finished with commit 0123456."
    assert (folder / "figures" / "speed.svg").read_text() == "<svg/>"


def test_the_answer_stands_before_its_details(reference):
    file = reference.folder / "tables" / "opening-sentence.txt"
    file.write_text("One.\nOne thing. Another.\nMore of it.\n")
    assert facts.framework_or_recipe(reference) == "One. One thing. Another.\n"
    assert facts.recipe_details(reference) == "More of it.\n"


def test_the_order_is_counted_by_measure(reference):
    verdicts = ["reproduced", "reproduced", "ambiguous", "not reproduced"]
    pd.DataFrame(
        {"measure": ["train_seconds"] * 3 + ["predict_seconds"], "verdict": verdicts}
    ).to_csv(reference.folder / "tables" / "verdicts-order.csv", index=False)
    text = " ".join(facts.verdicts.order(reference).split())
    assert (
        "In training, 3 cases of two frameworks on one network had a clear order in 2016. 2 of "
        "them have the same order here and 0 the reverse one. In prediction, 1 cases of two "
        "frameworks on one network had a clear order in 2016. 0 of them have the same order here "
        "and 1 the reverse one."
    ) in text


def test_who_is_first_and_who_may_be(reference):
    assert " ".join(facts.times.first(reference).split()) == (
        "Averaged over 2 networks, without start-up and separate compilation, NumPy or Caffe 1.0 "
        "trains "
        "fastest; the runs do not decide which. With start-up and compilation, NumPy trains "
        "fastest. Caffe 1.0 takes 4.00 times as long (3.00 to 5.00). Without start-up and the "
        "first prediction, NumPy or Caffe 1.0 predicts fastest; the runs do not decide which."
    )
    assert all(len(line) <= 120 for line in facts.times.first(reference).splitlines())


def test_the_check_of_derived_times_says_how_little_it_is_of(reference):
    pd.DataFrame(
        {"framework": ["caffe", "numpy"], "recipe": "harmonised", "network": "a", "n_whole": 1,
         "ratio": [1.3, 0.9], "low": [1.1, 0.8], "high": [1.5, 1.2]}
    ).to_csv(reference.folder / "tables" / "ten-epochs.csv", index=False)  # fmt: skip
    assert " ".join(facts.times.ten_epochs(reference).split()) == (
        "Training times derived from short runs were divided by those of whole runs of ten epochs "
        "(on a, n = 1). The ratios are 0.90 (NumPy) to 1.30 (Caffe 1.0). Their median is 1.10, and "
        "1 of 2 intervals contain 1. No other network was checked."
    )


def test_two_runs_are_compared_in_numbers(reference):
    none = [None] * 5
    pd.DataFrame(
        [
            ("accuracy", "caffe", 3, 2, *none, None),
            ("accuracy", "numpy", 12, 10, *none, None),
            # Of two networks with six pairs each, and of both together.
            ("ratios", "a", 6, 5, 6, 1.05, 2, 1, None, None),
            ("ratios", "b", 6, 6, 6, 1.1, 0, 0, None, None),
            ("ratios", "all", 6, 1, 6, 1.2, 6, 6, None, None),
            ("verdict", "accuracy of caffe, a", 2, *none, "reproduced", "not reproduced"),
            ("verdict", "accuracy of caffe, b", 2, *none, "reproduced", "ambiguous"),
        ],
        columns=[
            "what",
            "subject",
            "n",
            "agree",
            "known",
            "factor",
            "reversed",
            "sure",
            "here",
            "there",
        ],
    ).to_csv(reference.folder / "tables" / "compare.csv", index=False)
    assert " ".join(facts.times.two_runs(reference).split()) == (
        "12 of 15 accuracy runs that both have gave the same scores. On single networks, 11 of 12 "
        "ratios of training times of two frameworks agree within their 95 % intervals (92 %). On "
        "each network, half of the ratios differ by less than a factor of 1.05 to 1.10. 2 pairs "
        "are in the other order, and both runs are sure of 1 of them. Over all networks, 1 of 6 "
        "ratios agree, 6 pairs are in the other order, and both runs are sure of 6 of them. 2 "
        "verdicts on published "
        "numbers differ, 1 of them between *reproduced* and *not reproduced*."
    )


def test_the_networks_with_most_runs_are_shown(reference):
    lines = facts.times.times(reference).splitlines()
    assert lines[0] == "| seconds of ten epochs | tanh-1x100 |"
    assert lines[2] == "| NumPy | 2 (1 to 4), rank 1\N{EN DASH}2 |"
    assert lines[3] == "| Caffe 1.0 | 8 (4 to 16), rank 1\N{EN DASH}2 |"


def test_a_passage_is_filled_and_the_rest_stays(reference):
    text = "before\n<!-- reference: judged -->\nold\n<!-- end -->\nafter\n"
    filled = facts.fill(text, reference, "x.md")
    assert filled.startswith("before\n<!-- reference: judged -->\nOf the paper's 4 published")
    assert filled.endswith("<!-- end -->\nafter\n")
    assert facts.fill(filled, reference, "x.md") == filled
    with pytest.raises(InputError, match=r"x\.md: there is no passage 'judge'; name one of"):
        facts.fill(text.replace("judged", "judge"), reference, "x.md")


def finish(results, images):
    """Write what a run of so many images leaves, as far as it is checked, without whole runs."""
    tables = results / "tables"
    tables.mkdir()
    for path in (tables / "times.csv", results / "last-run.json", results / "index.html"):
        path.touch()
    (tables / "ten-epochs.csv").write_text("framework,ratio\n")
    pd.DataFrame({"train_images": [images]}).to_csv(tables / "runs.csv")


def test_an_installation_check_is_no_reference(tmp_path):
    with pytest.raises(InputError, match=r"times\.csv is missing; run `snakemake"):
        reference_run.check(tmp_path)
    finish(tmp_path, images=6000)
    with pytest.raises(InputError, match="is an installation check, with 6,000 training images"):
        reference_run.check(tmp_path)


def test_a_default_run_is_no_reference(tmp_path):
    finish(tmp_path, images=60000)
    with pytest.raises(InputError, match="no timed runs of all epochs; name the results of a run "):
        reference_run.check(tmp_path)
    (tmp_path / "tables" / "ten-epochs.csv").write_text("framework,ratio\nnumpy,1.01\n")
    reference_run.check(tmp_path)


def test_tables_and_page_are_copied_without_host_names(tmp_path):
    tables = tmp_path / "tables"
    tables.mkdir()
    row = {"framework": "numpy", "seconds": "1.50", "node": "secret"}
    pd.DataFrame([row]).to_csv(tables / "times.csv", index=False)
    (tables / "times.md").write_text("text")
    (tmp_path / "index.html").write_text('<td>"secret"</td><p class="report">a report</p>')
    reference_run.copy_tables(tmp_path, tmp_path / "copied")
    # Numbers keep their digits.
    assert (tmp_path / "copied" / "times.csv").read_text() == "framework,seconds\nnumpy,1.50\n"
    assert (tmp_path / "copied" / "times.md").read_text() == "text"
    reference_run.copy_page(tmp_path, tmp_path / "page.html", ["secret"])
    page = (tmp_path / "page.html").read_text()
    assert "secret" not in page
    assert "a report" not in page and 'href="provenance.json"' in page


@pytest.mark.skipif(not HERE.is_dir(), reason="the repository has no reference run")
def test_the_documentation_agrees_with_the_reference_run(monkeypatch):
    """If not, run `python scripts/maintenance/reference_run.py --fill`."""
    monkeypatch.chdir(ROOT)
    reference = facts.ReferenceRun(HERE)
    documents = reference_run.documents()
    for path in documents:
        text = path.read_text()
        assert facts.fill(text, reference, str(path)) == text, path
    assert any("<!-- reference: " in path.read_text() for path in documents)
    # Pictures and links lead to files that are there.
    for path in (HERE / "figures").iterdir():
        assert path.suffix == ".svg"
    assert sum(path.stat().st_size for path in HERE.rglob("*") if path.is_file()) < 15e6
