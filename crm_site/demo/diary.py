"""Turns a row of the demo data into what the team did at which moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
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
class Event:
    """Something that `actor` did at a moment; `order` settles what came first within it."""

    moment: datetime
    order: int
    actor: str
    act: Callable[[], object]


class Diary:
    """Holds what has been made, by name."""

    def __init__(self, team: dict[str, User], calendar: Calendar) -> None:
        """Start with nothing."""
        self.team = team
        self.calendar = calendar
        self.companies: dict[str, Company] = {}
        self.contacts: dict[str, Contact] = {}
        self.deals: dict[str, Deal] = {}
        self.activities = 0
        self._order = count()
        self._turn = count()

    def counts(self) -> dict[str, int]:
        """Return how many of each class were made."""
        return {
            "companies": len(self.companies),
            "contacts": len(self.contacts),
            "deals": len(self.deals),
            "activities": self.activities,
        }

    def _event(self, moment: datetime, actor: str, record: Any, force: str = "insert") -> Event:
        """Return the saving of a new record, which is dated and owned by `actor`."""
        record.created_at = record.updated_at = moment
        setattr(record, record.owner_field, self.team[actor])
        return Event(moment, next(self._order), actor, partial(record.save, **{f"force_{force}": True}))

    def company(self, row: dict[str, str]) -> Event:
        """Make a company."""
        company = Company(
            name=row["name"],
            website=f"https://{row['domain']}",
            industry=row["industry"],
            address=row["address"],
            notes=row["notes"] or None,
        )
        self.companies[company.name] = company
        return self._event(self.calendar.at(-int(row["opened"])), row["owner"], company)

    def contact(self, row: dict[str, str]) -> Iterator[Event]:
        """Make a contact a little after its company, and for some an activity about it."""
        company = self.companies.get(row["company"])
        words = row["name"].removeprefix("Dr. ").lower().split()
        host = (company.website or "").removeprefix("https://") if company else "example.org"
        contact = Contact(
            name=row["name"],
            email=f"{'.'.join(words)}@{host}",
            phone=row["phone"],
            notes=f"{row['role']}.",
            company=company,
        )
        self.contacts[contact.name] = contact
        start = company.created_at if company else self.calendar.at(-90)
        moment = start + timedelta(minutes=7 * (1 + len(self.contacts) % 9))
        yield self._event(moment, row["owner"], contact)
        if len(self.contacts) % 3 == 0:
            kind, subject, text = talk.ABOUT_PEOPLE[len(self.contacts) // 3 % len(talk.ABOUT_PEOPLE)]
            done = self.calendar.at(-(3 + len(self.contacts) % 15))
            yield self._activity(max(done, moment), row["owner"], kind, subject, text, related_contact=contact)

    def deal(self, row: dict[str, str]) -> Iterator[Event]:
        """Make a deal, its way through the pipeline, what was talked about and what comes next."""
        people = [contact for contact in self.contacts.values() if contact.company == self.companies[row["company"]]]
        close = int(row["close"])
        deal = Deal(
            title=row["title"],
            amount=Decimal(row["amount"]),
            company=self.companies[row["company"]],
            contact=people[next(self._turn) % len(people)],
            expected_close_date=self.calendar.noon(close),
        )
        self.deals[deal.title] = deal
        moment = self.calendar.at(-int(row["opened"]))
        deal.stage, deal.stage_changed_at = "lead", moment
        yield self._event(moment, row["owner"], deal)
        yield from self._progress(deal, row, moment)
        if row["stage"] in PATH:
            yield from self._plan(deal, row)

    def _progress(self, deal: Deal, row: dict[str, str], opened: datetime) -> Iterator[Event]:
        """Move the deal to where it stands, with something said before each move."""
        closed = row["stage"] not in PATH
        stages = [*PATH, row["stage"]] if closed else list(PATH[: PATH.index(row["stage"]) + 1])
        end = self.calendar.at(int(row["close"])) if closed else self.calendar.now - timedelta(hours=3)
        moments = self.calendar.between(opened, end, len(stages) - (2 if closed else 1))
        moments = [*moments, end] if closed else moments
        for (before, after), moment in zip(pairwise(stages), moments, strict=True):
            yield self._talk(deal, row["owner"], before, moment - timedelta(minutes=25))
            yield self._move(deal, row, after, moment)
        if closed:
            yield self._talk(deal, row["owner"], row["stage"], end + timedelta(minutes=5))
        else:
            yield self._talk(deal, row["owner"], row["stage"], self.calendar.between(moments[-1] if moments else opened, end, 1)[0])

    def _move(self, deal: Deal, row: dict[str, str], stage: str, moment: datetime) -> Event:
        change: dict[str, Any] = {"stage": stage, "stage_changed_at": moment, "updated_at": moment}
        if stage in ("won", "lost"):
            change["closed_at"] = moment
            change["lost_reason"], change["lost_note"] = row["reason"] or None, row["note"] or None
        update = partial(Deal.objects.filter(pk=deal.pk).update, **change)
        return Event(moment, next(self._order), row["owner"], update)

    def _talk(self, deal: Deal, actor: str, stage: str, moment: datetime) -> Event:
        choices = talk.DONE[stage]
        kind, subject, text = choices[next(self._turn) % len(choices)]
        return self._activity(moment, actor, kind, subject.replace("{what}", deal.title), text, related_deal=deal)

    def _plan(self, deal: Deal, row: dict[str, str]) -> Iterator[Event]:
        days = NEXT_DUE[len(self.deals) % len(NEXT_DUE)]
        if days is None:
            return
        choices = talk.NEXT[row["stage"]]
        kind, subject = choices[next(self._turn) % len(choices)]
        made = self.calendar.now - timedelta(days=max(0, -days) + 1, hours=len(self.deals) % 6)
        due = self.calendar.due(days)
        yield self._activity(
            max(made, deal.created_at), row["owner"], kind, subject, "", due=due, done=False, related_deal=deal
        )

    def _activity(
        self,
        moment: datetime,
        actor: str,
        kind: str,
        subject: str,
        text: str,
        due: datetime | None = None,
        *,
        done: bool = True,
        **about: Any,
    ) -> Event:
        record = about.get("related_contact") or about["related_deal"].contact
        activity = Activity(
            type=kind,
            subject=subject.replace("{who}", record.name.removeprefix("Dr. ").split()[0]),
            description=text or None,
            due_date=due,
            completed_at=moment if done else None,
            **about,
        )
        self.activities += 1
        return self._event(moment, actor, activity)
