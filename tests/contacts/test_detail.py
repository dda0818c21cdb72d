"""/contacts/<id>/: its fields, its deals, its timeline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from accounts.models import User
from records.access import share
from tests.factories import make_activity, make_company, make_contact, make_deal, signed_in
from tests.pages.reading import text_of
from tests.records.queries import count_queries

QUERIES = 8
"""session, person; the contact with company and owner, whether it may be changed; its deals,
stages; activities, which of them may be changed."""


def test_shows_its_fields(alice: User) -> None:
    company = make_company(alice, name="Acme")
    contact = make_contact(alice, name="Ada", email="a@example.com", phone="+1", company=company, notes="a\n<b>")
    page = text_of(signed_in(alice).get(f"/contacts/{contact.pk}/"))
    for text in ('href="mailto:a@example.com"', 'href="tel:+1"', f'href="/companies/{company.pk}/"', "a<br>&lt;b&gt;"):
        assert text in page, text


def test_reader_of_the_contact_alone_sees_no_deal_of_it(alice: User, bob: User) -> None:
    contact = make_contact(alice)
    make_deal(alice, contact=contact, title="Secret deal")
    share(contact, bob, ("view",))
    assert "Secret deal" not in text_of(signed_in(bob).get(f"/contacts/{contact.pk}/"))
    assert "Secret deal" in text_of(signed_in(alice).get(f"/contacts/{contact.pk}/"))


def test_timeline_is_newest_first(alice: User) -> None:
    contact, now = make_contact(alice), timezone.now()
    for subject, fields in {
        "long ago": {"completed_at": datetime(2020, 1, 1, tzinfo=UTC)},
        "next week": {"due_date": now + timedelta(days=7)},
        "note of now": {},
        "done yesterday": {"due_date": now - timedelta(days=9), "completed_at": now - timedelta(days=1)},
        "overdue": {"due_date": now - timedelta(days=3)},
    }.items():
        make_activity(alice, subject=subject, related_contact=contact, **fields)
    page = text_of(signed_in(alice).get(f"/contacts/{contact.pk}/"))
    places = [
        page.index(f">{subject}</a>")
        for subject in ("next week", "note of now", "done yesterday", "overdue", "long ago")
    ]
    assert places == sorted(places)
    assert page.count("timeline-mark tone-bad") == 1
    assert page.count('class="is-done"') == 2


def test_timeline_offers_the_tick_only_to_who_may_change(alice: User, bob: User) -> None:
    contact = make_contact(alice)
    activity = make_activity(alice, related_contact=contact, due_date=timezone.now())
    share(contact, bob, ("view",))
    tick = f'action="/activities/{activity.pk}/done/"'
    assert tick in text_of(signed_in(alice).get(f"/contacts/{contact.pk}/"))
    his = text_of(signed_in(bob).get(f"/contacts/{contact.pk}/"))
    assert tick not in his
    assert str(activity) in his


def test_long_timeline_ends_with_a_link_to_all(alice: User) -> None:
    contact = make_contact(alice)
    for _number in range(31):
        make_activity(alice, related_contact=contact)
    page = text_of(signed_in(alice).get(f"/contacts/{contact.pk}/"))
    assert page.count("timeline-body") == 30
    assert f'href="/activities/?contact={contact.pk}"' in page


def test_takes_as_many_queries_for_13_rows_as_for_3(alice: User) -> None:
    contact, browser = make_contact(alice, company=make_company(alice)), signed_in(alice)
    for rows in (3, 10):
        for _number in range(rows):
            make_activity(alice, related_contact=contact)
            make_deal(alice, contact=contact)
        assert count_queries(browser, f"/contacts/{contact.pk}/") == QUERIES
