"""Lists of REST: conditions with right and wrong operands, every option at its edges, and sums; nothing is written."""

from __future__ import annotations

from typing import Any

from tests.bench.parse.agree.asking import NOBODY
from tests.bench.parse.agree.rest.asking import MASTER, Rest, each

_DATE = {"__type": "Date", "iso": "2026-01-02T03:04:05.678Z"}
_LOST = {"__type": "Pointer", "className": "Company", "objectId": "Abcdef1234"}
_WON = {"className": "Deal", "where": {"stage": "won"}}
_WHERES: tuple[Any, ...] = (
    *({}, "x", 5, True, "", "{", {"ACL": {"*": {"read": True}}}, {"two words": 1}, {"9x": 1}, {"ümlaut": 1}),
    *({"$foo": 1}, {"": 1}, {"_x": 1}, {"nothing": 1}, {"nothing": None}, {"nothing": {"$exists": False}}, {"id": "x"}),
    *({"className": "Deal"}, {"_id": "x"}, {"_acl": 1}, {"_created_at": 1}, {"_tombstone": 1}, {"a-b": 1}),
    *each("$or", [[{}], {}, "x", None]),
    *each("$and", [[], [{}], {}, None]),
    *({"$and": [{"stage": "won"}, {}]}, {"$nor": []}, {"$nor": {}}, {"$nor": [{"stage": "won"}]}, {"$nor": None}),
    {"$or": [{"stage": "won"}, {"stage": "lost"}], "$and": [{"amount": {"$gt": 100}}]},
    {"$or": [{"stage": "won"}, {"$and": [{"stage": "lead"}, {"amount": {"$gt": 5000}}]}]},
    *({"$or": [{"two words": 1}]}, {"$or": [{"ACL": 1}]}, {"$or": [{"stage": {"$in": "x"}}]}),
    *({"$not": {"stage": "won"}}, {"$or": [{"stage": "won"}], "stage": "lost"}),
    *({"stage": one} for one in each("$regex", ["^w", "w.n|l.st", "\\Qwo\\E", "^\\Qwo\\E", "(?i)WON", 5, None, []])),
    *({"stage": {"$regex": "^W", "$options": value}} for value in ("i", "im", "g", None, ["i"], 5)),
    *({"stage": one} for one in each("$in", ["x", None, {}, [], ["won"], ["won", "lost"], [1], [True], [{}]])),
    *({"stage": one} for one in each("$nin", ["x", None, {}, [], ["won"], [1]])),
    *({"stage": {"$exists": value}} for value in (True, False)),
    *({"stage": {"$gt": "n", "$lt": "x"}}, {"stage": {"$in": ["won", "lost"], "$ne": "won"}}, {"stage": {"$ne": None}}),
    *({"stage": {"$exists": True, "$ne": "won"}}, {"stage": {"$eq": "won"}}, {"stage": None}),
    *({"amount": {"$gt": 0}}, {"amount": {"$gte": 1000, "$lt": 5000}}, {"amount": 177}, {"amount": {"$ne": 177}}),
    *({"amount": {"$in": [177, 1]}}, {"amount": {"$exists": False}}, {"amount": None}, {"amount": {"$eq": 177.0}}),
    *({"expectedCloseDate": {"$gt": _DATE}}, {"expectedCloseDate": _DATE}, {"createdAt": {"$gt": _DATE}}),
    *({"createdAt": {"$gt": "2026-01-02T03:04:05.678Z"}}, {"updatedAt": {"$lte": _DATE}}),
    *({"company": _LOST}, {"company": {"$ne": _LOST}}, {"company": {"$in": [_LOST]}}, {"company": {"$exists": True}}),
    *({"company": one} for one in each("$inQuery", [{"className": "Company"}, {"where": {}}, 5, {}, "x"])),
    *({"company": {"$inQuery": {"className": name, "where": {}}}} for name in ("Company", "Nothing")),
    {"company": {"$inQuery": {"className": "Company", "where": {"name": {"$regex": "^A"}}}}},
    {"company": {"$inQuery": {"className": "Company", "where": {"two words": 1}}}},
    *({"stage": {name: {"query": _WON, "key": "stage"}}} for name in ("$select", "$dontSelect")),
    *({"stage": {"$select": value}} for value in ({"query": _WON}, {"key": "stage"}, {}, 5)),
    *({"stage": {"$select": {"query": _WON, "key": "stage", "more": 1}}}, {"objectId": "x"}, {"objectId": {"$in": []}}),
)
_ANY_WHERE: tuple[Any, ...] = ("{", "x", {"two words": 1}, {"stage": "won"}, {"ACL": 1}, {"$nor": []})
_OPTIONS: tuple[dict[str, Any], ...] = (
    *each("limit", [0, 1, "2", "", 100_000, "x", {}]),
    *({**one, "limit": 2} for one in each("skip", [0, 1, "2", "", 100_000, "x", {}])),
    *({**one, "limit": 1} for one in each("count", [0, 1, True, False, "1", "x", "", [], {}])),
    *({"order": value, "limit": 3} for value in ("title", "-title", " title , -amount ", "", "nothing")),
    *({"order": value, "limit": 3} for value in ("-nothing,title", "two words", "+title", "$x", "title,", ",")),
    *({"order": value, "limit": 3} for value in ("company,objectId", "objectId", "-objectId", "title,title")),
    *({"order": value, "limit": 3} for value in ("_rperm", "title -amount", "9x", ["title"], "id")),
    *({"keys": value, "limit": 2} for value in ("", "title", "title,stage", "nothing", "objectId")),
    *(
        {"keys": value, "limit": 2}
        for value in ("company.name", "company", "ACL", "*", "two words", ["title", "stage"])
    ),
    *({"keys": value, "limit": 2} for value in ("contact.company", "contact.company.name", "createdAt", ",")),
    *({"excludeKeys": value, "limit": 2} for value in ("", "title", "title,ACL,objectId", "nothing", "createdAt", "*")),
    *({"excludeKeys": value, "limit": 2} for value in (["title"], "company.name", "company")),
    *({"include": value, "limit": 2} for value in ("", "company", "nothing", "title", "company,contact")),
    *({"include": value, "limit": 2} for value in ("contact.company", "contact.nothing", "company.createdBy", "*")),
    *(
        {"include": value, "limit": 2}
        for value in (["company"], ["contact.company"], "company.", "ACL", "company.name")
    ),
    *({"includeAll": value, "limit": 2} for value in (True, False, "true", 1, 0, "")),
    {"keys": "title,stage", "excludeKeys": "stage", "limit": 2},
    {"excludeKeys": "company.name", "include": "company", "limit": 2},
    *({"keys": keys, "include": "company", "limit": 2} for keys in ("title", "title,company", "company.name")),
    {"keys": "company.name,contact.company.name", "include": "contact.company", "limit": 2},
    {"readPreference": "SECONDARY", "includeReadPreference": "NEAREST", "limit": 1},
    *({"comment": "x", "limit": 1}, {"distinct": "stage"}, {"nothing": 1}, {"data": "x"}, {"pipeline": []}),
    *({"limit": 0, "count": 1, "skip": 1}, {"order": "title", "limit": 2, "skip": 1, "count": 1, "include": "company"}),
)
_MEANT: tuple[tuple[dict[str, Any], str], ...] = (
    *((one, "rounding") for one in each("limit", [1.5, True, []])),
    *(({key: " title , stage ", "limit": 2}, "blanks in keys") for key in ("keys", "excludeKeys")),
)


