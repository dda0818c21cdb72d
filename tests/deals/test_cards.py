"""The cards of the board: what one says of its deal, and the pages of a column in each order."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from deals.board.cards import Card
from deals.board.columns import cards_of, column_heads
from deals.models import Deal
from records.access import share
from records.templatetags.display import day
from tests.deals.reading import all_cards, columns_of, scope_of, titles
from tests.factories import make_activity, make_company, make_deal, make_user, signed_in
from tests.pages.reading import text_of

SORTS = ("position", "value", "close", "stalest")
NOW = timezone.now()


def card(owner: User, **fields: object) -> Card:
    """Return the card of a new deal."""
    deal = make_deal(owner, **fields)
    return shown(owner, deal)


def shown(owner: User, deal: Deal) -> Card:
    """Return the card of a deal."""
    found = cards_of(scope_of(owner), [deal.pk]).get(deal.pk)
    assert found
    return found[0]


def test_says_what_the_deal_is(alice: User) -> None:
    company, close = make_company(alice, name="Acme"), NOW + timedelta(days=40)
    entered = NOW - timedelta(days=3, hours=1)
    deal = make_deal(
        alice, title="Big", amount=5, company=company, expected_close_date=close, stage_changed_at=entered, notes="x"
    )
    deal.refresh_from_db()
    found = shown(alice, deal)
    assert (found.pk, found.title, found.amount, found.stage, found.url) == (
        deal.pk, "Big", Decimal(5), "lead", f"/deals/{deal.pk}/",
    )  # fmt: skip
    assert found.owner
    assert (found.company, found.owner.pk, found.owner.username) == ("Acme", alice.pk, alice.username)
    assert (found.close, found.is_late, found.days_in_stage) == (day(close), False, 3)
    assert (found.version, found.may_change, found.next_step) == (deal.updated_at.isoformat(), True, None)
    bare = card(alice, stage=None)
    assert (bare.company, bare.amount, bare.close, bare.stage) == ("", None, "", "other")
    assert not cards_of(scope_of(alice), [make_deal(None).pk])


@pytest.mark.django_db
def test_close_date_is_late_from_the_next_day_on() -> None:
    alice = make_user("kiwi", time_zone="Pacific/Auckland")
    with timezone.override("Pacific/Auckland"):
        today = timezone.localtime().replace(hour=0, minute=0, second=0)
        late = [
            card(alice, expected_close_date=today + timedelta(minutes=minutes)).is_late for minutes in (-1, 0, 60 * 23)
        ]
    assert late == [True, False, False]


@pytest.mark.parametrize(
    ("kind", "days", "words", "is_overdue"),
    [
        ("call", 1, "call tomorrow", False),
        ("email", -1, "e-mail yesterday", True),
        ("meeting", 0, "meeting today", False),
        ("Demo at the fair", 1, "demo at the fair tomorrow", False),
        (None, 1, "next step tomorrow", False),
    ],
)
def test_next_step_in_words(alice: User, kind: str | None, days: int, words: str, *, is_overdue: bool) -> None:
    deal = make_deal(alice)
    noon = timezone.localtime().replace(hour=23, minute=59, second=59)
    make_activity(alice, related_deal=deal, type=kind, subject="About prices", due_date=noon + timedelta(days=days))
    step = shown(alice, deal).next_step
    assert step
    assert (step.words, step.subject, step.is_overdue) == (words, "About prices", is_overdue)


def test_next_step_is_the_first_that_is_not_done(alice: User, bob: User) -> None:
    """Whoever may see the deal may see what is planned about it, whosever that is."""
    deal = make_deal(alice)
    make_activity(bob, related_deal=deal, subject="Second", due_date=NOW + timedelta(days=400))
    make_activity(bob, related_deal=deal, subject="Third", due_date=NOW + timedelta(days=500))
    make_activity(alice, related_deal=deal, subject="Done", due_date=NOW, completed_at=NOW)
    make_activity(alice, related_deal=deal, subject="No day")
    make_activity(alice, related_deal=make_deal(alice), subject="Other deal", due_date=NOW)
    step = shown(alice, deal).next_step
    assert step
    assert step.subject == "Second"
    assert str((NOW + timedelta(days=400)).year) in step.words
    long = make_deal(alice)
    make_activity(alice, related_deal=long, type="t" * 9_000, subject="s" * 9_000, due_date=NOW)
    cut = shown(alice, long).next_step
    assert cut
    assert (len(cut.type), len(cut.subject)) == (30, 200)


def heat_of(owner: User, days: float, due: float | None = None, **fields: object) -> str:
    """Return the heat of a deal that was last touched so many days ago, and has something due in as many."""
    deal = make_deal(owner, touched_at=timezone.now() - timedelta(days=days), **fields)
    if due is not None:
        make_activity(owner, related_deal=deal, due_date=timezone.now() + timedelta(days=due))
    return shown(owner, deal).heat


def test_stale_after_the_days_of_the_stage_and_amber_when_something_is_planned(alice: User) -> None:
    assert heat_of(alice, 13.9) == ""
    assert heat_of(alice, 14) == "stale"
    assert heat_of(alice, 7, stage="negotiation") == "stale"
    assert heat_of(alice, 999, stage="odd") == ""
    assert heat_of(alice, 14, due=1) == "planned"
    assert heat_of(alice, 14, due=-1) == "stale"
    assert heat_of(alice, 1, due=1) == ""
    deal = make_deal(alice, touched_at=NOW - timedelta(days=20))
    for days in (-5, 5):
        make_activity(alice, related_deal=deal, due_date=NOW + timedelta(days=days))
    found = shown(alice, deal)
    assert (found.heat, found.quiet_days) == ("planned", 20)
    assert found.next_step
    assert found.next_step.is_overdue


@pytest.fixture
def many(alice: User, mallory: User) -> list[Deal]:
    """Return 60 deals of a column and of "other", many of them equal in all that orders them or without it."""
    deals = []
    for number in range(60):
        moment = NOW + timedelta(days=number % 7)
        fields = {
            "amount": None if number % 3 else (number % 4) * 10 - 10,
            "expected_close_date": None if number % 4 == 1 else moment,
            "touched_at": NOW - timedelta(days=number % 5, microseconds=number % 2),
        }
        deals += [
            make_deal(alice, title=f"{number} {stage}", stage=stage, **fields) for stage in ("lead", f"odd {number}")
        ]
        make_deal(mallory, **fields)
    Deal.objects.filter(amount=20).update(position=5)
    return deals


def expected(deals: list[Deal], sort: str) -> list[str]:
    """Return the titles in the order that the issue says, by Python's own sort."""
    for deal in deals:
        deal.refresh_from_db()
    if sort == "value":
        backwards = sorted(deals, key=lambda deal: (deal.amount is not None, deal.amount or 0, deal.pk), reverse=True)
        return [deal.title for deal in backwards]
    field = {"position": "position", "close": "expected_close_date", "stalest": "touched_at"}[sort]
    blank = {"position": 0}.get(sort, NOW)
    return [
        deal.title
        for deal in sorted(
            deals, key=lambda deal: (getattr(deal, field) is None, getattr(deal, field) or blank, deal.pk)
        )
    ]


