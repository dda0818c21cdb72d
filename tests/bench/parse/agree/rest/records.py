"""Records in REST: made, read, changed and deleted, with bodies that are right and wrong, one by one and in batches."""

from __future__ import annotations

from typing import Any

from tests.bench.parse.agree.asking import NOBODY
from tests.bench.parse.agree.rest.asking import MASTER, Rest

_LOST = "Abcdef1234"
_CLASSES = {"Company": "name", "Contact": "name", "Deal": "title", "Activity": "subject"}
"""Each class and one of its texts."""
_WHOLE: dict[str, dict[str, Any]] = {
    "Company": {"name": "Ünïcode & Söhne", "website": "https://x.example", "industry": "", "address": "1\n2"},
    "Contact": {"name": "Ada", "email": "no address", "phone": "+1", "notes": '"quoted" \\ \t'},
    "Deal": {"title": "A deal", "amount": 12.5, "stage": "any words", "notes": "n" * 3000, "lostReason": None},
    "Activity": {"type": "call", "subject": "Sübject", "description": "😀\u2028", "completedAt": None},
}
_WRONG: tuple[dict[str, Any], ...] = (
    *({"title": 5}, {"title": ""}, {"title": None}, {"title": {"__op": "Delete"}}, {"zip": "x"}, {"zip": None}),
    *({"amount": "5"}, {"amount": True}, {"amount": []}, {"expectedCloseDate": "2030-01-01"}, {"company": 5}),
    *({"expectedCloseDate": 5}, {"stage": True}, {"stage": ["x"]}, {"company": {"x": 1}}),
    *({"company": {"__type": "Pointer", "className": "Contact", "objectId": _LOST}}, {"amount": {"__type": "Nothing"}}),
    {"ACL": {"*unresolved": {"read": True}}},
)
_SAME: tuple[dict[str, Any], ...] = (
    *({"amount": {"__op": "Increment", "amount": amount}} for amount in (0, 1, -1, 0.5)),
    *({"amount": None}, {"amount": {"__op": "Increment", "amount": 0}}, {"amount": {"__op": "Delete"}}, {"amount": 5}),
    *({"expectedCloseDate": {"__type": "Date", "iso": iso}} for iso in ("2030-01-02", "2030-01-03T04:05Z")),
    *({"objectId": _LOST}, {"id": "x"}, {"createdAt": "x"}, {"updatedAt": None}, {"className": "Deal"}, {}),
)
_MADE: tuple[dict[str, Any], ...] = (
    *({key: nothing} for key in ("objectId", "id") for nothing in (None, "", 0, False)),
    *({"objectId": _LOST}, {"id": "x"}, {"createdAt": "x"}, {"__type": "Object"}),
    *({"amount": {"__op": "Increment", "amount": 4}, "stage": {"__op": "Delete"}}, {"amount": 1e21}, {"amount": -0.5}),
)


def lives(rest: Rest) -> None:
    """Create, read, change, clear and delete one of each class; others can do nothing with it."""
    for name, text in _CLASSES.items():
        pk = rest.make(f"/classes/{name}", _WHOLE[name])
        path = f"/classes/{name}/{pk}"
        for who in (rest.talk.people.second, NOBODY, MASTER, None):
            rest.ask("GET", path, who=who)
            rest.ask("GET", f"/classes/{name}", who=who, where={"objectId": pk}, count=1)
            rest.ask("PUT", path, {text: f"by {who}"}, who=who)
            rest.ask("PUT", path, {}, who=who)
            rest.make(f"/classes/{name}", _WHOLE[name], who=who)
        for key in _WHOLE[name]:
            rest.ask("PUT", path, {key: None})
            rest.ask("PUT", path, {key: {"__op": "Delete"}})
        for who in (rest.talk.people.second, NOBODY, None, None):
            rest.ask("DELETE", path, who=who)
            rest.ask("GET", path, who=who)
        rest.ask("PUT", path, {text: "x"})


