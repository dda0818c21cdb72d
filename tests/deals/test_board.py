"""/deals/board/: its columns and totals, its filter and addresses, and what it costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from deals.models import Deal, Stage
from records.access import share
from tests.deals.reading import all_cards, board_of, columns_of, titles
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role, make_user, signed_in
from tests.pages.reading import rows_of, text_of
from tests.records.queries import count_queries

QUERIES = 6
"""session, person; stages; whom and what to filter by; totals; cards."""
OPEN = ["lead", "qualified", "proposal", "negotiation"]


@pytest.fixture
def browser(alice: User) -> Client:
    """Return Alice's browser."""
    return signed_in(alice)


def test_columns_are_the_stages_in_order(browser: Client, alice: User) -> None:
    columns = board_of(browser).columns
    assert [column.key for column in columns] == [*OPEN, "won", "lost"]
    assert [(column.label, column.kind, column.is_folded, column.note) for column in columns[3:5]] == [
        ("Negotiation", "open", False, ""),
        ("Won", "won", True, "this month"),
    ]
    Stage.objects.filter(key="proposal").update(order=0)
    Stage.objects.create(key="demo", label="Demo", order=2)
    assert [column.key for column in board_of(browser).columns][:4] == ["proposal", "lead", "demo", "qualified"]
    assert board_of(browser).columns[0].count == 0
    make_deal(alice, stage="demo")
    assert columns_of(browser)["demo"].count == 1


def test_totals_count_every_deal_by_its_own_chance_or_the_stages(browser: Client, alice: User) -> None:
    make_deal(alice, amount=100)
    make_deal(alice, amount=Decimal("0.01"), probability=0)
    make_deal(alice, amount=Decimal("50.5"), probability=90)
    make_deal(alice, amount=None)
    make_deal(alice, amount=None, probability=50)
    make_deal(alice, stage="proposal", amount=Decimal("12345678901234567890.123456789"), probability=33)
    make_deal(alice, stage="proposal", amount=Decimal("9e307"))
    found = columns_of(browser)
    lead, proposal = found["lead"], found["proposal"]
    assert (lead.count, lead.total, lead.weighted) == (5, Decimal("150.51"), Decimal("55.45"))
    assert proposal.total == Decimal("9" + "0" * 287 + "12345678901234567890.123456789")
    assert proposal.weighted == Decimal("45" + "0" * 287 + "4074074037407407403.74074074037")
    assert found["qualified"].total == 0


def test_totals_are_over_more_than_the_loaded_cards(browser: Client, alice: User) -> None:
    for _number in range(30):
        make_deal(alice, amount=10)
    lead = columns_of(browser)["lead"]
    assert (len(lead.cards), lead.count) == (25, 30)
    assert (lead.total, lead.weighted) == (Decimal(300), Decimal(30))
    assert "30" in text_of(browser.get("/deals/board/"))


@pytest.mark.django_db
def test_won_and_lost_are_folded_to_ones_own_month() -> None:
    alice = make_user("kiwi", time_zone="Pacific/Auckland")
    with timezone.override("Pacific/Auckland"):
        first = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    moments = (first, first - timedelta(milliseconds=1), first + timedelta(days=32), timezone.now())
    for number, closed_at in enumerate(moments):
        make_deal(alice, stage="won", amount=10**number, closed_at=closed_at)
        make_deal(alice, stage="lost", amount=10**number, closed_at=closed_at, lost_reason="price")
    found = columns_of(signed_in(alice))
    for key in ("won", "lost"):
        assert (found[key].count, found[key].total) == (2, Decimal(1001))
        assert found[key].cards == []
        listed = signed_in(alice).get(found[key].list_url)
        assert len(rows_of(listed)) == 4


def test_other_shows_only_what_the_pipeline_does_not_know(browser: Client, alice: User) -> None:
    make_deal(alice)
    assert "other" not in columns_of(browser)
    make_deal(alice, title="odd", stage="Contract sent", amount=7, probability=50)
    make_deal(alice, title="none", stage=None, amount=5)
    other = board_of(browser).columns[-1]
    assert (other.key, other.label, other.kind, other.stage, other.is_folded) == (
        "other",
        "Other",
        "other",
        None,
        False,
    )
    assert (other.count, other.total, other.weighted) == (2, Decimal(12), Decimal("3.5"))
    assert titles(other.cards) == ["none", "odd"]
    assert {card.stage for card in other.cards} == {"other"}
    assert set(rows_of(browser.get(other.list_url))) == {"odd", "none"}
    assert "other" not in columns_of(browser, "q=nothing")
    Stage.objects.create(key="Contract", label="Contract", order=9)
    Deal.objects.filter(stage="Contract sent").update(stage="Contract")
    assert titles(columns_of(browser)["other"].cards) == ["none"]
    Stage.objects.all().delete()
    assert [(column.key, column.count) for column in board_of(browser).columns] == [("other", 3)]


