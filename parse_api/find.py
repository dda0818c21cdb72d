"""Answers lists and single objects: one statement of SQL that goes through the gate on every level."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Func, OrderBy, QuerySet, TextField
from django.db.models.functions import Coalesce

from parse_api import where
from parse_api.access import rows_for
from parse_api.caller import Caller
from parse_api.classes import CLASSES, Field, Kind, ParseClass
from parse_api.errors import Code, ParseError, not_found
from parse_api.limits import within_time
from parse_api.objects_sql import Sql, object_sql, rows_sql
from parse_api.options import Options, Selection, read_get_options, read_options


def find(caller: Caller, class_name: str, params: Mapping[str, Any]) -> bytes:
    """Return the JSON `{"results": [...]}` of a list, with "count" when asked for.

    `params` are JSON values by name; where may be JSON text and numbers may be text. Raises ParseError: 119 for an
    unknown class, 101 without a session, and what a bad where or option raises.
    """
    if class_name not in CLASSES and caller.is_master:
        return b'{"results":[],"count":0}' if params.get("count") else b'{"results":[]}'
    parse_class = _open(caller, class_name)
    options = read_options(parse_class, params, is_master=caller.is_master)
    reader = where.Reader(caller.is_master)
    condition = reader.where(parse_class, where.load(params.get("where", {})))
    if caller.user is None and not caller.is_master and parse_class.name != "_User":
        raise not_found()
    with within_time() if reader.slow else nullcontext():
        for pattern in reader.slow:
            pattern.check()
        rows = rows_for(parse_class, caller, "view").filter(condition.sql(caller))
        results, count = _list(rows, options, caller)
    return b'{"results":[%b]%b}' % (results, b',"count":%d' % count if options.is_counted else b"")


def get(caller: Caller, class_name: str, object_id: str, params: Mapping[str, Any]) -> bytes:
    """Return the JSON of one object; raises ParseError 101 when it is not there or not for the caller."""
    if class_name not in CLASSES and caller.is_master:
        raise not_found()
    parse_class = _open(caller, class_name)
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
    rows = rows_for(parse_class, caller, "view").filter(**{parse_class.id_column: object_id})
    try:
        text, params = rows_sql(rows, selection)
    except EmptyResultSet:
        return None
    made, more = object_sql(selection, caller, "t0")
    found = _run((f"SELECT {made} FROM ({text}) t0", (*more, *params)))  # noqa: S608
    return found[0].encode() if found else None


def _open(caller: Caller, class_name: str) -> ParseClass:
    del caller
    if class_name not in CLASSES:
        raise ParseError(Code.FORBIDDEN, "There is no such class for apps.")
    return CLASSES[class_name]


def _list(rows: QuerySet[Any], options: Options, caller: Caller) -> tuple[bytes, int]:
    """Return the objects of a list with commas between, and how many there are without limit and skip."""
    parts = ["NULL", "NULL"]
    params: list[Any] = []
    try:
        if options.limit:
            cut = rows.order_by(*order_by(options))[options.skip : options.skip + options.limit]
            text, inner = rows_sql(cut, options.selection)
            made, more = object_sql(options.selection, caller, "t0")
            parts[0] = f"(SELECT string_agg({made}, ',') FROM ({text}) t0)"  # noqa: S608
            params += [*more, *inner]
        if options.is_counted:
            text, inner = rows.order_by().values(pk_=F("pk")).query.sql_with_params()
            parts[1] = f"(SELECT count(*) FROM ({text}) c)"  # noqa: S608
            params += inner
    except EmptyResultSet:
        return b"", 0
    found = _run((f"SELECT {', '.join(parts)}", tuple(params))) or ("", 0)
    return (found[0] or "").encode(), found[1] or 0


def _run(sql: Sql) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(*sql)
        return cursor.fetchone()


def order_by(options: Options) -> list[OrderBy]:
    """Return the order of a list: absent values last going up, first going down; then the objectId the same way.

    Without an order it is that of creation. These are PostgreSQL's own orders of NULL, so that an index serves.
    """
    keys = [(_sort_key(each), down) for each, down in options.order] or [(F("created_at"), False)]
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
