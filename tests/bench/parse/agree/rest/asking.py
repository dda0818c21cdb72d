"""One server that is asked in REST: what was sent, and what came back with the headers that matter."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from tests.bench.parse.agree.asking import Talk, Turn
from tests.bench.parse.agree.plain import is_now
from tests.bench.parse.agree.rest.plain import told

MASTER = "master"
"""Who asks with the master key, without a session."""
KEYS = {"X-Parse-Application-Id": "crm", "X-Parse-REST-API-Key": "rest"}
_TIMEOUT = 60
_CREATED = 201


class Reply(NamedTuple):
    """What came back: `body` is JSON, or the text when it is none."""

    status: int
    body: Any
    headers: Message


def each(key: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    """Return an object with this key for each of the values."""
    return [{key: value} for value in values]


@dataclass
class Rest:
    """Requests of REST in a conversation with one server."""

    talk: Talk
    headers: Mapping[str, str] = field(default_factory=lambda: KEYS)
    mount: str = "/parse"

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        who: str | None = None,
        known: str = "",
        headers: Mapping[str, str | None] | None = None,
        **query: Any,
    ) -> Any:
        """Ask, as the first agent unless told, and return the body of the answer; see KNOWN for `known`.

        A body that is text is sent as it is; of the options in `query` only texts are.
        """
        options = {key: each if isinstance(each, str) else json.dumps(each) for key, each in query.items()}
        whole = f"{path}?{urlencode(options, quote_via=quote)}" if options else path
        who = self.talk.people.first if who is None else who
        sent = {**self.headers, "Content-Type": "application/json", **self._person(who), **(headers or {})}
        reply = self._send(method, whole, body, {name: value for name, value in sent.items() if value is not None})
        asked = f"{method} {path}"
        for number, pk in enumerate(_new(reply)):
            self.talk.names.learn(pk, f"<{number} of {len(self.talk.turns)}>")
        variables = told({"body": body, **query, **({"headers": dict(headers)} if headers else {})}, self.talk.names)
        answer = told({"body": reply.body, **self._headers(reply)}, self.talk.names)
        self.talk.turns.append(Turn(who, told(asked, self.talk.names), variables, known, reply.status, answer))
        return reply.body

    def make(self, path: str, body: Any, **more: Any) -> str:
        """Have something made, and return its objectId: it has a name from then on."""
        found = self.ask("POST", path, body, **more)
        return str(found.get("objectId", "none")) if isinstance(found, dict) else "none"

    def _person(self, who: str) -> dict[str, str]:
        if who == MASTER:
            return {"X-Parse-Master-Key": "master"}
        token = self.talk.tokens.get(who) or self.talk.world.tokens.get(who, "")
        return {"X-Parse-Session-Token": token} if token else {}

    def _send(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Reply:
        content = None if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
        with closing(http.client.HTTPConnection("127.0.0.1", self.talk.world.server.port, timeout=_TIMEOUT)) as asked:
            asked.request(method, f"{self.mount}{path}", content, dict(headers))
            answer = asked.getresponse()
            text = answer.read().decode()
        try:
            return Reply(answer.status, json.loads(text), answer.headers)
        except ValueError:
            return Reply(answer.status, text, answer.headers)

    def _headers(self, reply: Reply) -> dict[str, Any]:
        base = f"http://127.0.0.1:{self.talk.world.server.port}{self.mount}"
        place = reply.headers.get("Location")
        return {"location": place.removeprefix(base)} if place else {}


def _new(reply: Reply) -> Iterator[str]:
    """Yield the ids of what the answer says was just made."""
    if reply.status == _CREATED and isinstance(reply.body, dict):
        yield reply.body.get("objectId", "none")
    yield from _made_now(reply.body)


def _made_now(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _made_now(each)
    elif isinstance(value, dict):
        if "objectId" in value and is_now(str(value.get("createdAt"))):
            yield value["objectId"]
        for each in value.values():
            yield from _made_now(each)
