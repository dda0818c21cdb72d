"""Every page: no violation of axe's rules, nothing that scrolls sideways, room for a finger."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from playwright.sync_api import Page

from accounts.models import User
from activities.models import Activity
from companies.models import Company
from contacts.models import Contact
from deals.models import Deal
from records.access import share
from tests.e2e import pages
from tests.e2e.conftest import OpenAs
from tests.e2e.waiting import at_rest
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role

AREAS = ("companies", "contacts", "deals", "activities", "board", "developers", "account", "other")
ROWS = 30
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}
ALL_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
WITHOUT_A_PAGE = {
    "options": "a fragment for type-ahead",
    "deals:board_cards": "a fragment: cards that load while one scrolls",
    "unshare": "only posted to",
    "undo": "only posted to; its refusal is the page of a record",
    "done": "only posted to",
    "undo_move": "only posted to",
    "board_cards": "a fragment that a board loads while one scrolls",
    "board_changes": "a fragment: what others changed on a board",
    "accounts:session_end": "only posted to",
    "accounts:app_session_end": "only posted to",
    "accounts:sessions_end_others": "only posted to",
    "developers:openapi": "JSON",
    "developers:schema_json": "JSON",
    "developers:graphql_schema": "JSON",
    "developers:playground_code": "a fragment: a request as code",
    "developers:playground_session": "only posted to",
    "people_options": "a fragment for type-ahead",
    "holder_options": "a fragment for type-ahead",
    "health": "for probes",
    "manifest": "for browsers",
    "service_worker": "for browsers",
    "offline_session": "for the worker of a device",
    "restore": "one template for every class, walked for deals",
    "hand_over": "one template for every class, walked for deals",
}
TALLEST = """(cells) => Math.max(0, ...cells.map((cell) => {
  const text = document.createRange();
  text.selectNodeContents(cell);
  return text.getBoundingClientRect().height;
}))"""
# A target is a link or control outside of running text (WCAG 2.5.8 leaves out text); a label counts with its box.
SMALL_TARGETS = """() => {
  const inText = (el) => el.tagName === "A" && getComputedStyle(el).display === "inline";
  const box = (el) => {
    const own = el.getBoundingClientRect();
    if (el.matches(".row-link")) return el.closest("li, tr").getBoundingClientRect();
    return el.matches("[type=radio], [type=checkbox]") ? el.labels[0].getBoundingClientRect() : own;
  };
  return [...document.querySelectorAll("a, button, summary, select, textarea, input:not([type=hidden])")]
    .filter((el) => el.checkVisibility({ visibilityProperty: true }) && !el.closest(".visually-hidden, .skip-link"))
    .filter((el) => !el.matches(".visually-hidden, .skip-link, .CodeMirror textarea") && !inText(el))
    .map((el) => [el, box(el)])
    .filter(([, at]) => at.width > 0 && (at.height < 43.5 || at.width < 43.5))
    .map(([el, at]) => [el.outerHTML.replace(/\\s+/g, " ").slice(0, 90), at.width, "x", at.height].join(" "));
}"""
# Of rows that differ in what they say only, axe looks at two of each length: contrast takes most of its time.
ALIKE = """() => {
  const dropped = / (?!class|role|type|hidden|disabled|tabindex|aria-(?:current|hidden|expanded))([\\w-]+)="[^"]*"/g;
  const kind = (row) => row.outerHTML.replace(/>[^<]*</g, "><").replace(dropped, " $1");
  const length = (row) => Math.round(Math.log2(1 + row.textContent.trim().length));
  const seen = new Map();
  for (const row of document.querySelectorAll("main :is(tr, li)")) {
    const key = `${length(row)} ${kind(row)}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
    row.toggleAttribute("data-alike", seen.get(key) > 2);
  }
}"""
RUN = "rules => axe.run({ exclude: ['[data-alike]'] }, { preload: false, iframes: false, ...rules })"
SIDEWAYS = """() => {
  const root = document.scrollingElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const isWide = (el) => el.getBoundingClientRect().right > root.clientWidth + 0.5;
  const wide = [...document.body.querySelectorAll("*")].filter(isWide);
  return wide.slice(-3).map((el) => el.outerHTML.slice(0, 120));
}"""


@pytest.fixture
def records(alice: User, bob: User) -> pages.Records:
    """Records of alice with everything filled in, some of it very long, among enough others for a second page."""
    found = _long_records(alice)
    _, contact, deal, _ = found
    now = timezone.now()
    for days in (-2, 0, 3):
        make_activity(alice, subject=f"About it {days}", related_deal=deal, due_date=now + timedelta(days=days))
        make_activity(alice, subject=f"About him {days}", related_contact=contact, completed_at=now)
    for number in range(ROWS):
        make_deal(alice, title=f"A deal {number}", amount=number, stage=("lead", "won", "odd")[number % 3])
    for record in found:
        share(record, bob, ("view",))
        share(record, make_role(f"Team {record.pk}", bob), ("view", "change"))
    deal.title += " indeed"
    deal.save()
    gone = make_deal(alice, title="Gone")
    deleted = gone.pk
    gone.delete()
    key = default_token_generator.make_token(bob)
    reset = reverse("account_reset_password_from_key", kwargs={"uidb36": bob.pk, "key": key})
    return pages.Records(dict(zip(pages.CLASSES, (row.pk for row in found), strict=True)), deleted, reset)


def _long_records(owner: User) -> tuple[Company, Contact, Deal, Activity]:
    named: dict[str, Any] = {"name": pages.LONG_WORD, "notes": pages.LONG_TEXT}
    now, website = timezone.now(), "https://example.com/" + "a" * 200
    company = make_company(owner, website=website, industry="Retail", address="1 Way", **named)
    contact = make_contact(owner, email="a@example.com", phone="+1 555", company=company, **named)
    about: dict[str, Any] = {"company": company, "contact": contact}
    deal = make_deal(
        owner, title=pages.LONG_WORD, amount=1234567890, notes=pages.LONG_TEXT, expected_close_date=now, **about
    )
    make_deal(owner, title="A second deal", stage="won", **about)
    activity = make_activity(
        owner, subject=pages.LONG_WORD, description=pages.LONG_TEXT, related_deal=deal, due_date=now
    )
    return company, contact, deal, activity


def of_area(names: dict[str, Any], area: str) -> dict[str, Any]:
    """Keep the pages of one area."""

    def area_of(name: str) -> str:
        if name.startswith("deals:board"):
            return "board"
        first = name.partition(":")[0]
        return first if first in AREAS else "account" if first.startswith("account") else "other"

    return {name: value for name, value in names.items() if area_of(name) == area}


@pytest.mark.parametrize("area", AREAS)
def test_every_page(open_as: OpenAs, alice: User, records: pages.Records, area: str) -> None:
    """Look at each page wide and narrow, in light and dark."""
    problems: list[str] = []
    known, stranger = open_as(alice), open_as(None)
    for page, places, states in (
        (known, pages.addresses(records), pages.STATES),
        (stranger, pages.open_addresses(records), pages.OPEN_STATES),
    ):
        for name, path in of_area(places, area).items():
            page.goto(path)
            problems += look(page, name)
        for name, reach in of_area(states, area).items():
            page.set_viewport_size({"width": 1440, "height": 900})
            reach(page, records)
            problems += look(page, name)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("area", AREAS[:4])
def test_first_pages_without_records(open_as: OpenAs, mallory: User, area: str) -> None:
    page = open_as(mallory)
    page.goto(f"/{area}/")
    assert look(page, f"{area}, empty") == []
    page.goto("/")
    assert look(page, "home, empty") == []


def look(page: Page, name: str) -> list[str]:
    """Return what is wrong with a page, at the widths of a desk, a desk at 200 %, two phones, in both schemes."""
    problems = []
    page.wait_for_load_state()
    for width in (1440, 720, 390, 360):
        page.set_viewport_size({"width": width, "height": 844})
        problems += [f"{name} at {width}: sideways {what}" for what in page.evaluate(SIDEWAYS)]
        if width == 360:
            problems += [f"{name} at {width}: small {what}" for what in page.evaluate(SMALL_TARGETS)]
        if width in (1440, 390):
            for scheme, rules in (("light", ALL_RULES), ("dark", COLOURS)):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
                problems += [f"{name} at {width} in {scheme}: {what}" for what in violations(page, rules)]
    return problems


def violations(page: Page, rules: dict[str, Any]) -> list[str]:
    """Return what axe finds, a line for each element."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(Axe().axe_script)
    at_rest(page)
    page.evaluate(ALIKE)
    found = page.evaluate(RUN, rules)["violations"]
    return [
        f"{rule['id']}: {' '.join(node['html'].split())[:120]} {node['target']}"
        for rule in found
        for node in rule["nodes"][:3]
    ]


def test_no_page_is_left_out(records: pages.Records) -> None:
    places = pages.addresses(records) | pages.open_addresses(records) | pages.STATES
    walked = {name.partition(",")[0] for name in places}
    missing = {name for name in _names() if name not in walked and name.rpartition(":")[2] not in WITHOUT_A_PAGE}
    assert missing - set(WITHOUT_A_PAGE) == set()


def _names(resolver: URLResolver | None = None, prefix: str = "") -> list[str]:
    found = []
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            found.append(f"{prefix}{entry.name}")
        elif entry.namespace != "admin":
            found += _names(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
    return found


def test_reset_link_is_walked(records: pages.Records) -> None:
    """The page behind a link in a mail is among those looked at."""
    assert Client().get(records.reset_path, follow=True).status_code == 200


def test_a_long_word_leaves_room_for_people_and_amounts(open_as: OpenAs, alice: User) -> None:
    """A name of two words has two lines, of 19 pixels each, and an amount has one."""
    alice.display_name = "Alice Andersson"
    alice.save()
    _long_records(alice)
    page = open_as(alice)
    for width, path in product((1440, 1024), ("/deals/", "/contacts/", "/companies/", "/activities/")):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") == width, (path, width)
        assert page.locator(".table .person").evaluate_all(TALLEST) < 40, (path, width)
        assert page.locator(".table td.number").evaluate_all(TALLEST) < 20, (path, width)
