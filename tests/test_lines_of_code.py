"""Line counts and table 1, against `wc -l` and files whose lines are counted by hand."""

import csv
import subprocess
from pathlib import Path

import pytest
from conftest import describe
from lines import count as lines_of_code
from lines.count import COLUMNS, count, count_framework
from rule_scripts import job, run_script
from shared.script import InputError
from tables import table_1

SCRIPTS = Path(__file__).parents[1] / "scripts"
FRAMEWORKS = sorted((SCRIPTS / "frameworks").glob("*/framework.yaml"))

# 14 lines: 4 of docstring and comment, 3 blank, 7 of code.
PYTHON = '''"""What it is.
And why."""

import os


def names(
    folder,
):
    """Docstring."""
    # A comment.
    text = """string
of two lines"""  # with a comment
    return os.listdir(folder), text
'''
# 5 lines: 1 comment, 4 of code, of which one is a lone `end`.
LUA = """-- A comment.
local x = 1
if x then
  print(x) -- with a comment
end
"""
# 9 lines: 4 of comment, 1 blank, 4 of code, of which one is a lone brace.
JAVA = """/**
 * A comment.
 */
package a;

class A {
  // Another.
  int a;
}
"""
# 7 lines: 2 of comment, 5 of code, of which one is a lone brace.
PROTOTXT = """# A comment.
name: "net # not a comment"
layer {
  type: "InnerProduct" # with a comment
  # Another.
  param { lr_mult: 1 }
}
"""


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("name", "text", "language", "code", "comment", "blank"),
    [
        ("a.py", PYTHON, "Python", 7, 4, 3),
        ("a.lua", LUA, "Lua", 4, 1, 0),
        ("A.java", JAVA, "Java", 4, 4, 1),
        ("a.prototxt", PROTOTXT, "Protocol Buffer", 5, 2, 0),
        ("empty.py", "", "Python", 0, 0, 0),
        # Blank lines at both ends, and one within a docstring, are blank.
        ("ends.py", '\n"""One.\n\nTwo.\n"""\n\n\n', "Python", 0, 3, 4),
        # Brackets within a string are code once, not twice; a lone pass is code too.
        ("string.py", 'text = """\n}\n"""\nif text:\n    pass\n', "Python", 5, 0, 0),
        # A file that says that it was generated is counted all the same.
        ("generated.py", "# Do not edit.\na = 1\n", "Python", 1, 1, 0),
        ("umlaut.py", "# ä\nname = 'ü'\n", "Python", 1, 1, 0),
    ],
)
def test_lines_counted_by_hand(name, text, language, code, comment, blank, tmp_path):
    lines = count(write(tmp_path / name, text))
    assert lines.language == language
    assert (lines.code, lines.comment, lines.blank) == (code, comment, blank)
    assert lines.physical == code + comment + blank


def wc(paths: list[Path]) -> int:
    """Return what `wc -l` counts in the files together."""
    content = b"".join(path.read_bytes() for path in paths)
    return int(subprocess.run(["wc", "-l"], input=content, capture_output=True).stdout)


def test_a_last_line_without_its_end_is_code_but_not_counted_by_wc(tmp_path):
    path = write(tmp_path / "a.py", "a = 1\nb = 2")
    lines = count(path)
    assert lines.physical == wc([path]) == 1
    assert lines.code == 2


def framework(folder: Path, shared: str = PYTHON, **keys) -> Path:
    """Write a framework of a training and a prediction program that share a.py."""
    path = describe(
        folder,
        "some",
        label="Some Framework 2",
        train={"command": "x", "files": ["a.py", "b.lua"]},
        predict={"command": "x", "files": ["a.py"]},
        **keys,
    )
    write(path.parent / "a.py", shared)
    write(path.parent / "b.lua", LUA)
    return path


def test_a_file_that_two_programs_share_is_counted_once(tmp_path):
    assert count_framework(framework(tmp_path)) == {
        "framework": "some",
        "label": "Some Framework 2",
        "language": "Python",
        "files": 2,
        "physical_lines": 19,
        "code_lines": 11,
        "comment_lines": 5,
        "blank_lines": 3,
    }


