"""One connection of LiveQuery: what an app says on it, and what it is answered."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from uuid import uuid4

from django.db import DatabaseError

from parse_api.errors import Code, ParseError
from parse_api.identity import check_keys
from parse_api.livequery.hub import Hub
from parse_api.livequery.messages import Connect, LiveQueryError, Message, Problem, Subscribe, Unsubscribe, read
from parse_api.livequery.queries import LiveQuery, read_query
from parse_api.livequery.quotas import TooManyConnectionsError
from parse_api.livequery.subscriptions import Subscription, head
from parse_api.livequery.viewers import Viewer
from records.live.talk import Connection

_LOG = logging.getLogger(__name__)
SUBSCRIPTIONS = 100
"""Of one connection."""
CONNECT_SECONDS = 30.0
_WAITING, _WAITING_CHARACTERS = 500, 262_144
_POLICY, _FAULT = 1008, 1011
"""The WebSocket codes for who does not keep to the rules, and for faults of ours."""


class Socket:
    """Answers the messages of one connection in their order; `may_be_master`: the master key works from there."""

    def __init__(self, hub: Hub, connection: Connection, *, may_be_master: bool) -> None:
        """Wait for the app to say who it is."""
        self._hub = hub
        self._connection = connection
        self._may_be_master = may_be_master
        self._client_id = ""
        self._installation_id: str | None = None
        self._token = ""
        self._is_master = False
        self._subscriptions: dict[int, Subscription] = {}
        self._inbox: deque[str] = deque()
        self._waiting = 0
        self._answering: asyncio.Task[None] | None = None
        self._is_open = True
        hub.enter(self)
        self._patience = asyncio.get_running_loop().call_later(CONNECT_SECONDS, self._lose_patience)

    def received(self, text: str) -> None:
        """Answer a message, after those before it."""
        if len(self._inbox) >= _WAITING or self._waiting + len(text) > _WAITING_CHARACTERS:
            self._connection.close(_POLICY, "Too many messages at once")
            return
        self._inbox.append(text)
        self._waiting += len(text)
        if self._answering is None:
            self._answering = asyncio.create_task(self._answer_all())

    def closed(self) -> None:
        """Forget everything that was followed here."""
        self._is_open = False
        self._patience.cancel()
        self._inbox.clear()
        self._waiting = 0
        self._forget()
        self._hub.leave(self)

    def close(self, code: int, reason: str) -> None:
        """Close the connection."""
        self._connection.close(code, reason)

    def _lose_patience(self) -> None:
        if not self._client_id:
            self._connection.close(_POLICY, "No connect message")

    async def _answer_all(self) -> None:
        try:
            while self._inbox:
                text = self._inbox.popleft()
                self._waiting -= len(text)
                await self._answer(text)
                await asyncio.sleep(0)  # what is refused at once would keep everybody else waiting
        except Exception:
            _LOG.exception("A message of LiveQuery failed")
            self._connection.close(_FAULT, "Internal error")
        finally:
            self._answering = None

    async def _answer(self, text: str) -> None:
        try:
            message = read(text)
            if message is not None:
                await self._do(message)
        except LiveQueryError as problem:
            self._connection.send(problem.text())

    async def _do(self, message: Message) -> None:
        if isinstance(message, Connect):
            self._connect(message)
        elif not self._client_id:
            raise LiveQueryError(Problem.NOT_CONNECTED, "Connect first.", reconnect=True)
        elif isinstance(message, Subscribe):
            await self._subscribe(message)
        else:
            self._unsubscribe(message)

    def _connect(self, message: Connect) -> None:
        try:
            self._is_master = check_keys(message.credentials, may_be_master=self._may_be_master)
        except ParseError as problem:
            raise LiveQueryError(Problem.WRONG_KEY, "The keys are not right.", reconnect=True) from problem
        self._forget()
        self._client_id = str(uuid4())
        self._installation_id = message.installation_id
        self._token = message.credentials.session_token
        self._say("connected")

    async def _subscribe(self, message: Subscribe) -> None:
        try:
            await self._follow(message)
        except ParseError as problem:
            error = LiveQueryError(problem.code or 1, problem.message, request_id=message.request_id)
            self._connection.send(error.text())
            if isinstance(problem, TooManyConnectionsError):
                self._connection.close(_POLICY, "Too many connections")
        except DatabaseError as problem:
            text = "The database is away."
            raise LiveQueryError(Code.INTERNAL, text, reconnect=True, request_id=message.request_id) from problem

    async def _follow(self, message: Subscribe) -> None:
        others = (each for number, each in self._subscriptions.items() if number != message.request_id)
        if sum(each.is_active for each in others) >= SUBSCRIPTIONS:
            raise ParseError(Code.TOO_MANY, f"A connection follows {SUBSCRIPTIONS} queries at most.")
        token = "" if self._is_master else message.session_token or self._token
        if not token and not self._is_master:
            raise ParseError(Code.NOT_FOUND, "Permission denied: this class needs a session.")
        # A long where takes its time: nobody's is read but that of somebody.
        viewer, since = await self._hub.viewer(token)
        query = read_query(message, is_master=self._is_master)
        if query.patterns:
            await self._hub.check(viewer, query.patterns)
            viewer, since = await self._hub.viewer(token)
        if not self._is_open:
            return
        before = self._subscriptions.get(message.request_id)
        self._check_quotas(viewer, query, before)
        begin = head(self._client_id, self._installation_id, message.request_id)
        subscription = Subscription(message.request_id, query, viewer, since, self._connection.send, begin)
        if before is not None:
            self._hub.remove(before)
        self._hub.add(subscription)
        self._subscriptions[message.request_id] = subscription
        self._say("subscribed", message.request_id)

    def _check_quotas(self, viewer: Viewer, query: LiveQuery, before: Subscription | None) -> None:
        freed = before.query.conditions if before and before.is_active and before.viewer.person == viewer.person else 0
        self._hub.quotas.check(viewer.person, query.conditions - freed)
        self._hub.quotas.admit(viewer.person, self)

    def _unsubscribe(self, message: Unsubscribe) -> None:
        subscription = self._subscriptions.pop(message.request_id, None)
        if subscription is None:
            text = "There is no such subscription."
            raise LiveQueryError(Problem.NOT_CONNECTED, text, request_id=message.request_id)
        self._hub.remove(subscription)
        self._say("unsubscribed", message.request_id)

    def _forget(self) -> None:
        for subscription in self._subscriptions.values():
            self._hub.remove(subscription)
        self._subscriptions.clear()

    def _say(self, operation: str, request_id: int | None = None) -> None:
        whose = head(self._client_id, self._installation_id, request_id)
        self._connection.send(f'{{"op":"{operation}",{whose}}}')
