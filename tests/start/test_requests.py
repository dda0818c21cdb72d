"""What the server answers when no view can."""

import http.client
import os
import signal
from pathlib import Path

import pytest

from crm_site.postgres.places import places
from tests.start.program import Program, postmaster, serving, wait_for

pytestmark = pytest.mark.xdist_group("start")


@pytest.fixture(scope="module")
def program(installation: Program) -> object:
    """A program that serves for the length of this file."""
    with serving(installation.data_dir) as program:
        yield program


def post(program: Program, body: bytes, content_type: str) -> int:
    """Send a body and return the status of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", program.port, timeout=20)
    connection.request("POST", "/healthz", body, {"Content-Type": content_type})
    status = connection.getresponse().status
    connection.close()
    return status


def test_too_large_a_body_is_refused_by_its_length(program: Program) -> None:
    assert post(program, b"a=" + b"x" * 3_000_000, "application/x-www-form-urlencoded") == 413
    assert post(program, b"x" * 25_000_000, "multipart/form-data; boundary=x") == 413
    assert post(program, b"a=b", "application/x-www-form-urlencoded") == 405


@pytest.mark.parametrize("path", ["/%00", "/companies/%00/", "/?q=%00", "/healthz?q=a%00b"])
def test_nul_in_the_address_is_a_bad_request(program: Program, path: str) -> None:
    assert program.get(path).status == 400


def test_pages_wait_for_the_database(program: Program, data_dir: Path) -> None:
    server = postmaster(data_dir)
    os.kill(server, signal.SIGSTOP)  # it accepts connections and answers nothing
    try:
        assert program.get("/healthz").status == 503
    finally:
        os.kill(server, signal.SIGCONT)
    assert wait_for(lambda: program.get("/healthz").status == 200, 5)
    assert places(data_dir).pid_file.exists()
