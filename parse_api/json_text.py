"""JSON as it comes in: strict, finite, and only text that the database can hold."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from parse_api.errors import Code, ParseError

DEEPEST = 100
"""No query or object of the protocol comes near it; the limits of single features are lower."""
_DIGITS_OF_FLOATS = 300
_SUSPECT = re.compile(r"\\u0000|\\u[dD][89a-fA-F]|\x00|[\ud800-\udfff]")


def parse(text: str) -> Any:
    """Return the value; raise 107 for what is no JSON, and 111 for text with NUL, which PostgreSQL cannot store."""
    try:
        value = json.loads(
            text, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_whole, object_pairs_hook=_object
        )
    except (ValueError, RecursionError) as error:
        raise bad_json() from error
    if text.count("{") + text.count("[") > DEEPEST or _SUSPECT.search(text):
        _check(value)
    return value


def parse_object(text: str) -> dict[str, Any]:
    """Return the object; nothing at all is an empty one."""
    value = parse(text) if text.strip() else {}
    if not isinstance(value, dict):
        raise bad_json("The body is no JSON object.")
    return value


def is_json(text: str) -> bool:
    """Tell whether text is JSON at all, be it of a kind that is refused."""
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return False
    return True


def bad_json(message: str = "This is not valid JSON.") -> ParseError:
    """Return the error for what cannot be read."""
    return ParseError(Code.BAD_JSON, message)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("the same key twice")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number out of range")
    return number


def _whole(text: str) -> int:
    if len(text) > _DIGITS_OF_FLOATS:
        _finite(text)
    return int(text)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _check(value: Any) -> None:
    """Walk without recursion, so that depth costs nothing."""
    level = [value]
    for _ in range(DEEPEST):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below += [*item, *item.values()]
            elif isinstance(item, list):
                below += item
            elif isinstance(item, str):
                _check_text(item)
        level = below
    if level:
        raise bad_json("The JSON is nested too deeply.")


def _check_text(text: str) -> None:
    if "\0" in text:
        raise ParseError(Code.BAD_TYPE, "Text cannot hold NUL.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise bad_json("Text cannot hold half a surrogate pair.") from error
