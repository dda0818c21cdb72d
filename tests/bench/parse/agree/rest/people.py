"""People in REST: signing up, logging in, reading and changing oneself and others, passwords, and the end of it."""

from __future__ import annotations

from typing import Any

from tests.bench.parse.agree.asking import NOBODY
from tests.bench.parse.agree.rest.asking import MASTER, Rest, each

SECRET = "a long enough one"
_LOST = "Abcdef1234"
_DEAD = {"X-Parse-Session-Token": "r:" + "0" * 32}
_ODD: tuple[Any, ...] = (5, True, [], {})
_NO_SIGN_UPS: tuple[dict[str, Any], ...] = (
    *({key: nothing} for key in ("username", "password") for nothing in (None, "", *_ODD)),
    *({"username": name} for name in ("ann", "ANN")),
    *({"email": email} for email in ("ann@example.com", "ANN@example.com", "no", "@", "a@", "@b", 5, True)),
    *each("authData", [{"nothing": {"id": "1"}}, 5, []]),
    *({"objectId": _LOST}, {"emailVerified": True}, {"sessionToken": "r:x"}, {"nickname": "x"}, {"nickname": None}),
    *({"_hashed_password": "x"}, {"a.b": 1}, {"username": "", "password": ""}, {"username": "", "email": "no"}),
    *({"nickname": 1, "email": "no"}, {"ACL": {"*unresolved": {"read": True}}}),
)
_SIGN_UPS: tuple[dict[str, Any], ...] = (
    *({"ACL": acl} for acl in (None, {}, {"*": {"read": True}}, {"*": {"read": True, "write": True}})),
    *({"ACL": {"role:Team 3": {"read": True}}}, {"authData": {}}, {"objectId": None}, {"objectId": ""}),
    *({"username": name} for name in ("with space", "ünï", "x" * 150, "😀", "'", "a\nb", " lead", "trail ")),
    *({"email": email} for email in ("x@y", "a@b@c", "ü@d", "x@y.")),
)
_MEANT: tuple[tuple[dict[str, Any], str], ...] = (
    *(({"email": email}, "address") for email in (None, "", {"__op": "Delete"})),
    *(({"email": email}, "blanks") for email in ("a b@c", "a@b c", " a@d")),
    *(({"password": secret}, "password") for secret in ("short", "password")),
    ({"username": "x" * 151}, "long name"),
)


def person(name: str) -> dict[str, Any]:
    """Return what somebody of this name signs up with."""
    return {"username": name, "password": SECRET, "email": f"{name}@example.com"}


def sign_up(rest: Rest, name: str) -> str:
    """Have somebody sign up, who asks by this name from then on; return his objectId."""
    found = rest.ask("POST", "/users", person(name), who=NOBODY)
    rest.talk.tokens[name] = found["sessionToken"]
    return str(found["objectId"])


def signing_up(rest: Rest) -> None:
    """Sign up with what is missing, empty, taken, odd and unknown, and with the master key."""
    sign_up(rest, "ann")
    for body in ({}, {"username": "new"}, {"email": "new@example.com"}, person("ann"), {"password": SECRET}):
        rest.ask("POST", "/users", body, who=NOBODY)
        rest.ask("POST", "/classes/_User", body, who=MASTER)
    for change in _NO_SIGN_UPS:
        rest.ask("POST", "/users", {**person("new"), **change}, who=NOBODY)
    for number, change in enumerate(_SIGN_UPS):
        body = {**person(f"new{number}"), **change}
        pk = rest.make("/users" if number % 2 else "/classes/_User", body, who=NOBODY)
        rest.ask("GET", f"/users/{pk}", who=MASTER)
        rest.ask("GET", "/login", who=NOBODY, username=body["username"], password=SECRET)
    for number, (change, known) in enumerate(_MEANT):
        rest.ask("POST", "/users", {**person(f"meant{number}"), **change}, who=NOBODY, known=known)
    rest.make("/users", person("while"), who="ann")
    rest.make("/users", person("on-device"), who=NOBODY, headers={"X-Parse-Installation-Id": "device"})
    rest.ask("POST", "/users", person("never"), who=NOBODY, headers=_DEAD)


def logging_in(rest: Rest) -> None:
    """Log in by name and address, rightly and wrongly, by both verbs; verify passwords."""
    pk = sign_up(rest, "bea")
    good = {"username": "bea", "password": SECRET}
    email = "bea@example.com"
    bodies: tuple[dict[str, Any], ...] = (
        *(
            good,
            {"email": email, "password": SECRET},
            {"username": email, "password": SECRET},
            {**good, "email": email},
        ),
        *({**good, "email": ""}, {}, {"username": "bea"}, {"password": SECRET}, {"email": email}, {**good, "more": 1}),
        *({**good, "username": name} for name in ("", None, 5, ["bea"], {"$ne": "x"}, True, {}, 0)),
        *({**good, "password": secret} for secret in ("", None, 5, ["x"], {"$ne": "x"})),
        *({**good, "email": 5}, {"email": {"$ne": ""}, "password": SECRET}, {"user": "bea", "password": SECRET}),
    )
    for body in bodies:
        for path in ("/login", "/verifyPassword"):
            rest.ask("POST", path, body, who=NOBODY)
            if all(isinstance(value, str) for value in body.values()):
                rest.ask("GET", path, who=NOBODY, **body)
        rest.ask("POST", "/login", {**body, "_method": "GET"}, who=NOBODY)
    for body in (
        *({**good, "email": "other@example.com"}, {**good, "password": "wrong"}, {**good, "username": "BEA"}),
        *({**good, "username": " bea"}, {**good, "username": "ghost"}, {"email": email.upper(), "password": SECRET}),
    ):
        rest.ask("POST", "/login", body, who=NOBODY)
        rest.ask("POST", "/verifyPassword", body, who=NOBODY)
    for who in (MASTER, "bea", "ann"):
        rest.ask("POST", "/login", good, who=who)
        rest.ask("POST", "/verifyPassword", good, who=who)
    rest.ask("POST", "/login", good, who=NOBODY, headers=_DEAD)
    rest.ask("POST", "/verifyPassword", good, who=NOBODY, headers=_DEAD)
    for body in ({}, {"userId": _LOST}, {"userId": ""}, {"userId": None}, {"userId": pk}):
        for who in (MASTER, "bea", NOBODY):
            rest.ask("POST", "/loginAs", body, who=who)


