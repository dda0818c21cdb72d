"""Roles in REST: made with the master key, changed by whom their ACL lets, and found by their members."""

from __future__ import annotations

from typing import Any

from tests.bench.parse.agree.asking import NOBODY
from tests.bench.parse.agree.rest.asking import MASTER, Rest, each
from tests.bench.parse.agree.rest.people import sign_up

_PUBLIC = {"ACL": {"*": {"read": True}}}
_LOST = "Abcdef1234"
_USERS: tuple[Any, ...] = (
    *(None, 5, [], {"__op": "Delete"}, {"__type": "Relation", "className": "_Role"}),
    *({"__op": "AddRelation", "objects": objects} for objects in ("x", [5])),
)
_CHANGES: tuple[dict[str, Any], ...] = (
    *({}, {"users": 5}, {"users": None}, {"users": []}, {"users": {"__op": "AddRelation", "objects": 5}}),
    *({"users": {"__op": "AddRelation"}}, {"users": {"__op": "Batch", "ops": []}}, {"users": {"__op": "Batch"}}),
    *({"users": {"__op": "Add", "objects": []}}, {"users": {"__op": "Increment", "amount": 1}}, {"name": 5}, _PUBLIC),
    *({"users": {"__op": "Delete"}}, {"users": {"__type": "Relation", "className": "_User"}}, {"ACL": {"a.b": {}}}),
)


def roles(rest: Rest) -> None:
    """Make roles with the master key, with members and child roles, rightly and wrongly; change and delete them."""
    ids = [sign_up(rest, name) for name in ("ida", "joe")]
    users = [{"__type": "Pointer", "className": "_User", "objectId": pk} for pk in ids]
    first = rest.make("/roles", {"name": "First", **_PUBLIC}, who=MASTER)
    role = {"__type": "Pointer", "className": "_Role", "objectId": first}
    bodies: tuple[dict[str, Any], ...] = (
        *(
            {},
            {"name": "x"},
            _PUBLIC,
            {"name": "First", **_PUBLIC},
            {"name": "Empty", "ACL": {}},
            {"name": "x", "ACL": None},
        ),
        *({**one, **_PUBLIC} for one in each("name", [None, "", 5, True, [], "a b", "ünï", "-", "_", "Team-1", "9"])),
        *({"name": f"u{number}", **_PUBLIC, "users": value} for number, value in enumerate(_USERS)),
        *(
            {"name": f"m{number}", **_PUBLIC, key: {"__op": "AddRelation", "objects": value}}
            for number, (key, value) in enumerate(
                (("users", users), ("users", [role]), ("roles", [role]), ("roles", users))
            )
        ),
        *({"name": "x", **_PUBLIC, "objectId": _LOST}, {"name": "No id", **_PUBLIC, "objectId": None}),
    )
    for body in bodies:
        _members(rest, rest.make("/roles", body, who=MASTER))
    rest.ask("POST", "/roles", {"name": "Mine", **_PUBLIC}, known="roles")
    for name in ("a.b", "a:b", " x", "x" * 101):
        rest.ask("POST", "/roles", {"name": name, **_PUBLIC}, who=MASTER, known="role names")
    rest.ask("POST", "/roles", {"name": "No ACL", "ACL": "x"}, who=MASTER, known="role names")
    _change(rest, role, users)
    _find(rest, role, users[0])
    for who in ("joe", NOBODY, "ida", "ida"):
        rest.ask("DELETE", f"/roles/{first}", who=who)
        rest.ask("GET", f"/roles/{first}", who=who)


def _change(rest: Rest, role: dict[str, Any], users: list[dict[str, Any]]) -> None:
    add, remove = "AddRelation", "RemoveRelation"
    both = [{"__op": add, "objects": users[:1]}, {"__op": remove, "objects": users[1:]}]
    changes: tuple[dict[str, Any], ...] = (
        *_CHANGES,
        *({"users": {"__op": add, "objects": users}}, {"users": {"__op": add, "objects": users}}),
        *({"users": {"__op": remove, "objects": users[:1]}}, {"users": {"__op": "Batch", "ops": both}}),
        *(
            {"users": {"__op": remove, "objects": [{**users[0], "objectId": _LOST}]}},
            {"roles": {"__op": add, "objects": users}},
        ),
        *({"users": {"__op": add, "objects": [role]}}, {"roles": {"__op": remove, "objects": [role]}}),
        {"ACL": {"*": {"read": True}, users[0]["objectId"]: {"write": True}}},
        *({"users": {"__op": add, "objects": users}}, {"users": {"__op": remove, "objects": users[1:]}}),
    )
    for body in changes:
        for who in ("ida", "joe", NOBODY, MASTER):
            rest.ask("PUT", f"/roles/{role['objectId']}", body, who=who)
        rest.ask("PUT", f"/roles/{_LOST}", body, who="ida")
        _members(rest, role["objectId"])
    rest.ask("PUT", f"/roles/{role['objectId']}", {"name": "Other"}, who="joe")


def _members(rest: Rest, pk: str) -> None:
    rest.ask("GET", f"/roles/{pk}", who=MASTER)
    related = {"$relatedTo": {"object": {"__type": "Pointer", "className": "_Role", "objectId": pk}, "key": "users"}}
    rest.ask("GET", "/users", who=MASTER, where=related, keys="username", order="username")


def _find(rest: Rest, role: dict[str, Any], user: dict[str, Any]) -> None:
    wheres: tuple[Any, ...] = (
        *({"users": user}, {"users": role}, {"users": {"$in": [user]}}, {"users": {**user, "objectId": _LOST}}),
        *({"users": user, "name": "First"}, {"name": {"$regex": "^Fi"}}, {"$or": [{"users": user}, {"name": "First"}]}),
        *(
            {"roles": role},
            {"ACL": 1},
            {"objectId": role["objectId"]},
            {"$and": [{"users": user}]},
        ),
    )
    for where in wheres:
        for who in ("ida", MASTER, NOBODY):
            rest.ask("GET", "/roles", who=who, where=where, keys="name", order="name", limit=5)
    this = {"$relatedTo": {"object": role, "key": "users"}}
    more: tuple[Any, ...] = (
        *({**this, "username": "ida"}, {**this, "username": "nobody"}, {**this, "objectId": {"$ne": "x"}}),
        *(
            {"$relatedTo": {"object": {**role, "objectId": "none"}, "key": "users"}},
            {"$relatedTo": {"object": role, "key": "roles"}},
        ),
    )
    for where in more:
        rest.ask("GET", "/users", who=MASTER, where=where, keys="username", count=1)


ASKED = (roles,)
