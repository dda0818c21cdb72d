"""Devices, settings and schemas in REST: with the master key, and without."""

from __future__ import annotations

from typing import Any

from tests.bench.parse.agree.asking import NOBODY
from tests.bench.parse.agree.rest.asking import MASTER, Rest

_LOST = "Abcdef1234"
_DATE = {"__type": "Date", "iso": "2030-01-01T00:00:00.000Z"}
_PHONE = {"installationId": "phone", "deviceType": "ios"}
_DEVICES: tuple[dict[str, Any], ...] = (
    *(
        {},
        {"deviceType": "ios"},
        {"installationId": "a"},
        {"deviceToken": "t"},
        {**_PHONE, "installationId": ""},
        _PHONE,
    ),
    *(
        _PHONE,
        {**_PHONE, "installationId": "PHONE"},
        {**_PHONE, "deviceType": "android"},
        {**_PHONE, "channels": ["x"]},
    ),
    *({**_PHONE, "channels": "x"}, {**_PHONE, "badge": "x"}, {**_PHONE, "deviceType": 5}, {**_PHONE, "timeZone": 5}),
    *(
        {**_PHONE, "own": {"x": 1}, "list": [1], "when": _DATE},
        {"installationId": "b", "deviceType": "ios", "deviceToken": "t"},
    ),
    *({"deviceToken": "t2", "deviceType": "ios"}, {**_PHONE, "objectId": _LOST}, {**_PHONE, "badge": 3}),
)
_CHANGES: tuple[dict[str, Any], ...] = (
    *({}, {"badge": "x"}, {"channels": "x"}, {"channels": ["a"]}, {"channels": {"__op": "Remove", "objects": ["a"]}}),
    *(
        {"badge": 1},
        {"badge": {"__op": "Increment", "amount": 2}},
        {"badge": {"__op": "Delete"}},
        {"deviceToken": "new"},
    ),
    *({"deviceType": "android"}, {"deviceType": "ios"}, {"installationId": "other"}, {"installationId": "phone"}),
    *({"own": {"a.b": 1}}, {"own": {"$x": 1}}, {"own": {"y": 2}}, {"timeZone": 5}, {"appName": "x"}, {"nothing": None}),
)


def installations(rest: Rest) -> None:
    """Register devices, again, rightly and wrongly; read and change them as each."""
    for body in _DEVICES:
        for who in (NOBODY, None):
            rest.make("/installations", body, who=who)
            rest.make("/classes/_Installation", body, who=who)
    pk = rest.make("/installations", {**_PHONE, "installationId": "mine", "badge": 1})
    for body in _CHANGES:
        rest.ask("PUT", f"/installations/{pk}", body, who=NOBODY)
        rest.ask("PUT", f"/installations/{_LOST}", body)
        rest.ask("GET", f"/installations/{pk}", who=MASTER)
    for who in (NOBODY, None, MASTER):
        rest.ask("GET", f"/installations/{pk}", who=who, keys="deviceType")
        rest.ask("GET", "/installations", who=who, where={"installationId": "mine"})
        rest.ask("GET", f"/installations/{_LOST}", who=who)
        rest.ask("DELETE", f"/installations/{_LOST}", who=who)
    for who in (NOBODY, None, MASTER, MASTER):
        rest.ask("DELETE", f"/installations/{pk}", who=who)


def settings(rest: Rest) -> None:
    """Read and change settings; ask for what needs the master key without it, and for what is not there."""
    for who in (NOBODY, None):
        rest.ask("PUT", "/config", {"params": {"a": 1}}, who=who)
        for path in (
            "/schemas",
            "/schemas/Deal",
            "/schemas/Nothing",
            "/serverInfo",
            "/aggregate/Deal",
            "/hooks/functions",
        ):
            rest.ask("GET", path, who=who)
        for path in ("/schemas", "/schemas/Deal", "/jobs/x", "/push", "/hooks/functions", "/functions/x", "/events/x"):
            rest.ask("POST", path, {"a": 1}, who=who)
    rest.ask("GET", "/schemas/Nothing", who=MASTER)
    shown = {"open": 1, "text": "x", "list": [1], "date": _DATE, "closed": "x"}
    rest.ask("PUT", "/config", {"params": shown, "masterKeyOnly": {"closed": True}}, who=MASTER)
    rest.ask("PUT", "/config", {"params": {"text": {"__op": "Delete"}}}, who=MASTER)
    for who in (NOBODY, None):
        rest.ask("GET", "/config", who=who, known="flags")


ASKED = (installations, settings)
