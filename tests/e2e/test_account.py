"""Coming, going and being kept out, in a real browser: with and without JavaScript, and on a phone."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from accounts.models import User
from tests.e2e.conftest import OpenAs
from tests.factories import PASSWORD, make_deal

Screen = dict[str, Any]
NEW_PASSWORD = "staple tractor violet"


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Sign in as people do."""
    page.goto("/accounts/login/")
    page.get_by_label("Username or e-mail").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def sign_out(page: Page) -> None:
    """Sign out by the person's own menu."""
    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_sign_up_out_and_in(open_as: OpenAs, screen: Screen) -> None:
    page = open_as(None, **screen)
    page.goto("/deals/")
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Username").fill("nora")
    page.get_by_label("E-mail address").fill("nora@example.com")
    page.get_by_label("Password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_label("Your account")).to_be_visible()
    sign_out(page)
    sign_in(page, "nora@example.com", NEW_PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")


def test_back_shows_nothing_after_sign_out(open_as: OpenAs, alice: User, screen: Screen) -> None:
    deal = make_deal(alice, title="Secret deal")
    page = open_as(alice, **screen)
    page.goto("/")
    page.goto(deal.get_absolute_url())
    sign_out(page)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_text("Secret deal")).to_have_count(0)


def test_wrong_password(open_as: OpenAs, alice: User, screen: Screen) -> None:
    page = open_as(None, **screen)
    sign_in(page, alice.username, "wrong")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Password")).to_have_value("")


def test_change_password(open_as: OpenAs, alice: User, screen: Screen) -> None:
    page, elsewhere = open_as(None, **screen), open_as(None, **screen)
    for one in (page, elsewhere):
        sign_in(one, alice.username)
        expect(one.get_by_role("heading", level=1)).to_have_text("Home")
    page.goto("/profile/")
    page.get_by_role("link", name="Change password").click()
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.locator("main").get_by_role("button", name="Change password").click()
    expect(page.get_by_role("status")).to_contain_text(re.compile("password", re.I))
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    elsewhere.goto("/")
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Sign in")
    sign_in(elsewhere, alice.username, NEW_PASSWORD)
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Home")


def test_end_a_session_elsewhere(open_as: OpenAs, alice: User, screen: Screen) -> None:
    page, elsewhere = open_as(None, **screen), open_as(None, **screen)
    for one in (elsewhere, page):
        sign_in(one, alice.username)
        expect(one.get_by_role("heading", level=1)).to_have_text("Home")
    page.goto("/profile/")
    ends = page.get_by_role("button", name=re.compile("^End the session"))
    expect(ends).to_have_count(1)
    ends.click()
    expect(ends).to_have_count(0)
    elsewhere.goto("/deals/")
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Sign in")
