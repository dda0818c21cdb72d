"""Writes docs/bench-live.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tests.bench.places import ROOT

REPORT = ROOT / "docs" / "bench-live.md"
_SETTING = """
Beside us the LiveQuery server of parse-server 9.10.0, both with one process for HTTP (ours has its live process beside
it). Everybody follows one query on one of four deals that all may read, by sessions of 110 people. *Latency*: one save
after the other over REST, from sending the request to each subscriber's event. *Events*: four connections save as
fast as they are answered. Those who listen are one process on the same two cores. *Idle*: 2,000 sockets with 5
subscriptions each; the memory is Pss.""".lstrip()


def write_report(results: list[dict[str, Any]]) -> str:
    """Write the report; return it."""
    text = "\n".join(_lines(results)) + "\n"
    REPORT.write_text(text, encoding="utf-8")
    return text


def _lines(results: list[dict[str, Any]]) -> Iterator[str]:
    yield "# How soon LiveQuery tells\n"
    yield f"`make bench ARGS=live` on {datetime.now(UTC):%-d %B %Y}: {os.cpu_count()} cores, {platform.system()}"
    yield f"{platform.machine()}, Python {platform.python_version()}. Load of the machine: {os.getloadavg()[2]:.1f}.\n"
    yield f"{_SETTING}\n"
    yield "| | " + " | ".join(each["name"] for each in results) + " |"
    yield "|---|" + "--:|" * len(results)
    for count in results[0]["by_count"]:
        rows = [each["by_count"][count] for each in results]
        subscribers = f"{int(count):,} subscribers"
        yield _row(f"{subscribers}: p50 / p95", [f"{row['p50']:.1f} / {row['p95']:.1f} ms" for row in rows])
        yield _row(f"{subscribers}: events a second", [f"{row['rate']:,.0f}" for row in rows])
    yield _row("an idle subscription", [f"{each['idle_bytes'] / 1024:.1f} kB" for each in results])
    yield _row("the process with 10,000 of them", [f"{each['idle_total'] / 2**20:.0f} MB" for each in results])


def _row(name: str, cells: list[str]) -> str:
    return f"| {name} | " + " | ".join(cells) + " |"
