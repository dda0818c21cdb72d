"""Writes the demo data as if the team had typed it in over the past months, history included."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pgtrigger
from django.contrib.auth.models import Group
from django.db import connection, transaction

from accounts.models import User
from companies.models import Company
from contacts.models import Contact
from crm_site.demo.calendar import Calendar
from crm_site.demo.diary import Diary, Event
from crm_site.demo.people import make_team
from deals.models import Deal
from records.access import share
from records.log import acting

# They would stamp the past with the present.
_STAMPS = tuple(f"{model}:before_update" for model in ("companies.Company", "contacts.Contact", "deals.Deal")) + (
    "activities.Activity:before_update",
    "deals.Deal:stage_move",
)


def load() -> dict[str, int]:
    """Make everything in one transaction; return how many of what."""
    with transaction.atomic(), pgtrigger.ignore(*_STAMPS):
        team = make_team()
        diary = Diary(team, Calendar(seed=5))
        events = sorted(_events(diary), key=lambda event: (event.moment, event.order))
        last = 0
        for event in events:
            with _dated(event.moment, last) as dated, acting(team[event.actor]):
                event.act()
            last = dated[0]
        for moment, give in _shares(diary):
            with _dated(moment, last) as dated, acting(team[give[0]]):
                share(give[1], give[2], give[3])
            last = dated[0]
    return diary.counts()


def _events(diary: Diary) -> Iterator[Event]:
    for row in _rows("companies"):
        yield diary.company(row)
    for row in _rows("contacts"):
        yield from diary.contact(row)
    for row in _rows("deals"):
        yield from diary.deal(row)


def _rows(name: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@contextmanager
def _dated(moment: datetime, last: int) -> Iterator[list[int]]:
    """Date what the change log gets in the block; the yielded list then has the number of its last row."""
    reached = [last]
    yield reached
    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_change SET created_at = %s WHERE id > %s RETURNING id", [moment, last])
        reached[0] = max([last, *(row[0] for row in cursor.fetchall())])


Gift = tuple[str, Company | Contact | Deal, User | Group, tuple[str, ...]]


def _shares(diary: Diary) -> list[tuple[datetime, Gift]]:
    north, south = Group.objects.get(name="Sales North"), Group.objects.get(name="Sales South")
    deal, team, at = diary.deals, diary.team, diary.calendar.at
    both = ("view", "change")
    return [
        (at(-6), ("alice", deal["Terminal Aarhus: 120 handhelds"], team["bob"], both)),
        (at(-5), ("bob", deal["Linen tags for 11 hotels"], team["alice"], ("view",))),
        (at(-4), ("alice", deal["Fulfilment centre scanners"], north, ("view",))),
        (at(-3), ("bob", deal["Distribution centre Charlotte"], south, both)),
        (at(-2), ("bob", diary.companies["Copperline Brewing"], team["alice"], ("view",))),
        (at(-1), ("alice", diary.contacts["Ravi Menon"], Group.objects.get(name="*"), ("view",))),
    ]
