"""Read YAML and JSON strictly: no key twice in a mapping, no document that contains itself.

PyYAML takes the last of two equal keys, and builds documents that contain themselves.
"""

import json
from pathlib import Path
from typing import Any

import yaml
from shared.script import InputError


class _Loader(yaml.SafeLoader):
    """PyYAML's loader, which also refuses a key that is twice in a mapping.

    A key that overrides one of a merged mapping (``<<``) is in its own mapping once.
    """

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if (key.tag, key.value) in seen:
                    problem = f"the key '{key.value}' is there twice; delete one of the two"
                    raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
                seen.add((key.tag, key.value))
        return node


def _without_duplicates(pairs: list[tuple[str, Any]], path: Path) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for key, value in pairs:
        if key in document:
            raise InputError(f"{path}: the key '{key}' is there twice; delete one of the two.")
        document[key] = value
    return document


def read_yaml(path: Path) -> Any:
    """Read a YAML or JSON file of UTF-8 text; return what it holds, None for an empty file.

    Raises `InputError` where the file cannot be read or is not valid, where a mapping has a key
    twice, and where an alias makes the document contain itself.
    """
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        raise InputError(f"{path} does not exist.") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder; put a file of YAML in its place.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not UTF-8 text (its byte {error.start + 1}); save it as UTF-8."
        ) from None
    try:
        # YAML allows no tabs for indentation, but JSON does.
        return json.loads(text, object_pairs_hook=lambda pairs: _without_duplicates(pairs, path))
    except (ValueError, RecursionError):
        pass
    try:
        document = yaml.load(text, _Loader)
        # Raises an error where a part contains itself.
        json.dumps(document, default=str, skipkeys=True)
        return document
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        problem = " ".join(filter(None, [error.context, error.problem]))
        raise InputError(f"{path} is not valid YAML: {line}{problem}.") from None
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
        raise InputError(f"{path} is not valid YAML: {problem}.") from None
    except RecursionError:
        raise InputError(f"{path} is not valid YAML: it is nested too deeply.") from None
    except ValueError as error:
        # A part may contain itself, a date may be invalid, or a number has thousands of digits.
        raise InputError(f"{path} is not valid YAML: {error}.") from None
