"""One tries the API in a browser: requests of REST, what is refused before it is sent, and the session behind it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from accounts.models import ApiSession, User
from deals.models import Deal
from tests.e2e.conftest import SCREENS, OpenAs
from tests.e2e.device import wait_until
from tests.e2e.test_every_page import look
from tests.factories import make_deal

URL = "/developers/playground/"


def opened(page: Page, query: str = "") -> Page:
    page.goto(f"{URL}{query}")
    return page


def send(page: Page) -> None:
    page.get_by_role("button", name="Send").click()


def chosen(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def answer(page: Page) -> str:
    return page.get_by_label("Body of the answer").inner_text()


def expect_status(page: Page, text: str) -> None:
    expect(page.locator("[data-answer-status]")).to_have_text(text)


def test_a_request_from_choosing_to_its_answer(open_as: OpenAs, alice: User, bob: User) -> None:
    make_deal(alice, title="<b>Hers</b>", amount=1200)
    make_deal(bob, title="His")
    page = opened(open_as(alice))
    send(page)
    expect_status(page, "200 OK")
    assert '"title": "<b>Hers</b>"' in answer(page)
    assert "His" not in answer(page)
    chosen(page, "List with a condition")
    page.get_by_label("Query").fill('where={"amount": {"$lt": 5}}')
    page.get_by_label("Path below").press("Control+Enter")
    expect(page.get_by_label("Body of the answer")).to_have_text('{ "results": [] }', use_inner_text=True)
    expect(page.locator("#trial-code pre").first).to_contain_text("$lt")
    page.get_by_role("radio", name="JavaScript").check()
    expect(page.get_by_label("JavaScript").locator("pre")).to_contain_text("Parse.Query.fromJSON")
    page.locator("[data-call]").last.click()
    expect(page.get_by_label("Query")).to_have_value("order=-updatedAt\nlimit=10")
    assert "Hers" in answer(page)


def test_one_is_made_changed_and_deleted(open_as: OpenAs, alice: User) -> None:
    page = opened(open_as(alice))
    chosen(page, "Change one")
    send(page)
    expect(page.locator("#path-error")).to_contain_text("Put an objectId")
    expect(page.get_by_label("Path below")).to_be_focused()
    chosen(page, "Create one")
    expect(page.get_by_text("This changes real data, in your name.")).to_be_visible()
    send(page)
    expect_status(page, "201 Created")
    deal = Deal.objects.get()
    chosen(page, "Change one")
    expect(page.get_by_label("Path below")).to_have_value(f"/classes/Deal/{deal.pk}")
    send(page)
    expect_status(page, "200 OK")
    chosen(page, "Delete one")
    send(page)
    page.get_by_role("button", name="Cancel").click()
    assert Deal.objects.filter(title="Deal from an app, changed").exists()
    send(page)
    page.get_by_role("button", name="Delete it").click()
    expect(page.locator("[data-call]")).to_have_count(3)
    wait_until(lambda: not Deal.objects.exists())


def test_what_cannot_be_read_is_said_at_its_field(open_as: OpenAs, alice: User) -> None:
    page = opened(open_as(alice), "?class=Company&request=create")
    body = page.get_by_label("Body, as JSON")
    body.fill('{"name": ')
    send(page)
    expect(page.locator("#body-error")).to_contain_text("The body is not valid JSON")
    expect(body).to_be_focused()
    expect(body).to_have_attribute("aria-invalid", "true")
    assert not ApiSession.objects.exists()
    body.fill('{"name": 5}')
    send(page)
    expect_status(page, "400 Bad Request")
    assert '"code": 111' in answer(page)
    expect(page.locator("#body-error")).to_be_hidden()
    chosen(page, "List with a condition")
    page.get_by_label("Query").fill("where={")
    send(page)
    expect(page.locator("#query-error")).to_contain_text("where is not valid JSON")


def test_without_network_it_says_so(open_as: OpenAs, alice: User) -> None:
    page = opened(open_as(alice, without_network=True))
    send(page)
    expect_status(page, "200 OK")
    page.context.set_offline(True)
    send(page)
    expect_status(page, "No answer")
    assert "the network or the server is away" in answer(page)
    page.context.set_offline(False)
    send(page)
    expect_status(page, "200 OK")


def test_session_is_one_and_ends_with_the_page(open_as: OpenAs, alice: User) -> None:
    page = opened(open_as(alice))
    assert not ApiSession.objects.exists()
    for _ in range(2):
        send(page)
        expect_status(page, "200 OK")
    first = ApiSession.objects.get()
    page.get_by_role("button", name="End it").click()
    wait_until(lambda: not ApiSession.objects.exists())
    send(page)
    expect(page.locator("[data-session-state]")).to_contain_text("Your session for trying ends at")
    assert ApiSession.objects.get() != first
    ApiSession.objects.all().delete()
    chosen(page, "Count")
    send(page)
    expect(page.get_by_label("Body of the answer")).to_contain_text("209")
    send(page)
    expect(page.get_by_label("Body of the answer")).to_contain_text('"count": 0')
    kept = page.evaluate(
        "() => [document.documentElement.outerHTML, JSON.stringify(localStorage), location.href].join()"
    )
    assert not re.search(r"r:[0-9a-f]{32}", kept)
    page.goto("/developers/")
    wait_until(lambda: not ApiSession.objects.exists())


def test_it_looks_right_with_an_answer(open_as: OpenAs, alice: User) -> None:
    make_deal(alice, title="W" * 200)
    page = opened(open_as(alice))
    send(page)
    expect_status(page, "200 OK")
    page.get_by_text("Headers", exact=True).click()
    chosen(page, "Delete one")
    send(page)
    assert look(page, "developers:playground, answered") == []


def test_code_is_there_without_javascript(open_as: OpenAs, alice: User) -> None:
    page = opened(open_as(alice, **SCREENS["desk without JavaScript"]))
    expect(page.get_by_text("Trying a request needs JavaScript.")).to_be_visible()
    page.get_by_label("Class").select_option("Contact")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Create one").click()
    for language in ("curl", "JavaScript", "React Native", "Swift"):
        expect(page.get_by_role("heading", name=language, exact=True)).to_be_visible()
    expect(page.locator("#trial-code pre").first).to_contain_text("Contact from an app")
