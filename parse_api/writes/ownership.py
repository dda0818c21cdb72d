"""Whose a record is and who may say so (CONTRACT.md, section 9, rules 1 to 3, 5 and 6)."""

from __future__ import annotations

from typing import Any

from parse_api.caller import Caller
from parse_api.classes import CLASSES, Field, ParseClass
from parse_api.codecs import Pointer
from parse_api.errors import Code, ParseError
from parse_api.writes.updates import Write
from records.models import Record

ASSIGNED = "assignedTo"
"""The owner that may be anybody; the others are who made the record."""


def _owner_field(parse_class: ParseClass) -> Field:
    model: Any = parse_class.model
    return next(each for each in parse_class.fields.values() if each.columns == (f"{model.owner_field}_id",))


OWNER_FIELDS = {name: _owner_field(each) for name, each in CLASSES.items() if issubclass(each.model, Record)}
"""The field that names the owner, for each class of records."""


def owner_column(parse_class: ParseClass) -> str:
    """Return the column of the owner."""
    return OWNER_FIELDS[parse_class.name].columns[0]


def first_owner(caller: Caller, write: Write) -> str | None:
    """Return the id of the owner that a new record has: the one in the body, else who makes it.

    With the master key nobody owns what names no owner. Raises ParseError 119 for somebody else as its maker.
    """
    field = OWNER_FIELDS[write.parse_class.name]
    sent = _named(write, field)
    caller_id = caller.user.pk if caller.user is not None else None
    if sent is None:
        return None if caller.is_master else caller_id
    if field.name != ASSIGNED and sent != caller_id and not manages(caller, write.parse_class):
        raise _not_yours(field)
    return sent


def next_owner(caller: Caller, write: Write, owner: str | None) -> str | None:
    """Return the id of the owner after an update of a record that is `owner`'s.

    Raises ParseError 119 when its maker would change, which only managers and the master key may do, or when somebody
    would hand over, or take, what is not assigned to him (records.sharing.may_hand_over has the same rule for pages).
    """
    field = OWNER_FIELDS[write.parse_class.name]
    if field.name not in write.changes:
        return owner
    sent = _named(write, field)
    if sent == owner or manages(caller, write.parse_class):
        return sent
    if field.name != ASSIGNED:
        raise _not_yours(field)
    if caller.user is None or owner != caller.user.pk:
        raise ParseError(Code.FORBIDDEN, "Only whose it is, or a manager, may assign it to somebody else.")
    return sent


def manages(caller: Caller, parse_class: ParseClass) -> bool:
    """Tell whether the caller changes every record of the class."""
    if caller.is_master:
        return True
    meta = parse_class.model._meta
    return caller.user is not None and caller.user.has_perm(f"{meta.app_label}.change_{meta.model_name}")


def _named(write: Write, field: Field) -> str | None:
    value = write.changes[field.name].value if field.name in write.changes else None
    return value.object_id if isinstance(value, Pointer) else None


def _not_yours(field: Field) -> ParseError:
    return ParseError(Code.FORBIDDEN, f"{field.name} is set by the server.")
