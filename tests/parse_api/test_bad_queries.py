"""Hostile queries: each is refused or answered within a second, and never breaks anything."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from parse_api.caller import Caller
from parse_api.errors import ParseError
from parse_api.limits import within_time
from parse_api.queries.find import find
from tests.clock import at_most
from tests.factories import make_deal
from tests.parse_api.app import MASTER, App, refusal

SECOND = 1.0


def limit() -> str:
    """Return how long a statement may run."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        found: str = cursor.fetchone()[0]
    return found


def nested(levels: int, name: str = "$or") -> dict[str, Any]:
    """Return a where that deep."""
    where: dict[str, Any] = {"stage": "x"}
    for _ in range(levels):
        where = {name: [where]}
    return where


def sub_queries(levels: int) -> dict[str, Any]:
    """Return sub-queries that deep."""
    where: dict[str, Any] = {"username": "x"}
    for _ in range(levels):
        where = {"title": {"$select": {"query": {"className": "_User", "where": where}, "key": "username"}}}
    return where


def negations(levels: int) -> dict[str, Any]:
    """Return a condition negated that often."""
    operand: dict[str, Any] = {"$eq": "x"}
    for _ in range(levels):
        operand = {"$not": operand}
    return {"stage": operand}


def outcome(user: User, where: object, class_name: str = "Deal") -> int | None:
    """Return the code of the error, None for an answer; at most a second later."""
    with at_most(SECOND):
        try:
            json.loads(find(Caller(user), class_name, {"where": where, "count": 1}))
            code = None
        except ParseError as problem:
            code = problem.code if problem.status == 400 else -1
    assert limit() == "0"
    return code


@pytest.fixture
def ann(alice: User) -> User:
    """Return alice with a deal on which every pattern works hard."""
    make_deal(alice, title="a" * 30_000 + "!", notes="ab" * 5_000, amount=1)
    return alice


@pytest.mark.parametrize(
    "where",
    [
        nested(11),
        nested(400),
        nested(11, "$nor"),
        negations(11),
        negations(300),
        sub_queries(11),
        "[" * 100_000,
        '{"$or":[' * 10_000,
        "\x00",
        {"$or": [{"stage": str(number)} for number in range(2_000)]},
        {f"field{number}": 1 for number in range(2_000)},
        {"stage": "a\x00b"},
        {"stage": {"$in": ["\ud800"]}},
        {"stage": {"$regex": "\ud800"}},
        {"stage": {"$regex": "\x00"}},
        {"stage": {"$regex": "(a\x00|b)"}},
        {"st\x00age": 1},
        {"\ud800": 1},
        {"amount": float("nan")},
        {"amount": {"$gt": float("inf")}},
        {"amount": {"$in": [1, float("-inf")]}},
        {"amount": 10**5000},
        '{"amount": 1e400}',
        '{"amount": NaN}',
        '{"amount": ' + "9" * 5000 + "}",
        {"notes": {"$text": {"$search": {"$term": "a\x00b"}}}},
        {"company": {"__type": "Pointer", "className": "Company", "objectId": "\x00"}},
        {"company": {"$in": ["\ud800"]}},
        {"$relatedTo": {"object": {"__type": "Pointer", "className": "_Role", "objectId": "\x00"}, "key": "users"}},
        {"stage": {"$regex": "a" * 10_000}},
        {"stage": {"$regex": "((((a{1,255}){1,255}){1,255}){1,255})"}},
        {"stage": {"$regex": "(a{1,200}){1,200}b"}},
        {"stage": {"$regex": "(a{1,200}) #{\n {1,200} b", "$options": "x"}},
        {"stage": {"$regex": "(" * 30 + "a" + "+)" * 30}},
        {"stage": {"$regex": "***"}},
        {"stage": {"$regex": "[[:nonesuch:]]"}},
        {"stage": {"$regex": "a{300}"}},
        {"stage": {"$regex": "(" * 4_000}},
        {"stage": {"$regex": "\\"}},
    ],
    ids=lambda _where: "where",
)
def test_refused(ann: User, where: object) -> None:
    assert outcome(ann, where) in (102, 105, 107, 111)


@pytest.mark.parametrize(
    "iso", ["0000-01-01", "2030-13-01", "2030-02-30", "10000-01-01", "+010000-01-01T00:00:00Z", "-0001-01-01", "",
            "2030-01-01T24:00:00Z", "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00",
            "2030-01-01T00:00:00+99:99",
            "2030-W01", "20300101", "२०३०-01-01", "2030-01-01T00:00:60Z", "2030-01-01\x00", None, 5, {}],
)  # fmt: skip
def test_dates_out_of_range_are_refused(ann: User, iso: object) -> None:
    assert outcome(ann, {"expectedCloseDate": {"$gt": {"__type": "Date", "iso": iso}}}) == 111


