"""Without network: what was opened last and what is pinned can be read, and nothing that is not to be kept is."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from accounts.models import User
from deals.models import Deal
from records.access import share
from tests.e2e.conftest import OpenAs
from tests.e2e.device import Device, wait_until
from tests.factories import make_activity, make_company, make_contact, make_deal

AS_OF = re.compile(r"^\s*No network\. This page is as of \d+ \w+ \d{4}, \d\d:\d\d\.\s*$")
PLAIN = "The page you asked for is not kept on this device."


def test_what_was_opened_can_be_read(device: Device, alice: User) -> None:
    company = make_company(alice, name="Acme & <Sons>")
    contact = make_contact(alice, name="Ann Acme", company=company)
    deal = make_deal(alice, title="Ten pallets", company=company, contact=contact, amount=1234)
    activity = make_activity(alice, subject="Call Ann", related_deal=deal)
    opened = [record.get_absolute_url() for record in (company, contact, deal, activity)]
    device.visit("/", "/deals/", "/deals/board/", *opened)
    device.keeps(*(f"{path}edit/" for path in opened))
    device.cut()
    page = device.page
    for path, text in zip(opened, ("Acme & <Sons>", "Ann Acme", "Ten pallets", "Call Ann"), strict=True):
        device.go(path)
        expect(page.get_by_role("heading", level=1)).to_have_text(text)
        expect(page.locator("[data-note=kept-note]")).to_have_text(AS_OF, use_inner_text=True)
        device.says("Offline")
    for path, text in (("/", "Home"), ("/deals/", "Deals"), ("/deals/board/", "Ten pallets")):
        device.go(path)
        expect(page.locator("main")).to_contain_text(text)
    device.go(f"{opened[2]}edit/")
    expect(page.get_by_label("Amount")).to_have_value("1234")
    # its styles and scripts are there as well
    assert page.evaluate("() => getComputedStyle(document.querySelector('.sidebar')).position") == "sticky"
    device.go("/offline/")
    names = ["Call Ann", "Ten pallets", "Ann Acme", "Acme & <Sons>", "Board · Deals", "Deals", "Home"]
    expect(page.locator("[data-kept-pages] a")).to_have_text(names)
    page.get_by_role("link", name="Acme & <Sons>").click()
    expect(page).to_have_url(re.compile(f"{opened[0]}$"))


def test_what_was_not_opened_says_so(device: Device, alice: User) -> None:
    deal = make_deal(alice, title="Ten pallets")
    device.visit("/deals/?stage=open", "/contacts/")
    device.cut()
    page = device.page
    device.go(deal.get_absolute_url())
    expect(page.get_by_role("heading", level=1)).to_have_text("Offline")
    expect(page.get_by_text(PLAIN)).to_be_visible()
    device.go("/deals/")  # the list as it was last seen, under the address that it then had
    expect(page).to_have_url(re.compile(r"/deals/\?stage=open$"))
    device.go("/profile/")
    expect(page.get_by_text(PLAIN)).to_be_visible()
    device.reconnect()
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Profile")
    device.says("All saved")


def test_pinned_records_stay_and_others_make_room(device: Device, alice: User) -> None:
    pinned = make_contact(alice, name="Kept Ann").get_absolute_url()
    others = [make_deal(alice, title=f"Deal {number}").get_absolute_url() for number in range(51)]
    device.visit(pinned)
    button = device.page.get_by_role("button", name="Keep offline")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    for path in others:
        ask = "path => navigator.serviceWorker.controller.postMessage({ op: 'keep', path })"
        device.page.evaluate(ask, path)
        device.keeps(path)
    device.visit("/deals/")
    wait_until(lambda: f"pages {others[0]}" not in device.names())
    assert f"pages {others[0]}edit/" not in device.names()
    assert f"pages {others[1]}" in device.names()
    device.cut()
    device.go("/offline/")
    first = device.page.locator("[data-kept-pages] li").first
    expect(first).to_contain_text("Kept Ann")
    expect(first.get_by_text("Kept", exact=True)).to_be_visible()
    first.get_by_role("link").click()
    expect(device.page.get_by_role("heading", level=1)).to_have_text("Kept Ann")
    button = device.page.get_by_role("button", name="Keep offline")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")


def test_records_that_may_not_be_seen_any_more_go(device: Device, alice: User, bob: User) -> None:
    deals = [make_deal(bob, title=f"Deal {number}") for number in range(2)]
    for deal in deals:
        share(deal, alice, ("view", "change"))
    first, second = (deal.get_absolute_url() for deal in deals)
    device.visit(first, second)
    device.keeps(f"{first}edit/", f"{second}edit/")
    share(deals[0], alice, ())
    share(deals[1], alice, ("view",))
    device.go(first)
    expect(device.page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
    device.go(second)
    wait_until(lambda: not {f"pages {first}", f"pages {first}edit/", f"pages {second}edit/"} & device.names())
    device.page.evaluate(
        """id => document.dispatchEvent(new CustomEvent("live:changes",
            { detail: [{ class: "Deal", id, what: "gone", version: "", by: "", mine: false, about: [] }] }))""",
        deals[1].pk,
    )
    wait_until(lambda: f"pages {second}" not in device.names())


def test_only_pages_of_records_are_kept_without_anything_secret(device: Device, alice: User) -> None:
    deal = make_deal(alice, title="Ten pallets")
    path = deal.get_absolute_url()
    device.visit("/", "/deals/", path)
    device.keeps(f"{path}edit/", "/offline/")
    page = device.page
    for other in ("/profile/", f"{path}sharing/", f"{path}history/", f"{path}delete/", "/search/?q=ten", "/nothing/"):
        device.go(other)
    device.go("/deals/new/")
    page.get_by_label("Title").fill("x" * 500)
    page.get_by_label("Amount").fill("a lot")
    device.press("Create deal")
    expect(page.locator(".error-summary")).to_be_visible()
    device.keeps("/deals/new/")
    kept = device.kept()
    assert {name for name in kept if name.startswith("pages")} == {
        f"pages {kept_path}" for kept_path in ("/", "/deals/", "/deals/new/", "/offline/", path, f"{path}edit/")
    }
    assert "error-summary" not in kept["pages /deals/new/"]
    assert "Alice" not in kept["shell /offline/"]
    for name, text in kept.items():
        assert not re.search(r'csrfmiddlewaretoken" value="[^"]|X-CSRFToken": "[^"]', text), name
        if name.startswith("pages"):
            assert 'data-kept="' in text, name
    cookies = {cookie["value"] for cookie in page.context.cookies()}
    assert len(cookies) == 2
    assert not [name for name, text in kept.items() if any(value in text for value in cookies)]


def test_kept_page_offers_nothing_that_needs_the_network(device: Device, alice: User) -> None:
    path = make_deal(alice, title="Ten pallets").get_absolute_url()
    device.visit(path)
    device.cut()
    device.go(path)
    page = device.page
    expect(page.locator(".stage-path button, .path button").first).to_be_disabled()
    expect(page.get_by_role("button", name="Log activity")).to_be_enabled()
    expect(page.locator("[data-sign-out] button")).to_be_enabled()
    page.get_by_label("Subject").fill("Half typed")
    device.reconnect()
    expect(page.locator("[data-note=kept-note]")).to_contain_text("The network is back.")
    expect(page.get_by_label("Subject")).to_have_value("Half typed")
    page.once("dialog", lambda dialog: dialog.accept())  # what is typed would be lost
    page.get_by_role("link", name="Show it as it is now").click()
    expect(page.locator("[data-note=kept-note]")).to_have_count(0)


def test_kept_page_is_renewed_when_the_network_is_back(device: Device, alice: User) -> None:
    deal = make_deal(alice, title="Ten pallets")
    device.visit(deal.get_absolute_url())
    device.cut()
    device.go(deal.get_absolute_url())
    expect(device.page.locator("[data-note=kept-note]")).to_be_visible()
    Deal.objects.filter(pk=deal.pk).update(title="Twelve pallets")
    device.reconnect()
    expect(device.page.get_by_role("heading", level=1)).to_have_text("Twelve pallets")
    expect(device.page.locator("[data-note=kept-note]")).to_have_count(0)


def test_browser_that_says_it_is_offline(device: Device, alice: User) -> None:
    path = make_deal(alice, title="Ten pallets").get_absolute_url()
    device.visit(path)
    device.page.context.set_offline(True)
    device.cut()
    device.says("Offline")
    device.go(path)
    expect(device.page.get_by_role("heading", level=1)).to_have_text("Ten pallets")
    device.cable.plug()
    device.page.context.set_offline(False)
    device.says("All saved")


def test_site_works_where_no_worker_can_run(open_as: OpenAs, alice: User) -> None:
    page = open_as(alice, service_workers="block")
    page.add_init_script("delete Navigator.prototype.serviceWorker")
    path = make_deal(alice, title="Ten pallets").get_absolute_url()
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ten pallets")
    expect(page.locator("[data-sync]")).to_be_hidden()
    expect(page.get_by_role("button", name="Keep offline")).to_be_hidden()
    page.goto("/offline/")
    expect(page.get_by_text("Nothing is kept on this device.")).to_be_visible()