def test_stranger_sees_nothing_at_all(alice: User, bob: User, mallory: User) -> None:
    company = make_company(alice)
    for stage in (*OPEN, "won", "lost", "odd", None):
        deal = make_deal(alice, stage=stage, amount=99, company=company)
    browser = signed_in(mallory)
    for query in ("", f"owner={alice.pk}", "q=deal", f"card={deal.pk}", "sort=value", f"company={company.pk}"):
        columns = columns_of(browser, query)
        assert not any(column.count or column.total or column.weighted for column in columns.values())
        assert list(columns) == [*OPEN, "won", "lost"]
        page = text_of(browser.get(f"/deals/board/?{query}"))
        assert str(company) not in page
        assert deal.title not in page
    for key in (*OPEN, "other"):
        answer = browser.get(f"/deals/board/cards/?stage={key}&after=-999999999999~0000000000")
        assert (answer.status_code, text_of(answer).strip()) == (200, "")
    share(deal, bob, ("view",))
    columns = columns_of(signed_in(bob))
    assert {key: column.count for key, column in columns.items() if column.count} == {"other": 1}
    assert [(card.pk, card.may_change, card.company) for card in columns["other"].cards] == [
        (deal.pk, False, str(company))
    ]
    share(deal, bob, ("view", "change"))
    assert columns_of(signed_in(bob))["other"].cards[0].may_change


def test_may_change_by_role_and_as_a_manager(alice: User, bob: User, mira: User) -> None:
    deal = make_deal(alice)
    share(deal, make_role("Readers", bob), ("view",))
    assert not columns_of(signed_in(bob))["lead"].cards[0].may_change
    share(deal, make_role("Writers", bob), ("view", "change"))
    for person in (alice, bob, mira):
        assert columns_of(signed_in(person))["lead"].cards[0].may_change


def fill(owner: User, number: int) -> None:
    """Make as many deals of each kind of column, each with all that a card shows."""
    company, contact = make_company(owner), make_contact(owner)
    for stage in ("lead", "proposal", "won", "odd"):
        for _number in range(number):
            deal = make_deal(owner, stage=stage, amount=5, company=company, contact=contact)
    make_activity(owner, related_deal=deal, due_date=timezone.now())


def test_takes_six_queries_however_many_deals(alice: User, mira: User) -> None:
    role = make_role("Team", alice)
    fill(alice, 1)
    deal = Deal.objects.for_user(alice, "view").filter(stage="odd").get()
    queries = [
        "",
        "q=deal&sort=value&compact=1",
        f"owner={alice.pk}&company={deal.company_id}&contact={deal.contact_id}&stale=1&sort=close",
        f"owner=role:{role.pk}&amount_min=1&amount_max=9&close=month&no_next_step=1&sort=stalest",
        f"card={deal.pk}&stage=lead",
    ]
    for _round in range(2):
        for person in (alice, mira):
            browser = signed_in(person)
            counts = [count_queries(browser, f"/deals/board/?{query}") for query in queries]
            assert max(counts) == counts[0] == QUERIES, counts
            assert count_queries(browser, columns_of(browser)["lead"].more_url or "/deals/board/") <= QUERIES
        fill(alice, 75)


def test_filter_carries_over_to_the_list_and_back(browser: Client, alice: User) -> None:
    company = make_company(alice)
    make_deal(alice, title="small red", amount=5, company=company)
    make_deal(alice, title="big red", amount=500, company=company)
    make_deal(alice, title="big blue", amount=500)
    query = f"q=red&amount_min=6&owner={alice.pk}&company={company.pk}&no_next_step=1"
    board = board_of(browser, f"{query}&stage=won&sort=stalest&compact=1&card=x&page=2&close=never&stale=")
    assert titles(columns_of(browser, query)["lead"].cards) == ["big red"]
    assert board.is_filtered
    assert [(chip.label, chip.value) for chip in board.chips] == [
        ("Search", "red"),
        ("Owner", "Me (Alice)"),
        ("Amount from", "$6"),
        ("Next step", "None"),
        ("Company", str(company)),
    ]
    assert board.query == (
        f"q=red&owner={alice.pk}&amount_min=6&no_next_step=1&company={company.pk}&sort=stalest&compact=1"
    )
    assert rows_of(browser.get(board.list_url)) == ["big red"]
    lead = board.columns[0]
    assert lead.list_url.count("stage=lead") == 1
    assert "sort" not in lead.list_url + board.list_url
    assert rows_of(browser.get(lead.list_url)) == ["big red"]
    assert rows_of(browser.get(board.columns[1].list_url)) == []
    again = board_of(browser, board.query)
    assert (again.query, again.sort, again.compact) == (board.query, "stalest", True)


