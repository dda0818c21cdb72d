"""One request, in whichever of the three forms it came (CONTRACT.md, section 3), as one `Call`."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from parse_api import json_text
from parse_api.errors import unauthorized

MOUNT = "/parse"
GRAPHQL = "/graphql"
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
_ONE_ID_PER_LAUNCH = re.compile(r"(i|osx|apple-tv|apple-watch)\d")
"""Versions of the Objective-C SDK, which sends one request id with everything: it marks no repetition."""
_ALIASES = {
    "/classes/_User": "/users",
    "/classes/_Session": "/sessions",
    "/classes/_Installation": "/installations",
    "/roles": "/classes/_Role",
}


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
    """What is asked: `path` below the mount without a trailing slash; `params` of the body, for GET the query's too.

    `request_id` is the same when a request is repeated, "" when there is nothing to tell it by.
    """

    request: HttpRequest
    method: str
    path: str
    params: dict[str, Any]
    credentials: Credentials
    request_id: str = ""


def is_ours(request: HttpRequest) -> bool:
    """Tell whether the request is one for the API: below the mount or for GraphQL."""
    return is_mounted(request.path_info) or is_graphql(request)


def is_graphql(request: HttpRequest) -> bool:
    """Tell whether the request is one for GraphQL, or below it."""
    return request.path_info == GRAPHQL or request.path_info.startswith(f"{GRAPHQL}/")


def is_mounted(path: str) -> bool:
    """Tell whether a path is below the mount."""
    return path == MOUNT or path.startswith(f"{MOUNT}/")


def read(request: HttpRequest) -> Call:
    """Read a request; raises ParseError for what cannot be read."""
    body = _body(request)
    special = {key: body.pop(key) for key in _BODY_KEYS if key in body}
    method = _method(request, special)
    query = {} if method != "GET" else request.GET.dict()
    _check_context(request, special)
    credentials = _credentials(request, special)
    return Call(request, method, route_path(request.path_info), {**body, **query}, credentials, _request_id(request))


def inner(call: Call, method: str, path: str, body: Mapping[str, Any]) -> Call:
    """Return one request of a batch, which has its keys and session from the batch; `path` begins with the mount."""
    params = {key: value for key, value in body.items() if key not in _BODY_KEYS}
    return Call(call.request, method, route_path(path), params, call.credentials)


def route_path(full_path: str) -> str:
    """Return the path below the mount as the map of the API has it."""
    path = full_path.removeprefix(MOUNT).rstrip("/")
    for alias, name in _ALIASES.items():
        if path == alias or path.startswith(f"{alias}/"):
            return name + path.removeprefix(alias)
    return path


def _request_id(request: HttpRequest) -> str:
    if _ONE_ID_PER_LAUNCH.match(request.headers.get("X-Parse-Client-Version", "")):
        return ""
    return request.headers.get("X-Parse-Request-Id", "")


def _body(request: HttpRequest) -> dict[str, Any]:
    if request.content_type in _FORM_TYPES or _is_file(request):
        return {}
    try:
        text = request.body.decode("utf-8-sig")  # some editors and runtimes begin with a byte order mark
    except UnicodeDecodeError as error:
        raise json_text.bad_json("The body is not in UTF-8.") from error
    return json_text.parse_object(text)


def _is_file(request: HttpRequest) -> bool:
    """Tell whether the body is a file as it is, which some SDKs send; others put it into JSON."""
    return request.path_info.startswith(f"{MOUNT}/files/") and not request.body.lstrip().startswith(b"{")


def _method(request: HttpRequest, special: dict[str, Any]) -> str:
    if request.method == "POST" and "_method" in special:
        return str(special["_method"]).upper()
    return "GET" if request.method == "HEAD" else request.method or ""


def _check_context(request: HttpRequest, special: dict[str, Any]) -> None:
    context = request.headers.get("X-Parse-Cloud-Context") or special.get("_context")
    if isinstance(context, str):
        context = json_text.parse(context)
    if not isinstance(context, dict | None):
        raise json_text.bad_json("The context is no object.")


def _credentials(request: HttpRequest, special: dict[str, Any]) -> Credentials:
    """Take them from the headers; when these do not name the application, those that the body has go first."""
    sent = request.headers
    application_id, javascript_key, master_key = _basic(sent.get("Authorization", ""))
    application_id = sent.get("X-Parse-Application-Id", application_id)
    javascript_key = sent.get("X-Parse-Javascript-Key", javascript_key)
    master_key = sent.get("X-Parse-Master-Key", master_key)
    session_token = sent.get("X-Parse-Session-Token", "")
    installation_id = sent.get("X-Parse-Installation-Id", "")
    if not application_id:
        application_id = _text(special, "_ApplicationId")
        javascript_key = _text(special, "_JavaScriptKey") or javascript_key
        master_key = _text(special, "_MasterKey") or master_key
        session_token = _text(special, "_SessionToken") or session_token
        installation_id = _text(special, "_InstallationId") or installation_id
    client_keys = {
        "PARSE_REST_API_KEY": sent.get("X-Parse-REST-API-Key", ""),
        "PARSE_JAVASCRIPT_KEY": javascript_key,
        "PARSE_CLIENT_KEY": sent.get("X-Parse-Client-Key", ""),
    }
    device = checked_installation_id(installation_id)
    return Credentials(application_id, client_keys, master_key, session_token, device)


def checked_installation_id(sent: str) -> str:
    """Return an installation id that can be kept; raises ParseError 107 for a longer one."""
    if len(sent) > _LONGEST_ID:
        raise json_text.bad_json("The installation id is too long.")
    return sent


def _text(special: dict[str, Any], key: str) -> str:
    value = special.get(key)
    if value is None:
        return ""
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
