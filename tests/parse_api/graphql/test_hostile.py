"""Hostile documents: refused in no time, never an internal error."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import User
from parse_api.graphql import run
from tests.clock import at_most
from tests.factories import make_company, make_deal, make_role
from tests.parse_api.app import App
from tests.parse_api.graphql.asking import answer, codes, person, post, post_body

SECOND = 1.0


def roles(depth: int) -> str:
    """Return an operation with so many levels of fields."""
    levels = ["roles", *["edges", "node", "roles"] * 20][: depth - 1]
    return "{ " + " { ".join(levels) + " { __typename " + "}" * len(levels) + " }"


DOCUMENTS: dict[str, str] = {
    "braces": "{" * 10_000,
    "fields within fields": "{ a " * 10_000 + "}" * 10_000,
    "closed braces": "{a" * 150 + "}" * 150,
    "lists": "{ deals(order: " + "[" * 10_000,
    "objects": "{ deals(where: " + "{OR: " * 10_000,
    "list types": "query($a: " + "[" * 10_000 + "Int" + "]" * 10_000 + ") { health }",
    "inline fragments": "{ " + "... { " * 10_000 + "health" + " }" * 10_000 + " }",
    "some inline fragments": "{ " + "... { " * 150 + "health" + " }" * 150 + " }",
    "a fragment within itself": "{ ...A } fragment A on Query { ...A }",
    "a fragment within another within it": "{ ...A } fragment A on Query { ...B } fragment B on Query { health ...A }",
    "a cycle that is not used": "{ health } fragment A on Query { ...B } fragment B on Query { ...A }",
    "fragments that double": "{ ...F0 } "
    + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} a{n}: health ...F{n + 1} }}" for n in range(40))
    + " fragment F40 on Query { health }",
    "fragments that grow": "{ ...F0 } "
    + " ".join(f"fragment F{n} on Query {{ {f'...F{n + 1} ' * 8} }}" for n in range(40))
    + " fragment F40 on Query { health }",
    "a long chain": "{ ...F0 } "
    + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(300))
    + " fragment F300 on Query { health }",
    "aliases": "{ " + " ".join(f"a{n}: health" for n in range(201)) + " }",
    "one field again and again": "{ " + "health " * 3_000 + "}",
    "lists again and again": "{ " + "deals { edges { node { title } } } " * 60 + "}",
    "many operations": " ".join(f"query Q{n} {{ health }}" for n in range(401)),
    "many variables": "query(" + " ".join(f"$a{n}: Int" for n in range(3_000)) + ") { health }",
    "many arguments": "{ deals(" + " ".join(f"a{n}: 1" for n in range(2_000)) + ") { count } }",
    "many directives": "{ health " + "@skip(if: false) " * 1_000 + "}",
    "many unknown fields": "{ " + " ".join(f"dealx{n}" for n in range(199)) + " }",
    "a long name": "{ " + "a" * 90_000 + " }",
    "a long text": '{ deal(id: "' + "a" * 200_000 + '") { id } }',
    "comments": "# x\n" * 20_000 + "{ health }",
    "commas": "," * 100_001,
    "NUL": "{ health \0 }",
    "NUL as an escape": r'{ deal(id: "\u0000") { id } }',
    "NUL as a long escape": r'{ deal(id: "\u{0}") { id } }',
    "half a surrogate pair": r'{ deal(id: "\ud800") { id } }',
    "a byte order mark alone": "\ufeff",
    "a level too many": roles(21),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_refused(alice: User, name: str) -> None:
    app = person(alice)
    with at_most(SECOND):
        response = post(app, DOCUMENTS[name])
    if response.status_code == 400 and "code" in response.json():  # JSON cannot hold it
        assert response.json()["code"] in (107, 111)
    else:
        assert set(codes(response, 400)) <= {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}


def test_what_is_just_within_the_limits_is_answered(alice: User) -> None:
    app = person(alice)
    make_deal(alice)
    with at_most(SECOND * 2):
        found = answer(app, "{ " + " ".join(f"a{n}: health" for n in range(200)) + " }")
        assert len(found) == 200
        answer(app, roles(20))
        answer(app, "{ " + "deals { edges { node { title } } } " * 50 + "}")
        answer(app, "{ deals { edges { node { " + " ".join(f"a{n}: company {{ name }}" for n in range(20)) + " } } } }")


@pytest.mark.parametrize(
    "value",
    [
        {"title": "a\0b"},
        {"title": "a" * 1_000_000},
        {"amount": 10**30},
        {"amount": -(10**300)},
        {"amount": 1e308},
        {"expectedCloseDate": "9999-12-31T23:59:59.999Z"},
        {"expectedCloseDate": "0001-01-01T00:00:00.000+14:00"},
        {"expectedCloseDate": {"__type": "Date", "iso": None}},
        {"company": {"link": "a\u0001b"}},
        {"company": {"link": ""}},
        {"company": {"link": "é"}},
        {"company": {}},
        {"company": {"link": "abcdefghij", "createAndLink": {"name": "x"}}},
        {"ACL": {"users": [{"userId": "\u0007", "read": True, "write": True}]}},
        {"ACL": {"roles": [{"roleName": "", "read": True, "write": True}]}},
        {"ACL": {"users": [{"userId": str(n), "read": True, "write": True} for n in range(101)]}},
    ],
)
def test_a_value_is_taken_or_refused(alice: User, value: dict[str, Any]) -> None:
    app = person(alice)
    query = "mutation($f: CreateDealFieldsInput) { createDeal(input: {fields: $f}) { deal { title amount } } }"
    with at_most(SECOND):
        response = post(app, query, {"f": {"title": "x", **value}})
    assert response.status_code in (200, 400)
    assert b"Traceback" not in response.content


def test_literals_are_taken_or_refused(alice: User) -> None:
    app = person(alice)
    for literal in ("1e999", "-1e999", "9" * 400, "1" + "0" * 30, "0." + "0" * 400 + "1", "1e-999"):
        for query in (
            f'mutation {{ createDeal(input: {{fields: {{title: "x", amount: {literal}}}}}) {{ deal {{ amount }} }} }}',
            f"{{ deals(where: {{amount: {{lessThan: {literal}}}}}) {{ count }} }}",
            f"{{ deals(where: {{amount: {{in: [{literal}]}}}}) {{ count }} }}",
        ):
            assert post(app, query).status_code in (200, 400)


@pytest.mark.parametrize(
    "body",
    [
        b'{"query": "{ health }", "variables": {"a": NaN}}',
        b'{"query": "{ health }", "variables": {"a": 1e999}}',
        b'{"query": "{ health }", "variables": {"a": "\\ud800"}}',
        b'{"query": "{ health }", "variables": ' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001,
        b'{"query": "{ health }", "query": "{ health }"}',
        b'{"query": "\\ud800"}',
        b"[" * 100_000,
        b'{"query": "\xed\xa0\x80"}',
    ],
)
def test_a_body_is_refused(body: bytes) -> None:
    with at_most(SECOND):
        response = post_body(App(), body)
    assert (response.status_code, response.json()["code"]) in ((400, 107), (400, 111))


def test_a_body_that_is_too_large_is_413() -> None:
    body = json.dumps({"query": "{ health }", "variables": {"a": "x" * 20_000_000}})
    with at_most(SECOND):
        response = post_body(App(), body)
    assert (response.status_code, response.json()["code"]) == (413, 107)


def test_what_asks_for_too_much_is_cut_as_in_rest(alice: User) -> None:
    make_deal(alice, title="x" * 30)
    app = person(alice)
    query = "query($w: DealWhereInput, $f: Int, $s: Int) { deals(where: $w, first: $f, skip: $s) { edges { cursor } } }"
    with at_most(SECOND * 3):
        for variables in (
            {"f": 2**31 - 1},
            {"s": 2**31 - 1},
            {"w": {"id": {"in": [f"{n:010}" for n in range(100_000)]}}},
        ):
            assert len(answer(app, query, variables)["deals"]["edges"]) == (1 if "f" in variables else 0)
        response = post(app, query, {"w": {"title": {"matchesRegex": "(x+x+)+y" * 50}}})
    assert response.status_code == 200


def test_deep_variables_are_refused(alice: User) -> None:
    app = person(alice)
    where: dict[str, Any] = {"title": {"equalTo": "a"}}
    for _ in range(40):
        where = {"OR": [where]}
    (found,) = codes(post(app, "query($w: DealWhereInput) { deals(where: $w) { count } }", {"w": where}))
    assert found == 102
    literal = "{OR: " * 150 + "{}" + "}" * 150
    (found,) = codes(post(app, f"{{ deals(where: {literal}) {{ count }} }}"))
    assert found == 102


def test_long_texts_under_many_names(alice: User) -> None:
    company = make_company(alice, name="x" * 2_000_000)
    for _ in range(3):
        make_deal(alice, company=company, notes="x" * 2_000_000)
    app = person(alice)

    def asked(times: int, *, lists: int = 1) -> Any:
        shown = " ".join(f"a{n}: notes" for n in range(times))
        deals = f"deals {{ edges {{ node {{ {shown} }} }} }}"
        return post(app, f"{{ {' '.join(f'l{n}: {deals}' for n in range(lists))} }}")

    with at_most(SECOND * 8):
        assert len(asked(5).content) > 30_000_000
        assert codes(asked(20)) == [102]
        assert codes(asked(2, lists=20)) == [102]
        assert codes(asked(21), 400) == ["GRAPHQL_VALIDATION_FAILED"]
        inner = " ".join(f"b{n}: name" for n in range(7))
        query = f"{{ deals {{ edges {{ node {{ {' '.join(f'a{n}: company {{ {inner} }}' for n in range(3))} }} }} }} }}"
        assert codes(post(app, query), 400) == ["GRAPHQL_VALIDATION_FAILED"]


def test_roles_within_each_other_make_no_endless_answer(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    team = [make_role(f"Role {n}", alice) for n in range(12)]
    for role in team:
        role.children.set([each for each in team if each != role])
    app = person(alice)
    inner = "name"
    for _ in range(6):
        inner = f"roles {{ edges {{ node {{ {inner} }} }} }}"
    with at_most(SECOND * 2):
        (found,) = codes(post(app, f"{{ {inner} }}"))
    assert found == 102
    monkeypatch.setattr(run, "LARGEST", 100)
    assert codes(post(app, "{ roles { edges { node { roles { count } } } } }")) == [102]
