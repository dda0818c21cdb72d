"""Deletion in the admin that says why something has to stay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.http import HttpRequest


class DeletesWithReason:
    """For a ModelAdmin: nothing is deleted, alone or in bulk, while `why_kept` has something to say about it."""

    def why_kept(self, record: Any) -> str:
        """Return why `record` cannot be deleted, as a sentence; "" when it can."""
        raise NotImplementedError

    def get_deleted_objects(
        self, objs: Iterable[Model], request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[str], list[str]]:
        """Report the reasons as what protects the rows, which makes Django's pages show them and refuse."""
        chosen = list(objs)
        to_delete, counts, missing, protected = super().get_deleted_objects(chosen, request)  # type: ignore[misc]
        reasons = [f"{record}: {reason}" for record in chosen if (reason := self.why_kept(record))]
        return to_delete, counts, missing, [*protected, *reasons]
