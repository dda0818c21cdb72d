"""Bodies as they come over the wire: what is not whole is refused at every door."""

import socket
from collections.abc import Iterator
from http.client import HTTPResponse

import psycopg
import pytest

from crm_site.postgres import socket_url
from tests.start.program import Program, serving

pytestmark = pytest.mark.xdist_group("start")
KEYS = {"PARSE_REST_API_KEY": "rest", "PARSE_MASTER_KEY": "master"}
MASTER = "X-Parse-Application-Id: crm\r\nX-Parse-Master-Key: master\r\nContent-Type: application/json"
APP, PAGE = "/parse/classes/Activity", "/accounts/login/"
FORM = "Content-Type: application/x-www-form-urlencoded"
DOORS = pytest.mark.parametrize(
    ("path", "headers", "body"),
    [(APP, MASTER, b'{"subject": "half"}'), (PAGE, FORM, b"login=a&password=b")],
    ids=["app", "page"],
)


@pytest.fixture(scope="module")
def program(installation: Program) -> Iterator[Program]:
    """A running program whose keys are known."""
    with serving(installation.data_dir, **KEYS) as program:
        yield program


def request(*lines: str) -> bytes:
    """Return the head of a POST: its path, then its headers."""
    path, *headers = lines
    return "\r\n".join([f"POST {path} HTTP/1.1", *headers, "Host: localhost", "", ""]).encode()


def send(program: Program, sent: bytes) -> tuple[int, bytes]:
    """Send a request as it is; return status and body of the answer."""
    with socket.create_connection(("127.0.0.1", program.port), timeout=20) as wire:
        wire.sendall(sent)
        with HTTPResponse(wire, method="POST") as answer:
            answer.begin()
            return answer.status, answer.read()


def break_off(program: Program, sent: bytes) -> None:
    """Send a part of a request, and wait until the server has hung up."""
    with socket.create_connection(("127.0.0.1", program.port), timeout=20) as wire:
        wire.sendall(sent)
        wire.shutdown(socket.SHUT_WR)
        while wire.recv(65_536):
            pass


def count_activities(program: Program) -> int:
    with psycopg.connect(socket_url(program.data_dir)) as connection:
        row = connection.execute("SELECT count(*) FROM activities_activity").fetchone()
    assert row
    return int(row[0])


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


@DOORS
def test_body_in_chunks_is_as_good_as_another(program: Program, path: str, headers: str, body: bytes) -> None:
    before = count_activities(program)
    status, _answer = send(program, request(path, headers, "Transfer-Encoding: chunked") + chunked(body))
    assert status == (403 if path == PAGE else 201)
    assert count_activities(program) == before + (path != PAGE)


@DOORS
@pytest.mark.parametrize(
    "framing", ["Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked"]
)
def test_body_whose_end_is_a_matter_of_opinion_is_refused(
    program: Program, path: str, headers: str, body: bytes, framing: str
) -> None:
    before = count_activities(program)
    assert send(program, request(path, headers, framing) + chunked(body))[0] == 400
    assert count_activities(program) == before


def test_too_large_a_body_in_chunks_gets_its_answer(program: Program) -> None:
    assert send(program, request("/healthz", "Transfer-Encoding: chunked") + chunked(b"x" * 10_000_000))[0] == 413


@DOORS
def test_nothing_is_done_of_a_body_that_breaks_off(program: Program, path: str, headers: str, body: bytes) -> None:
    before = count_activities(program)
    head = request(path, headers, f"Content-Length: {len(body)}")
    in_chunks = request(path, headers, "Transfer-Encoding: chunked")
    for part in (0, len(body) // 2, len(body) - 1):
        break_off(program, head + body[:part])
        break_off(program, in_chunks + chunked(body)[:part])
    break_off(program, in_chunks + chunked(body)[:-2])
    assert send(program, head + body)[0] in (201, 403)
    assert count_activities(program) == before + (path != PAGE)
    assert "Traceback" not in program.output()


@pytest.mark.parametrize("length", ["2\r\nContent-Length: 3", "2, 2", "-1"])
def test_length_that_is_none_is_refused(program: Program, length: str) -> None:
    assert send(program, request(APP, MASTER, f"Content-Length: {length}") + b"{}")[0] == 400


def test_two_hosts_are_refused(program: Program) -> None:
    assert send(program, request(APP, MASTER, "Host: evil", "Content-Length: 2") + b"{}")[0] == 400


def test_only_http_1_is_spoken(program: Program) -> None:
    with socket.create_connection(("127.0.0.1", program.port), timeout=20) as wire:
        wire.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\x04\0\0\0\0\0")
        assert wire.recv(99).startswith(b"HTTP/1.1 400 ")


def test_header_with_an_underscore_is_not_another(program: Program) -> None:
    key = MASTER.replace("X-Parse-Master-Key", "X_Parse_Master_Key")
    assert send(program, request(APP, key, "Content-Length: 2") + b"{}")[0] == 403