def oneself(rest: Rest) -> None:
    """Read and change oneself and others, with every kind of value; delete oneself."""
    pk, other = sign_up(rest, "cleo"), sign_up(rest, "dora")
    for path in ("/users/me", f"/users/{pk}", f"/classes/_User/{pk}", f"/users/{_LOST}", "/users/x"):
        for who in ("cleo", NOBODY, MASTER):
            for keys in ("username", "email", "nothing"):
                rest.ask("GET", path, who=who, keys=keys)
            rest.ask("GET", path, who=who)
            rest.ask("GET", path, who=who, include="nothing")
    rest.ask("GET", f"/users/{pk}", who="cleo", limit=1)
    rest.ask("GET", f"/users/{other}", who="cleo", known="directory")
    for where in ({"email": "cleo@example.com"}, {"$or": [{"email": "x"}]}):
        rest.ask("GET", "/users", who="cleo", where=where)
    rest.ask("GET", "/users", who=MASTER, where={"email": {"$in": ["cleo@example.com", "dora@example.com"]}}, count=1)
    _changes(rest, pk, other)
    for who in (NOBODY, "dora"):
        for path in (f"/users/{pk}", f"/users/{_LOST}", "/users/me"):
            rest.ask("PUT", path, {}, who=who)
            rest.ask("PUT", path, {"username": "taken over"}, who=who)
            rest.ask("PUT", path, {"password": SECRET}, who=who)
            rest.ask("DELETE", path, who=who)
    rest.ask("DELETE", f"/users/{_LOST}", who=MASTER)
    rest.ask("DELETE", f"/users/{pk}", who="cleo")
    rest.ask("GET", "/users/me", who="cleo")
    rest.ask("GET", f"/users/{pk}", who=MASTER)
    rest.ask("POST", "/login", {"username": "cleo", "password": SECRET}, who=NOBODY)


def _changes(rest: Rest, pk: str, other: str) -> None:
    bodies: tuple[dict[str, Any], ...] = (
        *({}, {"nothing": 1}, {"emailVerified": True}, {"username": "dora"}, {"email": "dora@example.com"}),
        *({"email": "DORA@example.com"}, {"username": "DORA"}, {"username": "cleo"}, {"email": "CLEO@example.com"}),
        *(
            {"email": "no"},
            {"ACL": {}},
            {"ACL": {"*": {"read": True}}},
            {"ACL": {pk: {"read": True}}},
            {"authData": {}},
        ),
        *({"authData": {"nothing": {"id": "1"}}}, {"authData": 5}, {"_hashed_password": "x"}, {"x.y": 1}),
        *({key: value} for key in ("username", "email") for value in (*_ODD, {"__op": "Increment", "amount": 1})),
        *({"password": value} for value in _ODD),
        *({"username": {"$ne": "x"}}, {"sessionToken": "r:x"}, {"className": "_User"}),
    )
    for body in bodies:
        found = rest.ask("PUT", f"/users/{pk}", body, who="cleo")
        if isinstance(found, dict) and "sessionToken" in found:
            rest.talk.tokens["cleo"] = found["sessionToken"]
        rest.ask("GET", "/users/me", who="cleo")
        rest.ask("GET", f"/users/{pk}", who=MASTER)
    for number, (key, value) in enumerate((key, value) for key in ("username", "email") for value in (None, "")):
        own = f"/users/{sign_up(rest, f'cleo{number}')}"
        rest.ask("PUT", own, {key: value}, who=f"cleo{number}", known="locked out" if key == "username" else "address")
    rest.ask("PUT", f"/users/{other}", {"username": "cleo"}, who="cleo", known="names taken")
    rest.ask("PUT", f"/users/{other}", {"displayName": "Dora"}, who="dora", known="two fields")


def passwords(rest: Rest) -> None:
    """Change a password, which ends every session, by oneself and with the master key."""
    pk = sign_up(rest, "eve")
    for number in range(2):
        found = rest.ask("POST", "/login", {"username": "eve", "password": SECRET}, who=NOBODY)
        rest.talk.tokens[f"eve{number}"] = found["sessionToken"]
    found = rest.ask("PUT", f"/users/{pk}", {"password": "another long one"}, who="eve")
    rest.talk.tokens["eve new"] = found["sessionToken"]
    for who in ("eve", "eve0", "eve1", "eve new"):
        rest.ask("GET", "/users/me", who=who)
    for secret in (SECRET, "another long one"):
        rest.ask("POST", "/login", {"username": "eve", "password": secret}, who=NOBODY)
    rest.ask("PUT", f"/users/{pk}", {"password": "a third long one", "username": "eve2"}, who=MASTER)
    rest.ask("GET", "/users/me", who="eve new")
    for name in ("eve", "eve2"):
        rest.ask("POST", "/login", {"username": name, "password": "a third long one"}, who=NOBODY)


ASKED = (signing_up, logging_in, oneself, passwords)
