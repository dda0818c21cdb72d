"""The type-ahead lists: what one may see, by the beginnings of words, as HTML options."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.factories import make_role, make_user, signed_in
from tests.pages.kinds import KINDS, Kind
from tests.pages.reading import text_of
from tests.records.queries import count_queries

QUERIES = 4
"""session, person; whether there are few rows; rows."""
EACH = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path.strip("/"))


@EACH
def test_offers_what_matches_and_one_may_see(kind: Kind, alice: User, mallory: User) -> None:
    mine = kind.made(alice, "Acme <b>")
    kind.made(alice, "Zebra")
    kind.made(mallory, "Acme hidden")
    page = text_of(signed_in(alice).get(f"{kind.path}options/", {"q": "acm"}))
    assert page.count('role="option"') == 1
    assert f'data-value="{mine.pk}"' in page
    assert 'data-label="Acme &lt;b&gt;"' in page
    assert "hidden" not in page
    assert "Nothing found" in text_of(signed_in(mallory).get(f"{kind.path}options/", {"q": "zebra"}))


@EACH
def test_offers_twenty_at_most_with_few_queries(kind: Kind, alice: User) -> None:
    browser = signed_in(alice)
    for rows in (3, 20):
        for _number in range(rows):
            kind.made(alice, "Word")
        assert count_queries(browser, f"{kind.path}options/?q=wo") == QUERIES
    assert text_of(browser.get(f"{kind.path}options/?q=wo")).count('role="option"') == 20
    assert text_of(browser.get(f"{kind.path}options/")).count('role="option"') == 20


@pytest.mark.parametrize("text", ["'", "%", "_", "\\", ":*", "&!()", "\u202e", "a" * 5000, "\U0001f9ff"])
def test_takes_any_text(text: str, alice: User) -> None:
    browser = signed_in(alice)
    for path in (*(f"{kind.path}options/" for kind in KINDS), "/people/options/", "/people-and-roles/options/"):
        answer = browser.get(path, {"q": text})
        assert answer.status_code == 200, path
        assert "option" not in text_of(answer) or "Nothing found" in text_of(answer), path


def test_people_are_named_and_never_by_address(alice: User, bob: User) -> None:
    make_user("gone", is_active=False)
    make_role("Sales", bob)
    browser = signed_in(alice)
    people, holders = (text_of(browser.get(path)) for path in ("/people/options/", "/people-and-roles/options/"))
    assert "Bob" in people
    assert "Sales" not in people
    assert "Sales" in holders
    for page in (people, holders):
        assert "Gone" not in page
        assert "@" not in page
    assert "Nothing found" in text_of(browser.get("/people/options/", {"q": bob.email}))
