"""Asks both servers the same, before anything is measured or for its own sake, and stops when their answers differ."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from tests.bench.parse import servers
from tests.bench.parse.agree.run import differences
from tests.bench.parse.databases import fresh, prepare, templates
from tests.bench.parse.load import ask_once
from tests.bench.parse.sizes import SIZES
from tests.bench.parse.work import WORKS, World

_FROM_EACH = 12
_PORTS = (18_473, 18_474)


def compare_answers(*, seed: int, lists: int) -> None:
    """Ask two servers of their own hundreds of requests, and say how their answers differ."""
    size = SIZES[min(SIZES)]
    prepare(size, with_rival=True)
    ours, theirs = templates(size)
    ours, theirs = fresh(ours, use="compared"), fresh(theirs, use="compared")
    with ExitStack() as stack:
        worlds = [
            World(stack.enter_context(servers.ours(ours, _PORTS[0], 1)), size),
            World(stack.enter_context(servers.rival(theirs, _PORTS[1], 1)), size),
        ]
        for world in worlds:
            world.sign_in()
        stop_if_differing(*worlds, seed=seed, lists=lists, is_writing=True)


def stop_if_differing(ours: World, theirs: World, *, seed: int, lists: int, is_writing: bool) -> None:
    """Stop with what their answers differ in, if they do."""
    found = differences(ours, theirs, seed=seed, lists=lists, is_writing=is_writing)
    if found:
        raise SystemExit("\n\n".join(found))


def compare(ours: World, theirs: World, names: list[str]) -> None:
    """Compare what both answer to the first requests of each kind of reading."""
    for work in (WORKS[name] for name in names if WORKS[name].is_read):
        for number in range(_FROM_EACH):
            answers = [ask_once(world.server.port, work.make(world)(number)) for world in (ours, theirs)]
            mine, other = (_without_acl(answer) for _, answer in answers)
            if answers[0][0] != 200 or not _agree(mine, other):
                raise SystemExit(f"The servers differ in {work.name!r}:\n{mine}\n{other}")


def _without_acl(answer: Any) -> Any:
    """Leave the access lists out: ours does not name managers and whoever reads because of another record."""
    if isinstance(answer, list):
        return [_without_acl(each) for each in answer]
    if isinstance(answer, dict):
        return {key: _without_acl(value) for key, value in answer.items() if key != "ACL"}
    return answer


def _agree(mine: Any, other: Any) -> bool:
    """Compare lists by their order and by each object: of deals with the same date either may come first."""
    if not mine.get("results"):
        return bool(mine == other)
    first, second = ([row["expectedCloseDate"] for row in answer["results"]] for answer in (mine, other))
    theirs = {row["objectId"]: row for row in other["results"]}
    shared = [row for row in mine["results"] if row["objectId"] in theirs]
    return first == second and len(shared) > len(first) // 2 and all(row == theirs[row["objectId"]] for row in shared)
