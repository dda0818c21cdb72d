"""Hands on the board: drags with a mouse and with a finger, and reads what it shows."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from deals.models import Deal
from tests.e2e.waiting import at_rest, has_class, pause
from tests.factories import make_deal

URL = "/deals/board/"
LOOKS_MS = 120
"""SortableJS looks every 50 ms what the card in the hand is over."""
STEP_MS, MOST_STEPS = 50, 400


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
    """Return the middle of an element on the screen, once it is there and nothing moves."""
    expect(place).to_be_visible()
    at_rest(place.page)
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
    made_room(page)


def made_room(page: Page) -> None:
    """Wait until the cards have made room for the one in the hand."""
    pause(page, LOOKS_MS)
    at_rest(page)


def hold_near(page: Page, move: Callable[[float, float], None], x: float, y: float, until: Callable[[], bool]) -> None:
    """Hold a card near a point of the screen, with a hand that is never quite still, until something has come true."""
    for step in range(MOST_STEPS):
        if until():
            return
        move(x, y + step % 2)
        pause(page, STEP_MS)
    raise AssertionError(until)


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
        expect(on).to_have_class(has_class("card-chosen"))

    def move(self, to: Locator) -> None:
        """Move to the middle of an element."""
        (x, y), (to_x, to_y) = self.at, middle(to)
        for part in range(1, 11):
            self._send("touchMove", [(x + (to_x - x) * part / 10, y + (to_y - y) * part / 10)])
            pause(self.page, 20)
        self.at = (to_x, to_y)
        made_room(self.page)

    def go(self, x: float, y: float) -> None:
        """Move to a point of the screen at once."""
        self._send("touchMove", [(x, y)])
        self.at = (x, y)

    def lift(self) -> None:
        """Take the finger away."""
        self._send("touchEnd", [])

    def _send(self, kind: str, points: list[tuple[float, float]]) -> None:
        self.session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        )
