"""The live process is killed in the middle of ten thousand changes: every app ends with exactly what is committed."""

from __future__ import annotations

import os
import random
import signal
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path

import psycopg
import pytest

from crm_site.postgres import socket_url
from tests.live.copies import Copy
from tests.parse_api.sync.remote import Remote, running
from tests.start.program import Program, wait_for

pytestmark = pytest.mark.xdist_group("start")

STAGES = ("lead", "qualified", "won", "lost")
CHANGES = 10_000
WRITERS = 3
_COUNT = "SELECT count(*) FROM records_change WHERE operation IN ('insert', 'update', 'delete')"
_MAKE = """
INSERT INTO deals_deal (id, title, stage, assigned_to_id, readers, acl, created_at, updated_at, position)
SELECT 'deal' || lpad(n::text, 6, '0'), 'T', 'lead', people.ids[1 + mod(n, 4)], '{}', '{}', now(), now(), 1
FROM generate_series(%s::int, %s::int) n, (SELECT %s::text[] AS ids) people
"""
_PROMOTE = """
INSERT INTO accounts_user_groups (user_id, group_id) SELECT %s, id FROM auth_group WHERE name = 'Managers'
"""
_LOCK = "SELECT id FROM deals_deal WHERE id LIKE 'deal%%' AND random() < %s ORDER BY id FOR UPDATE"
_EDIT = """
UPDATE deals_deal SET title = title || '.', stage = (%s::text[])[1 + floor(random() * 4)::int],
    assigned_to_id = CASE WHEN random() < 0.1 THEN %s ELSE assigned_to_id END
WHERE id = ANY(%s)
"""


def live_process(program: Program) -> int:
    """Return the process that has most connections: those of the apps that listen."""
    children = Path(f"/proc/{program.process.pid}/task/{program.process.pid}/children").read_text().split()
    return int(max(children, key=_connections))


def _connections(pid: str) -> int:
    count = 0
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            count += str(each.readlink()).startswith("socket:")
    return count


class Writer(threading.Thread):
    """Changes deals at random, some transactions long, some rolled back."""

    def __init__(self, program: Program, people: list[str], seed: int) -> None:
        """Write until `enough` is set."""
        super().__init__()
        self.enough = threading.Event()
        self._place, self._people = socket_url(program.data_dir), people
        self._dice = random.Random(seed)  # noqa: S311 - a test's dice

    def run(self) -> None:
        """Write."""
        with psycopg.connect(self._place) as connection:
            while not self.enough.is_set():
                with connection.transaction():
                    self._write(connection)

    def _write(self, connection: psycopg.Connection) -> None:
        share = self._dice.choice([0.02, 0.3, 0.6])
        ids = [pk for (pk,) in connection.execute(_LOCK, [share])]  # once: who locks more by and by deadlocks
        for _ in range(self._dice.choice([1, 1, 1, 3])):
            connection.execute(_EDIT, [list(STAGES), self._dice.choice(self._people), ids])
        if self._dice.random() < 0.1:
            number = self._dice.randint(200, 999_999)
            connection.execute("DELETE FROM deals_deal WHERE id = ANY(%s)", [ids[:1]])
            connection.execute(f"{_MAKE} ON CONFLICT DO NOTHING", [number, number, self._people])
        if self._dice.random() < 0.15:
            raise psycopg.Rollback


def test_every_copy_is_what_is_committed(data_dir: Path) -> None:
    with running(data_dir) as remote:
        apps = [remote.somebody() for _ in range(4)]
        people = [app.get("/users/me").json()["objectId"] for app in apps]
        with psycopg.connect(socket_url(data_dir), autocommit=True) as database:
            database.execute(_MAKE, [1, 120, people])
            database.execute(_PROMOTE, [people[0]])
            _follow_and_kill(remote.program, apps, people, database)


def _follow_and_kill(program: Program, apps: list[Remote], people: list[str], database: psycopg.Connection) -> None:
    wheres: list[dict[str, object]] = [
        {"stage": "lead"},
        {"stage": {"$ne": "won"}},
        {"title": {"$regex": r"^T(\.\.)*$"}},
    ]
    copies = [Copy(app, where) for app in apps for where in wheres]
    for copy in copies:
        copy.begin()
    writers = [Writer(program, people, seed) for seed in range(WRITERS)]
    for writer in writers:
        writer.start()
    killed = _kill_twice_on_the_way(program, database)
    for writer in writers:
        writer.enough.set()
        writer.join()
    assert wait_for(lambda: all(copy.is_right() for copy in copies), 60), [copy.is_right() for copy in copies]
    for copy in copies:
        copy.end()
    assert len(set(killed)) == 2
    assert min(copy.connections for copy in copies) >= 3, "each was cut off, twice"
    assert sum(copy.events for copy in copies) > CHANGES / 10


def _kill_twice_on_the_way(program: Program, database: psycopg.Connection) -> list[int]:
    killed = []
    for part in (0.3, 0.6):
        assert wait_for(partial(_has, database, CHANGES * part), 120)
        killed.append(live_process(program))
        os.kill(killed[-1], signal.SIGKILL)
    assert wait_for(partial(_has, database, CHANGES), 120)
    return killed


def _has(database: psycopg.Connection, changes: float) -> bool:
    row = database.execute(_COUNT).fetchone()
    assert row
    return int(row[0]) > changes
