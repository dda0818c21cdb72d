"""Conditions: every operator of every kind of field, and that none adds a row."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from graphql import GraphQLInputObjectType

from accounts.models import User
from parse_api.classes import ALL
from parse_api.graphql import inputs
from parse_api.queries.operators import NEGATIONS, OPERATORS
from parse_api.queries.where import OPPOSITES
from records.access import share
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role
from tests.parse_api.app import App
from tests.parse_api.graphql.asking import answer, code, master, nodes, person

DEALS = "query($w: DealWhereInput) { deals(where: $w, order: [title_ASC]) { edges { node { title } } count } }"
DAYS = {day: f"2030-01-{day:02}T00:00:00.000Z" for day in range(1, 9)}


@pytest.fixture
def app(alice: User) -> App:
    """Return the app of alice with three deals, the last of which has nothing but its title."""
    company, other = make_company(alice, name="Alpha", industry="Steel"), make_company(alice, name="Beta")
    contact = make_contact(alice, name="Kim", company=company)
    make_deal(
        alice,
        title="a",
        amount=10,
        stage="lead",
        company=company,
        contact=contact,
        expected_close_date=day(1),
        notes="green tea",
    )
    make_deal(alice, title="b", amount=20.5, stage="Won", company=other, expected_close_date=day(2))
    make_deal(alice, title="c", stage=None)
    return person(alice)


def day(number: int) -> datetime:
    return datetime(2030, 1, number, tzinfo=UTC)


def found(app: App, where: dict[str, Any]) -> str:
    """Return the titles of the deals that fulfil a condition."""
    listed = answer(app, DEALS, {"w": where})["deals"]
    titles = "".join(nodes(listed, "title"))
    assert listed["count"] == len(titles)
    return titles


@pytest.mark.parametrize(
    ("where", "titles"),
    [
        ({"stage": {"equalTo": "lead"}}, "a"),
        ({"stage": {"equalTo": None}}, "c"),
        ({"stage": {"notEqualTo": "lead"}}, "bc"),
        ({"stage": {"notEqualTo": None}}, "ab"),
        ({"title": {"lessThan": "b"}}, "a"),
        ({"title": {"lessThanOrEqualTo": "b"}}, "ab"),
        ({"title": {"greaterThan": "b"}}, "c"),
        ({"title": {"greaterThanOrEqualTo": "b", "notEqualTo": "c"}}, "b"),
        ({"title": {"in": ["a", "c", "x"]}}, "ac"),
        ({"title": {"in": []}}, ""),
        ({"stage": {"in": [None, "lead"]}}, "ac"),
        ({"stage": {"notIn": ["lead"]}}, "bc"),
        ({"stage": {"notIn": []}}, "abc"),
        ({"stage": {"exists": True}}, "ab"),
        ({"stage": {"exists": False}}, "c"),
        ({"stage": {"matchesRegex": "^W"}}, "b"),
        ({"stage": {"matchesRegex": "^L", "options": "i"}}, "a"),
        ({"notes": {"text": {"search": {"term": "TEA"}}}}, "a"),
        ({"title": {"inQueryKey": {"query": {"className": "Deal", "where": {"stage": "Won"}}, "key": "title"}}}, "b"),
        ({"title": {"notInQueryKey": {"query": {"className": "Deal", "where": {}}, "key": "title"}}}, ""),
        ({"amount": {"equalTo": 20.5}}, "b"),
        ({"amount": {"notEqualTo": 10}}, "bc"),
        ({"amount": {"lessThan": 20}}, "a"),
        ({"amount": {"lessThanOrEqualTo": 20.5}}, "ab"),
        ({"amount": {"greaterThan": 10}}, "b"),
        ({"amount": {"greaterThanOrEqualTo": 10}}, "ab"),
        ({"amount": {"in": [10, 20.5]}}, "ab"),
        ({"amount": {"notIn": [10]}}, "bc"),
        ({"amount": {"exists": False}}, "c"),
        ({"expectedCloseDate": {"equalTo": DAYS[1]}}, "a"),
        ({"expectedCloseDate": {"equalTo": {"__type": "Date", "iso": "2030-01-01"}}}, "a"),
        ({"expectedCloseDate": {"notEqualTo": DAYS[1]}}, "bc"),
        ({"expectedCloseDate": {"lessThan": DAYS[2]}}, "a"),
        ({"expectedCloseDate": {"lessThanOrEqualTo": DAYS[2]}}, "ab"),
        ({"expectedCloseDate": {"greaterThan": DAYS[1]}}, "b"),
        ({"expectedCloseDate": {"greaterThanOrEqualTo": DAYS[1]}}, "ab"),
        ({"expectedCloseDate": {"in": [DAYS[2]]}}, "b"),
        ({"expectedCloseDate": {"notIn": [DAYS[2]]}}, "ac"),
        ({"expectedCloseDate": {"exists": True}}, "ab"),
        ({"createdAt": {"greaterThan": DAYS[1]}}, ""),
        ({"createdAt": {"lessThan": DAYS[1]}}, "abc"),
        ({"updatedAt": {"exists": True}}, "abc"),
        ({"company": {"exists": True}}, "ab"),
        ({"company": {"exists": False}}, "c"),
        ({"company": {"have": {"name": {"equalTo": "Alpha"}}}}, "a"),
        ({"company": {"haveNot": {"name": {"equalTo": "Alpha"}}}}, "bc"),
        ({"company": {"have": {}}}, "ab"),
        ({"company": {"have": {}, "haveNot": {"name": {"equalTo": "Alpha"}}}}, "b"),
        ({"contact": {"have": {"company": {"have": {"industry": {"equalTo": "Steel"}}}}}}, "a"),
        ({"assignedTo": {"have": {"username": {"equalTo": "alice"}}}}, "abc"),
        ({"OR": [{"title": {"equalTo": "a"}}, {"amount": {"equalTo": 20.5}}]}, "ab"),
        ({"AND": [{"stage": {"exists": True}}, {"amount": {"greaterThan": 10}}]}, "b"),
        ({"NOR": [{"title": {"equalTo": "a"}}, {"title": {"equalTo": "b"}}]}, "c"),
        ({"OR": [{"AND": [{"title": {"equalTo": "a"}}, {"NOR": [{"stage": {"equalTo": "x"}}]}]}]}, "a"),
        ({}, "abc"),
        ({"stage": None, "company": None, "OR": None, "id": None}, "abc"),
        ({"id": {"exists": True}}, "abc"),
        ({"id": {"in": []}}, ""),
    ],
)  # fmt: skip
def test_an_operator(app: App, where: dict[str, Any], titles: str) -> None:
    assert found(app, where) == titles


def test_ids_in_both_forms(app: App) -> None:
    a, b, _ = nodes(answer(app, "{ deals(order: [title_ASC]) { edges { node { id objectId } } } }")["deals"])
    for field in ("id", "objectId"):
        for form in ("id", "objectId"):
            assert found(app, {field: {"equalTo": a[form]}}) == "a"
            assert found(app, {field: {"notEqualTo": a[form]}}) == "bc"
            assert found(app, {field: {"in": [a[form], b[form]]}}) == "ab"
            assert found(app, {field: {"notIn": [a[form]]}}) == "bc"
    assert found(app, {"id": {"equalTo": a["id"]}, "objectId": {"equalTo": b["id"]}}) == ""
    assert found(app, {"id": {"in": [a["id"], b["id"]]}, "objectId": {"equalTo": b["id"]}}) == "b"
    contact = answer(app, "{ contacts { edges { node { id } } } }")["contacts"]["edges"][0]["node"]["id"]
    assert found(app, {"id": {"equalTo": contact}}) == ""


def test_the_members_of_a_role(alice: User, bob: User) -> None:
    sales, support = make_role("Sales", alice), make_role("Support", bob)
    sales.children.add(support)
    query = "query($w: RoleWhereInput) { roles(where: $w, order: [name_ASC]) { edges { node { name } } } }"

    def names(**where: Any) -> list[str]:
        return nodes(answer(person(alice), query, {"w": where})["roles"], "name")

    assert names(users={"have": {"username": {"equalTo": "alice"}}}) == ["Sales"]
    assert names(users={"haveNot": {"username": {"equalTo": "alice"}}}) == ["Managers", "Support"]
    assert names(roles={"have": {"users": {"have": {"username": {"equalTo": "bob"}}}}}) == ["Sales"]
    assert names(users={"exists": True}) == ["Managers", "Sales", "Support"]
    assert code(person(alice), query, {"w": {"users": {"have": {"email": {"exists": True}}}}}) == 119


def test_what_an_activity_is_about(alice: User) -> None:
    contact, deal = make_contact(alice, name="Kim"), make_deal(alice, title="one")
    make_activity(alice, subject="c", related_contact=contact)
    make_activity(alice, subject="d", related_deal=deal)
    make_activity(alice, subject="e")
    app = person(alice)
    query = (
        "query($w: ActivityWhereInput) { activities(where: $w, order: [subject_ASC]) { edges { node { subject } } } }"
    )

    def subjects(**where: Any) -> str:
        return "".join(nodes(answer(app, query, {"w": {"relatedTo": where}})["activities"], "subject"))

    assert subjects(exists=True) == "cd"
    assert subjects(have={}) == subjects(haveDeal={}) == subjects(have={"title": {"equalTo": "one"}}) == "d"
    assert subjects(haveContact={"name": {"equalTo": "Kim"}}) == "c"
    assert subjects(haveNotContact={}) == "de"
    assert subjects(haveNot={}, haveNotContact={}) == "e"


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ({"OR": []}, 102),
        ({"stage": {}}, 102),
        ({"company": {}}, 102),
        ({"id": {}}, 102),
        ({"NOR": []}, 102),
        ({"stage": {"options": "i"}}, 102),
        ({"stage": {"matchesRegex": "("}}, 102),
        ({"stage": {"matchesRegex": "a", "options": "q"}}, 102),
        ({"stage": {"matchesRegex": "(a+)+\\1"}}, 102),
        ({"stage": {"lessThan": None}}, 102),
        ({"stage": {"exists": None}}, 102),
        ({"amount": {"greaterThan": None}}, 102),
        ({"amount": {"in": None}}, 107),
        ({"title": {"inQueryKey": {"query": {"className": "Nonesuch", "where": {}}, "key": "title"}}}, 119),
        ({"title": {"inQueryKey": {"query": {"className": "_User", "where": {}}, "key": "email"}}}, 119),
        ({"notes": {"text": {"search": {"term": "x", "caseSensitive": True}}}}, 107),
    ],
)
def test_what_a_where_of_rest_refuses(app: App, where: dict[str, Any], wanted: int) -> None:
    assert code(app, DEALS, {"w": where}) == wanted


@pytest.mark.parametrize(
    "where",
    [
        {"nonesuch": {"equalTo": 1}},
        {"stage": {"nonesuch": 1}},
        {"stage": {"equalTo": 5}},
        {"stage": "lead"},
        {"amount": {"equalTo": "12"}},
        {"amount": {"matchesRegex": "1"}},
        {"amount": {"equalTo": True}},
        {"expectedCloseDate": {"equalTo": "soon"}},
        {"expectedCloseDate": {"equalTo": 5}},
        {"expectedCloseDate": {"equalTo": {"__type": "Date"}}},
        {"stage": {"exists": "yes"}},
        {"company": {"equalTo": "x"}},
        {"company": {"have": {"nonesuch": {"equalTo": 1}}}},
        {"ACL": {"equalTo": "x"}},
        {"$or": []},
        [],
        "x",
        5,
    ],
)
def test_what_is_not_of_the_schema_is_bad_input(app: App, where: Any) -> None:
    assert code(app, DEALS, {"w": where}, status=400) in ("BAD_USER_INPUT",)


def test_conditions_nest_as_deep_as_in_rest(app: App) -> None:
    where: dict[str, Any] = {"title": {"equalTo": "a"}}
    for _ in range(10):
        where = {"OR": [where]}
    assert found(app, where) == "a"
    assert code(app, DEALS, {"w": {"OR": [where]}}) == 102
    assert code(app, DEALS, {"w": {"OR": [{"title": {"equalTo": "x"}}] * 1_000}}) == 102


def test_users_are_not_found_by_their_address(alice: User, bob: User) -> None:
    query = "query($w: UserWhereInput) { users(where: $w) { count } }"
    app = person(alice)
    for where in ({"email": {"equalTo": "bob@example.com"}}, {"OR": [{"email": {"exists": True}}]}):
        assert code(app, query, {"w": where}) == 119
        assert answer(master(), query, {"w": where})["users"]["count"] >= 1
    make_deal(bob, title="his")
    inner = {"assignedTo": {"have": {"email": {"exists": True}}}}
    assert code(app, DEALS, {"w": inner}) == 119
    assert answer(app, query, {"w": {"emailVerified": {"exists": False}}})["users"]["count"] == 2
    assert answer(app, query, {"w": {"emailVerified": {"equalTo": True}}})["users"]["count"] == 0


def test_a_where_adds_no_row(alice: User, mallory: User) -> None:
    company = make_company(alice, name="Alpha")
    deal = make_deal(alice, title="a", company=company)
    app = person(mallory)
    for where in ({}, {"OR": [{"title": {"exists": True}}]}, {"NOR": [{"title": {"equalTo": "x"}}]}):
        assert found(app, where) == ""
    share(deal, mallory, ("view",))
    assert found(app, {"title": {"equalTo": "a"}}) == "a"
    make_company(alice, name="Hidden")
    query = (
        '{ companies(where: {name: {inQueryKey: {query: {className: "Company", where: {}}, key: "name"}}}) { count } }'
    )
    assert answer(app, query)["companies"]["count"] == 1


def test_every_operator_of_the_table_has_a_name() -> None:
    named = set(inputs.OPERATORS.values()) | {"$inQuery", "$notInQuery"}
    assert named == {*OPERATORS, *NEGATIONS, *OPPOSITES, *OPPOSITES.values(), "$options"}


def test_every_field_can_be_asked_for() -> None:
    for parse_class in ALL.values():
        where: GraphQLInputObjectType = inputs.WHERES[parse_class.name]
        missing = set(parse_class.fields) - set(where.fields) - {"ACL", "more"}
        assert missing == set(), parse_class.name
