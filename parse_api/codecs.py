"""How a value of each kind is read from JSON, and written as JSON by Python and, the same, by SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from math import isfinite
from types import SimpleNamespace
from typing import Any, NamedTuple, TypeAlias

from accounts.object_id import PATTERN
from parse_api.classes import CLASSES, Field, Kind, ParseClass
from parse_api.errors import Code, ParseError
from parse_api.limits import ACL_ENTRIES


class Pointer(NamedTuple):
    """The record that a pointer names."""

    class_name: str
    object_id: str


Value: TypeAlias = str | Decimal | datetime | Pointer | dict[str, Any] | None
Row: TypeAlias = Mapping[str, Value]
"""A record by the names of its fields; absent ones are None or missing."""

_SMALLEST, _LARGEST = Decimal("1e-307"), Decimal("1.7976931348623157e308")
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)


def wrong_type(field: Field, value: object) -> ParseError:
    """Return the error of a value that is not of the field's type."""
    return ParseError(Code.BAD_TYPE, f"{field.name} is a {field.kind.wire_type}, not {type(value).__name__}.")


def clean_text(value: str, what: str, code: Code = Code.BAD_TYPE) -> str:
    """Return `value`, which must be text that PostgreSQL and UTF-8 can hold."""
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ParseError(code, f"{what} has characters that cannot be stored.")
    return value


def parse_date(text: str) -> datetime:
    """Return the instant of an ISO date (a bare year, month or day, a time, with an offset), to the millisecond.

    Raises ValueError when it is none or lies outside the years 1 to 9999.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    year, month, day = (int(part or 1) for part in match.groups()[:3])
    hour, minute, second = (int(part or 0) for part in match.groups()[3:6])
    milliseconds = int((match[7] or "0").ljust(3, "0")[:3])
    zone = UTC
    if match[8] and match[8] != "Z":
        sign = -1 if match[8][0] == "-" else 1
        zone = timezone(sign * timedelta(hours=int(match[8][1:3]), minutes=int(match[8][-2:])))
    moment = datetime(year, month, day, hour, minute, second, milliseconds * 1000, zone)
    try:
        return moment.astimezone(UTC)
    except OverflowError as problem:
        raise ValueError(text) from problem


def format_date(moment: datetime) -> str:
    """Write an instant as the protocol does, with three digits of milliseconds."""
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z".rjust(24, "0")


def to_milliseconds(moment: datetime) -> datetime:
    """Cut an instant to the milliseconds that the wire shows."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def number(value: Decimal) -> int | float:
    """Return the 64-bit float of a number as JSON writes it: whole ones below 1e21 without a point, as JavaScript.

    The database holds some numbers that no float does: the smaller ones count as 0, the larger ones go out whole.
    """
    if abs(value) < _SMALLEST:
        return 0
    if abs(value) > _LARGEST:
        return int(value)
    nearest = float(value)
    return int(Decimal(repr(nearest))) if nearest.is_integer() and abs(nearest) < 1e21 else nearest


def _decode_text(field: Field, value: object) -> str:
    if not isinstance(value, str):
        raise wrong_type(field, value)
    return clean_text(value, field.name)


