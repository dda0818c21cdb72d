"""Puts the database back to what the migrations left, after a test that commits.

Django's flush empties every table and makes each content type, permission and role anew: 150 queries and a third of a
second, in most of which nothing had changed. Here the rows of the beginning are kept in a schema beside.
"""

from __future__ import annotations

import pgtrigger
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_KEPT = "SELECT tablename FROM pg_tables WHERE schemaname = 'kept'"
_DIFFER = """SELECT '{0}' WHERE EXISTS (SELECT t::text FROM {0} t EXCEPT ALL SELECT t::text FROM kept.{0} t)
OR EXISTS (SELECT t::text FROM kept.{0} t EXCEPT ALL SELECT t::text FROM {0} t)"""
_USED = "SELECT '{0}' WHERE EXISTS (SELECT FROM {0})"


def keep() -> None:
    """Keep what is in the tables now."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA kept")
        for name in _names(_TABLES):
            cursor.execute(f"SELECT EXISTS (SELECT FROM {name})")
            if cursor.fetchone()[0]:
                cursor.execute(f"CREATE TABLE kept.{name} AS TABLE {name}")


def put_back() -> None:
    """Make the tables what they were when they were kept, when whoever writes has ended."""
    with transaction.atomic(), connection.cursor() as cursor:
        names, kept = _names(_TABLES), _names(_KEPT)
        with pgtrigger.ignore():
            cursor.execute(f"LOCK TABLE {', '.join(names)} IN EXCLUSIVE MODE")
            changed = _names(" UNION ALL ".join((_DIFFER if name in kept else _USED).format(name) for name in names))
            for name in changed:
                cursor.execute(f"DELETE FROM {name}")
            for name in changed:
                if name in kept:
                    cursor.execute(f"INSERT INTO {name} TABLE kept.{name}")
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    ContentType.objects.clear_cache()


def _names(query: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [name for (name,) in cursor.fetchall()]
