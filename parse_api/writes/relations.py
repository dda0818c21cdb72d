"""Reads what a body does to a relation: AddRelation, RemoveRelation, and several in a Batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from parse_api.classes import Field
from parse_api.codecs import decode_pointer, wrong_type
from parse_api.errors import Code, ParseError

MOST = 10_000
"""Pointers in one body."""
_KNOWN = ("Delete", "Increment", "SetOnInsert", "Add", "AddUnique", "Remove")
"""Operations that there are, but not on relations."""


class Step(NamedTuple):
    """Puts these into a relation or takes them out."""

    adds: bool
    object_ids: frozenset[str]


def read_relation(field: Field, value: Any) -> list[Step]:
    """Return what happens to a relation, in turn; raises ParseError 111, and 108 for an unknown operation.

    The relation as it stands in answers changes nothing.
    """
    if value == {"__type": "Relation", "className": _target(field)}:
        return []
    steps = list(_steps(field, value, depth=0))
    if sum(len(step.object_ids) for step in steps) > MOST:
        raise ParseError(Code.BAD_TYPE, f"At most {MOST} objects are related at once.")
    return steps


def _steps(field: Field, value: Any, depth: int) -> Iterator[Step]:
    if not isinstance(value, dict) or "__op" not in value:
        raise wrong_type(field, value)
    operation = value["__op"]
    if operation == "Batch" and isinstance(value.get("ops"), list) and not depth:
        for each in value["ops"]:
            yield from _steps(field, each, depth + 1)
    elif operation in ("AddRelation", "RemoveRelation") and isinstance(value.get("objects"), list):
        ids = frozenset(_object_id(field, each) for each in value["objects"])
        yield Step(operation == "AddRelation", ids)
    elif operation in ("Batch", "AddRelation", "RemoveRelation", *_KNOWN):
        raise wrong_type(field, value)
    else:
        raise ParseError(Code.UNKNOWN_OPERATION, f"{str(operation)[:50]!r} is no operation.")


def _object_id(field: Field, value: Any) -> str:
    pointer = decode_pointer(value, field.name)
    if pointer.class_name != _target(field):
        raise ParseError(Code.BAD_TYPE, f"{field.name} relates to {_target(field)}.")
    return pointer.object_id


def _target(field: Field) -> str:
    return next(iter(field.targets))
