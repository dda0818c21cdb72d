"""The processes of the server: connections go from one to another, and each of them may die."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.server.actors import Stage, descriptors, is_alive, read_answer
from tests.start.program import wait_for

pytestmark = pytest.mark.xdist_group("server")


def test_connection_becomes_a_socket_in_another_process(stage: Stage) -> None:
    assert stage.live() != int(stage.get("/pid").body)
    with stage.open() as wire:
        wire.sendall(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_answer(wire).status == 200
        wire.sendall(
            b"GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert wire.recv(12) == b"HTTP/1.1 101"


def test_other_upgrades_are_not_made(stage: Stage) -> None:
    answer = stage.ask("GET /hello HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n")
    assert (answer.status, answer.body) == (200, b"hello")


def test_no_descriptor_is_left_behind(stage: Stage) -> None:
    assert stage.live() in stage.children()
    before = {child: descriptors(child) for child in stage.children()}

    def visit(number: int) -> None:
        path = ("/echo", "/echo?refused", "/elsewhere")[number % 3]
        with stage.shake_hands(path) as wire:
            assert wire.recv(12).startswith(b"HTTP/1.1")

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(visit, range(300)))
    assert wait_for(lambda: all(descriptors(child) <= count + 1 for child, count in before.items()), 10), before


def test_each_http_process_keeps_to_a_cpu_of_its_own(stage: Stage) -> None:
    cpus = {child: os.sched_getaffinity(child) for child in stage.children()}
    everywhere = cpus.pop(stage.live())
    assert everywhere == os.sched_getaffinity(0)
    assert all(len(each) == 1 for each in cpus.values())
    assert len(set.union(*cpus.values())) == min(len(cpus), len(everywhere))


def test_open_sockets_are_the_live_process_alone(stage: Stage) -> None:
    live = stage.live()
    before = {child: descriptors(child) for child in stage.children()}
    with ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(stage.talk()).recv()
        grown = {child: descriptors(child) - count for child, count in before.items()}
    assert grown.pop(live) >= 45  # that of the question before may still have been counted
    assert max(grown.values()) <= 1


def test_http_goes_on_without_the_live_process_which_comes_back(own_stage: Stage) -> None:
    live = own_stage.live()
    with own_stage.talk() as connection:
        connection.recv()
        os.kill(live, signal.SIGSTOP)
        os.kill(live, signal.SIGKILL)
        with pytest.raises(ConnectionClosed):
            connection.recv(timeout=20)
    statuses = Counter[int]()
    deadline = time.monotonic() + 20
    while not statuses[101] and time.monotonic() < deadline:
        assert own_stage.get("/hello").status == 200
        with own_stage.shake_hands() as wire:
            answer = wire.recv(4096)
            statuses[int(answer.split()[1])] += 1
            assert b" 101 " in answer or b"Retry-After: " in answer
    assert set(statuses) <= {101, 503}
    assert own_stage.live() != live
    assert "The live process ended (signal 9) and is started again." in own_stage.log.read_text()


def test_http_process_that_dies_comes_back(own_stage: Stage) -> None:
    with own_stage.talk() as connection:
        connection.recv()
        for _ in range(3):
            os.kill(int(own_stage.get("/pid").body), signal.SIGKILL)
            assert wait_for(own_stage.is_answering, 20)
        connection.send("untouched")
        assert connection.recv() == "untouched"
        assert wait_for(lambda: len(own_stage.children()) == 3, 20)


def test_killed_main_process_leaves_nobody(own_stage: Stage) -> None:
    children = own_stage.children()
    assert len(children) == 3
    own_stage.process.kill()
    own_stage.process.wait()
    assert wait_for(lambda: not any(map(is_alive, children)), 5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_request_under_way_is_answered_before_the_end(own_stage: Stage, number: signal.Signals) -> None:
    children = own_stage.children()
    with own_stage.open() as wire:
        wire.sendall(b"GET /hello?3 HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.5)
        own_stage.process.send_signal(number)
        answer = read_answer(wire)
        assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert own_stage.process.wait(timeout=30) == 0
    assert not any(map(is_alive, children))


class Customer:
    """Asks again and again; every other one keeps its connection."""

    def __init__(self, stage: Stage, *, keeps: bool) -> None:
        """Ask this server."""
        self._stage, self._keeps = stage, keeps
        self.answered, self.wrong = 0, list[str]()

    def ask_until_refused(self) -> Customer:
        """Ask five times a second until nobody listens any more."""
        with suppress(ConnectionRefusedError):
            while True:
                with self._stage.open() as wire:
                    self._ask_over(wire)
        return self

    def _ask_over(self, wire: socket.socket) -> None:
        is_open = True
        while is_open:
            try:
                wire.sendall(b"GET /hello?0.02 HTTP/1.1\r\nHost: x\r\n\r\n")
                answer = read_answer(wire)
            except (OSError, ValueError) as error:
                self.wrong.append(f"{time.monotonic():.3f}: {error!r}")
                return
            self.answered += 1
            if (answer.status, answer.body) != (200, b"hello"):
                self.wrong.append(f"{answer}")
            is_open = self._keeps and answer.headers.get("connection") != "close"
            time.sleep(0.18)


def test_stop_under_load_breaks_no_answer(own_stage: Stage) -> None:
    """50 requests a second from ten customers, and 100 sockets."""
    with ExitStack() as stack, ThreadPoolExecutor(10) as pool:
        talks = [stack.enter_context(own_stage.talk()) for _ in range(100)]
        customers = [Customer(own_stage, keeps=bool(number % 2)) for number in range(10)]
        asking = [pool.submit(customer.ask_until_refused) for customer in customers]
        time.sleep(2)
        stopped_at = time.monotonic()
        own_stage.process.send_signal(signal.SIGTERM)
        codes = Counter(closing_code(talk) for talk in talks)
        assert own_stage.process.wait(timeout=30) == 0
        seconds = time.monotonic() - stopped_at
        done = [each.result() for each in asking]
    assert codes == {1001: 100}
    assert [line for customer in done for line in customer.wrong] == []
    assert sum(customer.answered for customer in done) > 50
    assert seconds < 30


def closing_code(talk: ClientConnection) -> int:
    """Read until the server closes, and return why."""
    try:
        while True:
            talk.recv(timeout=30)
    except ConnectionClosed as end:
        return end.rcvd.code if end.rcvd else 0


def test_port_is_free_after_the_end(own_stage: Stage) -> None:
    assert own_stage.stop() == 0
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", own_stage.port))
