"""What a subscription asks: read as REST reads it, decided in memory, by PostgreSQL only where memory cannot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.core.exceptions import EmptyResultSet
from django.db import connection

from parse_api.access import rows_for
from parse_api.caller import Caller
from parse_api.classes import CLASSES, Field, ParseClass
from parse_api.codecs import Row
from parse_api.errors import Code, ParseError, not_found
from parse_api.limits import within_time
from parse_api.livequery.changes import LIVE, State, shown
from parse_api.livequery.messages import Subscribe, dump
from parse_api.queries.conditions import AllOf, Always, AnyOf, Node, Not, Test
from parse_api.queries.operators import OPERATORS
from parse_api.queries.patterns import Pattern, Term
from parse_api.queries.where import Reader, check_name


class _Nowhere:
    """The world of a condition that asks for nothing beyond the row."""

    def rows(self, parse_class: ParseClass, where: Node) -> Iterable[Row]:
        """Never asked: such conditions go to PostgreSQL."""
        raise NotImplementedError(parse_class.name)

    def members(self, relation: str, role_id: str) -> frozenset[str]:
        """Never asked, either."""
        raise NotImplementedError(relation)


_NOWHERE = _Nowhere()


@dataclass(frozen=True, eq=False)
class LiveQuery:
    """The query of a subscription: `text` is its where, `names` are the fields it shows, `watch` those whose changes
    it is told.

    `patterns` are its regular expressions, which PostgreSQL has to take before anything is answered; `conditions`
    counts all that may have to be looked at for one change.
    """

    parse_class: ParseClass
    text: str
    condition: Node
    names: frozenset[str] | None
    watch: tuple[str, ...] | None
    patterns: tuple[Pattern, ...]
    is_in_memory: bool
    conditions: int

    def matches(self, state: State) -> bool:
        """Decide in memory whether the object is asked for: once for all queries that ask the same."""
        found = state.answers.get(self.text)
        if found is None:
            found = state.answers[self.text] = self.condition.matches(state.row, _NOWHERE)
        return found

    def found_in_sql(self, states: Sequence[State], caller: Caller) -> set[int]:
        """Let PostgreSQL decide which of some objects are asked for, and return them by their id().

        It looks behind the caller's gate and has its time for all of them; raises ParseError 102.
        """
        # The objects themselves have passed the gate of their readers, at the time of the change.
        rows = rows_for(self.parse_class, Caller(is_master=True), "view").filter(self.condition.sql(caller))
        try:
            text, params = rows.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            return set()
        table = f'"{self.parse_class.model._meta.db_table}"'
        row = f"jsonb_populate_recordset(NULL::{table}, %s::jsonb) WITH ORDINALITY AS {table}"
        selected, condition = text.split(f" FROM {table}", 1)
        del selected
        with within_time(), connection.cursor() as cursor:
            objects = f"[{','.join(state.text for state in states)}]"
            cursor.execute(f"SELECT {table}.ordinality FROM {row}{condition}", (objects, *params))  # noqa: S608
            return {id(states[number - 1]) for (number,) in cursor.fetchall()}

    @cached_property
    def equality(self) -> tuple[str, object]:
        """The field and value of a condition that every object asked for fulfils, ("", None) without one."""
        found = [each for each in _ands(self.condition) if each.operator is OPERATORS["$eq"]]
        best = min(found, key=lambda each: _RANK.get(each.field.kind.wire_type, 3), default=None)
        return (best.field.name, best.operand) if best else ("", None)


_RANK = {"Pointer": 1, "String": 2}
"""Which kinds of fields divide objects into the most parts; there is no better order without looking at them."""


def read_query(asked: Subscribe, *, is_master: bool) -> LiveQuery:
    """Read a subscription's query; raises ParseError as REST does, 101 for a class that nobody may follow."""
    if asked.class_name not in LIVE:
        if asked.class_name in CLASSES or asked.class_name.startswith("_"):
            raise not_found()
        raise ParseError(Code.FORBIDDEN, "There is no such class for apps.")
    parse_class = CLASSES[asked.class_name]
    reader = Reader(is_master)
    condition = reader.where(parse_class, asked.where)
    for name in (*_parts(asked.keys or ()), *(asked.watch or ())):
        check_name(name)
    return LiveQuery(
        parse_class=parse_class,
        text=dump(asked.where),
        condition=condition,
        names=shown(asked.keys),
        watch=asked.watch,
        patterns=tuple(reader.slow),
        is_in_memory=all(_is_in_memory(node) for node in _nodes(condition)),
        conditions=_size(asked.where) + len(asked.keys or ()) + len(asked.watch or ()),
    )


def _parts(paths: Iterable[str]) -> Iterator[str]:
    """Yield the names in paths such as company.name, which the query of a list may show and an event does not have."""
    for path in paths:
        yield from path.split(".")


def _size(value: object) -> int:
    """Count the values in a where, which has passed the limits of depth."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_size, inside))


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, AllOf | AnyOf):
        for part in node.parts:
            yield from _nodes(part)
    elif isinstance(node, Not):
        yield from _nodes(node.part)


def _is_in_memory(node: Node) -> bool:
    if isinstance(node, Test):
        is_slow = isinstance(node.operand, Pattern) and node.operand.literal is None
        return not is_slow and not isinstance(node.operand, Term)
    return isinstance(node, AllOf | AnyOf | Not | Always)


def _ands(node: Node) -> Iterator[Test]:
    if isinstance(node, AllOf):
        for part in node.parts:
            yield from _ands(part)
    elif isinstance(node, Test) and isinstance(node.field, Field):
        yield node
