"""A session of an app that speaks the Parse protocol: one row per device, its token known to the device only."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.object_id import PATTERN, ObjectIdField
from accounts.stamps import created_at_field, updated_at_field

if TYPE_CHECKING:
    from accounts.models import User


PLAYGROUND = {"action": "playground"}
"""What a session of the developer pages was created with."""


def token_hash(token: str) -> str:
    """Return what a session is stored under; 128 random bits need no salt."""
    return sha256(token.encode(errors="surrogatepass")).hexdigest()


class ApiSessionQuerySet(models.QuerySet["ApiSession"]):
    """Chooses sessions."""

    def working(self) -> ApiSessionQuerySet:
        """Those that let somebody in: not expired, of a person who may sign in."""
        return self.filter(expires_at__gt=timezone.now(), user__is_active=True)

    def with_token(self, token: str) -> ApiSessionQuerySet:
        """The one whose token this is."""
        return self.filter(token_hash=token_hash(token))

    def of(self, user: User) -> ApiSessionQuerySet:
        """Those of one person."""
        return self.filter(user=user)

    def of_playground(self) -> ApiSessionQuerySet:
        """Those that were made on the developer pages, and end with the session of the browser."""
        return self.filter(created_with=PLAYGROUND)


class ApiSession(models.Model):
    """The Parse class _Session. An empty installation_id means that the app did not name its device."""

    id = ObjectIdField()
    created_at = created_at_field()
    updated_at = updated_at_field()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_sessions")
    token_hash = models.CharField(max_length=64, unique=True, db_collation="C")
    installation_id = models.TextField(blank=True)
    created_with = models.JSONField()
    expires_at = models.DateTimeField()
    ip = models.GenericIPAddressField()
    user_agent = models.CharField(max_length=200)
    last_seen_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[ApiSession]] = models.Manager.from_queryset(ApiSessionQuerySet)()

    class Meta:
        """Nothing but the form of the id: rows are found by token or by person."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(id__regex=PATTERN), name="api_session_id_form"),
        ]

    def __str__(self) -> str:
        """Return the objectId."""
        return str(self.pk)
