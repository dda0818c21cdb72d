"""The pages of a list: which rows one has, and how it is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from parse_api.errors import Code, ParseError
from parse_api.graphql.names import cursor, read_cursor
from parse_api.graphql.plans import Connection, Edges
from parse_api.graphql.texts import Json, joined, text_of
from parse_api.limits import DEFAULT_ROWS, ROWS


class Window(NamedTuple):
    """Which rows of a list are its page; `is_last`: the last ones, so that `skip` is to be found."""

    skip: int
    limit: int
    is_last: bool = False

    def within(self, count: int) -> Window:
        """Return the same of a list of so many rows."""
        return Window(max(self.skip, count - self.limit), self.limit) if self.is_last else self


def read_window(arguments: Mapping[str, Any]) -> Window:
    """Return which rows skip, first, after, last and before mean; raises ParseError 102 for a bad one."""
    skip, first, last = (_whole(arguments, name) for name in ("skip", "first", "last"))
    after, before = (_place(arguments, name) for name in ("after", "before"))
    start = (skip or 0) + (0 if after is None else after + 1)
    limit = first
    if before is not None and (limit is None or start + limit > before):
        limit = max(0, before - start)
    if last is None:
        return Window(start, DEFAULT_ROWS if limit is None else min(limit, ROWS))
    if limit is None:
        return Window(start, min(last, ROWS), is_last=last > 0)
    return Window(start + max(0, limit - last), min(limit, last, ROWS))


def _whole(arguments: Mapping[str, Any], name: str) -> int | None:
    value: int | None = arguments.get(name)
    if value is not None and value < 0:
        raise ParseError(Code.BAD_QUERY, f"{name} is a number from 0.")
    return value


def _place(arguments: Mapping[str, Any], name: str) -> int | None:
    text = arguments.get(name)
    if not text:
        return None
    place = read_cursor(text)
    if place is None:
        raise ParseError(Code.BAD_QUERY, f"{name} is no cursor.")
    return place


def page_text(plan: Connection, rows: Sequence[Sequence[str]], window: Window, count: int | None) -> Json:
    """Return the answer to a list of whose page these are the rows, or one more, which says that it goes on.

    A row is its id and what is shown of it for each time that the nodes are asked for.
    """
    shown = rows[: window.limit]
    end = window.skip + len(shown)
    values = {
        "count": count,
        "pageInfo": {
            "hasNextPage": len(rows) > len(shown) if count is None else count > end,
            "hasPreviousPage": window.skip > 0 and (bool(rows) or bool(count)),
            "startCursor": cursor(window.skip),
            "endCursor": cursor(max(end - 1, window.skip)),
        },
        "__typename": plan.type_name,
    }
    parts = (
        (key, _edges(below, shown, window.skip) if isinstance(below, Edges) else text_of(below, values.get(name)))
        for key, name, below in plan.parts
    )
    return joined(parts)


def _edges(plan: Edges, rows: Sequence[Sequence[str]], skip: int) -> str:
    if [name for _, name, _ in plan.parts] == ["node"]:
        key, _, place = plan.parts[0]
        return "[" + ",".join([f'{{"{key}":{row[place]}}}' for row in rows]) + "]"
    return "[" + ",".join([_edge(plan, row, skip + n) for n, row in enumerate(rows)]) + "]"


def _edge(plan: Edges, row: Sequence[str], place: int) -> Json:
    known = {"cursor": f'"{cursor(place)}"', "__typename": f'"{plan.type_name}"'}
    return joined((key, row[shown] if name == "node" else known[name]) for key, name, shown in plan.parts)