@pytest.mark.parametrize(
    "pattern",
    [r"^(a+)+$", r"(a*)*b", r"^((ab)*)*c", r"(.*)(.*)(.*)(.*)x", r"(a|a)*b", r"(?=(a+))a*b", r"(a{1,99}){1,99}b"],
)
def test_hostile_patterns_cannot_hold_a_worker(ann: User, pattern: str) -> None:
    for field in ("title", "notes"):
        assert outcome(ann, {field: {"$regex": pattern}}) in (None, 102)


@pytest.mark.parametrize("pattern", [r"^(.+)(.+)(.+)\1$", r"(a)\\\1", r"\Q(a)\E(b)\1"])
def test_back_references_are_refused(ann: User, pattern: str) -> None:
    assert outcome(ann, {"title": {"$regex": pattern}}) == 102
    assert outcome(ann, {"title": {"$regex": r"(a)\\1", "$options": "i"}}) is None


def test_what_takes_long_is_refused_and_the_limit_is_gone_afterwards(ann: User) -> None:
    with pytest.raises(ParseError) as caught, within_time(0.05), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")
    assert caught.value.code == 102
    assert outcome(ann, {"title": "x"}) is None


def test_what_takes_more_memory_than_there_is_is_refused(db: None) -> None:
    del db
    with pytest.raises(ParseError) as caught, within_time(), connection.cursor() as cursor:
        cursor.execute("SELECT '' ~ '(a{1,200}){1,200}b'")
    assert caught.value.code == 102


@pytest.mark.usefixtures("db")
def test_limits_hold_within_each_other_and_the_one_from_before_afterwards() -> None:
    assert limit() == "0"
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', '10s', false)")
    with within_time(0.05):
        with within_time(0.2):
            assert limit() == "200ms"
        assert limit() == "50ms"
        with pytest.raises(ParseError), within_time(0.2), connection.cursor() as cursor:
            cursor.execute("SELECT 'a' ~ '('")
        assert limit() == "50ms"
    assert limit() == "10s"


SLOW = "a(?=a*b)c"
"""Takes seconds for a text of many "a", none for a short one."""


def test_the_query_itself_is_limited(alice: User) -> None:
    make_deal(alice, notes="a" * 48_000)
    assert outcome(alice, {"notes": {"$regex": SLOW}}) == 102
    assert outcome(alice, {"$or": [{"notes": {"$regex": SLOW}}, {"notes": {"$regex": "(x|y)"}}]}) == 102
    pipeline = json.dumps([{"$match": {"notes": {"$regex": SLOW}}}, {"$limit": 1}, {"$match": {}}])
    with at_most(1.5):
        assert refusal(App(MASTER).get(f"/aggregate/Deal?{urlencode({'pipeline': pipeline})}")) == (400, 102)


def test_many_patterns_are_looked_at_in_one_go(ann: User, django_assert_num_queries: Any) -> None:
    wheres = [{"stage": {"$regex": f"(x|y){number}"}} for number in range(200)]
    with CaptureQueriesContext(connection) as few:
        find(Caller(User.objects.get(pk=ann.pk)), "Deal", {"where": wheres[0]})
    with django_assert_num_queries(len(few)):
        find(Caller(User.objects.get(pk=ann.pk)), "Deal", {"where": {"$or": wheres}})


def test_dates_among_those_of_no_row_are_none(ann: User) -> None:
    nothing = {"className": "Deal", "where": {"nosuch": 1}}
    for operator, found in (("$select", 0), ("$dontSelect", 1)):
        where = {"createdAt": {operator: {"query": nothing, "key": "updatedAt"}}}
        assert len(json.loads(find(Caller(ann), "Deal", {"where": where}))["results"]) == found


def test_long_lists_are_answered(ann: User) -> None:
    assert outcome(ann, {"amount": {"$in": list(range(10_000))}}) is None
    assert outcome(ann, {"stage": {"$nin": [str(number) for number in range(10_000)]}}) is None
    many = [{"__type": "Pointer", "className": "Company", "objectId": f"{number:010}"} for number in range(10_000)]
    assert outcome(ann, {"company": {"$in": many}}) is None
    iso = [{"__type": "Date", "iso": f"{2000 + number}-01-01"} for number in range(1_000)]
    assert outcome(ann, {"expectedCloseDate": {"$nin": iso}}) is None


def test_deepest_that_is_allowed_is_answered(ann: User) -> None:
    assert outcome(ann, nested(10)) is None
    assert outcome(ann, nested(10, "$nor")) is None
    assert outcome(ann, negations(10)) is None
    assert outcome(ann, sub_queries(10)) is None
    assert outcome(ann, {"$or": [{"stage": str(number)} for number in range(400)]}) is None


def test_edges_of_numbers_and_dates_are_answered(ann: User) -> None:
    for number in (1.7976931348623157e308, 5e-324, -0.0, 2**53, 10**308):
        assert outcome(ann, {"amount": {"$lt": number}}) is None
    for iso in ("0001-01-01", "9999-12-31T23:59:59.999Z", "1901-01-01T00:00:00.001Z"):
        for operator in ("$lt", "$lte", "$gt", "$gte", "$eq", "$ne"):
            assert outcome(ann, {"expectedCloseDate": {operator: {"__type": "Date", "iso": iso}}}) is None
