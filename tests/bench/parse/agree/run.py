"""Has both servers asked the same and says in what their answers differ; the same questions again for the same seed."""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from tests.bench.parse.agree import people as of_people
from tests.bench.parse.agree import requests, values, writes
from tests.bench.parse.agree.asking import People, Talk, Turn
from tests.bench.parse.agree.known import KNOWN
from tests.bench.parse.agree.mistakes import mistakes
from tests.bench.parse.agree.plain import Names
from tests.bench.parse.agree.reads import CLASSES, READS
from tests.bench.parse.agree.rest import people as rest_people
from tests.bench.parse.agree.rest import queries, records, roles, service, sessions, transport
from tests.bench.parse.agree.rest.asking import Rest
from tests.bench.parse.agree.wheres import Writer
from tests.bench.parse.load import ask_once, request
from tests.bench.parse.sizes import askers
from tests.bench.parse.work import World

_ROWS = 40
_INTERNAL = 500


def differences(ours: World, theirs: World, *, seed: int, lists: int, is_writing: bool) -> list[str]:
    """Return what the answers differ in, each as a text for people; so many `lists` are asked for at random."""
    names = askers(ours.size)
    people = People(names[0], names[1])
    rows = {name: _some(ours, people.first, name) for name in CLASSES}
    old = frozenset(row["objectId"] for each in (*rows.values(), _some(ours, people.first, "_User")) for row in each)
    talks = [Talk(world, people, rows, Names(old)) for world in (ours, theirs)]
    for talk in talks:
        _converse(talk, seed, lists, is_writing=is_writing)
    pairs = list(zip(talks[0].turns, talks[1].turns, strict=False))
    found = [text for mine, other in pairs for text in _compared(mine, other)]
    if len(talks[0].turns) != len(talks[1].turns):
        found.append(f"The conversations have {len(talks[0].turns)} and {len(talks[1].turns)} requests.")
    faults = sum(_is_fault(other) for _, other in pairs)
    meant = sum(bool(mine.known) for mine, _ in pairs)
    sys.stderr.write(
        f"  {len(pairs)} requests, seed {seed}: {len(found)} differ and should not, {meant} are meant to, "
        f"{faults} are internal errors of parse-server\n"
    )
    return found


def _converse(talk: Talk, seed: int, lists: int, *, is_writing: bool) -> None:
    for ask in (*READS, *requests.READS):
        ask(talk)
    writer = Writer(talk, seed)
    for _ in range(lists):
        writer.ask()
    rest = Rest(talk)
    for ask_rest in queries.ASKED:
        ask_rest(rest)
    if is_writing:
        for ask in (mistakes, *writes.WRITES, *values.WRITES, *of_people.WRITES):
            ask(talk)
        for about in (records, rest_people, sessions, roles, transport, service):
            for ask_rest in about.ASKED:
                ask_rest(rest)


def _some(world: World, who: str, class_name: str) -> list[dict[str, Any]]:
    where = quote(json.dumps({"relatedTo": {"$inQuery": {"className": "Deal", "where": {}}}}))
    narrowed = f"&where={where}" if class_name == "Activity" else ""
    path = f"/classes/{class_name}?order=objectId&limit={_ROWS}{narrowed}"
    rows: list[dict[str, Any]] = ask_once(world.server.port, request("GET", path, token=world.tokens[who]))[1][
        "results"
    ]
    return rows


def _compared(mine: Turn, other: Turn) -> Iterator[str]:
    is_same_question = (mine.who, mine.text, mine.variables) == (other.who, other.text, other.variables)
    is_same = is_same_question and (mine.status, _written(mine.answer)) == (other.status, _written(other.answer))
    if _is_fault(mine):
        yield f"{_asked(mine)}\nours has an internal error: {mine.status} {_written(mine.answer)}"
    elif is_same_question and _is_fault(other):
        return  # of which nothing can be learned
    elif mine.known and is_same:
        yield f"{_asked(mine)}\nboth answer this alike, although {mine.known!r} says otherwise: {KNOWN[mine.known]}"
    elif not mine.known and not is_same:
        yield f"{_asked(mine)}\n{_diff(mine, other)}"


def _is_fault(turn: Turn) -> bool:
    """Tell whether a server had an internal error."""
    errors = turn.answer.get("errors", ()) if isinstance(turn.answer, dict) else ()
    return turn.status >= _INTERNAL or any(each.split(" ")[0] in ("1", "INTERNAL_SERVER_ERROR") for each in errors)


def _asked(turn: Turn) -> str:
    return f"{turn.who or 'nobody'}: {turn.text}\n  {json.dumps(turn.variables, ensure_ascii=False)}"


def _written(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False, indent=1)


def _diff(mine: Turn, other: Turn) -> str:
    theirs, ours = (
        [str(each.status), json.dumps(each.variables), *_written(each.answer).splitlines()] for each in (other, mine)
    )
    return "\n".join(difflib.unified_diff(theirs, ours, "parse-server", "ours", lineterm="", n=2))
