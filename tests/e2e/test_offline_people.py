"""What is kept on a device is one person's: erased at the sign-out, shown to and sent as nobody else."""

from __future__ import annotations

import json
import re
from html import escape

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from playwright.sync_api import Dialog, expect

from accounts.models import User
from activities.models import Activity
from tests.e2e.device import Device, wait_until
from tests.e2e.waiting import ask
from tests.factories import PASSWORD, make_deal


def sign_in(device: Device, user: User) -> None:
    """Sign in by the page."""
    page = device.page
    page.locator("[name=login]").fill(user.username)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Your account")).to_be_visible()


def end_sessions() -> None:
    """End every session, as time does."""
    Session.objects.all().delete()


def waiting_call(device: Device, alice: User) -> str:
    """Log a call without network."""
    path = make_deal(alice, title="Ten pallets").get_absolute_url()
    device.visit("/", path)
    device.keeps(f"{path}edit/")
    device.cut()
    device.go(path)
    device.log("Called Ann")
    return path


def test_sign_out_erases_everything(device: Device, alice: User) -> None:
    path = make_deal(alice, title="Ten pallets").get_absolute_url()
    device.visit("/", path)
    device.page.get_by_role("button", name="Keep offline").click()
    device.keeps(f"{path}edit/", "/offline/")
    assert [pin["path"] for pin in device.pins()] == [path]
    device.sign_out()
    expect(device.page.get_by_role("heading", level=1)).to_have_text("Sign in")
    wait_until(lambda: (device.pages(), device.queue(), device.pins()) == ([], [], []))
    count = "async () => (await navigator.serviceWorker.getRegistrations()).length"
    assert ask(device.page, count) == 0
    assert not [cookie for cookie in device.page.context.cookies() if cookie["name"] == settings.SESSION_COOKIE_NAME]


