"""Cursors of a database that was killed, and of one that was restored from a backup."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from crm_site.postgres import programs, socket_url
from crm_site.postgres import running as database
from tests.parse_api.sync.copy import GONE, Copy, news, truth
from tests.parse_api.sync.remote import Remote, installed, running
from tests.start.program import postmaster, wait_for

pytestmark = pytest.mark.xdist_group("sync")
AWAY_SECONDS = 60


def burn(data_dir: Path, transactions: int) -> None:
    """Use numbers of transactions up that leave no trace but in PostgreSQL's memory."""
    with psycopg.connect(socket_url(data_dir), autocommit=True) as other:
        for _ in range(transactions):
            other.execute("BEGIN; SELECT pg_current_xact_id(); ROLLBACK")


def kill_backend(data_dir: Path) -> None:
    """Kill a session's process: PostgreSQL ends all others, and recovers without being started anew."""
    with psycopg.connect(socket_url(data_dir)) as other:
        os.kill(other.info.backend_pid, signal.SIGKILL)


def kill_server(data_dir: Path) -> None:
    """Kill the main process of PostgreSQL, which ends all others."""
    os.kill(postmaster(data_dir), signal.SIGKILL)


def works(app: Remote) -> bool:
    """Tell whether the database is back, for every process of the program."""
    try:
        return all(app.get("/health").status_code == 200 for _ in range(8))
    except OSError:
        return False


@pytest.fixture(scope="module")
def program() -> Iterator[Remote]:
    """A program with a database of its own."""
    with installed("old") as [data_dir], running(data_dir) as app:
        yield app


def test_no_change_is_missed_after_a_crash(program: Remote) -> None:
    """A number of a transaction that the crash forgot is given out again, to one that a client must hear of."""
    app, data_dir = program.somebody(), program.program.data_dir
    app.make("first")
    copy = Copy(app)
    for kill in (kill_backend, kill_server, kill_backend):
        burn(data_dir, 20)
        copy.sync()
        kill(data_dir)
        assert wait_for(lambda: works(app), AWAY_SECONDS)
        made = app.make(f"after {kill.__name__}")
        assert news(copy.sync()) == ({"Deal": {made}}, {})
    assert copy.begun == 1
    assert copy.records == truth(app)


def test_a_restored_backup_starts_over_and_repeats_nothing(program: Remote, tmp_path: Path) -> None:
    """Into another cluster, whose transactions have lower numbers than those in the backup."""
    app, data_dir, dump = program.somebody(), program.program.data_dir, tmp_path / "crm.dump"
    burn(data_dir, 5_000)
    kept = {app.make(str(number)) for number in range(3)}
    copy = Copy(app)
    copy.sync()
    run("pg_dump", "-Fc", "-f", str(dump), socket_url(data_dir))
    with installed("new") as [new]:
        restore(dump, new)
        with running(new) as there:
            there.token, copy.app = app.token, there
            assert refusal_of(copy) == GONE
            copy.sync()
            assert (copy.begun, set(copy.records["Deal"])) == (2, kept)
            assert news(copy.sync()) == ({}, {})
            made = there.make("new")
            assert news(copy.sync()) == ({"Deal": {made}}, {})
            last, ahead = numbers(new)
            assert last < ahead < 5_000


def numbers(data_dir: Path) -> tuple[int, int]:
    """Return the last transaction in the log, and the first that has not begun."""
    ask = "SELECT max(transaction), pg_snapshot_xmax(pg_current_snapshot())::text::bigint FROM records_change"
    with psycopg.connect(socket_url(data_dir)) as other:
        found = other.execute(ask).fetchone()
    assert found is not None
    return found[0], found[1]


def refusal_of(copy: Copy) -> tuple[int, int]:
    """Return status and code of what a copy is answered."""
    answer = copy.ask()
    return answer.status_code, answer.json()["code"]


def restore(dump: Path, data_dir: Path) -> None:
    """Restore a backup while nothing else uses the database."""
    with database(data_dir):
        run("pg_restore", "--no-owner", "-d", socket_url(data_dir), str(dump))


def run(program: str, *options: str) -> None:
    """Run a program of PostgreSQL."""
    command = [str(programs.installed() / "bin" / program), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - PostgreSQL's own
    assert done.returncode == 0, done.stderr
