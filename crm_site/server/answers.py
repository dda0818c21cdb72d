"""Carries what the WSGI handler answers from its thread to the event loop, large answers in pieces."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable

_PIECE = 65_536
_FLUSH_SECONDS = 0.5
_STALLED_SECONDS = 30
"""So long a reader may take no piece before his thread is needed for others."""

Headers = list[tuple[bytes, bytes]]


class ReaderGoneError(Exception):
    """Nobody reads the answer any more."""


class Answer:
    """One answer on its way; `run` belongs to a thread, everything else to the event loop."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, receive: ASGIReceiveCallable, send: ASGISendCallable, *, is_last: bool
    ) -> None:
        """Send through `send`; the last answer of a connection says so."""
        self._loop, self._receive, self._send = loop, receive, send
        self._status, self._headers = 500, [(b"connection", b"close")] if is_last else []
        self._is_begun = self._is_gone = False
        self._watch: asyncio.Task[None] | None = None

    def run(self, handler: Callable[..., Iterable[bytes]], environ: dict[str, Any]) -> bytes:
        """Have the handler answer; send all but the last piece, and return that."""
        whole = environ["SERVER_PROTOCOL"] == "HTTP/1.0"  # which knows no chunks
        pieces = handler(environ, self._start)
        waiting: list[bytes] = []
        try:
            size, since = 0, time.monotonic()
            for piece in pieces:
                waiting.append(piece)
                size += len(piece)
                if not whole and (size >= _PIECE or time.monotonic() - since > _FLUSH_SECONDS):
                    self._pass_on(b"".join(waiting))
                    waiting.clear()
                    size, since = 0, time.monotonic()
        finally:
            if hasattr(pieces, "close"):
                pieces.close()
        return b"".join(waiting)

    def _start(self, status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
        """Take status and headers, as WSGI's start_response."""
        self._status = int(status[:3])
        self._headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]

    def _pass_on(self, piece: bytes) -> None:
        """Send a piece and wait until there is room for the next; raise ReaderGoneError."""
        sending = asyncio.run_coroutine_threadsafe(self._send_piece(piece), self._loop)
        try:
            sending.result(_STALLED_SECONDS)
        except TimeoutError as error:
            sending.cancel()
            raise ReaderGoneError from error
        if self._is_gone:
            raise ReaderGoneError

    async def _send_piece(self, piece: bytes) -> None:
        if not self._is_begun:
            self._watch = self._loop.create_task(self._see_him_go())
            await self._begin()
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def _see_him_go(self) -> None:
        await gone(self._receive)
        self._is_gone = True

    async def _begin(self) -> None:
        self._is_begun = True
        await self._send(
            {"type": "http.response.start", "status": self._status, "headers": self._headers, "trailers": False}
        )

    async def finish(self, last: bytes) -> None:
        """Send the last piece, which may be all there is."""
        if not self._is_begun:
            self._say_length(last)
            await self._begin()
        await self._send({"type": "http.response.body", "body": last, "more_body": False})
        if self._watch:
            self._watch.cancel()

    def _say_length(self, whole: bytes) -> None:
        named = any(name.lower() == b"content-length" for name, _ in self._headers)
        if self._status in {204, 304}:
            self._headers = [pair for pair in self._headers if pair[0].lower() != b"content-length"]
        elif not named and whole:
            self._headers.append((b"content-length", str(len(whole)).encode()))


async def gone(receive: ASGIReceiveCallable) -> None:
    """Wait until the connection has ended, or the answer."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_plain(send: ASGISendCallable, status: int, text: str) -> None:
    """Refuse what no view shall see, and end the connection."""
    body = text.encode()
    headers: Headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    if status == 503:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})
