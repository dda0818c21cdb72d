"""The example app of examples/field-app in a browser: served by itself at another origin, both at ends of cables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from tests.e2e.cable import Cable
from tests.e2e.device import wait_until
from tests.factories import PASSWORD

HERE = Path(__file__).resolve().parents[2] / "examples" / "field-app"


class _Files(SimpleHTTPRequestHandler):
    """Serves the app as it is; only config.js says where the server of the test is."""

    server_url = ""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args, directory=str(HERE))

    def do_GET(self) -> None:
        if self.path != "/config.js":
            super().do_GET()
            return
        text = (HERE / "config.js").read_text(encoding="utf-8")
        body = re.sub(r'serverURL: "[^"]*"', f'serverURL: "{self.server_url}/parse"', text).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(server_url: str) -> Iterator[int]:
    """Serve the app, and give the port."""
    files = type("Files", (_Files,), {"server_url": server_url})
    with ThreadingHTTPServer(("127.0.0.1", 0), files) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


class FieldApp:
    """The app on a device of somebody, and the cables to its files and to the CRM."""

    def __init__(self, page: Page, *cables: Cable) -> None:
        self.page, self.cables = page, cables

    def log_in(self, person: User, password: str = PASSWORD) -> None:
        """Log in, and wait until all is there and kept on the device."""
        self.page.goto("/")
        self.try_to_log_in(person.username, password)
        self.is_live()
        wait_until(lambda: all(f"parsePin_{name}" in self.stored() for name in ("deals", "contacts")))

    def try_to_log_in(self, username: str, password: str) -> None:
        """Send the form."""
        self.page.get_by_label("Name or e-mail").fill(username)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()

    def is_live(self) -> None:
        """Wait until LiveQuery is there and all is saved."""
        expect(self.page.locator("[data-live]")).to_have_text("Live")
        self.says("Saved")

    def says(self, words: str) -> None:
        """Expect the state to be this."""
        expect(self.page.locator("[data-sync]")).to_have_text(words)

    def column(self, stage: str) -> Locator:
        """Return a column of the pipeline."""
        return self.page.locator(f"[data-columns] > [data-stage={stage}]")

    def card(self, title: str) -> Locator:
        """Return a deal's card."""
        return self.page.locator("[data-columns] li").filter(has_text=title)

    def contact(self, name: str) -> Locator:
        """Return a contact's row."""
        return self.page.locator("[data-contacts] li").filter(has_text=name)

    def waiting(self, words: str) -> Locator:
        """Return what waits."""
        return self.page.locator("[data-outbox] li").filter(has_text=words)

    def move(self, title: str, stage: str) -> None:
        """Move a deal."""
        card = self.card(title)
        card.get_by_label(f"Move {title} to").select_option(stage)
        card.get_by_role("button", name="Move", exact=True).click()

    def log_call(self, row: Locator, subject: str, notes: str = "") -> None:
        """Log a call about a deal or with a contact."""
        row.get_by_role("button", name="Log a call").click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_label("Subject").fill(subject)
        dialog.get_by_label("Notes").fill(notes)
        dialog.get_by_role("button", name="Save call").click()
        expect(dialog).to_be_hidden()

    def cut(self) -> None:
        """Pull the cables."""
        for cable in self.cables:
            cable.pull()

    def reconnect(self) -> None:
        """Plug the cables in, as when the network comes back: the browser says so to the page."""
        for cable in self.cables:
            cable.plug()
        self.page.evaluate("() => { window.dispatchEvent(new Event('online')); }")

    def stored(self) -> str:
        """Return all that is kept on the device."""
        text: str = self.page.evaluate("() => JSON.stringify(localStorage)")
        return text
