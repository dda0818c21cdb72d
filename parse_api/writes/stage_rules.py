"""What a move of a deal over the API means for the pipeline, and with CRM_STRICT_STAGES what it needs (DESIGN.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings

from deals.models import Deal, Stage
from parse_api.classes import ParseClass
from parse_api.errors import Code, ParseError

COLUMNS = ("stage", "lost_reason", "expected_close_date")
"""What the rules look at."""
_NEEDED = {
    Stage.Kind.LOST: ("lost_reason", "lostReason", "Say why the deal was lost"),
    Stage.Kind.WON: ("expected_close_date", "expectedCloseDate", "Say when the deal was closed"),
}
NEW_PROBABILITY = "CASE WHEN stage IS NOT DISTINCT FROM %s THEN probability END"
"""How likely a deal is, another stage says anew."""
Kinds = Mapping[str, str]


def applies(parse_class: ParseClass, columns: Iterable[str]) -> bool:
    """Tell whether a write of these columns has to follow the rules."""
    return settings.CRM_STRICT_STAGES and parse_class.model is Deal and not set(COLUMNS).isdisjoint(columns)


def kinds() -> Kinds:
    """Return the kind of each stage of the pipeline by its key."""
    return dict(Stage.objects.values_list("key", "kind"))


def check(known: Kinds, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Refuse a write that leaves a lost deal without a reason or a won one without a date: ParseError 142.

    A deal that lacks it already may stay as it is. `before` and `after` have the columns of the rules.
    """
    if all(before.get(column) == after.get(column) for column in COLUMNS):
        return
    needed = _NEEDED.get(Stage.Kind(known.get(after.get("stage") or "", Stage.Kind.OPEN)))
    if needed is None:
        return
    column, field, words = needed
    if not str(after.get(column) or "").strip():
        raise ParseError(Code.INVALID, f"{field} is required. {words}.")
