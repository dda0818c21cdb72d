"""Deleting asks first and says what goes along; the message carries the way back."""

from __future__ import annotations

import pytest

from accounts.models import User
from records.access import share
from records.models import Change
from tests.factories import make_activity, make_company, make_contact, make_deal, signed_in
from tests.pages.kinds import KINDS, Kind
from tests.pages.reading import text_of

EACH = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path.strip("/"))


@EACH
def test_asks_deletes_and_brings_back(kind: Kind, alice: User, bob: User) -> None:
    record, browser = kind.made(alice, "Old <b>"), signed_in(alice)
    share(record, bob, ("view",))
    url = f"{kind.path}{record.pk}/"
    page = text_of(browser.get(f"{url}delete/"))
    assert "“Old &lt;b&gt;”?" in page
    assert "Nothing else goes with it." in page
    assert kind.model.objects.count() == 1

    answer = browser.post(f"{url}delete/")
    assert answer.status_code == 302
    assert answer["Location"] == kind.path
    assert not kind.model.objects.exists()
    assert Change.objects.filter(operation="delete").latest("id").actor == alice.pk
    toast = text_of(browser.get(kind.path))
    assert "“Old &lt;b&gt;” was deleted." in toast
    assert f'action="{url}restore/"' in toast
    assert browser.get(url).status_code == browser.post(f"{url}delete/").status_code == 404

    back = browser.post(f"{url}restore/")
    assert back["Location"] == url
    assert "Old &lt;b&gt;" in text_of(browser.get(url))
    assert signed_in(bob).get(url).status_code == 200


def test_company_says_what_stays(alice: User, mallory: User) -> None:
    company = make_company(alice)
    make_contact(alice, company=company)
    make_deal(alice, company=company)
    make_deal(alice, company=company)
    make_deal(mallory, company=company)
    page = text_of(signed_in(alice).get(f"/companies/{company.pk}/delete/"))
    assert "Nothing else goes with it." in page
    assert "<li>1 contact</li>" in page
    assert "<li>2 deals and others you cannot see</li>" in page


@pytest.mark.parametrize("pointer", ["related_contact", "related_deal"])
def test_activities_go_along(pointer: str, alice: User, mallory: User) -> None:
    record = make_contact(alice) if pointer == "related_contact" else make_deal(alice)
    make_activity(alice, **{pointer: record})
    make_activity(mallory, **{pointer: record})
    browser = signed_in(alice)
    page = text_of(browser.get(f"{record.get_absolute_url()}delete/"))
    assert "<li>2 activities</li>" in page
    assert browser.post(f"{record.get_absolute_url()}delete/").status_code == 302
    assert not record.activities.exists()
    assert browser.post(f"{record.get_absolute_url()}restore/").status_code == 302
    assert record.activities.count() == 2


def test_what_one_cannot_see_is_not_counted(alice: User, mallory: User) -> None:
    company = make_company(alice)
    make_contact(mallory, company=company)
    page = text_of(signed_in(alice).get(f"/companies/{company.pk}/delete/"))
    assert "<li>contacts you cannot see</li>" in page


def test_contacts_deal_stays_without_it(alice: User) -> None:
    contact = make_contact(alice)
    deal = make_deal(alice, contact=contact)
    browser = signed_in(alice)
    assert "<li>1 deal</li>" in text_of(browser.get(f"/contacts/{contact.pk}/delete/"))
    browser.post(f"/contacts/{contact.pk}/delete/")
    deal.refresh_from_db()
    assert deal.contact is None


@EACH
def test_two_people_delete_at_once(kind: Kind, alice: User, mira: User) -> None:
    record = kind.made(alice)
    url = f"{kind.path}{record.pk}/delete/"
    assert [signed_in(user).post(url).status_code for user in (alice, mira)] == [302, 404]
