"""Many subscribers in one process: raw WebSockets, so that listening costs as little as can be."""

from __future__ import annotations

import base64
import json
import os
import select
import socket
import struct
import time
from typing import Any

_PATIENCE = 30.0
_PER_ADDRESS = 400
"""A server takes only so many connections from one address; this machine has many of its own."""


class Subscriber:
    """One WebSocket of an app."""

    def __init__(self, port: int, number: int) -> None:
        """Open it."""
        here = f"127.0.0.{2 + number // _PER_ADDRESS}"
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE, source_address=(here, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /parse HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.socket.recv(1)
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise SystemExit(f"No WebSocket: {head!r}")

    def say(self, message: dict[str, Any]) -> None:
        """Send a message."""
        self._send(0x81, json.dumps(message).encode())

    def _send(self, head: int, text: bytes) -> None:
        size = struct.pack("!B", 128 | len(text)) if len(text) < 126 else struct.pack("!BH", 254, len(text))
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(text))
        self.socket.sendall(bytes([head]) + size + mask + masked)

    def hear(self) -> dict[str, Any]:
        """Wait for the next message."""
        while True:
            found = self.take()
            if found:
                message: dict[str, Any] = json.loads(found[0])
                self._rest = b"".join(_frame(each) for each in found[1:]) + self._rest
                return message

    def take(self) -> list[bytes]:
        """Return the messages that have come whole; a PING is answered."""
        came = self.socket.recv(1 << 18)
        if not came:
            raise SystemExit("The server hung up on a subscriber.")
        data, found, start = self._rest + came, [], 0
        while len(data) - start >= 2:
            size, body = data[start + 1], start + 2
            if size == 126:
                size, body = int.from_bytes(data[start + 2 : start + 4], "big"), start + 4
            elif size == 127:
                size, body = int.from_bytes(data[start + 2 : start + 10], "big"), start + 10
            if len(data) < body + size:
                break
            if data[start] == 0x81:
                found.append(data[body : body + size])
            elif data[start] == 0x89:
                self._send(0x8A, data[body : body + size])
            start = body + size
        self._rest = data[start:]
        return found


def _frame(text: bytes) -> bytes:
    return b"\x81\x7f" + len(text).to_bytes(8, "big") + text


class Crowd:
    """Subscribers who listen together; `times` has when each event came."""

    def __init__(self, port: int, tokens: list[str], count: int, queries: list[dict[str, Any]]) -> None:
        """Connect `count` of them, the tokens in turn, and have each follow all queries."""
        self.members = [Subscriber(port, number) for number in range(count)]
        self._by_descriptor = {each.socket.fileno(): each for each in self.members}
        self._poll = select.epoll()
        for number, each in enumerate(self.members):
            token = tokens[number % len(tokens)]
            each.say({"op": "connect", "applicationId": "crm", "restAPIKey": "rest", "sessionToken": token})
            _expect(each, "connected")
            for request_id, query in enumerate(queries, 1):
                each.say({"op": "subscribe", "requestId": request_id, "query": query, "sessionToken": token})
                _expect(each, "subscribed")
            self._poll.register(each.socket, select.EPOLLIN)
        self.times: list[float] = []

    def listen(self, *, until: int, patience: float = _PATIENCE) -> None:
        """Listen until so many events have come in all."""
        deadline = time.perf_counter() + patience
        while len(self.times) < until:
            ready = self._poll.poll(1.0)
            for descriptor, _ in ready:
                found = self._by_descriptor[descriptor].take()
                self.times += [time.perf_counter()] * len(found)
            if time.perf_counter() > deadline:
                raise SystemExit(f"{len(self.times)} of {until} events came.")

    def close(self) -> None:
        """Leave."""
        self._poll.close()
        for each in self.members:
            each.socket.close()


def _expect(subscriber: Subscriber, operation: str) -> None:
    answer = subscriber.hear()
    if answer.get("op") != operation:
        raise SystemExit(f"Not {operation}: {answer}")
