"""The board in real hands: mouse, keys, finger and menu; dialogs, undo, several at once, links to a card."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from accounts.models import User
from activities.models import Activity
from deals.models import Deal
from tests.e2e.boards import (
    URL,
    Finger,
    card,
    carry,
    drag,
    expect_column,
    expect_said,
    lift,
    make_cards,
    opened,
)
from tests.e2e.conftest import SCREENS, OpenAs
from tests.e2e.waiting import picker


def stage_of(title: str) -> str | None:
    """Return where a deal stands in the database."""
    stage: str | None = Deal.objects.get(title=title).stage
    return stage


def expect_head(page: Page, stage: str, count: int, total: str) -> None:
    """Wait until a column shows this count and this total."""
    shown = page.locator(f"#head-{stage}")
    expect(shown).to_have_attribute("data-count", str(count))
    expect(shown.locator(".column-total")).to_have_text(total)


def test_drag_to_another_column(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", "A", "B")
    make_cards(alice, "proposal", "C", "D")
    page = opened(open_as(alice))
    drag(page, "A", card(page, "D"), up=30)
    expect_column(page, "lead", "B")
    expect_column(page, "proposal", "C", "A", "D")
    expect_head(page, "lead", 1, "$100")
    expect_head(page, "proposal", 3, "$300")
    opened(page)
    expect_column(page, "proposal", "C", "A", "D")


def test_drag_within_a_column(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", "A", "B", "C")
    page = opened(open_as(alice))
    drag(page, "A", card(page, "C"), up=-20)
    expect_column(page, "lead", "B", "C", "A")
    opened(page)
    expect_column(page, "lead", "B", "C", "A")


def test_other_orders_fix_the_place_in_a_column_only(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", "A", "B")
    make_cards(alice, "proposal", "C")
    Deal.objects.filter(title="A").update(amount=200)
    page = opened(open_as(alice), f"{URL}?sort=value")
    drag(page, "A", card(page, "B"), up=-20)
    expect_column(page, "lead", "A", "B")
    drag(page, "A", card(page, "C"), up=-20)
    expect_column(page, "proposal", "A", "C")


def test_escape_puts_a_dragged_card_back(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", "A", "B")
    make_cards(alice, "proposal", "C")
    page = opened(open_as(alice))
    lift(page, card(page, "A"))
    carry(page, card(page, "C"))
    page.keyboard.press("Escape")
    page.mouse.up()
    expect_column(page, "lead", "A", "B")
    assert stage_of("A") == "lead"


def test_lost_asks_for_the_reason_first(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", "A", "B")
    page = opened(open_as(alice))
    drag(page, "A", page.locator(".drop-zone--lost"))
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Mark “A” as lost")
    expect(dialog.get_by_label("Why lost")).to_be_focused()
    expect_column(page, "lead", "A", "B")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(card(page, "A")).to_be_focused()
    drag(page, "A", page.locator("#column-lost"))
    dialog.get_by_label("Note on the loss").fill("Too dear")
    dialog.locator("form").evaluate("form => form.noValidate = true")
    dialog.get_by_role("button", name="Mark as lost").last.click()
    expect(dialog.get_by_label("Why lost")).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_label("Note on the loss")).to_have_value("Too dear")
    assert stage_of("A") == "lead"
    dialog.get_by_label("Why lost").select_option("price")
    dialog.get_by_label("Come back on").fill("2099-01-31")
    dialog.get_by_role("button", name="Mark as lost").last.click()
    expect_column(page, "lead", "B")
    expect(page.locator("#head-lost")).to_contain_text("$100")
    deal = Deal.objects.get(title="A")
    assert (deal.stage, deal.lost_reason, deal.lost_note) == ("lost", "price", "Too dear")
    assert Activity.objects.get().related_deal == deal


def test_won_confirms_amount_and_date(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", "A")
    page = opened(open_as(alice))
    card(page, "A").hover()
    card(page, "A").locator("summary").click()
    card(page, "A").get_by_role("button", name="Won").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Amount")).to_have_value(re.compile("^100"))
    dialog.get_by_label("Amount").fill("150")
    dialog.get_by_role("button", name="Mark as won").last.click()
    expect(page.locator("#head-won")).to_contain_text("$150")
    expect_column(page, "lead")


def test_keys_move_and_say_each_step(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", "A", "B")
    make_cards(alice, "qualified", "C", "D")
    page = opened(open_as(alice))
    card(page, "A").focus()
    for key, said in (
        ("Space", "Lifted A. Lead, position 1 of 2."),
        ("ArrowDown", "Lead, position 2 of 2."),
        ("ArrowRight", "Qualified, position 2 of 3."),
        ("ArrowDown", "Qualified, position 3 of 3."),
        ("Escape", "Put back A. Lead, position 1 of 2."),
        ("Space", "Lifted A. Lead, position 1 of 2."),
        ("ArrowRight", "Qualified, position 1 of 3."),
        ("ArrowDown", "Qualified, position 2 of 3."),
        ("Space", "Dropped A. Qualified, position 2 of 3."),
    ):
        page.keyboard.press(key)
        expect_said(page, said)
    expect_column(page, "qualified", "C", "A", "D")
    expect(card(page, "A")).to_be_focused()
    assert stage_of("A") == "qualified"
    page.keyboard.press("Control+z")
    expect_column(page, "lead", "A", "B")
    expect_said(page, "Undone.")


def test_keys_to_lost_open_its_dialog(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "negotiation", "A")
    page = opened(open_as(alice))
    card(page, "A").focus()
    for key in ("Space", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect_said(page, "Lost.")
    page.keyboard.press("Space")
    expect(page.get_by_role("dialog")).to_contain_text("Mark “A” as lost")
    page.get_by_role("dialog").get_by_role("link", name="Cancel").click()
    expect_column(page, "negotiation", "A")
    expect(card(page, "A")).to_be_focused()


def test_arrows_go_between_cards_and_tab_comes_to_one_of_a_column(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", "A", "B")
    (deal,) = make_cards(alice, "proposal", "C")
    page = opened(open_as(alice))
    expect(page.locator("#cards-lead [data-card][tabindex='0']")).to_have_count(1)
    card(page, "A").focus()
    for key, title in (("ArrowDown", "B"), ("ArrowUp", "A"), ("ArrowRight", "C"), ("ArrowLeft", "A"), ("End", "B")):
        page.keyboard.press(key)
        expect(card(page, title)).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/deals/{deal.pk}/$"))


def test_menu_moves_and_undo_takes_back(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", "A")
    page = opened(open_as(alice))
    card(page, "A").hover()
    card(page, "A").locator("summary").click()
    expect(card(page, "A").get_by_role("button", name="Lead")).to_have_attribute("aria-current", "true")
    card(page, "A").get_by_role("button", name="Proposal").click()
    expect_column(page, "proposal", "A")
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect_column(page, "lead", "A")
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


def test_several_move_and_are_lost_in_one_step(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", "A", "B", "C", "D")
    page = opened(open_as(alice))
    bar = page.get_by_role("form", name="Selected deals")
    expect(bar).to_be_hidden()
    card(page, "A").click(modifiers=["Shift"])
    card(page, "C").click(modifiers=["Shift"])
    expect(bar).to_contain_text("3 selected")
    bar.locator("summary").click()
    bar.get_by_role("button", name="Proposal").click()
    expect_column(page, "proposal", "A", "B", "C")
    expect(bar).to_be_hidden()
    page.keyboard.press("Control+z")
    expect_column(page, "lead", "A", "B", "C", "D")
    card(page, "A").focus()
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    bar.get_by_role("button", name="Mark lost").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why lost").select_option("timing")
    dialog.get_by_role("button", name="Mark as lost").last.click()
    expect_column(page, "lead", "C", "D")
    assert Deal.objects.filter(lost_reason="timing").count() == 2
    card(page, "C").click(modifiers=["Shift"])
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()


def test_several_are_assigned(open_as: OpenAs, alice: User, bob: User) -> None:
    make_cards(alice, "lead", "A", "B")
    page = opened(open_as(alice))
    for title in ("A", "B"):
        card(page, title).click(modifiers=["Shift"])
    page.get_by_role("button", name="Assign to").click()
    dialog = page.get_by_role("dialog")
    picker(dialog, "New owner").press_sequentially("Bob")
    dialog.locator(".picker-list").get_by_role("option", name="Bob").click()
    dialog.get_by_role("button", name="Assign").last.click()
    expect(dialog).to_be_hidden()
    assert set(Deal.objects.values_list("assigned_to", flat=True)) == {bob.pk}


def test_link_to_a_card_loads_what_holds_it(open_as: OpenAs, alice: User) -> None:
    deals = make_cards(alice, "proposal", *(f"Deal {number}" for number in range(60)))
    page = opened(open_as(alice), f"{URL}#{deals[55].pk}")
    expect(card(page, "Deal 55")).to_be_focused()
    expect(card(page, "Deal 55")).to_be_in_viewport()
    page.goto("/")
    opened(page, f"{URL}#{deals[3].pk}")
    expect(card(page, "Deal 3")).to_be_focused()


def test_more_cards_load_on_scroll(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", *(f"Deal {number}" for number in range(60)))
    page = opened(open_as(alice))
    cards = page.locator("#cards-lead > [data-card]")
    expect(cards).to_have_count(25)
    for count in (50, 60):
        page.locator("#cards-lead").evaluate("list => list.scrollTo(0, list.scrollHeight)")
        expect(cards).to_have_count(count)
    expect(page.locator("#cards-lead [data-more]")).to_have_count(0)


def test_finger_drags_and_selects_on_a_phone(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", "A", "B", "C")
    page = opened(open_as(alice, **SCREENS["phone"]))
    finger = Finger(page)
    expect(page.locator("#column-qualified")).to_be_hidden()
    finger.press(card(page, "A"))
    finger.move(card(page, "B"))
    finger.lift()
    expect_column(page, "lead", "B", "A", "C")
    finger.press(card(page, "A"))
    finger.move(page.locator("[data-board-tab=qualified]"))
    finger.lift()
    expect_column(page, "lead", "B", "C")
    expect(page.locator("[data-board-tab=qualified] .count")).to_have_text("1")
    page.locator("[data-board-tab=qualified]").tap()
    expect_column(page, "qualified", "A")
    page.locator("[data-board-tab=lead]").tap()
    finger.press(card(page, "B"))
    finger.lift()
    expect(page.get_by_role("form", name="Selected deals")).to_contain_text("1 selected")
    expect(page).to_have_url(re.compile(f"{URL}$"))


def test_zones_are_within_reach_of_a_thumb(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", "A", "B")
    page = opened(open_as(alice, **SCREENS["phone"]))
    finger = Finger(page)
    finger.press(card(page, "A"))
    finger.move(card(page, "B"))
    for zone in ("won", "lost"):
        box = page.locator(f".drop-zone--{zone}").bounding_box()
        assert box
        assert (box["height"] >= 64, box["width"] >= 150, box["y"] > 844 * 0.75) == (True, True, True)
    finger.move(page.locator(".drop-zone--won"))
    finger.lift()
    expect(page.get_by_role("dialog")).to_contain_text("Mark “A” as won")
    expect_column(page, "lead", "A", "B")


def test_everything_without_javascript(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", "A", "B", "C")
    page = open_as(alice, **SCREENS["desk without JavaScript"])
    page.goto(f"{URL}?owner={alice.pk}")
    card(page, "A").hover()
    card(page, "A").locator("summary").click()
    card(page, "A").get_by_role("button", name="Proposal").click()
    expect(page).to_have_url(re.compile(f"owner={alice.pk}"))
    expect_column(page, "proposal", "A")
    page.get_by_role("button", name="Undo").click()
    expect_column(page, "lead", "A", "B", "C")
    card(page, "A").hover()
    card(page, "A").locator("summary").click()
    card(page, "A").get_by_role("button", name="Lost").click()
    page.get_by_label("Why lost").select_option("price")
    page.get_by_role("button", name="Mark as lost").last.click()
    expect_column(page, "lead", "B", "C")
    for title in ("B", "C"):
        card(page, title).hover()
        card(page, title).get_by_role("checkbox").check()
    page.locator("#selection summary").click()
    page.locator("#selection").get_by_role("button", name="Qualified").click()
    expect_column(page, "qualified", "B", "C")
    page.get_by_label("Search deals").or_(page.get_by_placeholder("Search deals")).first.fill("C")
    page.get_by_role("button", name="Apply").click()
    expect_column(page, "qualified", "C")
