"""Without network: edits and logged calls wait on the device and are sent when it is back, in order, each once."""

from __future__ import annotations

import re
from collections import Counter

from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from activities.models import Activity
from contacts.models import Contact
from deals.models import Deal
from records.access import share
from records.models import Change, Record
from tests.e2e.device import Device, wait_until
from tests.e2e.waiting import ask
from tests.factories import make_activity, make_contact, make_deal


def updates(record: Record) -> int:
    """Return how often somebody changed a record."""
    return Change.objects.of(record).filter(operation="update", actor__isnull=False).count()


def test_edit_and_call_are_sent_once(device: Device, alice: User) -> None:
    deal = make_deal(alice, title="Ten pallets", amount=100)
    path = deal.get_absolute_url()
    device.visit(path)
    device.keeps(f"{path}edit/")
    device.cut()
    device.edit(path, amount="4321", notes="Typed <b>offline</b>\nin two lines")
    device.says("Offline, 1 change waiting")
    expect(device.page.locator("[data-note=waiting-note]")).to_contain_text("Amount: 4321; Notes: Typed <b>offline</b>")
    device.log("Called Ann", "She said yes & no")
    device.says("Offline, 2 changes waiting")
    deal.refresh_from_db()
    assert (deal.amount, Activity.objects.count()) == (100, 0)

    device.reconnect()
    device.says("All saved")
    expect(device.page.locator(".toast")).to_contain_text(["was saved", "was logged"])  # the page is shown anew
    expect(device.page.locator("[data-note=waiting-note]")).to_have_count(0)
    deal.refresh_from_db()
    assert (deal.title, deal.amount, deal.notes) == ("Ten pallets", 4321, "Typed <b>offline</b>\r\nin two lines")
    activity = Activity.objects.get()
    assert (activity.subject, activity.description) == ("Called Ann", "She said yes & no")
    assert (activity.related_deal, activity.created_by, activity.type) == (deal, alice, "call")
    assert activity.completed_at is not None
    assert updates(deal) == 1
    assert device.queue() == []
    device.reconnect()
    device.go(path)
    device.says("All saved")
    assert (Activity.objects.count(), updates(deal)) == (1, 1)
    sent = Counter(device.cable.asked)
    assert (sent[f"POST {path}edit/"], sent["POST /activities/log/"]) == (1, 1)


def test_each_filling_in_of_a_kept_form_counts(device: Device, alice: User) -> None:
    contact = make_contact(alice, name="Ann")
    path = contact.get_absolute_url()
    device.visit(path, "/contacts/", "/contacts/new/")
    device.cut()
    for subject in ("First call", "Second call", "Second call"):
        device.go(path)
        device.log(subject)
    device.go("/contacts/new/")
    device.page.get_by_label("Name").fill("Made offline")
    device.press("Create contact")
    expect(device.page).to_have_url(re.compile("/contacts/$"))
    device.says("Offline, 4 changes waiting")
    device.reconnect()
    device.says("All saved")
    subjects = Activity.objects.order_by("created_at").values_list("subject", flat=True)
    assert list(subjects) == ["First call", "Second call", "Second call"]
    made = Contact.objects.get(name="Made offline")
    assert made.created_by == alice


def test_form_sent_twice_from_one_page_waits_once(device: Device, alice: User) -> None:
    path = make_deal(alice, title="Ten pallets").get_absolute_url()
    device.visit(path)
    device.cut()
    device.log("Only call")  # from the page that the server had sent
    twice = "rows => { const [row] = rows; return JSON.stringify(row.fields); }"
    assert device.page.evaluate(twice, device.queue())
    fields = device.queue()[0]
    device.page.evaluate(
        """({ url, fields, ...about }) => {
          const form = Object.assign(document.createElement("form"), { method: "post", action: url });
          for (const [name, value] of [...fields, ["offline", JSON.stringify(about)], ["csrfmiddlewaretoken", "x"]])
            form.append(Object.assign(document.createElement("input"), { name, value }));
          document.body.append(form);
          form.submit();
        }""",
        fields,
    )
    device.says("Offline, 1 change waiting")
    assert len(device.queue()) == 1
    device.reconnect()
    device.says("All saved")
    assert Activity.objects.count() == 1


def test_later_edit_of_a_kept_form_comes_on_top(device: Device, alice: User) -> None:
    deal = make_deal(alice, title="Ten pallets", amount=100, probability=10)
    path = deal.get_absolute_url()
    device.visit(path)
    device.keeps(f"{path}edit/")
    device.cut()
    device.edit(path, amount="200", notes="First")
    device.edit(path, notes="Second", probability="20")
    device.says("Offline, 1 change waiting")
    device.go("/offline/")
    row = device.page.locator("[data-queue] li")
    expect(row).to_have_count(1)
    expect(row.locator("ins")).to_have_text(["200", "20", "Second"])
    device.reconnect()
    device.says("All saved")
    deal.refresh_from_db()
    assert (deal.amount, deal.notes, deal.probability) == (200, "Second", 20)
    assert updates(deal) == 1


