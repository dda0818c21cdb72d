"""What has to be said when deals are moved: why they were lost, when and for how much they were won."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from deals.board.moves import Step
from deals.models import Deal
from deals.stages import LostReason, Stage
from records.form_fields import DayField, MoneyField, OneOfField, TextField
from records.pickers import ColleagueField, RecordPicker

HIDDEN = ("above", "below", "next", "board", "confirmed")
IDS = "move-%s"
"""Of the fields: the dialog of a move stands beside the filter of the board, which has an owner, too."""
ASKED = {
    Stage.Kind.LOST: ("lost_reason", "lost_note", "come_back"),
    Stage.Kind.WON: ("amount", "closed_at"),
    Stage.Kind.OPEN: (),
}


class MoveForm(forms.Form):
    """A move of deals into `stage`: it asks what that stage wants to know of those that are not in it yet.

    The amount of a deal that is won is confirmed for one deal, not for several.
    """

    lost_reason = OneOfField(label="Why lost")
    lost_note = TextField(label="Note on the loss")
    come_back = DayField(label="Come back on", help_text="Plans a call for that day.")
    amount = MoneyField()
    closed_at = DayField(label="Closed on", required=True)
    above = forms.CharField(required=False, widget=forms.HiddenInput, max_length=20)
    below = forms.CharField(required=False, widget=forms.HiddenInput, max_length=20)
    next = forms.CharField(required=False, widget=forms.HiddenInput)
    board = forms.CharField(required=False, widget=forms.HiddenInput)
    confirmed = forms.CharField(required=False, widget=forms.HiddenInput, max_length=1)

    def __init__(self, data: QueryDict | None = None, *, deals: list[Deal], stage: Stage, **options: Any) -> None:
        """Keep the fields that count for this stage."""
        super().__init__(data, auto_id=IDS, **options)
        self.deals, self.stage = deals, stage
        self.asks = any(deal.stage != stage.key for deal in deals)
        asked = ASKED[Stage.Kind(stage.kind)] if self.asks else ()
        for name in set(self.fields) - set(HIDDEN) - set(asked):
            del self.fields[name]
        if "lost_reason" in self.fields:
            self.reasons = {reason.key: reason for reason in LostReason.objects.all()}
            choices = [("", "—"), *((reason.key, reason.label) for reason in self.reasons.values())]
            cast("forms.ChoiceField", self.fields["lost_reason"]).choices = choices
        if "amount" in self.fields:
            self._ask_for_amount()
        self.initial.update(confirmed="1", closed_at=timezone.localdate())

    def _ask_for_amount(self) -> None:
        if len(self.deals) > 1:
            del self.fields["amount"]
            return
        field = cast("MoneyField", self.fields["amount"])
        field.kept = self.initial["amount"] = self.deals[0].amount

    def clean_come_back(self) -> Any:
        """Come back some day, not some time ago."""
        day = self.cleaned_data["come_back"]
        if day and timezone.localtime(day).date() < timezone.localdate():
            raise ValidationError("Choose a day to come.")
        return day

    def clean_closed_at(self) -> Any:
        """What is closed was closed today or before; today is now."""
        day = self.cleaned_data["closed_at"]
        if not day:
            return day
        if timezone.localtime(day).date() > timezone.localdate():
            raise ValidationError("It cannot have been closed in the future.")
        return timezone.now() if timezone.localtime(day).date() == timezone.localdate() else day

    @property
    def is_answered(self) -> bool:
        """Tell whether what the stage wants to know was asked, if it wants to know anything."""
        return len(self.fields) == len(HIDDEN) or bool(self.data.get("confirmed"))

    def step(self) -> Step:
        """Return the move of a valid form."""
        sent = self.cleaned_data
        return Step(
            self.stage,
            above=sent["above"],
            below=sent["below"],
            reason=self.reasons[sent["lost_reason"]] if sent.get("lost_reason") else None,
            note=sent.get("lost_note") or "",
            closed_at=sent.get("closed_at"),
            amount=sent.get("amount", ...),
            come_back=sent.get("come_back"),
        )


class AssignForm(forms.Form):
    """To whom several deals are handed over."""

    owner = ColleagueField(User, widget=RecordPicker("people_options"), required=True, label="New owner")
    next = forms.CharField(required=False, widget=forms.HiddenInput)
    board = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: QueryDict | None = None, *, user: User, typed: QueryDict | None = None, **options: Any
    ) -> None:
        """Offer the colleagues of `user`, those that match what was `typed`."""
        super().__init__(data, auto_id=IDS, **options)
        field = cast("ColleagueField", self.fields["owner"])
        sent = typed or data or QueryDict()
        field.narrow(field.choices_for(user), sent.get("owner", ""), sent.get("owner-search", "")[:200])
