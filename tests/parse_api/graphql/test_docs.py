"""The page about GraphQL says what the schema says."""

from __future__ import annotations

from typing import Any

from parse_api.classes import ALL
from parse_api.graphql import inputs
from parse_api.graphql.errors import REFUSALS
from parse_api.graphql.names import type_name
from parse_api.graphql.schema import SCHEMA
from tests.parse_api.test_docs import firsts, quoted, rows, section

QUERY: Any = SCHEMA.query_type
MUTATION: Any = SCHEMA.mutation_type


def test_every_query_and_its_arguments() -> None:
    told = {name: quoted(row[1]) for row in rows("GraphQL queries") for name in quoted(row[0])}
    assert told.keys() == QUERY.fields.keys()
    assert {name: set(arguments) for name, arguments in told.items()} == {
        name: set(field.args) for name, field in QUERY.fields.items()
    }


def test_every_mutation_and_its_input() -> None:
    told = {quoted(row[0])[0]: set(quoted(row[1])) for row in rows("GraphQL mutations")}
    own = {f"{verb}{type_name(each)}" for verb in ("create", "update", "delete") for each in ALL.values()}
    assert set(MUTATION.fields) == set(told) | own
    for name, names in told.items():
        fields = MUTATION.fields[name].args["input"].type.of_type.fields
        assert names == set(fields) - {"clientMutationId"}


def test_every_operator_and_what_it_is_in_rest() -> None:
    told = {name: other for row in rows("GraphQL conditions") for name, other in zip(quoted(row[0]), quoted(row[1]))}  # noqa: B905
    assert told == {**inputs.OPERATORS, "have": "$inQuery", "haveNot": "$notInQuery"}
    text = quoted(section("GraphQL conditions"))
    assert set(inputs.BRANCHES) <= set(text)
    about: Any = inputs.WHERES["Activity"].fields["relatedTo"].type
    assert set(about.fields) <= {*text, *told}


def test_every_refusal_and_its_status() -> None:
    told = {quoted(row[0])[0]: int(row[1]) for row in rows("GraphQL errors")}
    assert told == REFUSALS
    assert firsts("GraphQL errors") == list(REFUSALS)
