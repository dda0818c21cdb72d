"""All WebSockets of the live process: how many there may be, whether they still answer, and their end."""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from collections.abc import Mapping
from socket import socket
from typing import Any

from accounts.address import address_by, network
from crm_site.server.handover import Receiver
from crm_site.server.sockets import CLOSING_SECONDS, Socket
from records.live.talk import Application

PING_SECONDS = 20
QUIET_SECONDS = 60
"""Without any frame, not even the answer to a PING: he is gone."""
MOST_PER_ADDRESS = 500
_MOST = 50_000
_OTHER_DESCRIPTORS = 100


class Room:
    """Every connection, and what they may talk about."""

    def __init__(self, applications: Mapping[str, Application], most: int = _MOST) -> None:
        """Speak these applications, by path."""
        self.applications = applications
        self.loop = asyncio.get_running_loop()
        self._most = min(most, _descriptors() - _OTHER_DESCRIPTORS)
        self._sockets: set[Socket] = set()
        self._turns: list[set[Socket]] = [set() for _ in range(PING_SECONDS)]
        self._addresses: Counter[str] = Counter()
        self._arriving: set[asyncio.Task[None]] = set()
        self._is_closing = False

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._sockets)

    def new(self) -> Socket:
        """Return what talks to the next connection."""
        return Socket(self)

    def take(self, receiver: Receiver) -> None:
        """Take what other processes have handed over."""
        for connection, head in receiver.received():
            task = self.loop.create_task(self._welcome(connection, head))
            self._arriving.add(task)
            task.add_done_callback(self._arriving.discard)

    async def _welcome(self, connection: socket, head: bytes) -> None:
        connection.settimeout(0)
        try:
            _, talker = await self.loop.connect_accepted_socket(self.new, connection)
        except OSError:  # gone on the way
            connection.close()
            return
        talker.data_received(head)

    # What a connection says of itself.

    def add(self, talker: Socket) -> None:
        """Count it, or hang up."""
        self._sockets.add(talker)
        self._turns[id(talker) // 64 % PING_SECONDS].add(talker)
        if len(self._sockets) > self._most or self._is_closing:
            talker.abort()

    def admit(self, talker: Socket) -> bool:
        """Count its address; tell whether there may be another from there."""
        key = network(talker.handshake.address)
        self._addresses[key] += 1
        return self._addresses[key] <= MOST_PER_ADDRESS

    def remove(self, talker: Socket) -> None:
        """Forget it."""
        self._sockets.discard(talker)
        self._turns[id(talker) // 64 % PING_SECONDS].discard(talker)
        if hasattr(talker, "handshake"):
            key = network(talker.handshake.address)
            self._addresses[key] -= 1
            if not self._addresses[key]:
                del self._addresses[key]

    def address(self, headers: Mapping[str, str], peer: Any) -> str:
        """Return whose connection it is."""
        return address_by(headers.get("x-forwarded-for", ""), peer[0] if peer else "")

    # As long as there are any.

    async def keep_alive(self) -> None:
        """Ask every connection every 20 seconds whether it is there; those that are not are ended."""
        while True:
            for turn in self._turns:
                await asyncio.sleep(PING_SECONDS / len(self._turns))
                now = self.loop.time()
                for talker in list(turn):
                    if now - talker.heard_at > QUIET_SECONDS:
                        talker.abort()
                    else:
                        talker.ping()

    async def close(self) -> None:
        """Tell all that the server goes away, and wait until they have gone."""
        self._is_closing = True
        for talker in list(self._sockets):
            talker.close(1001, "The server goes away")
        latest = self.loop.time() + CLOSING_SECONDS
        while self._sockets and self.loop.time() < latest:
            await asyncio.sleep(0.02)
        for talker in list(self._sockets):
            talker.abort()
        await asyncio.sleep(0)


def _descriptors() -> int:
    """Return how many descriptors this process may have, after asking for as many as it may ask for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, _MOST + _OTHER_DESCRIPTORS) if hard != resource.RLIM_INFINITY else _MOST + _OTHER_DESCRIPTORS
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft
