"""`python -m tests.bench live --write`: measures our LiveQuery and parse-server's, writes docs/bench-live.md."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm_site.postgres import running
from tests.bench.live.crowd import Crowd
from tests.bench.live.report import write_report
from tests.bench.parse import places, servers
from tests.bench.parse.cpu import family
from tests.bench.parse.databases import fresh, prepare, templates
from tests.bench.parse.load import Connection, ask_once, request
from tests.bench.parse.servers import Server
from tests.bench.parse.sizes import SIZES

PEOPLE = 110
SUBSCRIBERS = (100, 1_000)
_PORTS = (18_481, 18_482)
_DEALS = 4
_IDLE_SOCKETS, _EACH = 2_000, 5
"""10,000 subscriptions."""


@dataclass
class Figures:
    """What one server did, by the number of subscribers: milliseconds from save to event, events in a second."""

    name: str
    milliseconds: dict[int, list[float]] = field(default_factory=lambda: {each: [] for each in SUBSCRIBERS})
    rates: dict[int, list[float]] = field(default_factory=lambda: {each: [] for each in SUBSCRIBERS})
    idle_bytes: float = 0.0
    idle_total: float = 0.0

    def summary(self) -> dict[str, Any]:
        """Return the figures of the report."""
        quantiles = {
            str(count): {"p50": _at(times, 50), "p95": _at(times, 95), "rate": statistics.median(self.rates[count])}
            for count, times in self.milliseconds.items()
            if times
        }
        return {"name": self.name, "by_count": quantiles, "idle_bytes": self.idle_bytes, "idle_total": self.idle_total}


@dataclass
class Stage:
    """A server with people who watch and deals that everybody may read and one of them changes."""

    server: Server
    tokens: list[str] = field(default_factory=list)
    deals: list[str] = field(default_factory=list)

    def set(self) -> None:
        """Sign people up and make the deals."""
        for number in range(PEOPLE):
            name = f"watcher{number}"
            body = {"username": name, "password": "long enough a password", "email": f"{name}@example.com"}
            self.tokens.append(self._made("/users", body)["sessionToken"])
        acl = {"*": {"read": True, "write": True}}
        for number in range(_DEALS):
            deal = {"title": f"Watched {number}", "stage": "watched", "ACL": acl}
            self.deals.append(self._made("/classes/Deal", deal, self.tokens[0])["objectId"])

    def _made(self, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
        status, answer = ask_once(self.server.port, request("POST", path, body, token))
        if status != 201:
            raise SystemExit(f"{self.server.name}: {status} {answer}")
        made: dict[str, Any] = answer
        return made

    def save(self, deal: int, amount: int) -> bytes:
        """Return the request that changes a deal."""
        return request("PUT", f"/classes/Deal/{self.deals[deal]}", {"amount": amount}, self.tokens[0])


def _at(times: list[float], percent: int) -> float:
    return sorted(times)[min(len(times) - 1, len(times) * percent // 100)]


def _latency(stage: Stage, crowd: Crowd, saves: int) -> list[float]:
    """Save one deal after the other; return how long after each request its events came."""
    found: list[float] = []
    connection = Connection(stage.server.port)
    with connection.socket:
        for number in range(saves):
            crowd.times.clear()
            began = time.perf_counter()
            connection.send(number, stage.save(0, number))
            crowd.listen(until=len(crowd.members))
            found += [1000 * (came - began) for came in crowd.times]
            while connection.receive() is None:
                pass
            time.sleep(0.01)
    return found


def _rate(stage: Stage, crowd: Crowd, seconds: float) -> float:
    """Save as fast as the server answers, over some connections; return how many events came in a second."""
    crowd.times.clear()
    saved = [0] * _DEALS
    end = time.perf_counter() + seconds

    def write(deal: int) -> None:
        connection = Connection(stage.server.port)
        with connection.socket:
            while time.perf_counter() < end:
                connection.send(0, stage.save(deal, 1000 + saved[deal]))
                while connection.receive() is None:
                    pass
                saved[deal] += 1

    writers = [threading.Thread(target=write, args=(deal,)) for deal in range(_DEALS)]
    began = time.perf_counter()
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        crowd.listen(until=len(crowd.times) + 1)
    crowd.listen(until=sum(saved) * len(crowd.members), patience=60)
    return len(crowd.times) / (crowd.times[-1] - began)


def _idle(stage: Stage, figures: Figures) -> None:
    """Weigh subscriptions to which nothing happens."""
    before = _bytes(stage.server.meter.pid)
    queries = [{"className": "Deal", "where": {"stage": f"nothing {number}"}} for number in range(_EACH)]
    crowd = Crowd(stage.server.port, stage.tokens, _IDLE_SOCKETS, queries)
    time.sleep(2)
    after = _bytes(stage.server.meter.pid)
    crowd.close()
    figures.idle_bytes = (sum(after.values()) - sum(before.values())) / (_IDLE_SOCKETS * _EACH)
    # Ours is the process that grew; parse-server has but one.
    figures.idle_total = after[max(after, key=lambda pid: after[pid] - before.get(pid, 0))]


def _bytes(pid: int) -> dict[int, int]:
    """Return the memory of each process of a server, what several share counted in parts (Pss)."""
    found = {}
    for each in family(pid):
        lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
        found[each] = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return found


def main(arguments: list[str]) -> None:
    """Measure both servers in turn."""
    options = _options(arguments)
    size = SIZES[10_000]
    if not options.alone:
        servers.install_rival()
    with running(places.DATA_DIR), ExitStack() as stack:
        prepare(size, with_rival=not options.alone)
        ours, theirs = templates(size)
        stages = [Stage(stack.enter_context(servers.ours(fresh(ours), _PORTS[0], 1)))]
        if not options.alone:
            stages.append(Stage(stack.enter_context(servers.rival(fresh(theirs), _PORTS[1], 1, live=True))))
        for stage in stages:
            stage.set()
        results = [figures.summary() for figures in _measure(stages, options)]
    (places.DATA_DIR / "live.json").write_text(json.dumps(results, indent=1))
    if options.write:
        sys.stdout.write(write_report(results))


def _measure(stages: list[Stage], options: argparse.Namespace) -> list[Figures]:
    found = [Figures(stage.server.name) for stage in stages]
    query = {"className": "Deal", "where": {"stage": "watched"}}
    for count in SUBSCRIBERS:
        for turn in range(options.rounds):
            for stage, figures in list(zip(stages, found, strict=True))[:: 1 if turn % 2 else -1]:
                crowd = Crowd(stage.server.port, stage.tokens, count, [query])
                figures.milliseconds[count] += _latency(stage, crowd, options.saves)
                figures.rates[count].append(_rate(stage, crowd, options.seconds))
                crowd.close()
                sys.stderr.write(
                    f"{figures.name:>13} {count:5} subscribers: p50 {_at(figures.milliseconds[count], 50):6.1f} "
                    f"p95 {_at(figures.milliseconds[count], 95):6.1f} ms, {figures.rates[count][-1]:7.0f} events/s\n"
                )
    for stage, figures in zip(stages, found, strict=True):
        _idle(stage, figures)
        sys.stderr.write(
            f"{figures.name:>13} {figures.idle_bytes:.0f} bytes each, {figures.idle_total / 2**20:.0f} MB\n"
        )
    return found


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench live")
    parser.add_argument("--saves", type=int, default=100, help="of each round of latencies")
    parser.add_argument("--seconds", type=float, default=3, help="of each round of rates")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--alone", action="store_true", help="without parse-server")
    parser.add_argument("--write", action="store_true", help="write docs/bench-live.md")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
