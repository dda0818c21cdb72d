"""Takes a picture of every page of a running CRM with demo data: python -m tests.e2e.screenshots ADDRESS DIRECTORY."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser_plugin import launched
from tests.e2e import pages

WIDTHS = {1440: 900, 390: 844}
PHONE = 768
SCHEMES = ("light", "dark")


def main() -> None:
    """Read what to do from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="where the CRM runs, such as http://127.0.0.1:8000")
    parser.add_argument("directory", type=Path, help="where the pictures go")
    parser.add_argument("--only", default="", help="pages whose name has this text")
    parser.add_argument("--widths", type=int, nargs="*", default=list(WIDTHS))
    parser.add_argument("--schemes", nargs="*", default=list(SCHEMES))
    parser.add_argument("--who", default="alice:crm-demo", help="name:password")
    options = parser.parse_args()
    options.directory.mkdir(parents=True, exist_ok=True)
    with launched() as browser:
        state = _sign_in(browser, options.address, options.who)
        for width in options.widths:
            for scheme in options.schemes:
                for name, page in _every_page(browser, options, state, width, scheme):
                    slug = "".join(letter if letter.isalnum() else "-" for letter in name)
                    page.screenshot(path=options.directory / f"{slug}.{width}.{scheme}.png", full_page=True)


def _context(browser: Browser, address: str, width: int, scheme: str, **options: Any) -> BrowserContext:
    options |= {"color_scheme": scheme, "reduced_motion": "reduce", "has_touch": width < PHONE}
    return browser.new_context(base_url=address, viewport={"width": width, "height": WIDTHS.get(width, 900)}, **options)


def _sign_in(browser: Browser, address: str, who: str) -> Any:
    context = _context(browser, address, 1440, "light")
    page = context.new_page()
    page.goto("/accounts/login/")
    name, _, password = who.partition(":")
    page.locator("[name=login]").fill(name)
    page.locator("[name=password]").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{address}/")
    state = context.storage_state()
    context.close()
    return state


def _every_page(
    browser: Browser, options: argparse.Namespace, state: Any, width: int, scheme: str
) -> Iterator[tuple[str, Page]]:
    known, stranger = (
        _context(browser, options.address, width, scheme, storage_state=kept).new_page() for kept in (state, None)
    )
    records = pages.Records({name: _first(known, name) for name in pages.CLASSES}, _deleted(known))
    for page, places, states in (
        (known, pages.addresses(records), pages.STATES),
        (stranger, pages.open_addresses(records), pages.OPEN_STATES),
    ):
        for name, path in places.items():
            if options.only in name and path:
                page.goto(path)
                yield name, page
        for name, reach in states.items():
            if options.only in name:
                reach(page, records)
                yield name, page
        page.context.close()


def _first(page: Page, name: str) -> str:
    page.goto(f"/{name}/?sort=-updated")
    return str(page.locator("#record-list a.row-link").first.get_attribute("href")).split("/")[2]


def _deleted(page: Page) -> str:
    page.goto("/deals/new/")
    page.get_by_label("Title").fill("Made to be deleted")
    page.get_by_role("button", name="Create deal").click()
    pk = page.url.split("/")[4]
    page.goto(f"/deals/{pk}/delete/")
    page.get_by_role("button", name="Delete deal").click()
    return pk


if __name__ == "__main__":
    main()
