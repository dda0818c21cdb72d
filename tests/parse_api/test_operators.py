"""Every operator of a where, by the words of the contract."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from accounts.models import User
from parse_api.caller import Caller
from parse_api.errors import ParseError
from parse_api.queries.find import find
from parse_api.queries.operators import NEGATIONS, OPERATORS
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role

MASTER = Caller(is_master=True)


def pointer(class_name: str, object_id: str) -> dict[str, str]:
    """Return a pointer as it goes over the wire."""
    return {"__type": "Pointer", "className": class_name, "objectId": object_id}


def date(iso: str) -> dict[str, str]:
    """Return a Date as it goes over the wire."""
    return {"__type": "Date", "iso": iso}


def found(user: User, where: object, class_name: str = "Deal", name: str = "title") -> str:
    """Return the names of what a where finds, sorted and joined."""
    rows = json.loads(find(Caller(user), class_name, {"where": where}))["results"]
    return "".join(sorted(row[name] for row in rows))


def refusal(user: User, where: object, class_name: str = "Deal") -> int | None:
    """Return the code with which a where is refused."""
    with pytest.raises(ParseError) as caught:
        find(Caller(user), class_name, {"where": where})
    return caught.value.code


@pytest.fixture
def ann(alice: User) -> User:
    """Return alice with deals a to e, and f without stage, amount and date."""
    for number, (title, stage) in enumerate(zip("abcde", ["Lead", "Won", "Lead", "Lost", "Won"], strict=True), 1):
        moment = datetime(2030, number, 10, tzinfo=UTC)
        make_deal(
            alice, title=title, amount=10 * number, stage=stage, expected_close_date=moment, notes=f"Call {title} now"
        )
    make_deal(alice, title="f", stage=None)
    return alice


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, "abcdef"),
        ({"stage": "Lead"}, "ac"),
        ({"stage": {"$eq": "Won"}}, "be"),
        ({"amount": 20}, "b"),
        ({"amount": 20.0}, "b"),
        ({"amount": {"$lt": 30}}, "ab"),
        ({"amount": {"$lte": 30}}, "abc"),
        ({"amount": {"$gt": 30}}, "de"),
        ({"amount": {"$gte": 30, "$lt": 50}}, "cd"),
        ({"amount": {"$gt": 0}}, "abcde"),
        ({"stage": {"$lt": "Lost"}}, "ac"),
        ({"stage": {"$gte": "Lost"}}, "bde"),
        ({"stage": {"$ne": "Lead"}}, "bdef"),
        ({"amount": {"$ne": 10}}, "bcdef"),
        ({"stage": {"$in": ["Lead", "Lost"]}}, "acd"),
        ({"stage": {"$in": []}}, ""),
        ({"stage": {"$in": [None, "Lost"]}}, "df"),
        ({"stage": {"$nin": ["Lead", "Lost"]}}, "bef"),
        ({"stage": {"$nin": []}}, "abcdef"),
        ({"stage": {"$nin": [None, "Lost"]}}, "abce"),
        ({"amount": {"$in": [10, 30.0]}}, "ac"),
        ({"amount": {"$exists": True}}, "abcde"),
        ({"amount": {"$exists": False}}, "f"),
        ({"company": {"$exists": False}}, "abcdef"),
        ({"stage": None}, "f"),
        ({"stage": {"$ne": None}}, "abcde"),
        ({"expectedCloseDate": {"$gt": date("2030-03-10T00:00:00.000Z")}}, "de"),
        ({"expectedCloseDate": {"$gte": date("2030-03-10")}}, "cde"),
        ({"expectedCloseDate": {"$lte": date("2030-02-10T01:00:00+01:00")}}, "ab"),
        ({"expectedCloseDate": date("2030-02-10T00:00:00Z")}, "b"),
        ({"expectedCloseDate": {"$ne": date("2030-02-10T00:00:00Z")}}, "acdef"),
        ({"expectedCloseDate": {"$in": [date("2030-02-10T00:00:00Z"), date("2030-01-10")]}}, "ab"),
        ({"createdAt": {"$gt": date("2020-01-01T00:00:00Z")}}, "abcdef"),
        ({"updatedAt": {"$lt": "2020-01-01T00:00:00Z"}}, ""),
        ({"$or": [{"stage": "Lost"}, {"amount": {"$lt": 20}}]}, "ad"),
        ({"stage": "Won", "$or": [{"amount": 20}, {"amount": 10}]}, "b"),
        ({"$and": [{"stage": "Won"}, {"amount": {"$gt": 30}}]}, "e"),
        ({"$nor": [{"stage": "Won"}, {"amount": 10}]}, "cdf"),
        ({"$nor": [{"$nor": [{"stage": "Won"}]}]}, "be"),
        ({"stage": {"$not": {"$in": ["Won"]}}}, "acdf"),
        ({"amount": {"$not": {"$gt": 10, "$lt": 50}}}, "aef"),
        ({"amount": {"$not": {"$not": {"$gt": 40}}}}, "e"),
        ({"stage": {"$all": ["Won"]}}, "be"),
        ({"stage": {"$all": ["Won", "Lost"]}}, ""),
        ({"stage": {"$all": []}}, ""),
        ({"stage": {"$containedBy": ["Won", "Lost", None]}}, "bde"),
        ({"nonesuch": "x"}, ""),
        ({"nonesuch": {"$ne": "x"}}, ""),
        ({"nonesuch": {"$nin": ["x"]}}, ""),
        ({"nonesuch": None}, ""),
        ({"$or": [{"nonesuch": "x"}, {"stage": "Lost"}]}, "d"),
        ({"nonesuch": {"$exists": False}}, "abcdef"),
        ({"nonesuch": {"$exists": True}}, ""),
        ({"notes": {"$text": {"$search": {"$term": "CALL now"}}}}, "abcde"),
        ({"notes": {"$text": {"$search": {"$term": "call d"}}}}, "d"),
        ({"notes": {"$text": {"$search": {"$term": "& | ! :*"}}}}, ""),
        ('{"title": "a"}', "a"),
    ],
)  # fmt: skip
def test_operator(ann: User, where: object, expected: str) -> None:
    assert found(ann, where) == expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"$regex": "^L"}, "acd"),
        ({"$regex": "^l"}, ""),
        ({"$regex": "^l", "$options": "i"}, "acd"),
        ({"$regex": "^\\QLo\\E"}, "d"),
        ({"$regex": "\\Qn\\E$"}, "be"),
        ({"$regex": "^\\QWon\\E$"}, "be"),
        ({"$regex": "\\Qo\\E"}, "bde"),
        ({"$regex": "\\Q.\\E"}, ""),
        ({"$regex": "W.n|L[o]st"}, "bde"),
        ({"$regex": " W o n ", "$options": "xi"}, "be"),
        ({"$regex": ""}, "abcde"),
        ({"$regex": "\\QL", "$options": ""}, "acd"),
        ({"$regex": "won", "$options": "imsu"}, "be"),
        ({"$regex": "(?i)^WON$"}, "be"),
        ({"$regex": "(?ix) w o n ", "$options": "s"}, "be"),
        ({"$regex": "(?i)\\QWON\\E"}, "be"),
        ({"$not": {"$regex": "^L"}}, "bef"),
    ],
)
def test_regex(ann: User, where: object, expected: str) -> None:
    assert found(ann, {"stage": where}) == expected


@pytest.mark.parametrize(
    ("pattern", "options", "expected"),
    [("a.b", "", ""), ("a.b", "s", "x"), ("^b", "", ""), ("^b", "m", "x"), ("a$", "m", "x"), ("^a.b$", "ms", "x")],
)
def test_regex_and_lines(alice: User, pattern: str, options: str, expected: str) -> None:
    make_deal(alice, title="x", notes="a\nb")
    assert found(alice, {"notes": {"$regex": pattern, "$options": options}}) == expected


@pytest.mark.parametrize("text", ["", "50% off", "a_b", r"back\slash", "(x", "q\\Eq", "ü-ö", "#1", "a\nb", "\\", "*+?"])
def test_quoted_text_is_found_as_it_stands(alice: User, text: str) -> None:
    make_deal(alice, title="x", notes=f"before{text}after")
    quoted = "\\Q" + text.replace("\\E", "\\E\\\\E\\Q") + "\\E"
    for pattern, options in (("before{}after", ""), ("^before{}after$", ""), ("BEFORE{}AFTER", "i"), ("{}a[f]ter", "")):
        where = {"notes": {"$regex": pattern.format(quoted), "$options": options}}
        assert found(alice, where) == "x", where


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ({"stage": {"$in": "Lead"}}, 107),
        ({"stage": {"$nin": 5}}, 107),
        ({"stage": {"$in": [1, 2]}}, 102),
        ({"stage": 5}, 102),
        ({"stage": True}, 102),
        ({"stage": ["Won"]}, 102),
        ({"stage": {"a": 1}}, 102),
        ({"stage": {}}, 102),
        ({"stage": {"$lt": None}}, 102),
        ({"amount": {"$gt": "10"}}, 102),
        ({"amount": True}, 102),
        ({"expectedCloseDate": {"$gt": "2030-01-01"}}, 102),
        ({"expectedCloseDate": {"$gt": 5}}, 102),
        ({"expectedCloseDate": date("soon")}, 111),
        ({"expectedCloseDate": {"__type": "Date"}}, 111),
        ({"createdAt": {"$gt": "soon"}}, 111),
        ({"company": "abcdefghij"}, 102),
        ({"company": {"__type": "Pointer", "className": "Company"}}, 111),
        ({"company": {"$gt": pointer("Company", "abcdefghij")}}, 102),
        ({"stage": {"$exists": 1}}, 102),
        ({"stage": {"$regex": 5}}, 102),
        ({"stage": {"$regex": "a", "$options": "q"}}, 102),
        ({"stage": {"$regex": "a", "$options": 1}}, 102),
        ({"stage": {"$regex": "("}}, 102),
        ({"stage": {"$regex": "(?q)a"}}, 102),
        ({"stage": {"$regex": "a(?i)b"}}, 102),
        ({"stage": {"$options": "i"}}, 102),
        ({"amount": {"$regex": "1"}}, 102),
        ({"$or": {"stage": "Won"}}, 102),
        ({"$or": []}, 102),
        ({"$or": ["x"]}, 102),
        ({"$and": "x"}, 102),
        ({"$nor": []}, 102),
        ({"stage": {"$not": "x"}}, 102),
        ({"$frobnicate": 1}, 105),
        ({"stage": {"$frobnicate": 1}}, 102),
        ({"two words": 1}, 105),
        ({"9x": 1}, 105),
        ({"": 1}, 105),
        ({"$or": [{"_hashed_password": {"$regex": "^a"}}]}, 105),
        ({"_hashed_password": None}, 105),
        ({"company.name": "x"}, 102),
        ({"ACL": {"*": {"read": True}}}, 102),
        ({"company": {"$inQuery": {"className": "Company"}}}, 102),
        ({"company": {"$inQuery": {"where": {}}}}, 102),
        ({"company": {"$inQuery": {"className": "Nope", "where": {"a": 1}}}}, 119),
        ({"title": {"$inQuery": {"className": "Company", "where": {}}}}, 102),
        ({"stage": {"$select": {"query": {"className": "Deal", "where": {"stage": "x"}}}}}, 102),
        ({"stage": {"$select": {"query": {"where": {"stage": "x"}}, "key": "stage"}}}, 102),
        ({"stage": {"$select": {"query": {"className": "Deal", "where": {}}, "key": "_acl"}}}, 105),
        ({"$relatedTo": {"object": 1, "key": "users"}}, 102),
        ({"$relatedTo": {"key": "users"}}, 102),
        ({"notes": {"$text": {"$search": "x"}}}, 107),
        ({"notes": {"$text": {"$search": {"$term": "x", "$caseSensitive": True}}}}, 107),
        ({"amount": {"$text": {"$search": {"$term": "x"}}}}, 102),
        ('{"title":', 107),
        ([], 107),
        (None, 107),
    ],
)  # fmt: skip
def test_refused(alice: User, where: object, code: int) -> None:
    assert refusal(alice, where) == code


def test_pointers(alice: User) -> None:
    one, two = make_company(alice), make_company(alice)
    for title, company in (("a", one), ("b", two), ("c", None)):
        make_deal(alice, title=title, company=company)
    first = pointer("Company", one.pk)
    assert found(alice, {"company": first}) == "a"
    assert found(alice, {"company": {"$eq": first | {"__type": "Object", "name": "x"}}}) == "a"
    assert found(alice, {"company": {"$ne": first}}) == "bc"
    assert found(alice, {"company": {"$in": [first, pointer("Company", "zzzzzzzzzz")]}}) == "a"
    assert found(alice, {"company": {"$in": [two.pk, None]}}) == "bc"
    assert found(alice, {"company": {"$nin": [first]}}) == "bc"
    assert found(alice, {"company": pointer("Contact", one.pk)}) == ""
    assert found(alice, {"objectId": {"$in": [one.pk]}}, "Company", "objectId") == one.pk


def test_in_query_and_select(alice: User) -> None:
    alpha, beta = make_company(alice, name="Alpha"), make_company(alice, name="Beta")
    kim = make_contact(alice, name="Kim", company=alpha)
    make_contact(alice, name="Alpha", company=beta)
    for title, company, contact in (("a", alpha, kim), ("b", beta, None), ("c", None, None)):
        make_deal(alice, title=title, company=company, contact=contact, stage=None if title == "b" else title)
    named = {"className": "Company", "where": {"name": "Alpha"}, "limit": 1, "keys": "name"}
    assert found(alice, {"company": {"$inQuery": named}}) == "a"
    assert found(alice, {"company": {"$notInQuery": named}}) == "bc"
    nested = {"className": "Contact", "where": {"company": {"$inQuery": named}}}
    assert found(alice, {"contact": {"$inQuery": nested}}) == "a"
    assert found(alice, {"company": {"$inQuery": {"className": "Contact", "where": {}}}}) == ""
    select = {"query": {"className": "Contact", "where": {}}, "key": "name"}
    assert found(alice, {"name": {"$select": select}}, "Company", "name") == "Alpha"
    assert (
        found(alice, {"name": {"$select": select | {"query": {"className": "Contact"}}}}, "Company", "name") == "Alpha"
    )
    assert found(alice, {"name": {"$dontSelect": select}}, "Company", "name") == "Beta"
    assert found(alice, {"company": {"$select": select | {"key": "company"}}}) == "ab"
    assert found(alice, {"company": {"$dontSelect": select | {"key": "company"}}}) == "c"
    stages = {"query": {"className": "Deal", "where": {}}, "key": "stage"}
    assert found(alice, {"title": {"$dontSelect": stages}}) == "b"
    created = {"query": {"className": "Deal", "where": {"title": "a"}}, "key": "createdAt"}
    assert found(alice, {"updatedAt": {"$select": created}}) >= "a"


def test_related_to_takes_two_classes(alice: User) -> None:
    contact, deal = make_contact(alice, name="Kim"), make_deal(alice, title="Big")
    make_activity(alice, subject="c", related_contact=contact)
    make_activity(alice, subject="d", related_deal=deal)
    make_activity(alice, subject="n")

    def about(condition: object) -> str:
        return found(alice, {"relatedTo": condition}, "Activity", "subject")

    assert about(pointer("Contact", contact.pk)) == "c"
    assert about(pointer("Deal", deal.pk)) == "d"
    assert about(pointer("Deal", contact.pk)) == ""
    assert about({"$in": [pointer("Deal", deal.pk), pointer("Contact", contact.pk)]}) == "cd"
    assert about({"$in": [deal.pk]}) == "d"
    assert about({"$ne": pointer("Deal", deal.pk)}) == "cn"
    assert about({"$nin": [pointer("Deal", deal.pk)]}) == "cn"
    assert about({"$exists": True}) == "cd"
    assert about(None) == "n"
    assert about({"$inQuery": {"className": "Deal", "where": {"title": "Big"}}}) == "d"
    assert about({"$inQuery": {"className": "Contact", "where": {}}}) == "c"
    assert about({"$notInQuery": {"className": "Deal", "where": {}}}) == "cn"


def test_members_of_a_role(alice: User, bob: User, mallory: User) -> None:
    sales, support = make_role("Sales", alice, bob), make_role("Support", mallory)
    related = {"object": pointer("_Role", sales.object_id), "key": "users"}
    assert found(alice, {"$relatedTo": related}, "_User", "username") == "alicebob"
    assert found(alice, {"$relatedTo": related | {"key": "roles"}}, "_User", "username") == ""
    assert found(alice, {"$relatedTo": related}) == ""
    me = pointer("_User", alice.pk)
    assert found(alice, {"users": me, "name": {"$regex": "^S"}}, "_Role", "name") == "Sales"
    assert found(
        alice, {"users": {"$in": [me, pointer("_User", mallory.pk)]}, "name": {"$regex": "^S"}}, "_Role", "name"
    ) == ("SalesSupport")
    assert found(alice, {"users": {"$ne": me}, "objectId": support.object_id}, "_Role", "name") == "Support"
    assert found(alice, {"roles": pointer("_Role", sales.object_id)}, "_Role", "name") == ""
    his = {"className": "_User", "where": {"username": "alice"}}
    named = {"name": {"$regex": "^S"}}
    assert found(alice, {"users": {"$inQuery": his}}, "_Role", "name") == "Sales"
    assert found(alice, {"users": {"$notInQuery": his}, **named}, "_Role", "name") == "Support"
    assert found(alice, {"users": {"$inQuery": {"className": "Deal", "where": {}}}}, "_Role", "name") == ""
    sales.children.add(support)
    assert found(alice, {"roles": {"$inQuery": {"className": "_Role", "where": named}}}, "_Role", "name") == "Sales"


def test_every_operator_has_a_case(ann: User) -> None:
    with open(__file__) as source:  # noqa: PTH123
        text = source.read()
    assert [name for name in (*OPERATORS, *NEGATIONS) if f'"{name}"' not in text] == []


def test_moments_compare_as_they_are_shown(alice: User) -> None:
    make_deal(alice, title="x", expected_close_date=datetime(2030, 1, 1, 0, 0, 0, 123_999, UTC))
    shown = date("2030-01-01T00:00:00.123Z")
    for operator, expected in (("$eq", "x"), ("$gte", "x"), ("$lte", "x"), ("$gt", ""), ("$lt", ""), ("$ne", "")):
        assert found(alice, {"expectedCloseDate": {operator: shown}}) == expected
    assert found(alice, {"expectedCloseDate": {"$in": [shown]}}) == "x"
    assert found(alice, {"expectedCloseDate": {"$lte": date("9999-12-31T23:59:59.999Z")}}) == "x"
