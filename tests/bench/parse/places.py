"""Where the benchmark keeps its PostgreSQL, its databases and parse-server: below var/bench, never committed."""

from __future__ import annotations

from pathlib import Path

from crm_site.postgres import socket_url
from crm_site.postgres.places import SUPERUSER, places
from tests.bench.places import DATA_DIR as BENCH_DIR
from tests.bench.places import ROOT

DATA_DIR = BENCH_DIR / "parse"
MODULES = BENCH_DIR / "parse-server"
RIVAL = Path(__file__).with_name("rival")
REPORT = ROOT / "docs" / "bench-parse.md"


def database_url(name: str) -> str:
    """Return the address of one of the databases."""
    return socket_url(DATA_DIR, database=name)


def superuser_url() -> str:
    """Return the address under which databases are made."""
    return socket_url(DATA_DIR, user=SUPERUSER, database=SUPERUSER)


def socket_dir() -> str:
    """Return the directory of PostgreSQL's socket."""
    return str(places(DATA_DIR).socket_dir)
