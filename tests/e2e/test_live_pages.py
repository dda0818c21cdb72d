"""The pages of records, the home page and the lists follow what others do, and leave alone what is being typed."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from activities.models import Activity
from deals.models import Deal
from records.access import share
from records.log import acting
from tests.e2e.conftest import OpenAs
from tests.e2e.living import SOON_MS, expect_told, live, requests_of
from tests.e2e.waiting import pause
from tests.factories import make_activity, make_company, make_contact, make_deal


@pytest.fixture
def deal(alice: User, bob: User) -> Deal:
    """Return a deal of alice's that bob may change, too."""
    deal = make_deal(alice, title="Rockets", amount=100)
    share(deal, bob, ("view", "change"))
    return deal


def save(person: User, deal: Deal, **fields: object) -> None:
    """Write to a deal as an app of somebody does."""
    with acting(person):
        Deal.objects.filter(pk=deal.pk).update(**fields)


def test_deal_page_shows_what_another_logs_and_changes(open_as: OpenAs, deal: Deal, alice: User, bob: User) -> None:
    page = live(open_as(alice), f"/deals/{deal.pk}/")
    form = page.get_by_role("form", name="Log an activity")
    form.get_by_label("Subject").fill("Half a th")
    with acting(bob):
        activity = make_activity(bob, related_deal=deal, subject="Asked for the price")
        share(activity, alice, ("view",))
    row = page.locator(f"#activity-{activity.pk}")
    expect(row).to_contain_text("Asked for the price")
    expect(row.locator(".flash-name")).to_have_text("Bob")
    expect_told(page, "Bob added an activity.")
    save(bob, deal, stage="proposal", amount=250)
    expect(page.locator("#page-heading")).to_contain_text("$250")
    expect(page.locator("#facts")).to_contain_text("$250")
    expect(page.locator(".flash-name").first).to_have_text("Bob")
    expect(page.locator("#stages [aria-current=step]")).to_contain_text("Proposal")
    expect_told(page, "Bob changed this deal.")
    expect(form.get_by_label("Subject")).to_have_value("Half a th")
    page.locator("#stages").get_by_role("button", name="Negotiation").click()
    page.wait_for_load_state()
    expect(page.locator("#stages [aria-current=step]")).to_contain_text("Negotiation")


def test_own_changes_are_no_news(open_as: OpenAs, deal: Deal, alice: User) -> None:
    page = live(open_as(alice), f"/deals/{deal.pk}/")
    asked = requests_of(page, f"/deals/{deal.pk}/")
    page.locator("#stages").get_by_role("button", name="Proposal").click()
    expect(page.locator("#stages [aria-current=step]")).to_contain_text("Proposal")
    pause(page, SOON_MS)
    # the move, and the page that it leads to
    assert [line.partition(" ")[0] for line in asked] == ["POST", "GET"]


@pytest.mark.parametrize("page_of", ["", "sharing/", "history/", "edit/"])
def test_page_of_a_lost_or_deleted_record_is_emptied(
    open_as: OpenAs, deal: Deal, alice: User, bob: User, page_of: str
) -> None:
    page = live(open_as(bob), f"/deals/{deal.pk}/{page_of}")
    with acting(alice):
        share(deal, bob, ())
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
    expect(page.locator("main")).not_to_contain_text("Rockets")
    expect(page).to_have_title(re.compile("There is nothing here"))
    hers = live(open_as(alice), f"/deals/{deal.pk}/{page_of}")
    with acting(alice):
        Deal.objects.get(pk=deal.pk).delete()
    expect(hers.get_by_role("heading", level=1)).to_have_text("There is nothing here")


def test_what_is_typed_stays_when_the_record_goes(open_as: OpenAs, deal: Deal, alice: User, bob: User) -> None:
    page = live(open_as(bob), f"/deals/{deal.pk}/")
    page.get_by_role("form", name="Log an activity").get_by_label("Subject").fill("A long story")
    with acting(alice):
        share(deal, bob, ())
    expect(page.locator("[data-live-notice]")).to_contain_text("What you typed is still here")
    expect(page.locator("main")).not_to_contain_text("Rockets")
    expect(page.get_by_label("Subject")).to_have_value("A long story")


