"""The server as the tests of browsers and apps reach it: ours, in threads, on the database of the test."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread

import uvloop
from django.core.handlers.wsgi import WSGIHandler
from django.test.utils import modify_settings

from crm_site.live import process
from crm_site.server.bridge import Bridge
from crm_site.server.handover import Handover
from crm_site.server.http import http_server
from tests.static_files import KeptFiles

_THREADS = 4


class LiveSite:
    """HTTP for the whole run, WebSockets for one test at a time: what they listen to ends with it."""

    def __init__(self) -> None:
        """Listen on a free port of the loopback."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._handover = Handover.make()
        self._bridge = Bridge(KeptFiles(WSGIHandler()), _THREADS)
        self._server = http_server(self._bridge, self._handover.sender)
        self._thread = Thread(target=self._server.run, args=([self._listener],))
        self._live_server_modified_settings = modify_settings(
            ALLOWED_HOSTS={"append": "127.0.0.1"}
        )  # for pytest-django

    @contextmanager
    def serving(self) -> Iterator[LiveSite]:
        """Answer requests for the length of the block."""
        self._thread.start()
        try:
            yield self
        finally:
            self._server.should_exit = True
            self._thread.join()
            self._bridge.close()
            self._handover.close()

    @contextmanager
    def talking(self) -> Iterator[None]:
        """Talk over sockets for the length of the block."""
        told: SimpleQueue[Callable[[], object]] = SimpleQueue()
        thread = Thread(target=self._talk, args=(told.put,))
        thread.start()
        stop = told.get()
        try:
            yield
        finally:
            stop()
            thread.join()

    def _talk(self, tell: Callable[[Callable[[], object]], None]) -> None:
        """Run the live process in a thread of its own: Playwright has an event loop in that of the tests."""
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            loop, stop = runner.get_loop(), asyncio.Event()
            tell(lambda: loop.call_soon_threadsafe(stop.set))
            runner.run(process.serve(lambda room: process.handed_over(room, self._handover.receiver), stop))
