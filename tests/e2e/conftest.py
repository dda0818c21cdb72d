"""Opens pages as one of the cast: each in a browser profile of its own, watched for whatever goes wrong in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, Response
from pytest_django.live_server_helper import LiveServer

from accounts.models import User

SCREENS: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1440, "height": 900}},
    "desk without JavaScript": {"viewport": {"width": 1440, "height": 900}, "java_script_enabled": False},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}
WAIT_MS = 10_000
WATCH_POLICY = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""
# Chromium reports each answer of 400 and above as an error; tests state those by themselves.
EXPECTED = "Failed to load resource: the server responded with a status of 4"


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
def open_as(browser: Browser, live_server: LiveServer) -> Iterator[OpenAs]:
    """Return a function that opens pages; afterwards none of them may have complained."""
    problems: list[str] = []
    contexts = []

    def opened(user: User | None, **options: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, **(SCREENS["desk"] | options))
        contexts.append(context)
        context.set_default_timeout(WAIT_MS)
        if user:
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": _session(user), "url": live_server.url}]
            )
        page = context.new_page()
        if options.get("java_script_enabled", True):
            page.add_init_script(WATCH_POLICY)
        _watch(page, problems.append)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


def _watch(page: Page, report: Callable[[str], None]) -> None:
    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(EXPECTED):
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