@pytest.mark.parametrize("sort", SORTS)
def test_pages_hold_every_card_once_in_order(sort: str, alice: User, mira: User, many: list[Deal]) -> None:
    browser = signed_in(alice)
    for key, ending in (("lead", "lead"), ("other", "")):
        own = [deal for deal in many if deal.title.endswith(ending) and (ending or not deal.title.endswith("lead"))]
        assert titles(all_cards(browser, key, f"sort={sort}")) == expected(own, sort)
    mine = expected([deal for deal in many if deal.stage == "lead"], sort)
    manager = signed_in(mira)
    assert titles(all_cards(manager, "lead", f"sort={sort}&owner={alice.pk}")) == mine
    every = [shown_card.pk for shown_card in all_cards(manager, "lead", f"sort={sort}")]
    assert len(every) == len(set(every)) == 120
    assert [pk for pk in every if pk in {deal.pk for deal in many}] == [
        found.pk for found in all_cards(browser, "lead", f"sort={sort}")
    ]


@pytest.mark.parametrize("sort", SORTS)
def test_card_above_is_the_one_before(sort: str, alice: User, mira: User, many: list[Deal]) -> None:
    for person, key in ((alice, "lead"), (alice, "other"), (mira, "lead")):
        scope = scope_of(person, f"sort={sort}")
        pks = [found.pk for found in all_cards(signed_in(person), key, f"sort={sort}")]
        found = cards_of(scope, pks)
        assert [(found[pk][0].pk, found[pk][0].stage) for pk in pks] == [(pk, key) for pk in pks]
        assert [found[pk][1] for pk in pks] == ["", *pks[:-1]]
    assert len(many) == 120


def test_any_number_of_cards_takes_the_same_queries(alice: User) -> None:
    queries = []
    for number in (2, 12):
        pks = [make_deal(alice, stage=("lead", "odd")[index % 2]).pk for index in range(number)]
        scope = scope_of(alice)
        with CaptureQueriesContext(connection) as captured:
            assert len(cards_of(scope, pks)) == number
        queries.append(len(captured))
    assert queries[0] == queries[1] <= 4


def test_card_is_not_shown_where_the_board_hides_it(alice: User, mallory: User) -> None:
    deal, won = make_deal(alice, amount=5), make_deal(alice, stage="won")
    assert cards_of(scope_of(alice), [deal.pk])
    assert not cards_of(scope_of(alice, "amount_min=6"), [deal.pk])
    assert cards_of(scope_of(alice), [won.pk])[won.pk][1] is None
    assert not cards_of(scope_of(mallory), [deal.pk])
    share(deal, mallory, ("view",))
    assert cards_of(scope_of(mallory), [deal.pk])


