"""Asks the database for an event loop, which must not wait: on a few threads, each with a connection of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import close_old_connections, connections

Answer = TypeVar("Answer")


class ConnectedThreads(ThreadPoolExecutor):
    """A pool whose threads keep their database connections."""

    def close(self) -> None:
        """End the threads with their connections, after what they have to do."""
        ending = Barrier(self._max_workers)

        def end() -> None:
            ending.wait()
            connections.close_all()

        for _ in range(self._max_workers):
            self.submit(end)
        self.shutdown()


class Database:
    """The threads; a socket keeps none of them, and no connection."""

    def __init__(self, threads: int) -> None:
        """Start them when they are needed."""
        self._threads = ConnectedThreads(threads, "live-database")

    async def ask(self, question: Callable[[], Answer]) -> Answer:
        """Return the answer of a function that uses the database; raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, _answer, question)

    def close(self) -> None:
        """End them."""
        self._threads.close()


class Databases:
    """Threads for each kind of question, so that none waits for another: reviews of rights wait for nothing at all."""

    def __init__(self) -> None:
        """Start them when they are needed."""
        self.reviews = Database(1)
        self.visits = Database(2)
        self.queries = Database(3)
        self.missed = Database(1)

    def close(self) -> None:
        """End them."""
        for each in (self.reviews, self.visits, self.queries, self.missed):
            each.close()


def _answer(question: Callable[[], Answer]) -> Answer:
    close_old_connections()  # one that broke meanwhile; there is no request whose begin would see to it
    return question()
