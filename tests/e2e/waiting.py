"""Waits for what a person would see before he goes on: a page whose scripts run, and that nothing on it moves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from re import Pattern
from typing import Any, TypeVar

from playwright.sync_api import Error, Locator, Page, Route, expect

Answer = TypeVar("Answer")

AT_REST = """async () => {
  const frame = () => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
  const ends = (one) => one.playState === "running" && Number.isFinite(one.effect.getComputedTiming().endTime);
  await frame();
  // A colour that is inherited changes after that of the parent has. What stays as it ended is still an animation.
  for (let moving; (moving = document.getAnimations().filter(ends)).length; await frame()) {
    await Promise.all(moving.map((one) => one.finished.catch(() => null)));
  }
}"""
PAUSE = "ms => new Promise((go) => setTimeout(go, ms))"
SWAPS = """() => {
  const isBoard = ({ detail }) => detail.target.id === "board";
  window.swapped = new Promise((go) => document.addEventListener("htmx:beforeSwap", (event) => isBoard(event) && go()));
}"""
POLL_MS = 20
LEAVES = re.compile("Execution context was destroyed|interrupted by another navigation|net::ERR_ABORTED")
"""What Playwright says of a page that just then went elsewhere by itself."""
LEAVES_AT_MOST = 5


def arrived(page: Page, heading: str | Pattern[str]) -> None:
    """Wait until a page with this heading is there, and its scripts too: keys that come before them are lost."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    page.wait_for_load_state()


def at_rest(page: Page) -> None:
    """Wait until nothing on the page moves any more."""
    page.evaluate(AT_REST)


def pause(page: Page, milliseconds: int) -> None:
    """Let time pass for the page: whatever it had planned within it is done, however slow the machine is."""
    page.evaluate(PAUSE, milliseconds)


def ask(page: Page, script: str, argument: object = None) -> Any:
    """Evaluate a script in a page that loads itself anew when it likes: then in the page that comes."""
    return _again(lambda: page.evaluate(script, argument))


def go(page: Page, address: str) -> None:
    """Open an address in a page that loads itself anew when it likes."""
    _again(lambda: page.goto(address))


def _again(act: Callable[[], Answer]) -> Answer:
    for _ in range(LEAVES_AT_MOST):
        try:
            return act()
        except Error as error:
            if not LEAVES.search(error.message):
                raise
    return act()


def picker(within: Page | Locator, name: str) -> Locator:
    """Return the text box that a picker's script puts in the place of its select."""
    return within.get_by_role("combobox", name=name).and_(within.locator("input"))


def has_class(name: str) -> Pattern[str]:
    """Match a class among others."""
    return re.compile(rf"(^|\s){re.escape(name)}(\s|$)")


@contextmanager
def a_board_comes(page: Page) -> Iterator[None]:
    """Wait until a new board has come that the block asked for; whether it is shown is another matter."""
    page.evaluate(SWAPS)
    yield
    page.evaluate("() => window.swapped")


class Held:
    """Requests that wait until they are let go."""

    def __init__(self, page: Page, where: str | Pattern[str]) -> None:
        """Hold what `page` sends there."""
        self._page, self._routes, self._is_open = page, list[Route](), False
        page.route(where, self._take)

    def _take(self, route: Route) -> None:
        if self._is_open:
            route.continue_()
        else:
            self._routes.append(route)

    def wait(self) -> None:
        """Wait until there is one."""
        while not self._routes:
            self._page.wait_for_timeout(POLL_MS)

    def let_go(self) -> None:
        """Wait until there is one, let it go on, and hold no others."""
        self.wait()
        self._is_open = True
        for route in self._routes:
            route.continue_()
