"""The program as its users start it: a process of its own on a port and a data directory of its own."""

import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import psycopg

from crm_site.postgres import socket_url
from crm_site.postgres.places import places

ROOT = Path(__file__).resolve().parents[2]
_PORTS = (10_000, 30_000)
_START_SECONDS = 180
_STOP_SECONDS = 90
SOON_SECONDS = 30
"""How long to wait for what ought to come at once: only a failure takes that long, on a busy machine too."""


@dataclass(frozen=True)
class Answer:
    """Status, headers and text of an HTTP answer."""

    status: int
    headers: Message
    text: str


@dataclass
class Program:
    """A running `manage.py serve`."""

    data_dir: Path
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def get(self, path: str = "/healthz", headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for a path; redirects are not followed."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=SOON_SECONDS)) as connection:
            connection.request("GET", path, headers=dict(headers or {}))
            with connection.getresponse() as response:
                return Answer(response.status, response.headers, response.read().decode())

    def is_answering(self) -> bool:
        """Tell whether the program is up and its database too."""
        try:
            return self.get().status == 200
        except (OSError, http.client.HTTPException):
            return False

    def output(self) -> str:
        """Return what the program has printed."""
        return self.log.read_text()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the main process."""
        self.process.send_signal(number)

    def end(self) -> int:
        """Wait until it has ended and return its exit status."""
        return self.process.wait(timeout=_STOP_SECONDS)


def free_port() -> int:
    """Return a port that nobody listens on, of those that no connection begins at.

    Who asks at one of the others whether the server is there yet may be given that port as his own, and be answered by
    himself.
    """
    while True:
        port = random.randrange(*_PORTS)  # noqa: S311 - any will do
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    """Return our environment without what the test run has set for itself."""
    dropped = ("DATABASE_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return kept | {"CRM_DATA_DIR": str(data_dir)} | more


def launch(data_dir: Path, **more: str) -> Program:
    """Start the program, as it is in ROOT, in a process group of its own, as a terminal does."""
    port = int(more.pop("PORT", free_port()))
    log = data_dir.with_name(f"{time.time_ns()}.log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=more.pop("ROOT", ROOT),
            env=environment(data_dir, PORT=str(port), **more),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Program(data_dir, port, process, log)


def wait_until_answering(program: Program) -> None:
    """Return when the program answers, and fail when it ends instead."""
    assert wait_for(lambda: program.process.poll() is not None or program.is_answering(), _START_SECONDS)
    assert program.process.poll() is None, program.output()


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Return whether the condition came true within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@contextmanager
def serving(data_dir: Path, **more: str) -> Iterator[Program]:
    """Have the program answer for the length of the block."""
    program = launch(data_dir, **more)
    try:
        wait_until_answering(program)
        yield program
    finally:
        if program.process.poll() is None:
            program.send(signal.SIGTERM)
            program.end()


def write_mark(data_dir: Path) -> None:
    """Commit a row."""
    with psycopg.connect(socket_url(data_dir)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS start_mark (id int)")
        connection.execute("INSERT INTO start_mark VALUES (1)")


def count_marks(data_dir: Path) -> int:
    """Return how many rows there are."""
    with psycopg.connect(socket_url(data_dir)) as connection:
        row = connection.execute("SELECT count(*) FROM start_mark").fetchone()
    assert row
    count: int = row[0]
    return count


def postmaster(data_dir: Path) -> int:
    """Return the process id of the embedded server."""
    return int(places(data_dir).pid_file.read_text().split("\n", 1)[0])
