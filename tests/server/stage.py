"""The server with parts on stage that need no database: `python -m tests.server.stage PORT [WORKERS]`."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import uvloop

from crm_site.server.handover import Receiver
from records.live.talk import Connection, Handshake, Refusal, Talk

PIECE = b"0123456789abcdef" * 4096
Start = Callable[[str, list[tuple[str, str]]], Any]


def handler(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """Answer as a WSGI application: what, the path says; how much, the query."""
    name = environ["PATH_INFO"].partition("/")[2]
    amount = float(environ["QUERY_STRING"] or 0)
    part: Callable[[dict[str, Any], Start, float], Iterable[bytes]] = globals().get(f"answer_{name}", answer_unknown)
    return part(environ, start, amount)


def answer_unknown(environ: dict[str, Any], start: Start, _: float) -> Iterable[bytes]:
    """Say what was asked for."""
    start("404 Not Found", [])
    return [environ["PATH_INFO"].encode("latin-1")]


def answer_hello(_: dict[str, Any], start: Start, seconds: float) -> Iterable[bytes]:
    """Say hello, after a while."""
    time.sleep(seconds)
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]


def answer_pid(_: dict[str, Any], start: Start, __: float) -> Iterable[bytes]:
    """Say which process answers."""
    start("200 OK", [])
    return [str(os.getpid()).encode()]


def answer_nothing(_: dict[str, Any], start: Start, __: float) -> Iterable[bytes]:
    """Answer without a body, as Django does."""
    start("204 No Content", [("Content-Length", "0")])
    return [b""]


def answer_body(environ: dict[str, Any], start: Start, _: float) -> Iterable[bytes]:
    """Say what came: its length, whether it is on disk, its beginning, and the headers."""
    body = environ["wsgi.input"]
    content = body.read()
    said = {
        "length": len(content),
        "announced": environ.get("CONTENT_LENGTH"),
        "is_on_disk": getattr(body, "_rolled", False),
        "begin": content[:20].decode("latin-1"),
        "headers": {key: value for key, value in environ.items() if key.startswith("HTTP_")},
    }
    start("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(said).encode()]


def answer_stream(_: dict[str, Any], start: Start, pieces: float) -> Iterable[bytes]:
    """Send so many pieces of 64 KB."""
    start("200 OK", [])
    return (PIECE for _ in range(int(pieces)))


def answer_drip(_: dict[str, Any], start: Start, seconds: float) -> Iterator[bytes]:
    """Send a piece, wait, and send another."""
    start("200 OK", [])
    yield PIECE
    time.sleep(seconds)
    yield b"end"


def answer_breaks(_: dict[str, Any], start: Start, __: float) -> Iterator[bytes]:
    """Fail in the middle."""
    start("200 OK", [])
    yield PIECE
    raise RuntimeError("in the middle")


class Echo:
    """Sends back what it hears, or does what it is told."""

    def __init__(self, connection: Connection) -> None:
        """Greet."""
        self._connection = connection
        connection.send("hello")

    def received(self, text: str) -> None:
        """Do it."""
        word, _, rest = text.partition(" ")
        if word == "flood":
            for _ in range(int(rest)):
                self._connection.send("x" * 65_536)
        elif word == "close":
            self._connection.close(4000, "as you say")
        elif word == "fail":
            raise RuntimeError("as you say")
        elif word == "pid":
            self._connection.send(str(os.getpid()))
        else:
            self._connection.send(text)

    def closed(self) -> None:
        """Hear of it."""


async def echo(handshake: Handshake) -> Callable[[Connection], Talk]:
    """Let everybody in but those who ask for something else."""
    if handshake.query == "refused":
        raise Refusal(403, "Not you.")
    if handshake.query == "fault":
        raise RuntimeError("in the handshake")
    if handshake.query == "slow":
        await asyncio.sleep(60)
    return Echo


def talk(receiver: Receiver) -> None:
    """Be the live process."""
    from crm_site.live import process

    stop = asyncio.Event()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.get_loop().add_signal_handler(signal.SIGTERM, stop.set)
        runner.run(process.talk(lambda room: process.handed_over(room, receiver), {"/echo": echo}, stop))


def main(port: int, workers: int) -> None:
    """Serve."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_site.settings")
    django.setup()
    from crm_site.server import supervisor

    supervisor.run("127.0.0.1", port, workers, handler, talk)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2)
