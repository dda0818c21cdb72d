"""Requests of REST in each of their forms: keys, verbs, addresses, and bodies that say everything or nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.bench.parse.agree.asking import NOBODY
from tests.bench.parse.agree.rest.asking import MASTER, Rest, each
from tests.bench.parse.agree.rest.people import sign_up

_LOST = "Abcdef1234"
_NONE: dict[str, str | None] = {"X-Parse-Application-Id": None, "X-Parse-REST-API-Key": None}
_TEXT = {**_NONE, "Content-Type": "text/plain"}
_HEADERS: tuple[Mapping[str, str | None], ...] = (
    *({"X-Parse-Application-Id": value} for value in (None, "other", "")),
    *({"X-Parse-REST-API-Key": value} for value in (None, "wrong", "")),
    {"X-Parse-REST-API-Key": "wrong", "X-Parse-Javascript-Key": "js"},
    {"X-Parse-REST-API-Key": None, "X-Parse-Client-Key": "client"},
    {"X-Parse-REST-API-Key": None, "X-Parse-Master-Key": "wrong"},
    {"X-Parse-REST-API-Key": None, "X-Parse-Master-Key": "master"},
    {"X-Parse-Master-Key": "wrong"},
    *({"X-Parse-Session-Token": value} for value in ("r:" + "0" * 32, "x")),
    *({"X-Parse-Cloud-Context": value} for value in ("{}", "x", "[]", "5")),
    {"X-Parse-Client-Version": "i1.2.3"},
    {"X-Parse-Revocable-Session": "0"},
    *({**_NONE, "Authorization": value} for value in ("Basic Y3JtOmphdmFzY3JpcHQta2V5PWpz", "Basic x", "Bearer x")),
    {"X-HTTP-Method-Override": "DELETE"},
)
_PATHS = (
    *("/", "/nothing", "/classes", "/classes/", "/classes/Nothing/", f"/classes/Deal/{_LOST}/", "/users/me/"),
    *(f"/classes/Deal/{_LOST}/x", "/health/", "/login/", "/logout", "/schemas", "/schemas/Deal"),
    *("/hooks/functions", "/hooks/triggers", "/functions/x", "/functions/", "/jobs/x", "/push", "/events/x"),
    *("/loginAs", "/sessions/me", f"/installations/{_LOST}", f"/roles/{_LOST}"),
    *(f"/sessions/{_LOST}", f"/users/{_LOST}", "/classes/Nothing"),
    *("/classes/_Idempotency", "/classes/_Hooks", "/classes/_JobStatus", "/classes/_Join:users:_Role"),
)
_NOT_BY_MASTER = ("/schemas", "/hooks", "/push", "/classes/_", "/classes/Nothing", "/jobs")
"""Where the master key may do there what it may not here, or the other way round."""
_BODIES: tuple[Any, ...] = (
    *("", "{", "}", "[]", "5", '"x"', "true", "{'a': 1}", '{"a": 1', '{"name": }', "name=x", '{"name": "x",}'),
    '\ufeff{"name": "begins with a mark"}',
)


def keys(rest: Rest) -> None:
    """Prove which app asks, and who, rightly and wrongly."""
    sign_up(rest, "kim")
    for headers in _HEADERS:
        for path in ("/users/me", "/health", "/nothing", "/sessions/me"):
            rest.ask("GET", path, who="kim", headers=headers)
        rest.ask("POST", "/functions/x", {}, who="kim", headers=headers)
        rest.ask("POST", "/classes/Company", {}, who=NOBODY, headers=headers)
        rest.ask("POST", "/login", {}, who=NOBODY, headers=headers)


def forms(rest: Rest) -> None:
    """Send everything in the body, as the JavaScript SDK does, with odd values of each key."""
    sign_up(rest, "lea")
    one = {"_ApplicationId": "crm", "_JavaScriptKey": "js", "_SessionToken": rest.talk.tokens["lea"]}
    made = {**one, "_ClientVersion": "js8.6.0", "_InstallationId": "device", "_method": "GET"}
    bodies: tuple[dict[str, Any], ...] = (
        *({**made, "_method": method} for method in ("GET", "get", "Get", "PATCH", "nothing", "DELETE")),
        *({**made, **odd} for odd in each("_ApplicationId", [None, "", 5, "other", [], {}])),
        *({**made, **odd} for odd in each("_JavaScriptKey", [None, "", 5, "other", [], {}])),
        *({**made, **odd} for odd in each("_SessionToken", [None, "", 5, "other", [], {}, True])),
        *({**made, **odd} for odd in each("_MasterKey", [None, "", 5, "other", [], {}])),
        *({**made, **odd} for odd in each("_InstallationId", [None, "", 5, "x", [], {}])),
        *({**made, "_ContentType": "text/plain"}, {**made, "_noBody": True}, {**made, "_RevocableSession": "1"}),
    )
    for body in bodies:
        rest.ask("POST", "/users/me", body, who=NOBODY, headers=_TEXT)
        rest.ask("POST", "/users/me", body, who="lea")
    for context in (5, "x", "{}", {}, {"a": 1}):
        rest.ask("POST", "/users/me", {**made, "_context": context}, who=NOBODY, headers=_TEXT)
    mine = rest.make("/classes/Company", {**one, "name": "of the SDK"}, who=NOBODY, headers=_TEXT)
    for more in ({}, {"limit": "1"}, {"limit": 1, "count": 1}, {"where": json.dumps({"objectId": mine})}, {"x": 1}):
        sent = {**made, "where": {"objectId": mine}, **more}
        rest.ask("POST", "/classes/Company", sent, who=NOBODY, headers=_TEXT)
    for method in ("PUT", "GET", "DELETE", "GET"):
        sent = {**one, "_method": method, **({"notes": "x"} if method == "PUT" else {})}
        rest.ask("POST", f"/classes/Company/{mine}", sent, who=NOBODY, headers=_TEXT)


def bodies_of_text(rest: Rest) -> None:
    """Send what is no JSON, or no object, as each type of content."""
    sign_up(rest, "max")
    for body in _BODIES:
        for content_type in ("application/json", "text/plain", "application/octet-stream"):
            known = "" if not body or body.startswith("\ufeff") else "malformed"
            rest.ask("POST", "/classes/Company", body, who="max", headers={"Content-Type": content_type}, known=known)


def verbs(rest: Rest) -> None:
    """Ask every address with every verb, with a session, without one and with the master key."""
    sign_up(rest, "nat")
    for path in _PATHS:
        for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
            rest.ask(method, path, None if method == "GET" else {}, who=NOBODY)
            if not path.startswith(_NOT_BY_MASTER):
                rest.ask(method, path, None if method == "GET" else {}, who=MASTER)
    for path in ("/classes/Nothing", f"/classes/Nothing/{_LOST}", "/users/me", "/nothing", "/classes/Deal/x"):
        for method in ("GET", "POST", "PUT"):
            rest.ask(method, path, None if method == "GET" else {}, who="nat")
    rest.ask("DELETE", f"/classes/Nothing/{_LOST}", who="nat", known="nothing deleted")


def repeated(rest: Rest) -> None:
    """Send writes and reads with request ids, once and again."""
    sign_up(rest, "ola")
    pk = rest.make("/classes/Company", {"name": "repeated"}, who="ola", headers={"X-Parse-Request-Id": "first"})
    this = f"/classes/Company/{pk}"
    asked: tuple[tuple[str, str, Any], ...] = (
        *(("POST", "/classes/Company", {"name": "x"}), ("PUT", this, {"notes": "x"}), ("GET", this, None)),
        *(
            ("POST", "/classes/Company", {}),
            ("POST", "/users", {}),
            ("PUT", this, {"zip": 1}),
        ),
        *(("POST", "/classes/Deal", {"_method": "GET", "limit": 1}), ("DELETE", f"/classes/Company/{_LOST}", None)),
        *(
            ("POST", "/installations", {}),
            ("PUT", f"/users/{_LOST}", {}),
            ("POST", "/login", {}),
            ("POST", "/sessions", {}),
        ),
    )
    for number, (method, path, body) in enumerate(asked):
        for request_id in ("first", f"own {number}", f"own {number}"):
            for who in ("ola", NOBODY) if request_id == "first" else ("ola",):
                rest.ask(method, path, body, who=who, headers={"X-Parse-Request-Id": request_id})
    rest.ask("GET", "/classes/Company", who="ola", count=1, limit=0)


ASKED = (keys, forms, bodies_of_text, verbs, repeated)
