"""What happens at the edges of the board: a list that scrolls under a drag, a dialog that a colleague overtakes."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts.models import User
from deals.models import Deal
from records.access import share
from tests.e2e.boards import URL, Finger, card, drag, expect_column, hold_near, lift, make_cards, opened
from tests.e2e.conftest import SCREENS, OpenAs
from tests.e2e.test_every_page import ALL_RULES, violations

NEAR = 12
"""Pixels from an edge at which what is dragged makes a list scroll."""
IS_SHOWN = "card => card.getBoundingClientRect().bottom < card.parentElement.getBoundingClientRect().bottom"


def test_column_scrolls_while_a_card_is_held_at_its_edge(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", *(f"Deal {number}" for number in range(20)))
    page = opened(open_as(alice))
    last = card(page, "Deal 19")
    expect(last).not_to_be_in_viewport()
    lift(page, card(page, "Deal 0"))
    box = page.locator("#cards-lead").bounding_box()
    assert box
    edge = box["y"] + box["height"] - NEAR
    hold_near(page, page.mouse.move, box["x"] + box["width"] / 2, edge, until=lambda: bool(last.evaluate(IS_SHOWN)))
    expect(last).to_be_in_viewport()
    page.mouse.up()
    expect(page.locator("#cards-lead > [data-card]").first).not_to_contain_text("Deal 0")
    expect(card(page, "Deal 0")).not_to_have_attribute("aria-busy", "true")
    assert Deal.objects.order_by("position").first() == Deal.objects.get(title="Deal 1")


def test_page_scrolls_while_a_finger_holds_a_card_at_its_edge(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", *(f"Deal {number}" for number in range(20)))
    page = opened(open_as(alice, **SCREENS["phone"]))
    finger, before = Finger(page), page.evaluate("() => scrollY")
    finger.press(card(page, "Deal 0"))
    finger.move(card(page, "Deal 2"))
    hold_near(page, finger.go, 195, 800, until=lambda: page.evaluate("() => scrollY") > before)
    with page.expect_response("**/move/"):
        finger.lift()


def test_dialog_that_a_colleague_overtook_keeps_what_was_typed(open_as: OpenAs, alice: User, bob: User) -> None:
    (deal,) = make_cards(alice, "lead", "A")
    share(deal, bob, ("view", "change"))
    page, other = opened(open_as(alice)), opened(open_as(bob))
    drag(page, "A", page.locator(".drop-zone--lost"))
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why lost").select_option("price")
    dialog.get_by_label("Note on the loss").fill("Too dear")
    drag(other, "A", other.locator("#column-proposal .column-head"), up=-40)
    expect_column(other, "proposal", "A")
    dialog.get_by_role("button", name="Mark as lost").last.click()
    expect(dialog.get_by_role("alert")).to_contain_text("“A” was moved to Proposal by Bob just now")
    expect(dialog.get_by_label("Note on the loss")).to_have_value("Too dear")
    dialog.get_by_role("button", name="Mark as lost").last.click()
    expect(dialog).to_be_hidden()
    deal.refresh_from_db()
    assert (deal.stage, deal.lost_note) == ("lost", "Too dear")


@pytest.mark.parametrize("screen", ["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lifted_card_and_zones_are_accessible(open_as: OpenAs, alice: User, screen: str, scheme: str) -> None:
    make_cards(alice, "lead", "A", "B")
    page = opened(open_as(alice, **SCREENS[screen]))
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    lift(page, card(page, "A"))
    expect(page.locator(".drop-zone--won")).to_be_visible()
    assert violations(page, ALL_RULES) == []
    page.keyboard.press("Escape")
    page.mouse.up()
    card(page, "A").focus()
    page.keyboard.press("Space")
    assert violations(page, ALL_RULES) == []


def test_menu_moves_on_a_phone(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", "A", "B")
    page = opened(open_as(alice, **SCREENS["phone"]))
    card(page, "A").locator("summary").tap()
    choices = card(page, "A").locator(".menu-list button")
    expect(choices.last).to_be_in_viewport(ratio=1)
    for number in range(choices.count()):
        box = choices.nth(number).bounding_box()
        assert box
        assert box["height"] >= 44
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
        assert 0 <= box["y"] <= box["y"] + box["height"] <= 844
    choices.filter(has_text="Qualified").tap()
    expect_column(page, "lead", "B")
    expect(page.locator("[data-board-tab=qualified] .count")).to_have_text("1")
    page.get_by_role("status").get_by_role("button", name="Undo").tap()
    expect_column(page, "lead", "A", "B")


def test_last_card_of_other_comes_back_after_its_column_went(open_as: OpenAs, alice: User) -> None:
    (odd,) = make_cards(alice, "Sent by an app", "Odd")
    make_cards(alice, "lead", "A")
    page = opened(open_as(alice))
    card(page, "Odd").hover()
    card(page, "Odd").locator("summary").click()
    card(page, "Odd").get_by_role("button", name="Lead").click()
    expect_column(page, "lead", "Odd", "A")
    page.get_by_placeholder("Search deals").fill("Odd")
    expect(page).to_have_url(f"{page.url.partition('/deals')[0]}{URL}?q=Odd")
    expect(page.locator("#column-other")).to_have_count(0)
    page.keyboard.press("Tab")
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect_column(page, "lead")
    expect(page.locator("#cards-other [data-card]")).to_have_count(1)
    odd.refresh_from_db()
    assert odd.stage == "Sent by an app"
