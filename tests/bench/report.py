"""Writes docs/bench.md from what the two runs have measured."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tests.bench.places import DATA_DIR, ROOT
from tests.bench.sizes import SIZES

TARGETS = {"agent": 150, "manager": 300}
BOARD = 400
"""A manager's board adds up all open deals there are."""
MOVE = 50
GROWTH = 1.5


def write_report() -> str:
    """Write the report if both sizes have been measured; return it."""
    runs = {name: DATA_DIR / f"{name}.json" for name in SIZES}
    if not all(path.exists() for path in runs.values()):
        return ""
    results = {name: json.loads(path.read_text()) for name, path in runs.items()}
    text = "\n".join(_lines(results)) + "\n"
    (ROOT / "docs" / "bench.md").write_text(text, encoding="utf-8")
    return text


def _lines(results: dict[str, Any]) -> Iterator[str]:
    small, large = (results[name]["rows"] for name in ("small", "large"))
    yield "# How fast the pages are\n"
    yield f"`make bench` on {datetime.now(UTC):%-d %B %Y}: {os.cpu_count()} cores, {_memory()}, {platform.system()} "
    yield f"{platform.machine()}, Python {platform.python_version()}, the embedded PostgreSQL with its own settings.\n"
    requests = results["large"]["requests"]
    yield f"Whole requests in one process, through every middleware, view and template; milliseconds of {requests}"
    yield f"requests after {requests // 10} to warm up. An agent has about as many records in both databases, only the"
    yield "team around grows.\n"
    yield f"| | small | large |\n|---|--:|--:|\n{_counts(small, large)}\n"
    for kind, target in TARGETS.items():
        yield from _table(kind, target, results)


def _counts(small: dict[str, int], large: dict[str, int]) -> str:
    return "\n".join(f"| {name} | {small[name]:,} | {large[name]:,} |" for name in small)


def _memory() -> str:
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{gigabytes:.0f} GB"


def _table(kind: str, target: int, results: dict[str, Any]) -> Iterator[str]:
    yield f"## As {'an agent' if kind == 'agent' else 'a manager'}\n"
    board = f", of the board {BOARD} ms" if kind == "manager" else ""
    yield f"Target: p95 under {target} ms{board}, of a move {MOVE} ms, growth below {GROWTH}. What misses it is bold.\n"
    yield "| page | queries | small p50 | small p95 | large p50 | large p95 | growth p50 | growth p95 |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for page, small in results["small"]["pages"][kind].items():
        large = results["large"]["pages"][kind][page]
        growth = [large[name] / small[name] for name in ("p50", "p95")]
        cells = [
            *(f"{small[name]:.0f}" for name in ("p50", "p95")),
            f"{large['p50']:.0f}",
            _bold(f"{large['p95']:.0f}", misses=large["p95"] >= _target(page, kind)),
            *(_bold(f"{ratio:.2f}", misses=ratio >= GROWTH) for ratio in growth),
        ]
        yield f"| {page} | {large['queries']} | {' | '.join(cells)} |"
    yield ""


def _target(page: str, kind: str) -> int:
    if page == "Board, a move":
        return MOVE
    return BOARD if kind == "manager" and page.startswith("Board") else TARGETS[kind]


def _bold(text: str, *, misses: bool) -> str:
    return f"**{text}**" if misses else text
