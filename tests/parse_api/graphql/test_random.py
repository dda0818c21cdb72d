"""Random selections are answered as the library's own executor answers them from whole objects."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from graphql import (
    GraphQLObjectType,
    execute_sync,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    parse,
    validate,
)

from accounts.models import User
from parse_api.graphql.names import cursor, global_id
from parse_api.graphql.schema import SCHEMA
from tests.factories import make_activity, make_company, make_contact, make_deal
from tests.parse_api.app import App
from tests.parse_api.graphql.asking import answer, person

LISTS = {"Company": "companies", "Contact": "contacts", "Deal": "deals", "Activity": "activities"}
FLAGS = {"yes": True, "no": False}
DOCUMENTS = 40


class Writer:
    """Writes random documents: aliases, fragments within fragments and directives, of what is in the whole objects."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - the same documents each time
        self.fragments: list[str] = []
        self.left = 120

    def document(self) -> str:
        roots = []
        for number in range(self.random.randint(1, 3)):
            plural = self.random.choice(list(LISTS.values()))
            type_: Any = get_named_type(SCHEMA.query_type.fields[plural].type)  # type: ignore[union-attr]  # it is there
            roots.append(f"r{number}: {plural}(order: [id_ASC]) {self.selection(type_, 0)}")
        switched = "x: health @skip(if: $no) y: health @include(if: $yes)"
        return f"query($yes: Boolean!, $no: Boolean!) {{ {' '.join([*roots, switched, '}'])} {' '.join(self.fragments)}"

    def selection(self, type_: Any, depth: int) -> str:
        parts = [self.part(type_, depth) for _ in range(self.random.randint(1, 4))]
        return f"{{ __typename {' '.join(parts)} }}"

    def part(self, type_: Any, depth: int) -> str:
        self.left -= 1
        kind = self.random.random()
        if depth > 8 or self.left < 0:
            return "__typename"
        if is_abstract_type(type_):
            inner = self.random.choice(list(SCHEMA.get_possible_types(type_)))
            return f"... on {inner.name} {self.directive()} {self.selection(inner, depth + 1)}"
        if kind < 0.15:
            condition = self.random.choice(["", f"on {type_.name}"])
            return f"... {condition} {self.directive()} {self.selection(type_, depth + 1)}"
        if kind < 0.3:
            name = f"F{len(self.fragments)}"
            self.fragments.append("")
            self.fragments[int(name[1:])] = f"fragment {name} on {type_.name} {self.selection(type_, depth + 1)}"
            return f"...{name} {self.directive()}"
        return self.field(type_, depth)

    def field(self, type_: GraphQLObjectType, depth: int) -> str:
        name = self.random.choice([each for each in type_.fields if each not in ("ACL", "sessionToken")])
        inner = get_named_type(type_.fields[name].type)
        # one key has one meaning wherever it stands, so that selections of it can be merged
        key = self.random.choice(["", f"{name}_{self.random.randint(1, 2)}:"])
        below = "" if is_leaf_type(inner) else self.selection(inner, depth + 1)
        return f"{key} {name} {self.directive()} {below}"

    def directive(self) -> str:
        if self.random.random() < 0.8:
            return ""
        word, value = self.random.choice(["include", "skip"]), self.random.choice(["true", "false", "$yes", "$no"])
        return f"@{word}(if: {value})"


def whole(app: App) -> dict[str, Any]:
    """Return what a query of everything finds, of objects as REST shows them."""
    everything = {name: app.get(f"/classes/{name}?order=objectId").json()["results"] for name in (*LISTS, "_User")}
    objects = {(name, row["objectId"]): row for name, rows in everything.items() for row in rows}
    made = {key: {"__typename": key[0].removeprefix("_"), "id": global_id(*key)} for key in objects}
    for key, row in objects.items():
        made[key] |= {name: shown(value, made) for name, value in row.items() if name != "ACL"}
    return {
        plural: connection([made[name, row["objectId"]] for row in everything[name]]) for name, plural in LISTS.items()
    }


def shown(value: Any, made: dict[tuple[str, str], Any]) -> Any:
    """Return a value of REST as GraphQL shows it."""
    if isinstance(value, dict) and value["__type"] == "Date":
        return value["iso"]
    return made.get((value["className"], value["objectId"])) if isinstance(value, dict) else value


def connection(nodes: list[Any]) -> dict[str, Any]:
    """Return a list as a connection."""
    edges = [{"cursor": cursor(place), "node": node} for place, node in enumerate(nodes)]
    ends = {"startCursor": cursor(0), "endCursor": cursor(max(0, len(nodes) - 1))}
    return {"count": len(nodes), "edges": edges, "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, **ends}}


@pytest.fixture
def app(alice: User, bob: User) -> App:
    """Return the app of alice, who has some records, and cannot see all that they point at."""
    companies = [make_company(alice, name="Alpha", notes="x"), make_company(alice, industry="Glass"), make_company(bob)]
    contacts = [make_contact(alice, company=each) for each in (*companies[:2], None)]
    deals = [make_deal(alice, amount=n + 0.5, contact=contacts[n], company=companies[n]) for n in range(3)]
    make_activity(alice, related_deal=deals[0])
    make_activity(alice, related_contact=contacts[1])
    make_activity(alice)
    return person(alice)


def documents() -> Iterator[str]:
    """Yield documents that the schema allows; selections of one key may not fit each other."""
    seed = 0
    while True:
        seed += 1
        text = Writer(seed).document()
        if not validate(SCHEMA, parse(text)):
            yield text


def test_random_selections(app: App) -> None:
    root, written = whole(app) | {"health": True}, documents()
    for _ in range(DOCUMENTS):
        text = next(written)
        expected = execute_sync(SCHEMA, parse(text), root, variable_values=FLAGS)
        assert expected.errors is None, text
        found = answer(app, text, FLAGS)
        assert found == expected.data, text
        assert str(found) == str(expected.data), f"another order: {text}"
