"""Writers whose transactions commit in every order, and clients that sync meanwhile: none ends with another state."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import Error, connections, transaction

from accounts.models import User
from activities.models import Activity
from companies.models import Company
from contacts.models import Contact
from crm_site.invariants import findings
from deals.models import Deal
from records.access import share
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role
from tests.parse_api.app import App, signed_in_app
from tests.parse_api.sync.copy import Copy, truth

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, ROUNDS, LONGEST = 5, 16, 0.4
PATIENCE = 120.0


class Writer:
    """Does what people do, at random; each of its transactions may be long, and may be rolled back."""

    def __init__(self, number: int, people: list[User], role: Any) -> None:
        self.random = random.Random(number)  # noqa: S311 - so that a run can be repeated
        self.people = people
        self.holders = [*people, role]
        self.acts = [
            self.make, self.make, self.log, self.rename, self.hand_over, self.tie, self.give, self.take, self.delete
        ]  # fmt: skip
        self.done = 0

    def run(self) -> None:
        """Run the transactions."""
        for _ in range(ROUNDS):
            try:
                with transaction.atomic():
                    for _ in range(self.random.randint(1, 4)):
                        self.random.choice(self.acts)()
                        time.sleep(self.random.choice((0, 0.01, 0.05)))
                    time.sleep(LONGEST if self.random.random() < 0.1 else 0)
                    transaction.set_rollback(self.random.random() < 0.2)
                self.done += 1
            except Error:  # it lost against another writer, or what it meant is gone
                continue

    def some(self, model: Any) -> Any:
        """Return one of the records there are, None when there is none."""
        ids = list(model.objects.values_list("pk", flat=True))
        return model.objects.filter(pk=self.random.choice(ids)).first() if ids else None

    def make(self) -> None:
        owner = self.random.choice(self.people)
        company, contact = self.some(Company), self.some(Contact)
        make_deal(owner, company=company, contact=contact)
        if self.random.random() < 0.3:
            make_contact(owner, company=company)

    def log(self) -> None:
        make_activity(self.random.choice(self.people), related_deal=self.some(Deal))

    def rename(self) -> None:
        if (deal := self.some(Deal)) is not None:
            Deal.objects.filter(pk=deal.pk).update(title=f"{self.random.random()}")

    def hand_over(self) -> None:
        if (deal := self.some(Deal)) is not None:
            Deal.objects.filter(pk=deal.pk).update(assigned_to=self.random.choice(self.people))

    def tie(self) -> None:
        if (deal := self.some(Deal)) is not None:
            Deal.objects.filter(pk=deal.pk).update(contact=self.random.choice((None, self.some(Contact))))

    def give(self) -> None:
        if (record := self.some(self.random.choice((Deal, Contact, Company)))) is not None:
            share(record, self.random.choice(self.holders), ("view",))

    def take(self) -> None:
        if (record := self.some(self.random.choice((Deal, Contact, Company)))) is not None:
            share(record, self.random.choice(self.holders), ())

    def delete(self) -> None:
        if (record := self.some(self.random.choice((Deal, Deal, Activity, Contact)))) is not None:
            record.delete()


class Client:
    """Syncs in a loop, answer by answer, until it is told that the writers are done."""

    def __init__(self, app: App, limit: int, done: threading.Event) -> None:
        self.copy, self.is_over = Copy(app, limit=limit), done
        self.syncs = 0

    def run(self) -> None:
        """Sync until there is nothing new any more."""
        while not self.is_over.is_set():
            self.copy.sync()
            self.syncs += 1
        self.copy.sync()


class Turncoat:
    """Joins a role and leaves it, again and again."""

    def __init__(self, person: User, role: Any, done: threading.Event) -> None:
        self.person, self.role, self.is_over = person, role, done

    def run(self) -> None:
        """Do so until the writers are done."""
        while not self.is_over.wait(0.5):
            self.person.groups.add(self.role)
            self.is_over.wait(0.5)
            self.person.groups.remove(self.role)


def in_thread(run: Callable[[], None], problems: list[BaseException]) -> threading.Thread:
    """Run something with a connection of its own; an error of it is added to `problems`."""

    def work() -> None:
        try:
            run()
        except BaseException as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_every_copy_ends_with_exactly_what_a_list_has(alice: User, bob: User, mallory: User, mira: User) -> None:
    role = make_role("Sales", mallory)
    people, done, problems = [alice, bob, mallory, mira], threading.Event(), list[BaseException]()
    for _ in range(3):
        make_contact(alice, company=make_company(bob))
    writers = [Writer(number, people, role) for number in range(WRITERS)]
    clients = [Client(signed_in_app(person), limit, done) for person in people for limit in (3, 1_000)]
    following = [in_thread(run, problems) for run in (*(each.run for each in clients), Turncoat(bob, role, done).run)]
    writing = [in_thread(each.run, problems) for each in writers]
    for thread in writing:
        thread.join(PATIENCE)
    done.set()
    for thread in following:
        thread.join(PATIENCE)
    assert problems == []
    assert not any(thread.is_alive() for thread in (*writing, *following))
    assert sum(each.done for each in writers) > WRITERS * ROUNDS / 2
    for client in clients:
        assert client.syncs > 1
        assert client.copy.records == truth(client.copy.app)
    assert max(each.copy.begun for each in clients) > 1  # Bob's, whose roles changed
    assert [each.copy.begun for each in clients if each.copy.app.token not in _tokens(clients[2:4])] == [1] * 6
    assert findings() == []


def _tokens(clients: list[Client]) -> list[str]:
    return [each.copy.app.token for each in clients]
