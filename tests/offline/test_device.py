"""What the server tells a device: what to keep, whose it is, and when to erase it."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from crm_site.offline import assets
from deals.models import Deal
from tests.factories import PASSWORD, make_deal, signed_in
from tests.pages.reading import form_of, text_of

PUBLIC = ("/manifest.webmanifest", "/service-worker.js", "/offline/", "/offline/session/")


def device_of(answer: Any) -> list[str]:
    """Return what the header says: version, person and sign-in."""
    return str(answer["CRM-Device"]).split(" ")


def known(browser: Client) -> dict[str, Any]:
    """Return what the worker is told."""
    text = text_of(browser.get("/service-worker.js"))
    found: dict[str, Any] = json.loads(text.removeprefix("self.CRM = ").partition(";\n")[0])
    return found


def test_manifest_says_what_an_installed_application_needs(client: Client, db: None) -> None:
    del db
    answer = client.get("/manifest.webmanifest")
    assert answer["Content-Type"].startswith("application/manifest+json")
    manifest = json.loads(text_of(answer))
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/", "/", "standalone")
    assert {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]} == {
        (size, purpose) for size in ("192x192", "512x512") for purpose in ("any", "maskable")
    }
    for icon in manifest["icons"]:
        image = Path(str(finders.find(icon["src"].removeprefix("/static/")))).read_bytes()
        width, height = struct.unpack(">II", image[16:24])
        assert (image[:4], f"{width}x{height}") == (b"\x89PNG", icon["sizes"])
    for shortcut in manifest["shortcuts"]:
        assert client.get(shortcut["url"]).status_code == 302  # a page, for who signs in
    page = text_of(client.get("/accounts/login/"))
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page
    assert "apple-touch-icon" in page


def test_worker_is_never_an_old_one_and_names_files_that_are_there(client: Client, db: None) -> None:
    del db
    answer = client.get("/service-worker.js")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("text/javascript; charset=utf-8", "no-cache")
    files = known(client)["files"]
    scripts = json.loads(text_of(answer).partition("importScripts(...")[2].partition(");")[0])
    assert [file for file in [*files, *scripts] if not finders.find(file.removeprefix("/static/"))] == []
    assert {Path(file).name for file in scripts} == {file.name for file in Path("static/worker").glob("*.js")}
    assert not [file for file in files if "admin" in file or "worker" in file or not file.startswith("/static/")]


def test_every_file_of_a_page_is_kept(alice: User) -> None:
    browser = signed_in(alice)
    files = set(known(browser)["files"])
    deal = make_deal(alice)
    for path in ("/", "/deals/", "/deals/board/", f"/deals/{deal.pk}/", f"/deals/{deal.pk}/edit/", "/offline/"):
        asked = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', text_of(browser.get(path))))
        assert asked
        assert asked - files == set(), path
    fonts = re.findall(r'url\("\.\./([^"]+)"', Path("static/css/tokens.css").read_text())
    assert {f"/static/{font}" for font in fonts} <= files


def test_version_is_another_one_when_a_file_is(tmp_path: Path, settings: Settings) -> None:
    before = assets.shell().version
    assets.shell.cache_clear()
    try:
        assert assets.shell().version == before
        base = tmp_path / "base"
        (base / "templates").mkdir(parents=True)
        for file in (Path(settings.BASE_DIR) / "templates").glob("*.html"):
            (base / "templates" / file.name).write_bytes(file.read_bytes() + b" ")
        settings.BASE_DIR = base
        assets.shell.cache_clear()
        assert assets.shell().version != before
    finally:
        assets.shell.cache_clear()


def test_pages_say_whose_they_are(alice: User, bob: User) -> None:
    first, second, his = signed_in(alice), signed_in(alice), signed_in(bob)
    version, person, sign_in = device_of(first.get("/"))
    assert device_of(first.get("/deals/")) == [version, person, sign_in]
    assert device_of(first.get("/nothing/")) == [version, person, sign_in]
    assert device_of(second.get("/"))[:2] == [version, person]
    assert device_of(second.get("/"))[2] != sign_in
    assert device_of(his.get("/"))[1] != person
    assert alice.pk not in person
    assert device_of(Client().get("/accounts/login/")) == [version]
    assert f'data-person="{person}"' in text_of(first.get("/"))
    assert "CRM-Device" not in first.get("/healthz")
    answer = first.get("/offline/session/")
    assert answer["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    told = answer.json()
    assert (told["person"], told["signIn"]) == (person, sign_in)
    assert Client().get("/offline/session/").json()["person"] == ""


@pytest.mark.parametrize("path", PUBLIC)
def test_what_everybody_gets_names_nobody(path: str, alice: User) -> None:
    text = text_of(Client().get(path))
    assert alice.display_name not in text
    assert "data-worker" not in text


def test_what_somebody_else_typed_is_refused(alice: User, bob: User) -> None:
    deal = make_deal(alice, title="Old")
    url = f"/deals/{deal.pk}/edit/"
    browser = signed_in(alice)
    form = form_of(browser.get(url)) | {"title": "New"}
    his = signed_in(bob).get("/offline/session/").json()["person"]
    for person in (his, "", "nonsense"):
        answer = browser.post(url, form, headers={"CRM-Person": person})
        assert answer.status_code == 412
        assert "somebody" in text_of(answer)
    assert Client().post(url, form, headers={"CRM-Person": his}).status_code == 412
    assert Deal.objects.get().title == "Old"
    hers = browser.get("/offline/session/").json()["person"]
    assert browser.post(url, form, headers={"CRM-Person": hers}).status_code == 302
    assert Deal.objects.get().title == "New"


def test_token_of_the_session_sends_a_form(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice, settings.AUTHENTICATION_BACKENDS[0])
    form = form_of(browser.get("/deals/new/")) | {"title": "New"}
    assert browser.post("/deals/new/", form).status_code == 403
    token = browser.get("/offline/session/").json()["token"]
    assert browser.post("/deals/new/", form, headers={"X-CSRFToken": token}).status_code == 302
    assert Deal.objects.count() == 1


@pytest.mark.parametrize("path", ["/accounts/logout/", "/admin/logout/"])
def test_sign_out_erases_the_device(path: str, mira: User) -> None:
    browser = signed_in(mira)
    assert "Clear-Site-Data" not in browser.get("/")
    assert "Clear-Site-Data" not in browser.get("/accounts/logout/")
    answer = browser.post(path)
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in browser.post("/accounts/logout/")  # nobody was signed in
    answer = browser.post("/accounts/login/", {"login": "mira", "password": PASSWORD})
    assert answer.status_code == 302
    assert "Clear-Site-Data" not in answer


def test_page_that_is_fetched_to_be_kept_uses_up_no_message(alice: User) -> None:
    deal, browser = make_deal(alice, title="Old"), signed_in(alice)
    url = f"/deals/{deal.pk}/edit/"
    assert browser.post(url, form_of(browser.get(url)) | {"title": "New"}).status_code == 302
    assert "was saved" not in text_of(browser.get(f"/deals/{deal.pk}/", headers={"CRM-Keep": "1"}))
    assert "was saved" in text_of(browser.get(f"/deals/{deal.pk}/"))


def test_no_worker_while_files_change_under_the_hand(alice: User, settings: Settings) -> None:
    browser = signed_in(alice)
    assert 'data-worker="/service-worker.js"' in text_of(browser.get("/"))
    settings.DEBUG = True
    assert "data-worker" not in text_of(browser.get("/"))
