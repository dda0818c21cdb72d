"""For random wheres over random records: SQL and memory agree, and a where never adds a row."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from parse_api.access import rows_for
from parse_api.caller import Caller
from parse_api.classes import CHILD_ROLES, CLASSES, MEMBERSHIPS, Field, Kind, ParseClass
from parse_api.codecs import CODECS, Row, row_of
from parse_api.errors import ParseError
from parse_api.queries.conditions import Node
from parse_api.queries.find import find
from parse_api.queries.where import Reader
from records.access import share
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role

TEXTS = ["", "Lead", "lead", "Lost", "Won", "a\nb", "ß É%_\\", "x" * 20, "call Lead now"]
PATTERNS = ["^L", "o", "ead$", "^\\QLead\\E$", "l.st", "[LW]o", "^$", "a.b", "\\Q%_\\E", "(?:x{3})+", "é"]
NUMBERS = [0, -1, 1, 0.1, 2.5, 1e6, 2**53]
MOMENTS = [
    datetime(2030, 1, 1, tzinfo=UTC) + timedelta(milliseconds=n, microseconds=n * 7) for n in (0, 1, 2, 86_400_000)
]
NAMES = ["_User", "_Role", "Company", "Contact", "Deal", "Activity"]


class Memory:
    """All that one caller may read, held in memory."""

    def __init__(self, caller: Caller) -> None:
        self._rows = {
            each.name: [row_of(each, record) for record in rows_for(each, caller, "view").defer(None)]
            for each in CLASSES.values()
        }
        members: dict[tuple[str, str], set[str]] = {}
        for role, user in MEMBERSHIPS._default_manager.values_list("group__role__object_id", "user_id"):
            members.setdefault(("users", role), set()).add(user)
        for role, child in CHILD_ROLES._default_manager.values_list("from_role__object_id", "to_role__object_id"):
            members.setdefault(("roles", role), set()).add(child)
        self._members = members

    def rows(self, parse_class: ParseClass, where: Node | None) -> Iterable[Row]:
        """Return the rows that match."""
        return [row for row in self._rows[parse_class.name] if where is None or where.matches(row, self)]

    def members(self, relation: str, role_id: str) -> frozenset[str]:
        """Return the members or child roles of a role that the caller may read."""
        is_seen = any(row["objectId"] == role_id for row in self._rows["_Role"])
        return frozenset(self._members.get((relation, role_id), ())) if is_seen else frozenset()

    def pointers(self) -> list[dict[str, Any]]:
        """Return a pointer to each row, and some to nothing."""
        known = [(name, row["objectId"]) for name in NAMES for row in self._rows[name]]
        return [
            {"__type": "Pointer", "className": name, "objectId": object_id}
            for name, object_id in (*known, ("Company", "zzzzzzzzzz"))
        ]


def values(field: Field, pointers: list[dict[str, Any]]) -> st.SearchStrategy[Any]:
    """Return a strategy for what a field can be compared with."""
    if field.kind in (Kind.POINTER, Kind.RELATION):
        return st.sampled_from(pointers)
    if field.kind in (Kind.DATE, Kind.STAMP):
        return st.sampled_from([CODECS[Kind.DATE].encode(moment) for moment in MOMENTS])
    if field.kind is Kind.NUMBER:
        return st.sampled_from(NUMBERS)
    return st.sampled_from([*TEXTS, *(each["objectId"] for each in pointers)])


def operators(field: Field, pointers: list[dict[str, Any]], depth: int) -> st.SearchStrategy[Any]:
    """Return a strategy for what a where can say of a field."""
    value = values(field, pointers)
    maybe = st.one_of(st.none(), value)
    lists = st.lists(maybe, max_size=3)
    one: dict[str, st.SearchStrategy[Any]] = {
        "$eq": maybe,
        "$ne": maybe,
        "$in": lists,
        "$nin": lists,
        "$exists": st.booleans(),
    }
    if field.kind is not Kind.RELATION:
        one |= {"$all": lists, "$containedBy": lists}
    if field.kind not in (Kind.POINTER, Kind.RELATION):
        one |= dict.fromkeys(("$lt", "$lte", "$gt", "$gte"), value)
    if field.kind is Kind.STRING:
        one["$regex"] = st.sampled_from(PATTERNS)
        one["$text"] = st.sampled_from(["lead", "Call now", "%"]).map(lambda term: {"$search": {"$term": term}})
    if depth and field.kind is not Kind.RELATION:
        one |= dict.fromkeys(("$select", "$dontSelect"), selects(pointers, depth - 1))
        one["$not"] = operators(field, pointers, depth - 1).filter(_has_operators)
    if depth and field.kind is Kind.POINTER:
        one |= dict.fromkeys(("$inQuery", "$notInQuery"), queries(pointers, depth - 1))
    parts = [st.fixed_dictionaries({name: each}) for name, each in one.items()]
    return st.one_of(maybe, *parts, st.tuples(st.one_of(*parts), st.one_of(*parts)).map(lambda two: two[0] | two[1]))


def _has_operators(value: object) -> bool:
    return isinstance(value, dict) and "__type" not in value


def queries(pointers: list[dict[str, Any]], depth: int) -> st.SearchStrategy[Any]:
    """Return a strategy for sub-queries."""
    each = ({"className": st.just(name), "where": wheres(name, pointers, depth)} for name in NAMES)
    return st.one_of(*(st.fixed_dictionaries(parts) for parts in each))


def selects(pointers: list[dict[str, Any]], depth: int) -> st.SearchStrategy[Any]:
    """Return a strategy for what $select takes."""
    keys = st.sampled_from(sorted({name for each in CLASSES.values() for name in each.fields} - {"email"}))
    return st.fixed_dictionaries({"query": queries(pointers, depth), "key": keys})


def wheres(name: str, pointers: list[dict[str, Any]], depth: int) -> st.SearchStrategy[Any]:
    """Return a strategy for wheres of a class, made once."""
    key = id(pointers), name, depth
    if key not in _MADE:
        _MADE[key] = _wheres(name, pointers, depth)
    return _MADE[key]


_MADE: dict[tuple[int, str, int], st.SearchStrategy[Any]] = {}


def _wheres(name: str, pointers: list[dict[str, Any]], depth: int) -> st.SearchStrategy[Any]:
    hidden = ("ACL", "email") if name == "_User" else ("ACL",)
    fields = [field for field in CLASSES[name].fields.values() if field.name not in hidden]
    single = st.one_of(
        *(st.fixed_dictionaries({field.name: operators(field, pointers, depth)}) for field in fields),
        st.sampled_from([{"nonesuch": "x"}, {"nonesuch": {"$exists": False}}, {}]),
    )
    plain = st.lists(single, max_size=2).map(lambda parts: {key: what for part in parts for key, what in part.items()})
    if not depth:
        return plain
    branches = st.lists(wheres(name, pointers, depth - 1), min_size=1, max_size=3)
    joined = st.tuples(st.sampled_from(["$or", "$and", "$nor"]), branches, plain)
    related = st.sampled_from(pointers).map(lambda role: {"$relatedTo": {"object": role, "key": "users"}})
    return st.one_of(plain, joined.map(lambda three: {three[0]: three[1], **three[2]}), related)


@pytest.fixture
def people(alice: User, bob: User) -> list[Caller]:
    """Return alice with records of all kinds, and bob with whom some are shared."""
    make_role("Lead", alice, bob)
    make_role("Won", bob)
    companies = [make_company(alice, name=text or "x", industry=text, notes=None) for text in TEXTS[:4]]
    contacts = [
        make_contact(owner, name=text, company=company, email=text, phone="")
        for owner, text, company in zip((alice, bob, None), TEXTS[1:], (companies[0], None, companies[2]), strict=False)
    ]
    deals = [
        make_deal(
            owner, title=text or "x", stage=stage, amount=None if number is None else Decimal(repr(number)),
            expected_close_date=moment, company=company, contact=contact, notes=text,
        )
        for owner, text, stage, number, moment, company, contact in zip(
            (alice, bob, alice, None, bob, alice), TEXTS, ("Lead", None, "", "Won", "Lost", "a\nb"),
            (0, None, 0.1, 2.5, -1, 2**53), (None, *MOMENTS, None),
            (None, *companies, None), (*contacts, None, *contacts),
            strict=False,
        )
    ]  # fmt: skip
    share(deals[0], bob, ("view",))
    for deal, text in zip(deals, TEXTS, strict=False):
        make_activity(bob, subject=text, type=text, related_deal=deal, due_date=MOMENTS[1])
    make_activity(alice, subject=None, related_contact=contacts[0], completed_at=MOMENTS[2])
    make_activity(alice, description="call Lead now", type=None)
    return [Caller(User.objects.get(pk=user.pk)) for user in (alice, bob)]


RANDOM = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def test_sql_and_memory_agree_and_a_where_never_adds_a_row(people: list[Caller]) -> None:
    worlds = [(caller, Memory(caller)) for caller in people]
    pointers = worlds[0][1].pointers() + worlds[1][1].pointers()
    answered = 0

    @RANDOM
    @given(
        st.one_of(*(st.tuples(st.just(name), wheres(name, pointers, 2)) for name in NAMES)),
        st.sampled_from(worlds),
    )
    def agree(query: tuple[str, Any], reader: tuple[Caller, Memory]) -> None:
        nonlocal answered
        (name, where), (caller, memory) = query, reader
        try:
            node = Reader(is_master=False).where(CLASSES[name], where)
        except ParseError:
            return
        expected = {str(row["objectId"]) for row in memory.rows(CLASSES[name], node)}
        answer = json.loads(find(caller, name, {"where": where, "keys": "", "limit": 1000, "count": 1}))
        got = [row["objectId"] for row in answer["results"]]
        assert sorted(got) == sorted(expected)
        assert answer["count"] == len(got)
        assert set(got) <= {str(row["objectId"]) for row in memory.rows(CLASSES[name], None)}
        answered += 1

    agree()
    assert answered > 150
