"""The stepper on the page of a deal in a real browser: on a desk with and without JavaScript, and on a phone."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from accounts.models import User
from deals.models import Deal
from records.access import share
from tests.e2e.conftest import OpenAs
from tests.e2e.living import deaf
from tests.factories import make_deal

Screen = dict[str, Any]


def current(page: Page) -> Any:
    """Return the step at which the deal stands."""
    return page.locator(".stage-path [aria-current=step]")


def test_stepper_moves_a_deal(open_as: OpenAs, alice: User, screen: Screen) -> None:
    deal = make_deal(alice, stage="lead", probability=90)
    page = open_as(alice, **screen)
    page.goto(deal.get_absolute_url())
    expect(current(page)).to_contain_text("Lead")
    page.get_by_role("button", name="Move to Proposal").click()
    expect(current(page)).to_contain_text("Proposal")
    expect(page).to_have_url(re.compile(f"{deal.get_absolute_url()}$"))
    expect(page.get_by_role("status")).to_contain_text("moved to Proposal")
    expect(page.locator(".stage-times .is-current")).to_contain_text("under a minute")
    page.get_by_role("button", name="Move to Lead").click()
    expect(current(page)).to_contain_text("Lead")
    deal.refresh_from_db()
    assert (deal.stage, deal.probability) == ("lead", None)


def test_stepper_loses_a_deal_only_with_a_reason(open_as: OpenAs, alice: User, screen: Screen) -> None:
    deal = make_deal(alice, stage="qualified")
    page = open_as(alice, **screen)
    page.goto(deal.get_absolute_url())
    page.get_by_role("link", name="Move to Lost").click()
    form = page.locator("#move-form")
    form.get_by_label("Why lost").select_option(label="Price")
    form.locator("[type=submit]:visible").last.click()
    expect(current(page)).to_contain_text("Lost")
    deal.refresh_from_db()
    assert (deal.stage, deal.lost_reason) == ("lost", "price")


def test_stale_stepper_says_who_was_first(open_as: OpenAs, alice: User, screen: Screen) -> None:
    deal = make_deal(alice, stage="lead")
    page = deaf(open_as(alice, **screen))
    page.goto(deal.get_absolute_url())
    deal.refresh_from_db()
    deal.stage = "negotiation"
    deal.save()
    with page.expect_response(lambda response: response.url.endswith("/move/")) as answer:
        page.get_by_role("button", name="Move to Qualified").click()
    assert answer.value.status == 409
    expect(page.locator("main")).to_contain_text("Nothing was moved")
    assert Deal.objects.get().stage == "negotiation"


def test_every_step_has_room_for_a_finger_and_nothing_hangs_out(open_as: OpenAs, alice: User, screen: Screen) -> None:
    deal = make_deal(alice, stage="An app's stage with rather a long name")
    page = open_as(alice, **screen)
    page.goto(deal.get_absolute_url())
    for step in page.locator(".stage-path li > *").all():
        box = step.bounding_box()
        assert box
        assert box["height"] >= 44
        assert box["width"] >= 44
        assert box["x"] + box["width"] <= page.viewport_size["width"]  # type: ignore[index]
    assert page.evaluate("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth")


def test_stepper_is_walked_and_pressed_by_keyboard(open_as: OpenAs, alice: User) -> None:
    deal = make_deal(alice, stage="lead")
    page = open_as(alice)
    page.goto(deal.get_absolute_url())
    page.get_by_role("button", name="Move to Qualified").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Move to Proposal")).to_be_focused()
    page.keyboard.press("Enter")
    expect(current(page)).to_contain_text("Proposal")


def test_reader_sees_the_way_only(open_as: OpenAs, alice: User, bob: User) -> None:
    deal = make_deal(alice, stage="proposal")
    share(deal, bob, ("view",))
    page = open_as(bob)
    page.goto(deal.get_absolute_url())
    path = page.get_by_role("group", name="Stage")
    expect(path.get_by_role("listitem")).to_have_count(6)
    expect(path.locator("button, a")).to_have_count(0)
