"""Reads a where once into a tree of conditions, with the errors of the protocol."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from parse_api.classes import CLASSES, Field, Kind, ParseClass, class_named
from parse_api.codecs import Pointer, decode_pointer
from parse_api.errors import Code, ParseError
from parse_api.limits import CONDITION_DEPTH, CONDITIONS, SUB_QUERY_DEPTH
from parse_api.queries.conditions import (
    AllOf,
    Always,
    AnyOf,
    HasMember,
    HasMemberThat,
    InQuery,
    Node,
    Not,
    RelatedTo,
    Select,
    Test,
)
from parse_api.queries.operators import NEGATIONS, OPERATORS
from parse_api.queries.patterns import Pattern, Term, read_pattern

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
DOTTED = re.compile(rf"{NAME.pattern}(\.{NAME.pattern})+")
OPPOSITES = {"$notInQuery": "$inQuery", "$dontSelect": "$select", **NEGATIONS}
"""Operators that hold where another does not."""
ON_ROLE = frozenset({"$eq", "$ne", "$in", "$nin", "$exists"})


def _bad(message: str) -> ParseError:
    return ParseError(Code.BAD_QUERY, message)


def check_name(name: str) -> None:
    """Refuse what can be no field's name: ParseError 105, for a path through a pointer 102."""
    if DOTTED.fullmatch(name):
        raise _bad("A path through a pointer is asked with $inQuery.")
    if not NAME.fullmatch(name):
        raise ParseError(Code.BAD_KEY, f"{name[:50]!r} is no name of a field.")


def check_open(parse_class: ParseClass, name: str, *, is_master: bool) -> Field | None:
    """Return the field of that name, None without one; ParseError 119 when it is hidden from queries."""
    check_name(name)
    found = parse_class.fields.get(name)
    if found and found.is_protected and not is_master:
        raise ParseError(Code.FORBIDDEN, f"{name} is not for queries.")
    return found


