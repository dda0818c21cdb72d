"""A running stage, and what its processes are made of."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path

from websockets.sync.client import ClientConnection, connect

from tests.start.program import ROOT, free_port, wait_for

_UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Address:
    """Where a server listens."""

    port: int

    def open(self, *, near: str = "127.0.0.1") -> socket.socket:
        """Connect; `near` is the address it comes from."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=60, source_address=(near, 0))

    def ask(self, request: str | bytes, method: str = "GET") -> Answer:
        """Send a request as it is; return the answer."""
        with self.open() as wire:
            wire.sendall(request.encode() if isinstance(request, str) else request)
            return read_answer(wire, method)

    def get(self, path: str) -> Answer:
        """Ask for a path."""
        return self.ask(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    def is_answering(self) -> bool:
        """Tell whether it is up."""
        try:
            return self.get("/hello").status == 200
        except OSError:
            return False

    def talk(self, path: str = "/echo") -> ClientConnection:
        """Open a WebSocket."""
        return connect(f"ws://127.0.0.1:{self.port}{path}", open_timeout=60, close_timeout=20, compression=None)

    def shake_hands(self, path: str = "/echo", near: str = "127.0.0.1", more: str = "") -> socket.socket:
        """Ask for a WebSocket over a plain connection, and return it before the answer."""
        wire = self.open(near=near)
        wire.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n{_UPGRADE}{more}\r\n".encode())
        return wire


def read_answer(wire: socket.socket, method: str = "GET") -> Answer:
    """Read one answer from a connection."""
    with HTTPResponse(wire, method=method) as answer:
        answer.begin()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


@dataclass
class Stage(Address):
    """Main process, HTTP processes and the live process."""

    process: subprocess.Popen[bytes]
    log: Path

    def children(self) -> set[int]:
        """Return the processes that it has started."""
        return set(map(int, Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()))

    def live(self) -> int:
        """Return the live process."""
        with self.talk() as socket:
            socket.send("pid")
            said = [socket.recv(), socket.recv()]
        return int(said[1])

    def stop(self) -> int:
        """Stop it, and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


@contextmanager
def staged(log: Path, workers: int = 2) -> Iterator[Stage]:
    """Have a stage for the length of the block."""
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "tests.server.stage", str(port), str(workers)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    stage = Stage(port, process, log)
    try:
        assert wait_for(lambda: process.poll() is not None or stage.is_answering(), 60), log.read_text()
        assert process.poll() is None, log.read_text()
        yield stage
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def descriptors(process: int) -> int:
    """Return how many descriptors a process has open."""
    return len(os.listdir(f"/proc/{process}/fd"))  # noqa: PTH208 - they come and go while one looks


def memory(process: int) -> int:
    """Return how many bytes of memory a process has."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def is_alive(process: int) -> bool:
    """Tell whether a process runs."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
