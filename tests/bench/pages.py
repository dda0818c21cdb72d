"""What is asked for: for each page an address that varies from request to request, as it does among people."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from accounts.models import User
from activities.models import Activity
from companies.models import Company
from contacts.models import Contact
from deals.board.columns import board, next_cards
from deals.board.scope import Scope
from deals.models import Deal, Stage

MODELS: dict[str, Any] = {"deals": Deal, "contacts": Contact, "companies": Company, "activities": Activity}
COMMON = ("scanner", "printer", "sensor", "terminal", "licence", "cabinet", "rollout", "renewal")
OPEN_STAGES = ("lead", "qualified", "proposal", "negotiation")


@dataclass
class Person:
    """Somebody who asks: what he may see, and whose deals he filters by."""

    user: User
    dice: random.Random
    ids: dict[str, list[str]] = field(default_factory=dict)
    rare: list[str] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    more: list[str] = field(default_factory=list)

    def look_around(self) -> None:
        """Choose some records of each class that he may see, and words that only one deal has."""
        for name, model in MODELS.items():
            rows = model.objects.for_user(self.user, "view").order_by("id")
            self.ids[name] = list(rows.values_list("pk", flat=True)[:400])
        titles = Deal.objects.for_user(self.user, "view").order_by("id").values_list("title", flat=True)[:400]
        self.rare = [title.split()[-1] for title in titles]
        self.more = self._further_pages()
        self.owners = [self.user.pk, *User.objects.order_by("pk").values_list("pk", flat=True)[:20]]

    def open_deals(self) -> list[str]:
        """Return some open deals that he may see."""
        rows = Deal.objects.for_user(self.user, "view").filter(stage__in=OPEN_STAGES)
        return list(rows.order_by("id").values_list("pk", flat=True)[:50])

    def _further_pages(self) -> list[str]:
        """Return the addresses of the first ten pages that follow in each column of the board."""
        scope = Scope(self.user, QueryDict(), Stage.objects.in_order())
        found: list[str] = []
        for column in board(scope).columns:
            url = column.more_url
            for _ in range(10):
                if url:
                    found.append(url)
                    _cards, url = next_cards(scope, column.key, QueryDict(url.partition("?")[2])["after"])
        return found


Address = Callable[[Person], str]


def _any_of(path: str, name: str) -> Address:
    return lambda person: path.format(person.dice.choice(person.ids[name]))


def _searched(path: str) -> Address:
    return lambda person: path.format(person.dice.choice(COMMON))


PAGES: dict[str, Address] = {
    "Home": lambda _: "/",
    "Deals": lambda _: "/deals/",
    "Contacts": lambda _: "/contacts/",
    "Companies": lambda _: "/companies/",
    "Activities": lambda _: "/activities/",
    "Deals, page 2 to 20": lambda person: f"/deals/?page={person.dice.randrange(2, 21)}",
    "Deals by amount": lambda _: "/deals/?sort=-amount",
    "Deals by title": lambda _: "/deals/?sort=title",
    "Deals of a stage": lambda person: f"/deals/?stage={person.dice.choice(OPEN_STAGES)}",
    "Deals won": lambda _: "/deals/?stage=won",
    "Deals, open": lambda _: "/deals/?stage=open",
    "Deals of an owner": lambda person: f"/deals/?owner={person.dice.choice(person.owners)}",
    "Open deals of an owner": lambda person: f"/deals/?stage=open&owner={person.dice.choice(person.owners)}",
    "Search deals, common word": _searched("/deals/?q={}"),
    "Search deals, two words": lambda person: (
        f"/deals/?q={person.dice.choice(COMMON[:6])}+{person.dice.choice(COMMON[6:])}"
    ),
    "Search deals, rare word": lambda person: f"/deals/?q={person.dice.choice(person.rare)}",
    "Search all, common word": _searched("/search/?q={}"),
    "Search all, rare word": lambda person: f"/search/?q={person.dice.choice(person.rare)}",
    "Board": lambda _: "/deals/board/",
    "Board by value": lambda _: "/deals/board/?sort=value",
    "Board, stalest first": lambda _: "/deals/board/?sort=stalest",
    "Board of an owner": lambda person: f"/deals/board/?owner={person.dice.choice(person.owners)}",
    "Board, no next step": lambda _: "/deals/board/?no_next_step=1",
    "Board, common word": _searched("/deals/board/?q={}"),
    "Board, next page of a column": lambda person: person.dice.choice(person.more),
    "Deal": _any_of("/deals/{}/", "deals"),
    "Contact": _any_of("/contacts/{}/", "contacts"),
    "Company": _any_of("/companies/{}/", "companies"),
    "Activity": _any_of("/activities/{}/", "activities"),
    "Deal, history": _any_of("/deals/{}/history/", "deals"),
}
