"""Sessions in REST: made, listed, changed and ended, one's own and others', of several devices."""

from __future__ import annotations

from typing import Any

from tests.bench.parse.agree.asking import NOBODY
from tests.bench.parse.agree.rest.asking import MASTER, Rest, each
from tests.bench.parse.agree.rest.people import SECRET, sign_up

_LOST = "Abcdef1234"
_DATE = {"__type": "Date", "iso": "2030-01-01T00:00:00.000Z"}
_FIXED: tuple[dict[str, Any], ...] = (
    *({"user": value} for value in (5, None, "x")),
    *({"sessionToken": value} for value in ("r:x", 5, None)),
    *({"expiresAt": value} for value in (_DATE, 5, "x")),
    *({"createdWith": value} for value in ({}, 5, {"action": "x"})),
    *each("ACL", [{}, None, 5]),
    {"installationId": 5},
)
"""What the server says of a session."""


def sessions(rest: Rest) -> None:
    """List, change and end sessions, one's own and others'."""
    sign_up(rest, "fay")
    sign_up(rest, "gil")
    mine = {who: str(rest.ask("GET", "/sessions/me", who=who)["objectId"]) for who in ("fay", "gil")}
    own = f"/sessions/{mine['fay']}"
    _read(rest, own, mine["gil"])
    for body in (*_FIXED, {}, {"installationId": "x"}, {"installationId": None}):
        for who in ("fay", "gil", NOBODY):
            for path in ("/sessions/me", own, f"/sessions/{_LOST}"):
                rest.ask("PUT", path, body, who=who)
        rest.ask("PUT", own.replace("/sessions", "/classes/_Session"), body, who="fay")
    for who in (NOBODY, "gil", "fay", "fay"):
        rest.ask("DELETE", own, who=who)
        rest.ask("GET", "/users/me", who="fay")
    rest.ask("DELETE", f"/sessions/{mine['gil']}", who=MASTER)
    for who in ("gil", NOBODY, MASTER):
        rest.ask("POST", "/logout", {}, who=who)
        rest.ask("POST", "/logout", None, who=who)


def _read(rest: Rest, own: str, foreign: str) -> None:
    for who in ("fay", NOBODY):
        for path in ("/sessions", own, f"/sessions/{foreign}", f"/sessions/{_LOST}", "/classes/_Session"):
            for keys in ("createdWith,user,installationId", "sessionToken", "", "nothing"):
                rest.ask("GET", path, who=who, keys=keys)
            rest.ask("GET", path, who=who, excludeKeys="sessionToken,user")
            rest.ask("GET", path, who=who, include="nothing")
        rest.ask("GET", "/sessions", who=who, count=1, limit=0)
        rest.ask("GET", "/sessions", who=who, where={"nothing": 1})
        rest.ask("GET", "/sessions", who=who, include="user", order="createdAt")
    for path in ("/sessions/me", own):
        rest.ask("GET", path, who=MASTER, keys="createdWith")


def devices(rest: Rest) -> None:
    """Begin sessions of several devices, by log-in and otherwise: each device has one."""
    sign_up(rest, "hal")
    everybody = ["hal"]
    for number, device in enumerate(("d1", "d1", "D1", "d2", None)):
        headers = {"X-Parse-Installation-Id": device}
        found = rest.ask("POST", "/login", {"username": "hal", "password": SECRET}, who=NOBODY, headers=headers)
        rest.talk.tokens[f"hal{number}"] = found["sessionToken"]
        everybody.append(f"hal{number}")
        _see(rest, everybody)
    for number, body in enumerate(({"installationId": "d1"}, {}, {"installationId": "d3"}, {"installationId": "d3"})):
        found = rest.ask("POST", "/sessions", body, who="hal", headers={"X-Parse-Installation-Id": "d2"})
        rest.talk.tokens[f"made{number}"] = found["sessionToken"]
        everybody.append(f"made{number}")
        _see(rest, everybody)
    for body in (*_FIXED, {"objectId": _LOST}):
        rest.ask("POST", "/sessions", body, who="hal")
    rest.ask("POST", "/sessions", {}, who=NOBODY)
    rest.ask("POST", "/sessions", {"nothing": 1}, who="hal", known="on the fly")


def _see(rest: Rest, everybody: list[str]) -> None:
    for who in everybody:
        rest.ask("GET", "/sessions/me", who=who, keys="installationId,createdWith")


ASKED = (sessions, devices)
