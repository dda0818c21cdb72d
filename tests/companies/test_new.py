"""/companies/new/: all fields, and which web addresses it takes."""

from __future__ import annotations

import pytest

from accounts.models import User
from companies.models import Company
from tests.factories import signed_in
from tests.pages.reading import errors_of, text_of

URL = "/companies/new/"


def test_makes_a_company_with_all_its_fields(alice: User) -> None:
    browser = signed_in(alice)
    typed = {"name": " Acme ", "website": "acme.example", "industry": "Tools", "address": "1\r\nStreet", "notes": ""}
    answer = browser.post(URL, typed)
    company = Company.objects.get()
    assert answer["Location"] == f"/companies/{company.pk}/"
    assert (company.name, company.website, company.industry) == ("Acme", "https://acme.example", "Tools")
    assert (company.address, company.notes, company.created_by) == ("1\r\nStreet", None, alice)
    assert "Company “Acme” was created." in text_of(browser.get(answer["Location"]))


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/a?b=c#d",
        "http://localhost:8000/",
        "http://[::1]/",
        "https://b\u00fccher.example/",
        "http://169.254.169.254/",
    ],
)
def test_takes_web_addresses(alice: User, address: str) -> None:
    browser = signed_in(alice)
    answer = browser.post(URL, {"name": "Acme", "website": address})
    assert answer.status_code == 302
    page = text_of(browser.get(answer["Location"]))
    assert f'href="{address}"' in page.replace("&amp;", "&")
    assert 'rel="noopener noreferrer nofollow"' in page


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)",
        "data:text/html,x",         "vbscript:x", "file:///etc/passwd", "ftp://example.com/", "\\\\evil.example", "http://user@host.example/",
        "http://user:pass@host.example/", "https:evil.example", "http://", "http://[", "http://[::1",
        "http://a b.example/",
        "http://exa\x00mple.com/", "https://example.com/\r\nX: y", "mailto:a@example.com",
        "http://" + "a" * 600 + ".example/",
        "https://\u202eexample.com", "http://.example", "x",
    ],
)  # fmt: skip
def test_refuses_what_is_no_web_address(alice: User, address: str) -> None:
    answer = signed_in(alice).post(URL, {"name": "Acme", "website": address})
    assert answer.status_code == 422
    assert list(errors_of(answer)) == ["website"]
    assert not Company.objects.exists()