def test_chips_take_one_filter_away(browser: Client, alice: User) -> None:
    deal = make_deal(alice, amount=5)
    board = board_of(browser, f"amount_min=6&no_next_step=1&sort=value&card={deal.pk}")
    assert [chip.remove_url for chip in board.chips] == ["?no_next_step=1&sort=value", "?amount_min=6&sort=value"]


def test_addresses_of_orders_and_density(browser: Client) -> None:
    board = board_of(browser, "q=a+b&sort=value&compact=1&card=x")
    assert (board.sort, board.is_sorted, board.compact, board.query) == (
        "value",
        True,
        True,
        "q=a+b&sort=value&compact=1",
    )
    assert board.sorts == [
        ("position", "Board order", "/deals/board/?q=a+b&compact=1"),
        ("value", "Value", "/deals/board/?q=a+b&sort=value&compact=1"),
        ("close", "Close date", "/deals/board/?q=a+b&sort=close&compact=1"),
        ("stalest", "Stalest", "/deals/board/?q=a+b&sort=stalest&compact=1"),
    ]
    assert board.compact_url == "/deals/board/?q=a+b&sort=value"
    usual = board_of(browser, "sort=-title&compact=no")
    assert (usual.sort, usual.is_sorted, usual.compact, usual.query) == ("position", False, False, "")
    assert (usual.list_url, usual.compact_url) == ("/deals/", "/deals/board/?compact=1")


def test_part_for_htmx_is_the_board_alone(browser: Client, alice: User) -> None:
    make_deal(alice, title="On the board")
    headers = {"HX-Request": "true", "HX-Target": "board"}
    part = text_of(browser.get("/deals/board/", headers=headers))
    assert part.lstrip().startswith('<div id="board"')
    assert "On the board" in part


def test_linked_card_is_loaded_wherever_it_stands(browser: Client, alice: User, mallory: User) -> None:
    """The column begins with it where it is not among the first cards."""
    deals = [make_deal(alice, title=f"{number}", amount=number // 10 or None) for number in range(80)]
    hidden, won = make_deal(mallory), make_deal(alice, stage="won", title="won")
    for sort in ("position", "value", "close", "stalest"):
        order = titles(all_cards(browser, "lead", f"sort={sort}"))
        assert len(order) == 80
        for at in (0, 24, 25, 26, 60, 79):
            deal = next(deal for deal in deals if deal.title == order[at])
            lead = columns_of(browser, f"sort={sort}&card={deal.pk}")["lead"]
            start = 0 if at < 25 else at
            assert titles(lead.cards) == order[start : start + 25], (sort, at)
            assert lead.count == 80
            assert lead.top_url == ("" if at < 25 else f"/deals/board/?sort={sort}".removesuffix("?sort=position"))
            assert titles(all_cards(browser, "lead", f"sort={sort}&card={deal.pk}")) == order[start:]
    first = titles(columns_of(browser)["lead"].cards)
    for pk in (hidden.pk, won.pk, "nothing", "", "0123456789", "\N{SNOWMAN}", "x" * 300):
        assert titles(columns_of(browser, f"card={pk}")["lead"].cards) == first
    assert titles(columns_of(browser, f"card={deals[0].pk}&amount_min=1")["lead"].cards) == first  # it is filtered out


def test_dates_before_christ_and_far_away_do_no_harm(browser: Client, alice: User) -> None:
    make_deal(alice, title="old", expected_close_date=datetime(1, 1, 1, tzinfo=UTC))
    make_deal(alice, title="new", expected_close_date=datetime(9999, 12, 31, tzinfo=UTC))
    assert titles(columns_of(browser, "sort=close")["lead"].cards) == ["old", "new"]