@dataclass
class Reader:
    """Reads one where with all that is in it, and counts how much that is."""

    is_master: bool
    conditions: int = 0
    slow: list[Pattern] = field(default_factory=list)
    """Regular expressions that PostgreSQL shall look at under a time limit."""
    has_words: bool = False

    def where(self, parse_class: ParseClass, document: object, depth: int = 0, queries: int = 0) -> Node:
        """Read a where of a class; raises ParseError 102, 105, 107, 111 or 119."""
        if not isinstance(document, dict):
            raise _bad("A where is an object.")
        if depth > CONDITION_DEPTH:
            raise _bad(f"Conditions nest {CONDITION_DEPTH} deep at most.")
        return AllOf(tuple(self._keys(parse_class, document, depth, queries)))

    def _keys(self, parse_class: ParseClass, document: dict[str, Any], depth: int, queries: int) -> Iterator[Node]:
        for name, value in document.items():
            self._count()
            if name in ("$or", "$and", "$nor"):
                yield self._branches(name, parse_class, value, depth + 1, queries)
            elif name == "$relatedTo":
                yield _related_to(parse_class, value)
            else:
                yield self._field(parse_class, name, value, depth, queries)

    def _count(self) -> None:
        self.conditions += 1
        if self.conditions > CONDITIONS:
            raise _bad(f"A where has {CONDITIONS} conditions at most.")

    def _branches(self, name: str, parse_class: ParseClass, value: object, depth: int, queries: int) -> Node:
        if not isinstance(value, list) or not value:
            raise _bad(f"{name} needs a list of wheres.")
        parts = tuple(self.where(parse_class, each, depth, queries) for each in value)
        if name == "$and":
            return AllOf(parts)
        return Not(AnyOf(parts)) if name == "$nor" else AnyOf(parts)

    def _field(self, parse_class: ParseClass, name: str, value: object, depth: int, queries: int) -> Node:
        found = check_open(parse_class, name, is_master=self.is_master)
        if found is not None and found.kind.wire_type == "ACL":
            raise _bad("Rows cannot be queried by their ACL.")
        operators = _operators(value)
        parts = (self._operator(parse_class, found, name, each, operators, depth, queries) for each in operators)
        return AllOf(tuple(part for part in parts if part is not None))

    def _operator(
        self,
        parse_class: ParseClass,
        found: Field | None,
        name: str,
        operator: str,
        operators: dict[str, Any],
        depth: int,
        queries: int,
    ) -> Node | None:
        """Read one operator of a field; None for what only belongs to another."""
        self._count()
        operand = operators[operator]
        if operator == "$options":
            if "$regex" not in operators:
                raise _bad("$options belongs to a $regex.")
            return None
        if operator == "$not":
            return self._opposite(parse_class, name, operand, depth + 1, queries)
        positive = OPPOSITES.get(operator, operator)
        if positive == "$regex":
            operand = self._pattern(found, operand, operators.get("$options", ""))
        node = self._positive(parse_class, found, positive, operand, depth, queries)
        return node if positive == operator or found is None else Not(node)

    def _opposite(self, parse_class: ParseClass, name: str, operand: object, depth: int, queries: int) -> Node:
        if not _is_operators(operand):
            raise _bad("$not needs an object of operators.")
        if depth > CONDITION_DEPTH:
            raise _bad(f"Conditions nest {CONDITION_DEPTH} deep at most.")
        return Not(self._field(parse_class, name, operand, depth, queries))

    def _pattern(self, found: Field | None, source: object, options: object) -> Pattern:
        pattern = read_pattern(source, options)
        if found is not None and found.kind is not Kind.STRING:
            raise _bad(f"$regex needs a text field, and {found.name} is none.")
        if pattern.literal is None:
            self.slow.append(pattern)
        return pattern

    def _positive(
        self, parse_class: ParseClass, found: Field | None, operator: str, operand: Any, depth: int, queries: int
    ) -> Node:
        if operator == "$inQuery":
            return self._in_query(found, operand, depth, queries + 1)
        if operator == "$select":
            return self._select(found, operand, depth, queries + 1)
        if operator not in OPERATORS:
            raise _bad(f"{operator[:50]!r} is no operator.")
        if found is None:
            return Always(operator == "$exists" and operand is False)
        if found.kind is Kind.RELATION:
            return _has_member(found, operator, operand)
        operand = OPERATORS[operator].read(found, operand)
        self.has_words = self.has_words or isinstance(operand, Term)
        return Test(parse_class, found, OPERATORS[operator], operand)

    def _sub_query(self, query: object, depth: int, queries: int) -> tuple[ParseClass, Node]:
        if not isinstance(query, dict) or not isinstance(query.get("className"), str) or "where" not in query:
            raise _bad("A sub-query needs a className and a where.")
        if queries > SUB_QUERY_DEPTH:
            raise _bad(f"Sub-queries nest {SUB_QUERY_DEPTH} deep at most.")
        target = class_named(query["className"])
        return target, self.where(target, query["where"], depth, queries)

    def _in_query(self, found: Field | None, operand: object, depth: int, queries: int) -> Node:
        target, where = self._sub_query(operand, depth, queries)
        if found is not None and found.kind is Kind.RELATION:
            return HasMemberThat(found.name, target, where) if target.name in found.targets else Always(answer=False)
        if found is not None and found.kind is not Kind.POINTER:
            raise _bad(f"$inQuery needs a pointer or relation, and {found.name} is none.")
        return InQuery(found, target, where) if found is not None else Always(answer=False)

    def _select(self, found: Field | None, operand: object, depth: int, queries: int) -> Node:
        if not isinstance(operand, dict) or set(operand) != {"query", "key"} or not isinstance(operand["key"], str):
            raise _bad("$select needs a query and a key, and nothing else.")
        query = operand["query"]
        source, where = self._sub_query({"where": {}, **query} if isinstance(query, dict) else query, depth, queries)
        key = check_open(source, operand["key"], is_master=self.is_master)
        if found is None or key is None or found.kind.wire_type != key.kind.wire_type or not key.columns:
            return Always(answer=False)
        return Select(found, source, where, key)


def _is_operators(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(key.startswith("$") for key in value)


def _operators(value: object) -> dict[str, Any]:
    """Return the operators that a field's value in a where stands for."""
    if isinstance(value, dict) and "__type" not in value:
        if not _is_operators(value):
            raise _bad("An object in a where has operators only.")
        return value
    return {"$eq": value}


def _has_member(found: Field, operator: str, operand: Any) -> Node:
    if operator == "$exists":
        return Always(OPERATORS["$exists"].read(found, operand))
    if operator not in ON_ROLE:
        raise _bad(f"{operator} is not for relations.")
    values = OPERATORS[operator].read(found, operand)
    pointers = values if operator == "$in" else (values,)
    target = next(iter(found.targets))
    ids = (each.object_id for each in pointers if isinstance(each, Pointer) and each.class_name == target)
    return HasMember(found.name, frozenset(ids))


def _related_to(parse_class: ParseClass, value: object) -> Node:
    if not isinstance(value, dict) or set(value) != {"object", "key"} or not isinstance(value["key"], str):
        raise _bad("$relatedTo needs an object and a key.")
    try:
        pointer = decode_pointer(value["object"], "$relatedTo")
    except ParseError as problem:
        raise _bad(problem.message) from problem
    relation = CLASSES["_Role"].fields.get(value["key"])
    if pointer.class_name != "_Role" or relation is None or parse_class.name not in relation.targets:
        return Always(answer=False)
    return RelatedTo(relation.name, pointer.object_id)


def load(value: object) -> object:
    """Return the where of a request, which may be JSON text; ParseError 107 when it is no JSON object."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as problem:
            raise ParseError(Code.BAD_JSON, "The where is no JSON.") from problem
    if not isinstance(value, dict):
        raise ParseError(Code.BAD_JSON, "The where is no JSON object.")
    return value
