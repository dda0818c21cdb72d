"""Writes of apps that meet: none is lost, none is a 500, no right outlives its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from companies.models import Company
from crm_site.invariants import findings
from deals.models import Deal
from records.access import share
from tests.factories import make_activity, make_company, make_contact, make_deal
from tests.live.following import eventually
from tests.parse_api.app import App, refusal, signed_in_app
from tests.parse_api.objects import ALL, pointer, shown
from tests.parse_api.test_at_once import at_once
from tests.security.test_races import meanwhile

pytestmark = pytest.mark.django_db(transaction=True)


def sending(app: App, method: str, path: str, body: Any, answers: list[Any]) -> Callable[[], int]:
    """Return what sends a request and keeps its answer."""

    def send() -> int:
        answers.append(app.send(method, path, body))
        return int(answers[-1].status_code)

    return send


@contextmanager
def without_deadlock() -> Iterator[None]:
    """Fail when PostgreSQL has broken one up: each session that came says so when it ends at the latest."""
    there, before = _sessions(), _deadlocks()
    yield
    eventually(lambda: _sessions() <= there)
    assert _deadlocks() == before


def _sessions() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return {pid for (pid,) in cursor.fetchall()}


def _deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def test_increments_at_once_all_count(alice: User) -> None:
    deal, app = make_deal(alice), signed_in_app(alice)
    body = {"amount": {"__op": "Increment", "amount": 1}}
    answers = at_once(8, lambda _n: App(app.headers).put(f"/classes/Deal/{deal.pk}", body))
    assert sorted(answer.json()["amount"] for answer in answers) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert len({answer.json()["updatedAt"] for answer in answers}) == 8


def test_updates_of_different_fields_are_both_kept(alice: User) -> None:
    deal, app = make_deal(alice), signed_in_app(alice)
    bodies = [{"notes": "n"}, {"stage": "won"}, {"amount": 3}, {"title": "t"}]
    answers = at_once(4, lambda n: App(app.headers).put(f"/classes/Deal/{deal.pk}", bodies[n]))
    assert [answer.status_code for answer in answers] == [200] * 4
    found = shown(app, "Deal", deal.pk)
    assert [found[key] for key in ("notes", "stage", "amount", "title")] == ["n", "won", 3, "t"]
    assert findings() == []


def test_a_right_that_is_taken_away_meanwhile_is_gone(alice: User, bob: User) -> None:
    deal = make_deal(alice)
    share(deal, bob, ("view", "change"))
    answers: list[Any] = []
    app = signed_in_app(bob)
    with meanwhile(sending(app, "PUT", f"/classes/Deal/{deal.pk}", {"stage": "won"}, answers)):
        share(deal, bob, ())
    assert refusal(answers[0]) == (404, 101)
    assert Deal.objects.get().stage == "lead"


def test_a_deal_that_is_handed_over_meanwhile_is_gone(alice: User, bob: User) -> None:
    deal, answers = make_deal(alice), list[Any]()
    app = signed_in_app(alice)
    with meanwhile(sending(app, "PUT", f"/classes/Deal/{deal.pk}", {"ACL": {alice.pk: ALL}}, answers)):
        Deal.objects.filter(pk=deal.pk).update(assigned_to=bob)
    assert refusal(answers[0]) == (404, 101)
    assert findings() == []


def test_what_is_pointed_at_and_deleted_meanwhile_is_not_found(alice: User) -> None:
    company, deal, answers = make_company(alice), make_deal(alice), list[Any]()
    app = signed_in_app(alice)
    for method, path in (("POST", "/classes/Deal"), ("PUT", f"/classes/Deal/{deal.pk}")):
        body = {"title": "x", "company": pointer(company)}
        with meanwhile(sending(app, method, path, body, answers)):
            Company.objects.filter(pk=company.pk).delete()
        company = make_company(alice)
    assert [refusal(answer) for answer in answers] == [(404, 101), (404, 101)]
    assert (Deal.objects.count(), findings()) == (1, [])


def test_a_deletion_and_an_update_that_meet(alice: User) -> None:
    deal, answers = make_deal(alice), list[Any]()
    app = signed_in_app(alice)
    with meanwhile(sending(app, "PUT", f"/classes/Deal/{deal.pk}", {"stage": "won"}, answers)):
        deal.delete()
    assert refusal(answers[0]) == (404, 101)


def test_hand_overs_at_once_leave_one_owner_with_rights(alice: User, bob: User, mallory: User, mira: User) -> None:
    deal, app, people = make_deal(alice), signed_in_app(mira), (alice, bob, mallory, mira)
    path = f"/classes/Deal/{deal.pk}"
    answers = at_once(4, lambda n: App(app.headers).put(path, {"assignedTo": pointer(people[n]), "ACL": {"*": ALL}}))
    assert {answer.status_code for answer in answers} == {200}
    found = shown(app, "Deal", deal.pk)
    owner = found["assignedTo"]["objectId"]
    assert found["ACL"] in ({"*": ALL, owner: ALL}, {"*": ALL})  # the second: he was it already, and sent so
    assert findings() == []


def test_deals_and_activities_of_one_company_at_once(alice: User) -> None:
    company = make_company(alice)
    deals = [make_deal(alice, company=company) for _ in range(2)]
    for deal in deals:
        make_activity(alice, related_deal=deal)
    app = signed_in_app(alice)
    requests = [
        ("POST", "/classes/Deal", {"title": "x", "company": pointer(company)}),
        ("PUT", f"/classes/Deal/{deals[0].pk}", {"company": None, "ACL": {alice.pk: ALL, "*": ALL}}),
        ("PUT", f"/classes/Company/{company.pk}", {"ACL": {alice.pk: ALL, "*": {"read": True}}}),
        ("DELETE", f"/classes/Deal/{deals[1].pk}", None),
        ("POST", "/classes/Activity", {"relatedTo": pointer(deals[0])}),
        ("POST", "/classes/Contact", {"name": "x", "company": pointer(company), "ACL": {"*": ALL}}),
    ]
    answers = at_once(6, lambda n: App(app.headers).send(*requests[n]))
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert findings() == []


def test_many_creates_at_once_do_not_deadlock(alice: User) -> None:
    """Each batch names the same records in another order."""
    companies = [make_company(alice) for _ in range(4)]
    contacts = [make_contact(alice, company=company) for company in companies]
    deals = [make_deal(alice) for _ in companies]
    app = signed_in_app(alice)

    def batch(n: int) -> Any:
        turned = [(place + n) % 4 for place in range(4)]
        targets = [(contacts[one], companies[three]) for one, three in zip(turned, reversed(turned), strict=True)]
        bodies = [{"title": "x", "contact": pointer(one), "company": pointer(two)} for one, two in targets]
        about = [{"relatedTo": pointer(each[one])} for one in turned for each in (contacts, deals)]
        requests = [{"method": "POST", "path": "/parse/classes/Deal", "body": body} for body in bodies]
        requests += [{"method": "POST", "path": "/parse/classes/Activity", "body": body} for body in about]
        return App(app.headers).post("/batch", {"requests": requests})

    answers = at_once(6, batch)
    assert [answer.status_code for answer in answers] == [200] * 6
    assert all("success" in each for answer in answers for each in answer.json())
    assert (Deal.objects.count(), findings()) == (4 + 6 * 4, [])


@pytest.mark.parametrize("more", [{"transaction": True}, {}], ids=["all or nothing", "each for itself"])
def test_batches_that_meet_in_opposite_order_wait_for_each_other(alice: User, more: dict[str, bool]) -> None:
    """Without an order, nearly every pair of them deadlocks, which PostgreSQL notices after a second."""
    company = make_company(alice)
    contacts = [make_contact(alice, company=company) for _ in range(2)]
    deals = [make_deal(alice, contact=contact) for contact in contacts for _ in range(2)]
    app = signed_in_app(alice)
    add = {"__op": "Increment", "amount": 1}
    changes = [("PUT", f"Deal/{deal.pk}", {"amount": add, "ACL": {alice.pk: ALL, "*": ALL}}) for deal in deals]
    changes += [("PUT", f"Contact/{contact.pk}", {"email": "x@example.com"}) for contact in contacts]
    changes += [("POST", "Deal", {"title": "x", "contact": pointer(contact)}) for contact in contacts]

    def batch(n: int) -> Any:
        order = changes if n % 2 else changes[::-1]
        steps = [{"method": method, "path": f"/parse/classes/{path}", "body": body} for method, path, body in order]
        return App(app.headers).post("/batch", {"requests": steps, **more})

    with without_deadlock():
        answers = at_once(8, batch)
    assert [answer.status_code for answer in answers] == [200] * 8
    assert all("success" in each for answer in answers for each in answer.json())
    assert {deal.amount for deal in Deal.objects.filter(pk__in=[deal.pk for deal in deals])} == {8}
    assert findings() == []


def test_batches_that_delete_and_change_what_hangs_together_wait_for_each_other(alice: User) -> None:
    companies = [make_company(alice) for _ in range(3)]
    contacts = [make_contact(alice, company=company) for company in companies]
    deals = [make_deal(alice, company=company, contact=contacts[0]) for company in companies]
    activities = [make_activity(alice, related_deal=deal) for deal in deals]
    body = {"ACL": {alice.pk: ALL, "*": ALL}}
    changes = [("PUT", each) for each in (*deals, *activities, *contacts)]
    kinds = (changes, [("DELETE", company) for company in companies])
    app = signed_in_app(alice)

    def batch(n: int) -> Any:
        order = kinds[n % 2] if n % 4 < 2 else kinds[n % 2][::-1]
        paths = [(method, f"/parse/classes/{type(record).__name__}/{record.pk}") for method, record in order]
        steps = [{"method": method, "path": path, "body": body} for method, path in paths]
        return App(app.headers).post("/batch", {"requests": steps, "transaction": True})

    with without_deadlock():
        answers = at_once(8, batch)
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [400] * 3
    assert {answer.json()["code"] for answer in answers if answer.status_code == 400} == {101}
    assert Company.objects.count() == 0
    assert findings() == []