def test_heads_of_some_columns(alice: User) -> None:
    make_deal(alice, amount=5)
    make_deal(alice, amount=7, stage="won")
    heads = column_heads(scope_of(alice), ["won", "other", "nothing", "lead"])
    assert [(head.key, head.count, head.total) for head in heads] == [
        ("won", 1, Decimal(7)), ("other", 0, Decimal(0)), ("lead", 1, Decimal(5)),
    ]  # fmt: skip
    assert not any(head.cards for head in heads)
    assert column_heads(scope_of(alice), []) == []
    assert column_heads(scope_of(alice, "amount_min=6"), ["lead"])[0].count == 0


def test_cards_that_come_and_go_between_pages(alice: User) -> None:
    """What stays comes once, whatever happens above it."""
    deals = [make_deal(alice, title=str(number)) for number in range(60)]
    browser = signed_in(alice)
    first = columns_of(browser)["lead"]
    make_deal(alice, title="new on top")
    for deal in deals[-30:-20]:
        deal.delete()
    seen = titles(first.cards)
    more_url = first.more_url
    while more_url:
        answer = browser.get(more_url)
        seen += titles(answer.context["cards"])
        more_url = answer.context["more_url"]
    assert seen == [str(number) for number in (*range(59, 34, -1), *range(29, -1, -1))]


BAD_CURSORS = {
    "position": ("", "~", "x", "1", "1~", "1~short", "~0123456789x", "1.5~0123456789", "1e3~0123456789", "٣~0123456789",
                 f"{2**63}~0123456789", "9" * 4_000 + "~0123456789", "NaN~0123456789", "1~012345678\n", "1~0~12345678"),
    "value": ("NaN~0123456789", "sNaN~0123456789", "Infinity~0123456789", "-inf~0123456789", "1e309~0123456789",
              "1e99999999999999999999~0123456789", "1e999999~0123456789", "1e-99999~0123456789", "0x1~0123456789"),
    "close": ("1~0123456789", "2020-01-01~0123456789", "2020-01-01T00:00~0123456789", "10000-01-01T00:00Z~0123456789",
              "0001-01-01T00:00+14:00~0123456789", "9999-12-31T23:59-14:00~0123456789", "infinity~0123456789"),
    "stalest": ("2020-13-01T00:00Z~0123456789", "now~0123456789", "2020-01-01T25:00Z~0123456789"),
}  # fmt: skip


@pytest.mark.parametrize("sort", BAD_CURSORS)
def test_malformed_cursor_is_a_bad_request_with_a_reason(sort: str, alice: User) -> None:
    browser = signed_in(alice)
    for cursor in BAD_CURSORS[sort]:
        answer = browser.get("/deals/board/cards/", {"stage": "lead", "after": cursor, "sort": sort})
        assert answer.status_code == 400, cursor
        assert "The cursor is none" in text_of(answer)
    assert browser.get("/deals/board/cards/", {"stage": "lead", "after": "1~012345678\0"}).status_code == 400


@pytest.mark.parametrize(
    "cursor",
    ["~0123456789", "-9223372036854775807~0123456789", "9223372036854775807~zzzzzzzzzz"],
)
def test_outermost_cursors_are_none_too_many(cursor: str, alice: User) -> None:
    make_deal(alice)
    answer = signed_in(alice).get("/deals/board/cards/", {"stage": "lead", "after": cursor})
    assert answer.status_code == 200
    assert len(answer.context["cards"]) == (1 if cursor.startswith("-") else 0)


def test_outermost_values_are_cursors(alice: User) -> None:
    browser = signed_in(alice)
    odd = {
        "value": ("1e308", "-1e308", "1e-307", "0", "-0", "1.50"),
        "close": ("0001-01-01T00:00Z", "9999-12-31T23:59Z"),
    }
    for sort, values in odd.items():
        for value in values:
            query = {"stage": "lead", "after": f"{value}~0123456789", "sort": sort}
            assert browser.get("/deals/board/cards/", query).status_code == 200, value


@pytest.mark.parametrize("stage", ["", "nothing", "open", "x" * 5_000])
def test_unknown_column_is_a_bad_request(stage: str, alice: User) -> None:
    answer = signed_in(alice).get("/deals/board/cards/", {"stage": stage, "after": "1~0123456789"})
    assert (answer.status_code, text_of(answer)) == (400, "There is no such column.")


def test_folded_columns_have_no_cards(alice: User) -> None:
    make_deal(alice, stage="won", title="won deal")
    answer = signed_in(alice).get("/deals/board/cards/?stage=won&after=-9223372036854775807~0000000000")
    assert (answer.status_code, answer.context["cards"], answer.context["more_url"]) == (200, [], "")


def test_next_page_keeps_filter_and_order(alice: User) -> None:
    for number in range(60):
        make_deal(alice, title=f"{number} {('red', 'blue')[number % 2]}", amount=number)
    browser: Client = signed_in(alice)
    assert titles(all_cards(browser, "lead", "q=red&sort=value&amount_max=57")) == [
        f"{number} red" for number in range(56, -1, -2)
    ]
