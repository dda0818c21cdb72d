"""Selections: aliases, fragments, directives and types, as the specification has them."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from graphql import build_schema, get_introspection_query

from accounts.models import User
from parse_api.classes import ALL
from parse_api.graphql.names import field_name, plural, type_name
from parse_api.graphql.schema import SCHEMA
from tests.factories import make_activity, make_company, make_contact, make_deal
from tests.parse_api.app import App
from tests.parse_api.graphql.asking import answer, code, master, nodes, person, post


@pytest.fixture
def app(alice: User) -> App:
    """Return the app of alice with a deal about a company, and two activities."""
    company = make_company(alice, name="Alpha", industry="Steel")
    contact = make_contact(alice, name="Kim", company=company)
    deal = make_deal(alice, title='a "b" \\ \u2028 ü 😀 \x07\x1d\x1e\x1f', contact=contact, company=company)
    make_activity(alice, subject="d", related_deal=deal)
    make_activity(alice, subject="c", related_contact=contact)
    return person(alice)


TITLE = 'a "b" \\ \u2028 ü 😀 \x07\x1d\x1e\x1f'


def test_aliases_and_the_order_of_fields(app: App) -> None:
    found = answer(
        app,
        "{ second: deals { n: count more: edges { it: node { b: title a: objectId } } edges { node { title } "
        "again: node { stage } cursor } } __typename ok: health __schemaless: health }".replace(
            "__schemaless", "schemaless"
        ),
    )
    assert list(found) == ["second", "__typename", "ok", "schemaless"]
    assert list(found["second"]) == ["n", "more", "edges"]
    assert list(found["second"]["more"][0]["it"]) == ["b", "a"]
    assert list(found["second"]["edges"][0]) == ["node", "again", "cursor"]
    assert found["second"]["more"][0]["it"]["b"] == found["second"]["edges"][0]["node"]["title"] == TITLE
    assert found["second"]["edges"][0]["again"] == {"stage": "lead"}
    assert found["__typename"] == "Query"


def test_one_pointer_twice(app: App) -> None:
    query = "{ deals { edges { node { a: company { name } b: company { industry } company { name } } } } }"
    (node,) = nodes(answer(app, query)["deals"])
    assert node == {"a": {"name": "Alpha"}, "b": {"industry": "Steel"}, "company": {"name": "Alpha"}}


def test_selections_of_one_key_are_merged(app: App) -> None:
    query = """
    { deals { edges { node { title } } ...More } deals { edges { node { company { name } } } count } }
    fragment More on DealConnection { edges { node { ...Deep ... on Deal { company { objectId } } } __typename } }
    fragment Deep on Deal { company { industry } ...Deeper __typename }
    fragment Deeper on Node { id ... { ... on ParseObject { createdAt } } }
    """
    (edge,) = answer(app, query)["deals"]["edges"]
    assert list(edge) == ["node", "__typename"]
    assert edge["__typename"] == "DealEdge"
    assert set(edge["node"]) == {"title", "company", "id", "createdAt", "__typename"}
    assert set(edge["node"]["company"]) == {"industry", "objectId", "name"}
    assert edge["node"]["__typename"] == "Deal"


@pytest.mark.parametrize(("yes", "no"), [(True, False), (False, True)])
def test_directives_leave_fields_out(app: App, yes: bool, no: bool) -> None:  # noqa: FBT001
    query = """
    query ($yes: Boolean!, $no: Boolean = false) {
      deals { count @include(if: $yes)
        edges { node { title @skip(if: $no) stage @include(if: true) notes @skip(if: true)
        ... @include(if: $yes) { amount } ...Gone @skip(if: $yes) } } }
      health @skip(if: $yes)
    }
    fragment Gone on Deal { company { name } }
    """
    found = answer(app, query, {"yes": yes, "no": no})
    assert ("count" in found["deals"], "health" in found) == (yes, no)
    (node,) = nodes(found["deals"])
    assert set(node) == {"stage"} | ({"amount", "title"} if yes else {"company"})
    assert answer(app, query, {"yes": True})["deals"]["count"] == 1


def test_nothing_at_all_is_left(app: App) -> None:
    for field in ("query($a: Boolean!) { health", "mutation($a: Boolean!) { logOut(input: {})"):
        query = f"{field} @skip(if: $a) {'{ ok }' if 'logOut' in field else ''} }}"
        assert post(app, query, {"a": True}, X_Parse_Request_Id="one").json() == {"data": {}}
    assert nodes(answer(app, "{ deals { edges { node { title @skip(if: true) } } } }")["deals"]) == [{}]
    query = "query($a: Boolean = true) { health @skip(if: $a) }"
    assert answer(app, query) == {}
    assert code(app, query, {"a": None}, status=400) == "BAD_USER_INPUT"


def test_every_value_of_a_directive_is_kept_apart(app: App) -> None:
    names = [f"v{n}" for n in range(5)]
    head = ", ".join(f"${name}: Boolean!" for name in names)
    query = f"query({head}) {{ {' '.join(f'{name}: health @include(if: ${name})' for name in names)} }}"
    for number in range(32):
        flags = {name: bool(number >> n & 1) for n, name in enumerate(names)}
        assert set(answer(app, query, flags)) == {name for name, flag in flags.items() if flag}


def test_what_an_activity_is_about_is_one_of_two_types(app: App) -> None:
    query = """
    { activities(order: [subject_ASC]) { edges { node { relatedTo { __typename ... on Node { id }
      ... on Contact { name company { name } } ... on Deal { title company { industry } contact { name } } } } } } }
    """
    contact, deal = (each["relatedTo"] for each in nodes(answer(app, query)["activities"]))
    assert (contact["__typename"], contact["name"], contact["company"]) == ("Contact", "Kim", {"name": "Alpha"})
    assert (deal["__typename"], deal["title"], deal["company"]) == ("Deal", TITLE, {"industry": "Steel"})
    only = "{ activities(order: [subject_ASC]) { edges { node { relatedTo { ... on Deal { contact { name } } } } } } }"
    assert nodes(answer(app, only)["activities"]) == [{"relatedTo": {}}, {"relatedTo": {"contact": {"name": "Kim"}}}]


def test_variables_with_defaults_and_without_values(app: App) -> None:
    arguments = "where: {stage: {equalTo: $t}}, first: $n"
    query = f'query($t: String = "x", $n: Int) {{ deals({arguments}) {{ count edges {{ cursor }} }} }}'
    assert answer(app, query)["deals"]["count"] == 0
    assert answer(app, query, {"t": "lead"})["deals"]["count"] == 1
    assert answer(app, query, {"t": "lead", "n": 0})["deals"]["edges"] == []
    assert answer(app, query, {"t": "lead", "more": "is ignored"})["deals"]["count"] == 1


def test_one_of_several_operations(app: App) -> None:
    body = {"query": "query A { health } query B { a: health } mutation C { logOut(input: {}) { ok } }"}
    for name, expected in (("A", {"health": True}), ("B", {"a": True})):
        response = app.client.post(
            "/graphql", {**body, "operationName": name}, content_type="application/json", headers=app.headers
        )
        assert response.json() == {"data": expected}
    for other in (None, "", "D"):
        response = app.client.post(
            "/graphql", {**body, "operationName": other}, content_type="application/json", headers=app.headers
        )
        assert (response.status_code, response.json()["errors"][0]["extensions"]) == (
            400,
            {"code": "OPERATION_RESOLUTION_FAILURE"},
        )


def test_every_class_has_its_queries_and_mutations() -> None:
    query, mutation = SCHEMA.query_type, SCHEMA.mutation_type
    assert query is not None
    assert mutation is not None
    assert set(query.fields) == {
        *map(field_name, ALL.values()),
        *map(plural, ALL.values()),
        *("node", "viewer", "health", "class", "classes"),
    }
    own = {f"{verb}{type_name(each)}" for each in ALL.values() for verb in ("create", "update", "delete")}
    assert set(mutation.fields) == own | {"signUp", "logIn", "logOut", "resetPassword"}
    for each in ALL.values():
        fields: Any = SCHEMA.type_map[type_name(each)]
        assert set(each.fields) - {"more"} <= set(fields.fields)
    assert "password" not in SCHEMA.type_map["User"].fields  # type: ignore[attr-defined]  # it is an object type


def test_the_schema_is_told_with_the_master_key_only(app: App) -> None:
    for query in (
        "{ __schema { queryType { name } } }",
        '{ __type(name: "Deal") { name } }',
        get_introspection_query(),
    ):
        assert code(app, query, status=403) == "FORBIDDEN"
        assert code(App(), query, status=403) == "FORBIDDEN"
    assert code(app, "{ a: health ... on Query { b: __schema { __typename } } }", status=403) == "FORBIDDEN"
    told = answer(master(), get_introspection_query())["__schema"]
    assert {each["name"] for each in told["types"]} == set(SCHEMA.type_map)
    found = answer(
        master(),
        'query($n: String!) { health deal: __type(name: $n) { name ...F } x: __type(name: "No") { name } __typename } '
        "fragment F on __Type { fields { name } }",
        {"n": "Deal"},
    )
    assert list(found) == ["health", "deal", "x", "__typename"]
    assert "lostReason" in [each["name"] for each in found["deal"]["fields"]]
    assert found["x"] is None


def test_nothing_is_hinted_at_without_asking(app: App) -> None:
    for query in (
        "{ deal { titl } }",
        "{ dealz { count } }",
        "{ deals(wher: {}) { count } }",
        "{ deals(order: [title_AS]) { count } }",
    ):
        response = post(app, query)
        assert response.status_code == 400
        assert "Did you mean" not in response.content.decode()
    variables = {"w": {"titl": {"equalTo": "x"}}}
    response = post(app, "query($w: DealWhereInput) { deals(where: $w) { count } }", variables)
    assert response.status_code == 400
    assert "title" not in response.content.decode().replace("titl'", "")


def test_the_schema_reads_as_one() -> None:
    out = StringIO()
    call_command("graphql_schema", stdout=out)
    text = out.getvalue()
    assert build_schema(text).type_map.keys() == SCHEMA.type_map.keys()
    for line in (
        "union ActivityRelatedTo = Contact | Deal",
        "input CreateDealFieldsInput {\n  title: String!\n  amount: Float",
        "type DealConnection {\n  count: Int!\n  edges: [DealEdge!]\n  pageInfo: PageInfo!",
        "  deal(id: ID!, options: ReadOptionsInput): Deal!",
        "  createDeal(input: CreateDealInput!): CreateDealPayload",
    ):
        assert line in text
