"""The schema as Parse writes it: classes, their fields, and who may do what with a class (CONTRACT.md, section 18)."""

from __future__ import annotations

from typing import Any

from parse_api.answers import Answer
from parse_api.caller import Caller
from parse_api.classes import ALL, CLASSES, Field, Kind, ParseClass
from parse_api.errors import Code, ParseError
from parse_api.json_text import bad_json
from parse_api.protocol import Call
from parse_api.service import class_permissions

_TEXT = {"type": "String"}
_UNSTORED: dict[str, dict[str, dict[str, Any]]] = {
    "_User": {
        "password": {"type": "String", "required": True},
        "emailVerified": {"type": "Boolean"},
        "authData": {"type": "Object"},
    },
    "_Session": {"sessionToken": _TEXT},
    "_Installation": {
        "channels": {"type": "Array"},
        "badge": {"type": "Number"},
        "timeZone": _TEXT,
        "localeIdentifier": _TEXT,
        "appName": _TEXT,
        "appVersion": _TEXT,
        "appIdentifier": _TEXT,
        "parseVersion": _TEXT,
        "pushType": _TEXT,
        "GCMSenderId": _TEXT,
    },
}
"""Fields of the protocol that are no column of theirs here, or never answered."""
_LAST = ("createdAt", "updatedAt", "ACL")


def find(_call: Call, caller: Caller) -> Answer:
    """List the schemas of all classes, with the master key."""
    caller.need_master()
    return Answer({"results": [_shown(each) for each in ALL.values()]})


def get(_call: Call, caller: Caller, class_name: str) -> Answer:
    """Answer the schema of a class, with the master key; 103 for one that there is not."""
    caller.need_master()
    return Answer(_shown(_named(class_name)))


def update(call: Call, caller: Caller, class_name: str) -> Answer:
    """Change who may do what with the records of a class; its fields are those of the program and stay (119)."""
    caller.need_master()
    parse_class = _named(class_name)
    if call.params.get("className", class_name) != class_name:
        raise ParseError(Code.BAD_CLASS, "The className is that of the address.")
    fields, permissions = (call.params.get(key, {}) for key in ("fields", "classLevelPermissions"))
    if not isinstance(fields, dict) or not isinstance(permissions, dict):
        raise bad_json("fields and classLevelPermissions are objects.")
    if fields or call.params.get("indexes"):
        raise ParseError(Code.FORBIDDEN, "Fields and indexes are those of the program: docs/adding-a-field.md.")
    class_permissions.change(parse_class, permissions)
    return Answer(_shown(parse_class))


def refuse(_call: Call, caller: Caller, class_name: str = "") -> Answer:
    """Refuse to add or delete a class."""
    caller.need_master()
    raise ParseError(Code.BAD_CLASS, f"Classes are those of the program; {class_name[:50]!r} cannot come or go.")


def importable() -> dict[str, Any]:
    """Return the schema in the form that hosted Parse backends import: every class after those that it points at.

    A column of theirs points at one class: relatedTo of Activity at deals.
    """
    classes = [each for each in CLASSES.values() if each.name != "_Role"]
    return {"classes": [{"className": each.name, "fields": fields_of(each)} for each in classes]}


def fields_of(parse_class: ParseClass) -> dict[str, dict[str, Any]]:
    """Return type, targetClass and required of each field: the objectId, those of the class, stamps and ACL."""
    known = {field.name: _field(field) for field in parse_class.fields.values() if field.name != "more"}
    first = {name: known[name] for name in known if name not in _LAST}
    last = {name: known.get(name, {"type": "ACL"}) for name in _LAST}
    return {**first, **_UNSTORED.get(parse_class.name, {}), **last}


def _field(field: Field) -> dict[str, Any]:
    shown: dict[str, Any] = {"type": field.kind.wire_type}
    if field.kind in (Kind.POINTER, Kind.RELATION):
        shown["targetClass"] = list(field.targets)[-1]
    if field.is_required:
        shown["required"] = True
    return shown


def _shown(parse_class: ParseClass) -> dict[str, Any]:
    return {
        "className": parse_class.name,
        "fields": fields_of(parse_class),
        "classLevelPermissions": class_permissions.shown(parse_class),
        "indexes": {"_id_": {"_id": 1}},
    }


def _named(class_name: str) -> ParseClass:
    if class_name not in ALL:
        raise ParseError(Code.BAD_CLASS, f"Class {class_name[:50]!r} does not exist.")
    return ALL[class_name]
