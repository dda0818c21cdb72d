"""Times whole requests through middleware, views and templates, in this process."""

from __future__ import annotations

import os
import random
import sys
import time
from dataclasses import dataclass

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from deals.models import Deal
from tests.bench.pages import PAGES, Address, Person

REQUESTS = int(os.environ.get("BENCH_REQUESTS", "200"))
WARM_UP = REQUESTS // 10
AGENTS = 5
MOVE = "Board, a move"


@dataclass(frozen=True)
class Figures:
    """Milliseconds that half and 95 % of the requests did not exceed, and the queries of one."""

    p50: float
    p95: float
    queries: int


def measure() -> dict[str, dict[str, Figures]]:
    """Return the figures of every page for each kind of person."""
    return {
        kind: {page: _measure_page(page, address, people) for page, address in PAGES.items()}
        | {MOVE: _measure_moves(people)}
        for kind, people in (("agent", _agents()), ("manager", [_signed_in("manager", 0)]))
    }


def _agents() -> list[tuple[Person, Client]]:
    """Sign in agents of the ordinary kind: the first in fifty has five times as much."""
    last = User.objects.filter(username__startswith="agent").count()
    return [_signed_in(f"agent{last - number}", number) for number in range(AGENTS)]


def _signed_in(username: str, seed: int) -> tuple[Person, Client]:
    person = Person(User.objects.get(username=username), random.Random(seed))  # noqa: S311 - no secrets
    person.look_around()
    client = Client(SERVER_NAME="localhost")
    client.force_login(person.user)
    return person, client


def _measure_page(page: str, address: Address, people: list[tuple[Person, Client]]) -> Figures:
    for number in range(WARM_UP):
        _ask(address, people[number % len(people)])
    times = sorted(_ask(address, people[number % len(people)]) for number in range(REQUESTS))
    with CaptureQueriesContext(connection) as queries:
        _ask(address, people[0])
    return _figures(page, times, len(queries))


def _measure_moves(people: list[tuple[Person, Client]]) -> Figures:
    """Drop open cards below others, in any column; what is written stays."""
    for number in range(WARM_UP):
        _move(people[number % len(people)])
    times = sorted(_move(people[number % len(people)]) for number in range(REQUESTS))
    with CaptureQueriesContext(connection) as queries:
        _move(people[0])
    return _figures(MOVE, times, len(queries))


def _move(mover: tuple[Person, Client]) -> float:
    person, client = mover
    cards = Deal.objects.for_user(person.user, "change").filter(pk__in=person.open_deals())
    card, above = person.dice.sample(list(cards), 2)
    sent = {"stage": above.stage, "above": above.pk, "version": card.updated_at.isoformat()}
    start = time.perf_counter()
    response = client.post(f"/deals/{card.pk}/move/", sent, headers={"HX-Request": "true"})
    took = (time.perf_counter() - start) * 1000
    if response.status_code != 200:
        raise SystemExit(f"A move answered {response.status_code}")
    return took


def _figures(name: str, times: list[float], queries: int) -> Figures:
    figures = Figures(times[REQUESTS // 2], times[REQUESTS * 95 // 100], queries)
    sys.stderr.write(f"  {name:<28} {figures.p50:8.1f} {figures.p95:8.1f} ms {figures.queries:4} queries\n")
    return figures


def _ask(address: Address, asker: tuple[Person, Client]) -> float:
    """Return how many milliseconds the answer took."""
    person, client = asker
    url = address(person)
    start = time.perf_counter()
    response = client.get(url)
    took = (time.perf_counter() - start) * 1000
    if response.status_code != 200:
        raise SystemExit(f"{url} answered {response.status_code}")
    return took
