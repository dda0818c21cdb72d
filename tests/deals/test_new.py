"""/deals/new/: amounts, dates, stages, owners, and companies made on the fly."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from deals.models import Deal
from tests.factories import make_company, make_contact, make_user, signed_in
from tests.pages.reading import errors_of, form_of, text_of

URL = "/deals/new/"
LEAST = {"title": "Big", "stage": "lead"}


@pytest.fixture
def browser(alice: User) -> Client:
    """Return Alice's browser."""
    return signed_in(alice)


def test_makes_a_deal_with_all_its_fields(browser: Client, alice: User) -> None:
    company, contact = make_company(alice), make_contact(alice)
    typed = {
        "title": "  Big deal ",
        "company": company.pk,
        "contact": contact.pk,
        "amount": "1,234.50",
        "stage": "proposal",
        "probability": "55",
        "expected_close_date": "2030-02-28",
        "assigned_to": alice.pk,
        "notes": "Two\r\nlines",
    }
    answer = browser.post(URL, typed)
    deal = Deal.objects.get()
    assert answer["Location"] == f"/deals/{deal.pk}/"
    assert (deal.title, deal.company, deal.contact, deal.stage) == ("Big deal", company, contact, "proposal")
    assert (deal.amount, deal.probability, deal.notes) == (Decimal("1234.50"), 55, "Two\r\nlines")
    assert deal.expected_close_date == datetime(2030, 2, 28, 12, tzinfo=UTC)
    assert deal.assigned_to == alice
    assert "Deal “Big deal” was created." in text_of(browser.get(answer["Location"]))


def test_starts_with_what_the_link_names(browser: Client, alice: User) -> None:
    company, contact = make_company(alice), make_contact(alice)
    form = form_of(browser.get(URL, {"company": company.pk, "contact": contact.pk, "stage": "qualified"}))
    assert (form["company"], form["contact"], form["stage"]) == (company.pk, contact.pk, "qualified")
    assert form["assigned_to"] == alice.pk


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("", None),
        ("0", "0"),
        ("-0", "0"),
        (" 12 ", "12"),
        ("1,234", "1234"),
        ("1,234,567.8901", "1234567.8901"),
        ("12.", "12"),
        (".5", "0.5"),
        ("1e3", "1000"),
        ("10000000000000", "10000000000000"),
    ],
)
def test_takes_amounts(browser: Client, typed: str, stored: str | None) -> None:
    assert browser.post(URL, LEAST | {"amount": typed}).status_code == 302
    assert Deal.objects.get().amount == (None if stored is None else Decimal(stored))


@pytest.mark.parametrize(
    "typed",
    [
        "NaN", "sNaN", "nan", "Infinity", "-inf", "1e9999", "1e-9999", "1e400", "\uff11\uff12\uff13", "\u0661",
        "1.234,56",         "1,2", "1,23,456", "1.2.3", "-1", "9" * 400, "9" * 5000, "0." + "1" * 400,
        "10000000000001", "1.23456", "=1+1",
        "0x10", "1_000", "$5", "5 USD", "1 000", "abc", "<b>", "1\x002", "--1", "1e", "e5", "\N{SUPERSCRIPT TWO}",
    ],
)  # fmt: skip
def test_refuses_what_is_no_amount(browser: Client, typed: str) -> None:
    answer = browser.post(URL, LEAST | {"amount": typed})
    assert answer.status_code == 422
    assert list(errors_of(answer)) == ["amount"]
    assert not Deal.objects.exists()


@pytest.mark.parametrize(
    "typed",
    [
        "0000-01-01", "0001-01-01", "1900-12-31", "9999-12-31", "10000-01-01", "2030-02-30", "2029-02-29", "2030-13-01",
        "in 1e9 days", "tomorrow", "2030-1", "2030-01-01T00:00", "2030-01-01\x00", "\uff12030-01-01", "-1",
        "9" * 400, "<b>",
    ],
)  # fmt: skip
def test_refuses_what_is_no_day(browser: Client, typed: str) -> None:
    answer = browser.post(URL, LEAST | {"expected_close_date": typed})
    assert answer.status_code == 422
    assert list(errors_of(answer)) == ["expected_close_date"]
    assert not Deal.objects.exists()


@pytest.mark.parametrize("day", ["1901-01-01", "9998-12-31", "2028-02-29"])
@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "Pacific/Kiritimati", "Etc/GMT+12"])
def test_day_is_the_same_for_whoever_typed_it(db: None, day: str, zone: str) -> None:
    del db
    browser = signed_in(make_user(time_zone=zone))
    answer = browser.post(URL, LEAST | {"expected_close_date": day})
    assert form_of(browser.get(f"{answer['Location']}edit/"))["expected_close_date"] == day
    year, month, number = map(int, day.split("-"))
    words = f"{number} {date(2000, month, 1):%b} {year}"
    assert words in text_of(browser.get(answer["Location"]))
    assert words in text_of(browser.get("/deals/"))


@pytest.mark.parametrize(
    "typed", ["", "nonsense", "LEAD", "lead ", "won'", "open", "other", "\U0001f9ff", "lead\x00", "x" * 501]
)
def test_offers_and_takes_only_stages_of_the_pipeline(browser: Client, typed: str) -> None:
    answer = browser.post(URL, LEAST | {"stage": typed})
    assert answer.status_code == 422
    assert list(errors_of(answer)) == ["stage"]


