"""Hostile input at every door is a 4xx or does nothing, never a 500 (SECURITY_CASES.md, 11, 43, 69, 71, 73, 76, 82)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import make_activity, make_company, make_contact, make_deal, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
LISTS = ("/companies/", "/contacts/", "/deals/", "/activities/")
GARBAGE = (
    "\x01",
    "x" * 5000,
    "\U0001f600" * 2000,
    "a.b@" * 1000,
    "'",
    "%",
    "\\",
    ":*",
    "&!()",
    "-1",
    "9" * 500,
    "[]",
    "१",
)
PARAMETERS = ("q", "page", "size", "sort", "owner", "company", "contact", "deal", "stage", "close", "state", "type")
SORTS = ("company__created_by__password", "created_by__password", "-", "--name", "?", "id; DROP TABLE x", "password")


@pytest.fixture
def browser(alice: User) -> Client:
    """Return Alice's browser, which answers 500 instead of raising; she has one record of each class."""
    company = make_company(alice)
    contact = make_contact(alice, company=company)
    make_activity(alice, related_deal=make_deal(alice, company=company, contact=contact))
    return signed_in(alice, raise_request_exception=False)


@pytest.mark.parametrize("path", [*LISTS, "/search/", "/companies/options/", "/people/options/"])
def test_garbage_in_the_query_narrows_or_does_nothing(path: str, browser: Client) -> None:
    for value in GARBAGE:
        assert browser.get(path, dict.fromkeys(PARAMETERS, value)).status_code == 200, value[:9]
    arrays = {f"{name}{suffix}": ["a", "1"] for name in PARAMETERS for suffix in ("", "[$ne]", "__in")}
    assert browser.get(path, arrays).status_code == 200
    for sort in SORTS:
        assert browser.get(path, {"sort": sort}).status_code == 200, sort
    filters = {"created_by__password__startswith": "a", "_connector": "OR", "_negated": "1"}
    assert browser.get(path, filters).status_code == 200


@pytest.mark.parametrize("path", LISTS)
def test_unknown_filters_neither_add_nor_drop_rows(path: str, browser: Client) -> None:
    plain = browser.get(path).context["page"].count
    for query in ("_connector=OR&q=", "created_by__password=x", "owner=AAAAAAAAAA", "sort=readers", "readers=*"):
        assert browser.get(f"{path}?{query}").context["page"].count == plain == "1", query


@pytest.mark.parametrize("path", ["companies/company", "deals/deal", "activities/activity", "accounts/user"])
def test_garbage_in_the_query_of_the_admin(path: str, mira: User) -> None:
    browser = signed_in(mira, raise_request_exception=False)
    names = ("q", "p", "o", "all", "e", "stage", "created_by__id__exact", "updated_at_from", "is_active__exact")
    for value in GARBAGE:
        assert browser.get(f"/admin/{path}/", dict.fromkeys(names, value)).status_code < 500, value[:9]
        assert browser.get(f"/admin/{path}/", {"q": value}).status_code == 200, value[:9]
    field = {"app_label": "deals", "model_name": "deal", "field_name": "company"}
    for value in GARBAGE:
        assert browser.get("/admin/autocomplete/", field | {"term": value}).status_code == 200, value[:9]
        assert browser.get("/admin/autocomplete/", field | {"page": value}).status_code in (200, 404), value[:9]
    assert browser.get("/admin/autocomplete/", field | {"field_name": "readers"}).status_code == 403


@pytest.mark.parametrize("path", LISTS)
def test_nul_in_the_search_box_of_a_picker(path: str, browser: Client) -> None:
    for name in ("company", "contact", "assigned_to", "related_contact", "related_deal", "holder"):
        for value in ("\x00", "a\x00b"):
            typed = {f"{name}-search": value, f"{name}-new": value, name: value}
            assert browser.post(f"{path}new/", typed).status_code == 422, name
            assert browser.post(f"{path}new/", typed | {"find": name}).status_code == 200, name


@pytest.mark.parametrize("value", ["", "\x00", "x" * 5000, "a:b:c", "\udcff".encode(errors="surrogateescape"), "é:é:é"])
def test_keys_and_versions_that_we_never_gave(value: str | bytes, browser: Client, alice: User) -> None:
    company = make_company(alice, name="Acme")
    named = {"name": "New", "key": value}
    assert browser.post("/companies/new/", named).status_code == (422 if value == "\x00" else 302)
    for page in ("edit/", "undo/", "sharing/", "sharing/remove/", "hand-over/", "restore/"):
        sent = {"name": "New", "version": value, "change": value, "take_back": value, "holder": value, "level": value}
        assert browser.post(f"/companies/{company.pk}/{page}", sent).status_code in (302, 403, 409, 422), page
    company.refresh_from_db()
    assert company.name == "Acme"


def test_nul_in_a_cookie(browser: Client) -> None:
    for name in ("sessionid", "csrftoken", "messages"):
        answer = browser.get("/accounts/login/", headers={"cookie": f'{name}="\\000aaaaaaaaaaaa"'})
        assert answer.status_code == 400, name


def test_sums_that_no_float_can_hold(browser: Client, alice: User) -> None:
    for _ in range(2):
        make_deal(alice, amount=Decimal("9e308"))
    assert browser.get("/").status_code == 200


def test_fields_outside_a_form_are_ignored(browser: Client, alice: User, bob: User) -> None:
    extra = {"created_by": bob.pk, "id": "AAAAAAAAAA", "acl": "{}", "readers": "*", "updated_at": "2000-01-01"}
    assert browser.post("/companies/new/", {"name": "Mine"} | extra).status_code == 302
    company = alice.companies.get(name="Mine")
    assert (company.pk != "AAAAAAAAAA", company.readers, company.updated_at.year > 2000) == (True, [alice.pk], True)
    deal = make_deal(alice, title="Mine")
    sent = {"title": "Mine too", "stage": "lead", "version": deal.updated_at.isoformat(), "assigned_to": bob.pk}
    assert browser.post(f"/deals/{deal.pk}/edit/", sent | extra).status_code == 302
    deal.refresh_from_db()
    assert (deal.title, deal.assigned_to) == ("Mine too", alice)
    profile = {"display_name": "A", "email": alice.email, "time_zone": "UTC", "is_superuser": "on", "username": "root"}
    assert browser.post("/profile/", profile).status_code == 302
    alice.refresh_from_db()
    assert (alice.display_name, alice.is_superuser, alice.username) == ("A", False, "alice")


def test_stage_that_the_pipeline_does_not_have(browser: Client, alice: User) -> None:
    assert browser.post("/deals/new/", {"title": "New", "stage": "nowhere"}).status_code == 422
    assert not alice.deals.filter(title="New").exists()
