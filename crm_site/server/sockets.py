"""One WebSocket: the protocol between a connection's bytes and the talk that an application has over it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from django.utils.datastructures import CaseInsensitiveMapping
from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol

from records.live.talk import Application, Handshake, Refusal, Talk

if TYPE_CHECKING:
    from crm_site.server.room import Room

LONGEST_MESSAGE = 65_536
MESSAGES_PER_SECOND, MESSAGES_AT_ONCE = 50, 200
"""Frames of any kind, once a burst is used up; a long one counts once more for each _FRAME_BYTES."""
_MOST_PARTS, _FRAME_BYTES = 1_000, 4_096
MOST_UNREAD, MOST_UNREAD_AT_ONCE, READING_SECONDS = 1_048_576, 8_388_608, 5
"""Bytes that may wait for a reader for so many seconds, and for a moment, before he is hung up on."""
HANDSHAKE_SECONDS = 10
CLOSING_SECONDS = 5
_PIECE = 4096
_Result = TypeVar("_Result")
_QUIET = logging.getLogger("crm_site.server.frames")
_QUIET.setLevel(logging.ERROR)
_LOG = logging.getLogger(__name__)


class Socket(asyncio.Protocol):
    """A connection (`records.live.talk.Connection`) from its handshake to its end."""

    __slots__ = (
        "_budget",
        "_budget_at",
        "_is_done",
        "_is_watched",
        "_opening",
        "_parts",
        "_protocol",
        "_room",
        "_talk",
        "_timer",
        "_transport",
        "handshake",
        "heard_at",
    )
    handshake: Handshake
    _transport: asyncio.Transport

    def __init__(self, room: Room) -> None:
        """Begin as nobody's."""
        self._room = room
        self._protocol = ServerProtocol(max_size=LONGEST_MESSAGE, logger=_QUIET)
        self._talk: Talk | None = None
        self._opening: asyncio.Task[None] | None = None
        self._parts: list[bytes] | None = None
        self._is_done = self._is_watched = False
        self._budget = float(MESSAGES_AT_ONCE)
        self.heard_at = self._budget_at = room.loop.time()
        self._timer: asyncio.TimerHandle | None = room.loop.call_later(HANDSHAKE_SECONDS, self.abort)

    # What the event loop calls.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the head."""
        self._transport = transport
        self._room.add(self)

    def data_received(self, data: bytes) -> None:
        """Take in what came, in pieces: no piece has more frames than a burst may have many times over."""
        self.heard_at = self._room.loop.time()
        for start in range(0, len(data), _PIECE):
            self._protocol.receive_data(data[start : start + _PIECE])
            for event in self._protocol.events_received():
                if isinstance(event, Request):
                    self._begin(event)
                elif not self._take(event):
                    break
            self._flush()

    def eof_received(self) -> None:
        """Answer that there is no more; the loop closes."""
        self._protocol.receive_eof()
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whom it concerns."""
        del exc
        self._room.remove(self)
        if self._opening:
            self._opening.cancel()
        if self._timer:
            self._timer.cancel()
        talk, self._talk = self._talk, None
        if talk:
            self._ask(talk.closed)

    # What an application calls.

    def send(self, text: str) -> None:
        """Send a message, unless the connection is closing."""
        if self._protocol.state is State.OPEN:
            # What the protocol does for a message costs as much as all else for one event of thousands.
            self._write(_frame(text.encode()))
            self._look_at_what_waits()

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Begin to close it."""
        self._is_done = True
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, reason)
            self._flush()
        elif self._protocol.state is State.CONNECTING:
            self.abort()

    # What the room calls.

    def ping(self) -> None:
        """Ask whether somebody is there."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_ping(b"")
            self._flush()

    def abort(self) -> None:
        """Hang up at once."""
        self._transport.abort()

    # The handshake.

    def _begin(self, request: Request) -> None:
        self._transport.pause_reading()
        answer = self._protocol.accept(request)
        path, _, query = request.path.partition("?")
        application = self._room.applications.get(path)
        if answer.status_code == 101 and not application:
            answer = self._protocol.reject(404, "No socket is here.\n")
        if answer.status_code != 101 or not application:
            self._answer(answer)
            return
        headers = _joined(request.headers)
        peer = self._transport.get_extra_info("peername")
        self.handshake = Handshake(path, query, headers, self._room.address(headers, peer))
        if self._room.admit(self):
            self._opening = self._room.loop.create_task(self._open(application, answer))
        else:
            self._answer(self._protocol.reject(429, "Too many sockets from one address.\n"))

    async def _open(self, application: Application, answer: Response) -> None:
        try:
            begin = await application(self.handshake)
        except Refusal as refusal:
            self._answer(self._protocol.reject(refusal.status, f"{refusal.reason}\n"))
            return
        except Exception:
            _LOG.exception("A handshake at %s failed", self.handshake.path)
            self._answer(self._protocol.reject(500, "Internal server error.\n"))
            return
        finally:
            self._opening = None
        if self._timer:
            self._timer.cancel()
            self._timer = None
        self._answer(answer)
        self._talk = self._ask(begin, self)

    def _answer(self, answer: Response) -> None:
        if self._transport.is_closing():
            return
        if answer.status_code == 503:
            answer.headers["Retry-After"] = "5"
        self._protocol.send_response(answer)
        self._transport.resume_reading()
        self._flush()

    # Frames.

    def _take(self, frame: Any) -> bool:
        """Take a frame in; return False when nothing more is taken from this connection."""
        if self._talk is None:
            self.abort()
            return False
        if self._is_done or frame.opcode is Opcode.CLOSE:
            return False
        if not self._spend(1 + len(frame.data) // _FRAME_BYTES):
            return self._fail(1008, "Too many messages")
        if frame.opcode is Opcode.BINARY:
            return self._fail(1003, "Text only")
        if frame.opcode in (Opcode.TEXT, Opcode.CONT):
            self._add(frame)
        return not self._is_done

    def _add(self, frame: Frame) -> None:
        """Take a message, or a part of one; the protocol watches its size and the order of parts."""
        if self._parts is None and frame.fin:
            self._receive(bytes(frame.data))
            return
        self._parts = self._parts or []
        self._parts.append(bytes(frame.data))
        if len(self._parts) > _MOST_PARTS:
            self._fail(1009, "Too many parts")
        elif frame.fin:
            whole, self._parts = b"".join(self._parts), None
            self._receive(whole)

    def _receive(self, data: bytes) -> None:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            self._fail(1007, "No UTF-8")
            return
        if self._talk:
            self._ask(self._talk.received, text)

    def _spend(self, cost: int) -> bool:
        """Take a frame from the budget, which grows with time."""
        grown = self._budget + (self.heard_at - self._budget_at) * MESSAGES_PER_SECOND
        self._budget, self._budget_at = min(grown, MESSAGES_AT_ONCE) - cost, self.heard_at
        return self._budget >= 0

    def _fail(self, code: int, reason: str) -> bool:
        self._is_done = True
        self._protocol.fail(code, reason)
        self._flush()
        return False

    def _ask(self, what: Callable[..., _Result], *arguments: Any) -> _Result | None:
        """Call the application; its faults end this connection only."""
        try:
            return what(*arguments)
        except Exception:
            _LOG.exception("A socket at %s failed", self.handshake.path)
            self.close(1011, "Internal error")
            return None

    # Bytes.

    def _write(self, data: bytes) -> None:
        """Send, unless nobody is there any more: the protocol learns that later than the transport."""
        if not self._transport.is_closing():
            self._transport.write(data)

    def _flush(self) -> None:
        """Send what the protocol has to say."""
        for data in self._protocol.data_to_send():
            if data:
                self._write(data)
            elif not self._transport.is_closing() and self._transport.can_write_eof():
                self._transport.write_eof()
        if not self._timer and self._protocol.close_expected():
            self._timer = self._room.loop.call_later(CLOSING_SECONDS, self.abort)

    def _look_at_what_waits(self) -> None:
        """Hang up on who does not read."""
        waiting = self._waiting()
        if waiting > MOST_UNREAD_AT_ONCE:
            self.abort()
        elif waiting > MOST_UNREAD and not self._is_watched:
            # One event of a long text may be more, and goes out as fast as it is read.
            self._is_watched = True
            self._room.loop.call_later(READING_SECONDS, self._look_again)

    def _look_again(self) -> None:
        self._is_watched = False
        if self._waiting() > MOST_UNREAD:
            self.abort()

    def _waiting(self) -> int:
        return 0 if self._transport.is_closing() else self._transport.get_write_buffer_size()


def _frame(data: bytes) -> bytes:
    """Return a text message of a server, whole and unmasked (RFC 6455, section 5.2)."""
    size = len(data)
    if size < 126:
        return b"\x81" + size.to_bytes(1, "big") + data
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + data
    return b"\x81\x7f" + size.to_bytes(8, "big") + data


def _joined(headers: Headers) -> CaseInsensitiveMapping[str]:
    """Return the headers, each once."""
    found: dict[str, list[str]] = {}
    for name, value in headers.raw_items():
        found.setdefault(name.lower(), []).append(value)
    return CaseInsensitiveMapping(
        {name: ("; " if name == "cookie" else ", ").join(values) for name, values in found.items()}
    )
