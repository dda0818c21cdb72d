"""What a person may do has changed: a log for whoever remembers rights longer than one request.

Triggers write it in the transaction of the change, whichever door it came through, so that a reader who takes it from
one snapshot with the change log of the records never hands out news by rights that had ended before.
"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import pgtrigger
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone

from accounts.api_session import ApiSession
from accounts.models import Role, User

BELL = "crm_changes"
"""The channel that rings when there is something new in a log."""
KEPT = timedelta(days=1)
"""For longer than any reader may be behind."""


class RightsChange(models.Model):
    """Sessions, roles or permissions of one person are others than before; without a person, of anybody."""

    user_id = models.CharField(max_length=10, null=True, db_collation="C")
    transaction = models.BigIntegerField(db_index=True)
    created_at = models.DateTimeField()

    class Meta:
        """Nobody is given it to edit."""

        default_permissions = ()

    def __str__(self) -> str:
        """Name the person."""
        return self.user_id or "everybody"

    @classmethod
    def prune(cls) -> int:
        """Delete what every reader has read; return how many there were."""
        return cls.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]


def _noted(
    name: str, operation: pgtrigger.Operation, who: str, condition: pgtrigger.Condition | None = None
) -> pgtrigger.Trigger:
    """Return a trigger that notes a change for the people that the SQL `who` selects."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=operation,
        condition=condition,
        func=(
            "INSERT INTO accounts_rightschange (user_id, transaction, created_at) "
            f"SELECT u.id, pg_current_xact_id()::text::bigint, clock_timestamp() FROM ({who}) u(id); "
            f"PERFORM pg_notify('{BELL}', ''); RETURN NULL;"
        ),
    )


def _row(column: str) -> str:
    return f"VALUES (CASE TG_OP WHEN 'DELETE' THEN OLD.{column} ELSE NEW.{column} END)"


_EVERYBODY = "VALUES (NULL::text)"
_ANY = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
_STANDING = ("is_active", "is_superuser", "password")
"""What of a person's account decides whether a session goes on and what it may."""


class AppSession(ApiSession):
    """A session of an app, watched for its end."""

    class Meta:
        """Only triggers."""

        proxy = True
        default_permissions = ()
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            _noted("note_end", pgtrigger.Delete, "VALUES (OLD.user_id)"),
            _noted(
                "note_expiry",
                pgtrigger.Update,
                "VALUES (NEW.user_id)",
                pgtrigger.Q(new__expires_at__df=pgtrigger.F("old__expires_at")),
            ),
        ]


class BrowserSession(Session):
    """A session of a browser, watched for its end; whose it was, allauth's row tells."""

    class Meta:
        """Only triggers."""

        proxy = True
        default_permissions = ()
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            _noted(
                "note_end",
                pgtrigger.Delete,
                "SELECT s.user_id FROM usersessions_usersession s WHERE s.session_key = OLD.session_key",
            ),
        ]


class ListedBrowserSession(UserSession):  # type: ignore[misc]
    """The row that tells whose session it is, watched for being deleted first."""

    class Meta:
        """Only triggers."""

        proxy = True
        default_permissions = ()
        triggers: ClassVar[list[pgtrigger.Trigger]] = [_noted("note_end", pgtrigger.Delete, "VALUES (OLD.user_id)")]


class Standing(User):
    """A person, watched for what decides what he may."""

    class Meta:
        """Only triggers."""

        proxy = True
        default_permissions = ()
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            _noted("note_end", pgtrigger.Delete, "VALUES (OLD.id)"),
            _noted("note_standing", pgtrigger.UpdateOf(*_STANDING), "VALUES (NEW.id)", pgtrigger.AnyChange(*_STANDING)),
        ]


class Membership(User.groups.through):  # type: ignore[name-defined,misc]
    """Who is in which role."""

    class Meta:
        """Only triggers."""

        proxy = True
        default_permissions = ()
        triggers: ClassVar[list[pgtrigger.Trigger]] = [_noted("note_role", _ANY, _row("user_id"))]


class OwnPermission(User.user_permissions.through):  # type: ignore[name-defined,misc]
    """What a person may without a role."""

    class Meta:
        """Only triggers."""

        proxy = True
        default_permissions = ()
        triggers: ClassVar[list[pgtrigger.Trigger]] = [_noted("note_permission", _ANY, _row("user_id"))]


class RolePermission(Group.permissions.through):  # type: ignore[name-defined,misc]
    """What a role may."""

    class Meta:
        """Only triggers."""

        proxy = True
        default_permissions = ()
        triggers: ClassVar[list[pgtrigger.Trigger]] = [_noted("note_permission", _ANY, _EVERYBODY)]


class RoleInRole(Role.children.through):  # type: ignore[name-defined,misc]
    """Which roles have the rights of others."""

    class Meta:
        """Only triggers."""

        proxy = True
        default_permissions = ()
        triggers: ClassVar[list[pgtrigger.Trigger]] = [_noted("note_child", _ANY, _EVERYBODY)]


class NamedRole(Group):
    """A role, watched for another name: access lists name roles by it."""

    class Meta:
        """Only triggers."""

        proxy = True
        default_permissions = ()
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            _noted("note_name", pgtrigger.UpdateOf("name"), _EVERYBODY, pgtrigger.AnyChange("name")),
        ]
