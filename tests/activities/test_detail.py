"""/activities/<id>/: its fields, what it is about, ticking it off."""

from __future__ import annotations

from datetime import UTC, datetime

from accounts.models import User
from records.access import share
from tests.factories import make_activity, make_contact, make_deal, signed_in
from tests.pages.reading import text_of
from tests.records.queries import count_queries

QUERIES = 4
"""session, person; the activity with all that it names, whether it may be changed."""


def test_shows_its_fields(alice: User) -> None:
    deal = make_deal(alice, title="Big")
    activity = make_activity(
        alice, subject="Call", description="a\n<b>", related_deal=deal, due_date=datetime(2020, 2, 28, 12, tzinfo=UTC)
    )
    page = text_of(signed_in(alice).get(f"/activities/{activity.pk}/"))
    for text in ("a<br>&lt;b&gt;", f'href="/deals/{deal.pk}/">Big</a>', "28 Feb 2020", "Overdue", "Mark as done"):
        assert text in page, text


def test_names_nothing_that_one_may_not_see(alice: User, bob: User) -> None:
    contact = make_contact(alice, name="Secret")
    activity = make_activity(alice, related_contact=contact)
    share(activity, bob, ("view",))
    for page in ("", "sharing/", "history/"):
        html = text_of(signed_in(bob).get(f"/activities/{activity.pk}/{page}"))
        assert "Secret" not in html, page
        assert contact.pk not in html, page
    assert "a record you cannot see" in text_of(signed_in(bob).get(f"/activities/{activity.pk}/"))
    assert "Mark as done" not in text_of(signed_in(bob).get(f"/activities/{activity.pk}/"))


def test_takes_few_queries(alice: User) -> None:
    activity = make_activity(alice, related_deal=make_deal(alice))
    assert count_queries(signed_in(alice), f"/activities/{activity.pk}/") == QUERIES