def test_answer_that_was_lost_counts_once(device: Device, alice: User) -> None:
    deal = make_deal(alice, title="Ten pallets", amount=100)
    path = deal.get_absolute_url()
    device.visit(path)
    device.keeps(f"{path}edit/")
    device.cable.lose_answer("POST /activities/log/")
    device.log("Called Ann")
    assert device.cable.lost.is_set()
    wait_until(lambda: Activity.objects.count() == 1)  # it has reached the server, but nobody here knows
    device.says("Offline, 1 change waiting")
    device.cable.plug()
    device.go(path)
    device.says("All saved")

    device.go(f"{path}edit/")
    device.page.get_by_label("Amount").fill("200")
    device.cable.lose_answer(f"POST {path}edit/")
    device.press("Save")
    expect(device.page.locator("[data-note=waiting-note]")).to_contain_text("Amount: 200")
    wait_until(lambda: Deal.objects.get().amount == 200)
    Deal.objects.filter(pk=deal.pk).update(notes="By somebody, meanwhile")
    device.reconnect()
    device.says("All saved")
    assert (Activity.objects.count(), updates(deal)) == (1, 1)
    deal.refresh_from_db()
    assert (deal.amount, deal.notes) == (200, "By somebody, meanwhile")
    assert device.cable.asked.count(f"POST {path}edit/") == 2


def test_answer_that_is_lost_again_and_again(device: Device, alice: User) -> None:
    deal = make_deal(alice, title="Ten pallets", amount=100)
    path = deal.get_absolute_url()
    device.visit(path)
    device.keeps(f"{path}edit/")
    device.cut()
    device.edit(path, amount="200")
    device.log("Called Ann")
    for request in (f"POST {path}edit/", "POST /activities/log/"):
        device.cable.lose_answer(request)
        device.reconnect()
        assert device.cable.lost.wait(10)
        device.says(f"Offline, {'2 changes' if 'edit' in request else '1 change'} waiting")
    device.reconnect()
    device.says("All saved")
    deal.refresh_from_db()
    assert (deal.amount, updates(deal), Activity.objects.count()) == (200, 1, 1)


def test_two_tabs_send_each_change_once(device: Device, alice: User) -> None:
    deal = make_deal(alice, title="Ten pallets", amount=100)
    path = deal.get_absolute_url()
    device.visit(path)
    device.keeps(f"{path}edit/")
    other = Device(device.page.context.new_page(), device.cable)
    other.visit(path)
    device.cut()
    device.edit(path, amount="200")
    for number, tab in enumerate((device, other, device, other)):
        tab.go(path)
        tab.log(f"Call {number}")
    other.says("Offline, 5 changes waiting")
    device.says("Offline, 5 changes waiting")
    device.cable.plug()
    both = "() => { window.dispatchEvent(new Event('online')); location.reload(); }"
    for tab in (device, other):
        ask(tab.page, both)
    for tab in (device, other):
        tab.says("All saved")
    assert sorted(Activity.objects.values_list("subject", flat=True)) == [f"Call {number}" for number in range(4)]
    deal.refresh_from_db()
    assert (deal.amount, updates(deal)) == (200, 1)
    sent = Counter(device.cable.asked)
    assert (sent[f"POST {path}edit/"], sent["POST /activities/log/"]) == (1, 4)


def test_what_the_server_refuses_stays_until_it_is_dealt_with(device: Device, alice: User, bob: User) -> None:
    deal, kept = make_deal(bob, title="Bob's"), make_deal(alice, title="Ten pallets")
    share(deal, alice, ("view", "change"))
    path, own = deal.get_absolute_url(), kept.get_absolute_url()
    device.visit(path, own)
    device.keeps(f"{path}edit/", f"{own}edit/")
    device.cut()
    device.edit(path, notes="No right to")
    device.go(own)
    page = device.page
    form = page.locator("form.quick-log")
    form.get_by_label("Subject").fill("Call again")
    form.get_by_text("Due later").click()  # the server wants to know when
    form.get_by_role("button", name="Log activity").click()
    device.says("Offline, 2 changes waiting")
    device.log("Good call")
    share(deal, alice, ("view",))
    device.reconnect()
    device.says("2 changes need you")
    assert Activity.objects.get().subject == "Good call"  # what is wrong does not hold up the rest
    device.state.click()
    rows = page.locator("[data-queue] li")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("you may no longer do this")
    expect(rows.first).to_contain_text("No right to")
    rows.nth(1).get_by_role("button", name="Mend").click()
    expect(page.locator(".error-summary")).to_contain_text("Say when it is due.")
    page.get_by_label("Due", exact=True).fill("2030-01-01T10:00")
    page.get_by_role("button", name="Log activity").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ten pallets")
    device.says("1 change needs you")
    assert Activity.objects.filter(subject="Call again", related_deal=kept).count() == 1
    device.go("/offline/")
    page.once("dialog", lambda dialog: dialog.accept())
    rows.first.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("Nothing waits.")).to_be_visible()
    device.says("All saved")
    deal.refresh_from_db()
    assert deal.notes is None


def test_activities_are_ticked_off(device: Device, alice: User) -> None:
    calls = [make_activity(alice, subject=subject, due_date=timezone.now()) for subject in ("One", "Two", "Three")]
    device.visit("/")
    device.cut()
    page = device.page
    for mark in ("Mark “One” as done", "Mark “Two” as done"):
        device.go("/")
        page.get_by_role("button", name=mark).click()
        expect(page.locator("[data-note=waiting-note]")).to_contain_text(mark)
    device.says("Offline, 2 changes waiting")
    device.reconnect()
    device.says("All saved")
    expect(page.get_by_role("button", name="Mark “One” as done")).to_have_count(0)
    done = [Activity.objects.get(pk=call.pk).completed_at is not None for call in calls]
    assert done == [True, True, False]


def test_form_that_cannot_wait_says_so(device: Device, alice: User) -> None:
    deal = make_deal(alice, title="Ten pallets")
    path = deal.get_absolute_url()
    device.visit("/", path)
    device.go(f"{path}delete/")
    device.cut()
    device.press("Delete deal")
    expect(device.page.get_by_text("Nothing was sent: this needs the network.")).to_be_visible()
    assert device.queue() == []
    assert Deal.objects.count() == 1
