"""What PostgreSQL alone does: the whole answer of a find as JSON, by a plain statement."""

from __future__ import annotations

import threading
import time
from itertools import cycle

import psycopg

from tests.bench.parse.load import CONNECTIONS, ask_once, request
from tests.bench.parse.sizes import askers
from tests.bench.parse.work import STAGES, World

_ISO = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
_STATEMENT = f"""
    SELECT json_build_object('results', json_agg(json_strip_nulls(json_build_object(
        'objectId', id, 'createdAt', {_ISO.format("created_at")}, 'updatedAt', {_ISO.format("updated_at")},
        'title', title, 'amount', amount, 'stage', stage,
        'contact', CASE WHEN contact_id IS NOT NULL THEN
            json_build_object('__type', 'Pointer', 'className', 'Contact', 'objectId', contact_id) END,
        'company', CASE WHEN company_id IS NOT NULL THEN
            json_build_object('__type', 'Pointer', 'className', 'Company', 'objectId', company_id) END,
        'expectedCloseDate', CASE WHEN expected_close_date IS NOT NULL THEN
            json_build_object('__type', 'Date', 'iso', {_ISO.format("expected_close_date")}) END,
        'notes', notes,
        'assignedTo', CASE WHEN assigned_to_id IS NOT NULL THEN
            json_build_object('__type', 'Pointer', 'className', '_User', 'objectId', assigned_to_id) END,
        'lostReason', lost_reason, 'ACL', acl))))::text
    FROM (SELECT * FROM deals_deal WHERE readers && %s::text[] AND stage = %s
        ORDER BY expected_close_date LIMIT 100) d"""


def postgres_alone(url: str, world: World, *, seconds: float) -> dict[str, float]:
    """Return how many such answers a second it makes for one connection, and for as many as the load uses."""
    asked = _questions(world)
    return {"one": _rate(url, asked, 1, seconds), "many": _rate(url, asked, CONNECTIONS, seconds)}


def _questions(world: World) -> list[tuple[list[str], str]]:
    found = []
    for name in askers(world.size):
        me = ask_once(world.server.port, request("GET", "/users/me", token=world.tokens[name]))[1]["objectId"]
        found += [([me, "*"], stage) for stage in STAGES]
    return found


def _rate(url: str, asked: list[tuple[list[str], str]], connections: int, seconds: float) -> float:
    counts: list[int] = []
    threads = [threading.Thread(target=_ask, args=(url, asked, seconds, counts)) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def _ask(url: str, asked: list[tuple[list[str], str]], seconds: float, counts: list[int]) -> None:
    done = 0
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        deadline = time.perf_counter() + seconds
        for parameters in cycle(asked):
            cursor.execute(_STATEMENT, parameters)
            cursor.fetchone()
            done += 1
            if time.perf_counter() > deadline:
                break
    counts.append(done)
