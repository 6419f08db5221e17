"""The frameworks' descriptions: what is wrong in one ends in one sentence that names it."""

import pytest
import yaml
from conftest import ROOT, describe
from shared import descriptions
from shared.script import InputError


def test_every_folder_here_is_a_framework(monkeypatch):
    monkeypatch.chdir(ROOT)
    folders = {path.name for path in (ROOT / "scripts" / "frameworks").iterdir()}
    assert set(descriptions.read_all()) == folders


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        (
            {"color": "blue"},
            "{path}: color: 'blue' does not fit; write # and six hexadecimal digits, such as "
            "'#336699'.",
        ),
        ({"colour": "#336699"}, "{path}: unknown key 'colour'; did you mean 'color'?"),
        ({"predict": {"command": "x"}}, "{path}: predict: the key files is missing; add it."),
        (
            {"prepare": {"command": "x", "files": ["prepare.py"]}},
            "{path}: prepare.files: {folder}/prepare.py does not exist; correct the list.",
        ),
    ],
)
def test_a_mistake_is_one_sentence(keys, sentence, tmp_path):
    path = describe(tmp_path, "mine", **keys)
    with pytest.raises(InputError) as error:
        descriptions.read(path)
    expected = sentence.replace("{path}", str(path)).replace("{folder}", str(path.parent))
    assert str(error.value) == expected


@pytest.mark.parametrize("key", ["label", "year", "language", "successor_of", "predict"])
def test_a_key_that_is_missing(key, tmp_path):
    path = describe(tmp_path, "mine")
    keys = yaml.safe_load(path.read_text())
    del keys[key]
    path.write_text(yaml.safe_dump(keys))
    with pytest.raises(InputError) as error:
        descriptions.read(path)
    assert str(error.value) == f"{path}: the key {key} is missing; add it."


@pytest.mark.parametrize("key", ["variant_of", "successor_of"])
def test_another_framework_that_does_not_exist(key, tmp_path):
    path = describe(tmp_path, "mine-fast", **{key: "mine"})
    with pytest.raises(InputError) as error:
        descriptions.read(path)
    assert str(error.value) == (f"{path}: {key}: there is no framework 'mine'; correct it.")
    describe(tmp_path, "mine")
    assert descriptions.read(path)[key] == "mine"


def test_a_variants_files_lie_in_its_originals_folder(tmp_path):
    original = describe(tmp_path, "mine")
    program = {"command": "x", "files": ["../mine/train.py"]}
    path = describe(tmp_path, "mine-fast", variant_of="mine", train=program, predict=program)
    found = descriptions.source_files(path, descriptions.read(path))
    assert found == [original.parent / "train.py"]


def test_a_description_that_is_no_mapping(tmp_path):
    path = describe(tmp_path, "mine")
    path.write_text("[]\n")
    with pytest.raises(InputError) as error:
        descriptions.read(path)
    assert str(error.value) == f"{path}: [] must be a mapping of keys to values."


def test_a_file_that_two_programs_share_stands_once(tmp_path):
    path = describe(tmp_path, "mine")
    program = {"command": "x", "files": ["network.py", "train.py"]}
    description = {"train": program, "prepare": {"files": ["a.py"]}, "predict": program}
    names = ["a.py", "network.py", "train.py"]
    assert descriptions.source_files(path, description) == [path.parent / name for name in names]
    assert descriptions.source_files(path, description, ["prepare"]) == [path.parent / "a.py"]
