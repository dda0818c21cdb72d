"""What an application that talks over a WebSocket is to the server, and the server to it.

An application is `async def open(handshake) -> Callable[[Connection], Talk]`: it looks at who calls, raises Refusal or
returns what makes a talk of each accepted connection. All of it runs in the one thread of the event loop.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a browser or an app sent to open a WebSocket."""

    path: str
    """Without the query."""
    query: str
    headers: Mapping[str, str]
    """By name in any case, as `request.headers`; headers sent more than once are joined."""
    address: str
    """Where it comes from, by the rules of `accounts.address`."""


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """Raised while a handshake is looked at: answered over HTTP instead of 101."""

    def __init__(self, status: int, reason: str) -> None:
        """Answer with this status and text."""
        super().__init__(reason)
        self.status, self.reason = status, reason


class Connection(Protocol):
    """One accepted WebSocket."""

    @property
    def handshake(self) -> Handshake:
        """How it was opened."""

    def send(self, text: str) -> None:
        """Send a message; never blocks. Who reads too slowly is hung up on, and who is gone gets nothing."""

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Begin to close it; `closed` of its talk follows."""


class Talk(Protocol):
    """What an application says to one connection."""

    def received(self, text: str) -> None:
        """Take a message."""

    def closed(self) -> None:
        """Learn that the connection has ended, however it did."""


Application = Callable[[Handshake], Awaitable[Callable[[Connection], Talk]]]
