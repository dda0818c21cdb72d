"""The operator table: how each operator reads its operand, its SQL, and its test in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, DateTimeField, F, Func, Q, TextField
from django.db.models import Value as Constant

from parse_api.classes import Field, Kind, ParseClass
from parse_api.codecs import CODECS, Pointer, Value, clean_text, decode_pointer
from parse_api.errors import Code, ParseError
from parse_api.queries.patterns import Pattern, Term
from records.fields import AmountField

NOTHING = Q(pk__in=[])
ORDERED = (Kind.STRING, Kind.NUMBER, Kind.DATE, Kind.STAMP)
"""Kinds whose values are smaller or larger than others."""
_FIELDS: Mapping[type, Any] = {str: TextField, Decimal: AmountField, datetime: DateTimeField}
_MILLISECOND = "interval '1 millisecond'"


@dataclass(frozen=True)
class Operator:
    """One operator: `read` raises ParseError, `sql` and `test` say the same; a NULL of `sql` counts as false."""

    read: Callable[[Field, object], Any]
    sql: Callable[[ParseClass, Field, Any], Q | Func]
    test: Callable[[Value, Any], bool]


def bad(field: Field, name: str, wanted: str, code: Code = Code.BAD_QUERY) -> ParseError:
    """Return the error of an operand that makes no sense."""
    return ParseError(code, f"{name} of {field.name} needs {wanted}.")


def read_value(field: Field, value: object) -> Value:
    """Read what a field is compared with; None for null. A pointer may name any class: it then equals nothing."""
    if value is None:
        return None
    if field.kind in (Kind.POINTER, Kind.RELATION):
        _want(field, isinstance(value, dict) and value.get("__type") in ("Pointer", "Object"))
        return decode_pointer(value, field.name)
    if field.kind in (Kind.DATE, Kind.STAMP):
        _want(
            field,
            isinstance(value, str) if field.kind is Kind.STAMP and not isinstance(value, dict) else _is_date(value),
        )
        return CODECS[field.kind].decode(field, value)
    if field.kind not in ORDERED:
        raise ParseError(Code.BAD_QUERY, f"Rows cannot be queried by {field.name}.")
    try:
        return CODECS[field.kind].decode(field, value)
    except ParseError as problem:
        raise ParseError(Code.BAD_QUERY, problem.message) from problem


def _is_date(value: object) -> bool:
    return isinstance(value, dict) and value.get("__type") == "Date"


def _want(field: Field, is_right: bool) -> None:  # noqa: FBT001
    if not is_right:
        raise ParseError(Code.BAD_QUERY, f"{field.name} is compared with a {field.kind.wire_type} only.")


def _read_ordered(field: Field, value: object) -> Value:
    _want(field, field.kind in ORDERED and value is not None)
    return read_value(field, value)


def _read_list(field: Field, value: object) -> tuple[Value, ...]:
    if not isinstance(value, list):
        raise ParseError(Code.BAD_JSON, f"The values for {field.name} must be a list.")
    return tuple(_read_member(field, each) for each in value)


def _read_member(field: Field, value: object) -> Value:
    """Read one of a list; for a pointer its objectId will do, of whichever class."""
    if field.kind is Kind.POINTER and isinstance(value, str):
        return Pointer("", clean_text(value, field.name, Code.BAD_QUERY))
    return read_value(field, value)


def _read_bool(field: Field, value: object) -> bool:
    if not isinstance(value, bool):
        raise bad(field, "$exists", "true or false")
    return value


def _read_term(field: Field, value: object) -> Term:
    search = value.get("$search") if isinstance(value, dict) else None
    term = search.get("$term") if isinstance(search, dict) else None
    if not isinstance(search, dict) or not isinstance(term, str):
        raise bad(field, "$text", "a $search with a text as its $term", Code.BAD_JSON)
    flags = search.get("$caseSensitive", False), search.get("$diacriticSensitive", True)
    if not isinstance(search.get("$language", ""), str) or flags != (False, True):
        wanted = "to be without regard to letter case, and with regard to accents"
        raise bad(field, "$text", wanted, Code.BAD_JSON)
    if field.kind is not Kind.STRING:
        raise bad(field, "$text", "a text field")
    return Term(clean_text(term, "$term", Code.BAD_QUERY))


def _boolean(template: str, *expressions: Any, joiner: str = "") -> Func:
    return Func(*expressions, template=template, arg_joiner=joiner, output_field=BooleanField())


def constant(value: Value) -> Constant:
    """Return a value as a parameter of SQL."""
    return Constant(value, output_field=_FIELDS[type(value)]())


def _is_null(field: Field, *, null: bool) -> Q:
    blank = {f"{field.column}": ""} if field.is_blank_absent else {}
    absent = Q(*(Q(**{f"{column}__isnull": True}) for column in field.columns))
    absent = absent | Q(**blank) if blank else absent
    return absent if null else ~absent


def _equal_sql(parse_class: ParseClass, field: Field, operand: Any) -> Q | Func:
    if operand is None:
        return NOTHING if field.kind is Kind.RELATION else _is_null(field, null=True)
    if isinstance(operand, Pointer):
        column = field.targets.get(operand.class_name)
        return Q(**{column: operand.object_id}) if column else NOTHING
    if isinstance(operand, datetime):
        low, end = (
            _boolean("%(expressions)s", F(field.column), constant(operand), joiner=" >= "),
            _compare("$lte", field, operand),
        )
        return Q(low) & Q(end)
    if field.is_blank_absent and operand == "":
        return NOTHING
    return _boolean("%(expressions)s", F(field.column), constant(operand), joiner=" = ")


def _compare(name: str, field: Field, operand: Any) -> Func:
    """Compare a column; instants to the millisecond that the wire shows, text by code points."""
    column = F(field.column)
    if isinstance(operand, datetime):
        after = f"(%(expressions)s + {_MILLISECOND})"
        sign = {"$lt": " < ", "$lte": " < ", "$gt": " >= ", "$gte": " >= "}[name]
        template = after if name in ("$lte", "$gt") else "(%(expressions)s)"
        edge = Func(constant(operand), template=template, output_field=DateTimeField())
        return _boolean("%(expressions)s", column, edge, joiner=sign)
    sign = {"$lt": " < ", "$lte": " <= ", "$gt": " > ", "$gte": " >= "}[name]
    template = '%(expressions)s COLLATE "C"' if isinstance(operand, str) else "%(expressions)s"
    return _boolean(template, column, constant(operand), joiner=sign)


def _in_sql(parse_class: ParseClass, field: Field, operand: tuple[Value, ...]) -> Q | Func:
    found = Q(_is_null(field, null=True)) if None in operand and field.columns else NOTHING
    given = [value for value in operand if value is not None and not (field.is_blank_absent and value == "")]
    if not given:
        return found
    if field.kind is not Kind.POINTER:
        return Q(_any(field.column, given)) | found
    for target, column in field.targets.items():
        ids = [each.object_id for each in given if isinstance(each, Pointer) and each.class_name in (target, "")]
        found = Q(_any(column, ids)) | found if ids else found
    return found


def _any(column: str, values: list[Any]) -> Func:
    kind = type(values[0])
    array = Constant(values, output_field=ArrayField(_FIELDS[kind]()))
    left: Any = F(column)
    if kind is datetime:
        left = Func(Constant("milliseconds"), F(column), function="date_trunc", output_field=DateTimeField())
    return _boolean("%(expressions)s)", left, array, joiner=" = ANY(")


def _in_test(value: Value, operand: tuple[Value, ...]) -> bool:
    return value in operand or (isinstance(value, Pointer) and Pointer("", value.object_id) in operand)


def _all_sql(parse_class: ParseClass, field: Field, operand: tuple[Value, ...]) -> Q | Func:
    one = set(operand)
    return _in_sql(parse_class, field, tuple(one)) if len(one) == 1 and None not in one else NOTHING


def _ordering(name: str, test: Callable[[Any, Any], bool]) -> Operator:
    return Operator(
        _read_ordered,
        lambda _class, field, operand: _present(field) & Q(_compare(name, field, operand)),
        lambda value, operand: value is not None and test(value, operand),
    )


def _present(field: Field) -> Q:
    return _is_null(field, null=False) if field.is_blank_absent else Q()


def _text_sql(parse_class: ParseClass, field: Field, term: Term) -> Q:
    model: Any = parse_class.model
    searched = getattr(model, "search_fields", ())
    return Q(*term.sql(field.column, model.search_document() if field.column in searched else None))


def _regex_sql(parse_class: ParseClass, field: Field, pattern: Pattern) -> Q:
    return _present(field) & Q(pattern.sql(field.column))


OPERATORS: Mapping[str, Operator] = {
    "$eq": Operator(read_value, _equal_sql, lambda value, operand: value == operand),
    "$lt": _ordering("$lt", lambda value, operand: bool(value < operand)),
    "$lte": _ordering("$lte", lambda value, operand: bool(value <= operand)),
    "$gt": _ordering("$gt", lambda value, operand: bool(value > operand)),
    "$gte": _ordering("$gte", lambda value, operand: bool(value >= operand)),
    "$in": Operator(_read_list, _in_sql, _in_test),
    "$all": Operator(
        _read_list,
        _all_sql,
        lambda value, operand: len(set(operand)) == 1 and value is not None and _in_test(value, operand),
    ),
    "$containedBy": Operator(
        _read_list,
        lambda parse_class, field, operand: _in_sql(parse_class, field, tuple(x for x in operand if x is not None)),
        lambda value, operand: value is not None and _in_test(value, operand),
    ),
    "$exists": Operator(
        _read_bool,
        lambda _class, field, operand: _is_null(field, null=not operand),
        lambda value, operand: (value is not None) is operand,
    ),
    "$regex": Operator(
        lambda _field, value: value,
        _regex_sql,
        lambda value, operand: isinstance(value, str) and operand.matches(value),
    ),
    "$text": Operator(_read_term, _text_sql, lambda value, operand: isinstance(value, str) and operand.matches(value)),
}
NEGATIONS: Mapping[str, str] = {"$ne": "$eq", "$nin": "$in"}
"""Operators that hold where another one does not, rows without the field included."""
