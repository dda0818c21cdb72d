"""Reads the text of a request: within limits that are looked at before anything that takes long, and then checked."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
    Token,
    get_operation_ast,
    parse,
    validate,
)

from parse_api.graphql.errors import NO_OPERATION, PARSE_FAILED, VALIDATION_FAILED, Refused, refused
from parse_api.graphql.plans import Late, Root
from parse_api.graphql.schema import SCHEMA
from parse_api.json_text import DEEPEST
from parse_api.limits import (
    GRAPHQL_CHARACTERS,
    GRAPHQL_DEPTH,
    GRAPHQL_FIELDS,
    GRAPHQL_SELECTIONS,
    GRAPHQL_TOKENS,
)

_REMEMBERED, _LONGEST = 100, 4_000
"""How many documents are kept, and the characters of one that is: with the limits, half a megabyte each at most."""
_MOST_ERRORS = 5
_PLANS = 8
OF_SCHEMA = ("__schema", "__type")
"""Fields of a query that tell the schema."""


@dataclass(frozen=True, eq=False)
class Document:
    """A document that fits the schema; `plans` keeps what was made of its operations."""

    node: DocumentNode
    fragments: Mapping[str, FragmentDefinitionNode]
    asks_schema: bool
    switches: frozenset[str]
    """Variables by which a directive leaves a field out."""
    plans: OrderedDict[Any, tuple[list[Root], list[Late]]] = field(default_factory=OrderedDict)

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Return the operation of that name, or the only one."""
        found = get_operation_ast(self.node, name)
        if found is None:
            raise refused(NO_OPERATION, "There is no such operation, or several and no operationName.")
        return found

    def keep(self, key: Any, plan: tuple[list[Root], list[Late]]) -> None:
        """Keep a plan, and the last few that were made."""
        self.plans[key] = plan
        while len(self.plans) > _PLANS:
            self.plans.popitem(last=False)


def read_document(text: str) -> Document:
    """Return a document; raises Refused for one that is too large, no GraphQL, or not of this schema."""
    may_tell = "mutation" in text and '"' in text  # a password, and what is another each time
    return _read(text) if may_tell or len(text) > _LONGEST else _remembered(text)


def _read(text: str) -> Document:
    if len(text) > GRAPHQL_CHARACTERS:
        raise refused(PARSE_FAILED, f"A document has {GRAPHQL_CHARACTERS:,} characters at most.")
    try:
        node = parse(text, max_tokens=GRAPHQL_TOKENS, allow_empty_selection_sets=False)
    except GraphQLError as error:
        raise Refused(PARSE_FAILED, [error]) from error
    _check_texts(node)
    fragments = {each.name.value: each for each in node.definitions if isinstance(each, FragmentDefinitionNode)}
    _Measure(fragments).check(node)
    errors = validate(SCHEMA, node, max_errors=_MOST_ERRORS, hide_suggestions=True, allow_empty_selection_sets=False)
    if errors:
        raise Refused(VALIDATION_FAILED, errors)
    names = {each.name.value for each in _selections(node) if isinstance(each, FieldNode)}
    return Document(node, fragments, not names.isdisjoint(OF_SCHEMA), frozenset(_switches(node)))


_remembered = lru_cache(maxsize=_REMEMBERED)(_read)


def _check_texts(node: DocumentNode) -> None:
    """Refuse text that PostgreSQL and UTF-8 cannot hold."""
    token: Token | None = node.loc.start_token if node.loc else None
    while token is not None:
        if token.value and ("\0" in token.value or any("\ud800" <= each <= "\udfff" for each in token.value)):
            raise refused(PARSE_FAILED, "Text cannot hold NUL or half a surrogate pair.")
        token = token.next


@dataclass
class _Measure:
    """Counts what a document asks for, fragments looked at once each however often they are used."""

    fragments: Mapping[str, FragmentDefinitionNode]
    known: dict[str, tuple[int, int]] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    written: int = 0

    def check(self, node: DocumentNode) -> None:
        """Refuse a document with an operation that is too deep or too large, or with fragments that never end."""
        for each in node.definitions:
            if isinstance(each, FragmentDefinitionNode):
                self._fragment(each.name.value, 0)
            elif isinstance(each, OperationDefinitionNode):
                self._limit(*self._sizes(each.selection_set, 0))

    def _sizes(self, selections: SelectionSetNode | None, level: int) -> tuple[int, int]:
        """Return how many fields there are, and how deep; `level` counts fragments as well."""
        if selections is None:
            return 0, 0
        self.written += len(selections.selections)
        if level > DEEPEST or self.written > GRAPHQL_SELECTIONS:
            raise refused(VALIDATION_FAILED, f"A document has {GRAPHQL_SELECTIONS} fields and fragments at most.")
        sizes = [self._size(each, level + 1) for each in selections.selections]
        return sum(fields for fields, _ in sizes), max(depth for _, depth in sizes)

    def _size(self, node: Any, level: int) -> tuple[int, int]:
        if isinstance(node, FragmentSpreadNode):
            return self._fragment(node.name.value, level)
        fields, depth = self._sizes(node.selection_set, level)
        if not isinstance(node, FieldNode):
            return fields, depth
        return (1 if node.name.value in OF_SCHEMA else fields + 1), depth + 1  # the usual query for the schema has 400

    def _fragment(self, name: str, level: int) -> tuple[int, int]:
        if name in self.open:
            raise refused(VALIDATION_FAILED, "A fragment cannot be within itself.")
        if name not in self.known:
            self.open.add(name)
            found = self.fragments.get(name)
            sizes = self._sizes(found.selection_set if found else None, level)
            is_of_schema = found is not None and found.type_condition.name.value.startswith("__")
            self.known[name] = sizes if is_of_schema else self._limit(*sizes)
            self.open.discard(name)
        return self.known[name]

    def _limit(self, fields: int, depth: int) -> tuple[int, int]:
        if depth > GRAPHQL_DEPTH:
            raise refused(VALIDATION_FAILED, f"An operation is {GRAPHQL_DEPTH} levels deep at most.")
        if fields > GRAPHQL_FIELDS:
            raise refused(VALIDATION_FAILED, f"An operation has {GRAPHQL_FIELDS} fields at most, fragments counted.")
        return fields, depth


def _selections(node: DocumentNode) -> Iterator[Any]:
    """Yield every field and fragment as written."""
    waiting: list[Any] = list(node.definitions)
    while waiting:
        each = waiting.pop()
        if (below := getattr(each, "selection_set", None)) is not None:
            yield from below.selections
            waiting += below.selections


def _switches(node: DocumentNode) -> Iterator[str]:
    for each in _selections(node):
        for directive in each.directives or ():
            for argument in directive.arguments or ():
                if hasattr(argument.value, "name"):
                    yield argument.value.name.value
