"""/deals/<id>/move/: places, the pipeline's rules, versions, rights, and taking the last step back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activities.models import Activity
from crm_site.invariants import findings
from deals.models import Deal, StageChange
from deals.triggers import GAP
from records.access import share
from records.models import Change
from tests.factories import make_activity, make_deal, make_user, signed_in
from tests.pages.reading import text_of

HTMX = {"HX-Request": "true"}
WON = {"confirmed": "1", "closed_at": "2026-01-31", "amount": "1000"}
LOST = {"confirmed": "1", "lost_reason": "price"}


def version(deal: Deal) -> str:
    """Return the version that somebody sees now."""
    deal.refresh_from_db()
    return deal.updated_at.isoformat()


def move(browser: Client, deal: Deal, stage: str, **sent: Any) -> Any:
    """Move a deal as the board does."""
    return browser.post(f"/deals/{deal.pk}/move/", {"stage": stage, "version": version(deal)} | sent, headers=HTMX)


def column(stage: str) -> list[str]:
    """Return the titles of a column in their order."""
    return list(Deal.objects.filter(stage=stage).order_by("position", "id").values_list("title", flat=True))


def undo_url(answer: Any) -> str:
    """Return where the answer's Undo button posts to."""
    found = re.search(r'action="(/deals/board/undo/[^"]*)"', answer.content.decode())
    assert found
    return found[1].replace("&amp;", "&")


def everything(deal: Deal) -> dict[str, Any]:
    """Return what is stored of a deal but the stamps that always move on."""
    row = Deal.objects.filter(pk=deal.pk).values().get()
    return {name: value for name, value in row.items() if name not in ("updated_at", "touched_at")}


def test_move_between_two_cards(alice: User) -> None:
    low, high = make_deal(alice, title="low", stage="proposal"), make_deal(alice, title="high", stage="proposal")
    deal = make_deal(alice, title="new", probability=80)
    answer = move(signed_in(alice), deal, "proposal", above=high.pk, below=low.pk)
    assert answer.status_code == 200
    assert column("proposal") == ["high", "new", "low"]
    deal.refresh_from_db()
    assert deal.probability is None
    assert StageChange.objects.filter(deal=deal).values_list("from_stage", "to_stage").last() == ("lead", "proposal")
    assert "“new” was moved to Proposal." in text_of(answer)


def test_move_to_the_number_that_it_had_elsewhere(alice: User) -> None:
    above, deal = (make_deal(alice, title=title, stage=stage) for title, stage in (("A", "proposal"), ("B", "lead")))
    Deal.objects.filter(pk=above.pk).update(position=deal.position - GAP)
    assert move(signed_in(alice), deal, "proposal", above=above.pk).status_code == 200
    assert column("proposal") == ["A", "B"]


def test_move_within_a_column_is_a_new_version_but_no_stage_change(alice: User) -> None:
    deal, other = make_deal(alice, title="a"), make_deal(alice, title="b")
    seen, browser = version(deal), signed_in(alice)
    assert move(browser, deal, "lead", below=other.pk).status_code == 200
    assert column("lead") == ["a", "b"]
    assert version(deal) > seen
    assert StageChange.objects.filter(deal=deal).count() == 1
    answer = move(browser, deal, "lead", above=other.pk, version=seen)
    assert answer.status_code == 409
    assert "“a” was moved within its column by Alice just now" in text_of(answer)
    assert column("lead") == ["a", "b"]


def test_stale_version_is_refused_with_the_fresh_card_and_who_moved_it(alice: User, bob: User) -> None:
    deal = make_deal(alice, title="Alpha")
    share(deal, bob, ("view", "change"))
    seen = version(deal)
    assert move(signed_in(bob), deal, "proposal").status_code == 200
    answer = move(signed_in(alice), deal, "qualified", version=seen)
    assert answer.status_code == 409
    assert "“Alpha” was moved to Proposal by Bob just now. Nothing was moved." in text_of(answer)
    assert f'data-version="{version(deal)}"' in answer.content.decode()
    assert deal.stage == "proposal"


def test_stale_version_without_script_shows_the_page_again(alice: User) -> None:
    deal = make_deal(alice)
    answer = signed_in(alice).post(f"/deals/{deal.pk}/move/", {"stage": "proposal", "version": "old"})
    assert (answer.status_code, Deal.objects.get().stage) == (409, "lead")
    assert version(deal) in answer.content.decode()


@pytest.mark.parametrize("stage", ["nosuch", "", "other", "open", "x" * 600, "Lead", "lead "])
def test_unknown_stage_is_refused(alice: User, stage: str) -> None:
    deal = make_deal(alice)
    answer = move(signed_in(alice), deal, stage)
    assert answer.status_code == 422
    assert "no such stage" in text_of(answer)
    assert Deal.objects.get().stage == "lead"


