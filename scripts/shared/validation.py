"""Validate a document against a JSON schema, and say in one sentence which key is wrong."""

import difflib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jsonschema
from shared.labels import listed
from shared.script import InputError

# What the types of a JSON schema are called.
TYPES = {
    "array": "a list", "object": "a mapping of keys to values", "string": "text",
    "integer": "a whole number", "number": "a number", "boolean": "true or false", "null": "null",
}  # fmt: skip
SCHEMAS = Path(__file__).parents[2] / "schemas"


class Mistake(InputError):
    """A mistake in a document: the keys that lead to it, and a sentence that names no file.

    ``key`` is the last key, where the sentence itself names it.
    """

    def __init__(self, place: Iterable[str | int], sentence: str, key: str | None = None) -> None:
        self.place = [*place, *([] if key is None else [key])]
        shown = self.place if key is None else self.place[:-1]
        super().__init__(": ".join(filter(None, [".".join(map(str, shown)), sentence])))


def _is_whole(checker: jsonschema.TypeChecker, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


# JSON schema takes 2.0 for a whole number; the programs do not.
_Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole),
)


def validate(document: Any, schema: Any, name: str) -> None:
    """Validate a document against a JSON schema; raise `InputError` with the first fault's place.

    ``name`` is the file that the sentence names.
    """
    try:
        hold_against(document, schema)
    except Mistake as mistake:
        raise InputError(f"{name}: {mistake}") from None


def hold_against(document: Any, schema: Any) -> None:
    """Validate a document against a JSON schema; raise a `Mistake` for the first fault."""
    # A message about a key itself helps more than the message that no alternative fits its parent.
    faults = sorted(
        _Validator(schema).iter_errors(document),
        key=lambda fault: (fault.validator == "oneOf", list(map(str, fault.absolute_path))),
    )
    if faults:
        raise _mistake(faults[0])


def _mistake(fault: jsonschema.ValidationError) -> Mistake:
    if fault.validator == "oneOf" and fault.context:
        # Of the alternatives, the one that came nearest.
        nearest = jsonschema.exceptions.best_match([fault])
        if nearest is not fault:
            return _mistake(nearest)
        description = fault.schema.get("description", "one of the forms of config.yaml").rstrip(".")
        sentence = f"{fault.instance!r} does not fit; write: {description}."
        return Mistake(fault.absolute_path, sentence)
    place = fault.absolute_path
    if fault.validator == "additionalProperties":
        known = list(fault.schema.get("properties", {}))
        unknown = next(key for key in fault.instance if key not in known)
        sentence = f"unknown key '{unknown}'{suggestion(unknown, known)}"
        return Mistake(place, sentence, key=unknown)
    if fault.validator == "required":
        missing = next(key for key in fault.validator_value if key not in fault.instance)
        return Mistake(place, f"the key {missing} is missing; add it.")
    sentence = f"{_sentence(fault)}{_advice(fault)}"
    return Mistake(place, sentence if sentence.endswith(("?", ".")) else f"{sentence}.")


def _shown(value: Any) -> str:
    """Write a value as YAML would, shortened."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:40]} ... {shown[-10:]}"


def _sentence(fault: jsonschema.ValidationError) -> str:
    """Return what is wrong with a value, without a full stop."""
    wanted, shown = fault.validator_value, _shown(fault.instance)
    match fault.validator:
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            return f"{shown} must be {listed([TYPES[kind] for kind in kinds], 'or')}"
        case "enum":
            return f"{shown} is unknown{suggestion(fault.instance, list(map(str, wanted)))}"
        case "minItems" if not fault.instance:
            return "the list is empty; write one entry or more"
        case "minItems":
            return f"{shown} is too short; write {wanted} entries or more"
        case "minProperties" | "minLength" if not fault.instance:
            return f"{shown} is empty; write something"
        case "multipleOf":
            return f"{shown} does not fit; write a multiple of {wanted}"
        case "const":
            return f"{shown} does not fit; write {wanted}"
        case "uniqueItems":
            return f"{shown} has an entry twice; remove one of them"
        case "minimum":
            return f"{shown} is too small; write {wanted} or more"
        case "maximum":
            return f"{shown} is too large; write {wanted} or less"
        case "exclusiveMinimum":
            return f"{shown} is too small; write more than {wanted}"
        case "exclusiveMaximum":
            return f"{shown} is too large; write less than {wanted}"
        case "pattern" | "maxLength" if "advice" in fault.schema:
            return f"{shown} does not fit; write {fault.schema['advice']}"
        case "pattern":
            return f"{shown} does not fit the pattern {wanted}"
    return fault.message.replace(repr(fault.instance), shown)


def _advice(fault: jsonschema.ValidationError) -> str:
    """Return what to write instead, where the fault itself does not say so."""
    instance = fault.instance
    if fault.validator == "type" and isinstance(instance, float) and instance.is_integer():
        return f"; write {int(instance)} instead of {instance}"
    if (
        fault.validator == "type"
        and isinstance(instance, str)
        and "number" in fault.validator_value
    ):
        try:
            # YAML takes 1e-3 for a text.
            return f"; write {json.dumps(float(instance))}, without quotes"
        except ValueError:
            pass
    return ""


def suggestion(name: str, known: list[str]) -> str:
    """Return the end of a sentence about an unknown name: the one that was meant, or all known."""
    near = difflib.get_close_matches(str(name), known, n=1)
    return f"; did you mean '{near[0]}'?" if near else f"; known are {', '.join(known)}."
