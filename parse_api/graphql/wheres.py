"""Conditions as GraphQL has them, as a where of REST: the one reader of wheres then says what they mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from parse_api.classes import Kind, ParseClass
from parse_api.errors import Code, ParseError
from parse_api.graphql.catalog import targets
from parse_api.graphql.inputs import BRANCHES, HAVE, HAVE_NOT, OPERATORS
from parse_api.graphql.names import object_id, type_name

_IDS = ("id", "objectId")


def as_where(parse_class: ParseClass, conditions: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the where of REST; conditions that are null count as not sent."""
    given = {name: each for name, each in (conditions or {}).items() if each is not None}
    parts = [part for name, each in given.items() for part in _parts(parse_class, name, each)]
    where = {key: value for part in parts for key, value in part.items()}
    return where if len(where) == len(parts) else {"$and": parts}


def _parts(parse_class: ParseClass, name: str, conditions: Any) -> Iterator[dict[str, Any]]:
    """Yield what one field or branch means, each with one key."""
    field = parse_class.fields.get(name)
    if conditions == {}:
        raise ParseError(Code.BAD_QUERY, f"{name} needs an operator.")
    if name in BRANCHES:
        yield {BRANCHES[name]: [as_where(parse_class, each) for each in conditions]}
    elif name in _IDS:
        yield {"objectId": {OPERATORS[key]: _ids(parse_class, value) for key, value in conditions.items()}}
    elif field is not None and field.kind in (Kind.POINTER, Kind.RELATION):
        for key, value in conditions.items():
            if value is not None:
                yield {name: _of_link(parse_class, name, key, value)}
    else:
        yield {name: {OPERATORS[key]: _operand(key, value) for key, value in conditions.items()}}


def _ids(parse_class: ParseClass, value: Any) -> Any:
    if isinstance(value, list):
        return [_ids(parse_class, each) for each in value]
    return object_id(value, parse_class) if isinstance(value, str) else value


def _operand(operator: str, value: Any) -> Any:
    """Return an operand as REST has it; of a search for words the names begin with $."""
    if operator != "text" or value is None:
        return value
    return {"$search": {f"${key}": each for key, each in value["search"].items() if each is not None}}


def _of_link(parse_class: ParseClass, name: str, key: str, value: Any) -> dict[str, Any]:
    """Return the operator of a pointer or relation: `have` is on its only class, the last, or the one it names."""
    if key == "exists":
        return {OPERATORS[key]: value}
    positive = not key.startswith(HAVE_NOT)
    class_name = key.removeprefix(HAVE if positive else HAVE_NOT)
    known = targets(parse_class, name)
    target = next((each for each in known if type_name(each) == class_name), known[-1])
    return {"$inQuery" if positive else "$notInQuery": {"className": target.name, "where": as_where(target, value)}}
