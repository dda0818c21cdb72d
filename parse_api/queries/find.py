"""Answers lists and single objects: one statement of SQL that goes through the gate on every level."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Func, OrderBy, QuerySet, TextField
from django.db.models.functions import Coalesce

from parse_api.access import rows_for
from parse_api.caller import Caller
from parse_api.classes import CLASSES, Field, Kind, ParseClass, class_named
from parse_api.errors import not_found
from parse_api.prepared import first_row
from parse_api.queries import where
from parse_api.queries.conditions import Node, Test
from parse_api.queries.objects_sql import Sql, object_sql, rows_sql
from parse_api.queries.operators import OPERATORS
from parse_api.queries.options import Options, Order, Selection, read_get_options, read_options
from parse_api.queries.patterns import patience
from parse_api.queries.recipes import SHARED, Compile, by_recipe

WITHOUT_SESSION = ("_User", "_Role")
"""Classes of which a list is answered to who has not signed in, as far as there is something to see."""


def find(caller: Caller, class_name: str, params: Mapping[str, Any]) -> bytes:
    """Return the JSON `{"results": [...]}` of a list, with "count" when asked for.

    `params` are JSON values by name; where may be JSON text and numbers may be text. Raises ParseError: 119 for an
    unknown class, what a bad option raises and 107 for a where that is no JSON, 101 without a session, and what a bad
    where raises.
    """
    if class_name not in CLASSES and caller.is_master:
        return b'{"results":[],"count":0}' if params.get("count") else b'{"results":[]}'
    parse_class = class_named(class_name)
    options, document = _load(caller, parse_class, params)
    if caller.user is None and not caller.is_master and class_name not in WITHOUT_SESSION:
        raise not_found()
    condition, reader = _read(caller, parse_class, document)
    with patience(reader.slow):
        return _answer(options, row_of(_list_sql, options, parse_class, condition, caller))


def search(caller: Caller, parse_class: ParseClass, rows: QuerySet[Any], params: Mapping[str, Any]) -> bytes:
    """Return the JSON of a list of these rows, which the caller may see."""
    options, document = _load(caller, parse_class, params)
    condition, reader = _read(caller, parse_class, document)
    with patience(reader.slow):
        try:
            return _answer(options, _run(_list_of(rows.filter(condition.sql(caller)), options, caller)))
        except EmptyResultSet:
            return _answer(options, None)


def search_one(caller: Caller, parse_class: ParseClass, rows: QuerySet[Any], params: Mapping[str, Any]) -> Any:
    """Return the one of these rows, which the caller may see, as an object; raises ParseError 101 without one."""
    read_get_options(parse_class, params)
    results = json.loads(search(caller, parse_class, rows, params))["results"]
    if not results:
        raise not_found()
    return results[0]


def objects(caller: Caller, selection: Selection, rows: QuerySet[Any]) -> tuple[list[str], str]:
    """Return the objectIds of these rows, which the caller may see, and their JSON with commas between."""
    try:
        text, params = rows_sql(rows, selection)
    except EmptyResultSet:
        return [], ""
    made, more = object_sql(selection, caller, "t0")
    id_column = f't0."{selection.parse_class.id_column}"'
    ids, found = _run((f"SELECT array_agg({id_column}), string_agg({made}, ',') FROM ({text}) t0", (*more, *params)))  # noqa: S608
    return ids or [], found or ""


def get(caller: Caller, class_name: str, object_id: str, params: Mapping[str, Any]) -> bytes:
    """Return the JSON of one object; raises ParseError 101 when it is not there or not for the caller."""
    if class_name not in CLASSES and caller.is_master:
        raise not_found()
    parse_class = class_named(class_name)
    selection = read_get_options(parse_class, params)
    found = fetch(caller, selection, object_id)
    if found is None:
        raise not_found()
    return found


def fetch(caller: Caller, selection: Selection, object_id: str) -> bytes | None:
    """Return the JSON of one object, None when it is not there or not for the caller."""
    parse_class = selection.parse_class
    if not object_id.isascii() or not object_id.isalnum():
        return None
    condition = Test(parse_class, parse_class.fields["objectId"], OPERATORS["$eq"], object_id)
    found = row_of(_one_sql, selection, parse_class, condition, caller, keeps_plan=True)
    return found[0].encode() if found else None


def _load(caller: Caller, parse_class: ParseClass, params: Mapping[str, Any]) -> tuple[Options, object]:
    """Read the options of a list, and its where as far as to know that it is JSON."""
    return read_options(parse_class, params, is_master=caller.is_master), where.load(params.get("where", {}))


def _read(caller: Caller, parse_class: ParseClass, document: object) -> tuple[Node, where.Reader]:
    """Read a where; the reader knows what of it takes long."""
    reader = where.Reader(caller.is_master)
    return reader.where(parse_class, document), reader


def _answer(options: Options, row: tuple[str | None, int | None] | None) -> bytes:
    results, count = row or (None, None)
    counted = b',"count":%d' % (count or 0) if options.is_counted else b""
    return b'{"results":[%b]%b}' % ((results or "").encode(), counted)


def row_of(
    compile_sql: Compile,
    form: Any,
    parse_class: ParseClass,
    condition: Node,
    caller: Caller,
    *,
    keeps_plan: bool = False,
) -> Any:
    """Run what `compile_sql` makes of the others, by a recipe if it can be; return its row, None without one.

    `keeps_plan` is for what finds a row by its id.
    """
    if parse_class.name in SHARED and (known := by_recipe(compile_sql, form, condition, caller)):
        return first_row(*known, keeps_plan=keeps_plan)
    try:
        return _run(compile_sql(form, condition, caller))
    except EmptyResultSet:
        return None


def _run(sql: Sql) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(*sql)
        return cursor.fetchone()


def _one_sql(selection: Selection, condition: Node, caller: Caller) -> Sql:
    """Return the statement of the JSON of the rows that fulfil the condition."""
    rows = rows_for(selection.parse_class, caller, "view").filter(condition.sql(caller))
    text, params = rows_sql(rows, selection)
    made, more = object_sql(selection, caller, "t0")
    return f"SELECT {made} FROM ({text}) t0", (*more, *params)  # noqa: S608


def _list_sql(options: Options, condition: Node, caller: Caller) -> Sql:
    """Return the statement of a list of the rows that fulfil the condition."""
    rows = rows_for(options.selection.parse_class, caller, "view").filter(condition.sql(caller))
    return _list_of(rows, options, caller)


def _list_of(rows: QuerySet[Any], options: Options, caller: Caller) -> Sql:
    """Return the statement of two values: the objects with commas between, and how many there are without a limit."""
    return list_sql(rows, options, options.selection, partial(object_sql, options.selection, caller, "t0"), "','")


class Cut(Protocol):
    """Which rows of a list are wanted, and whether all of them are counted."""

    @property
    def order(self) -> Order: ...
    @property
    def limit(self) -> int: ...
    @property
    def skip(self) -> int: ...
    @property
    def is_counted(self) -> bool: ...


def list_sql(rows: QuerySet[Any], cut: Cut, selection: Selection, made_of: Callable[[], Sql], between: str) -> Sql:
    """Return the statement of two values: what is made of each row, joined, and how many there are without a limit.

    `made_of` returns the SQL of a text for a row "t0" that has what the selection needs, and `between` is SQL, too.
    """
    parts = ["NULL", "NULL"]
    params: list[Any] = []
    if cut.limit:
        text, inner = rows_sql(rows.order_by(*order_by(cut.order))[cut.skip : cut.skip + cut.limit], selection)
        made, more = made_of()
        parts[0] = f"(SELECT string_agg({made}, {between}) FROM ({text}) t0)"  # noqa: S608
        params += [*more, *inner]
    if cut.is_counted:
        text, inner = rows.order_by().values(pk_=F("pk")).query.sql_with_params()
        parts[1] = f"(SELECT count(*) FROM ({text}) c)"  # noqa: S608
        params += inner
    return f"SELECT {', '.join(parts)}", tuple(params)


def order_by(order: Order) -> list[OrderBy]:
    """Return the order of a list: absent values last going up, first going down; then the objectId the same way.

    Without an order it is that of creation. These are PostgreSQL's own orders of NULL, so that an index serves.
    """
    keys = [(_sort_key(each), down) for each, down in order] or [(F("created_at"), False)]
    last = (F("pk"), keys[0][1])
    return [OrderBy(key, descending=down) for key, down in (*keys, last)]


def _sort_key(each: Field) -> Any:
    columns = [F(column) for column in each.columns]
    if each.kind is Kind.POINTER:
        return columns[0] if len(columns) == 1 else Coalesce(*columns)
    if each.kind is not Kind.STRING or each.column.endswith("id"):
        return columns[0]
    template = "NULLIF(%(expressions)s, '') COLLATE \"C\"" if each.is_blank_absent else '%(expressions)s COLLATE "C"'
    return Func(columns[0], template=template, output_field=TextField())
