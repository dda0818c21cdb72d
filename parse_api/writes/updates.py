"""Reads the body of a create or an update: values, operations and an ACL, with the errors of the protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, NamedTuple, TypeAlias

from deals.models import MAX_STAGE, Deal
from parse_api.classes import Field, Kind, ParseClass
from parse_api.codecs import CODECS, Pointer, Value
from parse_api.errors import Code, ParseError
from parse_api.writes.keys import IDS, written

Acl: TypeAlias = dict[str, dict[str, bool]]
"""True rights, "read" and "write", by the holder's name on the wire: a user's id, role:<name> or *."""


class How(Enum):
    """What becomes of a field that has a value already: set anew, added to, or left as it is."""

    SET = auto()
    ADD = auto()
    KEEP = auto()


class Change(NamedTuple):
    """What a body says of one field; None clears it."""

    value: Value
    how: How = How.SET


@dataclass(frozen=True)
class Write:
    """A body, read: what it changes by the names of the fields, the ACL in it if any, and the body itself."""

    parse_class: ParseClass
    changes: Mapping[str, Change]
    acl: Acl | None
    sent: Mapping[str, Any]

    @property
    def pointers(self) -> dict[str, Pointer]:
        """What the body points at, by field."""
        return {name: value for name, (value, _how) in self.changes.items() if isinstance(value, Pointer)}

    def columns(self) -> dict[str, Any]:
        """Return the new values by column; those that are added to are left out."""
        found: dict[str, Any] = {}
        for name, (value, how) in self.changes.items():
            if how is How.SET:
                found |= columns_of(self.parse_class.fields[name], value)
        return found

    def rewritten(self) -> dict[str, Any]:
        """Return, as JSON, what is stored in another form than it was sent: results of operations, other dates."""
        told = {}
        for name, (value, how) in self.changes.items():
            if value is not None and how is How.SET:
                shown = CODECS[self.parse_class.fields[name].kind].encode(value)
                if shown != self.sent[name]:
                    told[name] = shown
        return told


def columns_of(field: Field, value: Value) -> dict[str, Any]:
    """Return what the columns of a field hold for a value."""
    if field.kind is Kind.POINTER:
        named = {value.class_name: value.object_id} if isinstance(value, Pointer) else {}
        return {column: named.get(target) for target, column in field.targets.items()}
    return {field.column: value}


def read_create(parse_class: ParseClass, body: Mapping[str, Any]) -> Write:
    """Read the body of a create; raises ParseError 105, 119, 108, 111, 142 and 123, in this order."""
    names = written(body, parse_class.name, parse_class.fields, is_new=True)
    changes = {name: Change(_change(parse_class.fields[name], body[name]).value) for name in names if name != "ACL"}
    _require(changes, [name for name, field in parse_class.fields.items() if field.is_required])
    _check_length(parse_class, changes)
    return Write(parse_class, changes, _read_acl(parse_class, body, names, is_new=True), body)


def read_update(parse_class: ParseClass, body: Mapping[str, Any]) -> Write:
    """Read the body of an update, whose ids are ignored; raises the same as for a create, and 121 after 105."""
    sent = {name: value for name, value in body.items() if name not in IDS}
    names = written(sent, parse_class.name, parse_class.fields, is_new=False, reserved=("className",))
    changes = {name: _change(parse_class.fields[name], body[name]) for name in names if name != "ACL"}
    changes = {name: change for name, change in changes.items() if change.how is not How.KEEP}
    _require(changes, [name for name in changes if parse_class.fields[name].is_required])
    _check_length(parse_class, changes)
    return Write(parse_class, changes, _read_acl(parse_class, body, names, is_new=False), body)


def _require(changes: Mapping[str, Change], names: list[str]) -> None:
    for name in names:
        if name not in changes or changes[name].value in (None, ""):
            raise ParseError(Code.INVALID, f"{name} is required.")


def _check_length(parse_class: ParseClass, changes: Mapping[str, Change]) -> None:
    """Refuse here what the database would refuse after all of it was sent there."""
    stage = changes["stage"].value if parse_class.model is Deal and "stage" in changes else None
    if isinstance(stage, str) and len(stage) > MAX_STAGE:
        raise ParseError(Code.INVALID, f"stage has at most {MAX_STAGE} characters.")


def _read_acl(parse_class: ParseClass, body: Mapping[str, Any], names: list[str], *, is_new: bool) -> Acl | None:
    """Return the ACL that was sent; None counts as not sent, as does a Delete in a create."""
    value = body["ACL"] if "ACL" in names else None
    if value is None or (is_new and value == {"__op": "Delete"}):
        return None
    field = parse_class.fields["ACL"]
    acl: Any = CODECS[field.kind].decode(field, value)
    return dict(acl)


def _change(field: Field, value: object) -> Change:
    if value is None:
        return Change(None)
    if isinstance(value, dict) and "__op" in value:
        operation = OPERATIONS.get(str(value["__op"]))
        if operation is None:
            raise ParseError(Code.UNKNOWN_OPERATION, f"{str(value['__op'])[:50]!r} is no operation.")
        return operation(field, value)
    return Change(CODECS[field.kind].decode(field, value))


def _increment(field: Field, operation: Mapping[str, Any]) -> Change:
    if field.kind is not Kind.NUMBER:
        raise ParseError(Code.BAD_TYPE, f"{field.name} is no Number that could be incremented.")
    return Change(CODECS[field.kind].decode(field, operation.get("amount")), How.ADD)


def _set_on_insert(field: Field, operation: Mapping[str, Any]) -> Change:
    value = operation.get("amount")
    return Change(None if value is None else CODECS[field.kind].decode(field, value), How.KEEP)


def _for_lists(field: Field, _operation: Mapping[str, Any]) -> Change:
    raise ParseError(Code.BAD_TYPE, f"{field.name} is no list.")


def _for_relations(field: Field, _operation: Mapping[str, Any]) -> Change:
    raise ParseError(Code.BAD_TYPE, f"{field.name} is no relation.")


OPERATIONS: Mapping[str, Callable[[Field, Mapping[str, Any]], Change]] = {
    "Delete": lambda _field, _operation: Change(None),
    "Increment": _increment,
    "SetOnInsert": _set_on_insert,
    "Add": _for_lists,
    "AddUnique": _for_lists,
    "Remove": _for_lists,
    "AddRelation": _for_relations,
    "RemoveRelation": _for_relations,
    "Batch": _for_relations,
}
"""The operations on a field of a record, by `__op`; those on relations are for roles."""
