"""Requests that are ready to be tried, for each class from the class table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from developers.dictionary import path_of
from developers.examples import pointers, sample
from developers.playground.trials import PLACEHOLDER, Trial
from parse_api.classes import ALL, FIXED, Kind, ParseClass
from parse_api.protocol import MOUNT
from parse_api.writes.ownership import OWNER_FIELDS

ANY_CLASS = ""
"""In place of a class: what is asked of the API as a whole."""
_NEWEST = {"order": "-updatedAt", "limit": "10"}


@dataclass(frozen=True)
class Ready:
    """One request; `key` names it among those of its class."""

    key: str
    title: str
    trial: Trial

    @property
    def label(self) -> str:
        """Say what kind it is."""
        return self.trial.method


def ready(class_name: str) -> list[Ready]:
    """Return the requests of a class, or those of none."""
    return list(_of_class(ALL[class_name]) if class_name else _of_none())


def _of_none() -> Iterator[Ready]:
    yield Ready("me", "Who am I", Trial("GET", "/users/me"))
    yield Ready("session", "This session", Trial("GET", "/sessions/me"))
    yield Ready("config", "Settings of apps", Trial("GET", "/config"))
    yield Ready("changes", "What changed since", Trial("GET", "/changes", {"limit": "10"}))
    yield Ready("health", "Is the server well", Trial("GET", "/health"))
    posts = [_post("Company"), _post("Contact")]
    yield Ready("batch", "Several at once", Trial("POST", "/batch", body={"requests": posts}))


def _of_class(parse_class: ParseClass) -> Iterator[Ready]:
    path, one = path_of(parse_class.name), f"{path_of(parse_class.name)}/{PLACEHOLDER}"
    if parse_class.name == "_Installation":
        body = {"installationId": "6ddfb5bd-7530-47d9-b2eb-2744cdd650b8", "deviceType": "web"}
        yield Ready("create", "Tell of a device", Trial("POST", path, body=body))
        yield Ready("get", "Get one", Trial("GET", one))
        return
    yield Ready("list", "List the newest", Trial("GET", path, _NEWEST))
    yield Ready("where", "List with a condition", Trial("GET", path, {"where": _where(parse_class), **_NEWEST}))
    if names := pointers(parse_class):
        included = {"include": ",".join(names), **_NEWEST}
        yield Ready("include", "List with what it points at", Trial("GET", path, included))
    yield Ready("count", "Count", Trial("GET", path, {"count": "1", "limit": "0"}))
    yield Ready("get", "Get one", Trial("GET", one))
    if parse_class.name in OWNER_FIELDS:
        first = dict(list(sample(parse_class).items())[:1])
        yield Ready("create", "Create one", Trial("POST", path, body=sample(parse_class)))
        yield Ready(
            "update", "Change one", Trial("PUT", one, body={name: f"{text}, changed" for name, text in first.items()})
        )
        yield Ready("delete", "Delete one", Trial("DELETE", one))
        posts = [_post(parse_class.name), _post(parse_class.name)]
        yield Ready("batch", "Create two at once", Trial("POST", "/batch", body={"requests": posts}))


def _post(class_name: str) -> dict[str, Any]:
    path = MOUNT + path_of(class_name)
    return {"method": "POST", "path": path, "body": sample(ALL[class_name])}


def _where(parse_class: ParseClass) -> str:
    """Return a condition that says something of the class: of a number, of a text that it must have, or of a day."""
    own = [field for field in parse_class.fields.values() if field.name not in FIXED and not field.is_protected]
    for field in own:
        if field.kind is Kind.NUMBER:
            return json.dumps({field.name: {"$gte": 1000}})
    for field in own:
        if field.kind is Kind.STRING and field.is_required:
            return json.dumps({field.name: {"$regex": "a", "$options": "i"}})
    day = {"__type": "Date", "iso": "2025-01-01T00:00:00.000Z"}
    return json.dumps({"createdAt": {"$gte": day}})
