"""A form that is sent twice makes one record, also when both arrive at the same moment."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from accounts.models import User
from companies.models import Company
from records.models import Change
from tests.factories import make_contact, make_user, signed_in
from tests.pages.kinds import DEALS, KINDS, Kind
from tests.pages.reading import form_of, text_of

EACH = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path.strip("/"))


@EACH
def test_form_sent_twice_makes_one_record(kind: Kind, alice: User) -> None:
    browser = signed_in(alice)
    form = form_of(browser.get(f"{kind.path}new/")) | {kind.title: "Once"}
    first, second = (browser.post(f"{kind.path}new/", form) for _ in range(2))
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert kind.model.objects.count() == 1
    assert Change.objects.of(kind.last())[0].actor == alice.pk
    again = browser.post(f"{kind.path}new/", form | {kind.title: "Twice"})
    assert again["Location"] == first["Location"]
    assert str(kind.last()) == "Once"


@EACH
def test_key_of_another_person_or_none_makes_a_record_of_its_own(kind: Kind, alice: User, bob: User) -> None:
    browser = signed_in(alice)
    form = form_of(browser.get(f"{kind.path}new/")) | {kind.title: "Mine"}
    browser.post(f"{kind.path}new/", form)
    for key in (form["key"], "", "AAAAAAAAAA", "a:b:c", "x" * 5000):
        answer = signed_in(bob).post(f"{kind.path}new/", form | {"key": key, kind.title: "His", "assigned_to": bob.pk})
        assert answer.status_code == 302, key
    assert kind.model.objects.count() == 6
    assert len({str(record) for record in kind.model.objects.for_user(bob, "view")}) == 1


def test_refused_form_keeps_its_key(alice: User) -> None:
    browser = signed_in(alice)
    form = form_of(browser.get("/companies/new/"))
    refused = browser.post("/companies/new/", form | {"name": ""})
    assert form_of(refused)["key"] == form["key"]
    found = browser.post("/contacts/new/", form_of(browser.get("/contacts/new/")) | {"find": "company"})
    assert found.status_code == 200
    key = form_of(found)["key"]
    assert form_of(browser.post("/contacts/new/", form_of(found) | {"find": "company"}))["key"] == key


def test_quick_log_sent_twice_makes_one_activity(alice: User) -> None:
    contact, browser = make_contact(alice), signed_in(alice)
    form = form_of(browser.get(f"/contacts/{contact.pk}/")) | {"subject": "Called", "type": "call", "when": "now"}
    answers = [browser.post("/activities/log/", form) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == [f"/contacts/{contact.pk}/"] * 2
    assert contact.activities.count() == 1


@pytest.mark.django_db(transaction=True)
def test_form_sent_twice_at_once_makes_one_record() -> None:
    user = make_user()
    browser = signed_in(user)
    form = form_of(browser.get("/deals/new/")) | {"title": "Once", "company-new": "Acme"}
    start, answers = threading.Barrier(4), []

    def send() -> None:
        try:
            mine = signed_in(user)
            start.wait(30)
            answers.append(mine.post("/deals/new/", form))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [302] * 4
    assert len({answer["Location"] for answer in answers}) == 1
    assert DEALS.model.objects.count() == 1
    assert Company.objects.count() == 1


def test_says_nothing_of_a_record_that_was_given_away(alice: User, bob: User) -> None:
    browser = signed_in(alice)
    form = form_of(browser.get("/deals/new/")) | {"title": "Given", "assigned_to": bob.pk}
    assert browser.post("/deals/new/", form)["Location"] == "/deals/"
    again = browser.post("/deals/new/", form)
    assert again.status_code == 302
    assert again["Location"] == "/deals/"
    assert DEALS.model.objects.count() == 1
    assert "Given" not in "".join(text_of(browser.get("/deals/")).split("record-list")[1:])
