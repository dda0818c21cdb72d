"""The fields of each class as GraphQL has them: what the class table and the schema say, by kind."""

from __future__ import annotations

from collections.abc import Mapping

from parse_api.classes import ALL, FIXED, Kind, ParseClass
from parse_api.service.schema import fields_of

_NEVER_ANSWERED = ("password",)


def kinds(parse_class: ParseClass) -> Mapping[str, str]:
    """Return the type on the wire of each field: String, Number, Pointer and so on."""
    return _KINDS[parse_class.name]


def answered(parse_class: ParseClass) -> list[str]:
    """Return the fields that an answer may show and that a list is searched and sorted by."""
    return [name for name in kinds(parse_class) if name not in _NEVER_ANSWERED]


def set_by_apps(parse_class: ParseClass) -> list[str]:
    """Return the fields that an app may name in a create or an update, be it to be refused."""
    return [name for name in kinds(parse_class) if name not in FIXED or name == "ACL"]


def targets(parse_class: ParseClass, name: str) -> list[ParseClass]:
    """Return the classes that a pointer or relation leads to."""
    return [ALL[target] for target in parse_class.fields[name].targets]


def is_always_there(parse_class: ParseClass, name: str) -> bool:
    """Tell whether everybody who may read an object sees a value in this field."""
    field = parse_class.fields.get(name)
    return (
        field is not None
        and (name in FIXED[:3] or field.kind is Kind.RELATION or field.is_required)
        and not (field.is_private)
    )


_KINDS = {each.name: {name: told["type"] for name, told in fields_of(each).items()} for each in ALL.values()}
