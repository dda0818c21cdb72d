"""Asks a server as fast as it answers, over a few connections that stay open; its own cost is measured too."""

from __future__ import annotations

import json
import select
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

CONNECTIONS = 8
_BUFFER = 1 << 20
Ask = Callable[[int], bytes]
"""Returns the bytes of the request of that number."""
Check = Callable[[int, int, bytes], bool]
"""Tells from number, status and body whether the answer is right."""


@dataclass
class Load:
    """What a round found: how long each answer took, and how long asking, the server and PostgreSQL worked for it."""

    answers: int
    seconds: float
    own_seconds: float
    milliseconds: list[float] = field(default_factory=list)
    worked: tuple[float, ...] = (0.0, 0.0)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


def request(method: str, path: str, body: Any = None, token: str = "", mount: str = "/parse") -> bytes:
    """Return a request of the Parse protocol as it goes over the wire."""
    content = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
    lines = [
        f"{method} {mount}{path} HTTP/1.1",
        "Host: 127.0.0.1",
        "X-Parse-Application-Id: crm",
        "X-Parse-REST-API-Key: rest",
        f"Content-Length: {len(content)}",
    ]
    if content:
        lines.append("Content-Type: application/json")
    if token:
        lines.append(f"X-Parse-Session-Token: {token}")
    return "\r\n".join([*lines, "", ""]).encode() + content


class Connection:
    """One that stays open, with the request that is under way."""

    def __init__(self, port: int) -> None:
        """Connect to a port of this machine."""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.number = 0
        self.began = 0.0
        self._buffer = bytearray(_BUFFER)
        self._view = memoryview(self._buffer)
        self._has = 0
        self._head = 0
        self._length = 0

    def send(self, number: int, content: bytes) -> None:
        """Send a request."""
        self.number, self._has, self._head = number, 0, 0
        self.began = time.perf_counter()
        self.socket.sendall(content)

    def receive(self) -> tuple[int, bytes] | None:
        """Take what has come; return status and body once they are whole."""
        if self._has == len(self._buffer):
            raise SystemExit("An answer is larger than the benchmark expects.")
        came = self.socket.recv_into(self._view[self._has :])
        if not came:
            raise SystemExit("The server hung up.")
        self._has += came
        if not self._head:
            self._read_head()
        if not self._head or self._has < self._head + self._length:
            return None
        return int(self._buffer[9:12]), bytes(self._view[self._head : self._head + self._length])

    def _read_head(self) -> None:
        end = self._buffer.find(b"\r\n\r\n", 0, self._has)
        if end < 0:
            return
        self._head = end + 4
        for line in bytes(self._view[:end]).split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                self._length = int(value)
                return
        raise SystemExit("The server did not say how long its answer is.")


def ask_once(port: int, content: bytes) -> tuple[int, Any]:
    """Send one request; return status and JSON."""
    connection = Connection(port)
    with connection.socket:
        connection.send(0, content)
        while (answer := connection.receive()) is None:
            pass
    return answer[0], json.loads(answer[1])


def load(port: int, ask: Ask, check: Check, *, seconds: float, first: int) -> Load:
    """Keep every connection busy for so long, with the requests from number `first` on."""
    with ExitStack() as stack:
        connections = [Connection(port) for _ in range(CONNECTIONS)]
        for connection in connections:
            stack.enter_context(connection.socket)
        return _drive(connections, ask, check, seconds=seconds, first=first)


def _drive(connections: list[Connection], ask: Ask, check: Check, *, seconds: float, first: int) -> Load:
    poll = select.epoll()
    by_socket = {connection.socket.fileno(): connection for connection in connections}
    found = Load(0, 0.0, 0.0)
    began, own = time.perf_counter(), time.process_time()
    for number, connection in enumerate(connections, first):
        poll.register(connection.socket, select.EPOLLIN)
        connection.send(number, ask(number))
    number, busy = first + len(connections), len(connections)
    while busy:
        for descriptor, _ in poll.poll():
            connection = by_socket[descriptor]
            answer = connection.receive()
            if answer is None:
                continue
            now = time.perf_counter()
            if not check(connection.number, *answer):
                raise SystemExit(f"A wrong answer: {answer[0]} {answer[1][:300]!r}")
            found.milliseconds.append((now - connection.began) * 1000)
            if now - began < seconds:
                connection.send(number, ask(number))
                number += 1
            else:
                busy -= 1
    poll.close()
    found.answers = len(found.milliseconds)
    found.seconds, found.own_seconds = time.perf_counter() - began, time.process_time() - own
    return found
