"""Examples in Swift, for the package Parse-Swift, in which each class is a struct with the fields that the app uses."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from parse_api.classes import FIXED, Field, Kind, ParseClass
from parse_api.service.schema import fields_of

_TYPES = {Kind.STRING: "String", Kind.NUMBER: "Double", Kind.DATE: "Date", Kind.OBJECT: "[String: String]"}
_OF_PROTOCOLS = {"String": "String", "Boolean": "Bool", "Object": "[String: [String: String]?]", "Array": "[String]"}
_OF_OBJECTS = ("objectId: String?", "createdAt: Date?", "updatedAt: Date?", "ACL: ParseACL?", "originalData: Data?")
"""What the package asks of every struct."""
_HEADS = {
    "_User": "struct User: ParseUser {",
    "_Role": "struct Role<RoleUser: ParseUser>: ParseRole {",
    "_Session": 'struct Session: ParseObject {\n    static var className: String { "_Session" }',
    "_Installation": "struct Installation: ParseInstallation {",
}
LOG_IN = '_ = try await User.login(username: "NAME", password: "PASSWORD")'
_WHOLE_PROTOCOLS = ("_User", "_Installation")
"""Classes whose protocol in the package asks for all fields that the class has on the wire."""


def initialised(application_id: str, client_key: str, url: str) -> str:
    """Return how an app begins."""
    return (
        "import ParseSwift\n\ntry await ParseSwift.initialize(\n"
        f"    applicationId: {json.dumps(application_id)},\n"
        f"    clientKey: {json.dumps(client_key)},\n"
        f"    serverURL: URL(string: {json.dumps(url)})!\n)"
    )


def declared(parse_class: ParseClass) -> str:
    """Return the struct of a class."""
    head = _HEADS.get(parse_class.name, f"struct {parse_class.name}: ParseObject {{")
    return "\n".join([head, *(f"    var {each}" for each in (*_OF_OBJECTS, *_properties(parse_class))), "}"])


def created(parse_class: ParseClass, values: Mapping[str, Any]) -> str:
    """Return how one is made with these values, given as JSON."""
    lines = (f"made.{name} = {literal(value)}" for name, value in values.items())
    return "\n".join([f"var made = {parse_class.name}()", *lines, "made = try await made.save()"])


def listed(parse_class: ParseClass) -> str:
    """Return how some are listed."""
    return f'let found = try await {named(parse_class)}.query().order([.descending("updatedAt")]).limit(10).find()'


def named(parse_class: ParseClass) -> str:
    """Return the type of a class."""
    return "Role<User>" if parse_class.name == "_Role" else parse_class.name.removeprefix("_")


def _properties(parse_class: ParseClass) -> Iterator[str]:
    for field in parse_class.fields.values():
        if field.name not in FIXED and field.kind is not Kind.RELATION and field.name != "more":
            yield _property(field)
    if parse_class.name in _WHOLE_PROTOCOLS:
        for name, wire in fields_of(parse_class).items():
            if name not in parse_class.fields and name not in FIXED:
                yield f"{name}: {'Int' if name == 'badge' else _OF_PROTOCOLS[wire['type']]}?"


def _property(field: Field) -> str:
    """Return a property; a pointer to several classes has the first as its type: one of Swift's holds no more."""
    if not field.targets:
        return f"{field.name}: {_TYPES[field.kind]}?"
    target = next(iter(field.targets)).removeprefix("_")
    return f"{field.name}: Pointer<{target}>? // {target} is a struct like this one"


def literal(value: Any) -> str:
    """Return a value that was given as JSON."""
    if isinstance(value, dict):
        day = value["iso"].replace(".000", "")
        return f"ISO8601DateFormatter().date(from: {json.dumps(day)})"
    return json.dumps(value, ensure_ascii=False)
