"""Writes the demo data as if the team had typed it in over the past months, history included."""

from __future__ import annotations

import csv
from pathlib import Path

import pgtrigger
from django.contrib.auth.models import Group
from django.db import connection, transaction

from accounts.models import User
from activities.models import Activity
from companies.models import Company
from contacts.models import Contact
from crm_site.demo.calendar import Calendar
from crm_site.demo.diary import Diary
from crm_site.demo.people import make_team
from deals.models import Deal
from records.access import share
from records.implied import KINDS
from records.log import acting

# They would stamp the past with the present.
_STAMPS = (*(f"{kind.app}.{kind.model.capitalize()}:before_update" for kind in KINDS), "deals.Deal:stage_move")
_STEP = ("stage", "stage_changed_at", "updated_at", "closed_at", "lost_reason", "lost_note")


def load() -> dict[str, int]:
    """Make everything in one transaction; return how many of what."""
    with transaction.atomic(), pgtrigger.ignore(*_STAMPS):
        diary = Diary(make_team(), Calendar(seed=5))
        for name, write in (("companies", diary.company), ("contacts", diary.contact), ("deals", diary.deal)):
            for row in _rows(name):
                write(row)
        Company.objects.bulk_create(diary.companies.values())
        Contact.objects.bulk_create(diary.contacts.values())
        Deal.objects.bulk_create(diary.deals.values())
        for step in diary.steps():
            Deal.objects.bulk_update(step, _STEP)
        Activity.objects.bulk_create(diary.activities)
        _date_history()
        _share(diary)
    return diary.counts()


def _rows(name: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _date_history() -> None:
    """Write the change log anew in the order in which things are said to have happened, each by the record's owner."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH gone AS (DELETE FROM records_change WHERE transaction = pg_current_xact_id()::text::bigint "
            "RETURNING *), dated AS (SELECT *, max((new->>'updated_at')::timestamptz) OVER seen AS moment, "
            "first_value(coalesce(new->>'assigned_to_id', new->>'created_by_id')) OVER seen AS person FROM gone "
            "WINDOW seen AS (PARTITION BY object_id ORDER BY id)) "
            "INSERT INTO records_change (class_name, object_id, operation, old, new, actor, transaction, created_at) "
            "SELECT class_name, object_id, operation, old, new, person, transaction, moment FROM dated "
            "ORDER BY moment, id"
        )
        cursor.execute(
            "UPDATE deals_stagechange s SET actor = d.assigned_to_id FROM deals_deal d WHERE d.id = s.deal_id"
        )


def _share(diary: Diary) -> None:
    """Share a few records among colleagues, just now."""
    north, south = Group.objects.get(name="Sales North"), Group.objects.get(name="Sales South")
    deal, alice, bob = diary.deals, diary.team["alice"], diary.team["bob"]
    gifts: list[tuple[User, Company | Contact | Deal, User | Group, tuple[str, ...]]] = [
        (alice, deal["Terminal Aarhus: 120 handhelds"], bob, ("view", "change")),
        (bob, deal["Linen tags for 11 hotels"], alice, ("view",)),
        (alice, deal["Fulfilment centre scanners"], north, ("view",)),
        (bob, deal["Distribution centre Charlotte"], south, ("view", "change")),
        (bob, diary.companies["Copperline Brewing"], alice, ("view",)),
        (alice, diary.contacts["Ravi Menon"], Group.objects.get(name="*"), ("view",)),
    ]
    for giver, record, holder, actions in gifts:
        with acting(giver):
            share(record, holder, actions)
