"""/deals/board/undo/ where more happened than one move: other people, other rights, other places."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import User
from activities.models import Activity
from crm_site.invariants import findings
from deals.board.undo import take_back
from deals.models import Deal
from records.access import may, share
from records.log import acting
from tests.deals.moving import HTMX, LOST, column, many, move, undo_url
from tests.factories import make_activity, make_deal, signed_in
from tests.pages.reading import text_of

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 20.0


def test_card_comes_back_between_its_neighbours_although_the_step_spaced_them_anew(alice: User) -> None:
    browser = signed_in(alice)
    cards = {title: make_deal(alice, title=title) for title in reversed("abcdefghijklmnopqrstuvwxyz")}
    position = cards["f"].position
    for title, away in (("d", -2), ("e", -1), ("g", 1)):
        Deal.objects.filter(title=title).update(position=position + away)
    before = column("lead")
    answer = move(browser, cards["e"], "lead", above=cards["f"].pk)
    assert column("lead") != before
    assert browser.post(undo_url(answer), headers=HTMX).status_code == 200
    assert column("lead") == before


def test_undo_and_move_into_the_same_gap_take_turns(alice: User, bob: User) -> None:
    below, card, above = (make_deal(alice, title=title) for title in ("y", "a", "x"))
    Deal.objects.filter(pk=card.pk).update(position=(above.position + below.position) // 2)
    other = make_deal(bob, stage="proposal")
    for deal in (above, below):
        share(deal, bob, ("view",))
    url = undo_url(move(signed_in(alice), card, "negotiation"))
    number = int(url.partition("transaction=")[2].partition("&")[0])
    undone, end = threading.Event(), threading.Event()

    def undo() -> None:
        try:
            with acting(alice):
                take_back(number, alice)
                undone.set()
                end.wait(1)
        finally:
            connections.close_all()

    thread = threading.Thread(target=undo)
    thread.start()
    assert undone.wait(PATIENCE)
    answer = move(signed_in(bob), other, "lead", above=above.pk, below=below.pk)
    end.set()
    thread.join(PATIENCE)
    assert answer.status_code == 200
    assert findings() == []


def test_refusal_says_nothing_of_a_deal_that_one_no_longer_sees(alice: User, bob: User) -> None:
    deal = make_deal(alice, title="Old")
    url = undo_url(many(signed_in(alice), [deal], action="assign", owner=bob.pk))
    with acting(bob):
        Deal.objects.filter(pk=deal.pk).update(title="Top secret", stage="negotiation")
    answer = signed_in(alice).post(url, headers=HTMX)
    assert answer.status_code == 409
    assert "Top secret" not in text_of(answer)
    assert "A deal that you no longer see was changed meanwhile." in text_of(answer)


@pytest.mark.parametrize("is_gone", [False, True])
def test_hand_over_is_not_taken_back_to_somebody_who_may_not_sign_in(
    alice: User, bob: User, mira: User, *, is_gone: bool
) -> None:
    deal, browser = make_deal(bob), signed_in(mira)
    url = undo_url(many(browser, [deal], action="assign", owner=alice.pk))
    if is_gone:
        bob.delete()
    else:
        User.objects.filter(pk=bob.pk).update(is_active=False)
    answer = browser.post(url, headers=HTMX)
    assert answer.status_code == 409
    assert "may no longer sign in" in text_of(answer)
    assert Deal.objects.get().assigned_to == alice


def test_who_could_write_before_a_hand_over_to_him_can_after_its_undo(alice: User, bob: User) -> None:
    deal, browser = make_deal(alice), signed_in(alice)
    share(deal, bob, ("view", "change"))
    url = undo_url(many(browser, [deal], action="assign", owner=bob.pk))
    assert browser.post(url, headers=HTMX).status_code == 200
    assert may(bob, "change", deal)
    assert may(alice, "change", deal)
    assert findings() == []


def test_who_could_not_see_before_cannot_after_the_undo(alice: User, bob: User) -> None:
    deal, browser = make_deal(alice), signed_in(alice)
    url = undo_url(many(browser, [deal], action="assign", owner=bob.pk))
    assert browser.post(url, headers=HTMX).status_code == 200
    assert not may(bob, "view", deal)


def test_call_that_a_loss_planned_goes_with_its_undo_unless_somebody_touched_it(alice: User) -> None:
    browser, deal = signed_in(alice), make_deal(alice)
    other = make_activity(alice, related_deal=deal)
    soon = (timezone.localdate() + timedelta(days=30)).isoformat()
    answer = move(browser, deal, "lost", **LOST, come_back=soon)
    assert Activity.objects.count() == 2
    browser.post(undo_url(answer), headers=HTMX)
    assert list(Activity.objects.all()) == [other]
    answer = move(browser, deal, "lost", **LOST, come_back=soon)
    with acting(alice):
        Activity.objects.exclude(pk=other.pk).update(subject="Mine now")
    browser.post(undo_url(answer), headers=HTMX)
    assert Activity.objects.count() == 2


def test_assigning_to_the_present_owner_changes_nothing(alice: User) -> None:
    deal, browser = make_deal(alice), signed_in(alice)
    seen = deal.updated_at
    answer = many(browser, [deal], action="assign", owner=alice.pk)
    assert answer.status_code == 200
    assert "already" in text_of(answer)
    assert "undo" not in answer.content.decode()
    assert Deal.objects.get().updated_at == seen
