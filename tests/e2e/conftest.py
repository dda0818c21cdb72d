"""Opens pages as one of the cast: each in a browser profile of its own, watched for whatever goes wrong in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Protocol

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Response

from accounts.models import User
from tests.browser_plugin import PATIENCE_MS
from tests.e2e.cable import Cable
from tests.e2e.device import Device
from tests.live_site import LiveSite

SCREENS: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1440, "height": 900}},
    "desk without JavaScript": {"viewport": {"width": 1440, "height": 900}, "java_script_enabled": False},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}
WATCH_POLICY = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""
# Chromium reports each answer of 400 and above as an error; tests state those by themselves. htmx reports a request
# that a later one made needless with these two, and one that failed with "htmx:sendError" beside the first.
EXPECTED = (
    "Failed to load resource: the server responded with a status of 4",
    "htmx:afterRequest",
    "htmx:sendAbort",
    "Service Worker registration blocked by Playwright",
)
# A socket that is refused to who is signed out by now; before that comes its address.
REFUSED = "Error during WebSocket handshake: Unexpected response code: 403"
UNREACHED = ("Failed to load resource: net::ERR_", "WebSocket connection to", "htmx:sendError")
# Playwright sees no request that a worker answers, so only the tests of what is kept on a device have one.
WATCHED: dict[str, Any] = {"service_workers": "block"}


class OpenAs(Protocol):
    """Opens a page, signed in as somebody, or as nobody."""

    def __call__(self, user: User | None, **options: Any) -> Page:
        """Return the page."""


@pytest.fixture(autouse=True)
def _no_attempts(transactional_db: None) -> Iterator[None]:
    """Forget counted sign-ins when a test ends, as the flush of the other tables does."""
    del transactional_db
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_attemptcount")


@pytest.fixture
def open_as(browser: Browser, live_server: LiveSite) -> Iterator[OpenAs]:
    """Return a function that opens pages; afterwards none of them may have complained."""
    problems: list[str] = []
    contexts: list[BrowserContext] = []
    with_worker: list[BrowserContext] = []

    def opened(user: User | None, *, without_network: bool = False, **options: Any) -> Page:
        context = browser.new_context(**(SCREENS["desk"] | WATCHED | {"base_url": live_server.url} | options))
        contexts.append(context)
        if options.get("service_workers") == "allow":
            with_worker.append(context)
        context.set_default_timeout(PATIENCE_MS)
        if user:
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": _session(user), "url": live_server.url}]
            )
        page = context.new_page()
        if options.get("java_script_enabled", True):
            page.add_init_script(WATCH_POLICY)
        _watch(page, problems.append, (*EXPECTED, *UNREACHED) if without_network else EXPECTED)
        return page

    yield opened
    for page in (page for context in with_worker for page in context.pages):
        _leave(page)
    for context in contexts:
        context.close()
    assert problems == []


def _leave(page: Page) -> None:
    """Leave the site: a profile that is closed while its worker answers a page is sometimes never done with it."""
    with suppress(Error):  # the page was on its way elsewhere
        page.goto("about:blank")


def _watch(page: Page, report: Callable[[str], None], expected: tuple[str, ...]) -> None:
    def on_console(message: ConsoleMessage) -> None:
        is_expected = message.text.startswith(expected) or message.text.endswith(REFUSED)
        if message.type in ("error", "warning") and not is_expected:
            report(f"{page.url}: {message.text}")

    def on_response(response: Response) -> None:
        if response.status >= 500 or (response.status == 404 and "/static/" in response.url):
            report(f"{response.url}: {response.status}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: report(f"{page.url}: {error}"))
    page.on("response", on_response)


def _session(user: User) -> str:
    client = Client()
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[0])
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture(params=SCREENS)
def screen(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each of: a desk, a desk without JavaScript, a phone."""
    return SCREENS[request.param]


@pytest.fixture
def cable(live_server: LiveSite) -> Iterator[Cable]:
    """Return a cable to the live server."""
    cable = Cable(int(live_server.url.rpartition(":")[2]))
    yield cable
    cable.pull()


@pytest.fixture
def device(open_as: OpenAs, cable: Cable, alice: User) -> Device:
    """Return a browser of alice's that keeps the site, at the end of the cable."""
    return Device(open_as(alice, base_url=cable.url, service_workers="allow", without_network=True), cable)
