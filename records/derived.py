"""Proves that the derived columns equal what the grant tables and the implied grants say."""

from __future__ import annotations

from django.db import connection

from records.implied import KINDS, Kind, acl, readers


def wrong_rows(kind: Kind) -> list[tuple[str, str]]:
    """Return (objectId, column) of each record whose `readers` or `acl` is not what it must be."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.id, c.name FROM {kind.table} r "  # noqa: S608 - names from our own table
            f"CROSS JOIN LATERAL (VALUES ('readers', r.readers <> {readers(kind, 'r')}), "
            f"('acl', r.acl <> {acl(kind, 'r')})) c(name, wrong) WHERE c.wrong"
        )
        return list(cursor.fetchall())


def all_wrong_rows() -> list[str]:
    """Return a line for each wrong derived column of each class."""
    return [
        f"{kind.class_name} {object_id}: {column} is not what the grants say"
        for kind in KINDS
        for object_id, column in wrong_rows(kind)
    ]
