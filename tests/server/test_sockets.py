"""WebSockets: what may be sent over them, who is hung up on, and that nobody else notices."""

from __future__ import annotations

import socket
import struct
import time
from contextlib import ExitStack, suppress
from threading import Event

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from crm_site.server import room as rooms_module
from crm_site.server import sockets as limits
from crm_site.server.room import Room
from tests.server.actors import Address, read_answer
from tests.start.program import wait_for

pytestmark = pytest.mark.xdist_group("server")


def frame(opcode: Opcode, data: bytes, *, fin: bool = True) -> bytes:
    """Return a frame as a client sends it."""
    return Frame(opcode, data, fin).serialize(mask=True)


def opened(address: Address, near: str = "127.0.0.1") -> socket.socket:
    """Return a plain connection after the handshake and the greeting."""
    wire = address.shake_hands(near=near)
    found = b""
    while b"hello" not in found:
        data = wire.recv(4096)
        assert data, found
        found += data
    assert found.startswith(b"HTTP/1.1 101 ")
    return wire


def test_text_comes_back(sockets: Address) -> None:
    with sockets.talk() as connection:
        assert connection.recv() == "hello"
        for text in ("Ä", "x" * 65_536, ""):
            connection.send(text)
            assert connection.recv() == text
        connection.send(["in ", "three ", "parts"])
        assert connection.recv() == "in three parts"
        assert connection.ping().wait(10)


@pytest.mark.parametrize(
    ("path", "status"), [("/echo?refused", 403), ("/echo?fault", 500), ("/elsewhere", 404), ("/echo/", 404)]
)
def test_who_is_not_let_in_gets_an_answer(sockets: Address, path: str, status: int) -> None:
    with sockets.shake_hands(path) as wire:
        assert read_answer(wire).status == status
        assert wire.recv(1) == b""


@pytest.mark.parametrize("head", ["GET /echo HTTP/1.1\r\nHost: x\r\n\r\n", "nonsense\r\n\r\n"])
def test_what_is_no_handshake_is_no_socket(sockets: Address, head: str) -> None:
    with sockets.open() as wire:
        wire.sendall(head.encode())
        assert not wire.recv(4096).startswith(b"HTTP/1.1 101")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(Opcode.TEXT, b"x" * 65_537), 1009),
        (frame(Opcode.TEXT, b"x" * 40_000, fin=False) + frame(Opcode.CONT, b"x" * 40_000), 1009),
        (frame(Opcode.BINARY, b"x"), 1003),
        (frame(Opcode.TEXT, b"\xff"), 1007),
        (frame(Opcode.CONT, b"x"), 1002),
        (Frame(Opcode.TEXT, b"x").serialize(mask=False), 1002),
        (frame(Opcode.TEXT, b"x") * 300, 1008),
        (frame(Opcode.PING, b"") * 300, 1008),
        (frame(Opcode.TEXT, b"fail"), 1011),
        (frame(Opcode.TEXT, b"close"), 4000),
    ],
    ids=["large", "large in parts", "binary", "no text", "part of nothing", "bare", "many", "pings", "fault", "wish"],
)
def test_who_breaks_a_rule_is_told_which(sockets: Address, sent: bytes, code: int) -> None:
    with sockets.talk() as other, opened(sockets) as wire:
        wire.sendall(sent)
        found = b""
        while data := wire.recv(65_536):
            found += data
        assert code.to_bytes(2, "big") in found
        other.send("still here")
        assert [other.recv(), other.recv()] == ["hello", "still here"]


def test_message_that_is_too_large_is_not_waited_for(sockets: Address) -> None:
    with opened(sockets) as wire:
        wire.sendall(b"\x81\xff" + (1 << 40).to_bytes(8, "big") + b"mask" + b"x" * 100)
        assert wire.recv(2)[0] == 0x88


def test_who_answers_pings_stays_and_who_does_not_goes(
    monkeypatch: pytest.MonkeyPatch, sockets: Address, rooms: list[Room]
) -> None:
    monkeypatch.setattr(rooms_module, "QUIET_SECONDS", 3)
    monkeypatch.setattr(rooms_module, "PING_SECONDS", 1)
    with sockets.talk() as present, opened(sockets) as absent:
        assert present.recv() == "hello"
        absent.settimeout(60)
        found = b""
        with suppress(ConnectionResetError):
            while data := absent.recv(100):
                found += data
        assert found.startswith(b"\x89\x00")
        assert wait_for(lambda: len(rooms[0]) == 1, 10)
        present.send("still here")
        assert present.recv() == "still here"


