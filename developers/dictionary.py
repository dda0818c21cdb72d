"""The data dictionary: each class and field as the class table has it, in words for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from parse_api.classes import ALL, CLASSES, Field, Kind, ParseClass
from parse_api.service.schema import fields_of
from parse_api.writes.ownership import OWNER_FIELDS

_SERVERS_OWN = ("objectId", "createdAt", "updatedAt")
_READ_ONLY = {"_Session": frozenset(fields_of(ALL["_Session"])), "_User": frozenset({"emailVerified"})}
NOTES = {
    ("_User", "password"): "Taken, and never answered: only a hash of it is kept.",
    ("_User", "email"): "Nobody searches or sorts by it.",
    ("_User", "authData"): "Third-party log-in is not offered: a value is refused (252).",
    ("_Role", "name"): "Stays once the role is made: access lists carry it.",
    ("_Role", "ACL"): "Needed in a create (111). It says who changes the role.",
    ("Deal", "stage"): "Any text; the stages of the pipeline have columns on the board.",
    ("_Installation", "installationId"): "It or a deviceToken is needed (135).",
    ("_Installation", "deviceToken"): "It or an installationId is needed (135).",
    ("_Installation", "deviceType"): "Needed for a device that is not known yet (135).",
    ("_Session", "sessionToken"): "Answered when it is made, and to whoever sends it.",
}
"""What the class table does not say of a field, by class and field."""
_WRITTEN_AS = {
    Kind.DATE: 'Written as {"__type": "Date", "iso": "2030-01-02T03:04:05.678Z"}.',
    Kind.STAMP: "Answered as plain text.",
    Kind.NUMBER: "A 64-bit float.",
    Kind.RELATION: "Changed by AddRelation and RemoveRelation.",
}


@dataclass(frozen=True)
class Entry:
    """One field; `targets` are the classes that a pointer or relation may name."""

    name: str
    type: str
    targets: tuple[str, ...]
    is_required: bool
    is_read_only: bool
    default: str
    notes: str


@dataclass(frozen=True)
class ClassPage:
    """A class with its fields; `path` is where the API has it, `pointed_at_by` names fields of others."""

    name: str
    path: str
    about: str
    entries: tuple[Entry, ...]
    pointed_at_by: tuple[str, ...]


def class_page(name: str) -> ClassPage | None:
    """Return the dictionary of a class; None when there is no such class."""
    parse_class = ALL.get(name)
    if parse_class is None:
        return None
    entries = tuple(_entry(parse_class, field, wire) for field, wire in fields_of(parse_class).items())
    return ClassPage(name, path_of(name), _about(parse_class), entries, tuple(_pointing_at(name)))


def class_pages() -> list[ClassPage]:
    """Return the dictionary of every class."""
    return [page for page in map(class_page, ALL) if page is not None]


def path_of(name: str) -> str:
    """Return the path of a class below the mount."""
    own = {"_User": "/users", "_Session": "/sessions", "_Installation": "/installations"}
    return own.get(name, f"/classes/{name}")


def _about(parse_class: ParseClass) -> str:
    first = {
        "_User": "People: sign-up, sign-in and what colleagues see of each other.",
        "_Role": "Groups of people with whom records are shared.",
        "_Session": "Where a person is signed in: one for each device.",
        "_Installation": "Devices on which an app runs. An app may add fields of its own.",
    }
    owner = OWNER_FIELDS.get(parse_class.name)
    return first[parse_class.name] if owner is None else f"Records, each with an owner: {owner.name}."


def _entry(parse_class: ParseClass, name: str, wire: dict[str, Any]) -> Entry:
    field = parse_class.fields.get(name)
    return Entry(
        name=name,
        type=wire["type"],
        targets=tuple(field.targets) if field is not None else (),
        is_required=bool(wire.get("required")),
        is_read_only=name in _SERVERS_OWN or name in _READ_ONLY.get(parse_class.name, ()),
        default=_default(parse_class, name),
        notes=" ".join(_notes(parse_class, name, field)),
    )


def _default(parse_class: ParseClass, name: str) -> str:
    """Return what a create that does not name the field leaves in it; "" where the field is absent then."""
    if name in _SERVERS_OWN:
        return "set by the server"
    owner = OWNER_FIELDS.get(parse_class.name)
    if owner is not None and name == owner.name:
        return "who creates it"
    if owner is not None and name == "ACL":
        return "the owner reads and writes"
    return ""


def _notes(parse_class: ParseClass, name: str, field: Field | None) -> Iterator[str]:
    if field is not None:
        yield from ([_WRITTEN_AS[field.kind]] if field.kind in _WRITTEN_AS else [])
        if field.kind is Kind.POINTER and len(field.targets) > 1:
            yield "Points at one of these classes."
        if field.is_private:
            yield "Shown to the person alone, and with the master key."
    if (parse_class.name, name) in NOTES:
        yield NOTES[parse_class.name, name]


def _pointing_at(name: str) -> Iterator[str]:
    for each in CLASSES.values():
        yield from (f"{each.name}.{field.name}" for field in each.fields.values() if name in field.targets)
