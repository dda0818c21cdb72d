"""Starts the two servers that are compared, each with as many workers, and stops them."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from tests.bench.parse import places
from tests.bench.parse.cpu import Meter
from tests.bench.places import ROOT

_START_SECONDS = 120
_STOP_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """One that answers on a port of this machine: `crm` is ours, `parse-server` the other."""

    name: str
    port: int
    meter: Meter


def install_rival() -> None:
    """Have npm install parse-server unless this very list of packages has been installed."""
    wanted = (places.RIVAL / "package.json").read_bytes()
    done = places.MODULES / "installed.json"
    if done.exists() and done.read_bytes() == wanted:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("Node and npm are needed to measure parse-server; without them: --alone")
    places.MODULES.mkdir(parents=True, exist_ok=True)
    (places.MODULES / "package.json").write_bytes(wanted)
    command = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error"]
    subprocess.run(command, cwd=places.MODULES, check=True)  # noqa: S603
    done.write_bytes(wanted)


@contextmanager
def rival(database: str, port: int, workers: int, *, live: bool = False) -> Iterator[Server]:
    """Have parse-server answer for the length of the block, with LiveQuery if asked for."""
    environment = os.environ | {
        "DATABASE": database,
        "SOCKET": places.socket_dir(),
        "PORT": str(port),
        "WORKERS": str(workers),
        "MODULES": str(places.MODULES),
        "LIVE": "1" if live else "",
        "NODE_ENV": "production",
    }
    command = [shutil.which("node") or "node", str(places.RIVAL / "server.js")]
    with _running("parse-server", command, environment, port, database) as server:
        yield server


@contextmanager
def ours(database: str, port: int, workers: int) -> Iterator[Server]:
    """Have our server answer for the length of the block."""
    environment = os.environ | {
        "DATABASE_URL": places.database_url(database),
        "CRM_DATA_DIR": str(places.DATA_DIR),
        "PARSE_APP_ID": "crm",
        "PARSE_REST_API_KEY": "rest",
        "PARSE_JAVASCRIPT_KEY": "js",
        "PARSE_CLIENT_KEY": "client",
        "PARSE_MASTER_KEY": "master",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "tests.bench.parse.ours", str(port), str(workers)]
    with _running("crm", command, environment, port, database) as server:
        yield server


@contextmanager
def _running(name: str, command: list[str], environment: dict[str, str], port: int, database: str) -> Iterator[Server]:
    with (places.DATA_DIR / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=places.DATA_DIR, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        _wait(process, name, port)
        yield Server(name, port, Meter(process.pid, database))
    finally:
        process.terminate()
        process.wait(timeout=_STOP_SECONDS)


def _wait(process: subprocess.Popen[bytes], name: str, port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"{name} did not start: see {places.DATA_DIR / name}.log")
        time.sleep(0.1)


def _answers(port: int) -> bool:
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request("GET", "/parse/health")
            return connection.getresponse().status == 200
    except OSError:
        return False
