"""Requests that are wrong, each in a way of its own; the code, the place and the status of the refusal are compared."""

from __future__ import annotations

from typing import Any

from tests.bench.parse.agree.asking import NOBODY, Talk

_LIST = (
    "query ($w: DealWhereInput) { deals(where: $w, order: [objectId_ASC], first: 3) "
    "{ count edges { node { objectId } } } }"
)
_MAKE = "mutation ($f: CreateDealFieldsInput) { createDeal(input: {fields: $f}) { deal { title } } }"
_CHANGE = "mutation ($i: UpdateDealInput!) { updateDeal(input: $i) { deal { objectId } } }"
_TEXTS = (
    "{",
    "",
    "   ",
    "# nothing",
    "{ }",
    "{ deal }",
    "{ nothing }",
    "{ deals { edges { node { nothing } } } }",
    "{ deals { nothing } }",
    "{ deals { edges { node { title { x } } } } }",
    "{ deals { edges { node } } }",
    "{ deals(nothing: 1) { count } }",
    '{ deals(first: "3") { count } }',
    "{ deals(first: 1.5) { count } }",
    "{ deals(first: 99999999999) { count } }",
    "{ deals(order: [nothing_ASC]) { count } }",
    '{ deals(order: "title_ASC") { count } }',
    "{ deals(where: {nothing: {equalTo: 1}}) { count } }",
    '{ deals(where: {title: "x"}) { count } }',
    "{ deals(where: {title: {equalTo: 5}}) { count } }",
    '{ deals(where: {title: {nothing: "x"}}) { count } }',
    '{ deals(where: {amount: {equalTo: "5"}}) { count } }',
    '{ deals(where: {company: {equalTo: "x"}}) { count } }',
    "{ deals(where: {OR: {title: {exists: true}}}) { count } }",
    "{ deals(where: []) { count } }",
    "{ deal(id: 5) { id } }",
    "{ deal(id: null) { id } }",
    '{ deal(id: ["x"]) { id } }',
    "{ deal(id: true) { id } }",
    '{ node(id: "x") { id } }',
    '{ node(id: "Tm90aGluZzpBYmNkZWYxMjM0") { id } }',
    "{ node { id } }",
    "query ($id: ID!) { deal(id: $id) { id } }",
    "query ($id: Int!) { deal(id: $id) { id } }",
    "query ($id: Nothing) { deal(id: $id) { id } }",
    "query ($id: ID) { deal(id: $id) { id } }",
    "query ($a: Int) { health }",
    "{ deal(id: $id) { id } }",
    "{ health } { health }",
    "query A { health } query B { health }",
    "query A { health } query A { health }",
    "fragment A on Deal { id }",
    "{ ...A } fragment A on Query { ...A }",
    "{ ...A }",
    "{ health } fragment A on Deal { id }",
    "{ health ... on Deal { id } }",
    "{ deals { ... on Company { count } } }",
    "{ health @nothing }",
    "{ health @include }",
    "{ health @include(if: 5) }",
    "{ health @skip(if: true) }",
    "subscription { health }",
    "mutation { nothing }",
    "mutation { health }",
    "mutation { createDeal }",
    "mutation { createDeal { deal { id } } }",
    "mutation { createDeal(input: {fields: {}}) { deal { id } } }",
    "mutation { createDeal(input: {fields: {title: 5}}) { deal { id } } }",
    'mutation { createDeal(input: {fields: {title: "x", nothing: 5}}) { deal { id } } }',
    'mutation { createDeal(input: {fields: {title: "x", amount: "5"}}) { deal { id } } }',
    'mutation { createDeal(input: {fields: {title: "x", expectedCloseDate: "tomorrow"}}) { deal { id } } }',
    'mutation { createDeal(input: {fields: {title: "x", expectedCloseDate: 5}}) { deal { id } } }',
    'mutation { createDeal(input: {fields: {title: "x", company: "x"}}) { deal { id } } }',
    'mutation { createDeal(input: {fields: {title: "x", objectId: "Abcdef1234"}}) { deal { id } } }',
    'mutation { createDeal(input: {fields: {title: "x", createdAt: "2030-01-01T00:00:00.000Z"}}) { deal { id } } }',
    'mutation { updateDeal(input: {fields: {title: "x"}}) { deal { id } } }',
    'mutation { updateDeal(input: {id: "Abcdef1234", fields: {title: "x"}}) { deal { id } } }',
    'mutation { deleteDeal(input: {id: "Abcdef1234"}) { deal { id } } }',
    "mutation { deleteDeal(input: {}) { deal { id } } }",
    "mutation { deleteDeal(input: {id: null}) { deal { id } } }",
    "{ __schema { queryType { name } } }",
    '{ __type(name: "Deal") { name } }',
    "{ __typename }",
    "mutation { __typename }",
    "{ a: health a: __typename }",
    "{ deals(first: 1) { count } deals(first: 2) { count } }",
    "{ health health }",
    "{ health: __typename }",
    '{ deal(id: "x", id: "y") { id } }',
    "{ deals(where: {title: {exists: true}, title: {exists: false}}) { count } }",
    '{ deals(where: {title: {equalTo: "\\u00e4\\n\\""}}) { count } }',
    '{ deals(where: {title: {equalTo: """block "text" """}}) { count } }',
)
_WHERES: tuple[Any, ...] = (
    {},
    None,
    [],
    "x",
    {"title": None},
    {"title": {"equalTo": ["x"]}},
    {"title": {"equalTo": True}},
    {"title": {"in": "x"}},
    {"title": {"in": "won", "exists": True}},
    {"title": {"in": [5]}},
    {"title": {"exists": "true"}},
    {"title": {"exists": 1}},
    {"title": {"nothing": 1}},
    {"nothing": {"exists": True}},
    {"amount": {"equalTo": "5"}},
    {"amount": {"equalTo": True}},
    {"amount": {"lessThan": {"x": 1}}},
    {"amount": {"in": [1, "x"]}},
    {"expectedCloseDate": {"lessThan": "tomorrow"}},
    {"expectedCloseDate": {"lessThan": 5}},
    {"expectedCloseDate": {"lessThan": {"__type": "Date"}}},
    {"expectedCloseDate": {"lessThan": {"iso": "2030-01-01T00:00:00.000Z"}}},
    {"company": {"have": {"nothing": {"exists": True}}}},
    {"company": {"have": {}}},
    {"company": {"exists": False}},
    {"OR": [{"stage": {"equalTo": "won"}}, {"stage": {"equalTo": "lost"}}], "amount": {"greaterThan": 100}},
    {"AND": []},
    {"NOR": [{"stage": {"in": ["won", "lost"]}}]},
    {"id": {"equalTo": "x"}},
    {"id": {"equalTo": ""}},
    {"id": {"in": []}},
    {"objectId": {"notIn": []}},
    {"createdAt": {"greaterThan": "2000-01-01T00:00:00.000Z", "lessThan": "2001-01-01T00:00:00.000Z"}},
)
_FIELDS: tuple[Any, ...] = (
    None,
    {},
    {"title": None},
    {"title": ""},
    {"title": 5},
    {"title": ["x"]},
    {"title": "x", "amount": "5"},
    {"title": "x", "amount": True},
    {"title": "x", "amount": {"__op": "Increment", "amount": 5}},
    {"title": "x", "nothing": 1},
    {"title": "x", "stage": 5},
    {"title": "x", "expectedCloseDate": "tomorrow"},
    {"title": "x", "expectedCloseDate": {"__type": "Date"}},
    {"title": "x", "company": "Abcdef1234"},
    {"title": "x", "company": {"link": 1.5}},
    {"title": "x", "company": {"createAndLink": {}}},
    {"title": "x", "company": {"createAndLink": {"name": ""}}},
    {"title": "x", "company": {"nothing": {}}},
    {"title": "x", "ACL": {"users": [{"userId": "x"}]}},
    {"title": "x", "ACL": {"public": {"read": "yes", "write": False}}},
)


def mistakes(talk: Talk) -> None:
    """Ask for what is refused, and for what is nearly so."""
    for text in _TEXTS:
        talk.ask(text)
        if "mutation" in text:
            talk.ask(text, who=NOBODY)
    for where in _WHERES:
        talk.ask(_LIST, {"w": where})
    for fields in _FIELDS:
        talk.ask(_MAKE, {"f": fields})
    for sent in (None, {}, {"id": None}, {"id": "x"}, {"id": "x", "fields": {}}, {"id": 5.5, "fields": {}}):
        talk.ask(_CHANGE, {"i": sent})
    talk.ask(_LIST, {"w": {}, "nothing": 5})
    talk.ask(_LIST, who=NOBODY)
