"""What the board does when a move fails, when two people are at it, and when its filter changes under a drag."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from deals.models import Deal
from records.access import share
from tests.e2e.boards import URL, card, carry, drag, expect_column, lift, make_cards, opened
from tests.e2e.conftest import OpenAs
from tests.e2e.living import deaf
from tests.e2e.waiting import Held, a_board_comes

MOVE = "**/deals/*/move/"
ANSWERS: dict[str, Callable[[Route], None]] = {
    "500": lambda route: route.fulfill(status=500, body="<h1>Broken</h1>"),
    "503": lambda route: route.fulfill(status=503, body="<h1>Busy</h1>"),
    "nothing": lambda route: route.abort(),
}


@pytest.fixture
def page(open_as: OpenAs, alice: User) -> Page:
    """A page of alice that may complain: the browser reports each answer that fails."""
    return open_as(alice).context.new_page()


@pytest.mark.parametrize("answer", ANSWERS)
def test_failed_move_is_taken_back_and_offered_again(page: Page, alice: User, answer: str) -> None:
    make_cards(alice, "lead", "A", "B", "C")
    make_cards(alice, "proposal", "D")
    opened(page)
    page.route(MOVE, ANSWERS[answer])
    drag(page, "B", page.locator("#cards-proposal"))
    expect_column(page, "lead", "A", "B", "C")
    expect_column(page, "proposal", "D")
    told = page.get_by_role("status")
    expect(told).to_contain_text("No connection" if answer == "nothing" else "The server failed")
    expect(told).to_contain_text("“B” was not moved")
    page.unroute(MOVE)
    told.get_by_role("button", name="Try again").click()
    expect_column(page, "proposal", "D", "B")
    expect_column(page, "lead", "A", "C")
    assert Deal.objects.get(title="B").stage == "proposal"


def test_card_is_busy_while_it_moves(page: Page, alice: User) -> None:
    make_cards(alice, "lead", "A")
    make_cards(alice, "proposal", "B")
    opened(page)
    held = Held(page, MOVE)
    drag(page, "A", page.locator("#cards-proposal"))
    expect(card(page, "A")).to_have_attribute("aria-busy", "true")
    expect(card(page, "A").locator("xpath=..")).to_have_attribute("data-cards", "proposal")
    held.let_go()
    expect_column(page, "proposal", "B", "A")


def test_server_that_never_answers(page: Page, alice: User) -> None:
    make_cards(alice, "lead", "A")
    make_cards(alice, "proposal", "B")
    opened(page)
    page.route(MOVE, lambda _route: None)
    drag(page, "A", page.locator("#cards-proposal"))
    expect(page.get_by_role("button", name="Try again")).to_be_visible(timeout=30_000)
    expect_column(page, "lead", "A")


def test_second_of_two_people_sees_who_was_first(open_as: OpenAs, page: Page, alice: User, bob: User) -> None:
    """Also where the second heard nothing of the first: the news of it may be slower than a hand."""
    (deal,) = make_cards(alice, "lead", "A")
    share(deal, bob, ("view", "change"))
    other = open_as(bob)
    for each in (page, other):
        opened(deaf(each))
    for first, second, to, name in ((other, page, "proposal", "Bob"), (page, other, "negotiation", "Alice")):
        drag(first, "A", first.locator(f"#column-{to} .column-head"), up=-40)
        expect_column(first, to, "A")
        drag(second, "A", second.locator("#column-qualified .column-head"), up=-40)
        expect_column(second, to, "A")
        expect_column(second, "qualified")
        expect(second.get_by_role("status")).to_contain_text(f"by {name}")
    deal.refresh_from_db()
    assert deal.stage == "negotiation"


def test_deleted_while_the_other_drags(page: Page, alice: User) -> None:
    (deal, _) = make_cards(alice, "lead", "A", "B")
    make_cards(alice, "proposal", "C")
    opened(page)
    lift(page, card(page, "A"))
    deal.delete()
    carry(page, page.locator("#cards-proposal"))
    page.mouse.up()
    expect(page.get_by_role("status")).to_contain_text("“A” is no longer there")
    expect_column(page, "lead", "B")
    expect_column(page, "proposal", "C")


def test_moved_first_and_deleted_then(page: Page, alice: User) -> None:
    (deal,) = make_cards(alice, "lead", "A")
    make_cards(alice, "proposal", "C")
    opened(deaf(page))
    drag(page, "A", page.locator("#cards-proposal"))
    expect_column(page, "proposal", "C", "A")
    deal.delete()
    page.keyboard.press("Control+z")
    expect(page.get_by_role("status")).to_contain_text("could not be undone")


def test_reader_cannot_lift_a_card(open_as: OpenAs, alice: User, bob: User) -> None:
    (deal,) = make_cards(alice, "lead", "A")
    share(deal, bob, ("view",))
    page = opened(open_as(bob))
    expect(card(page, "A").locator("summary, input")).to_have_count(0)
    card(page, "A").focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-board-says]")).to_have_text("A cannot be moved by you.")


def test_right_that_was_taken_away_meanwhile(page: Page, alice: User, bob: User) -> None:
    (deal,) = make_cards(bob, "lead", "A")
    share(deal, alice, ("view", "change"))
    opened(deaf(page))
    share(deal, alice, ("view",))
    card(page, "A").hover()
    card(page, "A").locator("summary").click()
    card(page, "A").get_by_role("button", name="Proposal").click()
    expect(page.get_by_role("status")).to_contain_text("You may not move “A”")
    expect_column(page, "lead", "A")


def test_lost_dialog_keeps_what_was_typed(page: Page, alice: User) -> None:
    make_cards(alice, "lead", "A")
    opened(page)
    drag(page, "A", page.locator(".drop-zone--lost"))
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why lost").select_option("price")
    dialog.get_by_label("Note on the loss").fill("Too dear")
    page.route(MOVE, lambda route: route.abort())
    dialog.get_by_role("button", name="Mark as lost").last.click()
    expect(dialog.get_by_role("alert")).to_contain_text("No connection")
    expect(dialog.get_by_label("Note on the loss")).to_have_value("Too dear")
    page.unroute(MOVE)
    dialog.get_by_role("button", name="Mark as lost").last.click()
    expect(dialog).to_be_hidden()
    assert Deal.objects.get().lost_note == "Too dear"


def test_filter_that_changes_under_a_drag_waits(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", "Alpha", "Beta")
    make_cards(alice, "proposal", "Alpine")
    page = opened(open_as(alice))
    held = Held(page, re.compile(r"/deals/board/\?.*q=Alp"))
    page.get_by_placeholder("Search deals").press_sequentially("Alp")
    held.wait()
    lift(page, card(page, "Alpha"))
    with a_board_comes(page):
        held.let_go()
    expect(card(page, "Beta")).to_be_attached()
    carry(page, page.locator("#cards-proposal"))
    page.mouse.up()
    expect_column(page, "proposal", "Alpine", "Alpha")
    expect_column(page, "lead")
    expect(page).to_have_url(f"{page.url.partition('/deals')[0]}{URL}?q=Alp")


def test_filter_that_changes_during_a_move(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", "Alpha", "Beta")
    make_cards(alice, "proposal", "Alpine")
    page = opened(open_as(alice))
    held = Held(page, MOVE)
    drag(page, "Alpha", page.locator("#cards-proposal"))
    held.wait()
    with a_board_comes(page):
        page.get_by_placeholder("Search deals").fill("Alpi")
    held.let_go()
    expect_column(page, "proposal", "Alpine")
    expect_column(page, "lead")
    assert Deal.objects.get(title="Alpha").stage == "proposal"
