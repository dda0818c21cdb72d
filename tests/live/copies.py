"""Apps that keep a copy of what a query finds, up to date by its events, whatever happens to the connection."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from tests.live.listener import EVENTS
from tests.parse_api.sync.remote import Remote

Objects = dict[str, dict[str, Any]]
_HELLO = {"op": "connect", "applicationId": "crm", "javascriptKey": "js"}
_PAUSE = 0.1


class Copy(threading.Thread):
    """Follows a query and connects again as the SDKs do: it subscribes, fetches, and applies what came meanwhile."""

    def __init__(self, app: Remote, where: dict[str, Any]) -> None:
        """Follow deals in the name of the app's person."""
        super().__init__()
        self.objects: Objects = {}
        self.connections = self.events = 0
        self._app, self._where = app, where
        self._is_over = threading.Event()
        self._is_there = threading.Event()

    def begin(self) -> None:
        """Start, and return when there is a copy."""
        self.start()
        assert self._is_there.wait(60)

    def end(self) -> None:
        """Follow no more."""
        self._is_over.set()
        self.join()

    def is_right(self) -> bool:
        """Tell whether the copy is what the server finds now."""
        return self.objects == self._found()

    def run(self) -> None:
        """Connect until it is over."""
        while not self._is_over.wait(_PAUSE):
            with suppress(WebSocketException, OSError, TimeoutError), self._connected() as link:
                self._follow(link)

    def _connected(self) -> ClientConnection:
        return connect(f"ws://127.0.0.1:{self._app.program.port}/parse", max_queue=None)

    def _follow(self, link: ClientConnection) -> None:
        query = {"className": "Deal", "where": self._where}
        link.send(json.dumps(_HELLO | {"sessionToken": self._app.token}))
        assert json.loads(link.recv(10))["op"] == "connected"
        link.send(json.dumps({"op": "subscribe", "requestId": 1, "query": query}))
        assert json.loads(link.recv(10))["op"] == "subscribed"
        self.objects = self._found()
        self.connections += 1
        self._is_there.set()
        while not self._is_over.is_set():
            with suppress(TimeoutError):
                self._apply(json.loads(link.recv(0.2)))

    def _found(self) -> Objects:
        body = {"_method": "GET", "where": self._where, "limit": 10_000}
        answer = self._app.post("/classes/Deal", body)
        assert answer.status_code == 200, answer.content
        told = {"__type": "Object", "className": "Deal"}
        return {each["objectId"]: told | each for each in answer.json()["results"]}

    def _apply(self, event: dict[str, Any]) -> None:
        assert event["op"] in EVENTS, event
        self.events += 1
        pk = event["object"]["objectId"]
        if event["op"] in ("leave", "delete"):
            self.objects.pop(pk, None)
        else:
            self.objects[pk] = event["object"]
