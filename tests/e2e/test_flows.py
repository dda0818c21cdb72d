"""What people do all day, in a real browser: on a desk with and without JavaScript, and on a phone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from activities.models import Activity
from companies.models import Company
from contacts.models import Contact
from deals.models import Deal
from records.access import may
from tests.e2e.conftest import OpenAs
from tests.e2e.waiting import picker
from tests.factories import make_activity, make_company, make_contact, make_deal

Screen = dict[str, Any]
FORBIDDEN, MISSING = 403, 404


def press(page: Page, name: str) -> None:
    """Press the button of that name on the sheet."""
    page.locator("main").get_by_role("button", name=name, exact=True).last.click()


def pick(page: Page, label: str, text: str, screen: Screen) -> None:
    """Choose a record in a picker: by typing, or with the narrowed list where there is no JavaScript."""
    if screen.get("java_script_enabled", True):
        picker(page, label).fill(text)
        page.get_by_role("option", name=text).first.click()
        return
    field = page.get_by_role("combobox", name=label)
    without_script = page.locator(".picker").filter(has=field)
    without_script.get_by_label("Narrow the list").fill(text)
    without_script.get_by_role("button", name="Find").click()
    option = field.locator("option").filter(has_text=text)
    field.select_option(str(option.first.get_attribute("value")))


def said(page: Page, text: str) -> None:
    """Expect a message."""
    expect(page.get_by_role("status")).to_contain_text(text)


def test_company_contact_and_deal(open_as: OpenAs, alice: User, screen: Screen) -> None:
    page = open_as(alice, **screen)
    page.goto("/companies/")
    page.locator("main").get_by_role("link", name="New company").first.click()
    page.get_by_label("Name").fill("Northwind <b>Traders</b>")
    page.get_by_label("Website").fill("northwind.example")
    press(page, "Create company")
    expect(page.get_by_role("heading", level=1)).to_have_text("Northwind <b>Traders</b>")
    said(page, "was created")

    page.goto("/contacts/new/")
    page.get_by_label("Name").fill("Nancy Davolio")
    if screen.get("java_script_enabled", True):
        picker(page, "Company").fill("Brand New Inc")
        page.get_by_role("option", name="Create “Brand New Inc”").click()
    else:
        page.get_by_label("or make a new company").fill("Brand New Inc")
    press(page, "Create contact")
    expect(page.locator("main")).to_contain_text("Brand New Inc")
    assert Contact.objects.get().company == Company.objects.get(name="Brand New Inc")

    page.goto("/deals/new/")
    page.get_by_label("Title").fill("Ten pallets")
    pick(page, "Company", "Northwind", screen)
    pick(page, "Contact", "Nancy Davolio", screen)
    page.get_by_label("Amount").fill("12,500.50")
    page.get_by_label("Stage").select_option(label="Proposal")
    press(page, "Create deal")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ten pallets")
    expect(page.locator("main")).to_contain_text("$12,500.50")
    deal = Deal.objects.get()
    assert (deal.contact, deal.stage, deal.assigned_to) == (Contact.objects.get(), "proposal", alice)


def test_activities(open_as: OpenAs, alice: User, screen: Screen) -> None:
    deal = make_deal(alice, title="Ten pallets")
    page = open_as(alice, **screen)
    page.goto(deal.get_absolute_url())
    log = page.get_by_role("form", name="Log an activity")
    log.locator("label").filter(has_text="Meeting").click()
    log.get_by_label("Subject").fill("Walked the hall")
    press(page, "Log activity")
    expect(page.locator(".timeline li.is-done")).to_contain_text("Walked the hall")

    log.locator("label").filter(has_text="Due later").click()
    log.get_by_label("Subject").fill("Send the offer")
    later = (timezone.now() + timedelta(days=3)).strftime("%Y-%m-%dT09:00")
    log.get_by_label("Due", exact=True).fill(later)
    press(page, "Log activity")
    tick = page.get_by_role("button", name="Mark “Send the offer” as done")
    expect(tick).to_be_visible()
    tick.click()
    expect(page.get_by_role("button", name="Mark “Send the offer” as not done")).to_be_visible()
    expect(page).to_have_url(re.compile(deal.get_absolute_url()))
    done = Activity.objects.order_by("created_at")
    assert [(row.type, bool(row.completed_at), bool(row.due_date)) for row in done] == [
        ("meeting", True, False),
        ("call", True, True),
    ]


def test_tick_off_on_the_home_page(open_as: OpenAs, alice: User, screen: Screen) -> None:
    make_activity(alice, subject="Call back", due_date=timezone.now() - timedelta(days=1))
    page = open_as(alice, **screen)
    page.goto("/")
    page.get_by_role("button", name="Mark “Call back” as done").click()
    expect(page.locator("main")).to_contain_text("Nothing is due")


def test_share_and_take_back(open_as: OpenAs, alice: User, bob: User, screen: Screen) -> None:
    deal = make_deal(alice, title="Ten pallets")
    page, other = open_as(alice, **screen), open_as(bob, **screen)
    assert (answer := other.goto(deal.get_absolute_url()))
    assert answer.status == MISSING

    page.goto(deal.get_absolute_url())
    page.locator("main").get_by_role("link", name="Share", exact=True).click()
    pick(page, "Share with", "Bob", screen)
    press(page, "Share")
    said(page, "Bob can now view “Ten pallets”")

    other.goto("/deals/")
    other.get_by_role("link", name="Ten pallets").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Ten pallets")
    sheet = other.locator("main")
    for name in ("Edit", "Share", "Delete", "Hand over"):
        expect(sheet.get_by_role("link", name=name, exact=True)).to_have_count(0)
    expect(sheet.get_by_role("button", name="More actions")).to_have_count(0)
    assert (answer := other.goto(f"{deal.get_absolute_url()}edit/"))
    assert answer.status == FORBIDDEN
    expect(other.get_by_role("heading", level=1)).to_have_text("You may not do this")

    page.get_by_role("button", name="Take access back from Bob").click()
    said(page, "Bob no longer has access")
    assert (answer := other.goto(deal.get_absolute_url()))
    assert answer.status == MISSING
    expect(other.get_by_role("heading", level=1)).to_have_text("There is nothing here")


def test_hand_over(open_as: OpenAs, alice: User, bob: User, screen: Screen) -> None:
    deal = make_deal(alice, title="Ten pallets")
    page = open_as(alice, **screen)
    page.goto(deal.get_absolute_url())
    page.locator("main summary").click()
    page.get_by_role("link", name="Hand over").click()
    pick(page, "New owner", "Bob", screen)
    press(page, "Hand over")
    said(page, "“Ten pallets” was handed over to Bob. You no longer see it.")
    expect(page).to_have_url(re.compile("/deals/$"))
    assert not may(alice, "view", deal)
    other = open_as(bob, **screen)
    other.goto(f"{deal.get_absolute_url()}edit/")
    expect(other.get_by_label("Title")).to_have_value("Ten pallets")


def test_edit_conflict(open_as: OpenAs, alice: User, mira: User, screen: Screen) -> None:
    deal = make_deal(alice, title="Ten pallets", amount=100)
    address = f"{deal.get_absolute_url()}edit/"
    mine, theirs = open_as(alice, **screen), open_as(mira, **screen)
    mine.goto(address)
    theirs.goto(address)
    theirs.get_by_label("Amount").fill("200")
    press(theirs, "Save")
    said(theirs, "was saved")
    mine.get_by_label("Title").fill("Twelve pallets")
    mine.get_by_label("Amount").fill("150")
    press(mine, "Save")

    expect(mine.locator("#conflict-title")).to_contain_text("Mira changed this")
    amount = mine.locator(".versions tr").filter(has_text="Amount")
    expect(amount.locator("td")).to_have_text(["$200", "$150"])
    deal.refresh_from_db()
    assert (deal.title, deal.amount) == ("Ten pallets", 200)
    expect(mine.locator("[name=amount]")).to_have_value("150")
    mine.locator("[name=amount]").fill("200")
    press(mine, "Save")
    said(mine, "was saved")
    deal.refresh_from_db()
    assert (deal.title, deal.amount) == ("Twelve pallets", 200)


def test_edit_conflict_by_choice(open_as: OpenAs, alice: User, mira: User) -> None:
    acme, beta = make_company(alice, name="Acme"), make_company(alice, name="Beta")
    deal = make_deal(alice, title="Ten pallets", amount=100, company=acme, notes="Old")
    address = f"{deal.get_absolute_url()}edit/"
    mine, theirs = open_as(alice), open_as(mira)
    mine.goto(address)
    theirs.goto(address)
    for page, title, amount, company in ((theirs, "Hers", "200", "Beta"), (mine, "Mine", "150", "Gamma")):
        page.get_by_label("Title").fill(title)
        page.get_by_label("Amount").fill(amount)
        page.get_by_role("combobox", name="Company").fill(company)
        page.get_by_role("option", name=company).click()
        if page is theirs:
            page.locator("[name=notes]").fill("Her notes")
        press(page, "Save")
    expect(mine.locator("#conflict-title")).to_contain_text("Mira changed this")
    expect(mine.locator("[name=notes]")).to_have_value("Her notes")
    expect(mine.get_by_role("radio", name="Notes Saved now")).to_be_checked()
    press(mine, "Save")  # the browser wants the choices first
    expect(mine.get_by_role("radio", name="Title Saved now")).to_be_focused()
    mine.keyboard.press("Space")
    expect(mine.locator("[name=title]")).to_have_value("Hers")
    mine.get_by_role("radio", name="Title Yours").check()
    expect(mine.locator("[name=title]")).to_have_value("Mine")
    box = mine.get_by_role("combobox", name="Company")
    for which, name in (("Saved now", "Beta"), ("Yours", "Gamma"), ("Saved now", "Beta")):
        mine.get_by_role("radio", name=f"Company {which}").check()
        expect(box).to_have_value(name)
    mine.locator("[name=amount]").fill("175")  # neither of them
    press(mine, "Save")
    said(mine, "was saved")
    deal.refresh_from_db()
    assert (deal.title, deal.amount, deal.company, deal.notes) == ("Mine", 175, beta, "Her notes")


def test_undo_an_edit(open_as: OpenAs, alice: User, screen: Screen) -> None:
    deal = make_deal(alice, title="Ten pallets", amount=100)
    page = open_as(alice, **screen)
    page.goto(f"{deal.get_absolute_url()}edit/")
    page.get_by_label("Amount").fill("1")
    press(page, "Save")
    page.get_by_role("link", name="History").click()
    expect(page.locator(".history li").first).to_contain_text("changed amount from $100 to $1")
    press(page, "Undo")
    said(page, "The last change of “Ten pallets” was undone.")
    deal.refresh_from_db()
    assert deal.amount == 100


def test_delete_and_undo(open_as: OpenAs, alice: User, screen: Screen) -> None:
    deal = make_deal(alice, title="Ten pallets")
    make_activity(alice, subject="Call", related_deal=deal)
    page = open_as(alice, **screen)
    page.goto(deal.get_absolute_url())
    page.locator("main summary").click()
    page.get_by_role("link", name="Delete").click()
    expect(page.locator("main")).to_contain_text("1 activity")
    press(page, "Delete deal")
    said(page, "Deal “Ten pallets” was deleted.")
    assert (Deal.objects.count(), Activity.objects.count()) == (0, 0)
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ten pallets")
    expect(page.locator(".timeline")).to_contain_text("Call")


def test_search(open_as: OpenAs, alice: User, bob: User, screen: Screen) -> None:
    make_contact(alice, name="Nancy Davolio")
    make_company(bob, name="Nancy's secret")
    page = open_as(alice, **screen)
    page.goto("/")
    page.get_by_label("Search everything").fill("nan")
    page.keyboard.press("Enter")
    results = page.locator("#search-results")
    expect(results.get_by_role("link")).to_have_text(["Nancy Davolio"])
    results.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nancy Davolio")


def _narrow(page: Page, screen: Screen) -> None:
    if screen.get("is_mobile"):
        page.locator("form.filters").get_by_text("Filters", exact=True).click()
    page.get_by_label("Stage").select_option(label="Won")
    if not screen.get("java_script_enabled", True):
        page.get_by_role("button", name="Apply").click()


def test_filters_chips_and_back(open_as: OpenAs, alice: User, screen: Screen) -> None:
    make_deal(alice, title="A lead")
    make_deal(alice, title="A winner", stage="won")
    page = open_as(alice, **screen)
    page.goto("/deals/")
    rows = page.locator("#record-list .row-link")
    expect(rows).to_have_count(2)
    _narrow(page, screen)
    expect(rows).to_have_text(["A winner"])
    expect(page).to_have_url(re.compile("stage=won"))
    rows.first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A winner")
    page.go_back()
    expect(rows).to_have_text(["A winner"])
    page.get_by_role("link", name="Remove filter Stage: Won").click()
    expect(rows).to_have_count(2)
    page.go_back()
    expect(rows).to_have_text(["A winner"])
    expect(page.locator(".chip")).to_have_count(1)


def test_sort_and_pages(open_as: OpenAs, alice: User, screen: Screen) -> None:
    for number in range(30):
        make_deal(alice, title=f"Deal {number:02}", amount=number)
    page = open_as(alice, **screen)
    page.goto("/deals/")
    rows = page.locator("#record-list .row-link")
    page.get_by_role("link", name="Amount").click()
    expect(page).to_have_url(re.compile("sort=-amount"))
    expect(rows.first).to_have_text("Deal 29")
    page.get_by_role("link", name="25 rows per page").click()
    expect(rows).to_have_count(25)
    page.get_by_role("link", name="Next").click()
    expect(rows).to_have_text([f"Deal {number:02}" for number in (4, 3, 2, 1, 0)])
    page.get_by_role("link", name="Previous").click()
    expect(rows.first).to_have_text("Deal 29")
    page.get_by_role("link", name="Amount").click()
    expect(rows.first).to_have_text("Deal 00")


ERRORS = [
    ("companies/company", "Name", "Website", "ftp://x"),
    ("contacts/contact", "Name", "E-mail address", "a@b"),
    ("deals/deal", "Title", "Amount", "ten"),
]


@pytest.mark.parametrize(("kind", "title", "field", "value"), ERRORS)
def test_errors_keep_what_was_typed(
    open_as: OpenAs, alice: User, screen: Screen, kind: str, title: str, field: str, value: str
) -> None:
    page = open_as(alice, **screen)
    app, _, name = kind.partition("/")
    page.goto(f"/{app}/new/")
    page.get_by_label(title).fill("Kept 🦊 <i>")
    page.get_by_label(field).fill(value)
    press(page, f"Create {name}")
    expect(page.get_by_role("alert")).to_contain_text(field)
    expect(page.get_by_label(title)).to_have_value("Kept 🦊 <i>")
    expect(page.get_by_label(field)).to_have_value(value)
