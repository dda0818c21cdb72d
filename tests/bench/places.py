"""Where the two databases are kept, in a cluster of their own below var/bench, and whether they are up to date."""

from __future__ import annotations

import hashlib
from pathlib import Path

import psycopg

from crm_site.postgres import socket_url
from tests.bench.sizes import Size

ROOT = Path(__file__).resolve().parents[2]
DATA_DIR = ROOT / "var" / "bench"
_APPS = ("accounts", "records", "companies", "contacts", "deals", "activities")


def is_made(size: Size) -> bool:
    """Tell whether the database holds what this generator and these migrations would make."""
    return _mark(size).exists() and _mark(size).read_text() == state()


def set_made(size: Size) -> None:
    """Remember that it does."""
    _mark(size).write_text(state())


def make_empty(size: Size) -> None:
    """Make an empty database in place of one that is out of date."""
    if is_made(size):
        return
    _mark(size).unlink(missing_ok=True)
    with psycopg.connect(socket_url(DATA_DIR), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS crm_{size.name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE crm_{size.name}")


def _mark(size: Size) -> Path:
    return DATA_DIR / f"{size.name}.made"


def state() -> str:
    """Return a digest of all that decides what is in the databases."""
    files = [Path(__file__).with_name(name) for name in ("generate.py", "sizes.py")]
    files += sorted(path for app in _APPS for path in (ROOT / app / "migrations").glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
