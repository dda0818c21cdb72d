"""Hands on the board: drags with a mouse and with a finger, and reads what it shows."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from deals.models import Deal
from tests.factories import make_deal

URL = "/deals/board/"
PRESS_MS = 350


def make_cards(owner: User, stage: str, *titles: str) -> list[Deal]:
    """Make deals that stand in a column in this order, each worth 100."""
    deals = [make_deal(owner, title=title, stage=stage, amount=100) for title in reversed(titles)]
    return deals[::-1]


def opened(page: Page, address: str = URL) -> Page:
    """Open the board and wait until its scripts are there."""
    page.goto(address)
    page.wait_for_load_state("load")
    return page


def card(page: Page, title: str) -> Locator:
    """Return the card of a deal."""
    return page.locator("[data-board] [data-card]").filter(has=page.get_by_role("link", name=title, exact=True))


def expect_column(page: Page, stage: str, *titles: str) -> None:
    """Wait until a column shows these cards in this order, none of them on its way."""
    expect(page.locator(f"#cards-{stage} > [data-card]:not([aria-busy]) .row-link")).to_have_text(list(titles))


def expect_said(page: Page, text: str) -> None:
    """Wait until this is what screen readers are told."""
    expect(page.locator("[data-board-says]")).to_have_text(text)


def middle(place: Locator) -> tuple[float, float]:
    """Return the middle of an element on the screen."""
    box = place.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def lift(page: Page, what: Locator) -> None:
    """Take a card with the mouse."""
    x, y = middle(what)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10, y + 10, steps=4)
    expect(page.locator("body")).to_have_class("is-dragging")


def carry(page: Page, to: Locator, up: float = 0) -> None:
    """Carry what the mouse holds over the middle of an element, or `up` above it."""
    x, y = middle(to)
    page.mouse.move(x, y - up, steps=12)
    page.wait_for_timeout(200)


def drag(page: Page, title: str, to: Locator, up: float = 0) -> None:
    """Drag a card with the mouse and drop it."""
    lift(page, card(page, title))
    carry(page, to, up)
    page.mouse.up()


class Finger:
    """One finger on a touch screen."""

    def __init__(self, page: Page) -> None:
        """Touch `page`."""
        self.page, self.session = page, page.context.new_cdp_session(page)
        self.at = (0.0, 0.0)

    def press(self, on: Locator) -> None:
        """Put the finger on the middle of an element, and hold it there."""
        self.at = middle(on)
        self._send("touchStart", [self.at])
        self.page.wait_for_timeout(PRESS_MS)

    def move(self, to: Locator) -> None:
        """Move to the middle of an element."""
        (x, y), (to_x, to_y) = self.at, middle(to)
        for part in range(1, 11):
            self._send("touchMove", [(x + (to_x - x) * part / 10, y + (to_y - y) * part / 10)])
            self.page.wait_for_timeout(20)
        self.at = (to_x, to_y)
        self.page.wait_for_timeout(200)

    def lift(self) -> None:
        """Take the finger away."""
        self._send("touchEnd", [])

    def _send(self, kind: str, points: list[tuple[float, float]]) -> None:
        self.session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        )
