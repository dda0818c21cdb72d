"""One process that speaks HTTP: uvicorn on the shared socket, with limits of its own, handing WebSockets over."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from typing import Any, ClassVar

import httptools
from uvicorn import Config, Server
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from crm_site.server.bridge import Bridge
from crm_site.server.handover import LONGEST_HEAD, AwayError, Sender

SECONDS_FOR_LAST_REQUESTS = 20
_MOST_CONNECTIONS = 1000
_HEAD_SECONDS = 10
_HEAD_BYTES = 65_536
_IDLE_SECONDS = 75
"""Longer than nginx keeps an idle connection (60 s), so that it is nginx who closes it."""
_TRIES, _TRY_SECONDS = 100, 0.05
_LAST_SECONDS = 0.5
"""While the server stops: so long an idle connection may still ask, and is answered."""


class HttpProtocol(HttpToolsProtocol):
    """A connection to a browser, an app or a proxy."""

    sender: ClassVar[Sender | None] = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a request, but not for ever."""
        super().connection_made(transport)
        self._is_last = False
        self._in_head, self._head_bytes = True, 0
        self._late: asyncio.TimerHandle | None = self.loop.call_later(_HEAD_SECONDS, transport.abort)
        if len(self.connections) > _MOST_CONNECTIONS:
            self._refuse(503, "Too many connections.")

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        super().connection_lost(exc)
        self._on_time()

    def data_received(self, data: bytes) -> None:
        """Read on; a head that is too long or never ends is refused."""
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self._should_upgrade():
                self._upgrade(data[upgrade.args[0] :])
                return
        except httptools.HttpParserError:
            self._refuse(400, "Invalid HTTP request received.")
        if not self._in_head or self.transport.is_closing():
            self._on_time()
            return
        self._head_bytes += len(data)
        if self._head_bytes > _HEAD_BYTES:
            self._refuse(431, "The head of the request is too long.")
        elif not self._late:
            self._late = self.loop.call_later(_HEAD_SECONDS, self.transport.abort)

    def on_message_begin(self) -> None:
        """Begin a head."""
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()
        self.scope["state"]["hang_up"] = self.transport.abort

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; one that comes after a body in chunks is none."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """End a head, and begin to answer."""
        self._in_head = False
        super().on_headers_complete()
        if self._is_last and self.cycle:
            self.cycle.keep_alive = False

    def shutdown(self) -> None:
        """Answer what is under way, and what comes in the next moment."""
        self._is_last = True
        if self._is_idle():
            self.loop.call_later(_LAST_SECONDS, self._close_if_idle)
        else:
            self.cycle.keep_alive = False

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _close_if_idle(self) -> None:
        if self._is_idle():
            self.transport.close()

    def _on_time(self) -> None:
        if self._late:
            self._late.cancel()
            self._late = None

    def _should_upgrade(self) -> bool:
        return self.sender is not None and self._get_upgrade() == b"websocket"

    def _upgrade(self, rest: bytes) -> None:
        """Stop reading, and hand the connection over with the head as it came."""
        if not self._is_idle():
            self.transport.abort()
            return
        self.transport.pause_reading()
        lines = [b"%b %b HTTP/%b" % (self.scope["method"].encode(), self.url, self.parser.get_http_version().encode())]
        lines += [b"%b: %b" % pair for pair in self.scope["headers"] if b"_" not in pair[0]]
        head = b"\r\n".join([*lines, b"", rest])
        if len(head) > LONGEST_HEAD:
            self._refuse(431, "The head of the request is too long.")
        else:
            self._hand_over(head, _TRIES)

    def _hand_over(self, head: bytes, tries: int) -> None:
        """Give the connection to the live process and let go of it: nothing is said to the other end from here."""
        if self.transport.is_closing() or not self.sender:
            return
        try:
            is_read = self.transport.get_write_buffer_size() == 0  # the answer before
            if is_read and self.sender.send(self.transport.get_extra_info("socket").fileno(), head):
                self.transport.abort()
            elif tries:
                self.loop.call_later(_TRY_SECONDS, self._hand_over, head, tries - 1)
            else:
                self._refuse(503, "Too many sockets at once.")
        except AwayError:
            self._refuse(503, "Sockets are away for a moment.")

    def _refuse(self, status: int, text: str) -> None:
        """Refuse and hang up; without a word while another request is answered."""
        if not (self._is_idle() or (self.cycle.more_body and not self.cycle.response_started and not self.pipeline)):
            self.transport.abort()
            return
        extra = "Retry-After: 1\r\n" if status == 503 else ""
        head = f"Content-Type: text/plain\r\nContent-Length: {len(text)}\r\n{extra}Connection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[status] + head.encode() + text.encode())
        self.transport.close()


def http_server(bridge: Bridge, sender: Sender | None) -> Server:
    """Return a server that has yet to be given its sockets."""
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # what anybody may send is no news

    class Protocol(HttpProtocol):
        pass

    Protocol.sender = sender
    config = Config(
        bridge,
        interface="asgi3",
        http=Protocol,
        loop="uvloop",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=SECONDS_FOR_LAST_REQUESTS,
    )
    return Server(config)


def run(bridge: Bridge, listener: socket.socket, sender: Sender | None) -> None:
    """Serve until SIGTERM; requests under way are answered first."""
    server = http_server(bridge, sender)

    def stop(*_: Any) -> None:
        server.should_exit = True

    # uvicorn has its own handler while it runs, and raises what came once more when it has ended.
    signal.signal(signal.SIGTERM, stop)
    server.run(sockets=[listener])
