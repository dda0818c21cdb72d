"""Companies: the organisations that contacts and deals belong to."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models.functions import Left, Lower

from accounts.models import User
from records.grants import grant_models
from records.implied import COMPANY
from records.models import Record, record_constraints, record_indexes
from records.triggers import record_triggers


class Company(Record):
    """An organisation: the Parse class Company."""

    name = models.TextField()
    website = models.TextField(null=True, blank=True)
    industry = models.TextField(null=True, blank=True)
    address = models.TextField(null=True, blank=True)
    notes = models.TextField(null=True, blank=True)
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="companies", verbose_name="owner"
    )

    search_fields = ("name", "website", "industry", "address", "notes")

    class Meta(Record.Meta):
        """Found by name, industry and what its kind is found by."""

        verbose_name_plural = "companies"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *record_constraints("company"),
            models.CheckConstraint(condition=~models.Q(name=""), name="company_name_given"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            *record_indexes("company", "name", "website", "industry", "address", "notes"),
            models.Index(Left(Lower("name"), 100), "id", name="company_by_name"),
            models.Index(Left(Lower("industry"), 100), "id", name="company_by_industry"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = record_triggers(COMPANY)

    def __str__(self) -> str:
        """Return its name."""
        return self.name


CompanyUserGrant, CompanyGroupGrant = grant_models(Company, COMPANY)
