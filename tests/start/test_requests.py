"""What the server answers when no view can."""

import gzip
import http.client
import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import brotli
import pytest

from crm_site.postgres import running
from tests.start.program import SOON_SECONDS, Program, serving, wait_for
from tests.start.wire import Wire, wire_to

pytestmark = pytest.mark.xdist_group("start")

SOMEBODY = {"Cookie": "sessionid=abcdefghijklmnopqrstuvwxyz123456"}


@pytest.fixture(scope="module")
def wire(installation: Program) -> Iterator[Wire]:
    """The network to a database that is not the program's own."""
    with running(installation.data_dir) as at, wire_to(at.socket_dir / ".s.PGSQL.5432") as wire:
        yield wire


@pytest.fixture(scope="module")
def program(installation: Program, wire: Wire) -> Iterator[Program]:
    """A program that uses that database."""
    url = f"postgres://crm@127.0.0.1:{wire.port}/crm"
    with serving(installation.data_dir, DATABASE_URL=url) as program:
        yield program


def post(program: Program, body: bytes, content_type: str) -> int:
    """Send a body and return the status of the answer."""
    with closing(http.client.HTTPConnection("127.0.0.1", program.port, timeout=20)) as connection:
        connection.request("POST", "/healthz", body, {"Content-Type": content_type})
        with connection.getresponse() as response:
            return response.status


def test_too_large_a_body_is_refused(program: Program) -> None:
    assert post(program, b"a=" + b"x" * 3_000_000, "application/x-www-form-urlencoded") == 413
    assert post(program, b"x" * 25_000_000, "multipart/form-data; boundary=x") == 413
    assert post(program, b"a=b", "application/x-www-form-urlencoded") == 403


@pytest.mark.parametrize("encoding", ["br", "gzip", None])
def test_static_files_are_compressed_and_stay(program: Program, encoding: str | None) -> None:
    names = json.loads((program.data_dir / "static/staticfiles.json").read_text())["paths"]
    with closing(http.client.HTTPConnection("127.0.0.1", program.port, timeout=20)) as connection:
        connection.request(
            "GET", f"/static/{names['css/board.css']}", headers={"Accept-Encoding": encoding or "identity"}
        )
        with connection.getresponse() as response:
            body = response.read()
            headers = response.headers
    assert (headers["Content-Encoding"], headers["Vary"]) == (encoding, "Accept-Encoding")
    assert "immutable" in headers["Cache-Control"]
    unpack: dict[str | None, Callable[[bytes], bytes]] = {"br": brotli.decompress, "gzip": gzip.decompress}
    assert b".board" in unpack.get(encoding, bytes)(body)


@pytest.mark.parametrize("path", ["/%00", "/companies/%00/", "/?q=%00", "/healthz?q=a%00b"])
def test_nul_in_the_address_is_a_bad_request(program: Program, path: str) -> None:
    answer = program.get(path)
    assert answer.status == 400
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_pages_say_that_the_database_is_away_and_come_back(program: Program, wire: Wire) -> None:
    assert program.get("/", SOMEBODY).status in {200, 302}
    wire.cut()
    for path in ("/", "/companies/", "/healthz"):
        began = time.monotonic()
        answer = program.get(path, SOMEBODY)
        assert answer.status == 503
        assert time.monotonic() - began < 8
    assert program.get("/", SOMEBODY).headers["Retry-After"] == "5"
    assert "database is away" in program.get("/", SOMEBODY).text
    wire.mend()
    assert wait_for(lambda: program.get("/", SOMEBODY).status in {200, 302}, SOON_SECONDS)
    assert program.get("/healthz").status == 200
