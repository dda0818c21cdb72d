"""createdAt and updatedAt, set by the database to the millisecond that the Parse protocol carries."""

from __future__ import annotations

from datetime import datetime

import pgtrigger
from django.db import models
from django.db.models import Func, Value
from django.db.models.functions import Now


def _now() -> Func:
    return Func(Value("milliseconds"), Now(), function="date_trunc", output_field=models.DateTimeField())


def created_at_field() -> models.DateTimeField[str | datetime, datetime]:
    """Return a column for the instant of creation."""
    return models.DateTimeField("created", db_default=_now(), editable=False)


def updated_at_field() -> models.DateTimeField[str | datetime, datetime]:
    """Return a column for the instant of the last change, equal to createdAt at first."""
    return models.DateTimeField("updated", db_default=_now(), editable=False)


NEXT_STAMP = "GREATEST(date_trunc('milliseconds', clock_timestamp()), OLD.updated_at + interval '1 millisecond')"


def monotonic_update() -> pgtrigger.Trigger:
    """Return a trigger that moves updatedAt forward on every update, so that it serves as a version."""
    return pgtrigger.Trigger(
        name="stamp_update",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"NEW.updated_at := {NEXT_STAMP}; RETURN NEW;",
    )
