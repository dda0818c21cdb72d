"""Requests: their forms, keys, sessions and the table of errors."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import OperationalError
from django.test import Client
from psycopg.errors import QueryCanceled

from accounts.models import User
from parse_api.graphql import queries
from tests.factories import make_deal, signed_in
from tests.parse_api.app import MASTER, NO_TOKEN, REST, App, refusal
from tests.parse_api.graphql.asking import answer, code, codes, person, post, post_body

HEALTH = {"query": "{ health }"}


def test_keys_and_dead_sessions_are_refused_as_in_rest(alice: User) -> None:
    app = person(alice)
    for headers in ({}, {"X-Parse-Application-Id": "crm"}, {**REST, "X-Parse-REST-API-Key": "wrong"}):
        assert refusal(post_body(App(headers), HEALTH)) == (403, None)
    for headers in (REST, MASTER, {"X-Parse-Application-Id": "crm", "X-Parse-Client-Key": "client"}):
        assert post_body(App(headers), HEALTH).json() == {"data": {"health": True}}
    app.token = NO_TOKEN
    for query in (
        "{ health }",
        "{ viewer { sessionToken } }",
        "{ ",
        'mutation { logIn(input: {username: "a", password: "b"}) { viewer { sessionToken } } }',
    ):
        assert refusal(post(app, query)) == (400, 209)


def test_keys_and_session_in_the_body(alice: User) -> None:
    token = person(alice).token
    body = {
        "query": "{ viewer { user { username } } }",
        "_ApplicationId": "crm",
        "_JavaScriptKey": "js",
        "_SessionToken": token,
    }
    response = post_body(App({}), body, **{"Content-Type": "text/plain"})
    assert response.json() == {"data": {"viewer": {"user": {"username": "alice"}}}}


def test_a_query_in_an_address(alice: User) -> None:
    make_deal(alice, title="a")
    app = person(alice)

    def get(**params: str) -> Any:
        return app.client.get(f"/graphql?{urlencode(params)}", headers=app.headers)

    assert get(query="{ health }").json() == {"data": {"health": True}}
    asked = "query A($t: String) { deals(where: {title: {equalTo: $t}}) { count } } query B { health }"
    assert get(query=asked, operationName="A", variables='{"t": "a"}').json() == {"data": {"deals": {"count": 1}}}
    assert get(query="{ health }", variables="").json() == {"data": {"health": True}}
    response = get(query='mutation { createDeal(input: {fields: {title: "x"}}) { deal { id } } }')
    assert (codes(response, 405), response.headers["Allow"]) == (["BAD_REQUEST"], "POST")
    assert answer(app, "{ deals { count } }") == {"deals": {"count": 1}}
    assert refusal(get(query="{ health }", variables="{")) == (400, 107)
    assert codes(get(query="{ health }", variables="[]"), 400) == ["BAD_REQUEST"]
    assert codes(get(), 400) == ["BAD_REQUEST"]


@pytest.mark.parametrize(
    "body", [{}, {"query": ""}, {"query": None}, {"query": 5}, {"query": ["{ health }"]}, {"id": "x"}]
)
def test_a_request_without_a_query(body: Any) -> None:
    assert codes(post_body(App(), body), 400) == ["BAD_REQUEST"]


@pytest.mark.parametrize("more", [{"variables": "x"}, {"variables": []}, {"variables": 5}, {"operationName": 5}])
def test_a_request_of_a_wrong_form(more: dict[str, Any]) -> None:
    assert codes(post_body(App(), {**HEALTH, **more}), 400) == ["BAD_REQUEST"]


@pytest.mark.parametrize(
    "body", [[HEALTH], [HEALTH] * 100, "", "{", "null", "5", '"x"', b"\xff", '{"query": NaN}', "[]"]
)
def test_a_body_that_is_no_object(body: Any) -> None:
    response = post_body(App(), body)
    expected = (400, None) if body == "" else (400, 107)
    assert (response.status_code, response.json().get("code")) == expected


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_verbs_are_refused(method: str) -> None:
    response = Client().generic(method, "/graphql", json.dumps(HEALTH), content_type="application/json", headers=REST)
    assert codes(response, 405) == ["BAD_REQUEST"]


def test_the_address(alice: User) -> None:
    del alice
    assert Client().post("/graphql/", HEALTH, content_type="application/json", headers=REST).json() == {
        "data": {"health": True}
    }
    response: Any = Client().post("/graphql/more", HEALTH, content_type="application/json", headers=REST)
    assert refusal(response) == (404, None)
    assert Client().get("/graphqlx").status_code == 404


def test_browsers_of_any_origin_may_ask() -> None:
    preflight = Client().options("/graphql")
    assert preflight.status_code == 200
    for response in (preflight, post_body(App(), HEALTH), post_body(App({}), HEALTH), post(App(), "{ ")):
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "X-Parse-Session-Token" in response.headers["Access-Control-Allow-Headers"]
        assert "POST" in response.headers["Access-Control-Allow-Methods"]
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ deals { ", "GRAPHQL_PARSE_FAILED"),
        ("", "BAD_REQUEST"),
        ("{ }", "GRAPHQL_PARSE_FAILED"),
        ("{ deals { } }", "GRAPHQL_PARSE_FAILED"),
        ("query", "GRAPHQL_PARSE_FAILED"),
        ('{ deal(id: "x) { id } }', "GRAPHQL_PARSE_FAILED"),
        ("# nothing", "GRAPHQL_PARSE_FAILED"),
        ("{ nonesuch }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ deals }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ health { x } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ deal { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ deal(id: null) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ('{ deals(first: "1") { count } }', "GRAPHQL_VALIDATION_FAILED"),
        ("{ deals(first: 9999999999) { count } }", "GRAPHQL_VALIDATION_FAILED"),
        ('{ deals(where: {amount: {equalTo: "12"}}) { count } }', "GRAPHQL_VALIDATION_FAILED"),
        ('{ deals(where: {createdAt: {equalTo: "soon"}}) { count } }', "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { createDeal(input: {fields: {amount: 1}}) { deal { id } } }", "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { logIn(input: {}) { viewer { sessionToken } } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { deals { count } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ ...F }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ health ...F } fragment F on Deal { id }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ a: health a: deals { count } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($x: Int) { health }", "GRAPHQL_VALIDATION_FAILED"),
        ("query { deal(id: $id) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($x: Nonesuch) { deal(id: $x) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($x: ID) { deal(id: $x) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ health @nonesuch }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ health @include }", "GRAPHQL_VALIDATION_FAILED"),
        ("type X { a: Int }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { health } query A { health }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($id: ID!) { deal(id: $id) { id } }", "BAD_USER_INPUT"),
        ("query($d: Boolean!) { health @skip(if: $d) }", "BAD_USER_INPUT"),
    ],
)
def test_a_document_that_is_refused(alice: User, query: str, expected: str) -> None:
    response = post(person(alice), query)
    assert set(codes(response, 400)) == {expected}


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("CreateDealFieldsInput", {"amount": 1}),
        ("CreateDealFieldsInput", {"title": 5}),
        ("CreateDealFieldsInput", {"title": None}),
        ("CreateDealFieldsInput", {"title": "x", "nonesuch": 1}),
        ("CreateDealFieldsInput", {"title": "x", "amount": "12"}),
        ("CreateDealFieldsInput", {"title": "x", "expectedCloseDate": "soon"}),
        ("CreateDealFieldsInput", {"title": "x", "company": "id"}),
        ("CreateDealFieldsInput", {"title": "x", "company": {"createAndLink": {}}}),
        ("CreateDealFieldsInput", {"title": "x", "ACL": {"public": {"read": True}}}),
        ("CreateDealFieldsInput", {"title": "x", "objectId": "abcdefghij"}),
        ("CreateDealFieldsInput", "x"),
        ("CreateDealFieldsInput!", None),
    ],
)
def test_a_variable_that_is_refused(alice: User, type_: str, value: Any) -> None:
    query = f"mutation($f: {type_}) {{ createDeal(input: {{fields: $f}}) {{ deal {{ id }} }} }}"
    assert set(codes(post(person(alice), query, {"f": value}), 400)) == {"BAD_USER_INPUT"}


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
def test_a_form_says_nothing(kind: str) -> None:
    assert codes(post_body(App(), "query={health}", **{"Content-Type": kind}), 400) == ["BAD_REQUEST"]


def test_who_is_signed_in_to_the_pages_is_nobody_here(alice: User) -> None:
    browser = signed_in(alice)
    assert browser.post("/graphql", HEALTH, content_type="application/json").status_code == 403
    body = {"query": "{ viewer { sessionToken } }"}
    response: Any = browser.post("/graphql", body, content_type="application/json", headers=REST)
    assert codes(response) == [209]
    assert not response.cookies


def test_an_error_of_a_field_says_where(alice: User) -> None:
    response = post(person(alice), '{ health mine: deal(id: "x") { id } viewer { sessionToken } }').json()
    (error,) = response["errors"]
    assert response["data"] is None
    assert error["path"] == ["mine"]
    assert error["locations"] == [{"line": 1, "column": 10}]
    assert error["extensions"] == {"code": 101}


def test_a_query_that_takes_too_long_is_102(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    app = person(alice)

    def slow(*_: Any) -> str:
        raise OperationalError("canceled") from QueryCanceled()

    monkeypatch.setitem(queries.RESOLVERS, "health", slow)
    assert code(app, "{ health }") == 102


def test_what_breaks_says_nothing_of_itself(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    app = person(alice)
    app.client.raise_request_exception = False

    def broken(*_: Any) -> str:
        raise RuntimeError("secret")

    monkeypatch.setitem(queries.RESOLVERS, "health", broken)
    response = post(app, "{ health }")
    assert refusal(response) == (500, 1)
    assert b"secret" not in response.content


def test_passwords_cannot_be_tried_faster_by_aliases(alice: User) -> None:
    tries = " ".join(
        f'a{n}: logIn(input: {{username: "{alice.username}", password: "wrong"}}) {{ viewer {{ sessionToken }} }}'
        for n in range(30)
    )
    found = codes(post(App(), f"mutation {{ {tries} }}"))
    assert found.count(101) <= 10
    assert found[-1] == 155
