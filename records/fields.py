"""Model fields that Django does not have."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class AmountField(models.DecimalField):  # type: ignore[type-arg]
    """A decimal number of any precision (PostgreSQL's `numeric`), so that every number of the wire is kept as sent."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"null": True, "blank": True} | options)

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Leave precision and scale out."""
        del connection
        return "numeric"

    def check(self, **options: Any) -> list[CheckMessage]:
        """Want no precision and scale."""
        return [problem for problem in super().check(**options) if problem.id not in ("fields.E130", "fields.E132")]
