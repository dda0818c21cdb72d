"""Reads a feed beside a test that writes."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from records.live.feed import Feed, FeedLostError, LoggedChange, News

PATIENCE = 20.0


class Reading:
    """What a feed has told so far; `is_lost` once the database went away."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.news: list[News] = []
        self.is_lost = False
        self._feed = Feed()
        self._loop = asyncio.new_event_loop()
        self._is_open = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._follow(),))

    async def _follow(self) -> None:
        self._stop = asyncio.Event()
        await self._feed.open()
        self._is_open.set()
        reading = asyncio.create_task(self._read())
        await self._stop.wait()
        reading.cancel()
        await self._feed.close()

    async def _read(self) -> None:
        try:
            async for news in self._feed.news():
                self.news.append(news)
        except FeedLostError:
            self.is_lost = True

    def start(self) -> None:
        """Read from now on."""
        self._thread.start()
        assert self._is_open.wait(PATIENCE)

    def stop(self) -> None:
        """Read no more."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    @property
    def changes(self) -> list[LoggedChange]:
        """All changes, in the order in which they came."""
        return [change for news in self.news for change in news.changes]

    def people(self) -> set[str | None]:
        """Return everybody whose rights changed."""
        return {person for news in self.news for person in news.people}


@contextmanager
def reading() -> Iterator[Reading]:
    """Read the feed while the block runs."""
    found = Reading()
    found.start()
    try:
        yield found
    finally:
        found.stop()


def eventually(is_so: Callable[[], object]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.005)
