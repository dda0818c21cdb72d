"""A new version of the program: it takes over, and no page is ever made of two."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import Browser, Page, expect

from accounts import demo
from crm_site.postgres.places import places
from crm_site.postgres.use import stop_unless_used
from tests.e2e.cable import Cable
from tests.e2e.device import Device, wait_until
from tests.e2e.waiting import ask
from tests.start.program import ROOT, free_port, serving

LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "docs", "tests", "var", "examples")
STYLE, PAGE = "static/css/tokens.css", "templates/offline.html"
MARKS = {"one": "101px", "two": "102px", "three": "103px"}
SHELLS = "async () => (await caches.keys()).filter((name) => name.startsWith('shell-'))"


class Tree:
    """The program's files, of which versions are made."""

    def __init__(self, root: Path) -> None:
        """Copy them."""
        shutil.copytree(ROOT, root, ignore=LEFT_OUT)
        self.root = root
        self.plain = {name: (root / name).read_text() for name in (STYLE, PAGE)}

    def become(self, version: str) -> None:
        """Make a version whose style and whose page say which it is."""
        style, page = self.plain[STYLE], self.plain[PAGE]
        (self.root / STYLE).write_text(f"{style}\n:root {{ scroll-padding-top: {MARKS[version]}; }}\n")
        (self.root / PAGE).write_text(page.replace("<h1>Offline</h1>", f"<h1>Offline {version}</h1>"))


@pytest.fixture
def tree() -> Iterator[Tree]:
    """Return a copy of the program, and take it away with its database."""
    parent = Path(tempfile.mkdtemp(prefix="crm-start-"))
    try:
        yield Tree(parent / "program")
    finally:
        if places(parent / "var").root.exists():
            stop_unless_used(places(parent / "var"))
        shutil.rmtree(parent)


def sign_in(page: Page) -> None:
    """Sign in as one of the demo's people."""
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill("alice")
    page.locator("[name=password]").fill(demo.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Your account")).to_be_visible()


def is_made_of(page: Page, version: str) -> None:
    """Expect the page to have the styles of a version."""
    expect(page.locator("html")).to_have_css("scroll-padding-top", MARKS[version])


def test_new_version_takes_over_as_a_whole(browser: Browser, tree: Tree) -> None:
    connections.close_all()
    port, data_dir = free_port(), tree.root.with_name("var")
    cable = Cable(port)
    context = browser.new_context(base_url=cable.url, service_workers="allow")
    device = Device(context.new_page(), cable)
    page = device.page

    tree.become("one")
    with serving(data_dir, ROOT=str(tree.root), PORT=str(port)):
        sign_in(page)
        device.settle()
        device.visit("/deals/")
        path = str(page.locator("#record-list a.row-link").first.get_attribute("href"))
        device.visit("/contacts/", path, "/")
        [first] = ask(page, SHELLS)

    tree.become("two")
    with serving(data_dir, ROOT=str(tree.root), PORT=str(port)):
        device.visit("/contacts/")
        is_made_of(page, "two")  # at once, whatever the worker is
        wait_until(lambda: len(ask(page, SHELLS)) == 2, 60)
        wait_until(lambda: "Offline two" in device.kept()["pages /offline/"])
        device.cut()
        for address, version in ((path, "one"), ("/contacts/", "two"), ("/deals/", "one"), ("/offline/", "two")):
            device.go(address)
            is_made_of(page, version)
        expect(page.get_by_role("heading", level=1)).to_have_text("Offline two")
        assert "Offline two" in device.kept()["shell /offline/"]
        cable.plug()
        for address in (path, "/deals/", "/"):
            device.go(address)
            is_made_of(page, "two")
        style = str(page.locator("link[href*=tokens]").get_attribute("href"))
        wait_until(lambda: all(style in text for text in device.kept().values()))

    tree.become("three")
    with serving(data_dir, ROOT=str(tree.root), PORT=str(port)):
        device.visit("/contacts/")
        wait_until(lambda: first not in ask(page, SHELLS), 60)  # no kept page is of it any more
        device.cut()
        device.go(path)
        is_made_of(page, "two")
    context.close()
