"""The requests in docs/mobile.md, sent one after the other, are answered as it says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.http import HttpResponse
from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "mobile.md").read_text()
VARIES = re.compile(
    r"[A-Za-z0-9]{10}|r:[0-9a-f]{32}|\.[\w-]+~[\w-]{43}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII
)
"""An objectId, a token, a cursor or an instant: another each time, and in the page the same one for the same thing."""


class Exchange(NamedTuple):
    """What is sent, and what comes back."""

    method: str
    path: str
    headers: dict[str, str]
    body: str
    status: int
    answer: Any


def exchanges() -> list[Exchange]:
    """Return what stands in the blocks of the page."""
    found = []
    for block in re.findall(r"```http\n(.*?)```", TEXT, re.DOTALL):
        request, _, response = block.partition("\nHTTP/1.1 ")
        head, _, body = request.partition("\n\n")
        first, *others = head.strip().splitlines()
        method, path = first.removesuffix(" HTTP/1.1").split(" ", 1)
        headers = dict(line.split(": ", 1) for line in others)
        status, _, answer = response.partition("\n\n")
        found.append(Exchange(method, path, headers, body, int(status[:3]), json.loads(answer)))
    return found


def learn(shown: Any, given: Any, known: dict[str, str]) -> Any:
    """Return what was given with the values of the page in place of those that vary; notes which stands for which."""
    if isinstance(shown, dict) and isinstance(given, dict):
        pairs = [(key, learn(shown.get(key), value, known)) for key, value in given.items()]
        return {_back(key, known): value for key, value in pairs}
    if isinstance(shown, list) and isinstance(given, list):
        return [learn(one, other, known) for one, other in zip(shown, given, strict=True)]
    if isinstance(shown, str) and isinstance(given, str) and VARIES.fullmatch(shown) and VARIES.fullmatch(given):
        is_instant = shown.endswith("Z")
        assert is_instant or known.setdefault(shown, given) == given
        return shown
    return given


def _back(key: str, known: dict[str, str]) -> str:
    return next((shown for shown, given in known.items() if given == key), key)


def test_every_request_is_answered_as_the_page_says() -> None:
    known: dict[str, str] = {}
    assert len(exchanges()) >= 10
    for exchange in exchanges():
        path, body = exchange.path, exchange.body
        headers = dict(exchange.headers)
        for shown, given in known.items():
            path, body = path.replace(shown, given), body.replace(shown, given)
            headers = {name: value.replace(shown, given) for name, value in headers.items()}
        response: HttpResponse = Client().generic(
            exchange.method, path, body, content_type=headers.pop("Content-Type", "application/json"), headers=headers
        )  # type: ignore[assignment]
        given = json.loads(response.content)
        assert (response.status_code, learn(exchange.answer, given, known)) == (exchange.status, exchange.answer)
