"""Servers on stage: as processes, and as threads whose limits a test can change."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
import uvloop

from crm_site.live import process
from crm_site.server.bridge import Bridge
from crm_site.server.http import http_server
from crm_site.server.room import Room
from tests.server.actors import Address, Stage, staged
from tests.server.stage import echo, handler


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A server that no test may harm."""
    log = tmp_path_factory.mktemp("stage") / "log"
    with staged(log) as stage:
        yield stage
        assert stage.stop() == 0, log.read_text()
    assert "Traceback" not in log.read_text()


@pytest.fixture
def own_stage(tmp_path: Path) -> Iterator[Stage]:
    """A server of the test's own."""
    with staged(tmp_path / "log") as stage:
        yield stage


@pytest.fixture
def http() -> Iterator[Address]:
    """One HTTP process as a thread; set its limits before."""
    bridge, listener = Bridge(handler), socket.create_server(("127.0.0.1", 0))
    server = http_server(bridge, None)
    thread = Thread(target=server.run, args=([listener],))
    port = listener.getsockname()[1]
    thread.start()
    yield Address(port)
    server.should_exit = True
    thread.join()
    bridge.close()


@contextmanager
def talking(is_ready: Event, seen: Callable[[Room], None]) -> Iterator[Address]:
    """Run the live process as a thread, at a port of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    loops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    @asynccontextmanager
    async def door(room: Room) -> AsyncIterator[None]:
        server = await room.loop.create_server(room.new, sock=listener)
        seen(room)
        is_ready.set()
        yield
        server.close()

    def work() -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            loops.append((runner.get_loop(), asyncio.Event()))
            runner.run(process.talk(door, {"/echo": echo}, loops[0][1]))

    thread = Thread(target=work)
    thread.start()
    is_ready.wait()
    try:
        yield Address(port)
    finally:
        loop, stop = loops[0]
        loop.call_soon_threadsafe(stop.set)
        thread.join()


@pytest.fixture
def rooms() -> list[Room]:
    """The room of `sockets`, once that runs."""
    return []


@pytest.fixture
def sockets(rooms: list[Room]) -> Iterator[Address]:
    """The live process as a thread; set its limits before."""
    with talking(Event(), rooms.append) as address:
        yield address
