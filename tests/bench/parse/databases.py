"""Makes the two databases of a size, with the same rows in both, and fresh copies of them for each run."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import psycopg
from psycopg import sql

from crm_site.postgres.places import OWNER
from tests.bench import places as bench_places
from tests.bench.parse import places, servers
from tests.bench.parse.copy_rows import copy_rows
from tests.bench.sizes import Size

_PORT = 18_470


def prepare(size: Size, *, with_rival: bool) -> None:
    """Make what is missing or out of date."""
    ours, theirs = templates(size)
    if not _is_made(ours):
        _recreate(ours)
        url = places.database_url(ours)
        environment = os.environ | {"DATABASE_URL": url, "CRM_DATA_DIR": str(places.DATA_DIR)}
        command = [sys.executable, "-m", "tests.bench.parse.make", size.name]
        subprocess.run(command, env=environment, check=True)  # noqa: S603
        _set_made(ours)
    if with_rival and not _is_made(theirs):
        _recreate(theirs)
        with servers.rival(theirs, _PORT, 1):
            pass  # it makes its tables when it starts
        copy_rows(places.database_url(ours), places.database_url(theirs))
        _set_made(theirs)


def templates(size: Size) -> tuple[str, str]:
    """Return the names of our database and of parse-server's."""
    return f"crm_{size.name}", f"rival_{size.name}"


def fresh(template: str, *more: str, use: str = "run") -> str:
    """Return the name of a copy that nobody has written to, with what `more` statements do to it."""
    name = f"{template}_{use}"
    _recreate(name, template)
    with psycopg.connect(places.database_url(name), autocommit=True) as connection:
        for statement in more:
            connection.execute(statement)
        connection.execute("VACUUM (ANALYZE)")
    return name


def _recreate(name: str, template: str = "template1") -> None:
    _mark(name).unlink(missing_ok=True)
    names = (sql.Identifier(each) for each in (name, template, OWNER))
    made = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(*names)
    with psycopg.connect(places.superuser_url(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(made)


def _mark(name: str) -> Path:
    return places.DATA_DIR / f"{name}.made"


def _is_made(name: str) -> bool:
    return _mark(name).exists() and _mark(name).read_text() == _state()


def _set_made(name: str) -> None:
    _mark(name).write_text(_state())


def _state() -> str:
    """Return a digest of all that decides what is in the databases."""
    here = Path(__file__).parent
    files = [here / name for name in ("copy_rows.py", "make.py", "sizes.py", "rival/classes.js", "rival/package.json")]
    return hashlib.sha256(b"".join([*(path.read_bytes() for path in files), bench_places.state().encode()])).hexdigest()