@pytest.mark.parametrize("typed", ["101", "-1", "1e2", "50.5", "\uff15", "x", "9" * 400, "9" * 5000, "1\x00"])
def test_probability_is_a_percentage(browser: Client, typed: str) -> None:
    answer = browser.post(URL, LEAST | {"probability": typed})
    assert answer.status_code == 422
    assert list(errors_of(answer)) == ["probability"]


def test_lost_needs_a_reason(browser: Client) -> None:
    answer = browser.post(URL, LEAST | {"stage": "lost", "lost_note": "Too dear"})
    assert answer.status_code == 422
    assert errors_of(answer) == {"lost_reason": ["Say why the deal was lost."]}
    assert 'href="#id_lost_reason"' in text_of(answer)
    assert form_of(answer)["lost_note"] == "Too dear"
    assert browser.post(URL, LEAST | {"stage": "lost", "lost_reason": "price", "lost_note": "Dear"}).status_code == 302
    deal = Deal.objects.get()
    assert (deal.lost_reason, deal.lost_note) == ("price", "Dear")
    assert deal.closed_at is not None
    page = text_of(browser.get(f"/deals/{deal.pk}/"))
    assert "Price" in page
    assert "Dear" in page


def test_reason_must_be_one_of_the_list(browser: Client) -> None:
    answer = browser.post(URL, LEAST | {"stage": "lost", "lost_reason": "nonsense"})
    assert "lost_reason" in errors_of(answer)


def test_won_gets_a_closing_date(browser: Client) -> None:
    before = timezone.now()
    assert browser.post(URL, LEAST | {"stage": "won", "lost_reason": "price"}).status_code == 302
    deal = Deal.objects.get()
    assert deal.closed_at is not None
    assert before <= deal.closed_at <= timezone.now()
    assert deal.lost_reason is None


def test_deal_for_a_colleague_is_his(browser: Client, alice: User, bob: User) -> None:
    answer = browser.post(URL, LEAST | {"assigned_to": bob.pk})
    assert answer["Location"] == "/deals/"
    page = text_of(browser.get("/deals/"))
    assert "was created" in page
    assert "No deals yet" in page
    deal = Deal.objects.get()
    assert deal.assigned_to == bob
    assert browser.get(f"/deals/{deal.pk}/").status_code == 404
    assert signed_in(bob).get(f"/deals/{deal.pk}/").status_code == 200


def test_owner_is_oneself_unless_chosen(browser: Client, alice: User) -> None:
    browser.post(URL, LEAST | {"assigned_to": ""})
    assert Deal.objects.get().assigned_to == alice


@pytest.mark.parametrize("who", ["gone", "AAAAAAAAAA", "x\x00"])
def test_owner_must_be_somebody_who_may_sign_in(browser: Client, who: str) -> None:
    gone = make_user("gone", is_active=False)
    answer = browser.post(URL, LEAST | {"assigned_to": gone.pk if who == "gone" else who})
    assert answer.status_code == 422
    assert list(errors_of(answer)) == ["assigned_to"]
    assert gone.pk not in text_of(browser.get(URL))


def test_offers_people_by_name_and_never_by_address(browser: Client, bob: User) -> None:
    page = text_of(browser.get(URL))
    assert "Bob" in page
    assert bob.email not in page


def test_makes_a_company_along_with_it(browser: Client, alice: User) -> None:
    answer = browser.post(URL, LEAST | {"company-new": " Acme "})
    assert answer.status_code == 302
    company = Company.objects.get()
    assert (company.name, company.created_by) == ("Acme", alice)
    assert Deal.objects.get().company == company


def test_makes_no_company_for_a_deal_that_is_refused(browser: Client) -> None:
    answer = browser.post(URL, LEAST | {"company-new": "Acme", "amount": "x"})
    assert answer.status_code == 422
    assert not Company.objects.exists()
    assert form_of(answer)["company-new"] == "Acme"


@pytest.mark.parametrize("name", ["x" * 501, "a\x00b"])
def test_company_made_along_needs_a_possible_name(browser: Client, name: str) -> None:
    answer = browser.post(URL, LEAST | {"company-new": name})
    assert answer.status_code == 422
    assert list(errors_of(answer)) == ["company"]
    assert not Company.objects.exists()


def test_chosen_company_wins_over_a_new_one(browser: Client, alice: User) -> None:
    company = make_company(alice)
    browser.post(URL, LEAST | {"company": company.pk, "company-new": "Acme"})
    assert Deal.objects.get().company == company
    assert Company.objects.count() == 1


def test_no_contact_is_made_along(browser: Client) -> None:
    assert browser.post(URL, LEAST | {"contact-new": "Ada"}).status_code == 302
    assert Deal.objects.get().contact is None


def test_find_narrows_the_list_and_keeps_what_was_typed(browser: Client, alice: User) -> None:
    acme = make_company(alice, name="Acme")
    make_company(alice, name="Zebra")
    typed = form_of(browser.get(URL)) | {"title": "Big <b>", "amount": "12", "notes": "Note", "stage": "proposal"}
    found = browser.post(URL, typed | {"company-search": "acm", "find": "company", "company-new": "Maybe"})
    assert found.status_code == 200
    page = text_of(found)
    assert f'<option value="{acme.pk}">Acme</option>' in page
    assert "Zebra" not in page
    assert "There is a problem" not in page
    after = form_of(found)
    assert {name: after[name] for name in typed if name != "company-search"} == {
        name: value for name, value in typed.items() if name != "company-search"
    } | {"company-new": "Maybe"}
    assert after["company-search"] == "acm"
    assert not Deal.objects.exists()
    assert browser.post(URL, after | {"company-new": "", "company": acme.pk}).status_code == 302
    assert Deal.objects.get().company == acme
