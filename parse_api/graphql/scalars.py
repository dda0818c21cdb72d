"""The scalar types beyond GraphQL's own."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError, GraphQLScalarType

from parse_api.codecs import parse_date


def _read_date(value: Any) -> dict[str, str]:
    """Return a Date as REST takes it; raises GraphQLError for what is none."""
    iso = value.get("iso") if isinstance(value, dict) and value.get("__type") == "Date" else value
    text = iso if isinstance(iso, str) else ""
    try:
        parse_date(text)
    except ValueError as problem:
        raise GraphQLError("A Date is a text such as 2030-01-02T03:04:05.678Z.") from problem
    return {"__type": "Date", "iso": text}


def _read_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise GraphQLError("An Object is an object of JSON.")
    return value


DATE = GraphQLScalarType(
    "Date",
    coerce_input_value=_read_date,
    description="An instant to the millisecond: text, answered in UTC. Also taken as {__type: Date, iso}.",
)
OBJECT = GraphQLScalarType("Object", coerce_input_value=_read_object, description="An object of JSON.")
ANY = GraphQLScalarType("Any", description="Any value of JSON.")
