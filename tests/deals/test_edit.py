"""/deals/<id>/edit/: moving by the pipeline's rules, and what apps stored stays."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from deals.models import Deal
from tests.factories import make_deal, make_user, signed_in
from tests.pages.reading import errors_of, form_of, text_of

EXACT = datetime(2030, 2, 28, 13, 14, 15, 678000, tzinfo=UTC)


def edited(deal: Deal, user: User, **typed: str) -> Any:
    """Send the deal's form with some fields changed."""
    browser, url = signed_in(user), f"/deals/{deal.pk}/edit/"
    answer = browser.post(url, form_of(browser.get(url)) | typed)
    deal.refresh_from_db()
    return answer


@pytest.mark.parametrize(
    "stored",
    [
        {"title": "x" * 10_000},
        {"title": "  blanks  "},
        {"amount": Decimal("1e-7")},
        {"amount": Decimal("1" * 300 + ".5")},
        {"amount": Decimal("1e300")},
        {"amount": Decimal("-12.34")},
        {"amount": Decimal("0.10")},
        {"expected_close_date": EXACT},
        {"expected_close_date": datetime(1, 1, 2, tzinfo=UTC)},
        {"expected_close_date": datetime(9999, 12, 30, tzinfo=UTC)},
        {"stage": "An app's own"},
        {"stage": ""},
        {"stage": None},
        {"stage": "proposal", "lost_reason": "An app's own", "lost_note": "Note"},
        {"stage": "An app's own", "lost_reason": "price", "lost_note": "Note"},
        {"stage": "lost", "lost_reason": None},
        {"stage": "lost", "lost_reason": "An app's own", "lost_note": "  Note "},
        {"stage": "won", "closed_at": EXACT},
        {"stage": "won", "closed_at": None},
        {"notes": "x" * 60_000},
        {"notes": "\nlines\r\nand\rmore\n"},
        {"notes": ""},
        {"probability": 0},
    ],
    ids=lambda stored: "-".join(f"{name}:{str(value)[:12]}" for name, value in stored.items()),
)
def test_what_is_not_touched_stays_exactly(alice: User, stored: dict[str, Any]) -> None:
    deal = make_deal(alice, **{"title": "Old"} | stored)
    deal.refresh_from_db()
    before = {name: getattr(deal, name) for name in stored}
    other = {"notes": "New"} if "notes" not in stored else {"title": "New"}
    assert edited(deal, alice, **other).status_code == 302
    assert {name: getattr(deal, name) for name in stored} == before
    assert str(deal.amount) == str(before.get("amount", deal.amount))
    name, value = next(iter(other.items()))
    assert getattr(deal, name) == value


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_moment_of_a_day_stays_exact_in_any_zone(zone: str, db: None) -> None:
    del db
    user = make_user(time_zone=zone)
    deal = make_deal(user, expected_close_date=EXACT)
    assert edited(deal, user, title="New").status_code == 302
    assert deal.expected_close_date == EXACT
    assert edited(deal, user, expected_close_date="2030-03-02").status_code == 302
    assert deal.expected_close_date != EXACT


def test_emptied_fields_are_empty(alice: User) -> None:
    deal = make_deal(alice, amount=1, expected_close_date=EXACT, notes="Note", probability=5)
    edited(deal, alice, amount="", expected_close_date="", notes="", probability="")
    assert (deal.amount, deal.expected_close_date, deal.notes, deal.probability) == (None, None, None, None)


def test_lost_needs_a_reason(alice: User) -> None:
    deal = make_deal(alice)
    answer = edited(deal, alice, stage="lost")
    assert answer.status_code == 422
    assert errors_of(answer) == {"lost_reason": ["Say why the deal was lost."]}
    assert deal.stage == "lead"
    assert edited(deal, alice, stage="lost", lost_reason="price", lost_note="Dear").status_code == 302
    assert (deal.stage, deal.lost_reason, deal.lost_note) == ("lost", "price", "Dear")
    assert deal.closed_at is not None


def test_reason_of_a_lost_deal_can_change_but_not_go(alice: User) -> None:
    deal = make_deal(alice, stage="lost", lost_reason="price", lost_note="Dear")
    assert edited(deal, alice, lost_reason="timing", lost_note="").status_code == 302
    assert (deal.lost_reason, deal.lost_note) == ("timing", None)
    answer = edited(deal, alice, lost_reason="")
    assert answer.status_code == 422
    assert list(errors_of(answer)) == ["lost_reason"]
    assert deal.lost_reason == "timing"


def test_won_gets_a_closing_date_and_open_has_none(alice: User) -> None:
    deal = make_deal(alice, stage="lost", lost_reason="price", lost_note="Dear")
    assert edited(deal, alice, stage="won").status_code == 302
    assert deal.closed_at is not None
    assert (deal.lost_reason, deal.lost_note) == (None, None)
    assert edited(deal, alice, stage="proposal").status_code == 302
    assert deal.closed_at is None


def test_deal_leaves_a_stage_without_a_row_but_none_enters_it(alice: User) -> None:
    deal = make_deal(alice, stage="odd")
    assert "odd" in text_of(signed_in(alice).get(f"/deals/{deal.pk}/edit/"))
    assert edited(deal, alice, stage="proposal").status_code == 302
    assert edited(deal, alice, stage="odd").status_code == 422
    assert deal.stage == "proposal"


def test_owner_is_handed_over_elsewhere(alice: User, bob: User) -> None:
    deal = make_deal(alice)
    browser = signed_in(alice)
    assert 'name="assigned_to"' not in text_of(browser.get(f"/deals/{deal.pk}/edit/"))
    assert edited(deal, alice, assigned_to=bob.pk, created_by=bob.pk, title="New").status_code == 302
    assert deal.assigned_to == alice


def test_conflict_compares_in_words(alice: User, mira: User) -> None:
    deal = make_deal(alice, amount=1, stage="lead")
    mine = signed_in(alice)
    stale = form_of(mine.get(f"/deals/{deal.pk}/edit/"))
    assert edited(deal, mira, amount="2500", stage="proposal", expected_close_date="2030-02-28").status_code == 302
    page = text_of(mine.post(f"/deals/{deal.pk}/edit/", stale | {"amount": "1,000.5", "company-new": "Acme"}))
    for words in ("$2,500", "$1,000.50", "Proposal", "Lead", "28 Feb 2030", ">Acme</span></label>"):
        assert words in page, words
