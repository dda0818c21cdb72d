"""What the device shows while there is no network: for everybody, on a desk and on a phone, and installable."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.models import User
from tests.e2e.cable import Cable
from tests.e2e.conftest import SCREENS, OpenAs
from tests.e2e.device import Device
from tests.e2e.test_every_page import look
from tests.factories import make_contact, make_deal, signed_in
from tests.pages.reading import form_of

LONG = "Unbreakable" * 18


def test_every_state_is_for_everybody(device: Device, alice: User, mira: User) -> None:
    deal, contact = make_deal(alice, title=LONG, amount=100), make_contact(alice, name="Ann")
    path, other = deal.get_absolute_url(), contact.get_absolute_url()
    device.visit("/", path, other)
    device.keeps(f"{path}edit/", f"{other}edit/")
    device.page.get_by_role("button", name="Keep offline").click()
    expect(device.page.get_by_role("button", name="Keep offline")).to_have_attribute("aria-pressed", "true")
    device.cut()
    problems = []
    device.edit(path, amount="150", notes=LONG)
    device.go(other)
    device.log("Called Ann", LONG)
    problems += look(device.page, "a kept page")
    device.go("/offline/")
    expect(device.page.locator("[data-queue] li")).to_have_count(2)
    problems += look(device.page, "what waits")
    device.go("/profile/")
    problems += look(device.page, "what is not kept")
    browser, url = signed_in(mira), f"{path}edit/"
    assert browser.post(url, form_of(browser.get(url)) | {"amount": "200"}).status_code == 302
    device.reconnect()
    device.says("1 change needs you")
    device.go("/offline/")
    problems += look(device.page, "what needs somebody")
    device.page.get_by_role("button", name="Choose").click()
    expect(device.page.locator(".versions")).to_be_visible()
    problems += look(device.page, "a choice")
    assert not problems, "\n".join(problems)


@pytest.fixture
def phone(open_as: OpenAs, cable: Cable, alice: User) -> Device:
    """Return a phone of alice's, at the end of the cable."""
    options: dict[str, Any] = SCREENS["phone"] | {"base_url": cable.url, "service_workers": "allow"}
    return Device(open_as(alice, without_network=True, **options), cable)


def test_phone_by_finger(phone: Device, alice: User) -> None:
    path = make_deal(alice, title="Ten pallets").get_absolute_url()
    phone.visit(path)
    phone.cut()
    phone.go(path)
    phone.log("Called Ann")
    expect(phone.state).to_have_attribute("title", "Offline, 1 change waiting")
    expect(phone.state.locator("[data-sync-count]")).to_have_text("1")
    phone.state.tap()
    expect(phone.page.locator("[data-queue] li")).to_contain_text("Called Ann")


def test_keyboard_and_screen_reader(device: Device, alice: User) -> None:
    path = make_deal(alice, title="Ten pallets").get_absolute_url()
    device.visit(path)
    page = device.page
    says = page.locator("[data-sync-says]")
    expect(says).to_have_text("")  # nobody has to hear that all is well
    device.cut()
    device.go(path)
    expect(says).to_have_text("Offline")
    page.get_by_label("Subject").focus()
    page.keyboard.type("Called Ann")
    page.keyboard.press("Enter")
    expect(says).to_have_text("Offline, 1 change waiting")
    device.state.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/offline/$"))
    device.reconnect()
    expect(says).to_have_text("All saved")


def test_site_can_be_installed(device: Device) -> None:
    device.visit("/")
    session = device.page.context.new_cdp_session(device.page)
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert json.loads(manifest["data"])["name"] == "CRM"
    problems = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [problem["errorId"] for problem in problems if problem["errorId"] != "in-incognito"] == []
