"""One server that is asked: who asks, what was asked, and what it answered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.bench.parse.agree.plain import Names, plain
from tests.bench.parse.load import ask_once, request
from tests.bench.parse.work import World

NOBODY = ""
"""Who asks without a session."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class People:
    """Who asks: two agents, who may read different records."""

    first: str
    second: str


@dataclass(frozen=True)
class Turn:
    """A request and its answer, without what differs each time; `known` names a difference that is meant."""

    who: str
    text: str
    variables: Any
    known: str
    status: int
    answer: Any


@dataclass
class Talk:
    """A conversation with one server; `rows` are some of each class that the first agent may read, the same in both."""

    world: World
    people: People
    rows: Mapping[str, Sequence[Row]]
    names: Names
    turns: list[Turn] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    """Of those who have signed up meanwhile."""

    def ask(
        self, text: str, variables: Mapping[str, Any] | None = None, *, who: str | None = None, known: str = ""
    ) -> Any:
        """Ask, as the first agent unless told, and return the data of the answer; see KNOWN for `known`."""
        return self._ask(text, variables or {}, who, known, is_new=False)

    def make(
        self, text: str, variables: Mapping[str, Any] | None = None, *, who: str | None = None, known: str = ""
    ) -> str:
        """Have something made that is asked for its objectId, and return that: it has a name from then on."""
        data = self._ask(text, variables or {}, who, known, is_new=True)
        return next((each["objectId"] for each in _objects(data, deepest=3)), "none")

    def send(self, body: Any, *, path: str = "", method: str = "POST", known: str = "") -> None:
        """Send a body as it is, or a GET without one, as the first agent."""
        token = self.world.tokens[self.people.first]
        sent = request(method, path, body, token, mount="/graphql")
        status, answer = ask_once(self.world.server.port, sent)
        asked = json.dumps(body) if method == "POST" else path
        self.turns.append(Turn(self.people.first, asked, {}, known, status, plain(answer, self.names)))

    def _ask(self, text: str, variables: Mapping[str, Any], who: str | None, known: str, *, is_new: bool) -> Any:
        asking = self.people.first if who is None else who
        token = self.tokens.get(asking) or self.world.tokens.get(asking, "")
        body = {"query": text, "variables": dict(variables)}
        status, answer = ask_once(self.world.server.port, request("POST", "", body, token, mount="/graphql"))
        data = answer.get("data")
        if is_new:
            for each in _objects(data, deepest=9):
                self.names.learn(each["objectId"])
        told = plain(dict(variables), self.names)
        self.turns.append(Turn(asking, text, told, known, status, plain(answer, self.names)))
        return data


def _objects(data: Any, *, deepest: int) -> Iterator[Row]:
    """Yield the objects with an objectId in an answer, the outer ones first."""
    if isinstance(data, dict) and "objectId" in data:
        yield data
    if isinstance(data, dict) and deepest:
        for each in data.values():
            yield from _objects(each, deepest=deepest - 1)
