"""Count the lines of each framework's programs, as the paper's table 1 did and without padding."""

import io
import os
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from shared.descriptions import read, source_files
from shared.script import InputError, Job, run
from shared.tables import write_csv

# pygount imports GitPython, which would otherwise fail on a machine without git. Git is not used
# here.
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

from pygount import SourceAnalysis
from pygount.analysis import has_lexer

COLUMNS = [
    "framework", "label", "language", "files", "physical_lines", "code_lines", "comment_lines",
    "blank_lines",
]  # fmt: skip
# For a kind of file that pygount does not know: the name of its language, and the ending of a known
# kind with the same comments and strings. Protobuf's text format is read like a shell script.
STAND_INS = {".prototxt": ("Protocol Buffer", ".sh")}


class Lines(NamedTuple):
    """The lines of one source file, or the sums over several."""

    language: str
    physical: int
    code: int
    comment: int
    blank: int


def count(path: Path) -> Lines:
    """Count the lines of one source file.

    ``physical`` is what ``wc -l`` prints, the paper's measure: the number of line ends. A blank
    line holds nothing but white space. A comment line holds, by pygount, nothing but comment or
    docstring. Every other line is code.

    Code thus includes lines that hold only a string, and lines that hold only brackets. pygount
    takes the latter for empty. Without them Java, which closes a block with ``}``, would have an
    advantage over Lua, which closes it with ``end``.

    Raises `InputError` where the file is not UTF-8, or is in a language that pygount does not know.
    """
    content = path.read_bytes()
    try:
        lines = io.StringIO(content.decode("utf-8")).readlines()
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8; save it as UTF-8.") from None

    language, suffix = STAND_INS.get(path.suffix, (None, path.suffix))
    known_path = str(path.with_suffix(suffix)) if language else str(path)
    if not has_lexer(known_path):
        raise InputError(
            f"{path} is in no language that pygount knows; leave it out of the files of its "
            "framework.yaml, or name its ending in STAND_INS of scripts/lines/count.py."
        )
    written = [line for line in lines if line.strip()]
    analysis = SourceAnalysis.from_file(
        known_path,
        group="",
        encoding="utf-8",
        # Without the blank lines, all that pygount calls empty is a line of brackets.
        file_handle=io.StringIO("".join(written)),
        # pygount would skip a file that says somewhere that it was generated; it is counted here.
        generated_regexes=[],
    )
    return Lines(
        language=language or analysis.language,
        physical=content.count(b"\n"),
        code=len(written) - analysis.documentation_count,
        comment=analysis.documentation_count,
        blank=len(lines) - len(written),
    )


def count_framework(path: Path) -> dict[str, str | int]:
    """Return a framework's line of the table (the keys are `COLUMNS`), from its framework.yaml.

    The language is that of the file with the most lines.
    """
    description = read(path)
    counts = [count(file) for file in source_files(path, description)]
    return {
        "framework": path.absolute().parent.name,
        "label": description["label"],
        "language": max(counts, key=lambda lines: lines.physical).language,
        "files": len(counts),
        "physical_lines": sum(lines.physical for lines in counts),
        "code_lines": sum(lines.code for lines in counts),
        "comment_lines": sum(lines.comment for lines in counts),
        "blank_lines": sum(lines.blank for lines in counts),
    }


def main(job: Job) -> None:
    rows = [count_framework(Path(path)) for path in job.input.frameworks]
    write_csv(pd.DataFrame(rows, columns=COLUMNS), job.output[0])


if __name__ == "__main__":
    run(main)
