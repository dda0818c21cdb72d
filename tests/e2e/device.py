"""A browser that keeps the site on its device, at the end of a cable."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser_plugin import PATIENCE_MS
from tests.e2e.cable import Cable
from tests.e2e.waiting import ask, go

KEPT = """async ({ isText }) => {
  const found = {};
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const key of await cache.keys()) {
      const { pathname, search } = new URL(key.url);
      if (pathname.startsWith("/static/")) continue;
      found[`${name.split("-")[0]} ${pathname}${search}`] = isText ? await (await cache.match(key)).text() : "";
    }
  }
  return found;
}"""
STORED = """store => new Promise((resolve) => {
  const asked = indexedDB.open("crm");
  asked.onupgradeneeded = () => asked.transaction.abort(); // there is none
  asked.onerror = () => resolve([]);
  asked.onsuccess = () => {
    const base = asked.result;
    const rows = base.transaction(store).objectStore(store).getAll();
    rows.onsuccess = () => { base.close(); resolve(rows.result); };
  };
})"""


class Device:
    """A page of somebody, the cable between it and the server, and what it keeps."""

    def __init__(self, page: Page, cable: Cable) -> None:
        """Take the page as it is."""
        self.page, self.cable = page, cable

    def go(self, path: str) -> None:
        """Open a page."""
        go(self.page, path)

    def settle(self) -> None:
        """Wait until the worker runs and has nothing to send."""
        ask(self.page, "async () => { await navigator.serviceWorker.ready; }")
        expect(self.state).to_be_visible()

    def keeps(self, *paths: str) -> None:
        """Wait until these pages are kept."""
        wait_until(lambda: {f"pages {path}" for path in paths} <= self.names())

    def visit(self, *paths: str) -> None:
        """Open pages one after the other, each until it is kept."""
        for path in paths:
            self.go(path)
            self.settle()
            self.keeps(path)

    def kept(self) -> dict[str, str]:
        """Return the pages that are kept: "pages /path/" of the person, "shell /offline/" of everybody."""
        found: dict[str, str] = ask(self.page, KEPT, {"isText": True})
        return found

    def names(self) -> set[str]:
        """Return the names of these, without reading what is kept."""
        return set(ask(self.page, KEPT, {}))

    def queue(self) -> list[dict[str, Any]]:
        """Return what waits, whosever it is."""
        return self._stored("queue")

    def pins(self) -> list[dict[str, Any]]:
        """Return what is pinned, whoever did it."""
        return self._stored("pins")

    def _stored(self, name: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = ask(self.page, STORED, name)
        return rows

    def pages(self) -> list[str]:
        """Return the pages that are kept of anybody."""
        return [name for name in self.names() if name.startswith("pages")]

    def cut(self) -> None:
        """Pull the cable."""
        self.cable.pull()

    def reconnect(self) -> None:
        """Plug the cable in, as when the network comes back: the browser says so to the page."""
        self.cable.plug()
        ask(self.page, "() => { window.dispatchEvent(new Event('online')); }")

    @property
    def state(self) -> Locator:
        """The state in the top bar."""
        return self.page.locator("[data-sync]")

    def says(self, words: str) -> None:
        """Expect the state to be this."""
        expect(self.state.locator("[data-sync-words]")).to_have_text(words)

    def press(self, name: str) -> None:
        """Press the button of that name on the sheet."""
        self.page.locator("main").get_by_role("button", name=name, exact=True).last.click()

    def log(self, subject: str, notes: str = "") -> None:
        """Log a call on the record whose page is open."""
        form = self.page.locator("form.quick-log")
        form.get_by_label("Subject").fill(subject)
        form.get_by_label("Notes").fill(notes)
        form.get_by_role("button", name="Log activity").click()
        expect(self.page.locator("[data-note=waiting-note]")).to_contain_text(subject)

    def edit(self, path: str, **values: str) -> None:
        """Change a record while there is no network."""
        self.go(f"{path}edit/")
        for name, value in values.items():
            self.page.locator(f"main form [name={name}]").fill(value)
        self.press("Save")
        expect(self.page).to_have_url(re.compile(f"{path}$"))
        expect(self.page.locator("[data-note=waiting-note]")).to_be_visible()

    def sign_out(self) -> None:
        """Sign out by the menu."""
        self.page.get_by_label("Your account").click()
        self.page.get_by_role("button", name="Sign out").click()


def wait_until(is_so: Callable[[], bool], seconds: float = PATIENCE_MS / 1000) -> None:
    """Wait until something is so, and fail if it does not get so."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "It did not get so."
        time.sleep(0.05)