def test_form_that_is_edited_is_left_alone(open_as: OpenAs, deal: Deal, alice: User, bob: User) -> None:
    page = live(open_as(alice), f"/deals/{deal.pk}/edit/")
    page.get_by_label("Notes").fill("Typed")
    save(bob, deal, title="Sprockets")
    notice = page.locator("[data-live-notice]")
    expect(notice).to_contain_text("Bob changed this deal while you edit it.")
    expect(notice.get_by_role("link", name="Show what changed")).to_have_attribute("href", f"/deals/{deal.pk}/history/")
    expect(page.get_by_label("Title")).to_have_value("Rockets")
    expect(page.get_by_role("textbox", name="Notes")).to_have_value("Typed")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Bob changed this")
    expect(page.get_by_role("textbox", name="Notes")).to_have_value("Typed")


def test_contact_and_company_pages_follow(open_as: OpenAs, alice: User, bob: User) -> None:
    company = make_company(alice, name="Acme")
    contact = make_contact(alice, company=company, name="Ann")
    for record in (company, contact):
        share(record, bob, ("view", "change"))
    of_contact, of_company = (
        live(open_as(bob), f"/{path}/") for path in (f"contacts/{contact.pk}", f"companies/{company.pk}")
    )
    with acting(alice):
        deal = make_deal(alice, title="Rockets", company=company, contact=contact, amount=5)
        share(deal, bob, ("view",))
    for page in (of_contact, of_company):
        expect(page.locator("#deals")).to_contain_text("Rockets")
    save(alice, deal, amount=7)
    for page in (of_contact, of_company):
        expect(page.locator("#deals")).to_contain_text("$7")
    with acting(alice):
        activity = make_activity(alice, related_deal=deal, subject="Asked")
        share(activity, bob, ("view",))
        type(company).objects.filter(pk=company.pk).update(name="Zenith")
    expect(of_company.locator("#activities")).to_contain_text("Asked")
    expect(of_company.locator("#page-heading")).to_contain_text("Zenith")
    expect(of_contact.locator("#facts")).to_contain_text("Zenith")


def test_home_page_follows(open_as: OpenAs, deal: Deal, alice: User, bob: User) -> None:
    page = live(open_as(bob), "/")
    expect(page.locator("#home-due")).to_contain_text("Nothing is due")
    save(alice, deal, assigned_to=bob)
    expect(page.locator("#home-deals")).to_contain_text("$100")
    expect(page.locator("#home-deals .flash-name")).to_have_text("Alice")
    expect(page.locator("#home-changes")).to_contain_text("Rockets")
    with acting(alice):
        Activity.objects.create(created_by=bob, type="call", subject="Call them", due_date=timezone.now())
    expect(page.locator("#home-due")).to_contain_text("Call them")
    expect(page.locator("#home-figures")).to_contain_text("1")


def test_list_offers_what_changed_and_drops_what_is_hidden(open_as: OpenAs, deal: Deal, alice: User, bob: User) -> None:
    other = make_deal(alice, title="Sprockets")
    share(other, bob, ("view",))
    page = live(open_as(bob), "/deals/")
    link = page.locator("[data-live-refresh]")
    expect(link).to_be_hidden()
    save(alice, deal, title="Rocket")
    expect(link).to_have_text("1 change: refresh")
    expect(page.locator("#record-list")).to_contain_text("Rockets")
    with acting(alice):
        share(other, bob, ())
    expect(page.locator("#record-list")).not_to_contain_text("Sprockets")
    expect(link).to_have_text("2 changes: refresh")
    link.click()
    expect(page.locator("#record-list .row-link")).to_have_text(["Rocket"])
    expect(link).to_be_hidden()
    expect(page.locator("#list-count")).to_contain_text("1 in this list")