def test_reader_is_refused_and_stranger_sees_nothing(alice: User, bob: User, mallory: User) -> None:
    deal = make_deal(alice)
    share(deal, bob, ("view",))
    for user, status in ((bob, 403), (mallory, 404)):
        assert move(signed_in(user), deal, "proposal").status_code == status
        assert signed_in(user).get(f"/deals/{deal.pk}/move/").status_code == status
    assert Deal.objects.get().stage == "lead"


def test_lost_asks_why_before_anything_is_written(alice: User) -> None:
    deal, browser = make_deal(alice, title="Alpha"), signed_in(alice)
    before = Change.objects.count()
    for sent in ({}, {"confirmed": "1"}, {"confirmed": "1", "lost_reason": "nosuch"}):
        answer = move(browser, deal, "lost", **sent)
        assert answer.status_code == 422
        assert 'name="lost_reason"' in answer.content.decode()
    assert (Change.objects.count(), Deal.objects.get().stage) == (before, "lead")
    soon = timezone.localdate() + timedelta(days=30)
    answer = move(browser, deal, "lost", **LOST, lost_note="Too dear", come_back=soon.isoformat())
    assert answer.status_code == 200
    deal.refresh_from_db()
    assert (deal.stage, deal.lost_reason, deal.lost_note) == ("lost", "price", "Too dear")
    call = Activity.objects.get()
    assert (call.type, call.related_deal, call.created_by) == ("call", deal, alice)
    assert call.subject == "Come back on Alpha"
    assert call.due_date
    assert timezone.localtime(call.due_date).date() == soon


@pytest.mark.parametrize(
    ("field", "value"),
    [("come_back", "2020-01-01"), ("come_back", "soon"), ("lost_note", "x" * 60_000)],
)
def test_bad_answers_about_a_loss_are_named_and_kept(alice: User, field: str, value: str) -> None:
    deal = make_deal(alice)
    answer = move(signed_in(alice), deal, "lost", **LOST | {field: value})
    assert answer.status_code == 422
    assert value in answer.content.decode()
    assert 'class="errorlist' in answer.content.decode()
    assert (Deal.objects.get().stage, Activity.objects.count()) == ("lead", 0)


def test_won_confirms_amount_and_date(alice: User) -> None:
    deal, browser = make_deal(alice, amount=Decimal("900.5")), signed_in(alice)
    answer = move(browser, deal, "won")
    assert answer.status_code == 422
    assert 'value="900.5"' in answer.content.decode()
    assert move(browser, deal, "won", **WON).status_code == 200
    deal.refresh_from_db()
    assert (deal.stage, deal.amount) == ("won", Decimal(1000))
    assert deal.closed_at == datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_untouched_amount_stays_exactly_as_it_was(alice: User) -> None:
    deal = make_deal(alice, amount=Decimal("-0.123456789"))
    answer = move(signed_in(alice), deal, "won", confirmed="1", closed_at="2026-01-31", amount="-0.123456789")
    assert answer.status_code == 200
    assert Deal.objects.get().amount == Decimal("-0.123456789")


@pytest.mark.parametrize(
    ("field", "value"), [("closed_at", "2999-01-01"), ("closed_at", ""), ("amount", "much"), ("amount", "-5")]
)
def test_bad_answers_about_a_win_are_refused(alice: User, field: str, value: str) -> None:
    deal = make_deal(alice, amount=1)
    assert move(signed_in(alice), deal, "won", **WON | {field: value}).status_code == 422
    assert Deal.objects.get().stage == "lead"


def test_deal_in_no_stage_of_the_pipeline_can_be_moved_out(alice: User) -> None:
    deal = make_deal(alice, stage="Made up by an app")
    assert move(signed_in(alice), deal, "lead").status_code == 200
    assert Deal.objects.get().stage == "lead"


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


def many(browser: Client, deals: list[Deal], **sent: Any) -> Any:
    """Do something with several deals."""
    chosen = [f"{deal.pk}.{version(deal)}" for deal in deals]
    return browser.post("/deals/board/selected/", {"deal": chosen} | sent, headers=HTMX)


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


def test_without_script_one_goes_on_where_one_came_from(alice: User) -> None:
    deal, browser = make_deal(alice), signed_in(alice)
    sent = {"stage": "proposal", "version": version(deal), "next": "/deals/board/?q=x"}
    answer = browser.post(f"/deals/{deal.pk}/move/", sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/deals/board/?q=x")
    sent |= {"version": version(deal), "next": "https://example.com/"}
    assert browser.post(f"/deals/{deal.pk}/move/", sent).headers["Location"] == "/deals/board/"
