"""Writes docs/bench-parse.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tests.bench.parse import places
from tests.bench.parse.load import CONNECTIONS
from tests.bench.parse.sizes import SIZES
from tests.bench.parse.work import WORKS

_HEAD = (
    "| | crm /s | parse-server /s | ratio | target | crm p95 | parse-server p95 | crm CPU | parse-server CPU |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
)
_SETTING = f"""
Beside us the real parse-server 9.10.0 of npm, on the same PostgreSQL, with the same rows, class-level
permissions and an ownership trigger in cloud code (`tests/bench/parse/rival`). Both are asked turn by turn
over {CONNECTIONS} connections, after their answers were compared; every answer is checked. An agent sees
about as many records at each size; who *sees all* was granted every one. At 200,000 deals parse-server has an
index on stage and close date, which it does not make itself. Batches count objects. CPU is that of the server
and of PostgreSQL, in milliseconds of one request; asking itself takes less than a tenth of a core. What
misses its target is bold.""".lstrip()
_GROWTH = 1.3
_NAME = {name: work.name for name, work in WORKS.items()}


def write_report(results: list[dict[str, Any]]) -> str:
    """Write the report; return it."""
    text = "\n".join(_lines(results)) + "\n"
    places.REPORT.write_text(text, encoding="utf-8")
    return text


def _lines(results: list[dict[str, Any]]) -> Iterator[str]:
    yield "# How fast the Parse API is\n"
    yield f"`make bench ARGS=parse` on {datetime.now(UTC):%-d %B %Y}: {os.cpu_count()} cores, {platform.system()}"
    yield f"{platform.machine()}, Python {platform.python_version()}, the embedded PostgreSQL with its own settings.\n"
    yield f"{_SETTING}\n"
    yield f"The machine's load was {os.getloadavg()[2]:.1f}, of which about 3 is the benchmark. Where it is more,"
    yield "compare the ratios and the CPU, not the rates.\n"
    for result in results:
        yield from _table(result)
    yield from _growth(results)


def _table(result: dict[str, Any]) -> Iterator[str]:
    yield f"## {result['deals']:,} deals, workers: {result['workers']}\n"
    yield _HEAD
    for name, figures in result["works"].items():
        ours, theirs = figures
        ratio, target = ours["rate"] / theirs["rate"], WORKS[name].target
        told = f"{ratio:.1f}" if ratio >= target or result["workers"] > 1 else f"**{ratio:.1f}**"
        cells = [f"{ours['rate']:,.0f}", f"{theirs['rate']:,.0f}", told, f"{target:g}"]
        cells += [f"{each['p95']:.0f} ms" for each in figures]
        cells += [f"{each['server_ms']:.2f} + {each['postgres_ms']:.2f}" for each in figures]
        yield f"| {_NAME[name]} | {' | '.join(cells)} |"
    if alone := result["alone"]:
        found = result["works"]["find"][0]["rate"]
        yield f"\nPostgreSQL alone makes {alone['one']:,.0f} such answers of 100 a second over one connection,"
        yield f"{alone['many']:,.0f} over {CONNECTIONS}; we answer {found:,.0f} (target: half of it)."
    yield ""


def _growth(results: list[dict[str, Any]]) -> Iterator[str]:
    small, large = min(SIZES), max(SIZES)
    one = {result["deals"]: result["works"] for result in results if result["workers"] == 1}
    if not {small, large} <= one.keys():
        return
    yield "## Growth\n"
    yield f"Our own rate at {small:,} deals over that at {large:,}, one worker; target {_GROWTH}.\n"
    yield "| | |\n|---|--:|"
    for name, figures in one[small].items():
        growth = figures[0]["rate"] / one[large][name][0]["rate"]
        yield f"| {_NAME[name]} | {growth:.2f} |"
