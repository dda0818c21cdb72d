"""The messages of LiveQuery: what apps say, read and checked, and what they are told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeAlias

from parse_api import json_text
from parse_api.errors import ParseError
from parse_api.protocol import Credentials

_KEYS = {"restAPIKey": "PARSE_REST_API_KEY", "javascriptKey": "PARSE_JAVASCRIPT_KEY", "clientKey": "PARSE_CLIENT_KEY"}
_OF_QUERY = {"className", "where", "keys", "fields", "watch"}
_LARGEST_ID = 2**53
_LONGEST_TEXT = 255


class Problem(IntEnum):
    """The codes of errors that LiveQuery has beside those of REST."""

    BAD_MESSAGE = 1
    NOT_CONNECTED = 2
    WRONG_KEY = 4


class LiveQueryError(Exception):
    """A message that is answered with an error; `reconnect` tells the app to connect again."""

    def __init__(self, code: int, message: str, *, reconnect: bool = False, request_id: int | None = None) -> None:
        super().__init__(message)
        self.code = int(code)
        self.message = message
        self.reconnect = reconnect
        self.request_id = request_id

    def text(self) -> str:
        """Return what the app gets."""
        return dump(
            {
                "op": "error",
                "error": self.message,
                "code": self.code,
                "reconnect": self.reconnect,
                "requestId": self.request_id,
            }
        )


@dataclass(frozen=True)
class Connect:
    """The first message: which application, by which key, and for whom unless a subscription says otherwise."""

    credentials: Credentials
    installation_id: str | None


@dataclass(frozen=True)
class Subscribe:
    """A query to follow, or with `is_update` another one in place of it; "" is the connection's own session."""

    request_id: int
    class_name: str
    where: Mapping[str, Any]
    keys: tuple[str, ...] | None
    watch: tuple[str, ...] | None
    session_token: str
    is_update: bool = False


@dataclass(frozen=True)
class Unsubscribe:
    """The end of a subscription."""

    request_id: int


Message: TypeAlias = Connect | Subscribe | Unsubscribe


def dump(value: Any) -> str:
    """Write JSON as short as it can be."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def read(text: str) -> Message | None:
    """Read what an app says, None for what is no JSON; raises LiveQueryError for what is no message of the protocol."""
    try:
        value = json_text.parse(text)
    except ParseError as problem:
        if not json_text.is_json(text):
            return None
        raise _bad(problem.message) from problem
    if not isinstance(value, dict):
        raise _bad("A message is an object.")
    operation = value.get("op")
    if operation == "connect":
        return _connect(value)
    if operation in ("subscribe", "update"):
        return _subscribe(value, is_update=operation == "update")
    if operation == "unsubscribe":
        return Unsubscribe(_request_id(value))
    raise _bad("There is no such op.")


def _bad(message: str, request_id: int | None = None) -> LiveQueryError:
    return LiveQueryError(Problem.BAD_MESSAGE, message, reconnect=True, request_id=request_id)


def _connect(value: Mapping[str, Any]) -> Connect:
    texts = {
        name: _text(value, name) for name in ("applicationId", "masterKey", "sessionToken", "installationId", *_KEYS)
    }
    if len(texts["installationId"]) > _LONGEST_TEXT:
        raise _bad("The installationId is too long.")
    credentials = Credentials(
        application_id=texts["applicationId"],
        client_keys={setting: texts[name] for name, setting in _KEYS.items()},
        master_key=texts["masterKey"],
        session_token=texts["sessionToken"],
        installation_id=texts["installationId"],
    )
    return Connect(credentials, texts["installationId"] if value.get("installationId") is not None else None)


def _subscribe(value: Mapping[str, Any], *, is_update: bool) -> Subscribe:
    request_id = _request_id(value)
    try:
        query = value.get("query")
        if not isinstance(query, dict) or set(query) - _OF_QUERY:
            raise _bad(f"A query is an object of {', '.join(sorted(_OF_QUERY))}.")
        if not isinstance(query.get("className"), str) or not isinstance(query.get("where", {}), dict):
            raise _bad("A query needs a className and an object as its where.")
        return Subscribe(
            request_id=request_id,
            class_name=query["className"],
            where=query.get("where", {}),
            keys=_names(query, "keys") or _names(query, "fields"),
            watch=_names(query, "watch"),
            session_token=_text(value, "sessionToken"),
            is_update=is_update,
        )
    except LiveQueryError as problem:
        problem.request_id = request_id
        raise


def _request_id(value: Mapping[str, Any]) -> int:
    found = value.get("requestId")
    if not isinstance(found, int) or isinstance(found, bool) or abs(found) > _LARGEST_ID:
        raise _bad("The requestId is a whole number.")
    return found


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise _bad(f"{name} is a text.")
    return found


def _names(query: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    """Return a list of names of fields, None where there is none: an empty list asks for everything, too."""
    found = query.get(name)
    if not found and found in (None, []):
        return None
    if not isinstance(found, list) or not all(isinstance(each, str) and len(each) <= _LONGEST_TEXT for each in found):
        raise _bad(f"{name} is a list of names of fields.")
    return tuple(dict.fromkeys(found))
