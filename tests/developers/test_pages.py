"""The developer pages: dictionary, diagram, downloads and keys are those of the class table and this installation."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from developers.diagram import diagram
from developers.dictionary import NOTES, class_page, class_pages
from parse_api.classes import ALL, CLASSES
from parse_api.service.schema import fields_of, importable
from tests.factories import signed_in
from tests.parse_api.app import KEYS
from tests.parse_api.conftest import keys as keys

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(alice: User) -> Client:
    """Return Alice's browser."""
    return signed_in(alice)


def text(browser: Client, path: str) -> str:
    answer = browser.get(f"/developers/{path}")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.mark.parametrize("name", ALL)
def test_dictionary_has_every_field(name: str, browser: Client) -> None:
    page = text(browser, f"classes/{name}/")
    told = re.findall(r'<th scope="row">\s*<code>(\w+)</code>', page)
    assert told == list(fields_of(ALL[name]))


def test_dictionary_says_what_the_tables_say() -> None:
    page = class_page("Activity")
    assert page is not None
    entries = {entry.name: entry for entry in page.entries}
    assert entries["relatedTo"].targets == ("Contact", "Deal")
    assert entries["createdBy"].default == "who creates it"
    assert entries["updatedAt"].is_read_only
    assert not entries["subject"].is_read_only
    required = {name: [field for field, wire in fields_of(ALL[name]).items() if wire.get("required")] for name in ALL}
    for name, fields in required.items():
        page = class_page(name)
        assert page is not None
        assert [entry.name for entry in page.entries if entry.is_required] == fields
    company = class_page("Company")
    assert company is not None
    assert company.pointed_at_by == ("Contact.company", "Deal.company")


def test_every_note_is_of_a_field_and_shown() -> None:
    shown = {(page.name, entry.name): entry.notes for page in class_pages() for entry in page.entries}
    assert all(note in shown[place] for place, note in NOTES.items())


def test_unknown_class_is_not_found(browser: Client) -> None:
    for name in ("Lead", "deal", "_Role%00", "more"):
        assert browser.get(f"/developers/classes/{name}/").status_code in (400, 404)


def test_index_leads_to_every_class(browser: Client) -> None:
    page = text(browser, "")
    assert re.findall(r'href="/developers/classes/(\w+)/"', page) == list(ALL)
    assert 'href="/developers/openapi.json"' in page
    assert 'href="/developers/keys/"' not in page


def test_schema_is_that_of_the_command(browser: Client) -> None:
    answer = browser.get("/developers/schema.json")
    assert answer.json() == importable()
    assert answer.headers["Content-Disposition"] == 'attachment; filename="schema.json"'


def test_diagram_has_every_class_and_pointer(browser: Client) -> None:
    drawn = diagram()
    assert [(box.name, [row.name for row in box.rows]) for box in drawn.boxes] == [
        (name, list(each.fields)) for name, each in CLASSES.items()
    ]
    assert {(line.source, line.field, line.target) for line in drawn.lines} == {
        (each.name, field.name, target)
        for each in CLASSES.values()
        for field in each.fields.values()
        for target in field.targets
    }
    page = text(browser, "diagram/")
    assert page.count('class="diagram-line') == len(drawn.lines)
    assert all(f"<code>{line.source}.{line.field}</code>" in page for line in drawn.lines)


def test_no_line_of_the_diagram_crosses_a_box() -> None:
    drawn = diagram()
    for line in drawn.lines:
        y, *ways = [int(number) for number in re.findall(r"-?\d+", line.path)][1:]
        beside, along, back, head, _end = ways
        for x, (top, bottom) in ((beside, sorted((y, along))), (back, sorted((along, head)))):
            beside_it = [box for box in drawn.boxes if box.x <= x <= box.end]
            assert [box for box in beside_it if box.y < bottom and top < box.y + box.height] == [], line
        assert along < min(box.y for box in drawn.boxes)


def test_managers_see_keys_but_never_the_master_key(mira: User, settings: Any) -> None:
    settings.PARSE_MASTER_KEY = "theMasterKeyItself"
    page = text(signed_in(mira), "keys/")
    for name in ("PARSE_REST_API_KEY", "PARSE_JAVASCRIPT_KEY", "PARSE_CLIENT_KEY", "PARSE_APP_ID"):
        assert f"<code>{KEYS[name]}</code>" in page
        assert name in page
        assert settings.PARSE_KEY_PLACES[name] in page
    assert "PARSE_MASTER_KEY" in page
    assert "theMasterKeyItself" not in page
    assert "no-store" in signed_in(mira).get("/developers/keys/").headers["Cache-Control"]


def test_no_page_has_the_master_key(mira: User, settings: Any) -> None:
    settings.PARSE_MASTER_KEY = "theMasterKeyItself"
    paths = ("", "diagram/", "schema/", "schema.json", "openapi.json", "keys/", *(f"classes/{name}/" for name in ALL))
    assert [path for path in paths if "theMasterKey" in text(signed_in(mira), path)] == []


def test_keys_are_for_managers(browser: Client) -> None:
    answer = browser.get("/developers/keys/")
    assert answer.status_code == 403
    assert "The keys are for managers." in answer.content.decode()
