"""What the report begins with: each sentence reaches the page as it was written."""

import re

from docutils.core import publish_parts
from rule_scripts import job

from report import page

LABELS = {"keras": "Keras 3"}


def run(folder, sentence, skipped):
    """Write the opening of a page as its rule does; ``sentence`` is a path, or no file."""
    tables = {
        "runs": folder / "runs.csv",
        "left_out_runs": folder / "left-out-runs.csv",
        "sentence": sentence,
    }
    params = {"skipped": skipped, "labels": LABELS}
    output = {"opening": folder / "opening.rst"}
    page.write_opening(job(input=tables, output=output, params=params))


def test_the_opening_shows_every_text_as_it_is(tmp_path):
    (tmp_path / "sentence.txt").write_text("The recipe* explains `93 %`_ of it.\nNot_ all.\n")
    (tmp_path / "left-out-runs.csv").write_text(
        "framework,recipe,network,seed,reason\n"
        + 'keras,plain_,tanh-1x100,1,"its scores\ndiffer: |x|"\n' * 2
    )
    (tmp_path / "runs.csv").write_text(
        "framework,recipe,network,seed,flag,diverged\n"
        "keras,plain_,tanh-1x100,2,,False\nkeras,plain_,tanh-1x100,3,a loss of 9,True\n"
    )
    skipped = {"Caffe 1.0": "th in /home/ä_b/**c is missing\\here: install <it>."}
    run(tmp_path, tmp_path / "sentence.txt", skipped)
    text = (tmp_path / "opening.rst").read_text(encoding="utf-8")
    page = publish_parts(text, writer="html", settings_overrides={"report_level": 1})
    assert re.findall("<p>.*?</p>", page["body"], re.DOTALL) == [
        "<p><strong>The recipe* explains `93 %`_ of it.</strong></p>",
        "<p>Not_ all.</p>",
        "<p><strong>Caffe 1.0 was skipped:</strong> th in /home/ä_b/**c is missing\\here: "
        "install &lt;it&gt;.</p>",
        "<p>Keras 3 was not run with plain_ (2 runs): its scores differ: |x|</p>",
        "<p>Look at the run of Keras 3 (plain_, tanh-1x100, seed 3): a loss of 9; it diverged.</p>",
    ]


def test_nothing_to_say_is_an_empty_opening(tmp_path):
    (tmp_path / "left-out-runs.csv").write_text("framework,recipe,network,seed,reason\n")
    (tmp_path / "runs.csv").write_text("framework,recipe,network,seed,flag,diverged\n")
    run(tmp_path, [], {})
    assert (tmp_path / "opening.rst").read_text() == ""
