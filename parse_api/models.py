"""What only apps need kept: request ids that were used lately, their devices, and settings that they share."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models

from accounts.object_id import PATTERN, ObjectIdField
from accounts.stamps import created_at_field, monotonic_update, updated_at_field


class SpentRequest(models.Model):
    """A request id that an app sent with a write (parse_api.idempotency); the key does not tell which it was."""

    key = models.CharField(max_length=64, primary_key=True, db_collation="C")
    spent_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        """Return the key."""
        return self.key


class Installation(models.Model):
    """The Parse class _Installation: an app on a device. `more` has the fields that the app chose."""

    id = ObjectIdField()
    created_at = created_at_field()
    updated_at = updated_at_field()
    installation_id = models.TextField(null=True, unique=True)
    device_token = models.TextField(null=True, unique=True)
    device_type = models.TextField()
    more = models.JSONField(default=dict)

    class Meta:
        """Known by one id at least."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(id__regex=PATTERN), name="installation_id_form"),
            models.CheckConstraint(
                condition=models.Q(installation_id__isnull=False) | models.Q(device_token__isnull=False),
                name="installation_has_id",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [monotonic_update()]

    def __str__(self) -> str:
        """Return the objectId."""
        return str(self.pk)


class ConfigParameter(models.Model):
    """A setting that apps read; one that `is_master_only` is read with the master key."""

    name = models.TextField(primary_key=True, db_collation="C")
    value = models.JSONField()
    is_master_only = models.BooleanField(default=False)

    def __str__(self) -> str:
        """Return the name."""
        return self.name
