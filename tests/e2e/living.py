"""Pages that follow what others do: how a test waits for them, and how it keeps the news from them."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Request, expect

SOON_MS = 1000
"""Within this others' changes show."""
LISTEN = """window.isLive = new Promise((go) =>
  document.addEventListener("live:state", ({ detail }) => detail === "on" && go()));"""


def live(page: Page, address: str) -> Page:
    """Open a page and wait until it is connected."""
    page.add_init_script(LISTEN)
    page.goto(address)
    page.wait_for_load_state("load")
    page.evaluate("() => window.isLive")
    return page


def deaf(page: Page) -> Page:
    """Let a page hear nothing of what others do, as when a hand is faster than the news: a test must not race it."""
    page.route_web_socket(re.compile("/live/"), lambda _socket: None)
    return page


def requests_of(page: Page, part: str) -> list[str]:
    """Return a list that grows by the requests of a page whose address has `part`, as "GET http://...", from now on."""
    found: list[str] = []

    def on_request(request: Request) -> None:
        if part in request.url:
            found.append(f"{request.method} {request.url}")

    page.on("request", on_request)
    return found


def expect_told(page: Page, text: str) -> None:
    """Wait until this is what screen readers are told of what others did."""
    expect(page.locator("[data-live-says]")).to_have_text(text)
