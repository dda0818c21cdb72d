"""Two who edit one record at once: what one changed is taken, what both changed is asked, nothing is saved twice."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from activities.models import Activity
from companies.models import Company
from deals.models import Deal
from records.access import share
from records.conflicts import OPEN, THEIRS, YOURS
from records.models import Change
from tests.factories import make_company, make_contact, make_deal, signed_in
from tests.pages.kinds import KINDS, Kind
from tests.pages.reading import form_of, text_of

DAY = datetime(2030, 2, 28, 12, tzinfo=UTC)


def taken(answer: Any) -> dict[str, str]:
    """Return whose version each field that differs begins with."""
    return {row.name: row.taken for row in answer.context["versions"] if row.differs}


def test_what_only_one_changed_is_kept(alice: User, mira: User) -> None:
    other = make_company(alice, name="Other")
    deal = make_deal(alice, title="Old", amount=Decimal("1.10"), notes="a\nb", expected_close_date=DAY)
    mine, hers, url = signed_in(alice), signed_in(mira), f"/deals/{deal.pk}/edit/"
    stale = form_of(mine.get(url))
    theirs = {"title": "Hers", "stage": "proposal", "amount": "7", "expected_close_date": "2031-01-01"}
    assert hers.post(url, stale | theirs).status_code == 302
    answer = mine.post(url, stale | {"title": "Mine", "company": other.pk, "notes": "a\r\nc", "probability": "5"})
    assert answer.status_code == 409
    assert taken(answer) == {
        "title": OPEN,
        "stage": THEIRS,
        "amount": THEIRS,
        "expected_close_date": THEIRS,
        "company": YOURS,
        "notes": YOURS,
        "probability": YOURS,
    }
    assert mine.post(url, form_of(answer)).status_code == 302
    deal.refresh_from_db()
    assert (deal.title, deal.stage, deal.amount, deal.company) == ("Mine", "proposal", 7, other)
    assert (deal.notes, deal.probability) == ("a\r\nc", 5)
    assert deal.expected_close_date == datetime(2031, 1, 1, 12, tzinfo=UTC)


def test_values_that_look_the_same_are_told_apart(alice: User, mira: User) -> None:
    deal = make_deal(alice, title="Old", amount=Decimal("1.001"))
    mine, hers, url = signed_in(alice), signed_in(mira), f"/deals/{deal.pk}/edit/"
    stale = form_of(mine.get(url))
    assert hers.post(url, stale | {"title": "Hers"}).status_code == 302
    answer = mine.post(url, stale | {"amount": "1.004"})
    assert form_of(answer)["amount"] == "1.004"
    assert mine.post(url, form_of(answer)).status_code == 302
    deal.refresh_from_db()
    assert (deal.title, deal.amount) == ("Hers", Decimal("1.004"))


def test_version_that_never_was_leaves_every_choice(alice: User) -> None:
    deal = make_deal(alice, title="Old")
    sent = {"title": "Mine", "stage": "lead", "notes": "New", "version": "2001-01-01T00:00:00+00:00"}
    answer = signed_in(alice).post(f"/deals/{deal.pk}/edit/", sent)
    assert taken(answer) == {"title": OPEN, "notes": OPEN}
    assert (form_of(answer)["title"], form_of(answer)["notes"]) == ("Mine", "New")


def test_name_of_a_company_to_be_made_is_a_change(alice: User, mira: User) -> None:
    acme = make_company(alice, name="Acme")
    contact = make_contact(alice, company=acme)
    mine, hers, url = signed_in(alice), signed_in(mira), f"/contacts/{contact.pk}/edit/"
    stale = form_of(mine.get(url))
    assert hers.post(url, stale | {"company": ""}).status_code == 302
    answer = mine.post(url, stale | {"company": "", "company-new": "Beta"})
    assert taken(answer) == {"company": OPEN}
    assert 'data-words="Beta"' in text_of(answer)
    assert mine.post(url, form_of(answer)).status_code == 302
    contact.refresh_from_db()
    assert str(contact.company) == "Beta"


def test_what_the_record_pointed_at_may_be_gone(alice: User, mira: User) -> None:
    acme = make_company(alice, name="Acme")
    contact = make_contact(alice, name="Old", company=acme)
    mine, hers, url = signed_in(alice), signed_in(mira), f"/contacts/{contact.pk}/edit/"
    stale = form_of(mine.get(url))
    assert hers.post(url, stale | {"company": ""}).status_code == 302
    assert hers.post(f"/companies/{acme.pk}/delete/").status_code == 302
    answer = mine.post(url, stale | {"name": "Mine"})
    assert answer.status_code == 409
    assert form_of(answer)["name"] == "Mine"
    assert Company.objects.count() == 0


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path.strip("/"))
def test_form_that_is_sent_again_is_saved_once(kind: Kind, alice: User, bob: User) -> None:
    record, browser = kind.made(alice, "Old"), signed_in(alice)
    share(record, bob, ("view", "change"))
    url = f"{kind.path}{record.pk}/edit/"
    form = form_of(browser.get(url)) | {kind.title: "New"}
    assert browser.post(url, form).status_code == 302
    record.refresh_from_db()
    saved, logged = record.updated_at, Change.objects.count()
    again = browser.post(url, form)
    assert again["Location"] == f"{kind.path}{record.pk}/"
    assert "“New” was saved." in text_of(browser.get(again["Location"]))
    record.refresh_from_db()
    assert (record.updated_at, Change.objects.count()) == (saved, logged)

    assert browser.post(url, form | {kind.title: "Newer"}).status_code == 409  # not the form that was saved
    his = signed_in(bob)
    assert his.post(url, form).status_code == 409  # another person's
    assert his.post(url, form_of(his.get(url)) | {kind.title: "His"}).status_code == 302
    assert browser.post(url, form).status_code == 302  # it was saved, whatever came after
    record.refresh_from_db()
    assert str(record) == "His"


def test_form_that_made_a_company_along_is_saved_once(alice: User) -> None:
    deal, browser = make_deal(alice, title="Old", amount=Decimal("1e-7")), signed_in(alice)
    url = f"/deals/{deal.pk}/edit/"
    form = form_of(browser.get(url)) | {"company-new": "Acme", "stage": "won", "amount": "1,000.5"}
    for _ in range(3):
        assert browser.post(url, form).status_code == 302
    assert Company.objects.count() == 1
    deal.refresh_from_db()
    assert (str(deal.company), deal.stage, deal.amount) == ("Acme", "won", Decimal("1000.5"))
    assert browser.post(url, form | {"company-new": "Beta"}).status_code == 409
    assert Company.objects.count() == 1


def test_each_use_of_a_kept_form_makes_one_record(alice: User, mallory: User) -> None:
    deal, browser = make_deal(alice), signed_in(alice)
    form = form_of(browser.get(f"/deals/{deal.pk}/"))
    assert form["use"] == ""
    for use in ("", "one", "two", "one", "two", ""):
        answer = browser.post("/activities/log/", form | {"subject": f"Use {use}".strip(), "use": use})
        assert answer["Location"] == f"/deals/{deal.pk}/"
    assert sorted(Activity.objects.values_list("subject", flat=True)) == ["Use", "Use one", "Use two"]
    refused = browser.post("/activities/log/", form | {"subject": "", "use": "three"})
    assert (refused.status_code, form_of(refused)["use"]) == (422, "three")
    share(deal, mallory, ("view",))
    assert signed_in(mallory).post("/activities/log/", form | {"subject": "Hers", "use": "one"}).status_code == 302
    assert Activity.objects.filter(subject="Hers", created_by=mallory).count() == 1


@pytest.mark.parametrize("use", ["x" * 10_000, "\U0001f600", "' OR 1=1"])
def test_odd_use_makes_one_record(use: str, alice: User) -> None:
    browser = signed_in(alice)
    form = form_of(browser.get("/deals/new/")) | {"title": "Odd", "use": use}
    for _ in range(2):
        assert browser.post("/deals/new/", form).status_code == 302
    assert Deal.objects.count() == 1
