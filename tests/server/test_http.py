"""HTTP as it goes over the wire."""

from __future__ import annotations

import json
import socket
import time

import pytest

from crm_site.server import bodies
from crm_site.server import http as limits
from tests.server.actors import Address, Stage, memory, read_answer
from tests.server.stage import PIECE
from tests.start.program import wait_for

pytestmark = pytest.mark.xdist_group("server")


def post(path: str, *headers: str) -> bytes:
    """Return the head of a request with a body."""
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def closed(wire: socket.socket) -> bytes:
    """Return what comes until the server hangs up."""
    found = b""
    try:
        while data := wire.recv(65_536):
            found += data
    except ConnectionResetError:
        pass
    return found


def test_connection_serves_many_requests(stage: Stage) -> None:
    with stage.open() as wire:
        for _ in range(3):
            wire.sendall(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = read_answer(wire)
            assert (answer.status, answer.body) == (200, b"hello")
            assert "connection" not in answer.headers
            assert "server" not in answer.headers


def test_requests_sent_at_once_are_answered_in_their_order(stage: Stage) -> None:
    with stage.open() as wire:
        wire.sendall(
            b"GET /hello?0.3 HTTP/1.1\r\nHost: x\r\n\r\n"
            + (post("/body", "Content-Length: 3") + b"abc")
            + b"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        found = closed(wire)
    assert found.count(b"HTTP/1.1 ") == 3
    assert found.index(b"hello") < found.index(b'"length": 3') < found.index(b"/last")


def test_old_clients_get_a_length_and_no_chunks(stage: Stage) -> None:
    answer = stage.ask("GET /stream?3 HTTP/1.0\r\n\r\n")
    assert answer.headers["content-length"] == str(3 * len(PIECE))
    assert "transfer-encoding" not in answer.headers
    assert answer.body == 3 * PIECE


def test_head_and_empty_answers_have_no_body(stage: Stage) -> None:
    with stage.open() as wire:
        wire.sendall(b"HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = read_answer(wire, "HEAD")
        assert (answer.headers["content-length"], answer.body) == ("5", b"")
        wire.sendall(b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = read_answer(wire)
        assert (answer.status, answer.body) == (204, b"")
        assert not {"content-length", "transfer-encoding"} & answer.headers.keys()
        wire.sendall(b"HEAD /stream?2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert closed(wire).endswith(b"\r\n\r\n")


def test_path_is_what_was_sent(stage: Stage) -> None:
    assert stage.get("/caf%C3%A9/%FF%2Fx").body == b"/caf\xc3\xa9/\xff/x"
    assert stage.get("//evil/x").body == b"//evil/x"
    assert stage.get("http://elsewhere/x").body == b"/x"


def test_sender_who_waits_for_it_is_told_to_go_on(stage: Stage) -> None:
    with stage.open() as wire:
        wire.sendall(post("/body", "Content-Length: 5", "Expect: 100-continue"))
        assert wire.recv(99) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.sendall(b"12345")
        assert json.loads(read_answer(wire).body)["length"] == 5


@pytest.mark.parametrize(
    ("framing", "size"), [("Content-Length: 2621441", 0), ("Transfer-Encoding: chunked", 2_621_441)]
)
def test_only_the_size_of_too_large_a_body_reaches_the_thread(stage: Stage, framing: str, size: int) -> None:
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (size, b"x" * size) if size else b"x" * 2_621_441
    said = json.loads(stage.ask(post("/body", framing) + body, "POST").body)
    assert (said["length"], int(said["announced"])) == (0, 2_621_441)


def test_large_upload_is_kept_on_disk(stage: Stage) -> None:
    head = post("/body", "Content-Type: multipart/form-data; boundary=x", "Content-Length: 10000000")
    said = json.loads(stage.ask(head + b"abc" + b"x" * 9_999_997, "POST").body)
    assert (said["length"], said["is_on_disk"], said["begin"][:3]) == (10_000_000, True, "abc")
    said = json.loads(stage.ask(post("/body", "Content-Length: 2000") + b"x" * 2000, "POST").body)
    assert (said["length"], said["is_on_disk"]) == (2000, False)


def test_body_in_chunks_has_a_length_in_the_end(stage: Stage) -> None:
    with stage.open() as wire:
        wire.sendall(post("/body", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n")
        time.sleep(0.2)
        wire.sendall(b"2;x=y\r\nde\r\n0\r\nX-Trailer: late\r\n\r\n")
        said = json.loads(read_answer(wire, "POST").body)
    assert (said["announced"], said["begin"]) == ("5", "abcde")
    assert said["headers"] == {"HTTP_HOST": "x"}


def test_headers_sent_twice_are_joined_and_doubtful_ones_left_out(stage: Stage) -> None:
    sent = post("/body", "X-A: 1", "x-a: 2", "Cookie: a=1", "Cookie: b=2", "X_A: 3", "Content-Length: 0")
    headers = json.loads(stage.ask(sent, "POST").body)["headers"]
    assert headers == {"HTTP_HOST": "x", "HTTP_X_A": "1,2", "HTTP_COOKIE": "a=1; b=2"}


@pytest.mark.parametrize(
    "request_",
    [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "POST /body HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
        "nonsense\r\n\r\n",
    ],
)
def test_doubtful_request_is_refused(stage: Stage, request_: str) -> None:
    with stage.open() as wire:
        wire.sendall(request_.encode())
        found = closed(wire)
    assert found.startswith(b"HTTP/1.1 400 ")
    assert found.count(b"HTTP/1.1") == 1


def test_large_answer_comes_as_it_is_made(stage: Stage) -> None:
    with stage.open() as wire:
        began = time.monotonic()
        wire.sendall(b"GET /drip?2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert wire.recv(9) == b"HTTP/1.1 "
        assert time.monotonic() - began < 1.5
        assert closed(wire).endswith(b"3\r\nend\r\n0\r\n\r\n")


def test_answer_that_fails_on_the_way_looks_broken(http: Address) -> None:
    with http.open() as wire:
        wire.sendall(b"GET /breaks HTTP/1.1\r\nHost: x\r\n\r\n")
        assert not closed(wire).endswith(b"0\r\n\r\n")
    assert http.get("/hello").status == 200


def test_slow_reader_holds_no_memory(stage: Stage) -> None:
    with stage.open() as slow:
        process = int(stage.get("/pid").body)
        before = sum(memory(each) for each in stage.children())
        slow.sendall(b"GET /stream?3200 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        time.sleep(1)
        assert sum(memory(each) for each in stage.children()) - before < 20_000_000
        assert stage.get("/hello").status == 200
        found = 0
        while data := slow.recv(1_000_000):
            found += len(data)
        assert found > 3200 * len(PIECE)
    assert process in stage.children()


def test_thread_of_a_reader_who_is_gone_is_free_again(http: Address) -> None:
    for _ in range(20):
        with http.open() as wire:
            wire.sendall(b"GET /stream?3200 HTTP/1.1\r\nHost: x\r\n\r\n")
            wire.recv(10)
    began = time.monotonic()
    assert http.get("/hello").body == b"hello"
    assert time.monotonic() - began < 5


def test_head_that_never_ends_is_hung_up_on(monkeypatch: pytest.MonkeyPatch, http: Address) -> None:
    monkeypatch.setattr(limits, "_HEAD_SECONDS", 0.5)
    with http.open() as silent, http.open() as slow, http.open() as second:
        second.sendall(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_answer(second).status == 200
        slow.sendall(b"GET / HT")
        second.sendall(b"GET / HT")
        began = time.monotonic()
        for wire in (silent, slow, second):
            assert closed(wire) == b""
        assert time.monotonic() - began < 5


LONG_HEADS = [b"GET /" + b"x" * 300_000, b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: bc\r\n" * 30_000]


@pytest.mark.parametrize("head", LONG_HEADS, ids=["path", "headers"])
def test_head_that_is_too_long_is_refused(stage: Stage, head: bytes) -> None:
    with stage.open() as wire:
        wire.sendall(head)
        assert wire.recv(12) in (b"HTTP/1.1 431", b"HTTP/1.1 400")


def test_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, http: Address) -> None:
    monkeypatch.setattr(bodies, "_QUIET_SECONDS", 0.3)
    answer = http.ask(post("/body", "Content-Length: 5") + b"12", "POST")
    assert (answer.status, answer.headers["connection"]) == (408, "close")


def test_there_are_no_more_connections_than_allowed(monkeypatch: pytest.MonkeyPatch, http: Address) -> None:
    monkeypatch.setattr(limits, "_MOST_CONNECTIONS", 2)
    with http.open() as first, http.open() as second:
        for wire in (first, second):
            wire.sendall(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
            assert read_answer(wire).status == 200
        answer = http.get("/hello")
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert wait_for(lambda: http.get("/hello").status == 200, 5)
