"""The answers that a real Parse server gave are those that this one gives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live_site import LiveSite
from tests.parse_api.replay import Replay

CASES = Path(__file__).parent / "cases"
DIFFERENT = {
    "a user lists only its own sessions": "a token is stored as a hash, so only the one that was sent can be answered",
    "deleting the company leaves the deal's pointer in place": "a pointer to what is gone is cleared",
    "a new user's ACL lets only that user read and write": "a team sees its directory, without addresses",
    "users are listed with what the caller may read": "a team sees its directory, without addresses",
}
"""Cases in which this server does something else on purpose, and why; the other tests say what."""


def cases() -> Iterator[Any]:
    """Yield every recorded case."""
    for file in sorted(CASES.glob("*.json")):
        for case in json.loads(file.read_text())["cases"]:
            yield pytest.param(case, id=f"{file.stem}: {case['name']}")


@pytest.mark.parametrize("case", list(cases()))
def test_recorded_case(live_server: LiveSite, case: dict[str, Any]) -> None:
    found = Replay(f"{live_server.url}/parse").difference(case)
    assert bool(found) is (case["name"] in DIFFERENT), found


def test_every_difference_is_a_case() -> None:
    names = {case["name"] for file in CASES.glob("*.json") for case in json.loads(file.read_text())["cases"]}
    assert set(DIFFERENT) <= names
