"""The board of one person follows what others do, within a second, and disturbs nobody who works on it."""

from __future__ import annotations

import time
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from companies.models import Company
from deals.models import Deal
from records.access import share
from records.log import acting
from tests.e2e.boards import URL, card, carry, drag, expect_column, lift, make_cards, middle
from tests.e2e.conftest import OpenAs
from tests.e2e.living import SOON_MS, expect_told, live, requests_of
from tests.e2e.waiting import has_class, pause
from tests.factories import make_activity, make_company, make_deal

CHANGES = "/deals/board/changes/"
WATCH = """stage => {
  const list = document.getElementById(`cards-${stage}`);
  window.arrived = new Promise((go) => {
    const look = () => list.querySelector("[data-card]") && go();
    new MutationObserver(look).observe(list, { childList: true });
  });
}"""


def board(page: Page, address: str = URL) -> Page:
    """Open a board that follows."""
    return live(page, address)


def shared(owner: User, colleague: User, stage: str, *titles: str) -> list[Deal]:
    """Make cards in a column that both may change."""
    deals = make_cards(owner, stage, *titles)
    for deal in deals:
        share(deal, colleague, ("view", "change"))
    return deals


def save(person: User, deal: Deal, **fields: object) -> None:
    """Write to a deal as an app of somebody does."""
    with acting(person):
        Deal.objects.filter(pk=deal.pk).update(**fields)


def test_changes_show_within_a_second(open_as: OpenAs, alice: User, bob: User) -> None:
    (deal,) = shared(alice, bob, "lead", "A")
    his = board(open_as(bob))
    times = []
    for stage in ("qualified", "lead", "proposal", "lead"):
        his.evaluate(WATCH, stage)
        began = time.perf_counter()
        save(alice, deal, stage=stage)
        his.evaluate("() => window.arrived")
        times.append(1000 * (time.perf_counter() - began))
        pause(his, SOON_MS)
    assert min(times) < SOON_MS


def test_other_sees_a_drag(open_as: OpenAs, alice: User, bob: User) -> None:
    shared(alice, bob, "lead", "A", "B")
    shared(alice, bob, "proposal", "C", "D")
    hers, his = board(open_as(alice)), board(open_as(bob))
    asked = requests_of(hers, "/deals/")
    drag(hers, "A", card(hers, "D"), up=30)
    expect_column(his, "proposal", "C", "A", "D")
    expect_column(his, "lead", "B")
    expect(his.locator("#head-proposal .column-total")).to_have_text("$300")
    expect(his.locator("#head-lead .column-total")).to_have_text("$100")
    expect(card(his, "A")).to_have_class(has_class("is-flashed"))
    expect(card(his, "A").locator(".flash-name")).to_have_text("Alice")
    expect_told(his, "Alice moved A to Proposal.")
    pause(hers, SOON_MS)
    assert [line.partition(" ")[0] for line in asked] == ["POST"]
    expect(hers.locator(".is-flashed")).to_have_count(0)