def test_the_language_is_that_of_most_lines_and_prepare_counts(tmp_path):
    path = framework(tmp_path, "a = 1\n", prepare={"command": "x", "files": ["C.java"]})
    write(path.parent / "C.java", JAVA)
    row = count_framework(path)
    assert row["language"] == "Java"
    assert row["files"] == 3
    assert row["physical_lines"] == 1 + 5 + 9


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.py", b"# \xff\n", "{path} is not UTF-8; save it as UTF-8."),
        (
            "a.unheardof",
            b"text\n",
            "{path} is in no language that pygount knows; leave it out of the files of its "
            "framework.yaml, or name its ending in STAND_INS of scripts/lines/count.py.",
        ),
    ],
)
def test_files_that_cannot_be_counted(name, content, sentence, tmp_path):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        count(path)
    assert str(caught.value) == sentence.format(path=path)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_frameworks_here_add_up_and_agree_with_wc(tmp_path):
    """Every framework's Python programs stand in its folder; `wc -l` counts them from outside."""
    lines_of_code.main(job(input={"frameworks": FRAMEWORKS}, output=[tmp_path / "lines.csv"]))
    rows = rows_of(tmp_path / "lines.csv")
    assert [row["framework"] for row in rows] == [path.parent.name for path in FRAMEWORKS]
    assert list(rows[0]) == COLUMNS
    python = {row["framework"]: row for row in rows if row["language"] == "Python"}
    assert {"numpy", "keras", "pytorch", "tensorflow"} <= set(python)
    for name in ("numpy", "keras", "pytorch", "tensorflow"):
        programs = sorted((SCRIPTS / "frameworks" / name).glob("*.py"))
        row = {key: int(value) for key, value in python[name].items() if key.endswith("_lines")}
        assert row["physical_lines"] == wc(programs)
        blank = sum(not line.strip() for path in programs for line in path.open())
        assert row["blank_lines"] == blank
        assert row["code_lines"] + row["comment_lines"] + blank == row["physical_lines"]


def test_a_machine_without_git_counts_as_well(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("GIT_PYTHON_REFRESH", raising=False)
    told = {"input": {"frameworks": FRAMEWORKS[:1]}, "output": [tmp_path / "lines.csv"]}
    status, log = run_script("lines/count.py", tmp_path, **told)
    assert status == 0, log


def test_the_script_ends_in_one_sentence(tmp_path):
    missing, results = tmp_path / "framework.yaml", tmp_path / "results"
    results.mkdir()
    told = {"input": {"frameworks": [missing]}, "output": [results / "lines.csv"]}
    status, log = run_script("lines/count.py", tmp_path, **told)
    assert status == 1
    assert log == f"error: {missing} does not exist.\n"
    assert list(results.iterdir()) == []


PUBLISHED = """framework,label,year,lines,language
old-a,Old A,2016,62,Python
old-b,Old B,2016,165,Lua
"""
LINES = """framework,label,language,files,physical_lines,code_lines,comment_lines,blank_lines
alone,Alone,Python,1,30,20,5,5
new-b,New B,Python,1,40,33,4,3
newest-b,Newest B,Python,1,20,18,1,1
old-b,Old B 7,Lua,2,170,150,15,5
"""


@pytest.fixture
def table(tmp_path):
    """Return the job of table_1.py; a framework of the paper without programs, one with."""
    paths = []
    for name, label, year, successor_of in (
        ("alone", "Alone", 2026, None),
        ("new-b", "New B", 2020, "old-b"),
        ("newest-b", "Newest | B", 2026, "new-b"),
        ("old-b", "Old B 7", 2016, None),
    ):
        keys = {"label": label, "year": year, "successor_of": successor_of}
        keys["language"] = "Lua" if name == "old-b" else "Python"
        paths.append(describe(tmp_path, name, **keys))
    inputs = {
        "lines": write(tmp_path / "lines.csv", LINES),
        "published": write(tmp_path / "published.csv", PUBLISHED),
        "frameworks": paths,
    }
    return {
        "input": inputs,
        "output": {"csv": tmp_path / "table.csv", "markdown": tmp_path / "table.md"},
    }


def test_table_1(table):
    table_1.main(job(**table))
    assert table["output"]["csv"].read_text() == (
        "framework,label,year,language,successor_of,published_lines,physical_lines,code_lines\n"
        "old-a,Old A,2016,Python,,62,,\n"
        "old-b,Old B 7,2016,Lua,,165,170,150\n"
        "new-b,New B,2020,Python,old-b,,40,33\n"
        "newest-b,Newest | B,2026,Python,new-b,,20,18\n"
        "alone,Alone,2026,Python,,,30,20\n"
    )
    lines = table["output"]["markdown"].read_text().splitlines()
    assert lines[:7] == [
        "| Framework | Year | Language | Lines in the paper | Lines here | of these, code |",
        "| --- | --- | --- | ---: | ---: | ---: |",
        "| Old A | 2016 | Python | 62 |  |  |",
        "| Old B 7 | 2016 | Lua | 165 | 170 | 150 |",
        "| ↳ New B | 2020 | Python |  | 40 | 33 |",
        "| ↳ Newest \\| B | 2026 | Python |  | 20 | 18 |",
        "| Alone | 2026 | Python |  | 30 | 20 |",
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("lines", "code_lines", "code", "{file}: the column code_lines is missing; add it."),
        ("published", "year", "when", "{file}: the column year is missing; add it."),
    ],
)
def test_tables_that_do_not_fit(file, old, new, sentence, table):
    path = table["input"][file]
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(InputError) as caught:
        table_1.main(job(**table))
    assert str(caught.value) == sentence.format(file=path)
    assert not table["output"]["csv"].exists()


def test_a_description_without_its_ancestor(table):
    path = table["input"]["frameworks"][0]
    path.write_text(path.read_text().replace("successor_of: null\n", ""))
    with pytest.raises(InputError) as caught:
        table_1.main(job(**table))
    assert str(caught.value) == f"{path}: the key successor_of is missing; add it."
