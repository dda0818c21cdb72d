"""What the list and the board of deals are narrowed by: the same fields, so that one's address leads to the other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, cast

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from deals.choices import Choices, offered
from deals.models import DealQuerySet
from deals.stages import Stage
from records.filters import FilterForm
from records.form_fields import MAX_AMOUNT, MoneyField
from records.models import RecordQuerySet
from records.templatetags.display import money

OTHER = "other"
"""The column, and the filter, of the deals in a stage that the pipeline does not have, or in none."""
PERIODS = (("", "Any close date"), ("overdue", "Overdue"), ("week", "Next 7 days"), ("month", "This month"))
TOUCHES = (("", "Stale or not"), ("1", "Stale"))
STEPS = (("", "Any next step"), ("1", "None"))


def outside(stages: Iterable[Stage]) -> Q:
    """Return the condition of being in none of `stages` (as of `in_order`), as ranges between their keys.

    An index on the stage answers them without looking at the deals that are in one: of a million, next to all.
    """
    keys = [stage.key for stage in sorted(stages, key=lambda stage: stage.key_rank)]
    if not keys:
        return ~Q(pk=None)
    condition = Q(stage=None) | Q(stage__lt=keys[0]) | Q(stage__gt=keys[-1])
    for low, high in pairwise(keys):
        condition |= Q(stage__gt=low, stage__lt=high)
    return condition


class DealFilter(FilterForm):
    """What the list of deals is narrowed by."""

    stage = forms.ChoiceField(required=False)
    owner = forms.ChoiceField(required=False, label="Owner")
    close = forms.ChoiceField(required=False, choices=PERIODS, label="Close date")
    amount_min = MoneyField(min_value=-MAX_AMOUNT, label="Amount from")
    amount_max = MoneyField(min_value=-MAX_AMOUNT, label="Amount to")
    stale = forms.ChoiceField(required=False, choices=TOUCHES, label="Last touch")
    no_next_step = forms.ChoiceField(required=False, choices=STEPS, label="Next step")
    company = forms.ChoiceField(required=False, widget=forms.HiddenInput, label="Company")
    contact = forms.ChoiceField(required=False, widget=forms.HiddenInput, label="Contact")

    def __init__(self, query: QueryDict, *, user: User, stages: Iterable[Stage], is_shown: bool = True) -> None:
        """Offer `stages`, all open ones together, and what has none of them."""
        self.stages, self.is_shown = list(stages), is_shown
        super().__init__(query, user=user)

    def prepare(self) -> None:
        """Name the stages, and in one query the owners, the company and the contact."""
        stages: Choices = [(stage.key, stage.label) for stage in self.stages]
        self._offer("stage", [("", "Any stage"), ("open", "Open"), *stages, (OTHER, "Other")])
        found = offered(self.user, self.query, is_shown=self.is_shown)
        self.members = found.members
        for name, choices in found.fields.items():
            self._offer(name, choices)
        for name in ("amount_min", "amount_max"):
            label = self.fields[name].label
            self.fields[name].widget = forms.TextInput(
                {"placeholder": label, "inputmode": "decimal", "autocomplete": "off", "size": 12}
            )

    def _offer(self, name: str, choices: Any) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    def _words(self, name: str, value: Any) -> str:
        return money(value) if isinstance(value, Decimal) else super()._words(name, value)

    def filter_stage(self, rows: DealQuerySet, value: str) -> DealQuerySet:
        """Keep one stage, all open ones, or those that the pipeline does not have."""
        if value == "open":
            return self._open(rows)
        return rows.filter(outside(self.stages)) if value == OTHER else rows.filter(stage=value)

    def _open(self, rows: DealQuerySet) -> DealQuerySet:
        return rows.outside(stage.key for stage in self.stages if not stage.is_open)

    def filter_owner(self, rows: DealQuerySet, value: str) -> DealQuerySet:
        """Keep one person's, or those of the members of a role."""
        return rows.filter(assigned_to__in=self.members if value.startswith("role:") else [value])

    def filter_amount_min(self, rows: DealQuerySet, value: Decimal) -> DealQuerySet:
        """Keep those worth as much or more."""
        return rows.filter(amount__gte=value)

    def filter_amount_max(self, rows: DealQuerySet, value: Decimal) -> DealQuerySet:
        """Keep those worth as much or less."""
        return rows.filter(amount__lte=value)

    def filter_stale(self, rows: DealQuerySet, _value: str) -> DealQuerySet:
        """Keep open deals that nobody touched for as many days as their stage allows."""
        now, condition = timezone.now(), Q(pk__in=[])
        for stage in self.stages:
            if stage.is_open and stage.rotting_days is not None:
                condition |= Q(stage=stage.key, touched_at__lte=now - timedelta(days=stage.rotting_days))
        return rows.filter(condition)

    def filter_no_next_step(self, rows: DealQuerySet, _value: str) -> DealQuerySet:
        """Keep open deals for which nothing is planned."""
        return self._open(rows).filter(next_step_at=None)

    def filter_company(self, rows: DealQuerySet, value: str) -> DealQuerySet:
        """Keep one company's."""
        return rows.filter(company=value)

    def filter_contact(self, rows: DealQuerySet, value: str) -> DealQuerySet:
        """Keep those that name one contact."""
        return rows.filter(contact=value)

    def filter_close(self, rows: DealQuerySet, value: str) -> DealQuerySet:
        """Keep open deals that should close in a period."""
        rows = self._open(rows)
        today = datetime.combine(timezone.localdate(), time(), tzinfo=timezone.get_current_timezone())
        if value == "overdue":
            return rows.filter(expected_close_date__lt=today)
        if value == "week":
            return rows.filter(expected_close_date__gte=today, expected_close_date__lt=today + timedelta(days=7))
        first, following = month_of(today)
        return rows.filter(expected_close_date__gte=first, expected_close_date__lt=following)


class BoardFilter(DealFilter):
    """What the board is narrowed by: it shows every stage, and counts all that has the words, however many."""

    boxed = ()

    def prepare(self) -> None:
        """Leave the stage out."""
        super().prepare()
        del self.fields["stage"]

    def _search(self, rows: RecordQuerySet, text: str) -> RecordQuerySet:
        return rows.search(text)


def month_of(day: datetime) -> tuple[datetime, datetime]:
    """Return when the month of `day`, a midnight in the person's time zone, begins and when the next one does."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)
