"""Contacts: the people at companies to whom one sells."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models.functions import Left, Lower

from accounts.models import User
from companies.models import Company
from records.grants import grant_models
from records.implied import CONTACT
from records.models import Record, record_constraints, record_indexes
from records.triggers import record_triggers


class Contact(Record):
    """A person one sells to: the Parse class Contact."""

    name = models.TextField()
    email = models.TextField("e-mail address", null=True, blank=True)
    phone = models.TextField(null=True, blank=True)
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.SET_NULL, related_name="contacts")
    notes = models.TextField(null=True, blank=True)
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="contacts", verbose_name="owner"
    )

    search_fields = ("name", "email", "phone", "notes")

    class Meta(Record.Meta):
        """Found by name, e-mail address and what its kind is found by."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            *record_constraints("contact"),
            models.CheckConstraint(condition=~models.Q(name=""), name="contact_name_given"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            *record_indexes("contact", "name", "email", "phone", "notes"),
            models.Index(Left(Lower("name"), 100), "id", name="contact_by_name"),
            models.Index(Left(Lower("email"), 100), "id", name="contact_by_email"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = record_triggers(CONTACT)

    def __str__(self) -> str:
        """Return its name."""
        return self.name


ContactUserGrant, ContactGroupGrant = grant_models(Contact, CONTACT)
