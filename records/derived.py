"""Proves that the derived columns equal what the grant tables and the implied grants say."""

from __future__ import annotations

from django.db import connection

from accounts.models import User
from accounts.names import EVERYBODY
from records.implied import KINDS, Kind, acl, readers


def wrong_rows(kind: Kind) -> list[tuple[str, str]]:
    """Return (objectId, column) of each record whose `readers` or `acl` is not what it must be."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.id, c.name FROM {kind.table} r "
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


def access_findings() -> list[str]:
    """Return a line for everything about access that is not as it should be."""
    return [*all_wrong_rows(), *_foreign_rights(), *_outsiders()]


def _foreign_rights() -> list[str]:
    """Return a line for each grant of a right that is none on its class."""
    found = []
    with connection.cursor() as cursor:
        for kind in KINDS:
            for table in (f"{kind.table}usergrant", f"{kind.table}groupgrant"):
                cursor.execute(
                    f"SELECT g.content_object_id, p.codename FROM {table} g "
                    "JOIN auth_permission p ON p.id = g.permission_id JOIN django_content_type c "
                    "ON c.id = p.content_type_id WHERE (c.app_label, c.model) <> (%s, %s)",
                    [kind.app, kind.model],
                )
                found += [f"{kind.class_name} {pk}: {codename} is no right on it" for pk, codename in cursor]
    return found


def _outsiders() -> list[str]:
    """Return a line for each person who is not in the group of everybody."""
    outsiders = User.objects.exclude(groups__name=EVERYBODY).order_by("username")
    return [f"_User {user.pk}: {user.username!r} is not in the group of everybody" for user in outsiders]
