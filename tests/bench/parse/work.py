"""What is asked: some kinds of requests, the same to both servers, and how their answers are checked."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from tests.bench.parse.load import Ask, Check, ask_once, request
from tests.bench.parse.servers import Server
from tests.bench.parse.sizes import OVERSEER, PASSWORD, askers, signers
from tests.bench.sizes import Size

STAGES = ("won", "lost")
"""Stages of which everybody has more than a hundred deals."""
OPEN_STAGES = ("lead", "qualified", "proposal", "negotiation")
BATCH = 50


@dataclass
class World:
    """What requests are made of: the tokens of those who ask, and their deals, contacts and companies."""

    server: Server
    size: Size
    tokens: dict[str, str] = field(default_factory=dict)
    deals: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def sign_in(self) -> None:
        """Log everybody in and look at what they have."""
        for name in (*askers(self.size), OVERSEER):
            status, answer = ask_once(self.server.port, log_in(name))
            if status != 200:
                raise SystemExit(f"{name} cannot log in: {answer}")
            self.tokens[name] = answer["sessionToken"]
            own = {"__type": "Pointer", "className": "_User", "objectId": answer["objectId"]}
            wanted = {"company": {"$exists": True}, "contact": {"$exists": True}, "assignedTo": own}
            path = f"/classes/Deal?limit=200&where={quote(json.dumps(wanted))}"
            self.deals[name] = ask_once(self.server.port, request("GET", path, token=answer["sessionToken"]))[1][
                "results"
            ]


@dataclass(frozen=True)
class Work:
    """One kind of request. `objects` is what one answer counts as; `target` the least ratio to parse-server's rate."""

    name: str
    make: Callable[[World], Ask]
    check: Callable[[World, Ask], Check]
    target: float
    objects: int = 1
    is_read: bool = False


def log_in(name: str) -> bytes:
    """Return the request of a log-in."""
    return request("GET", f"/login?{urlencode({'username': name, 'password': PASSWORD})}")


def _reads(world: World, paths: Callable[[str], Iterator[str]], names: list[str]) -> Ask:
    each = [[request("GET", path, token=world.tokens[name]) for path in paths(name)] for name in names]
    made = [one for row in itertools.zip_longest(*each) for one in row if one]
    return lambda number: made[number % len(made)]


def same_as_before(world: World, ask: Ask) -> Check:
    """Compare with the length of the first answer: rows do not change while reading is measured."""
    lengths: dict[bytes, int] = {}

    def check(number: int, status: int, body: bytes) -> bool:
        return status == 200 and len(body) == lengths.setdefault(ask(number), len(body)) and len(body) > 10

    return check


def _find(more: str, names: Callable[[Size], list[str]], stages: tuple[str, ...]) -> Callable[[World], Ask]:
    def paths(_name: str) -> Iterator[str]:
        for stage in stages:
            yield f"/classes/Deal?where={quote(json.dumps({'stage': stage}))}&{more}"

    return lambda world: _reads(world, paths, names(world.size))


def _graphql(world: World) -> Ask:
    made = []
    for stage, name in itertools.product(STAGES, askers(world.size)):
        body = {"query": _GRAPHQL, "variables": {"where": {"stage": {"equalTo": stage}}}}
        made.append(request("POST", "", body, world.tokens[name], mount="/graphql"))
    return lambda number: made[number % len(made)]


def _get(world: World) -> Ask:
    def paths(name: str) -> Iterator[str]:
        return (f"/classes/Deal/{deal['objectId']}" for deal in world.deals[name])

    return _reads(world, paths, askers(world.size))


def _body(world: World, name: str, number: int) -> dict[str, Any]:
    like = world.deals[name][number % len(world.deals[name])]
    return {
        "title": f"Scanner rollout {number}",
        "amount": 1000 + number % 9000,
        "stage": OPEN_STAGES[number % 4],
        "expectedCloseDate": {"__type": "Date", "iso": f"2030-{1 + number % 12:02}-15T12:00:00.000Z"},
        **{key: like[key] for key in ("contact", "company")},
    }


def _create(world: World) -> Ask:
    names = askers(world.size)

    def ask(number: int) -> bytes:
        name = names[number % len(names)]
        return request("POST", "/classes/Deal", _body(world, name, number), world.tokens[name])

    return ask


def _update(world: World) -> Ask:
    names = askers(world.size)

    def ask(number: int) -> bytes:
        name, turn = names[number % len(names)], number // len(names)
        deal = world.deals[name][turn % len(world.deals[name])]["objectId"]
        stage = OPEN_STAGES[turn // len(world.deals[name]) % 4]
        return request("PUT", f"/classes/Deal/{deal}", {"stage": stage}, world.tokens[name])

    return ask


def _batch(world: World) -> Ask:
    names = askers(world.size)

    def ask(number: int) -> bytes:
        name = names[number % len(names)]
        requests = [
            {"method": "POST", "path": "/parse/classes/Deal", "body": _body(world, name, number * BATCH + each)}
            for each in range(BATCH)
        ]
        return request("POST", "/batch", {"requests": requests}, world.tokens[name])

    return ask


def _log_in(world: World) -> Ask:
    made = [log_in(name) for name in signers(world.size)]
    return lambda number: made[number % len(made)]


def _has(status: int, part: bytes, times: int = 1) -> Callable[[World, Ask], Check]:
    return lambda _world, _ask: lambda _number, got, body: got == status and body.count(part) == times


def _overseer(_size: Size) -> list[str]:
    return [OVERSEER]


_LISTED = "order=expectedCloseDate&limit=100"
_INCLUDED = f"{_LISTED}&include=contact,company"
_COUNTED = "count=1&limit=0"
_GRAPHQL = """
query ($where: DealWhereInput) {
  deals(where: $where, order: [expectedCloseDate_ASC, objectId_ASC], first: 100) {
    edges { node { id objectId title amount stage expectedCloseDate createdAt
      contact { objectId name email } company { objectId name industry } } }
  }
}"""
ALL_STAGES = (*STAGES, *OPEN_STAGES)

WORKS = {
    "get": Work("get one", _get, same_as_before, 1.5, is_read=True),
    "find": Work("find 100", _find(_LISTED, askers, STAGES), same_as_before, 4, is_read=True),
    "include": Work("find 100, include", _find(_INCLUDED, askers, STAGES), same_as_before, 4, is_read=True),
    "graphql": Work("GraphQL, 100 with two pointers", _graphql, same_as_before, 3, is_read=True),
    "count": Work("count", _find(_COUNTED, askers, STAGES), same_as_before, 4, is_read=True),
    "find-all": Work("find 100, sees all", _find(_LISTED, _overseer, ALL_STAGES), same_as_before, 4, is_read=True),
    "include-all": Work(
        "find 100, include, sees all", _find(_INCLUDED, _overseer, ALL_STAGES), same_as_before, 4, is_read=True
    ),
    "count-all": Work("count, sees all", _find(_COUNTED, _overseer, ALL_STAGES), same_as_before, 4, is_read=True),
    "create": Work("create", _create, _has(201, b'"objectId"', 2), 1),
    "update": Work("update stage", _update, _has(200, b'"updatedAt"'), 1),
    "batch": Work("batch of 50 creates", _batch, _has(200, b'"success"', BATCH), 1, objects=BATCH),
    "log-in": Work("log in", _log_in, _has(200, b'"sessionToken":"r:'), 1),
}