def wheres(rest: Rest) -> None:
    """Ask for each condition, counted and with the first few rows in an order."""
    for where in _WHERES:
        rest.ask("GET", "/classes/Deal", where=where, order="title,objectId", limit=3, count=1, keys="title")
    for where in _ANY_WHERE:
        rest.ask("GET", "/classes/Deal", who=NOBODY, where=where)
        rest.ask("GET", "/classes/Deal", who=MASTER, where=where, order="objectId", limit=1, count=1)


def options(rest: Rest) -> None:
    """Give every option at its edges, of lists and of single objects, in the address and in the body."""
    pk = rest.talk.rows["Deal"][0]["objectId"]
    for given in _OPTIONS:
        order = {} if "order" in given else {"order": "objectId"}
        rest.ask("GET", "/classes/Deal", **{**order, **given})
        rest.ask("GET", f"/classes/Deal/{pk}", **given)
        rest.ask("POST", "/classes/Deal", {"_method": "GET", **order, **given})
    for given, known in _MEANT:
        rest.ask("GET", "/classes/Deal", known=known, **{"order": "objectId", **given})


def sums(rest: Rest) -> None:
    """Group, sum and sort, and ask for the values of a field."""
    asked: tuple[dict[str, Any], ...] = (
        *({"$group": {"_id": "$stage", "n": {"$sum": 1}}, "$sort": each} for each in ({"objectId": 1}, {"n": -1})),
        *({"$group": {"_id": None, "n": {name: "$amount"}}} for name in ("$sum", "$max", "$min", "$avg")),
        *(
            {"$group": {"objectId": "$stage"}},
            {"$group": {"n": {"$sum": 1}}},
            {"$group": 5},
            {"$group": {}},
        ),
        *({"$sort": {"title": 1, "objectId": 1}, "$limit": 2}, {"$limit": -1}, {"nothing": 1}),
        {"pipeline": [{"$group": {"_id": None, "n": {"$sum": 1}}}]},
        *({"distinct": "stage"}, {"distinct": "stage", "where": {"amount": {"$gt": 9000}}}, {"distinct": "nothing"}),
    )
    for stages in asked:
        rest.ask("GET", "/aggregate/Deal", who=MASTER, **stages)
        rest.ask("GET", "/aggregate/Deal", **stages)


ASKED = (wheres, options, sums)
