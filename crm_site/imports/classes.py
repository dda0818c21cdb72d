"""The table of what can be imported: classes, their fields, and what each field holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from activities.models import Activity
from companies.models import Company
from contacts.models import Contact
from crm_site.imports import values
from crm_site.imports.values import Notation
from deals.models import Deal
from records.models import Record

Reader = Callable[[str, Notation], Any]


@dataclass(frozen=True)
class Target:
    """A class: how the text of each field is read, which fields must have a value, and what it may point at."""

    model: type[Record]
    fields: dict[str, Reader]
    required: tuple[str, ...] = ()
    pointers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The class name on the wire."""
        return self.model.__name__

    def pointed_at(self, pointer: str) -> Target:
        """Return the class that a pointer leads to."""
        related: Any = self.model._meta.get_field(pointer).related_model
        return CLASSES[related.__name__]


CLASSES = {
    "Company": Target(
        Company,
        {
            "name": values.line,
            "website": values.website,
            "industry": values.line,
            "address": values.text,
            "notes": values.text,
            "created_at": values.moment,
        },
        required=("name",),
    ),
    "Contact": Target(
        Contact,
        {
            "name": values.line,
            "email": values.email,
            "phone": values.line,
            "notes": values.text,
            "created_at": values.moment,
        },
        required=("name",),
        pointers=("company",),
    ),
    "Deal": Target(
        Deal,
        {
            "title": values.line,
            "amount": values.amount,
            "stage": values.line,
            "expected_close_date": values.moment,
            "closed_at": values.moment,
            "probability": values.percent,
            "lost_reason": values.line,
            "lost_note": values.text,
            "notes": values.text,
            "created_at": values.moment,
        },
        required=("title", "stage"),
        pointers=("company", "contact"),
    ),
    "Activity": Target(
        Activity,
        {
            "type": values.line,
            "subject": values.line,
            "description": values.text,
            "due_date": values.moment,
            "completed_at": values.moment,
            "created_at": values.moment,
        },
        required=("type",),
        pointers=("related_contact", "related_deal"),
    ),
}
PAST = ("created_at", "closed_at", "completed_at")
"""Fields that cannot lie in the future."""
