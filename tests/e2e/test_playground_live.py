"""A live query is followed on the developer pages: what others do is seen, if one may see it, and how it ends."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from accounts.models import ApiSession, User
from deals.models import Deal
from records.access import share
from records.log import acting
from tests.e2e.conftest import OpenAs
from tests.e2e.device import wait_until
from tests.e2e.test_every_page import look
from tests.factories import make_deal

URL = "/developers/live/"


def followed(page: Page, where: str = "{}") -> Page:
    page.goto(URL)
    page.get_by_label("Condition, as JSON").fill(where)
    page.get_by_role("button", name="Follow").click()
    expect_state(page, "Following")
    return page


def expect_state(page: Page, text: str) -> None:
    expect(page.locator("[data-follow-state]")).to_have_text(text)


def events(page: Page) -> Locator:
    return page.get_by_role("log").locator("li")


def save(person: User, deal: Deal, **fields: object) -> None:
    with acting(person):
        Deal.objects.filter(pk=deal.pk).update(**fields)


def test_what_others_do_is_seen_if_one_may_see_it(open_as: OpenAs, alice: User, bob: User) -> None:
    shared, hidden = make_deal(alice, title="<u>Shared</u>", amount=1), make_deal(alice, title="Hidden")
    share(shared, bob, ("view",))
    page = followed(open_as(bob))
    save(alice, hidden, title="Hidden, changed")
    save(alice, shared, amount=2500)
    expect(events(page)).to_have_count(1)
    expect(events(page)).to_contain_text("update")
    expect(events(page)).to_contain_text(shared.pk)
    events(page).locator("summary").click()
    expect(page.get_by_label("Object", exact=True)).to_contain_text('"title": "<u>Shared</u>"')
    expect(page.get_by_label("Object", exact=True)).to_contain_text('"amount": 2500')
    expect(page.get_by_label("Object before")).to_contain_text('"amount": 1')
    assert look(page, "developers:live, with an event") == []
    assert "Hidden" not in page.content()


def test_of_a_condition_and_until_it_is_stopped(open_as: OpenAs, alice: User) -> None:
    deal = make_deal(alice, stage="lead")
    page = followed(open_as(alice), '{"stage": "won"}')
    save(alice, deal, stage="won")
    expect(events(page).first).to_contain_text("enter")
    with acting(alice):
        deal.delete()
    expect(events(page).first).to_contain_text("delete")
    page.get_by_role("button", name="Stop").click()
    expect_state(page, "Not following")
    make_deal(alice, stage="won")
    page.get_by_role("button", name="Follow").click()
    expect_state(page, "Following")
    make_deal(alice, stage="won", title="Another")
    expect(events(page)).to_have_count(3)
    page.get_by_role("button", name="Clear").click()
    expect(events(page)).to_have_count(0)


def test_what_is_wrong_is_said(open_as: OpenAs, alice: User) -> None:
    page = open_as(alice)
    page.goto(URL)
    where = page.get_by_label("Condition, as JSON")
    where.fill("{")
    page.get_by_role("button", name="Follow").click()
    expect(page.locator("#where-error")).to_contain_text("not valid JSON")
    expect(where).to_be_focused()
    where.fill('{"$nothing": 1}')
    page.get_by_role("button", name="Follow").click()
    expect(page.locator("[data-follow-problem]")).to_contain_text("(10")
    expect_state(page, "Not following")


def test_it_ends_with_the_session_and_comes_back_after_a_break(open_as: OpenAs, alice: User) -> None:
    page = followed(open_as(alice, without_network=True))
    page.get_by_role("button", name="End it").click()
    expect(page.locator("[data-follow-problem]")).to_have_text("The session has ended.")
    page.get_by_role("button", name="Follow").click()
    expect_state(page, "Following")
    page.context.set_offline(True)
    expect_state(page, "Connecting")
    page.context.set_offline(False)
    expect_state(page, "Following")
    make_deal(alice, title="After the break")
    expect(events(page)).to_have_count(1)
    page.goto("/developers/")
    wait_until(lambda: not ApiSession.objects.exists())
