"""The forms and the filters of activities."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from activities.models import Activity, ActivityQuerySet
from contacts.models import Contact
from deals.models import Deal
from records.filters import FilterForm
from records.form_fields import LineField, MomentField, OneOfField, TextField
from records.forms import RecordForm
from records.pickers import RecordChoiceField, RecordPicker

TYPES = [(kind.value, kind.label) for kind in Activity.Type]


class ActivityForm(RecordForm):
    """What people may write of an activity; it is about one contact or one deal, or about neither."""

    type = OneOfField(choices=TYPES)
    subject = LineField()
    description = TextField()
    related_contact = RecordChoiceField(Contact, widget=RecordPicker("contacts:options"), label="About contact")
    related_deal = RecordChoiceField(Deal, widget=RecordPicker("deals:options"), label="or about deal")
    due_date = MomentField(label="Due")
    completed_at = MomentField(label="Done")

    instance: Activity

    class Meta:
        """In the order of the page."""

        model = Activity
        fields: ClassVar[list[str]] = [
            "type",
            "subject",
            "description",
            "related_contact",
            "related_deal",
            "due_date",
            "completed_at",
        ]

    def __init__(self, data: QueryDict | None = None, *, user: User, **options: Any) -> None:
        """Offer beside the types the activity's own, which an app may have made up."""
        super().__init__(data, user=user, **options)
        own = self.instance.type
        if not self.instance._state.adding and own not in dict(TYPES):
            field = cast("forms.ChoiceField", self.fields["type"])
            field.choices, field.required = [*TYPES, (own or "", own or "—")], bool(own)

    def clean(self) -> dict[str, Any]:
        """Refuse two records to be about."""
        cleaned = super().clean()
        if cleaned.get("related_contact") and cleaned.get("related_deal"):
            self.add_error("related_deal", "An activity is about a contact or a deal, not both.")
        return cleaned


class QuickLogForm(RecordForm):
    """Logs what was just done about a record, or what is to be done later."""

    type = forms.ChoiceField(choices=TYPES, widget=forms.RadioSelect, label="Type", initial=Activity.Type.CALL)
    subject = LineField()
    description = TextField(label="Notes")
    when = forms.ChoiceField(
        choices=[("now", "Done now"), ("later", "Due later")], widget=forms.RadioSelect, label="When", initial="now"
    )
    due_date = MomentField(label="Due")
    related_contact = RecordChoiceField(Contact, widget=forms.HiddenInput())
    related_deal = RecordChoiceField(Deal, widget=forms.HiddenInput())

    instance: Activity

    class Meta:
        """In the order of the form."""

        model = Activity
        fields: ClassVar[list[str]] = [
            "type",
            "subject",
            "description",
            "due_date",
            "related_contact",
            "related_deal",
        ]

    def clean(self) -> dict[str, Any]:
        """Want a date for what is due later, and one record that it is about."""
        cleaned = super().clean()
        if cleaned.get("when") == "later" and not cleaned.get("due_date") and "due_date" not in self.errors:
            self.add_error("due_date", "Say when it is due.")
        if bool(cleaned.get("related_contact")) == bool(cleaned.get("related_deal")):
            self.add_error(None, "An activity is logged on one contact or deal.")
        if cleaned.get("when") == "now":
            cleaned["due_date"] = None
            self.instance.completed_at = timezone.now()
        return cleaned


STATES = (
    ("", "To do and done"),
    ("todo", "To do"),
    ("overdue", "Overdue"),
    ("today", "Due today"),
    ("done", "Done"),
)


class ActivityFilter(FilterForm):
    """What the list of activities is narrowed by."""

    type = forms.ChoiceField(choices=[("", "Any type"), *TYPES], required=False)
    state = forms.ChoiceField(choices=STATES, required=False)
    owner = RecordChoiceField(User, widget=forms.Select(), blank="Any owner", label="Owner")
    contact = RecordChoiceField(Contact, widget=forms.HiddenInput(), label="Contact")
    deal = RecordChoiceField(Deal, widget=forms.HiddenInput(), label="Deal")

    def filter_type(self, rows: ActivityQuerySet, value: str) -> ActivityQuerySet:
        """Keep one type."""
        return rows.filter(type=value)

    def filter_owner(self, rows: ActivityQuerySet, value: User) -> ActivityQuerySet:
        """Keep one person's."""
        return rows.filter(created_by=value)

    def filter_contact(self, rows: ActivityQuerySet, value: Contact) -> ActivityQuerySet:
        """Keep those about one contact."""
        return rows.filter(related_contact=value)

    def filter_deal(self, rows: ActivityQuerySet, value: Deal) -> ActivityQuerySet:
        """Keep those about one deal."""
        return rows.filter(related_deal=value)

    def filter_state(self, rows: ActivityQuerySet, value: str) -> ActivityQuerySet:
        """Keep what is done, to be done, overdue or due today."""
        if value == "done":
            return rows.exclude(completed_at=None)
        if value == "todo":
            return rows.pending()
        today = start_of_today()
        if value == "overdue":
            return rows.pending().filter(due_date__lt=timezone.now())
        return rows.pending().filter(due_date__gte=today, due_date__lt=today + timedelta(days=1))


def start_of_today() -> datetime:
    """Return the midnight with which the person's day began."""
    return datetime.combine(timezone.localdate(), time(), tzinfo=timezone.get_current_timezone())
