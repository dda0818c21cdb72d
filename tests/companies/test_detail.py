"""/companies/<id>/: its fields, its contacts and deals, and the activities about those."""

from __future__ import annotations

from accounts.models import User
from records.access import share
from tests.factories import make_activity, make_company, make_contact, make_deal, signed_in
from tests.pages.reading import text_of
from tests.records.queries import count_queries

QUERIES = 9
"""session, person; the company with its owner, whether it may be changed; its contacts, its deals,
stages; activities, which of them may be changed."""


def test_shows_its_fields(alice: User) -> None:
    company = make_company(
        alice, name="Acme", website="https://www.acme.example/", industry="Tools", address="1\nStreet", notes="<b>"
    )
    page = text_of(signed_in(alice).get(f"/companies/{company.pk}/"))
    for text in (">acme.example</a>", "?industry=Tools", "1<br>Street", "&lt;b&gt;", "<dd>Alice</dd>"):
        assert text in page, text


def test_shows_only_related_records_that_one_may_see(alice: User, bob: User, mallory: User) -> None:
    company = make_company(alice)
    share(company, bob, ("view",))
    contact, deal = make_contact(alice, company=company, name="Ada"), make_deal(alice, company=company, title="Big")
    make_contact(mallory, company=company, name="Hidden contact")
    make_deal(mallory, company=company, title="Hidden deal")
    make_activity(alice, related_contact=contact, subject="Call Ada")
    make_activity(alice, related_deal=deal, subject="Call about it")
    make_activity(alice, subject="About nothing")
    mine = text_of(signed_in(alice).get(f"/companies/{company.pk}/"))
    his = text_of(signed_in(bob).get(f"/companies/{company.pk}/"))
    for text in (">Ada<", ">Big<", "Call Ada", "Call about it"):
        assert text in mine, text
        assert text not in his, text
    assert "Hidden" not in mine + his
    assert "About nothing" not in mine
    assert "Log an activity" not in mine  # an activity is about a contact or a deal


def test_offers_all_of_many(alice: User) -> None:
    company = make_company(alice)
    for _number in range(21):
        make_contact(alice, company=company)
    page = text_of(signed_in(alice).get(f"/companies/{company.pk}/"))
    assert f'href="/contacts/?company={company.pk}"' in page
    assert f'href="/deals/?company={company.pk}"' not in page


def test_takes_as_many_queries_for_13_rows_as_for_3(alice: User) -> None:
    company, browser = make_company(alice), signed_in(alice)
    for rows in (3, 10):
        for _number in range(rows):
            contact = make_contact(alice, company=company)
            make_activity(alice, related_contact=contact)
            make_deal(alice, company=company)
        assert count_queries(browser, f"/companies/{company.pk}/") == QUERIES
