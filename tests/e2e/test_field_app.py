"""The example app: what a person does on the road, with and without a network, and what the database has after it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db.models import Count, Sum
from playwright.sync_api import Dialog, expect
from pytest_django.fixtures import Settings

from accounts.api_session import ApiSession
from accounts.models import User
from activities.models import Activity
from deals.models import Deal
from deals.stages import STAGES
from records.access import share
from records.log import acting
from tests.e2e.cable import Cable
from tests.e2e.conftest import SCREENS, OpenAs
from tests.e2e.device import wait_until
from tests.e2e.field_app import HERE, FieldApp, served
from tests.e2e.test_every_page import look
from tests.factories import PASSWORD, make_company, make_contact, make_deal
from tests.parse_api.app import KEYS

EVIL = '<img src=x onerror="window.hacked = 1">'
SOON_MS = 1500


@pytest.fixture
def app(open_as: OpenAs, cable: Cable, settings: Settings) -> Iterator[FieldApp]:
    """Return the app on a phone, with nobody logged in."""
    for name, value in KEYS.items():
        setattr(settings, name, value)
    with served(cable.url) as port:
        files = Cable(port)
        options = SCREENS["phone"] | {"base_url": files.url, "service_workers": "allow", "without_network": True}
        yield FieldApp(open_as(None, **options), cable, files)
        files.pull()


@pytest.fixture
def deals(alice: User) -> list[Deal]:
    """Deals of alice, of one of which somebody made the title, with company and contact."""
    company = make_company(alice, name="Acme")
    ada = make_contact(alice, name="Ada Byron", phone="+1 (555) 010-7", email="ada@example.com", company=company)
    make_contact(alice, name="Grace Hopper")
    rows = [
        make_deal(alice, title="Scanners", amount=1200, stage="lead", company=company, contact=ada),
        make_deal(alice, title="Printers", amount=300, stage="lead", company=company),
        make_deal(alice, title=EVIL, stage="proposal"),
        make_deal(alice, title="Sold", amount=5000, stage="won"),
    ]
    make_deal(None, title="Hidden", amount=7000, stage="lead")
    return rows


def test_pipeline_and_contacts_are_those_of_the_database(app: FieldApp, alice: User, deals: list[Deal]) -> None:
    app.log_in(alice)
    rows = Deal.objects.for_user(alice, "view").values_list("stage").annotate(Count("pk"), Sum("amount"))
    numbers = {stage: (count, total or 0) for stage, count, total in rows}
    for key, _label, _probability, kind, _days in STAGES:
        if kind == "open":
            count, total = numbers.get(key, (0, 0))
            expect(app.column(key).locator("[data-text=count]")).to_have_text(str(count))
            expect(app.column(key).locator("[data-text=sum]")).to_have_text(f"${int(total):,}")
            expect(app.column(key).locator("li")).to_have_count(count)
    expect(app.card("Scanners")).to_contain_text("Acme · Ada Byron")
    expect(app.card(EVIL).locator("h4")).to_have_text(EVIL)
    assert app.page.evaluate("() => window.hacked") is None
    app.page.get_by_role("link", name="Contacts").click()
    expect(app.page.locator("#pipeline")).to_be_hidden()
    search = app.page.get_by_label("Search contacts")
    with app.page.expect_response("**/parse/classes/Contact") as asked:
        search.fill("acme")
    assert asked.value.ok
    expect(app.page.locator("[data-contacts] li h3")).to_have_text(["Ada Byron"])
    row = app.contact("Ada")
    expect(row.get_by_role("link", name="Call +1 (555) 010-7")).to_have_attribute("href", "tel:+15550107")
    expect(row.get_by_role("link", name="Mail Ada Byron")).to_have_attribute("href", re.compile("^mailto:ada"))
    search.fill("nobody")
    expect(app.page.get_by_text("No contact fits.")).to_be_visible()


def test_wrong_password_is_said(app: FieldApp, alice: User) -> None:
    app.page.goto("/")
    app.try_to_log_in(alice.username, "not it")
    expect(app.page.get_by_role("alert")).to_have_text("Wrong name or password.")
    expect(app.page.get_by_label("Password")).to_be_focused()
    expect(app.page.locator("[data-app]")).to_be_hidden()


def test_move_and_call_are_saved_and_others_changes_come(
    app: FieldApp, alice: User, bob: User, deals: list[Deal]
) -> None:
    scanners, printers, *_ = deals
    share(scanners, bob, ("view", "change"))
    app.log_in(alice)
    app.move("Printers", "qualified")
    expect(app.column("qualified").get_by_label("Move Printers to")).to_be_focused()
    app.says("Saved")
    printers.refresh_from_db()
    assert printers.stage == "qualified"
    app.log_call(app.card("Printers"), "About toner", "He will think about it")
    wait_until(lambda: Activity.objects.exists())
    call = Activity.objects.get()
    assert (call.type, call.subject, call.description) == ("call", "About toner", "He will think about it")
    assert (call.related_deal, call.created_by) == (printers, alice)
    assert call.completed_at is not None

    with acting(bob):
        Deal.objects.filter(pk=scanners.pk).update(stage="negotiation", amount=1500)
    expect(app.column("negotiation").locator("li")).to_contain_text("Scanners", timeout=SOON_MS)
    expect(app.column("negotiation").locator("[data-text=sum]")).to_have_text("$1,500")
    expect(app.card("Scanners")).to_contain_text("Acme · Ada Byron")
    with acting(bob):
        Deal.objects.filter(pk=scanners.pk).update(stage="lost")
    expect(app.card("Scanners")).to_have_count(0, timeout=SOON_MS)


def test_offline_all_is_readable_and_what_is_done_is_sent_once(app: FieldApp, alice: User, deals: list[Deal]) -> None:
    app.log_in(alice)
    app.page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    app.cut()
    app.page.reload()
    app.says("Offline")
    expect(app.page.locator("[data-live]")).to_have_text("Not live")
    expect(app.card("Scanners")).to_contain_text("Acme · Ada Byron")
    app.move("Scanners", "qualified")
    app.move("Scanners", "proposal")
    app.move("Printers", "won")
    app.page.get_by_role("link", name="Contacts").click()
    app.log_call(app.contact("Ada"), "Said yes")
    app.says("Offline, 3 waiting")
    app.page.reload()
    app.says("Offline, 3 waiting")
    expect(app.contact("Grace")).to_be_visible()
    expect(app.column("proposal").locator("h4")).to_have_text(["Scanners", EVIL])
    app.reconnect()
    app.says("Saved")
    expect(app.page.locator("[data-outbox]")).to_be_hidden()
    app.page.reload()
    app.is_live()
    call = Activity.objects.get()
    assert (call.subject, str(call.related_contact), call.created_by) == ("Said yes", "Ada Byron", alice)
    stages = dict(Deal.objects.for_user(alice, "view").values_list("title", "stage"))
    assert stages == {"Scanners": "proposal", "Printers": "won", EVIL: "proposal", "Sold": "won"}


def test_what_was_done_and_not_answered_is_done_once(
    app: FieldApp, cable: Cable, alice: User, deals: list[Deal]
) -> None:
    app.log_in(alice)
    cable.lose_answer("POST /parse/classes/Activity")
    app.log_call(app.card("Scanners"), "Lost on the way")
    assert cable.lost.wait(10)
    app.says("Offline, 1 waiting")
    expect(app.waiting("Lost on the way")).to_be_visible()
    app.reconnect()
    app.says("Saved")
    assert Activity.objects.get().subject == "Lost on the way"
    cable.lose_answer(f"POST /parse/classes/Deal/{deals[1].pk}")
    app.move("Printers", "proposal")
    assert cable.lost.wait(10)
    app.says("Offline, 1 waiting")
    app.reconnect()
    app.says("Saved")
    expect(app.column("proposal").locator("h4")).to_have_text(["Printers", EVIL])


def test_conflict_and_refusal_are_asked(app: FieldApp, alice: User, bob: User, deals: list[Deal]) -> None:
    scanners, printers, *_ = deals
    share(scanners, bob, ("view", "change"))
    app.log_in(alice)
    app.cut()
    app.move("Scanners", "proposal")
    app.log_call(app.card("Printers"), "About a deal that goes")
    with acting(bob):
        Deal.objects.filter(pk=scanners.pk).update(stage="negotiation")
    with acting(alice):
        printers.delete()
    app.reconnect()
    app.says("2 to decide")
    expect(app.column("negotiation").locator("h4")).to_have_text("Scanners")
    conflict = app.waiting("Somebody else has moved it to Negotiation meanwhile.")
    conflict.get_by_role("button", name="Move to Proposal").click()
    app.says("1 to decide")
    scanners.refresh_from_db()
    assert scanners.stage == "proposal"
    refused = app.waiting("About a deal that goes")
    expect(refused).to_contain_text("The server refused it")
    refused.get_by_role("button", name="Discard").click()
    app.says("Saved")
    assert not Activity.objects.exists()


def test_log_out_erases_what_was_kept(app: FieldApp, alice: User, deals: list[Deal]) -> None:
    app.log_in(alice)
    other = app.page.context.new_page()
    other.goto("/")
    expect(other.get_by_role("button", name="Log out")).to_be_visible()
    app.cut()
    app.log_call(app.card("Scanners"), "Never sent")
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    app.page.on("dialog", accept)
    app.page.get_by_role("button", name="Log out").click()
    expect(app.page.get_by_role("button", name="Log in")).to_be_visible()
    expect(other.get_by_role("button", name="Log in")).to_be_visible()
    assert asked == ["1 not sent yet will be lost. Log out?"]
    kept = app.stored()
    for words in ("Scanners", "Ada", "Acme", "Never sent", alice.username, "r:"):
        assert words not in kept, kept


def test_session_that_ended_erases_and_what_waits_is_sent_after_the_next_log_in(
    app: FieldApp, alice: User, deals: list[Deal]
) -> None:
    app.log_in(alice)
    app.cut()
    app.log_call(app.card("Scanners"), "Still to be sent")
    app.says("Offline, 1 waiting")
    ApiSession.objects.of(alice).delete()
    app.reconnect()
    expect(app.page.get_by_role("button", name="Log in")).to_be_visible()
    assert "Scanners" not in app.stored()
    assert not Activity.objects.exists()
    app.try_to_log_in(alice.username, PASSWORD)
    app.is_live()
    assert Activity.objects.get().subject == "Still to be sent"


def test_looks_right_everywhere(app: FieldApp, alice: User, deals: list[Deal]) -> None:
    app.page.goto("/")
    problems = look(app.page, "log in")
    app.log_in(alice)
    app.cut()
    app.move("Printers", "won")
    app.says("Offline, 1 waiting")
    problems += look(app.page, "pipeline")
    app.page.get_by_role("link", name="Contacts").click()
    problems += look(app.page, "contacts")
    app.contact("Ada").get_by_role("button", name="Log a call").click()
    problems += look(app.page, "call")
    assert not problems, "\n".join(problems)


def test_worker_keeps_every_file() -> None:
    worker = (HERE / "sw.js").read_text(encoding="utf-8")
    for file in [*HERE.glob("js/*.js"), *HERE.glob("*.css"), *HERE.glob("vendor/*/*.js"), HERE / "config.js"]:
        assert f'"{file.stem}"' in worker or f'"{file.relative_to(HERE)}"' in worker, file
