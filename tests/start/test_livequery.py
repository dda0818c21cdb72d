"""WebSockets of the program itself: at the port of the pages, or at a port of their own."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.start.program import ROOT, environment, free_port, serving, wait_for

pytestmark = pytest.mark.xdist_group("start")
HELLO = json.dumps({"op": "connect", "applicationId": "crm", "restAPIKey": "rest"})
KEYS = {"PARSE_REST_API_KEY": "rest"}


def said(port: int) -> str:
    """Return what LiveQuery answers to an app."""
    with connect(f"ws://127.0.0.1:{port}/parse", open_timeout=30) as socket:
        socket.send(HELLO)
        return str(json.loads(socket.recv(timeout=30))["op"])


def is_listening(port: int) -> bool:
    """Tell whether anybody speaks WebSocket there."""
    try:
        return said(port) == "connected"
    except OSError:
        return False


def test_apps_talk_at_the_port_of_the_pages(data_dir: Path) -> None:
    with serving(data_dir, **KEYS) as program:
        assert said(program.port) == "connected"
        assert program.get().status == 200


def test_sockets_may_have_a_port_of_their_own(data_dir: Path) -> None:
    port = free_port()
    with serving(data_dir, CRM_LIVE="0", **KEYS) as program:
        with pytest.raises(InvalidStatus):
            said(program.port)
        command = [sys.executable, "manage.py", "livequery", "--port", str(port)]
        with subprocess.Popen(  # noqa: S603
            command, cwd=ROOT, env=environment(data_dir, **KEYS), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as alone:
            try:
                assert wait_for(lambda: alone.poll() is not None or is_listening(port), 60)
                assert alone.poll() is None
                with connect(f"ws://127.0.0.1:{port}/parse", open_timeout=30) as socket:
                    alone.send_signal(signal.SIGTERM)
                    assert [*socket] == []
                    assert socket.close_code == 1001
                assert alone.wait(30) == 0
            finally:
                if alone.poll() is None:
                    alone.kill()
        assert program.get().status == 200
