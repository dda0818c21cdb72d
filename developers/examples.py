"""Ready examples for each class, generated from the class table, with the keys of this installation that apps have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from developers import curl, javascript, swift
from developers.dictionary import path_of
from developers.keys import App, app_at
from parse_api.classes import ALL, FIXED, Field, Kind, ParseClass
from parse_api.writes.ownership import OWNER_FIELDS

_SAMPLES = {
    "email": "ada@example.com",
    "phone": "+1 555 0100",
    "website": "https://example.com",
    "industry": "Retail",
    "stage": "lead",
    "type": "call",
    "subject": "Call back",
}
"""Texts for fields by name; others say of which class they are."""
_DEVICE = "_Installation"
_DAY = "2030-06-30T12:00:00.000Z"
_MOST = 4
"""Fields that an example writes."""


@dataclass(frozen=True)
class Example:
    """`code` does in one language what `about` says."""

    language: str
    about: str
    code: str


def examples(class_name: str, server_url: str) -> list[Example]:
    """Return how an app lists, and where it may creates, objects of a class; `server_url` is where the API is."""
    app = app_at(server_url)
    parse_class = ALL[class_name]
    about = "sign in, create one and list some" if class_name in OWNER_FIELDS else "sign in and list some"
    if class_name == _DEVICE:
        about = "tell of the device that the app runs on; nobody but the master key lists devices"
    return [
        Example("curl", about, "\n\n".join(_curl(parse_class, app))),
        Example("JavaScript", about, _javascript(parse_class, app, react_native=False)),
        Example("React Native", about, _javascript(parse_class, app, react_native=True)),
        Example("Swift", about, "\n\n".join(_swift(parse_class, app))),
    ]


def sample(parse_class: ParseClass) -> dict[str, Any]:
    """Return some fields with values of their kind, as JSON; all that are required are among them."""
    plain = [field for field in parse_class.fields.values() if field.kind in (Kind.STRING, Kind.NUMBER, Kind.DATE)]
    wanted = sorted((field for field in plain if field.name not in FIXED), key=lambda field: not field.is_required)
    return {field.name: _value(parse_class, field) for field in wanted[:_MOST]}


def _value(parse_class: ParseClass, field: Field) -> Any:
    if field.kind is Kind.NUMBER:
        return 1200
    if field.kind is Kind.DATE:
        return {"__type": "Date", "iso": _DAY}
    return _SAMPLES.get(field.name, f"{parse_class.name} from an app")


def pointers(parse_class: ParseClass) -> list[str]:
    """Return the fields that point at other objects."""
    return [field.name for field in parse_class.fields.values() if field.kind is Kind.POINTER]


def _curl(parse_class: ParseClass, app: App) -> Iterator[str]:
    path = path_of(parse_class.name)
    if parse_class.name == _DEVICE:
        body = {"installationId": "6ddfb5bd-7530-47d9-b2eb-2744cdd650b8", "deviceType": "ios"}
        yield curl.command(app, "POST", path, body=body, is_signed_in=False)
        return
    yield curl.log_in(app)
    if parse_class.name in OWNER_FIELDS:
        yield curl.command(app, "POST", path, body=sample(parse_class))
    query = {"order": "-updatedAt", "limit": "10"}
    names = pointers(parse_class)
    yield curl.command(app, "GET", path, query=query | ({"include": ",".join(names)} if names else {}))


def _javascript(parse_class: ParseClass, app: App, *, react_native: bool) -> str:
    parts = [javascript.initialised(app, react_native=react_native)]
    if parse_class.name == _DEVICE:
        lines = ["const device = await Parse.Installation.currentInstallation();"]
        lines += [f'device.set("deviceType", "{"ios" if react_native else "web"}");', "await device.save();"]
        return "\n\n".join([*parts, "\n".join(lines)])
    parts.append(javascript.LOG_IN)
    if parse_class.name in OWNER_FIELDS:
        parts.append(javascript.created(parse_class.name, sample(parse_class)))
    lines = [f'const query = new Parse.Query("{parse_class.name}");']
    names = pointers(parse_class)
    lines += [f"query.include({', '.join(json.dumps(name) for name in names)});"] if names else []
    lines += ['query.descending("updatedAt").limit(10);', "const found = await query.find();"]
    return "\n\n".join([*parts, "\n".join(lines)])


def _swift(parse_class: ParseClass, app: App) -> Iterator[str]:
    yield swift.initialised(app.application_id, app.client_key, app.url)
    if parse_class.name == _DEVICE:
        yield swift.declared(parse_class)
        yield "let device = try await Installation.current().save()"
        return
    yield swift.declared(ALL["_User"])
    if parse_class.name != "_User":
        yield swift.declared(parse_class)
    yield swift.LOG_IN
    if parse_class.name in OWNER_FIELDS:
        yield swift.created(parse_class, sample(parse_class))
    yield swift.listed(parse_class)
