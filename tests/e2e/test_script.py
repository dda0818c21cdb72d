"""What JavaScript adds: type-ahead, filters that follow the typing, guards, keys and the theme."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Dialog, Page, expect

from accounts.models import User
from companies.models import Company
from tests.e2e.conftest import OpenAs
from tests.e2e.waiting import arrived, picker
from tests.factories import make_company, make_deal


def mark(page: Page) -> None:
    """Leave a mark that a page load would wipe off."""
    page.evaluate("() => { window.mark = 'here'; }")


def is_marked(page: Page) -> bool:
    """Tell whether the page was never left."""
    return bool(page.evaluate("() => window.mark === 'here'"))


def test_picker_by_keyboard(open_as: OpenAs, alice: User, bob: User) -> None:
    acme, _ = make_company(alice, name="Acme North"), make_company(alice, name="Acme South")
    make_company(bob, name="Acme of somebody else")
    page = open_as(alice)
    page.goto("/contacts/new/")
    box = picker(page, "Company")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("acme")
    options = page.get_by_role("option")
    expect(options).to_contain_text(["Acme South", "Acme North", "Create “acme”"])
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(box).to_have_attribute("aria-activedescendant", str(options.nth(0).get_attribute("id")))
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page).to_have_url(re.compile("/contacts/new/"))
    page.keyboard.press("ArrowDown")
    expect(options.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(box).to_have_value("Acme North")
    expect(page.locator("select[name=company]")).to_have_value(acme.pk)


def test_picker_wants_a_choice(open_as: OpenAs, alice: User) -> None:
    page = open_as(alice)
    page.goto("/deals/new/")
    page.get_by_label("Title").fill("Ten pallets")
    box = picker(page, "Contact")
    box.fill("Nobody of that name")
    expect(page.get_by_text("Nothing found")).to_be_visible()
    page.locator("main").get_by_role("button", name="Create deal").last.click()
    expect(box).to_be_focused()
    assert box.evaluate("box => box.validationMessage").startswith("Choose one")
    expect(page).to_have_url(re.compile("/deals/new/"))


def test_list_follows_the_typing(open_as: OpenAs, alice: User) -> None:
    for title in ("Ten pallets", "Twelve boxes"):
        make_deal(alice, title=title)
    page = open_as(alice)
    page.goto("/deals/?sort=title")
    mark(page)
    page.get_by_placeholder("Search deals").press_sequentially("box")
    rows = page.locator("#record-list .row-link")
    expect(rows).to_have_text(["Twelve boxes"])
    expect(page).to_have_url(re.compile(r"\?(q=box&sort=title|sort=title&q=box)$"))
    expect(page.get_by_placeholder("Search deals")).to_be_focused()
    page.get_by_placeholder("Search deals").fill("")
    expect(rows).to_have_count(2)
    page.get_by_role("link", name="Title").click()
    expect(rows.first).to_have_text("Twelve boxes")
    assert is_marked(page)


def test_unsaved_values_are_guarded(open_as: OpenAs, alice: User) -> None:
    page = open_as(alice)
    page.goto("/companies/new/")
    page.get_by_label("Name").press_sequentially("Half typed")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Deals").click()
    expect(page.get_by_label("Name")).to_have_value("Half typed")
    assert asked == ["beforeunload"]
    page.locator("main").get_by_role("button", name="Create company").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Half typed")
    page.get_by_role("link", name="Deals").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Deals")


def test_double_click_makes_one(open_as: OpenAs, alice: User) -> None:
    page = open_as(alice)
    page.goto("/companies/new/")
    page.get_by_label("Name").fill("Only one")
    page.locator("main").get_by_role("button", name="Create company").last.dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Only one")
    assert Company.objects.count() == 1


def test_keys(open_as: OpenAs, alice: User) -> None:
    page = open_as(alice)
    page.goto("/")
    page.keyboard.press("/")
    expect(page.get_by_label("Search everything")).to_be_focused()
    page.keyboard.type("gd/n?")
    expect(page.get_by_label("Search everything")).to_have_value("gd/n?")
    page.get_by_label("Search everything").blur()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    for key, heading in {"d": "Deals", "c": "Contacts", "o": "Companies", "a": "Activities", "h": "Home"}.items():
        page.keyboard.press("g")
        page.keyboard.press(key)
        arrived(page, heading)
    page.goto("/deals/")
    page.keyboard.press("n")
    expect(page.get_by_role("heading", level=1)).to_have_text("New deal")


@pytest.mark.parametrize("name", ["Your account", "New"])
def test_menu_by_keyboard(open_as: OpenAs, alice: User, name: str) -> None:
    page = open_as(alice)
    page.goto("/")
    summary = page.get_by_label(name) if name == "Your account" else page.locator("[data-new-menu] summary")
    summary.focus()
    page.keyboard.press("Enter")
    menu = page.locator("details[data-menu][open]")
    expect(menu).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(menu.locator(".menu-list :is(a, button)").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(summary).to_be_focused()


def test_theme_is_kept_without_a_flash(open_as: OpenAs, alice: User) -> None:
    page = open_as(alice)
    page.goto("/")
    page.get_by_label("Your account").click()
    toggle = page.get_by_role("button", name=re.compile("^Theme"))
    toggle.click()
    toggle.click()
    expect(toggle).to_have_text("Theme: dark")
    answer = page.goto("/deals/")
    assert answer
    assert 'data-theme="dark"' in answer.text().partition("<head>")[0]  # from the server, before anything is drawn
    assert page.evaluate("() => getComputedStyle(document.documentElement).colorScheme") == "dark"
    page.get_by_label("Your account").click()
    expect(toggle).to_have_text("Theme: dark")


def test_session_that_ended_meanwhile(open_as: OpenAs, alice: User) -> None:
    make_deal(alice, title="Ten pallets")
    page = open_as(alice)
    page.goto("/deals/")
    Session.objects.all().delete()
    page.get_by_placeholder("Search deals").press_sequentially("ten")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page).to_have_url(re.compile("/accounts/login/"))
    expect(page.locator(".sidebar")).to_have_count(0)


def test_motion_is_reduced_on_request(open_as: OpenAs, alice: User) -> None:
    page = open_as(alice, reduced_motion="reduce")
    page.goto("/")
    slow = """() => [...document.querySelectorAll("*")].flatMap((el) => {
      const style = getComputedStyle(el);
      return [...style.transitionDuration.split(","), ...style.animationDuration.split(",")];
    }).filter((time) => parseFloat(time) > 0.01)"""
    assert page.evaluate(slow) == []
