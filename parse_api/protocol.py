"""One request, in whichever of the three forms it came (CONTRACT.md, section 3), as one `Call`."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from parse_api import json_text
from parse_api.errors import unauthorized

MOUNT = "/parse"
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
_LONGEST_ID = 255
_BODY_KEYS = (
    "_ApplicationId",
    "_JavaScriptKey",
    "_MasterKey",
    "_SessionToken",
    "_InstallationId",
    "_ClientVersion",
    "_RevocableSession",
    "_ContentType",
    "_context",
    "_method",
    "_noBody",
)
_ALIASES = {"/classes/_User": "/users", "/classes/_Session": "/sessions", "/roles": "/classes/_Role"}


@dataclass(frozen=True)
class Credentials:
    """What was sent to prove who asks; "" where nothing was."""

    application_id: str
    client_keys: Mapping[str, str]
    master_key: str
    session_token: str
    installation_id: str


@dataclass(frozen=True)
class Call:
    """What is asked: `path` below the mount without a trailing slash; `params` of the body, for GET the query's too."""

    request: HttpRequest
    method: str
    path: str
    params: dict[str, Any]
    credentials: Credentials


def is_ours(request: HttpRequest) -> bool:
    """Tell whether the request is below the mount."""
    return request.path_info == MOUNT or request.path_info.startswith(f"{MOUNT}/")


def read(request: HttpRequest) -> Call:
    """Read a request; raises ParseError for what cannot be read."""
    body = _body(request)
    special = {key: body.pop(key) for key in _BODY_KEYS if key in body}
    method = _method(request, special)
    query = {} if method != "GET" else request.GET.dict()
    _check_context(request, special)
    return Call(request, method, _path(request), {**body, **query}, _credentials(request, special))


def _path(request: HttpRequest) -> str:
    path = request.path_info.removeprefix(MOUNT).rstrip("/")
    for alias, name in _ALIASES.items():
        if path == alias or path.startswith(f"{alias}/"):
            return name + path.removeprefix(alias)
    return path


def _body(request: HttpRequest) -> dict[str, Any]:
    if request.content_type in _FORM_TYPES:
        return {}
    try:
        text = request.body.decode()
    except UnicodeDecodeError as error:
        raise json_text.bad_json("The body is not in UTF-8.") from error
    return json_text.parse_object(text)


def _method(request: HttpRequest, special: dict[str, Any]) -> str:
    if request.method == "POST" and "_method" in special:
        return str(special["_method"]).upper()
    return "GET" if request.method == "HEAD" else request.method or ""


def _check_context(request: HttpRequest, special: dict[str, Any]) -> None:
    header = request.headers.get("X-Parse-Cloud-Context", "")
    context = json_text.parse(header) if header else special.get("_context", {})
    if not isinstance(context, dict):
        raise json_text.bad_json("The context is no object.")


def _credentials(request: HttpRequest, special: dict[str, Any]) -> Credentials:
    """Take them from the headers; from the body only when these do not name the application."""
    sent = request.headers
    application_id, javascript_key, master_key = _basic(sent.get("Authorization", ""))
    application_id = sent.get("X-Parse-Application-Id", application_id)
    javascript_key = sent.get("X-Parse-Javascript-Key", javascript_key)
    master_key = sent.get("X-Parse-Master-Key", master_key)
    session_token = sent.get("X-Parse-Session-Token", "")
    installation_id = sent.get("X-Parse-Installation-Id", "")
    texts = {key: _text(special, key) for key in ("_MasterKey", "_SessionToken", "_InstallationId")}
    if not application_id:
        application_id, javascript_key = _text(special, "_ApplicationId"), _text(special, "_JavaScriptKey")
        master_key, session_token = texts["_MasterKey"], texts["_SessionToken"]
        installation_id = texts["_InstallationId"]
    if len(installation_id) > _LONGEST_ID:
        raise json_text.bad_json("The installation id is too long.")
    client_keys = {
        "PARSE_REST_API_KEY": sent.get("X-Parse-REST-API-Key", ""),
        "PARSE_JAVASCRIPT_KEY": javascript_key,
        "PARSE_CLIENT_KEY": sent.get("X-Parse-Client-Key", ""),
    }
    return Credentials(application_id, client_keys, master_key, session_token, installation_id)


def _text(special: dict[str, Any], key: str) -> str:
    value = special.get(key, "")
    if not isinstance(value, str):
        raise unauthorized()
    return value


def _basic(header: str) -> tuple[str, str, str]:
    """Return application id, JavaScript key and master key of base64(id:javascript-key=KEY) or base64(id:MASTER)."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", "", ""
    try:
        application_id, _, key = b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", "", ""
    if key.startswith("javascript-key="):
        return application_id, key.removeprefix("javascript-key="), ""
    return application_id, "", key
