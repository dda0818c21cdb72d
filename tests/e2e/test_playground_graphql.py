"""GraphiQL on the developer pages: it knows the schema, asks as one's own session, and keeps to the site's policy."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from accounts.models import ApiSession, User
from deals.models import Deal
from tests.e2e.conftest import OpenAs
from tests.e2e.device import wait_until
from tests.e2e.test_every_page import COLOURS, look, violations
from tests.factories import make_deal

URL = "/developers/graphql/"


def opened(page: Page, query: str = "") -> Page:
    page.goto(f"{URL}{query}")
    expect(editor(page)).to_contain_text("query")
    return page


def editor(page: Page) -> Locator:
    return page.get_by_role("region", name="Query Editor").locator(".CodeMirror-lines")


def typed(page: Page, text: str) -> None:
    """Put a text in the place of what the editor has."""
    editor(page).click()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text(text)


def run(page: Page) -> None:
    page.get_by_role("button", name="Execute query").click()


def answer(page: Page) -> Locator:
    return page.get_by_role("region", name="Result Window")


def test_a_query_is_typed_and_answered(open_as: OpenAs, alice: User, bob: User) -> None:
    make_deal(alice, title="<i>Hers</i>")
    make_deal(bob, title="His")
    page = opened(open_as(alice))
    assert not ApiSession.objects.exists()
    typed(page, "{ deals { count edges { node { title } } } }")
    run(page)
    expect(answer(page)).to_contain_text("<i>Hers</i>")
    expect(answer(page)).to_contain_text('"count": 1')
    typed(page, "{ nothing }")
    run(page)
    expect(answer(page)).to_contain_text("Cannot query field")
    assert page.evaluate("() => localStorage.length") == 0
    page.goto("/developers/")
    wait_until(lambda: not ApiSession.objects.exists())


def test_it_knows_the_schema_and_what_is_ready(open_as: OpenAs, alice: User) -> None:
    page = open_as(alice)
    page.add_init_script("console.warn = () => {}")  # GraphiQL's dialogs warn of what they lack
    opened(page)
    page.get_by_role("link", name="Create one").click()
    expect(editor(page)).to_contain_text("createDeal")
    run(page)
    expect(answer(page)).to_contain_text("Deal from an app")
    assert Deal.objects.get().assigned_to == alice
    page.get_by_role("button", name="Show Documentation Explorer").click()
    page.get_by_role("link", name="Mutation", exact=True).click()
    expect(page.get_by_role("link", name="createDeal", exact=True)).to_be_visible()
    page.get_by_role("button", name="Open settings dialog").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_it_looks_right_in_either_theme(open_as: OpenAs, alice: User) -> None:
    make_deal(alice)
    page = opened(open_as(alice))
    run(page)
    expect(answer(page)).to_contain_text('"count": 1')
    assert look(page, "developers:graphql, answered") == []
    page.emulate_media(color_scheme="light")
    page.evaluate("() => document.documentElement.dataset.theme = 'dark'")
    assert violations(page, COLOURS) == []
    expect(page.locator("body")).to_have_class("graphiql-dark")
