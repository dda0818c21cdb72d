"""The form of deals."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from accounts.models import User
from companies.models import Company
from contacts.models import Contact
from deals.models import Deal
from deals.stages import LostReason, Stage
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
