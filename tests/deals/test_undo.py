"""/deals/board/undo/: one move comes back whole, for those who may, as long as it was the last."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import User
from crm_site.invariants import findings
from deals.models import Deal, StageChange
from records.access import share
from records.models import Change
from tests.deals.moving import HTMX, LOST, WON, column, everything, move, undo_url
from tests.factories import make_activity, make_deal, signed_in
from tests.pages.reading import text_of


def test_undo_brings_everything_back_and_history_keeps_both(alice: User) -> None:
    browser = signed_in(alice)
    deal = make_deal(alice, amount=Decimal("10.50"), probability=35, stage="proposal")
    make_deal(alice, stage="proposal")
    before = everything(deal)
    answer = move(browser, deal, "won", **WON)
    assert everything(deal) != before
    undone = browser.post(undo_url(answer), headers=HTMX)
    assert undone.status_code == 200
    assert everything(deal) == before
    assert "undone" in text_of(undone)
    moves = StageChange.objects.filter(deal=deal).order_by("id").values_list("from_stage", "to_stage")
    assert list(moves) == [(None, "proposal"), ("proposal", "won"), ("won", "proposal")]
    assert findings() == []


@pytest.mark.django_db(transaction=True)
def test_undo_brings_reason_and_date_of_a_loss_back(alice: User) -> None:
    browser = signed_in(alice)
    deal = make_deal(alice)
    move(browser, deal, "lost", **LOST, lost_note="dear")
    before = everything(deal)
    answer = move(browser, deal, "lead")
    assert everything(deal)["lost_reason"] is None
    assert browser.post(undo_url(answer), headers=HTMX).status_code == 200
    assert everything(deal) == before


def test_undo_of_a_move_within_a_column(alice: User) -> None:
    browser = signed_in(alice)
    deal, other = make_deal(alice, title="a"), make_deal(alice, title="b")
    answer = move(browser, deal, "lead", below=other.pk)
    assert column("lead") == ["a", "b"]
    browser.post(undo_url(answer), headers=HTMX)
    assert column("lead") == ["b", "a"]


@pytest.mark.django_db(transaction=True)
def test_undo_is_refused_when_it_is_no_longer_the_last_change(alice: User, bob: User) -> None:
    browser, deal = signed_in(alice), make_deal(alice)
    share(deal, bob, ("view", "change"))
    url = undo_url(move(browser, deal, "proposal"))
    move(signed_in(bob), deal, "negotiation")
    answer = browser.post(url, headers=HTMX)
    assert answer.status_code == 409
    assert "moved to Negotiation by Bob" in text_of(answer)
    assert Deal.objects.get().stage == "negotiation"


def test_what_says_nothing_of_the_deal_leaves_the_undo(alice: User, bob: User) -> None:
    browser, deal = signed_in(alice), make_deal(alice)
    url = undo_url(move(browser, deal, "proposal"))
    share(deal, bob, ("view",))
    make_activity(alice, related_deal=deal, due_date=timezone.now())
    assert browser.post(url, headers=HTMX).status_code == 200
    assert Deal.objects.get().stage == "lead"


def test_undo_is_for_those_who_may_change(alice: User, bob: User, mallory: User) -> None:
    deal = make_deal(alice)
    share(deal, bob, ("view",))
    url = undo_url(move(signed_in(alice), deal, "proposal"))
    for user in (bob, mallory):
        assert signed_in(user).post(url, headers=HTMX).status_code == 404
    for number in ("", "x", "0", "-1", "9" * 40, "\N{ARABIC-INDIC DIGIT ONE}"):
        assert signed_in(alice).post("/deals/board/undo/", {"transaction": number}).status_code == 404
    assert Deal.objects.get().stage == "proposal"


def test_undo_takes_no_other_change_back(alice: User) -> None:
    """An edit has an Undo of its own, which checks what it would point at."""
    deal, browser = make_deal(alice), signed_in(alice)
    Deal.objects.filter(pk=deal.pk).update(title="Edited", stage="proposal")
    last = Change.objects.filter(object_id=deal.pk, operation="update").latest("id")
    assert browser.post("/deals/board/undo/", {"transaction": last.transaction}).status_code == 404
