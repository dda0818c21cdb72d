"""How much processor time a server and its connections to PostgreSQL have taken, by what Linux says."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.bench.parse import places

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Meter:
    """The processes of one server: those below `pid`, and PostgreSQL's for its database."""

    pid: int
    database: str

    def read(self) -> tuple[float, float]:
        """Return the seconds that the server has worked, and PostgreSQL for those connections that are open still."""
        with psycopg.connect(places.database_url(self.database)) as connection:
            query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            backends = [pid for (pid,) in connection.execute(query)]
        return sum(map(_seconds, family(self.pid))), sum(map(_seconds, backends))


def family(pid: int) -> list[int]:
    """Return a process and all that it has started."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text().split()]
    return [pid, *(each for child in children for each in family(child))]


def _seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS
