"""/deals/board/selected/: several deals as one step, all or none."""

from __future__ import annotations

import pytest

from accounts.models import User
from crm_site.invariants import findings
from deals.models import Deal
from records.access import share
from tests.deals.moving import HTMX, LOST, column, everything, many, undo_url, version
from tests.factories import make_deal, make_user, signed_in
from tests.pages.reading import text_of


def test_several_move_in_one_step_with_one_undo(alice: User) -> None:
    browser = signed_in(alice)
    make_deal(alice, title="d", stage="proposal")
    c, b, a = (make_deal(alice, title=title) for title in "cba")
    before = [everything(deal) for deal in (a, b, c)]
    answer = many(browser, [a, b, c], action="move", stage="proposal")
    assert answer.status_code == 200
    assert column("proposal") == ["a", "b", "c", "d"]
    assert "3 deals were moved to Proposal." in text_of(answer)
    assert browser.post(undo_url(answer), headers=HTMX).status_code == 200
    assert [everything(deal) for deal in (a, b, c)] == before
    assert findings() == []


def test_several_are_lost_with_one_reason(alice: User) -> None:
    browser, deals = signed_in(alice), [make_deal(alice), make_deal(alice)]
    assert many(browser, deals, action="move", stage="lost").status_code == 422
    assert many(browser, deals, action="move", stage="lost", **LOST).status_code == 200
    assert set(Deal.objects.values_list("stage", "lost_reason")) == {("lost", "price")}


def test_several_move_all_or_none(alice: User, bob: User) -> None:
    browser = signed_in(alice)
    mine, read, foreign = make_deal(alice), make_deal(bob), make_deal(bob)
    share(read, alice, ("view",))
    for other, status in ((read, 403), (foreign, 404)):
        assert many(browser, [mine, other], action="move", stage="proposal").status_code == status
    stale = [f"{mine.pk}.{version(mine)}", f"{make_deal(alice).pk}.old"]
    answer = browser.post("/deals/board/selected/", {"deal": stale, "action": "move", "stage": "won"}, headers=HTMX)
    assert answer.status_code == 409
    assert set(Deal.objects.values_list("stage", flat=True)) == {"lead"}


def test_several_are_handed_over_and_taken_back(alice: User, bob: User) -> None:
    browser, deals = signed_in(alice), [make_deal(alice), make_deal(alice)]
    assert many(browser, deals, action="assign").status_code == 422
    answer = many(browser, deals, action="assign", owner=bob.pk)
    assert answer.status_code == 200
    assert set(Deal.objects.values_list("assigned_to", flat=True)) == {bob.pk}
    assert Deal.objects.for_user(alice, "view").count() == 0
    assert browser.post(undo_url(answer), headers=HTMX).status_code == 200
    assert set(Deal.objects.values_list("assigned_to", flat=True)) == {alice.pk}
    assert findings() == []


def test_who_may_only_write_hands_nothing_over(alice: User, bob: User) -> None:
    mine, shared = make_deal(bob), make_deal(alice)
    share(shared, bob, ("view", "change"))
    answer = many(signed_in(bob), [mine, shared], action="assign", owner=make_user("carol").pk)
    assert answer.status_code == 422
    assert "Only its owner hands over" in text_of(answer)
    assert set(Deal.objects.values_list("assigned_to", flat=True)) == {alice.pk, bob.pk}


@pytest.mark.parametrize("chosen", [[], ["x.y"] * 201, ["nosuchdeal.x"], ["."]])
def test_no_deals_or_too_many_are_refused(alice: User, chosen: list[str]) -> None:
    answer = signed_in(alice).post("/deals/board/selected/", {"deal": chosen, "stage": "won"}, headers=HTMX)
    assert answer.status_code in (404, 422)
