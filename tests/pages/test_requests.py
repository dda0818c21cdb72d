"""What holds for every address: headers, caching, CSRF, htmx, and that looking changes nothing."""

from __future__ import annotations

import json

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.http import HttpResponseBase
from django.test import Client

from accounts.models import User
from tests.factories import make_company, signed_in
from tests.pages.reading import text_of
from tests.test_permissions import ROWS, SIGN_IN, World, address, browsers, filled, world

__all__ = ["browsers", "world"]
HTMX = {"HX-Request": "true"}
PUBLIC = {"health", "account_login", "account_signup", "account_reset_password", "account_reset_password_done",
          "account_reset_password_from_key", "account_reset_password_from_key_done"}  # fmt: skip


def rows_counted() -> dict[str, int]:
    """Return how many rows each table has, the session's and the log's included."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_get_and_head_never_write(world: World, browsers: dict[str, Client]) -> None:
    for browser in browsers.values():
        browser.get("/")
    before = rows_counted(), list(Session.objects.order_by("pk").values())
    for row in ROWS:
        if row.method == "GET":
            url = address(row.name, world, row.args)
            for name in ("alice", "mira"):
                browsers[name].get(url, {"q": "x", "done": "1", "delete": "1", "_method": "DELETE"})
                browsers[name].head(url)
    assert (rows_counted(), list(Session.objects.order_by("pk").values())) == before


def policy(response: HttpResponseBase) -> dict[str, list[str]]:
    """Return the directives of the content security policy."""
    directives = response.headers["Content-Security-Policy"].split(";")
    return {name: values for name, *values in (directive.split() for directive in directives)}


def check_headers(row_name: str, response: HttpResponseBase) -> None:
    """Check what every answer carries."""
    headers, csp = response.headers, policy(response)
    assert headers["X-Content-Type-Options"] == "nosniff", row_name
    assert headers["X-Frame-Options"] == "DENY", row_name
    assert headers["Referrer-Policy"] == "same-origin", row_name
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin", row_name
    assert csp["frame-ancestors"] == csp["object-src"] == csp["base-uri"] == ["'none'"], row_name
    assert csp["form-action"] == csp["default-src"] == ["'self'"], row_name
    assert not [word for words in csp.values() for word in words if "unsafe" in word or word == "*"], row_name
    assert {"HX-Request", "HX-Target"} <= {name.strip() for name in headers["Vary"].split(",")}, row_name


def test_every_answer_is_guarded_by_its_headers(world: World, browsers: dict[str, Client]) -> None:
    for row in ROWS:
        url = address(row.name, world, row.args)
        for who in ("anonymous", "mallory", "alice"):
            if row.method == "GET":
                check_headers(row.name, browsers[who].get(url))
    for url in ("/nothing/", "/deals/AAAAAAAAAA/"):
        check_headers(url, browsers["alice"].get(url))


EVERYBODYS = ("manifest", "service_worker", "developers:graphql_schema")
"""What is the same for everybody, and names nobody."""


def test_no_cache_keeps_what_a_person_was_shown(world: World, browsers: dict[str, Client]) -> None:
    for row in ROWS:
        if row.method == "GET" and row.name not in EVERYBODYS:
            answer = browsers["alice"].get(address(row.name, world, row.args))
            assert {"no-store", "private"} <= set(answer.headers["Cache-Control"].split(", ")), row.name
            if answer.status_code == 200 and row.name != "health":
                assert "Cookie" in answer.headers["Vary"], row.name


def test_every_post_wants_a_token(world: World, alice: User, bob: User) -> None:
    strict, other = (signed_in(user, enforce_csrf_checks=True) for user in (alice, bob))
    other.get("/")
    token = other.cookies["csrftoken"].value
    before = rows_counted()
    for row in ROWS:
        if row.method != "POST":
            continue
        url, data = address(row.name, world, row.args), row.data(world)
        assert strict.post(url, data).status_code == 403, row.name
        assert strict.post(url, data | {"csrfmiddlewaretoken": token}).status_code == 403, row.name
        assert strict.post(url, data, headers={"X-CSRFToken": token, **HTMX}).status_code == 403, row.name
        assert strict.post(url, data, headers={"Origin": "https://evil.example"}).status_code == 403, row.name
    assert rows_counted() == before


def test_token_of_the_page_is_accepted_in_form_and_header(alice: User) -> None:
    browser = signed_in(alice, enforce_csrf_checks=True)
    page = text_of(browser.get("/companies/new/"))
    token = page.partition('"X-CSRFToken": "')[2].partition('"')[0]
    assert browser.post("/companies/new/", {"name": "Form", "csrfmiddlewaretoken": token}).status_code == 302
    assert browser.post("/companies/new/", {"name": "Header"}, headers={"X-CSRFToken": token}).status_code == 302


def test_htmx_follows_redirects_as_locations(alice: User) -> None:
    browser = signed_in(alice)
    answer = browser.post("/companies/new/", {"name": "Acme"}, headers=HTMX)
    assert answer.status_code == 204
    assert answer.content == b""
    location = json.loads(answer.headers["HX-Location"])
    assert location["target"] == "body"
    assert "Location" not in answer.headers
    assert "Company “Acme” was created." in text_of(browser.get(location["path"], headers=HTMX))


def test_htmx_of_an_ended_session_loads_the_sign_in_page(world: World, client: Client) -> None:
    for row in ROWS:
        if row.anonymous == SIGN_IN and row.name != "account_logout":
            answer = client.generic(row.method, address(row.name, world, row.args), headers=HTMX)
            assert answer.status_code == 204, row.name
            assert answer.headers["HX-Redirect"].startswith("/accounts/login/?next=/"), row.name
            assert answer.content == b"", row.name


def test_htmx_gets_invalid_forms_with_their_errors(alice: User) -> None:
    answer = signed_in(alice).post("/companies/new/", {"name": ""}, headers=HTMX)
    assert answer.status_code == 422
    assert "This field is required." in text_of(answer)


def test_htmx_brings_messages_along_with_a_part(alice: User) -> None:
    browser = signed_in(alice)
    browser.post("/companies/new/", {"name": "Acme <b>"})
    part = text_of(browser.get("/companies/", headers=HTMX | {"HX-Target": "record-list"}))
    assert 'hx-swap-oob="beforeend"' in part
    assert "Company “Acme &lt;b&gt;” was created." in part
    assert "was created" not in text_of(browser.get("/companies/", headers=HTMX | {"HX-Target": "record-list"}))


@pytest.mark.parametrize("value", ["record-list; x", "<b>", "../x", "record-list#x", "a" * 9000, "%00", "body"])
def test_htmx_headers_of_strangers_change_nothing(alice: User, value: str) -> None:
    make_company(alice)
    browser = signed_in(alice)
    for header in ("HX-Target", "HX-Current-URL", "HX-Trigger", "HX-Prompt", "HX-Boosted"):
        answer = browser.get("/companies/", headers=HTMX | {header: value})
        assert answer.status_code == 200
        assert "<!DOCTYPE html>" in text_of(answer)
        assert "HX-Redirect" not in answer.headers


def test_signed_out_browser_shows_nothing_on_the_way_back(alice: User) -> None:
    browser = signed_in(alice)
    assert 'hx-history="false"' in text_of(browser.get("/"))
    browser.post("/accounts/logout/")
    assert browser.get("/companies/").status_code == 302


def test_sign_in_leads_back_to_pages_of_ours_only(client: Client) -> None:
    assert client.get("/deals/?q=a&sort=title")["Location"] == "/accounts/login/?next=/deals/%3Fq%3Da%26sort%3Dtitle"


def test_token_of_an_api_means_nothing_to_a_page(client: Client, alice: User) -> None:
    session = signed_in(alice).session.session_key or ""
    for header in ("X-Parse-Session-Token", "Authorization", "X-Parse-Master-Key", "X-Forwarded-User", "Remote-User"):
        assert client.get("/deals/", headers={header: session}).status_code == 302


def test_form_of_every_class_is_filled_by_the_table(world: World) -> None:
    assert set(filled(world)) >= {"name", "title", "stage", "type", "subject"}
