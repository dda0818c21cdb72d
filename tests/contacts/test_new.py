"""/contacts/new/: all fields, addresses, and companies made on the fly."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from companies.models import Company
from contacts.models import Contact
from tests.factories import make_company, signed_in
from tests.pages.reading import errors_of, form_of, text_of

URL = "/contacts/new/"


@pytest.fixture
def browser(alice: User) -> Client:
    """Return Alice's browser."""
    return signed_in(alice)


def test_makes_a_contact_with_all_its_fields(browser: Client, alice: User) -> None:
    company = make_company(alice)
    typed = {"name": "Ada", "email": "ada@example.com", "phone": "+44 1", "company": company.pk, "notes": "Note"}
    answer = browser.post(URL, typed)
    contact = Contact.objects.get()
    assert answer["Location"] == f"/contacts/{contact.pk}/"
    assert (contact.name, contact.email, contact.phone) == ("Ada", "ada@example.com", "+44 1")
    assert (contact.company, contact.notes, contact.created_by) == (company, "Note", alice)


def test_starts_with_the_company_the_link_names(browser: Client, alice: User) -> None:
    company = make_company(alice)
    assert form_of(browser.get(URL, {"company": company.pk}))["company"] == company.pk


@pytest.mark.parametrize(
    "address",
    ["x", "@", "a@", "@b.example", "a b@example.com", "a@b", "a@example.com\r\nBcc: x@y.example", "a\x00@example.com",
     "a@" + "b" * 260 + ".example", "<script>@example.com", "a@example.com, b@example.com"],
)  # fmt: skip
def test_refuses_what_is_no_address(browser: Client, address: str) -> None:
    answer = browser.post(URL, {"name": "Ada", "email": address})
    assert answer.status_code == 422
    assert list(errors_of(answer)) == ["email"]


def test_links_of_address_and_phone_carry_nothing_else(browser: Client, alice: User) -> None:
    contact = Contact.objects.create(
        name="Ada", created_by=alice, email="a@example.com?bcc=x@y.example&body=\r\n", phone='+44;ext=1"\r\n<b>'
    )
    page = text_of(browser.get(f"/contacts/{contact.pk}/"))
    assert 'href="mailto:a@example.com%3Fbcc%3Dx@y.example%26body%3D%0D%0A"' in page
    assert 'href="tel:+44%3Bext%3D1%22%0D%0A%3Cb%3E"' in page


def test_phone_has_at_most_100_characters(browser: Client) -> None:
    assert list(errors_of(browser.post(URL, {"name": "Ada", "phone": "1" * 101}))) == ["phone"]


def test_makes_a_company_along_with_it(browser: Client, alice: User) -> None:
    assert browser.post(URL, {"name": "Ada", "company-new": "Acme <b>"}).status_code == 302
    contact = Contact.objects.get()
    assert contact.company is not None
    assert (contact.company.name, contact.company.created_by) == ("Acme <b>", alice)
    assert "Acme &lt;b&gt;" in text_of(browser.get("/contacts/"))


def test_makes_no_company_for_a_contact_that_is_refused(browser: Client) -> None:
    answer = browser.post(URL, {"name": "", "company-new": "Acme"})
    assert answer.status_code == 422
    assert form_of(answer)["company-new"] == "Acme"
    assert not Company.objects.exists()


def test_find_narrows_the_list_and_keeps_what_was_typed(browser: Client, alice: User) -> None:
    acme = make_company(alice, name="Acme")
    make_company(alice, name="Zebra")
    typed = form_of(browser.get(URL)) | {"name": "Ada", "email": "not yet", "company-search": "ac"}
    found = browser.post(URL, typed | {"find": "company"})
    assert found.status_code == 200
    assert acme.pk in text_of(found)
    assert "Zebra" not in text_of(found)
    assert form_of(found) == typed
