"""Runs the live process: every WebSocket of the site in one event loop, until SIGTERM."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import uvloop

from crm_site.live.newsroom import Newsroom
from crm_site.server.handover import Receiver
from crm_site.server.room import Room
from crm_site.statement_limit import limit_statements
from records.live.talk import Application

Door = Callable[[Room], AbstractAsyncContextManager[None]]


def run_handed_over(receiver: Receiver) -> None:
    """Talk over the connections that the HTTP processes hand over."""
    _run(lambda room: handed_over(room, receiver))


def run_alone(host: str, port: int) -> None:
    """Talk over connections to a port of its own."""
    limit_statements()
    _run(lambda room: alone(room, host, port))


def _run(door: Door) -> None:
    stop = asyncio.Event()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for number in (signal.SIGTERM, signal.SIGINT):
            runner.get_loop().add_signal_handler(number, stop.set)
        runner.run(serve(door, stop))


async def serve(door: Door, stop: asyncio.Event) -> None:
    """Talk about news until `stop`; raise what ends the newsroom, if anything does."""
    newsroom = Newsroom()
    try:
        async with asyncio.TaskGroup() as tasks:
            work = tasks.create_task(newsroom.run())
            await talk(door, newsroom.applications(), stop)
            work.cancel()
    finally:
        newsroom.close()


async def talk(door: Door, applications: Mapping[str, Application], stop: asyncio.Event) -> None:
    """Talk over what comes through the door until `stop`, then tell everybody."""
    room = Room(applications)
    pinging = room.loop.create_task(room.keep_alive())
    try:
        async with door(room):
            await stop.wait()
        await room.close()
    finally:
        pinging.cancel()


@asynccontextmanager
async def handed_over(room: Room, receiver: Receiver) -> AsyncIterator[None]:
    """Take what the HTTP processes hand over, for the length of the block."""
    room.loop.add_reader(receiver.fileno(), room.take, receiver)
    receiver.declare(is_there=True)
    try:
        yield
    finally:
        receiver.declare(is_there=False)
        room.loop.remove_reader(receiver.fileno())


@asynccontextmanager
async def alone(room: Room, host: str, port: int) -> AsyncIterator[None]:
    """Listen at a port of its own, for the length of the block."""
    server = await room.loop.create_server(room.new, host, port, backlog=1024)
    try:
        yield
    finally:
        server.close()
