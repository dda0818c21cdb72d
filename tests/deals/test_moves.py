"""/deals/<id>/move/: places, the pipeline's rules, versions and rights."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import User
from activities.models import Activity
from deals.models import Deal, StageChange
from deals.triggers import GAP
from records.access import share
from records.models import Change
from tests.deals.moving import LOST, WON, column, move, version
from tests.factories import make_deal, signed_in
from tests.pages.reading import text_of


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


def test_without_script_one_goes_on_where_one_came_from(alice: User) -> None:
    deal, browser = make_deal(alice), signed_in(alice)
    sent = {"stage": "proposal", "version": version(deal), "next": "/deals/board/?q=x"}
    answer = browser.post(f"/deals/{deal.pk}/move/", sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/deals/board/?q=x")
    sent |= {"version": version(deal), "next": "https://example.com/"}
    assert browser.post(f"/deals/{deal.pk}/move/", sent).headers["Location"] == "/deals/board/"
