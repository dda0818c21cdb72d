"""Pages find back to the truth: after a broken connection, a sleep, other rights, without sockets, and signed out."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from playwright.sync_api import WebSocketRoute, expect
from pytest_django.fixtures import Settings

from accounts.models import User
from deals.models import Deal
from records.access import share
from records.log import acting
from tests.e2e.boards import URL, card, expect_column, make_cards, opened
from tests.e2e.conftest import OpenAs
from tests.e2e.living import SOON_MS, live, requests_of
from tests.e2e.waiting import arrived, pause
from tests.factories import PASSWORD, make_deal, make_role
from tests.parse_api.app import KEYS, signed_in_app

NO_SOCKETS = """window.WebSocket = class { constructor() { throw new DOMException("Blocked", "SecurityError"); } };"""
HIDE = """isHidden => {
  Object.defineProperty(document, "hidden", { value: Boolean(isHidden), configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
HALF_A_MINUTE, A_MINUTE = 30_500, 60_500


def save(person: User, name: str, **fields: object) -> None:
    """Write to a deal as an app of somebody does."""
    with acting(person):
        assert Deal.objects.filter(title=name).update(**fields) == 1


def test_board_is_right_after_a_broken_connection(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", "A", "B", "C")
    page = open_as(alice, without_network=True)
    page.clock.install()
    live(page, URL)
    page.context.set_offline(True)
    expect(page.locator("[data-live-state]")).to_be_hidden()
    page.clock.run_for(5500)
    expect(page.locator("[data-live-state]")).to_have_text("Reconnecting")
    save(alice, "A", stage="proposal")
    save(alice, "B", title="Boris", amount=500)
    with acting(alice):
        Deal.objects.get(title="C").delete()
        make_cards(alice, "qualified", "D")
    expect_column(page, "lead", "A", "B", "C")
    page.context.set_offline(False)
    expect_column(page, "lead", "Boris")
    expect_column(page, "proposal", "A")
    expect_column(page, "qualified", "D")
    expect(page.locator("#head-lead .column-total")).to_have_text("$500")
    expect(page.locator("[data-live-state]")).to_be_hidden()
    save(alice, "A", stage="qualified")
    expect_column(page, "qualified", "A", "D")


def test_without_sockets_pages_look_every_half_minute(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", "A")
    page = open_as(alice)
    page.add_init_script(NO_SOCKETS)
    page.clock.install()
    opened(page)
    save(alice, "A", stage="proposal")
    page.clock.run_for(5500)
    expect(page.locator("[data-live-state]")).to_have_text("Not live")
    expect_column(page, "lead", "A")
    page.clock.run_for(HALF_A_MINUTE)
    expect_column(page, "proposal", "A")
    deal = Deal.objects.get()
    page.goto(deal.get_absolute_url())
    page.get_by_label("Subject").fill("Half a th")
    save(alice, "A", amount=250)
    page.clock.run_for(HALF_A_MINUTE)
    expect(page.locator("#facts")).to_contain_text("$250")
    expect(page.get_by_label("Subject")).to_have_value("Half a th")


def test_hidden_page_sleeps_and_catches_up(open_as: OpenAs, alice: User) -> None:
    make_cards(alice, "lead", "A")
    page = open_as(alice)
    page.clock.install()
    live(page, URL)
    page.evaluate(HIDE, "yes")
    page.clock.run_for(A_MINUTE)
    asked = requests_of(page, "/deals/")
    save(alice, "A", stage="proposal")
    page.clock.run_for(2 * A_MINUTE)
    pause(page, SOON_MS)
    assert asked == []
    page.evaluate(HIDE, "")
    expect_column(page, "proposal", "A")


def test_other_rights_show_at_once(open_as: OpenAs, alice: User, bob: User) -> None:
    team = make_role("Team")
    share(make_deal(alice, title="A"), team, ("view",))
    page = live(open_as(bob), URL)
    expect_column(page, "lead")
    team.user_set.add(bob)
    expect_column(page, "lead", "A")
    team.user_set.remove(bob)
    expect_column(page, "lead")


@pytest.mark.parametrize("address", [URL, "/deals/", "/"])
def test_signed_out_in_another_tab_leaves_the_page(open_as: OpenAs, alice: User, address: str) -> None:
    make_cards(alice, "lead", "Secret")
    page = open_as(None)
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(alice.username)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    arrived(page, "Home")
    live(page, address)
    expect(page.locator("main")).to_contain_text("Secret")
    other = page.context.new_page()
    other.goto("/accounts/logout/")
    other.locator("main").get_by_role("button", name="Sign out").click()
    arrived(page, "Sign in")
    expect(page.locator("body")).not_to_contain_text("Secret")


def test_app_saves_and_the_board_moves(open_as: OpenAs, settings: Settings, alice: User, bob: User) -> None:
    for name, value in KEYS.items():
        setattr(settings, name, value)
    (deal,) = make_cards(alice, "lead", "A")
    share(deal, bob, ("view", "change"))
    page, app = live(open_as(alice), URL), signed_in_app(bob)
    assert app.put(f"/classes/Deal/{deal.pk}", {"stage": "proposal", "amount": 900}).status_code == 200
    expect_column(page, "proposal", "A")
    expect(page.locator("#head-proposal .column-total")).to_have_text("$900")
    expect(card(page, "A").locator(".flash-name")).to_have_text("Bob")


@pytest.mark.parametrize("script", [True, False])
def test_nothing_of_it_shows_without_script_or_signed_out(open_as: OpenAs, alice: User, *, script: bool) -> None:
    page = open_as(alice if not script else None, java_script_enabled=script)
    page.goto("/deals/" if not script else "/accounts/login/")
    expect(page.locator("[data-live-state], [data-live-refresh]").filter(visible=True)).to_have_count(0)
    if script:
        assert page.locator("body").get_attribute("data-live") is None


def test_what_was_done_before_the_socket_is_open_shows(open_as: OpenAs, alice: User, bob: User) -> None:
    """Between the making of a page and its socket, somebody may write; the page asks for no more than that."""
    make_cards(alice, "lead", "A", "B")
    page = open_as(alice)

    def deletes() -> None:
        with acting(bob):
            Deal.objects.get(title="A").delete()
        connections.close_all()

    def slowly(socket: WebSocketRoute) -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(deletes).result()
        socket.connect_to_server()

    page.route_web_socket(re.compile("/live/"), slowly)
    asked = requests_of(page, "/board/")
    live(page, URL)
    expect_column(page, "lead", "B")
    pause(page, SOON_MS)
    _, again = asked
    assert "?ids=" in again
