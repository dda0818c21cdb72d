"""The answers that a real Parse server gave are those that this one gives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.parse_api.replay import Replay

CASES = Path(__file__).parent / "cases"
DIFFERENT = {
    "a user lists only its own sessions": "a token is stored as a hash, so only the one that was sent can be answered",
    "a new user's ACL lets only that user read and write": "a team sees its directory, without addresses",
}
"""Cases in which this server does something else on purpose, and why; the other tests say what."""
_NOT_THERE = re.compile(r"(POST|PUT|DELETE) /(classes/([A-Z]|_Role)|roles)|.* /(batch|schemas)")


def cases() -> Iterator[Any]:
    """Yield every recorded case of what the API has by now."""
    for file in sorted(CASES.glob("*.json")):
        for case in json.loads(file.read_text())["cases"]:
            if not any(_NOT_THERE.match(_asked(step)) for step in case["steps"]):
                yield pytest.param(case, id=f"{file.stem}: {case['name']}")


def _asked(step: dict[str, Any]) -> str:
    body = step.get("body")
    method = (body.get("_method") if isinstance(body, dict) else None) or step.get("method", "GET")
    return f"{method} {step['path']}"


@pytest.mark.parametrize("case", list(cases()))
def test_recorded_case(live_server: LiveServer, case: dict[str, Any]) -> None:
    found = Replay(f"{live_server.url}/parse").difference(case)
    assert bool(found) is (case["name"] in DIFFERENT), found


def test_every_difference_is_a_case() -> None:
    names = {case["name"] for file in CASES.glob("*.json") for case in json.loads(file.read_text())["cases"]}
    assert set(DIFFERENT) <= names
