"""Runs one operation of the API, whether it came alone or in a batch."""

from __future__ import annotations

from parse_api.answers import Answer
from parse_api.caller import Caller
from parse_api.idempotency import written_once
from parse_api.protocol import Call
from parse_api.routes import find_route


def run(call: Call, caller: Caller) -> Answer:
    """Run what the map of the API names; a write is one transaction of the caller, and runs once per request id."""
    route, ids = find_route(call.method, call.path)
    if not route.is_write:
        return route.endpoint(call, caller, *ids)

    def write() -> Answer:
        return route.endpoint(call, caller, *ids)

    return written_once(caller.user, call.request_id if route.is_once else "", write)
