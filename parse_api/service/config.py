"""Settings that apps share: read by everybody, kept with the master key (CONTRACT.md, section 18)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parse_api.answers import Answer
from parse_api.caller import Caller
from parse_api.errors import Code, ParseError
from parse_api.json_text import bad_json
from parse_api.models import ConfigParameter
from parse_api.protocol import Call
from parse_api.queries.where import NAME

MOST = 1_000
"""Parameters in one request."""
_DELETE = {"__op": "Delete"}


def get(_call: Call, caller: Caller) -> Answer:
    """Answer the settings; those for the master key only to it, with which they are."""
    rows = list(ConfigParameter.objects.order_by("name"))
    if caller.is_master:
        hidden = {row.name: row.is_master_only for row in rows}
        return Answer({"params": {row.name: row.value for row in rows}, "masterKeyOnly": hidden})
    return Answer({"params": {row.name: row.value for row in rows if not row.is_master_only}})


def update(call: Call, caller: Caller) -> Answer:
    """Set some settings, or delete them with `{"__op": "Delete"}`; the others stay as they are."""
    caller.need_master()
    params, hidden = _object(call, "params"), _object(call, "masterKeyOnly")
    if len(params) > MOST:
        raise bad_json(f"At most {MOST} parameters are set at once.")
    for name, value in params.items():
        _check(name, value)
    gone = [name for name, value in params.items() if value in (None, _DELETE)]
    ConfigParameter.objects.filter(name__in=gone).delete()
    _store({name: value for name, value in params.items() if name not in gone}, hidden)
    return Answer({"result": True})


def _object(call: Call, key: str) -> dict[str, Any]:
    value = call.params.get(key, {})
    if not isinstance(value, dict):
        raise bad_json(f"{key} must be an object.")
    return value


def _check(name: str, value: Any) -> None:
    if not NAME.fullmatch(name) or len(name) > 200:
        raise ParseError(Code.BAD_KEY, f"{name[:50]!r} is no name of a parameter.")
    if isinstance(value, dict) and "__op" in value and value != _DELETE:
        raise ParseError(Code.UNKNOWN_OPERATION, "Parameters are set or deleted.")


def _store(params: Mapping[str, Any], hidden: Mapping[str, Any]) -> None:
    """Write in the order of the names, so that two writers of the same do not wait for each other."""
    ConfigParameter.objects.bulk_create(
        [
            ConfigParameter(name=name, value=params[name], is_master_only=hidden.get(name) is True)
            for name in sorted(params)
        ],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["value", "is_master_only"],
    )
