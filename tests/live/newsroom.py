"""The live process' parts in a thread of a test, on the database of the test, at a free port."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TypeVar

import uvloop

from crm_site.live.newsroom import Newsroom
from crm_site.live.process import talk
from crm_site.server.room import Room
from tests.live.following import PATIENCE

Answer = TypeVar("Answer")


class Site:
    """What the live process does, as long as `open` lasts; `newsroom` belongs to its thread."""

    newsroom: Newsroom
    port: int

    def __init__(self) -> None:
        """Begin closed."""
        self._is_open = threading.Event()

    @property
    def address(self) -> str:
        """Where its sockets are."""
        return f"ws://127.0.0.1:{self.port}"

    @contextmanager
    def open(self) -> Iterator[Site]:
        """Talk for the length of the block; raises what ended it before."""
        problems: list[BaseException] = []
        thread = threading.Thread(target=self._run, args=(problems,))
        thread.start()
        assert self._is_open.wait(PATIENCE), problems
        try:
            yield self
        finally:
            with suppress(RuntimeError):  # it is closed when the process ended before
                self._loop.call_soon_threadsafe(self._stop.set)
            thread.join(PATIENCE)
            assert not thread.is_alive()
        if problems:
            raise problems[0]

    def ask(self, question: Callable[[], Answer]) -> Answer:
        """Return the answer of a function that is called in the thread of the event loop."""

        async def answer() -> Answer:
            return question()

        return asyncio.run_coroutine_threadsafe(answer(), self._loop).result(PATIENCE)

    def _run(self, problems: list[BaseException]) -> None:
        """Have the event loop in this thread from beginning to end: that of the tests may have Playwright's."""
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                self._loop, self._stop = runner.get_loop(), asyncio.Event()
                runner.run(self._serve())
        except BaseException as problem:
            problems.append(problem)

    async def _serve(self) -> None:
        self.newsroom = Newsroom()
        try:
            async with asyncio.TaskGroup() as tasks:
                work = tasks.create_task(self.newsroom.run())
                await talk(self._door, self.newsroom.applications(), self._stop)
                work.cancel()
        finally:
            self.newsroom.close()

    @asynccontextmanager
    async def _door(self, room: Room) -> AsyncIterator[None]:
        server = await room.loop.create_server(room.new, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._is_open.set()
        try:
            yield
        finally:
            server.close()