def refusals(rest: Rest) -> None:
    """Send each wrong body to what one may change, what one may only read, what one may not see, and to nothing."""
    people = rest.talk.people
    me, other = (rest.talk.world.deals[name][0]["assignedTo"]["objectId"] for name in (people.first, people.second))
    mine = {"read": True, "write": True}
    kinds = [{me: mine}, {me: mine, other: {"read": True}}, {me: mine, other: {"write": True}}]
    paths = [f"/classes/Deal/{rest.make('/classes/Deal', {'title': 'mine', 'ACL': acl})}" for acl in kinds]
    for wrong in _WRONG:
        for path in (*paths, f"/classes/Deal/{_LOST}", "/classes/Deal/x"):
            for who in (None, people.second, NOBODY):
                rest.ask("PUT", path, wrong, who=who)
        for who in (None, NOBODY):
            rest.make("/classes/Deal", {"title": "new", **wrong}, who=who)
            rest.make("/classes/Deal", wrong, who=who)
        rest.ask("PUT", f"/classes/Deal/{_LOST}", wrong, who=MASTER)
    wheres: tuple[Any, ...] = (
        {"two words": 1},
        {"stage": {"$in": "x"}},
        {"ACL": 1},
        {"$or": []},
        "{",
        {"stage": {"$regex": 5}},
    )
    for where in wheres:
        for who in (None, NOBODY) if where != {"$or": []} else (NOBODY,):
            rest.ask("GET", "/classes/Deal", who=who, where=where)
    for order in ("title,", ",", "two words", "+title", "$x"):
        rest.ask("GET", "/classes/Deal", order=order, limit=1)


def changes(rest: Rest) -> None:
    """See what is answered to creates and updates that the server rewrites, ignores or finds done."""
    date = {"__type": "Date", "iso": "2030-01-02T00:00:00.000Z"}
    pk = rest.make("/classes/Deal", {"title": "same", "amount": 5, "expectedCloseDate": date})
    for body in _SAME:
        rest.ask("PUT", f"/classes/Deal/{pk}", body)
        rest.ask("GET", f"/classes/Deal/{pk}")
    for body in _MADE:
        for who in (None, MASTER):
            made = rest.make("/classes/Deal", {"title": "made", **body}, who=who)
            rest.ask("GET", f"/classes/Deal/{made}", who=MASTER)


def batches(rest: Rest) -> None:
    """Send several requests as one, right and wrong ones."""
    one = {"method": "POST", "path": "/parse/classes/Company", "body": {"name": "batched"}}
    this = f"/parse/classes/Company/{rest.make('/classes/Company', {'name': 'batched'})}"
    other_paths = (
        "/classes/Company",
        "/1/classes/Company",
        "",
        None,
        5,
        "/parse/nothing",
        "/parse/batch",
        "/parse/users/me",
    )
    lists: tuple[Any, ...] = ([], [one], [one, one], {}, "x", None, [5], [None], ["x"], [{}])
    bodies: tuple[Any, ...] = (
        *({"requests": sent} for sent in lists),
        *({"requests": [{**one, "path": path}]} for path in other_paths),
        *({"requests": [{**one, "method": method}]} for method in ("post", "", None, 5, "PATCH", "PUT")),
        {
            "requests": [
                one,
                {**one, "body": {}},
                {**one, "body": {"name": "x", "zip": 1}},
                {"method": "GET", "path": this},
            ]
        },
        {"requests": [{"method": "GET", "path": this, "body": {"keys": "name"}}]},
        {"requests": [{"method": "GET", "path": this, "body": {"limit": 1}}]},
        {"requests": [{"method": "POST", "path": "/parse/functions/x"}]},
    )
    for body in bodies:
        for who in (NOBODY, None):
            rest.ask("POST", "/batch", body, who=who)


ASKED = (lives, refusals, changes, batches)
