"""What each route takes and answers, beside what the map of the API says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from developers.openapi import values
from developers.openapi.parameters import OF_AGGREGATE, OF_CHANGES, OF_LOG_IN, OF_QUERIES, Table, required
from developers.openapi.values import Schema, created, listed, new, record, ref, updated, whole
from parse_api.classes import ALL, CLASSES
from parse_api.errors import Code
from parse_api.queries.options import OF_FIND, OF_GET
from parse_api.sync.changes import SYNCED

_CLIENT_KEYS = ("restKey", "javascriptKey", "clientKey")


class Who(Enum):
    """Who may ask, as the keys of one way to be let in, of which any does."""

    NO_KEYS = ()
    EVERYBODY = (*((key,) for key in _CLIENT_KEYS), ("masterKey",))
    SIGNED_IN = (*((key, "sessionToken") for key in _CLIENT_KEYS), ("masterKey",))
    EITHER = (*((key,) for key in _CLIENT_KEYS), *((key, "sessionToken") for key in _CLIENT_KEYS), ("masterKey",))
    """A session token is looked at where there is one."""
    MASTER = (("masterKey",),)

    @property
    def security(self) -> list[dict[str, list[str]]]:
        """The requirement as OpenAPI writes it."""
        return [required(keys) for keys in self.value]


@dataclass(frozen=True)
class Details:
    """`answers`: the schema of each success by its status; none where every request is refused with `refusal`.

    `query` maps parameters to schema and text; `body` is the schema of a body, required where there is one.
    """

    who: Who
    answers: Mapping[int, Schema] = field(default_factory=dict)
    body: Schema | None = None
    query: Table = field(default_factory=dict)
    is_throttled: bool = False
    is_of_device: bool = False
    refusal: Code | None = None


_EMPTY: Schema = {"type": "object", "maxProperties": 0}
_ANYTHING: Schema = {"type": "object"}
_FIND = {name: value for name, value in OF_QUERIES.items() if name in OF_FIND}
_GET = {name: value for name, value in OF_QUERIES.items() if name in OF_GET}
_TEXT: Schema = {"type": "string"}
_LOG_IN: Schema = {"type": "object", "properties": dict.fromkeys(OF_LOG_IN, _TEXT), "required": ["password"]}
_SESSION = created("_Session") | {"required": ["objectId", "user", "createdWith", "expiresAt", "sessionToken"]}
_DEVICE: Schema = {"type": "object", "properties": {"installationId": _TEXT}, "additionalProperties": False}
_SCHEMA = record(className={"enum": [*ALL]}, fields=_ANYTHING, classLevelPermissions=_ANYTHING, indexes=_ANYTHING)
_OBJECTS: Schema = {name: {"type": "array", "items": whole(name)} for name in SYNCED}
_IDS: Schema = {name: {"type": "array", "items": {"type": "string", "pattern": values.OBJECT_ID}} for name in SYNCED}
_CHANGES = record(
    results={"type": "object", "properties": _OBJECTS, "additionalProperties": False},
    gone={"type": "object", "properties": _IDS, "additionalProperties": False},
    cursor=_TEXT,
    more={"type": "boolean", "description": "Ask again at once."},
)
_CONFIG: Schema = {
    "type": "object",
    "properties": {"params": _ANYTHING, "masterKeyOnly": {"type": "object"}},
    "required": ["params"],
}


def _refused(who: Who, code: Code) -> Details:
    return Details(who, refusal=code, body=None)


def _crud(class_name: str, path: str, readers: Who, writers: Who) -> dict[tuple[str, str], Details]:
    return {
        ("POST", path): Details(writers, {201: created(class_name)}, new(class_name)),
        ("GET", path): Details(readers, {200: listed(whole(class_name))}, query=_FIND),
        ("GET", f"{path}/{{id}}"): Details(readers, {200: whole(class_name)}, query=_GET),
        ("PUT", f"{path}/{{id}}"): Details(writers, {200: updated(class_name)}, ref(f"{class_name}Body")),
        ("DELETE", f"{path}/{{id}}"): Details(writers, {200: _EMPTY}),
    }


def _log_in(answer: Schema) -> tuple[Details, Details]:
    """Return the details of POST and of GET."""
    common: dict[str, Any] = {"is_throttled": True, "is_of_device": True}
    return (
        Details(Who.EVERYBODY, {200: answer}, _LOG_IN, **common),
        Details(Who.EVERYBODY, {200: answer}, query=OF_LOG_IN, **common),
    )


_POST_LOG_IN, _GET_LOG_IN = _log_in(whole("_User"))
_SIGN_UP = Details(Who.EVERYBODY, {201: created("_User")}, new("_User"), is_throttled=True, is_of_device=True)
"""With the master key the answer has no sessionToken."""
_REGISTER = Details(
    Who.EVERYBODY,
    {201: created("_Installation"), 200: updated("_Installation")},
    new("_Installation"),
    is_of_device=True,
)
_HOOKS = Details(Who.MASTER, {200: {"type": "array", "maxItems": 0}})
OPERATIONS: Mapping[tuple[str, str], Details] = {
    **_crud("_User", "/users", Who.EITHER, Who.SIGNED_IN),
    ("POST", "/users"): _SIGN_UP,
    ("GET", "/users/me"): Details(Who.SIGNED_IN, {200: whole("_User")}),
    ("POST", "/login"): _POST_LOG_IN,
    ("GET", "/login"): _GET_LOG_IN,
    ("POST", "/logout"): Details(Who.EITHER, {200: _EMPTY}),
    ("POST", "/verifyPassword"): _POST_LOG_IN,
    ("GET", "/verifyPassword"): _GET_LOG_IN,
    ("POST", "/loginAs"): Details(Who.MASTER, {200: whole("_User")}, record(userId=_TEXT), is_of_device=True),
    ("POST", "/requestPasswordReset"): Details(Who.EVERYBODY, {200: _EMPTY}, record(email=_TEXT), is_throttled=True),
    **_crud("_Session", "/sessions", Who.SIGNED_IN, Who.SIGNED_IN),
    ("POST", "/sessions"): Details(Who.SIGNED_IN, {201: _SESSION}, _DEVICE),
    ("PUT", "/sessions/{id}"): Details(Who.SIGNED_IN, {200: updated("_Session")}, _EMPTY),
    ("GET", "/sessions/me"): Details(Who.SIGNED_IN, {200: whole("_Session")}),
    **_crud("_Role", "/classes/_Role", Who.EITHER, Who.SIGNED_IN),
    ("POST", "/classes/_Role"): Details(
        Who.MASTER, {201: created("_Role")}, new("_Role") | {"required": ["name", "ACL"]}
    ),
    **_crud("_Installation", "/installations", Who.EVERYBODY, Who.EVERYBODY),
    ("POST", "/installations"): _REGISTER,
    ("GET", "/installations"): Details(Who.MASTER, {200: listed(whole("_Installation"))}, query=_FIND),
    ("DELETE", "/installations/{id}"): Details(Who.MASTER, {200: _EMPTY}),
    **{
        key: details
        for name in CLASSES
        if not name.startswith("_")
        for key, details in _crud(name, f"/classes/{name}", Who.SIGNED_IN, Who.SIGNED_IN).items()
    },
    ("POST", "/batch"): Details(Who.EITHER, {200: ref("BatchAnswer")}, ref("Batch"), is_throttled=True),
    ("GET", "/changes"): Details(Who.SIGNED_IN, {200: _CHANGES}, query=OF_CHANGES),
    ("GET", "/config"): Details(Who.EVERYBODY, {200: _CONFIG}),
    ("PUT", "/config"): Details(Who.MASTER, {200: record(result={"const": True})}, _CONFIG),
    ("GET", "/serverInfo"): Details(Who.MASTER, {200: record(features=_ANYTHING, parseServerVersion=_TEXT)}),
    ("GET", "/aggregate/{class}"): Details(Who.MASTER, {200: listed({})}, query=OF_AGGREGATE),
    ("GET", "/schemas"): Details(Who.MASTER, {200: listed(_SCHEMA)}),
    ("POST", "/schemas"): _refused(Who.MASTER, Code.BAD_CLASS),
    ("GET", "/schemas/{class}"): Details(Who.MASTER, {200: _SCHEMA}),
    ("POST", "/schemas/{class}"): _refused(Who.MASTER, Code.BAD_CLASS),
    ("PUT", "/schemas/{class}"): Details(
        Who.MASTER, {200: _SCHEMA}, {"type": "object", "properties": {"classLevelPermissions": _ANYTHING}}
    ),
    ("DELETE", "/schemas/{class}"): _refused(Who.MASTER, Code.BAD_CLASS),
    ("POST", "/events/{name}"): Details(Who.EVERYBODY, {200: _EMPTY}, _ANYTHING),
    ("POST", "/functions/{name}"): _refused(Who.EVERYBODY, Code.FUNCTION_FAILED),
    ("GET", "/jobs"): _refused(Who.MASTER, Code.FUNCTION_FAILED),
    ("POST", "/jobs"): _refused(Who.MASTER, Code.FUNCTION_FAILED),
    ("POST", "/jobs/{name}"): _refused(Who.MASTER, Code.FUNCTION_FAILED),
    ("POST", "/push"): _refused(Who.MASTER, Code.PUSH_UNAVAILABLE),
    ("GET", "/hooks/{kind}"): _HOOKS,
    ("GET", "/hooks/{kind}/{name}"): _HOOKS,
    ("GET", "/hooks/{kind}/{class}/{name}"): _HOOKS,
    ("POST", "/hooks/{kind}"): _refused(Who.MASTER, Code.NO_HOOKS),
    ("PUT", "/hooks/{kind}/{name}"): _refused(Who.MASTER, Code.NO_HOOKS),
    ("PUT", "/hooks/{kind}/{class}/{name}"): _refused(Who.MASTER, Code.NO_HOOKS),
    ("POST", "/files"): _refused(Who.EVERYBODY, Code.NO_FILES),
    ("POST", "/files/{name}"): _refused(Who.EVERYBODY, Code.NO_FILES),
    ("DELETE", "/files/{name}"): _refused(Who.MASTER, Code.NO_FILES),
    ("GET", "/health"): Details(Who.NO_KEYS, {200: record(status={"const": "ok"})}),
}
"""Every operation by verb and path, those of `/classes/{class}` for each class."""
