"""The developer pages in a browser: the keys, which managers see, and what works without JavaScript."""

from __future__ import annotations

import json

from accounts.models import User
from parse_api.service.schema import importable
from tests.e2e.conftest import SCREENS, OpenAs
from tests.e2e.test_every_page import look


def test_keys_look_right(open_as: OpenAs, mira: User) -> None:
    page = open_as(mira)
    page.goto("/developers/keys/")
    assert page.get_by_role("heading", name="Master key").is_visible()
    assert look(page, "developers:keys") == []


def test_from_the_menu_to_a_comparison_without_javascript(open_as: OpenAs, alice: User) -> None:
    page = open_as(alice, **SCREENS["desk without JavaScript"])
    page.goto("/")
    page.locator("header .menu-avatar").click()
    page.get_by_role("link", name="Developers").click()
    page.get_by_role("link", name="Schema", exact=True).click()
    page.get_by_label("Schema of your app").fill(json.dumps(importable()))
    page.get_by_role("button", name="Compare").click()
    assert page.get_by_role("heading", name="It fits").is_visible()


def test_diagram_moves_by_key_and_arrows_reach_heads(open_as: OpenAs, alice: User) -> None:
    page = open_as(alice, **SCREENS["phone"])
    page.goto("/developers/diagram/")
    region = page.get_by_role("region", name="Diagram")
    region.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('.diagram').scrollLeft > 0")
    assert page.locator(".diagram-line").count() == page.locator("main .rows > li").count()
