"""An edit made without network of a record that somebody else changed meanwhile: every field is a choice."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from accounts.models import User
from deals.models import Deal
from records.models import Change
from tests.e2e.device import Device
from tests.factories import make_company, make_deal, signed_in
from tests.pages.reading import form_of


def changed_by(user: User, deal: Deal, **values: str) -> None:
    """Let somebody else save the deal."""
    browser, url = signed_in(user), f"/deals/{deal.pk}/edit/"
    assert browser.post(url, form_of(browser.get(url)) | values).status_code == 302


def edited_offline(device: Device, deal: Deal, **values: str) -> str:
    """Edit the deal without network."""
    path = deal.get_absolute_url()
    device.visit(path)
    device.keeps(f"{path}edit/")
    device.cut()
    device.edit(path, **values)
    return path


def test_conflict_is_a_choice_for_each_field(device: Device, alice: User, mira: User) -> None:
    acme = make_company(alice, name="Acme")
    deal = make_deal(alice, title="Old", amount=100, company=acme, probability=10)
    path = edited_offline(device, deal, title="Mine", amount="150", probability="20", notes="My notes")
    changed_by(mira, deal, title="Hers", amount="200", stage="proposal")
    device.reconnect()
    device.says("1 change needs you")
    deal.refresh_from_db()
    assert (deal.title, deal.amount, deal.notes) == ("Hers", 200, None)
    page = device.page
    device.state.press("Enter")
    row = page.locator("[data-queue] li")
    expect(row).to_contain_text("Somebody else changed it meanwhile")
    expect(row.locator("dt")).to_have_text(["Title", "Amount", "Probability", "Notes"])
    row.get_by_role("button", name="Choose").press("Enter")

    expect(page.locator("#conflict-title")).to_contain_text("Mira changed this")
    expect(page.locator(".differs th")).to_contain_text(["Title", "Amount", "Stage", "Probability", "Notes"])
    for name, which in (("Stage", "Saved now"), ("Probability", "Yours"), ("Notes", "Yours")):
        expect(page.get_by_role("radio", name=f"{name} {which}")).to_be_checked()
    device.press("Save")
    expect(page).to_have_url(re.compile(r"/edit/\?queued=\d+$"))  # two choices are open
    page.get_by_role("radio", name="Title Saved now").check()
    page.get_by_role("radio", name="Amount Yours").check()
    device.press("Save")
    expect(page).to_have_url(re.compile(f"{path}$"))
    device.says("All saved")
    assert device.queue() == []
    deal.refresh_from_db()
    assert (deal.title, deal.amount, deal.stage, deal.probability) == ("Hers", 150, "proposal", 20)
    assert (deal.notes, deal.company) == ("My notes", acme)
    actors = Change.objects.of(deal).filter(operation="update", actor__isnull=False).values_list("actor", flat=True)
    assert list(actors) == [alice.pk, mira.pk]


def test_choice_can_wait_as_well(device: Device, alice: User, mira: User) -> None:
    deal = make_deal(alice, title="Old", amount=100)
    path = edited_offline(device, deal, amount="150")
    changed_by(mira, deal, amount="200")
    device.reconnect()
    device.says("1 change needs you")
    device.go("/offline/")
    page = device.page
    page.get_by_role("button", name="Choose").click()
    page.get_by_role("radio", name="Amount Yours").check()
    device.cut()
    device.press("Save")
    expect(page).to_have_url(re.compile(f"{path}$"))
    device.says("Offline, 1 change waiting")
    assert len(device.queue()) == 1
    device.reconnect()
    device.says("All saved")
    deal.refresh_from_db()
    assert deal.amount == 150


def test_third_version_is_asked_again(device: Device, alice: User, mira: User) -> None:
    deal = make_deal(alice, title="Old", amount=100)
    edited_offline(device, deal, amount="150")
    changed_by(mira, deal, amount="200")
    device.reconnect()
    device.says("1 change needs you")
    device.go("/offline/")
    page = device.page
    page.get_by_role("button", name="Choose").click()
    page.get_by_role("radio", name="Amount Yours").check()
    changed_by(mira, deal, amount="300", notes="Hers")
    device.press("Save")
    expect(page.locator(".versions tr").filter(has_text="Amount").locator("td")).to_have_text(["$300", "$150"])
    device.go("/offline/")
    expect(page.locator("[data-queue] li")).to_have_count(1)  # nothing is lost by walking away
    page.get_by_role("button", name="Choose").click()
    page.get_by_role("radio", name="Amount Saved now").check()
    device.press("Save")
    device.says("All saved")
    deal.refresh_from_db()
    assert (deal.amount, deal.notes) == (300, "Hers")


def test_changes_can_be_dropped(device: Device, alice: User, mira: User) -> None:
    deal = make_deal(alice, title="Old", amount=100)
    edited_offline(device, deal, amount="150")
    changed_by(mira, deal, amount="200")
    device.reconnect()
    device.says("1 change needs you")
    device.go("/offline/")
    page = device.page
    page.get_by_role("button", name="Choose").click()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="drop your changes").click()
    expect(page.get_by_label("Amount")).to_have_value("200")
    device.says("All saved")
    assert device.queue() == []


def test_same_change_by_somebody_else_is_no_choice(device: Device, alice: User, mira: User) -> None:
    deal = make_deal(alice, title="Old", amount=100)
    edited_offline(device, deal, amount="150")
    changed_by(mira, deal, amount="150")
    device.reconnect()
    device.says("1 change needs you")
    device.go("/offline/")
    page = device.page
    page.get_by_role("button", name="Choose").click()
    expect(page.locator(".differs")).to_have_count(0)
    device.press("Save")
    device.says("All saved")
