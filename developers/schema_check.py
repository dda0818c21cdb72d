"""Tells whether an app's schema fits: whether all that it has is here, with the same types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from parse_api import json_text
from parse_api.classes import ALL, CLASSES
from parse_api.errors import ParseError
from parse_api.service.schema import fields_of

LONGEST = 200_000
"""Characters of a schema; ours has some 5,000."""
MOST_SHOWN = 200
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Difference:
    """One difference; one that is no problem is a field or class that the app does not know of."""

    place: str
    text: str
    is_problem: bool = True


class UnreadableSchemaError(ValueError):
    """What was pasted is no schema; the message says why."""


def differences(text: str) -> list[Difference]:
    """Compare a schema in JSON with ours, problems first; raises UnreadableSchemaError.

    It is `{"classes": [...]}` as `manage.py parse_schema` prints it, `{"results": [...]}` as `/schemas` answers it, a
    list of classes, or one class: `{"className": ..., "fields": {name: {"type", "targetClass", "required"}}}`.
    """
    classes = _read(text)
    found = [difference for name, fields in classes.items() for difference in _of_class(name, fields)]
    found += [
        Difference(name, "The app does not have this class.", is_problem=False)
        for name in CLASSES
        if name not in classes and not name.startswith("_")
    ]
    return sorted(found, key=lambda difference: not difference.is_problem)


def _read(text: str) -> dict[str, dict[str, Any]]:
    """Return the fields of each class by its name."""
    if len(text) > LONGEST:
        raise UnreadableSchemaError(f"A schema has at most {LONGEST:,} characters.")
    try:
        value = json_text.parse(text)
    except ParseError as error:
        raise UnreadableSchemaError(error.message) from error
    if isinstance(value, dict):
        value = next((value[key] for key in ("classes", "results") if key in value), [value])
    if not isinstance(value, list) or not value:
        raise UnreadableSchemaError('Expected {"classes": [...]}, a list of classes, or one class.')
    return dict(_class(each) for each in value)


def _class(value: Any) -> tuple[str, dict[str, Any]]:
    if not isinstance(value, dict) or not isinstance(value.get("className"), str):
        raise UnreadableSchemaError("Each class is an object with a className.")
    name, fields = value["className"], value.get("fields")
    if not isinstance(fields, dict) or not all(isinstance(each, dict) for each in fields.values()):
        raise UnreadableSchemaError(f"fields of {_short(name)} is an object that has an object for each field.")
    return name, fields


def _of_class(name: str, fields: dict[str, Any]) -> Iterator[Difference]:
    if name not in ALL:
        yield Difference(_short(name), "There is no such class here.")
        return
    known = fields_of(ALL[name])
    for field, sent in fields.items():
        place = f"{name}.{_short(field)}"
        if field in known:
            yield from (Difference(place, text) for text in _of_field(name, field, sent, known[field]))
        elif name != "_Installation":  # which takes fields of an app's own
            yield Difference(place, "There is no such field here.")
    for field in (each for each in known if each not in fields):
        if known[field].get("required"):
            yield Difference(f"{name}.{field}", "Required here, and not in the app's schema.")
        else:
            yield Difference(f"{name}.{field}", "The app does not have this field.", is_problem=False)


def _of_field(class_name: str, field: str, sent: dict[str, Any], known: dict[str, Any]) -> Iterator[str]:
    """Say what is different of a field; a pointer that may name several classes here fits with any of them."""
    if sent.get("type") != known["type"]:
        yield f"The type is {known['type']} here, not {_short(sent.get('type'))}."
    elif "targetClass" in known and sent.get("targetClass") not in (
        targets := tuple(ALL[class_name].fields[field].targets)
    ):
        yield f"It names {' or '.join(targets)} here, not {_short(sent.get('targetClass'))}."
    if known.get("required") and sent.get("required") is False:
        yield "It is required here."


def _short(value: Any) -> str:
    """Return a name as it is shown, however long or odd."""
    text = value if isinstance(value, str) else "nothing" if value is None else type(value).__name__
    return text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}…"
