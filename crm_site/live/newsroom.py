"""Reads the change log for as long as somebody listens, and hands the news to the pages and to LiveQuery."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from django.db import DatabaseError

from accounts.rights import RightsChange
from crm_site.live.pages import BEAT_SECONDS, PageHub
from crm_site.live.visitors import request_of
from parse_api.identity import may_be_master
from parse_api.livequery.hub import Hub
from parse_api.livequery.socket import Socket
from records.live.database import Databases
from records.live.feed import Feed, FeedLostError
from records.live.talk import Application, Connection, Handshake, Refusal, Talk

_LOG = logging.getLogger(__name__)
_PATIENCE_SECONDS = 3
_IDLE_SECONDS = 30
_EXPIRY_SECONDS = 0.5
_HOUR = 3_600
_PAUSE_SECONDS = 0.5
_AGAIN, _LOOK_AGAIN = 1012, "Look again"
"""The WebSocket code for "service restart": clients connect again."""


class Newsroom:
    """Both hubs and the one feed. It reads only while there are connections: an idle CRM costs nothing here."""

    def __init__(self) -> None:
        """Begin with nobody listening."""
        self._databases = Databases()
        self.pages = PageHub(self._databases)
        self.queries = Hub(self._databases)
        self._is_wanted = asyncio.Event()
        self._is_reading = asyncio.Event()

    def applications(self) -> dict[str, Application]:
        """Return what is spoken over sockets, by path."""
        return {"/live/": self._open_page, "/parse": self._open_query, "/parse/": self._open_query}

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._read())
            tasks.create_task(_every(BEAT_SECONDS, self._beat))
            tasks.create_task(_every(_EXPIRY_SECONDS, self._end_expired))
            tasks.create_task(_every(_HOUR, self._prune))

    def close(self) -> None:
        """Let go of the database, after `run`."""
        self._databases.close()

    async def _open_page(self, handshake: Handshake) -> Callable[[Connection], Talk]:
        await self._ready()
        return self._with_news(await self.pages.open(handshake))

    async def _open_query(self, handshake: Handshake) -> Callable[[Connection], Talk]:
        await self._ready()
        is_near = may_be_master(request_of(handshake))
        return self._with_news(lambda connection: Socket(self.queries, connection, may_be_master=is_near))

    def _with_news(self, begin: Callable[[Connection], Talk]) -> Callable[[Connection], Talk]:
        """Have a connection begin again if the news broke off while it was looked at."""

        def begin_if_there_are(connection: Connection) -> Talk:
            talk = begin(connection)
            if not self._is_reading.is_set():
                connection.close(_AGAIN, _LOOK_AGAIN)
            return talk

        return begin_if_there_are

    async def _ready(self) -> None:
        """Wait until news are read: who is let in hears everything that is committed from then on."""
        self._is_wanted.set()
        if self._is_reading.is_set():  # wait_for would swallow the end of a connection (Python 3.11)
            return
        try:
            await asyncio.wait_for(self._is_reading.wait(), _PATIENCE_SECONDS)
        except TimeoutError as problem:
            raise Refusal(503, "The database is away.") from problem

    async def _read(self) -> None:
        """Read news while they are wanted; when they break off, everybody is told to connect again."""
        while True:
            await self._is_wanted.wait()
            feed = Feed()
            try:
                await feed.open()
                self._is_reading.set()
                await self._hand_out(feed)
            except (FeedLostError, DatabaseError):
                _LOG.warning("The database went away: everybody who listens has to connect again.")
            except Exception:
                _LOG.exception("A change could not be told: everybody who listens has to connect again.")
            finally:
                self._is_reading.clear()
                self.pages.break_off(_AGAIN, _LOOK_AGAIN)
                self.queries.break_off(_AGAIN, _LOOK_AGAIN)
                await feed.close()
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _hand_out(self, feed: Feed) -> None:
        quiet_since = asyncio.get_running_loop().time()
        async with aclosing(feed.news()) as all_news:
            async for news in all_news:
                await self.queries.deliver(news)
                await self.pages.deliver(news)
                now = asyncio.get_running_loop().time()
                if len(self.pages) or len(self.queries):
                    quiet_since = now
                elif now - quiet_since > _IDLE_SECONDS:
                    self._is_wanted.clear()
                    return

    async def _beat(self) -> None:
        self.pages.beat()
        self.pages.forget_names()

    async def _end_expired(self) -> None:
        await self.queries.end_expired()
        await self.pages.end_expired()

    async def _prune(self) -> None:
        await self._databases.visits.ask(RightsChange.prune)


async def _every(seconds: float, what: Callable[[], Awaitable[None]]) -> None:
    """Do something again and again, whether or not it succeeds."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await what()
        except DatabaseError:
            _LOG.warning("The database is away.")
        except Exception:
            _LOG.exception("What is done every %s seconds failed", seconds)
