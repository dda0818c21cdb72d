"""Fields as GraphQL has them, as the body of a create or an update of REST."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from parse_api.classes import Kind, ParseClass
from parse_api.errors import Code, ParseError
from parse_api.graphql.acls import acl_body
from parse_api.graphql.catalog import kinds, targets
from parse_api.graphql.names import object_id, read_global_id

Create: TypeAlias = Callable[[ParseClass, Mapping[str, Any]], str]
"""Makes an object of a class from its fields, in the same transaction, and returns its objectId."""


def as_body(parse_class: ParseClass, fields: Mapping[str, Any], create: Create) -> dict[str, Any]:
    """Return the body of REST; objects that are to be created beside are so at once. Raises ParseError."""
    return {name: _value(parse_class, name, value, create) for name, value in fields.items()}


def _value(parse_class: ParseClass, name: str, value: Any, create: Create) -> Any:
    kind = kinds(parse_class)[name]
    if value is None:
        return None
    if kind == "ACL":
        return acl_body(value)
    if kind == Kind.POINTER:
        return _pointer(parse_class, name, value, create)
    if kind == Kind.RELATION:
        return {"__op": "Batch", "ops": list(_operations(targets(parse_class, name)[0], value, create))}
    return value


def _pointer(parse_class: ParseClass, name: str, value: Mapping[str, Any], create: Create) -> dict[str, str]:
    known = targets(parse_class, name)
    given = {key: each for key, each in value.items() if each is not None}
    if len(given) != 1:
        raise ParseError(Code.BAD_TYPE, f"{name} needs either link or createAndLink.")
    if "createAndLink" in given:
        return _named(known[0], create(known[0], given["createAndLink"]))
    if len(known) == 1:
        return _named(known[0], object_id(given["link"], known[0]))
    found = read_global_id(given["link"])
    if found is None:
        raise ParseError(Code.BAD_TYPE, f"{name} needs a global id: an objectId does not say which class it is of.")
    return {"__type": "Pointer", "className": found.class_name, "objectId": found.object_id}


def _operations(target: ParseClass, value: Mapping[str, Any], create: Create) -> Iterator[dict[str, Any]]:
    """Yield what is done to a relation: what is created is added."""
    made = [create(target, each) for each in value.get("createAndAdd") or ()]
    added = [*(object_id(each, target) for each in value.get("add") or ()), *made]
    removed = [object_id(each, target) for each in value.get("remove") or ()]
    for operation, ids in (("AddRelation", added), ("RemoveRelation", removed)):
        if ids:
            yield {"__op": operation, "objects": [_named(target, each) for each in ids]}


def _named(target: ParseClass, text: str) -> dict[str, str]:
    return {"__type": "Pointer", "className": target.name, "objectId": text}