def _decode_number(field: Field, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong_type(field, value)
    try:
        nearest = float(value)
    except OverflowError:
        nearest = float("inf")
    if not isfinite(nearest):
        raise ParseError(Code.BAD_TYPE, f"{field.name} is no number that a 64-bit float holds.")
    return Decimal(repr(nearest))


def _decode_date(field: Field, value: object) -> datetime:
    if field.kind is Kind.STAMP and isinstance(value, str):
        iso: object = value
    elif isinstance(value, dict) and value.get("__type") == "Date":
        iso = value.get("iso")
    else:
        raise wrong_type(field, value)
    try:
        return parse_date(iso if isinstance(iso, str) else "")
    except ValueError as problem:
        raise ParseError(
            Code.BAD_TYPE, f"{field.name} has a Date that is no date from the year 1 to 9999."
        ) from problem


def decode_pointer(value: object, what: str) -> Pointer:
    """Read a pointer to any class; an Object in its place counts as the pointer to it."""
    if isinstance(value, dict) and value.get("__type") in ("Pointer", "Object"):
        class_name, object_id = value.get("className"), value.get("objectId")
        if isinstance(class_name, str) and isinstance(object_id, str) and object_id:
            return Pointer(class_name, clean_text(object_id, what))
    raise ParseError(Code.BAD_TYPE, f"{what} needs a Pointer with className and objectId.")


def _decode_pointer(field: Field, value: object) -> Pointer:
    pointer = decode_pointer(value, field.name)
    if pointer.class_name not in field.targets:
        raise ParseError(Code.BAD_TYPE, f"{field.name} points to {' or '.join(field.targets)}.")
    return pointer


def _decode_acl(field: Field, value: object) -> dict[str, Any]:
    """Keep the true rights of an access list; `{"<holder>": {"read": true, "write": true}}`."""
    if not isinstance(value, dict):
        raise wrong_type(field, value)
    if len(value) > ACL_ENTRIES:
        raise ParseError(Code.UNRESOLVED_ACL, f"An ACL has {ACL_ENTRIES} entries at most.")
    if "*unresolved" in value:
        raise ParseError(Code.UNRESOLVED_ACL, "Save the user of this ACL first.")
    kept = {}
    for holder, rights in value.items():
        if not isinstance(rights, dict) or not all(isinstance(right, bool) for right in rights.values()):
            raise ParseError(Code.BAD_TYPE, "An ACL maps user ids and roles to read and write, true or false.")
        if set(rights) - {"read", "write"}:
            raise ParseError(Code.BAD_TYPE, "An ACL has no rights but read and write.")
        if given := {right: True for right in ("read", "write") if rights.get(right)}:
            kept[clean_text(holder, "ACL")] = given
    return kept


def _decode_never(field: Field, value: object) -> Value:
    raise wrong_type(field, value)


def _iso_sql(column: str) -> str:
    return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"


def _text_sql(field: Field, row: str) -> str:
    column = f'{row}."{field.column}"'
    if field.name == "objectId":
        return f"""'"' || {column} || '"'"""  # letters and digits: there is nothing to escape
    return f"to_json({f'NULLIF({column}, {chr(39) * 2})' if field.is_blank_absent else column})::text"


def _number_sql(field: Field, row: str) -> str:
    amount = f'{row}."{field.column}"'
    return (
        f"CASE WHEN {amount} = trunc({amount}) AND abs({amount}) < 1e15 THEN trunc({amount})::text "
        f"WHEN abs({amount}) < {_SMALLEST} THEN '0' WHEN abs({amount}) > {_LARGEST} THEN trunc({amount})::text "
        f"WHEN abs({amount}) < 1e21 AND abs({amount}) >= 1e-6 "
        f"THEN trim_scale({amount}::float8::text::numeric)::text "
        f"ELSE regexp_replace({amount}::float8::text, 'e([+-])0', 'e\\1') END"
    )


def _pointer_sql(field: Field, row: str) -> str:
    each = [
        f"""'{{"__type":"Pointer","className":"{target}","objectId":"' || {row}."{column}" || '"}}'"""
        for target, column in field.targets.items()
    ]
    return each[0] if len(each) == 1 else f"COALESCE({', '.join(each)})"


def _relation_sql(field: Field, _row: str) -> str:
    return f"""'{{"__type":"Relation","className":"{next(iter(field.targets))}"}}'"""


def _self_acl_sql(field: Field, row: str) -> str:
    mine = f"""jsonb_build_object({row}."id", '{{"read": true, "write": true}}'::jsonb)"""
    return f'({row}."{field.column}" || {mine})::text'


@dataclass(frozen=True)
class Codec:
    """One kind of value: `decode` raises ParseError 111, `sql` gives JSON text of the row called so, or NULL."""

    decode: Callable[[Field, object], Value]
    encode: Callable[[Any], Any]
    sql: Callable[[Field, str], str]


CODECS: Mapping[Kind, Codec] = {
    Kind.STRING: Codec(_decode_text, str, _text_sql),
    Kind.NUMBER: Codec(_decode_number, number, _number_sql),
    Kind.DATE: Codec(
        _decode_date,
        lambda moment: {"__type": "Date", "iso": format_date(moment)},
        lambda field, row: f"""'{{"__type":"Date","iso":"' || {_iso_sql(f'{row}."{field.column}"')} || '"}}'""",
    ),
    Kind.STAMP: Codec(
        _decode_date, format_date, lambda field, row: f"""'"' || {_iso_sql(f'{row}."{field.column}"')} || '"'"""
    ),
    Kind.POINTER: Codec(
        _decode_pointer,
        lambda pointer: {"__type": "Pointer", "className": pointer.class_name, "objectId": pointer.object_id},
        _pointer_sql,
    ),
    Kind.RELATION: Codec(_decode_never, dict, _relation_sql),
    Kind.OBJECT: Codec(_decode_never, dict, lambda field, row: f'{row}."{field.column}"::text'),
    Kind.ACL: Codec(_decode_acl, dict, lambda field, row: f'{row}."{field.column}"::text'),
    Kind.SELF_ACL: Codec(_decode_acl, dict, _self_acl_sql),
}


def _value(parse_class: ParseClass, field: Field, record: Any) -> Value:
    if field.kind is Kind.POINTER:
        found = ((target, getattr(record, column)) for target, column in field.targets.items())
        return next((Pointer(target, pk) for target, pk in found if pk is not None), None)
    if field.kind is Kind.RELATION:
        return {"__type": "Relation", "className": next(iter(field.targets))}
    if field.kind is Kind.SELF_ACL:
        return {**record.acl, getattr(record, parse_class.id_column): {"read": True, "write": True}}
    value: Value = getattr(record, field.column)
    if isinstance(value, datetime):
        return to_milliseconds(value)
    return None if value == "" and field.is_blank_absent else value


def row_of(parse_class: ParseClass, record: Any) -> Row:
    """Return the values of a record by the names of its fields, absent ones left out."""
    values = {field.name: _value(parse_class, field, record) for field in parse_class.fields.values()}
    return {name: value for name, value in values.items() if value is not None}


def logged_row(parse_class: ParseClass, values: Mapping[str, Any]) -> Row:
    """Return a record as `row_of` does, of its columns as the change log has them in JSON, numbers as Decimal."""
    moments = [each.column for each in parse_class.fields.values() if each.kind in (Kind.DATE, Kind.STAMP)]
    read = {name: datetime.fromisoformat(values[name]) for name in moments if values[name] is not None}
    return row_of(parse_class, SimpleNamespace(**{**values, **read}))


def encode(class_name: str, row: Row, *, sees_private: bool) -> dict[str, Any]:
    """Write a row as JSON; private fields are left out unless the reader sees them."""
    fields = CLASSES[class_name].fields
    return {
        name: CODECS[fields[name].kind].encode(value)
        for name, value in row.items()
        if value is not None and (sees_private or not fields[name].is_private)
    }


def is_object_id(text: str) -> bool:
    """Tell whether `text` could be an objectId."""
    return re.fullmatch(PATTERN.strip("^$"), text) is not None
