"""Answers without what differs each time: ids of what was just made, stamps, tokens and the words of errors."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_TOKEN = re.compile(r"r:\w{16,}")
_GLOBAL = re.compile(r"[A-Za-z0-9+/]{8,}={0,2}")
_SLACK = timedelta(minutes=5)
_MOMENTS = {"<now>": timedelta(), "<in a year>": timedelta(days=365)}


@dataclass
class Names:
    """What is called by a name because each server made an id of its own for it; `old` are ids that both have."""

    old: frozenset[str]
    known: dict[str, str] = field(default_factory=dict)
    began: datetime = field(default_factory=lambda: datetime.now(UTC) - _SLACK)

    def learn(self, pk: str, name: str = "") -> None:
        """Give what was just made a name, the next one unless told."""
        if pk not in self.old:
            self.known.setdefault(pk, name or f"<made {len(self.known) + 1}>")

    def moment(self, stamp: str) -> str:
        """Return a stamp, or what it is called when it is of these minutes, or a year later as the end of a session."""
        away = datetime.fromisoformat(stamp) - self.began
        return next((name for name, days in _MOMENTS.items() if timedelta() < away - days < 12 * _SLACK), stamp)


def plain(value: Any, names: Names) -> Any:
    """Return an answer, or a part of one, so that two servers that mean the same give the same."""
    if isinstance(value, list):
        return [plain(each, names) for each in value]
    if isinstance(value, dict):
        return _mapping(value, names)
    if isinstance(value, str):
        return _text(value, names)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _mapping(value: dict[str, Any], names: Names) -> dict[str, Any]:
    found = {key: plain(each, names) for key, each in value.items()}
    if "errors" in found:
        found["errors"] = sorted({_error(each, is_one=not value.get("data")) for each in value["errors"]})
    if set(found) == {"code", "error"}:
        del found["error"]
    return _access(found) if set(found) == {"users", "roles", "public"} else found


def _access(found: dict[str, Any]) -> dict[str, Any]:
    """Return an access list in one order and without managers: in ours they need no entry."""
    roles = [each for each in found["roles"] or () if each["roleName"] != "Managers"]
    return {**found, "users": sorted(found["users"] or (), key=str) or None, "roles": roles or None}


def _error(error: dict[str, Any], *, is_one: bool) -> str:
    """Return the code of an error and its place, if others may have one; of several in one place one is enough.

    Where one error ends all, parse-server, which asks for all at once, tells of the first that it comes to.
    """
    code = str(error["extensions"].get("code"))
    return code if is_one else f"{code} at {'.'.join(map(str, error.get('path') or ()))}"


def _text(value: str, names: Names) -> str:
    if value in names.known:
        return names.known[value]
    if _STAMP.fullmatch(value):
        return names.moment(value)
    if _TOKEN.fullmatch(value):
        return "<token>"
    return _global(value, names) if _GLOBAL.fullmatch(value) else value


def is_now(value: str) -> bool:
    """Tell whether a text is a moment of these minutes."""
    return bool(_STAMP.fullmatch(value)) and abs(datetime.fromisoformat(value) - datetime.now(UTC)) < 2 * _SLACK


def _global(value: str, names: Names) -> str:
    try:
        class_name, _, pk = b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return value
    return f"<{class_name} {names.known[pk]}>" if pk in names.known else value
