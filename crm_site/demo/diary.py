"""Turns a row of the demo data into what the team did at which moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count, pairwise
from typing import Any

from accounts.models import User
from activities.models import Activity
from companies.models import Company
from contacts.models import Contact
from crm_site.demo import talk
from crm_site.demo.calendar import Calendar
from deals.models import Deal

PATH = ("lead", "qualified", "proposal", "negotiation")
# Days from today on which the next step of an open deal is due; None: nothing is planned.
NEXT_DUE = (0, 3, -2, 1, 6, None, 2, -5, 9, 0, 4, None, 14, 1, -1, 8)


@dataclass(frozen=True)
class Move:
    """A deal's step to a stage."""

    deal: Deal
    stage: str
    moment: datetime
    reason: str | None = None
    note: str | None = None


class Diary:
    """Holds the records that are to be made, by name, and the moves of the deals in their order."""

    def __init__(self, team: dict[str, User], calendar: Calendar) -> None:
        """Start with nothing."""
        self.team = team
        self.calendar = calendar
        self.companies: dict[str, Company] = {}
        self.contacts: dict[str, Contact] = {}
        self.deals: dict[str, Deal] = {}
        self.activities: list[Activity] = []
        self._moves: dict[int, list[Move]] = defaultdict(list)
        self._turn = count()

    def counts(self) -> dict[str, int]:
        """Return how many of each class there are."""
        names = ("companies", "contacts", "deals", "activities")
        return {name: len(getattr(self, name)) for name in names}

    def steps(self) -> Iterator[list[Deal]]:
        """Move all deals one step at a time; yield those that have just moved."""
        for _, moves in sorted(self._moves.items()):
            for move in moves:
                move.deal.stage = move.stage
                move.deal.stage_changed_at = move.deal.updated_at = move.moment
                move.deal.closed_at = None if move.stage in PATH else move.moment
                move.deal.lost_reason, move.deal.lost_note = move.reason, move.note
            yield [move.deal for move in moves]

    def company(self, row: dict[str, str]) -> None:
        """Write down a company."""
        opened = self.calendar.at(-int(row["opened"]))
        self.companies[row["name"]] = Company(
            name=row["name"],
            website=f"https://{row['domain']}",
            industry=row["industry"],
            address=row["address"],
            notes=row["notes"] or None,
            **self._made(opened, created_by=row["owner"]),
        )

    def contact(self, row: dict[str, str]) -> None:
        """Write down a contact, a little after its company, and for some an activity about it."""
        company = self.companies.get(row["company"])
        number = len(self.contacts)
        words = row["name"].removeprefix("Dr. ").lower().split()
        host = (company.website or "").removeprefix("https://") if company else "example.org"
        moment = (company.created_at if company else self.calendar.at(-90)) + timedelta(minutes=7 * (1 + number % 9))
        contact = self.contacts[row["name"]] = Contact(
            name=row["name"],
            email=f"{'.'.join(words)}@{host}",
            phone=row["phone"],
            notes=f"{row['role']}.",
            company=company,
            **self._made(moment, created_by=row["owner"]),
        )
        if number % 3 == 0:
            done: datetime = max(self.calendar.at(-3 - number % 15), moment)
            self._talk(talk.ABOUT_PEOPLE, done, row["owner"], related_contact=contact)

    def deal(self, row: dict[str, str]) -> None:
        """Write down a deal, its way through the pipeline, what was talked about and what comes next."""
        company = self.companies[row["company"]]
        people = [contact for contact in self.contacts.values() if contact.company is company]
        opened = self.calendar.at(-int(row["opened"]))
        deal = self.deals[row["title"]] = Deal(
            title=row["title"],
            amount=Decimal(row["amount"]),
            company=company,
            contact=people[next(self._turn) % len(people)],
            expected_close_date=self.calendar.noon(int(row["close"])),
            stage="lead",
            stage_changed_at=opened,
            **self._made(opened, assigned_to=row["owner"]),
        )
        self._progress(deal, row, opened)
        if row["stage"] in PATH:
            self._plan(deal, row)

    def _progress(self, deal: Deal, row: dict[str, str], opened: datetime) -> None:
        """Move the deal to where it stands, with something said before each move and after the last."""
        is_open = row["stage"] in PATH
        stages = PATH[: PATH.index(row["stage"]) + 1] if is_open else (*PATH, row["stage"])
        end = self.calendar.now - timedelta(hours=3) if is_open else self.calendar.at(int(row["close"]))
        parts = self.calendar.between(opened, end, len(stages) - (0 if is_open else 1))
        moments = parts if is_open else [*parts[:-1], end, end + timedelta(minutes=5)]
        for number, ((before, after), moment) in enumerate(zip(pairwise(stages), moments, strict=False)):
            self._talk(talk.DONE[before], moment - timedelta(minutes=25), row["owner"], related_deal=deal)
            self._moves[number].append(Move(deal, after, moment))
        if not is_open:
            self._moves[number][-1] = Move(deal, after, end, row["reason"] or None, row["note"] or None)
        self._talk(talk.DONE[stages[-1]], moments[-1], row["owner"], related_deal=deal)

    def _plan(self, deal: Deal, row: dict[str, str]) -> None:
        days = NEXT_DUE[len(self.deals) % len(NEXT_DUE)]
        if days is None:
            return
        made = self.calendar.now - timedelta(days=max(0, -days) + 1, hours=len(self.deals) % 6)
        due = self.calendar.due(days)
        moment: datetime = max(made, deal.created_at)
        self._talk(talk.NEXT[row["stage"]], moment, row["owner"], due=due, related_deal=deal)

    def _talk(
        self, choices: talk.Choices, moment: datetime, owner: str, due: datetime | None = None, **about: Any
    ) -> None:
        """Write down one of the activities to choose from: done at `moment` unless it is still due."""
        kind, subject, text = choices[next(self._turn) % len(choices)]
        contact = about["related_contact"] if "related_contact" in about else about["related_deal"].contact
        first_name = contact.name.removeprefix("Dr. ").split()[0]
        self.activities.append(
            Activity(
                type=kind,
                subject=subject.replace("{who}", first_name),
                description=text or None,
                due_date=due,
                completed_at=None if due else moment,
                **about,
                **self._made(moment, created_by=owner),
            )
        )

    def _made(self, moment: datetime, **owner: str) -> dict[str, Any]:
        """Return the fields that say when a record was made, and whose it is."""
        people = {field: self.team[name] for field, name in owner.items()}
        return {"created_at": moment, "updated_at": moment, **people}
