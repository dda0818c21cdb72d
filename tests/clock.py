"""Tells what takes long and what waits, on a machine that does other things at the same time."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

BUSY = 10
"""A block may take that many times as long where others have the processor; who hangs takes longer still."""


@contextmanager
def at_most(seconds: float, *about: object) -> Iterator[None]:
    """Fail where the block takes longer: by the clock, and by what the processor did for it here and in the database.

    A machine that is busy with something else makes the clock alone a liar.
    """
    began, computed = time.monotonic(), _computed()
    yield
    took = time.monotonic() - began
    if took > seconds:
        assert took < seconds * BUSY, about
        assert _computed() - computed < seconds, about


def _computed() -> float:
    """Return the seconds of processor time that this process and its session of the database have used."""
    return time.process_time() + _session_computed()


def _session_computed() -> float:
    connection.ensure_connection()
    assert connection.connection is not None
    try:
        status = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text()
    except OSError:  # the database is on another machine
        return 0.0
    user, system = status.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def somebody_waits() -> bool:
    """Tell whether a session of this test's database waits for a lock of another; other workers have their own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone()[0])
