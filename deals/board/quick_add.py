"""A new deal typed right into a column of the board: the form with the fewest fields."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms
from django.http import QueryDict

from accounts.models import User
from companies.models import Company
from deals.models import Deal, Stage
from records.form_fields import LineField, MoneyField, OneOfField
from records.forms import RecordForm
from records.pickers import RecordChoiceField, RecordPicker


class QuickDealForm(RecordForm):
    """Title, company and amount of a deal in an open stage; it is the person's own."""

    title = LineField()
    company = RecordChoiceField(Company, widget=RecordPicker("companies:options", makes="or make a new company"))
    amount = MoneyField()
    stage = OneOfField(
        widget=forms.HiddenInput,
        error_messages={
            "required": "Choose a column of the board.",
            "invalid_choice": "A deal is added to an open stage of the pipeline; this is none.",
        },
    )

    instance: Deal

    class Meta:
        """In the order of the form."""

        model = Deal
        fields: ClassVar[list[str]] = ["title", "company", "amount", "stage"]

    def __init__(self, data: QueryDict | None = None, *, user: User, **options: Any) -> None:
        """Take the open stages; ids have the column's key, as a board may show the form in several columns."""
        self.stages = {stage.key: stage for stage in Stage.objects.in_order() if stage.is_open}
        asked = data if data is not None else options.get("initial") or {}
        self.column = self.stages.get(asked.get("stage", ""))
        super().__init__(data, user=user, auto_id=f"quick-{self.column.key if self.column else ''}-%s", **options)
        choices = [(stage.key, stage.label) for stage in self.stages.values()]
        cast("forms.ChoiceField", self.fields["stage"]).choices = choices

    def clean(self) -> dict[str, Any]:
        """Put the deal into its column by the rules of the pipeline."""
        cleaned = super().clean()
        if "stage" in cleaned:
            self.instance.move_to(self.stages[cleaned["stage"]])
        return cleaned
