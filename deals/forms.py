"""The form and the filters of deals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from contacts.models import Contact
from deals.models import Deal, DealQuerySet
from deals.stages import LostReason, Stage
from records.filters import FilterForm
from records.form_fields import DayField, LineField, MoneyField, OneOfField, PercentField, TextField
from records.forms import RecordForm
from records.pickers import ColleagueField, RecordChoiceField, RecordPicker


class DealForm(RecordForm):
    """What people may write of a deal; moving it follows `Deal.move_to`."""

    title = LineField()
    company = RecordChoiceField(Company, widget=RecordPicker("companies:options", makes="or make a new company"))
    contact = RecordChoiceField(Contact, widget=RecordPicker("contacts:options"))
    amount = MoneyField()
    stage = OneOfField()
    lost_reason = OneOfField(required=False, label="Why lost", help_text="Required when the stage is lost.")
    lost_note = TextField(label="Note on the loss")
    probability = PercentField(help_text="In percent. Empty: as the stage says.")
    expected_close_date = DayField(label="Expected close")
    assigned_to = ColleagueField(User, widget=RecordPicker("people_options"), label="Owner")
    notes = TextField()

    instance: Deal

    class Meta:
        """In the order of the page."""

        model = Deal
        fields: ClassVar[list[str]] = [
            "title",
            "company",
            "contact",
            "amount",
            "stage",
            "lost_reason",
            "lost_note",
            "probability",
            "expected_close_date",
            "assigned_to",
            "notes",
        ]

    def __init__(self, data: QueryDict | None = None, *, user: User, **options: Any) -> None:
        """Offer the pipeline's stages, beside them the deal's own when it is none of them."""
        super().__init__(data, user=user, **options)
        self.stages = {stage.key: stage for stage in Stage.objects.in_order()}
        self.reasons = {reason.key: reason for reason in LostReason.objects.all()}
        self._offer_stages()
        self._offer_reasons()
        if self.instance._state.adding:
            self.initial.setdefault("assigned_to", user.pk)
        else:
            del self.fields["assigned_to"]

    def _offer_stages(self) -> None:
        choices = [(stage.key, stage.label) for stage in self.stages.values()]
        current = self.instance.stage
        if not self.instance._state.adding and current not in self.stages:
            choices.append((current or "", current or "No stage"))
            self.fields["stage"].required = bool(current)
        cast("forms.ChoiceField", self.fields["stage"]).choices = choices

    def _offer_reasons(self) -> None:
        choices = [("", "—"), *((reason.key, reason.label) for reason in self.reasons.values())]
        kept = self.instance.lost_reason
        if kept and kept not in self.reasons:
            choices.append((kept, kept))
        cast("forms.ChoiceField", self.fields["lost_reason"]).choices = choices
        lost = " ".join(stage.key for stage in self.stages.values() if stage.kind == Stage.Kind.LOST)
        for name in ("lost_reason", "lost_note"):
            self.fields[name].widget.attrs["data-shown-when"] = f"stage {lost}"

    def clean(self) -> dict[str, Any]:
        """Move the deal by the rules of the pipeline when its stage changes, or keep why it was lost."""
        cleaned, deal = super().clean(), self.instance
        stage = self.stages.get(cleaned.get("stage") or "")
        if stage and (deal._state.adding or stage.key != deal.stage):
            self._move(stage, cleaned)
        elif stage is None or stage.kind != Stage.Kind.LOST:
            cleaned |= {"lost_reason": deal.lost_reason, "lost_note": deal.lost_note}
        elif deal.lost_reason and not cleaned.get("lost_reason") and "lost_reason" not in self.errors:
            self.add_error("lost_reason", "Say why the deal was lost.")
        return cleaned

    def _move(self, stage: Stage, cleaned: dict[str, Any]) -> None:
        reason = self.reasons.get(cleaned.get("lost_reason") or "")
        try:
            self.instance.move_to(stage, reason=reason, note=cleaned.get("lost_note") or "")
        except ValidationError as error:
            self.add_error(None, error)
        else:
            cleaned |= {"lost_reason": self.instance.lost_reason, "lost_note": self.instance.lost_note}


PERIODS = (("", "Any close date"), ("overdue", "Overdue"), ("week", "Next 7 days"), ("month", "This month"))


class DealFilter(FilterForm):
    """What the list of deals is narrowed by."""

    stage = forms.ChoiceField(required=False)
    owner = RecordChoiceField(User, widget=forms.Select(), blank="Any owner", label="Owner")
    close = forms.ChoiceField(required=False, choices=PERIODS, label="Close date")
    company = RecordChoiceField(Company, widget=forms.HiddenInput(), label="Company")
    contact = RecordChoiceField(Contact, widget=forms.HiddenInput(), label="Contact")

    def __init__(self, query: QueryDict, *, user: User, stages: Iterable[Stage]) -> None:
        """Offer `stages`, all open ones together, and what has none of them."""
        self.stages = list(stages)
        super().__init__(query, user=user)

    def prepare(self) -> None:
        """Name the stages."""
        choices = [(stage.key, stage.label) for stage in self.stages]
        choices = [("", "Any stage"), ("open", "Open"), *choices, ("other", "Other")]
        cast("forms.ChoiceField", self.fields["stage"]).choices = choices

    def filter_stage(self, rows: DealQuerySet, value: str) -> DealQuerySet:
        """Keep one stage, all open ones, or those that the pipeline does not have."""
        if value == "open":
            return self._open(rows)
        return rows.outside(stage.key for stage in self.stages) if value == "other" else rows.filter(stage=value)

    def _open(self, rows: DealQuerySet) -> DealQuerySet:
        return rows.outside(stage.key for stage in self.stages if not stage.is_open)

    def filter_owner(self, rows: DealQuerySet, value: User) -> DealQuerySet:
        """Keep one person's."""
        return rows.filter(assigned_to=value)

    def filter_company(self, rows: DealQuerySet, value: Company) -> DealQuerySet:
        """Keep one company's."""
        return rows.filter(company=value)

    def filter_contact(self, rows: DealQuerySet, value: Contact) -> DealQuerySet:
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
        first = today.replace(day=1)
        following = (first + timedelta(days=32)).replace(day=1)
        return rows.filter(expected_close_date__gte=first, expected_close_date__lt=following)