def test_own_quick_add_and_undo_are_no_news(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", "A")
    page = board(open_as(alice))
    drag(page, "A", page.locator("#cards-proposal"))
    expect_column(page, "proposal", "A")
    page.keyboard.press("Control+z")
    expect_column(page, "lead", "A")
    page.locator("[data-add=lead]").click()
    page.locator(".quick-add [name=title]").fill("B")
    page.keyboard.press("Enter")
    expect_column(page, "lead", "B", "A")
    page.keyboard.press("Escape")
    asked = requests_of(page, CHANGES)
    pause(page, SOON_MS)
    assert asked == []


def test_edit_hand_over_and_deletion_show(open_as: OpenAs, alice: User, bob: User) -> None:
    a, b = make_cards(alice, "lead", "A", "B")
    hers, his = board(open_as(alice)), board(open_as(bob))
    save(alice, a, title="Ariane", amount=250)
    expect_column(hers, "lead", "Ariane", "B")
    expect(hers.locator("#head-lead .column-total")).to_have_text("$350")
    save(alice, a, assigned_to=bob)
    expect_column(his, "lead", "Ariane")
    expect_told(his, "Alice added Ariane to Lead.")
    expect_column(hers, "lead", "B")
    expect(hers.locator("#head-lead")).to_have_attribute("data-count", "1")
    with acting(alice):
        Deal.objects.get(pk=b.pk).delete()
    expect_column(hers, "lead")
    expect_told(hers, "You deleted B.")


def test_lost_share_disappears(open_as: OpenAs, alice: User, bob: User) -> None:
    (deal,) = make_cards(alice, "lead", "A")
    with acting(alice):
        share(deal, bob, ("view",))
    his = board(open_as(bob))
    expect_column(his, "lead", "A")
    with acting(alice):
        share(deal, bob, ())
    expect_column(his, "lead")
    expect(his.locator("#head-lead")).to_have_attribute("data-count", "0")
    with acting(alice):
        share(deal, bob, ("view",))
    expect_column(his, "lead", "A")


def test_closed_deal_goes_where_it_is_counted(open_as: OpenAs, alice: User, bob: User) -> None:
    (deal,) = shared(alice, bob, "lead", "A")
    his = board(open_as(bob))
    save(alice, deal, stage="won", closed_at=timezone.now())
    expect_column(his, "lead")
    expect(his.locator("#head-won .column-total")).to_have_text("$100")
    expect_told(his, "Alice moved A to Won.")
    expect(his.locator("#column-won .flash-name")).to_have_text("Alice")


def test_next_step_and_company_of_a_card_follow(open_as: OpenAs, alice: User, bob: User) -> None:
    company: Company = make_company(alice, name="Acme")
    deal = make_deal(alice, title="A", company=company)
    share(deal, bob, ("view",))
    his = board(open_as(bob))
    expect(card(his, "A")).to_contain_text("No next step")
    with acting(alice):
        share(make_activity(alice, related_deal=deal, due_date=timezone.now() + timedelta(days=1)), bob, ("view",))
    expect(card(his, "A")).to_contain_text("Call tomorrow", ignore_case=True)
    with acting(alice):
        Company.objects.filter(pk=company.pk).update(name="Zenith")
    expect(card(his, "A")).to_contain_text("Zenith")


def test_filter_decides_what_comes_and_goes(open_as: OpenAs, alice: User, bob: User) -> None:
    a, b = shared(alice, bob, "lead", "A", "B")
    save(alice, a, amount=1000)
    his = board(open_as(bob), f"{URL}?amount_min=500&sort=value")
    expect_column(his, "lead", "A")
    save(alice, b, amount=2000)
    expect_column(his, "lead", "B", "A")
    save(alice, a, amount=1)
    expect_column(his, "lead", "B")
    expect_told(his, "Alice changed A: this board shows it no more.")


def test_changes_wait_while_a_card_is_in_the_hand(open_as: OpenAs, alice: User, bob: User) -> None:
    a, b, _c = shared(alice, bob, "lead", "A", "B", "C")
    his = board(open_as(bob))
    asked = requests_of(his, CHANGES)
    lift(his, card(his, "C"))
    save(alice, a, stage="proposal")
    save(alice, b, title="Boris")
    pause(his, SOON_MS)
    assert asked == []
    expect(card(his, "A").locator("xpath=..")).to_have_attribute("data-cards", "lead")
    carry(his, his.locator("#cards-qualified"))
    his.mouse.up()
    expect_column(his, "proposal", "A")
    expect_column(his, "lead", "Boris")
    expect_column(his, "qualified", "C")


def test_changes_wait_for_keys_menu_dialog_and_typing(open_as: OpenAs, alice: User, bob: User) -> None:
    (a,) = shared(alice, bob, "lead", "A")
    make_cards(bob, "qualified", "Mine")
    his = board(open_as(bob))
    asked = requests_of(his, CHANGES)

    def stays(title: str) -> None:
        save(alice, a, title=title)
        pause(his, SOON_MS)
        assert asked == []

    card(his, "Mine").focus()
    his.keyboard.press("Space")
    stays("A1")
    his.keyboard.press("Escape")
    expect_column(his, "lead", "A1")
    asked.clear()
    card(his, "Mine").hover()
    card(his, "Mine").locator("summary").click()
    stays("A2")
    his.keyboard.press("Escape")
    expect_column(his, "lead", "A2")
    asked.clear()
    card(his, "Mine").locator("summary").click()
    card(his, "Mine").get_by_role("button", name="Lost").click()
    his.get_by_label("Note on the loss").fill("Too dear")
    asked.clear()
    stays("A3")
    expect(his.get_by_label("Note on the loss")).to_have_value("Too dear")
    his.keyboard.press("Escape")
    expect_column(his, "lead", "A3")
    asked.clear()
    his.locator("[data-add=lead]").click()
    his.locator(".quick-add [name=title]").fill("Half a ti")
    stays("A4")
    his.locator("#site-search").focus()
    expect_column(his, "lead", "A4")
    expect(his.locator(".quick-add [name=title]")).to_have_value("Half a ti")
    his.evaluate("document.dispatchEvent(new CustomEvent('live:again'))")
    pause(his, SOON_MS)
    expect(his.locator(".quick-add [name=title]")).to_have_value("Half a ti")
    his.locator(".quick-add [name=title]").fill("Half a title")
    his.keyboard.press("Enter")
    expect_column(his, "lead", "Half a title", "A4")


def test_focus_ticks_and_scroll_stay(open_as: OpenAs, alice: User, bob: User) -> None:
    deals = shared(alice, bob, "lead", *(f"Deal {number:02}" for number in range(40)))
    his = board(open_as(bob))
    column = his.locator("#cards-lead")
    column.evaluate("list => list.scrollTop = 99999")
    card(his, "Deal 39").wait_for()
    card(his, "Deal 30").click(modifiers=["Shift"])
    card(his, "Deal 31").focus()
    where = middle(card(his, "Deal 31"))
    for deal, title in ((deals[31], "Deal 31 b"), (deals[30], "Deal 30 b")):
        save(alice, deal, title=title)
        card(his, title).wait_for()
    for deal in deals[:3]:
        save(alice, deal, stage="proposal")
    expect_column(his, "proposal", "Deal 02", "Deal 01", "Deal 00")
    assert abs(middle(card(his, "Deal 31 b"))[1] - where[1]) < 2
    expect(card(his, "Deal 31 b")).to_be_focused()
    expect(card(his, "Deal 30 b").get_by_role("checkbox")).to_be_checked()
    expect(his.locator("[data-selection-count]")).to_have_text("1 selected")
    his.evaluate("document.dispatchEvent(new CustomEvent('live:again'))")
    pause(his, SOON_MS)
    expect(his.locator("#cards-lead > [data-card]")).to_have_count(37)
    assert abs(middle(card(his, "Deal 31 b"))[1] - where[1]) < 2
    expect(card(his, "Deal 31 b")).to_be_focused()
    expect(card(his, "Deal 30 b").get_by_role("checkbox")).to_be_checked()


def test_hundreds_of_changes_are_few_requests(open_as: OpenAs, alice: User, bob: User) -> None:
    del bob
    his = board(open_as(alice))
    asked = requests_of(his, URL)
    with acting(alice):
        Deal.objects.bulk_create(
            [Deal(title=f"Deal {number}", stage="lead", assigned_to=alice) for number in range(300)]
        )
    expect(his.locator("#head-lead")).to_have_attribute("data-count", "300")
    pause(his, SOON_MS)
    assert len(asked) <= 3  # one, where the news of all come at once
    asked.clear()
    for deal in Deal.objects.all()[:60]:
        save(alice, deal, amount=7)
    expect(his.locator("#head-lead .column-total")).to_have_text("$420")
    assert len(asked) <= 8
