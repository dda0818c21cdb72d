"""Reads what an app says of its device: three fields of our own, others as it likes, and operations on them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parse_api.errors import Code, ParseError
from parse_api.models import Installation
from parse_api.writes.keys import written

OWN = {"installationId": "installation_id", "deviceToken": "device_token", "deviceType": "device_type"}
"""Fields with a column, which hold text."""
_TEXTS = frozenset(
    {*OWN, "pushType", "GCMSenderId", "timeZone", "localeIdentifier", "appName", "appVersion", "appIdentifier"}
    | {"parseVersion"}
)
_LONGEST = 255
_MOST_BYTES = 16_384
"""What all fields of a device may take as JSON."""
_LISTS = ("Add", "AddUnique", "Remove")


@dataclass(frozen=True)
class Said:
    """A body, read: ids and type by column, and the other fields with their operations."""

    own: Mapping[str, str]
    more: Mapping[str, Any]


def read(params: Mapping[str, Any], *, is_new: bool) -> Said:
    """Read a body; raises ParseError 105 for a bad name, 111 for a wrong type, 108 for an unknown operation."""
    own: dict[str, str] = {}
    more: dict[str, Any] = {}
    for name in written(params, "_Installation", None, is_new=is_new):
        value = params[name]
        if name == "ACL" or (name in OWN and value is None) or (name == "installationId" and value == ""):
            continue
        if not _is_operation(value) and value is not None:
            _check_type(name, value)
        if name in OWN:
            own[OWN[name]] = _own(name, value)
        else:
            more[name] = value
    return Said(own, more)


def applied(said: Said, device: Installation) -> dict[str, Any]:
    """Put the other fields into a device; return those that are now something else than was sent."""
    told: dict[str, Any] = {}
    fields = dict(device.more)
    for name, value in said.more.items():
        fields[name] = _after(name, fields.get(name), value) if _is_operation(value) else value
        if _is_operation(value) and fields[name] is not None:
            told[name] = fields[name]
    device.more = {name: value for name, value in fields.items() if value is not None}
    if len(json.dumps(device.more)) > _MOST_BYTES:
        raise ParseError(Code.INVALID, f"The fields of an installation take {_MOST_BYTES} bytes at most.")
    return told


def _is_operation(value: Any) -> bool:
    return isinstance(value, dict) and "__op" in value


def _check_type(name: str, value: Any) -> None:
    if name == "channels" and not isinstance(value, list):
        raise ParseError(Code.BAD_TYPE, "channels is an Array.")
    if name == "badge" and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise ParseError(Code.BAD_TYPE, "badge is a Number.")
    if name not in _TEXTS:
        return
    if not isinstance(value, str):
        raise ParseError(Code.BAD_TYPE, f"{name} is a String.")
    if len(value) > _LONGEST:
        raise ParseError(Code.INVALID, f"{name} has at most {_LONGEST} characters.")


def _own(name: str, value: Any) -> str:
    """Return an id as it is compared: those of devices and tokens of Apple's without regard to letter case."""
    if not isinstance(value, str) or not value:
        raise ParseError(Code.BAD_TYPE, f"{name} is a String.")
    is_apple_token = name == "deviceToken" and len(value) == 64
    return value.lower() if name == "installationId" or is_apple_token else value


def _after(name: str, before: Any, operation: Mapping[str, Any]) -> Any:
    what = operation["__op"]
    if what == "Delete":
        return None
    if what == "SetOnInsert":
        return before if before is not None else operation.get("amount")
    if what == "Increment":
        return _sum(name, before, operation.get("amount"))
    if what in _LISTS:
        return _list(name, before, str(what), operation.get("objects"))
    if what in ("AddRelation", "RemoveRelation", "Batch"):
        raise ParseError(Code.BAD_TYPE, f"{name} is no relation.")
    raise ParseError(Code.UNKNOWN_OPERATION, f"{str(what)[:50]!r} is no operation.")


def _sum(name: str, before: Any, amount: Any) -> Any:
    numbers = [0 if before is None else before, amount]
    if any(isinstance(number, bool) or not isinstance(number, int | float) for number in numbers):
        raise ParseError(Code.BAD_TYPE, f"{name} is no Number that could be incremented.")
    total = numbers[0] + numbers[1]
    if not abs(total) < 1e300:
        raise ParseError(Code.BAD_TYPE, f"{name} is no number that a 64-bit float holds.")
    return total


def _list(name: str, before: Any, what: str, objects: Any) -> list[Any]:
    items = [] if before is None else before
    if not isinstance(items, list) or not isinstance(objects, list):
        raise ParseError(Code.BAD_TYPE, f"{name} is no list.")
    if what == "Add":
        return [*items, *objects]
    if what == "Remove":
        return [item for item in items if item not in objects]
    return [*items, *(each for n, each in enumerate(objects) if each not in items and each not in objects[:n])]