def test_handshake_that_never_ends_is_hung_up_on(monkeypatch: pytest.MonkeyPatch, sockets: Address) -> None:
    monkeypatch.setattr(limits, "HANDSHAKE_SECONDS", 0.5)
    with sockets.open() as silent, sockets.shake_hands("/echo?slow") as slow:
        for wire in (silent, slow):
            with suppress(ConnectionResetError):
                assert wire.recv(100) == b""


def test_who_does_not_read_is_hung_up_on_and_nobody_else(sockets: Address, rooms: list[Room]) -> None:
    with sockets.talk() as other, opened(sockets) as wire:
        assert other.recv() == "hello"
        with suppress(ConnectionError):
            for _ in range(20):
                wire.sendall(frame(Opcode.TEXT, b"flood 8"))
                time.sleep(0.05)
        assert wait_for(lambda: len(rooms[0]) == 1, 10)
        other.send("still here")
        assert other.recv() == "still here"


def test_one_address_has_a_share_only(monkeypatch: pytest.MonkeyPatch, sockets: Address, rooms: list[Room]) -> None:
    monkeypatch.setattr(rooms_module, "MOST_PER_ADDRESS", 3)
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(opened(sockets))
        with sockets.shake_hands() as wire:
            assert read_answer(wire).status == 429
        with opened(sockets, near="127.0.0.2"):
            assert wait_for(lambda: len(rooms[0]) == 4, 5)
    assert wait_for(lambda: len(rooms[0]) == 0, 5)
    with opened(sockets):
        assert not rooms[0]._addresses.keys() - {"127.0.0.1"}


def test_address_is_that_which_our_proxies_name(sockets: Address, rooms: list[Room], settings: object) -> None:
    with sockets.shake_hands(more="X-Forwarded-For: 1.2.3.4, 5.6.7.8\r\n") as wire:
        assert wire.recv(12) == b"HTTP/1.1 101"
        assert {each.handshake.address for each in rooms[0]._sockets} == {"127.0.0.1"}
    settings.CRM_PROXY_HOPS = 1  # type: ignore[attr-defined]
    with sockets.shake_hands(more="X-Forwarded-For: 1.2.3.4, 5.6.7.8\r\n") as wire:
        assert wire.recv(12) == b"HTTP/1.1 101"
        assert "5.6.7.8" in {each.handshake.address for each in rooms[0]._sockets}


def test_end_of_the_server_is_told(sockets: Address, rooms: list[Room]) -> None:
    with sockets.talk() as connection:
        assert connection.recv() == "hello"
        loop = rooms[0].loop
        loop.call_soon_threadsafe(lambda: loop.create_task(rooms[0].close()))
        with pytest.raises(ConnectionClosed) as end:
            connection.recv(timeout=30)
        assert end.value.rcvd
        assert end.value.rcvd.code == 1001


def test_who_is_gone_can_be_told_anything(sockets: Address, rooms: list[Room]) -> None:
    """What is told to many does not end for the others because one of them broke off."""
    with sockets.talk(), opened(sockets) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        port = wire.getsockname()[1]
        (gone,) = (each for each in rooms[0]._sockets if each._transport.get_extra_info("peername")[1] == port)
    assert wait_for(lambda: gone not in rooms[0]._sockets, 10)
    problems: list[BaseException] = []

    done = Event()

    def tell() -> None:
        try:
            gone.send("x")
            gone.ping()
            gone.close(1012, "Look again")
        except BaseException as problem:
            problems.append(problem)
        done.set()

    rooms[0].loop.call_soon_threadsafe(tell)
    assert done.wait(10)
    assert problems == []


def test_long_messages_count_for_more(sockets: Address) -> None:
    with sockets.talk() as connection:
        assert connection.recv() == "hello"
        heard = 0
        with suppress(ConnectionClosed):
            for _ in range(limits.MESSAGES_AT_ONCE):
                connection.send("x" * 65_000)
                connection.recv()
                heard += 1
        assert 2 <= heard < limits.MESSAGES_AT_ONCE // 8
        assert connection.close_code == 1008


def test_message_in_too_many_parts_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, sockets: Address) -> None:
    monkeypatch.setattr(limits, "_MOST_PARTS", 20)
    with opened(sockets) as wire:
        wire.sendall(frame(Opcode.TEXT, b"", fin=False) + frame(Opcode.CONT, b"", fin=False) * 30)
        assert wire.recv(100)[2:4] == (1009).to_bytes(2, "big")
