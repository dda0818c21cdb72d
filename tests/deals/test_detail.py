"""/deals/<id>/: its fields, its stage, its timeline."""

from __future__ import annotations

from datetime import UTC, datetime

from accounts.models import User
from records.access import share
from tests.factories import make_activity, make_company, make_contact, make_deal, signed_in
from tests.pages.reading import text_of
from tests.records.queries import count_queries

QUERIES = 8
"""session, person; the deal with all that it names, whether it may be changed; stages, stage
history; activities, which of them may be changed."""


def test_shows_its_fields(alice: User) -> None:
    company, contact = make_company(alice, name="Acme"), make_contact(alice, name="Ada")
    deal = make_deal(
        alice, amount=1234, company=company, contact=contact, probability=55, notes="a\n<b>",
        expected_close_date=datetime(2030, 2, 28, 12, tzinfo=UTC),
    )  # fmt: skip
    page = " ".join(text_of(signed_in(alice).get(f"/deals/{deal.pk}/")).split())
    for text in ("$1,234", ">Acme</a>", ">Ada</a>", "55 %", "28 Feb 2030", "a<br>&lt;b&gt;", "<dd>Alice</dd>"):
        assert text in page, text
    assert "as the stage says" not in page


def test_says_how_likely_a_stage_is_and_why_it_was_lost(alice: User) -> None:
    browser = signed_in(alice)
    pages = {
        stage: " ".join(text_of(browser.get(make_deal(alice, stage=stage, **fields).get_absolute_url())).split())
        for stage, fields in {
            "lead": {},
            "lost": {"lost_reason": "price", "lost_note": "Too <b>"},
            "odd": {"lost_reason": "price"},
        }.items()
    }
    assert "10 % <span" in pages["lead"]
    assert "<dd>Price</dd>" in pages["lost"]
    assert "Too &lt;b&gt;" in pages["lost"]
    assert "odd" in pages["odd"]
    assert "Why lost" not in pages["lead"] + pages["odd"]
    bare = make_deal(alice, stage="lost")
    assert "no reason given" in text_of(browser.get(f"/deals/{bare.pk}/"))
    odd = make_deal(alice, stage="lost", lost_reason="An app's <own>")
    assert "An app&#x27;s &lt;own&gt;" in text_of(browser.get(f"/deals/{odd.pk}/"))


def test_reader_sees_what_the_deal_names(alice: User, bob: User) -> None:
    company, contact = make_company(alice, name="Acme"), make_contact(alice, name="Ada")
    deal = make_deal(alice, company=company, contact=contact)
    share(deal, bob, ("view",))
    browser = signed_in(bob)
    assert "Ada" in text_of(browser.get(f"/deals/{deal.pk}/"))
    assert [
        browser.get(f"{path}{record.pk}/").status_code
        for path, record in (("/companies/", company), ("/contacts/", contact))
    ] == [200, 200]


def test_takes_as_many_queries_for_13_rows_as_for_3(alice: User) -> None:
    deal, browser = make_deal(alice, company=make_company(alice), contact=make_contact(alice)), signed_in(alice)
    for rows in (3, 10):
        for _number in range(rows):
            make_activity(alice, related_deal=deal)
        assert count_queries(browser, f"/deals/{deal.pk}/") == QUERIES
