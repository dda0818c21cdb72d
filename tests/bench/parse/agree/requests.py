"""Requests in each of their forms: by GET, with the name of an operation, and bodies that are none."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from tests.bench.parse.agree.asking import Talk

_TWO = "query A { health } query B($n: Int) { deals(first: $n, order: [objectId_ASC]) { edges { node { objectId } } } }"
_BODIES: tuple[Any, ...] = (
    {"query": _TWO, "operationName": "A"},
    {"query": _TWO, "operationName": "B", "variables": {"n": 2}},
    {"query": _TWO, "operationName": "B", "variables": None},
    {"query": _TWO, "operationName": "C"},
    {"query": _TWO, "operationName": ""},
    {"query": _TWO, "operationName": None},
    {"query": _TWO},
    {"query": "query A { health }", "operationName": "A"},
    {"query": "query A { health }", "operationName": "B"},
    {"query": "{ health }", "operationName": "A"},
    {"query": "{ health }", "extensions": {}},
    {"query": "{ health }", "nothing": 5},
    {"query": "{ health }", "variables": {}},
    {"query": "query ($a: Int) { health }", "variables": {"b": 5}},
    {"query": 'mutation A { logIn(input: {username: "x", password: "y"}) { viewer { sessionToken } } }'},
    {"query": ""},
    {"query": None},
    {"query": 5},
    {"query": ["{ health }"]},
    {"variables": {}},
    {},
)
_QUERIES: tuple[dict[str, str], ...] = (
    {"query": "{ health }"},
    {"query": _TWO, "operationName": "A"},
    {"query": _TWO, "operationName": "B", "variables": json.dumps({"n": 2})},
    {"query": "query ($n: Int) { deals(first: $n) { edges { cursor } } }", "variables": json.dumps({"n": 2})},
    {"query": "{ nothing }"},
    {"query": "{"},
    {"query": "mutation { logOut(input: {}) { ok } }"},
    {"query": "mutation A { logOut(input: {}) { ok } } query B { health }", "operationName": "B"},
    {"variables": "{}"},
)


def requests(talk: Talk) -> None:
    """Send what is a request, and what is none."""
    for body in _BODIES:
        talk.send(body)
    for query in _QUERIES:
        talk.send(None, path=f"?{urlencode(query)}", method="GET")


READS = (requests,)
