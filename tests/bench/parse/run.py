"""Measures both servers turn by turn, so that what else the machine does strikes both."""

from __future__ import annotations

import json
import statistics
import sys
from argparse import Namespace
from contextlib import ExitStack
from typing import Any

from tests.bench.parse import places, servers
from tests.bench.parse.alone import postgres_alone
from tests.bench.parse.compare import compare, stop_if_differing
from tests.bench.parse.copy_rows import INDEX
from tests.bench.parse.databases import fresh, prepare, templates
from tests.bench.parse.load import Load, load
from tests.bench.parse.sizes import SIZES
from tests.bench.parse.work import WORKS, Work, World

_PORTS = (18_471, 18_472)
_WARM_UP = 0.5
_LISTS = 30
"""Random lists that are compared before anything is measured, with all other reading; `--compare` asks for more."""
_MANY = 100_000
"""Deals with which somebody who runs parse-server adds an index."""


def measure(options: Namespace, deals: int, workers: int) -> dict[str, Any]:
    """Return the figures of one size and number of workers, by kind of work."""
    size = SIZES[deals]
    prepare(size, with_rival=not options.alone)
    with ExitStack() as stack:
        ours, theirs = templates(size)
        worlds = [World(stack.enter_context(servers.ours(fresh(ours), _PORTS[0], workers)), size)]
        if not options.alone:
            copy = fresh(theirs, *([INDEX] if options.indexed or deals >= _MANY else []))
            worlds.append(World(stack.enter_context(servers.rival(copy, _PORTS[1], workers)), size))
        for world in worlds:
            world.sign_in()
        if len(worlds) == 2:
            compare(worlds[0], worlds[1], options.only)
            if "graphql" in options.only and deals < _MANY:
                stop_if_differing(worlds[0], worlds[1], seed=options.seed, lists=_LISTS, is_writing=False)
        found = {name: _rounds(WORKS[name], worlds, options) for name in options.only}
        return {"deals": deals, "workers": workers, "works": found, "alone": _alone(options, ours, worlds[0])}


def _alone(options: Namespace, template: str, world: World) -> dict[str, float] | None:
    if "find" not in options.only:
        return None
    return postgres_alone(places.database_url(f"{template}_run"), world, seconds=options.seconds)


def _rounds(work: Work, worlds: list[World], options: Namespace) -> list[dict[str, Any]]:
    """Return for each server the median of its rounds."""
    asks = [work.make(world) for world in worlds]
    checks = [work.check(world, ask) for world, ask in zip(worlds, asks, strict=True)]
    next_number = [0, 0]
    rounds: list[list[Load]] = [[], []]
    for turn in range(-1, options.rounds):
        for which in range(len(worlds)) if turn % 2 else reversed(range(len(worlds))):
            seconds = _WARM_UP if turn < 0 else options.seconds
            world = worlds[which]
            before = world.server.meter.read()
            done = load(world.server.port, asks[which], checks[which], seconds=seconds, first=next_number[which])
            after = world.server.meter.read()
            done.worked = tuple(max(0.0, now - then) for now, then in zip(after, before, strict=True))
            next_number[which] += done.answers
            if turn >= 0:
                rounds[which].append(done)
    figures = [_figures(work, each) for each in rounds if each]
    sys.stderr.write(_line(work, figures))
    return figures


def _figures(work: Work, rounds: list[Load]) -> dict[str, Any]:
    times = sorted(time for each in rounds for time in each.milliseconds)
    return {
        "rate": statistics.median(each.rate for each in rounds) * work.objects,
        "rates": [round(each.rate * work.objects, 1) for each in rounds],
        "p50": times[len(times) // 2],
        "p95": times[len(times) * 95 // 100],
        "server_ms": 1000 * sum(each.worked[0] for each in rounds) / sum(each.answers for each in rounds),
        "postgres_ms": 1000 * sum(each.worked[1] for each in rounds) / sum(each.answers for each in rounds),
        "asking": sum(each.own_seconds for each in rounds) / sum(each.seconds for each in rounds),
        "own_us": 1e6 * sum(each.own_seconds for each in rounds) / sum(each.answers for each in rounds),
    }


def _line(work: Work, figures: list[dict[str, Any]]) -> str:
    parts = [
        f"{each['rate']:6.0f}/s p95 {each['p95']:5.0f} cpu {each['server_ms']:5.2f} + {each['postgres_ms']:5.2f} ms"
        for each in figures
    ]
    ratio = f"  {figures[0]['rate'] / figures[1]['rate']:6.2f}x of {work.target}x" if len(figures) == 2 else ""
    return f"  {work.name:<28}{' | '.join(parts)}{ratio}\n"


def save(results: list[dict[str, Any]]) -> None:
    """Keep the figures for the report."""
    (places.DATA_DIR / "results.json").write_text(json.dumps(results, indent=1))
