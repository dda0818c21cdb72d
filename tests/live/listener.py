"""An app that follows queries: a real WebSocket, and what came over it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from django.test import Client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from accounts.models import User
from tests.factories import make_company
from tests.live.following import PATIENCE

Message = dict[str, Any]
_KEYS = {"applicationId": "crm", "javascriptKey": "js"}
FENCE = "fence"
"""How companies are called whose news only tell how far the news have come."""
_fences = count(1)
_FENCE_ID = 1_000_000
"""The requestId of the subscription that tells how far the news have come."""


class Listener:
    """One connection; `heard` are the messages that nobody has asked for yet."""

    def __init__(self, link: ClientConnection) -> None:
        """Say nothing yet."""
        self.link = link
        self.heard: list[Message] = []

    def send(self, text: str | bytes) -> None:
        """Send a frame as it is."""
        self.link.send(text)

    def next(self, patience: float = PATIENCE) -> Message:
        """Return the next message."""
        if self.heard:
            return self.heard.pop(0)
        found: Message = json.loads(self.link.recv(patience))
        return found

    def say(self, **message: Any) -> Message:
        """Send a message and return the answer to it, which events may come before."""
        self.send(json.dumps(message))
        return self.answer(message.get("requestId"))

    def answer(self, request_id: Any = None) -> Message:
        """Return the next message that is no event and has this requestId."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found: Message = json.loads(self.link.recv(deadline - time.monotonic()))
            if found["op"] not in EVENTS and found.get("requestId") == request_id:
                return found
            self.heard.append(found)

    def connect(self, user_token: str = "", **more: Any) -> Message:
        """Say who it is."""
        answer = self.say(op="connect", **{**_KEYS, "sessionToken": user_token, **more})
        assert answer["op"] == "connected", answer
        return answer

    def follow(self, class_name: str, where: Any = None, request_id: int = 1, **query: Any) -> None:
        """Subscribe."""
        answer = self.subscribe(class_name, where, request_id, **query)
        assert answer["op"] == "subscribed", answer

    def subscribe(self, class_name: str, where: Any = None, request_id: int = 1, **query: Any) -> Message:
        """Ask for a subscription and return the answer."""
        asked = {"className": class_name, "where": {} if where is None else where, **query}
        return self.say(op="subscribe", requestId=request_id, query=asked)

    def events(self, owner: User | None) -> list[Message]:
        """Return the events of all that is committed by now; `owner` is who listens.

        News come in the order of commits, those that PostgreSQL decides in the same order after the others: after the
        news of a fence that it decides there are none of before. News of a fence itself may come to other queries even
        later: they are nobody's.
        """
        name = f"{FENCE} {next(_fences)}"
        self.follow("Company", {"name": {"$regex": f"^{name}$", "$options": "m"}}, _FENCE_ID)
        make_company(owner, name=name)
        found: list[Message] = []
        while (message := self.next()).get("requestId") != _FENCE_ID:
            if not str(message.get("object", {}).get("name")).startswith(f"{FENCE} "):
                found.append(message)
        assert self.say(op="unsubscribe", requestId=_FENCE_ID)["op"] == "unsubscribed"
        return found

    def told(self, owner: User | None) -> list[tuple[str, str]]:
        """Return the same as `events` does, each as its op and objectId."""
        return [(each["op"], each["object"]["objectId"]) for each in self.events(owner)]

    def end(self, patience: float = PATIENCE) -> tuple[int, str]:
        """Wait for the end of the connection; return its code and reason."""
        deadline = time.monotonic() + patience
        try:
            while True:
                self.heard.append(json.loads(self.link.recv(max(0, deadline - time.monotonic()))))
        except ConnectionClosed as problem:
            frame = problem.rcvd
            return (frame.code, frame.reason) if frame else (1006, "")


EVENTS = frozenset({"create", "enter", "update", "leave", "delete"})


def cookie_of(browser: Client) -> str:
    """Return the header by which a browser says who it is."""
    return f"sessionid={browser.cookies['sessionid'].value}"


@contextmanager
def visiting(address: str, cookie: str, origin: str | None = None, since: str = "") -> Iterator[Listener]:
    """Open the socket of a page of ours for the length of the block."""
    headers = {"Cookie": cookie} if cookie else {}
    own = Origin(address.replace("ws://", "http://") if origin is None else origin)
    where = f"{address}/live/?since={since}" if since else f"{address}/live/"
    with connect(where, origin=own or None, additional_headers=headers, open_timeout=PATIENCE) as link:
        yield Listener(link)


@contextmanager
def listening(address: str, **options: Any) -> Iterator[Listener]:
    """Open a connection to the API's socket for the length of the block."""
    with connect(f"{address}/parse", open_timeout=PATIENCE, **options) as link:
        yield Listener(link)