def test_sign_out_warns_of_what_was_not_sent(device: Device, alice: User) -> None:
    path = waiting_call(device, alice)
    page = device.page
    asked: list[str] = []

    def refuse(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", refuse)
    device.sign_out()
    assert asked == ["A change that was not sent yet will be lost. Sign out?"]
    expect(page).to_have_url(re.compile(f"{path}$"))
    assert len(device.queue()) == 1
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("Everything that was kept on this device is erased.")).to_be_visible()
    kept = device.kept()
    assert list(kept) == ["shell /offline/"]
    assert device.queue() == []
    device.go(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Offline")
    device.cable.plug()
    device.go("/")  # the server could not be told
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    device.sign_out()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert Activity.objects.count() == 0


def test_sign_out_on_a_kept_page_when_the_network_is_back(device: Device, alice: User) -> None:
    path = make_deal(alice, title="Ten pallets").get_absolute_url()
    device.visit(path)
    device.cut()
    device.go(path)
    page = device.page
    page.get_by_label("Subject").fill("Half typed")  # or the page would show itself anew
    device.reconnect()
    expect(page.locator("[data-note=kept-note]")).to_contain_text("The network is back.")
    page.once("dialog", lambda dialog: dialog.accept())  # what is typed would be lost
    device.sign_out()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    device.go(path)
    expect(device.page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_somebody_else_sees_nothing_of_it(device: Device, alice: User, bob: User) -> None:
    path = make_deal(alice, title="Ten pallets").get_absolute_url()
    device.visit("/deals/", path)
    device.keeps(f"{path}edit/")
    device.sign_out()
    sign_in(device, bob)
    device.settle()
    device.visit("/deals/")
    kept = device.kept()
    assert not [name for name, text in kept.items() if "Ten pallets" in text]
    device.cut()
    device.go(path)
    expect(device.page.get_by_role("heading", level=1)).to_have_text("Offline")


@pytest.mark.parametrize("page_then", ["/", "/offline/"])
def test_session_that_ended_keeps_what_waits(device: Device, alice: User, page_then: str) -> None:
    path = waiting_call(device, alice)
    end_sessions()
    device.reconnect()  # which shows the page anew
    expect(device.page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(device.page.get_by_text("1 change waits on this device")).to_be_visible()
    assert device.pages() == []  # while what can be had again is gone
    assert Activity.objects.count() == 0
    device.cut()
    device.go(path)
    expect(device.page.get_by_role("heading", level=1)).to_have_text("Offline")
    expect(device.page.locator("[data-queue] li")).to_have_count(0)
    device.cable.plug()
    device.go(f"/accounts/login/?next={page_then}")
    expect(device.page.get_by_text("1 change waits on this device")).to_be_visible()
    sign_in(device, alice)
    device.says("All saved")
    assert Activity.objects.get().subject == "Called Ann"
    assert device.queue() == []


def test_session_that_ended_while_somebody_typed(device: Device, alice: User) -> None:
    deal = make_deal(alice, title="Ten pallets", amount=100)
    path = deal.get_absolute_url()
    device.visit(path)
    device.go(f"{path}edit/")
    device.page.get_by_label("Amount").fill("200")
    end_sessions()
    device.press("Save")
    expect(device.page.get_by_text("1 change waits on this device")).to_be_visible()
    sign_in(device, alice)
    device.says("All saved")
    deal.refresh_from_db()
    assert deal.amount == 200


def test_sign_in_elsewhere_makes_the_token_of_a_page_an_old_one(device: Device, alice: User) -> None:
    deal = make_deal(alice, title="Ten pallets", amount=100)
    path = deal.get_absolute_url()
    device.visit(path)
    device.go(f"{path}edit/")
    device.page.get_by_label("Amount").fill("200")
    end_sessions()
    other = Device(device.page.context.new_page(), device.cable)
    other.go("/accounts/login/")
    sign_in(other, alice)
    device.press("Save")
    expect(device.page).to_have_url(re.compile(f"{path}$"))
    expect(device.page.locator(".toast")).to_contain_text("was saved")
    deal.refresh_from_db()
    assert deal.amount == 200


FOREIGN = "http://elsewhere.example/"


@pytest.mark.parametrize("policy", ["unsafe-url", "no-referrer"])
def test_forms_of_another_site_get_no_token(device: Device, alice: User, policy: str) -> None:
    """What a worker sends looks like the site's own; so it must not take what other sites send."""
    deal = make_deal(alice, title="Ten pallets", amount=100)
    path = deal.get_absolute_url()
    device.visit("/", path)
    page = device.page
    device.go(f"{path}edit/")
    version = page.locator("[name=version]").input_value()
    person = page.locator("body").get_attribute("data-person")
    offline = json.dumps({"person": person, "page": path, "what": "", "changes": []})
    sent = {"title": "Forged", "stage": "lead", "version": version, "offline": offline}
    fields = "".join(f"<input name='{name}' value='{escape(value)}'>" for name, value in sent.items())
    html = f"<meta name=referrer content={policy}><form method=post>{fields}<button>Go</button></form>"
    page.context.route(f"{FOREIGN}**", lambda route: route.fulfill(content_type="text/html", body=html))
    for target in (f"{path}edit/", "/accounts/logout/"):
        page.goto(FOREIGN)
        page.locator("form").evaluate("(form, url) => { form.action = url; }", f"{device.cable.url}{target}")
        page.get_by_role("button", name="Go").click()
        expect(page).to_have_url(re.compile(f"^{device.cable.url}"))
    device.go("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")  # still signed in
    deal.refresh_from_db()
    assert deal.title == "Ten pallets"
    assert device.queue() == []
    assert f"pages {path}" in device.pages()


def test_nothing_is_sent_as_somebody_else(device: Device, alice: User, bob: User) -> None:
    waiting_call(device, alice)
    end_sessions()
    device.cable.plug()
    device.go("/accounts/login/")
    sign_in(device, bob)
    device.settle()
    device.says("All saved")
    device.go("/offline/")
    expect(device.page.get_by_text("Nothing waits.")).to_be_visible()
    device.reconnect()
    device.says("All saved")
    assert Activity.objects.count() == 0
    assert len(device.queue()) == 1  # of alice, until she is back or somebody signs out
    asked: list[str] = []

    def refuse(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    device.page.once("dialog", refuse)
    device.sign_out()
    assert asked == ["A change that was not sent yet, of somebody else on this device, will be lost. Sign out?"]
    assert len(device.queue()) == 1
    device.go("about:blank")  # an open page would go and sign in by itself
    end_sessions()
    device.go("/")
    sign_in(device, alice)
    device.says("All saved")
    assert Activity.objects.get().created_by == alice


def test_page_of_one_is_not_sent_by_another(device: Device, alice: User, bob: User) -> None:
    path = make_deal(alice, title="Ten pallets").get_absolute_url()
    device.visit(path)
    device.cut()
    device.go(path)  # a kept page of alice's stays open while bob signs in elsewhere in the browser
    form = device.page.locator("form.quick-log")
    form.get_by_label("Subject").fill("By alice")
    device.cable.plug()
    end_sessions()
    other = Device(device.page.context.new_page(), device.cable)
    other.go("/accounts/login/")
    sign_in(other, bob)
    form.get_by_role("button", name="Log activity").click()
    expect(device.page).to_have_url(re.compile("/offline/$"))
    wait_until(lambda: len(device.queue()) == 1)
    assert Activity.objects.count() == 0
    expect(device.page.get_by_text("Nothing waits.")).to_be_visible()
