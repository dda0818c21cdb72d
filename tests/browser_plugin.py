"""Fixtures that drive a real Chromium against the live server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import chromium

if TYPE_CHECKING:
    from tests.live_site import LiveSite

# Chromium heeds the last list only, so this has Playwright's own as well, but for those of Windows and Edge. The first
# two are pages of the address bar that each profile would load unseen: a third of what a test's browser costs.
_WITHOUT = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    f"--disable-features={','.join(_WITHOUT)}",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)

PATIENCE_MS = 30_000
"""How long to wait for what ought to come: only a failure takes that long, on a busy machine too."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a test that drives Chromium try once more; the summary names each that did, for its race to be mended."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run; each test gets a profile of its own."""
    with launched() as browser:
        yield browser


@contextmanager
def launched() -> Iterator[Browser]:
    """Run a Chromium, here and wherever one is needed outside of tests."""
    path = chromium.find()
    assert path, "no Chromium: `make test` finds or installs one"
    flags = [*_FLAGS, *(["--no-sandbox"] if os.getuid() == 0 else [])]
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        # Playwright keeps an event loop in this thread, by which Django takes a test's queries for
        # asynchronous code; they are not, so long as the loop lives.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, live_server: LiveSite) -> Iterator[Page]:
    """A page of 1440 by 900 in a fresh profile, whose addresses are relative to the live server."""
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()
