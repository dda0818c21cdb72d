"""Queries and mutations of GraphQL that are ready to be tried, for each class from the class table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from graphql import introspection_from_schema

from developers.examples import sample
from developers.playground.trials import PLACEHOLDER
from parse_api.classes import ALL, FIXED, Kind, ParseClass
from parse_api.graphql.catalog import answered, kinds, targets
from parse_api.graphql.names import field_name, plural, type_name
from parse_api.graphql.schema import SCHEMA
from parse_api.writes.ownership import OWNER_FIELDS

_PLAIN = ("String", "Number", "Date", "Boolean")
_MOST = 6
"""Fields of a class that a query asks for, beside the objectId."""


@dataclass(frozen=True)
class ReadyQuery:
    """One operation; `key` names it among those of its class, `label` says of which kind it is."""

    key: str
    title: str
    label: str
    text: str


def ready_queries(class_name: str) -> list[ReadyQuery]:
    """Return the operations of a class, or those of none."""
    return list(_of_class(ALL[class_name]) if class_name else _of_none())


@cache
def introspection() -> tuple[bytes, str]:
    """Return the schema as a tool asks for it, as JSON, and a tag that changes with it."""
    text = json.dumps(introspection_from_schema(SCHEMA), separators=(",", ":")).encode()
    return text, f'"{sha256(text).hexdigest()[:20]}"'


def _of_none() -> Iterator[ReadyQuery]:
    user = ALL["_User"]
    yield _query("viewer", "Who am I", f"viewer {{\n  user {{\n{_indented(_selected(user), 2)}\n  }}\n}}")
    lists = (f"{plural(ALL[name])} {{\n  count\n}}" for name in OWNER_FIELDS)
    yield _query("counts", "How many of each", "\n".join(lists))


def _of_class(parse_class: ParseClass) -> Iterator[ReadyQuery]:
    many, one = plural(parse_class), field_name(parse_class)
    if parse_class.name != "_Installation":
        listed = f"count\nedges {{\n  node {{\n{_indented(_selected(parse_class), 2)}\n  }}\n}}"
        for key, title, arguments in (
            ("list", "List the newest", "first: 10, order: [updatedAt_DESC]"),
            ("where", "List with a condition", f"where: {_where(parse_class)}, first: 10"),
        ):
            yield _query(key, title, f"{many}({arguments}) {{\n{_indented(listed)}\n}}")
        paged = "count\npageInfo {\n  hasNextPage\n  endCursor\n}\nedges {\n  cursor\n  node {\n    objectId\n  }\n}"
        yield _query("pages", "Page by page", f"{many}(first: 3) {{\n{_indented(paged)}\n}}")
    yield _query("get", "Get one", f'{one}(id: "{PLACEHOLDER}") {{\n{_indented(_selected(parse_class))}\n}}')
    if parse_class.name in OWNER_FIELDS:
        yield from _mutations(parse_class)


def _mutations(parse_class: ParseClass) -> Iterator[ReadyQuery]:
    values = sample(parse_class)
    first = {name: f"{value}, changed" for name, value in list(values.items())[:1]}
    one = f'id: "{PLACEHOLDER}"'
    yield _mutation("create", "Create one", parse_class, f"fields: {_input(values)}")
    yield _mutation("update", "Change one", parse_class, f"{one}, fields: {_input(first)}")
    yield _mutation("delete", "Delete one", parse_class, one)


def _query(key: str, title: str, selected: str) -> ReadyQuery:
    return ReadyQuery(key, title, "query", f"query {{\n{_indented(selected)}\n}}")


def _mutation(key: str, title: str, parse_class: ParseClass, given: str) -> ReadyQuery:
    head = f"{key}{type_name(parse_class)}(input: {{ {given} }})"
    answer = f"{field_name(parse_class)} {{\n{_indented(_selected(parse_class))}\n}}"
    return ReadyQuery(key, title, "mutation", f"mutation {{\n  {head} {{\n{_indented(answer, 2)}\n  }}\n}}")


def _selected(parse_class: ParseClass) -> str:
    """Return fields of a class, and of what its pointers lead to."""
    own = [name for name in answered(parse_class) if name not in FIXED]
    plain = [name for name in own if kinds(parse_class)[name] in _PLAIN and name != "sessionToken"][:_MOST]
    pointers = [name for name in own if kinds(parse_class)[name] == "Pointer"]
    return "\n".join(["objectId", *plain, *(_pointed_at(parse_class, name) for name in pointers)])


def _pointed_at(parse_class: ParseClass, name: str) -> str:
    classes = targets(parse_class, name)
    if len(classes) == 1:
        return f"{name} {{\n  objectId\n  {_title(classes[0])}\n}}"
    parts = (f"... on {type_name(each)} {{\n  objectId\n  {_title(each)}\n}}" for each in classes)
    return f"{name} {{\n{_indented(chr(10).join(parts))}\n}}"


def _title(parse_class: ParseClass) -> str:
    return next(field.name for field in parse_class.fields.values() if field.is_required)


def _where(parse_class: ParseClass) -> str:
    own = [field for field in parse_class.fields.values() if field.name not in FIXED and not field.is_protected]
    for field in own:
        if field.kind is Kind.NUMBER:
            return f"{{ {field.name}: {{ greaterThanOrEqualTo: 1000 }} }}"
    for field in own:
        if field.kind is Kind.STRING and field.is_required:
            return f'{{ {field.name}: {{ matchesRegex: "a", options: "i" }} }}'
    return '{ createdAt: { greaterThan: "2025-01-01T00:00:00.000Z" } }'


def _input(values: dict[str, Any]) -> str:
    """Return values, given as JSON, as GraphQL takes them."""
    plain = {name: value["iso"] if isinstance(value, dict) else value for name, value in values.items()}
    return "{ " + ", ".join(f"{name}: {json.dumps(value)}" for name, value in plain.items()) + " }"


def _indented(text: str, steps: int = 1) -> str:
    return "\n".join("  " * steps + line for line in text.splitlines())
