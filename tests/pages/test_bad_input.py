"""Whatever is typed into a field gets a field error, or is stored and shown as the text that it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from accounts.models import User
from tests.factories import make_company, make_contact, make_deal, make_user, signed_in
from tests.pages.kinds import ACTIVITIES, COMPANIES, CONTACTS, DEALS, KINDS, Kind
from tests.pages.reading import errors_of, form_of, text_of

LINES = [(COMPANIES, "name"), (COMPANIES, "industry"), (CONTACTS, "name"), (CONTACTS, "phone"), (DEALS, "title")]
LINES += [(ACTIVITIES, "subject")]
TEXTS = [(COMPANIES, "address"), (COMPANIES, "notes"), (CONTACTS, "notes"), (DEALS, "notes")]
TEXTS += [(ACTIVITIES, "description")]
ALL = LINES + TEXTS
NAMES = [f"{kind.path.strip('/')}-{field}" for kind, field in ALL]
ODD = (
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "{{7*7}}{% load x %}",
    "</script><script>alert(1)</script>",
    "<b hx-get=/x hx-on:click=alert(1) hx-vals='js:1'>",
    "' onmouseover='alert(1)",
    "&amp; &lt;b&gt;",
    "\U0001f9ff\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u202eevil\u202c \u200dzwj e\u0301 İı",
    "=cmd|' /C calc'!A0",
    "%s %(x)s {0} \\x00 \\",
    "\u0149ot ascii \u0410lice 中文",
)


@pytest.mark.parametrize(("kind", "field"), ALL, ids=NAMES)
def test_odd_text_is_kept_and_shown_as_text(kind: Kind, field: str, alice: User) -> None:
    browser = signed_in(alice)
    for text in ODD[:2] if field != kind.title else ODD:
        answer = browser.post(f"{kind.path}new/", kind.filled(**{field: text}))
        assert answer.status_code == 302, text
        assert getattr(kind.last(), field) == text
        shown_as_text(browser, answer["Location"], text)
        if text in ODD[:2]:
            assert form_of(browser.get(f"{answer['Location']}edit/"))[field] == text
            for page in ("edit/", "delete/", "history/", "sharing/"):
                shown_as_text(browser, f"{answer['Location']}{page}", text, field=field, kind=kind)
    if field == kind.title:
        for text in ODD:
            shown_as_text(browser, kind.path, text)
        shown_as_text(browser, "/", ODD[-1])
        shown_as_text(browser, "/search/?q=img", ODD[0])


@pytest.mark.django_db(transaction=True)
def test_history_shows_odd_text_as_text() -> None:
    browser = signed_in(make_user())
    for kind, field in ALL:
        for text in ODD[:2]:
            address = browser.post(f"{kind.path}new/", kind.filled(**{field: text}))["Location"]
            form = form_of(browser.get(f"{address}edit/"))
            assert browser.post(f"{address}edit/", form | {field: f"{text} again"}).status_code == 302
            page = text_of(browser.get(f"{address}history/"))
            assert text not in page
            assert page.count(escape(text)) >= 2


def shown_as_text(browser: Client, url: str, text: str, *, field: str = "", kind: Kind | None = None) -> None:
    """Check that a page has a text escaped only; pages about a record name it, but show no other field of it."""
    html = text_of(browser.get(url))
    assert escape(text) == text or text not in html, url
    if kind is None or field == kind.title or url.endswith("edit/"):
        assert escape(text) in html, url


@pytest.mark.parametrize(("kind", "field"), ALL, ids=NAMES)
def test_what_cannot_be_stored_is_a_field_error(kind: Kind, field: str, alice: User) -> None:
    browser = signed_in(alice)
    too_long = "x" * 501 if (kind, field) in LINES else "x" * 50_001
    for text in ("a\x00b", too_long):
        answer = browser.post(f"{kind.path}new/", kind.filled(**{field: text}))
        assert answer.status_code == 422, text[:10]
        assert list(errors_of(answer)) == [field]
        assert "There is a problem" in text_of(answer)
        assert f'href="#id_{field}"' in text_of(answer)
    assert not browser.get(kind.path).context["rows"]


@pytest.mark.parametrize(("kind", "field"), TEXTS, ids=NAMES[len(LINES) :])
def test_longest_text_is_stored_and_found(kind: Kind, field: str, alice: User) -> None:
    browser = signed_in(alice)
    text = "</a>" * 12_500
    answer = browser.post(f"{kind.path}new/", kind.filled(**{field: text}))
    assert answer.status_code == 302
    assert browser.get(answer["Location"]).status_code == 200
    assert len(browser.get(kind.path, {"q": "some"}).context["rows"]) == 1


@pytest.mark.parametrize("kind", KINDS[:3], ids=lambda kind: kind.path.strip("/"))
@pytest.mark.parametrize("title", ["", "   ", "\t\n", "\u2003"])
def test_a_name_must_be_given(kind: Kind, title: str, alice: User) -> None:
    answer = signed_in(alice).post(f"{kind.path}new/", kind.filled(title))
    assert answer.status_code == 422
    assert errors_of(answer) == {kind.title: ["This field is required."]}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path.strip("/"))
def test_empty_form_says_what_is_missing(kind: Kind, alice: User) -> None:
    answer = signed_in(alice).post(f"{kind.path}new/", {})
    assert answer.status_code == 422
    wanted = {kind.title, *kind.least}
    assert set(errors_of(answer)) == wanted
    assert text_of(answer).count('aria-invalid="true"') == len(wanted)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path.strip("/"))
def test_what_was_typed_stays_in_a_refused_form(kind: Kind, alice: User) -> None:
    field = "description" if kind is ACTIVITIES else "notes"
    typed = kind.filled("x" * 501, **{field: "Two\r\nlines <b>"})
    answer = signed_in(alice).post(f"{kind.path}new/", typed)
    form = form_of(answer)
    assert {name: form[name] for name in typed} == typed


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path.strip("/"))
def test_fields_outside_the_form_are_ignored(kind: Kind, alice: User, mallory: User) -> None:
    outside = {
        "id": "AAAAAAAAAA",
        "pk": "AAAAAAAAAA",
        "objectId": "AAAAAAAAAA",
        "created_by": mallory.pk,
        "createdBy": mallory.pk,
        "acl": '{"*":{"read":true}}',
        "readers": "*",
        "is_superuser": "1",
        "is_active": "",
        "position": "1",
        "created_at": "2001-01-01",
        "updated_at": "2001-01-01",
        "closed_at": "2001-01-01",
        "stage_changed_at": "2001-01-01",
        "actor": mallory.pk,
    }
    browser = signed_in(alice)
    created = browser.post(f"{kind.path}new/", kind.filled(**outside))
    assert created.status_code == 302
    record = kind.last()
    for data in (outside | {"assigned_to": mallory.pk, "created_by_id": mallory.pk},):
        answer = browser.post(f"{created['Location']}edit/", form_of(browser.get(f"{created['Location']}edit/")) | data)
        assert answer.status_code == 302
    record = type(record).objects.defer(None).get(pk=record.pk)
    assert record.pk != "AAAAAAAAAA"
    assert record.owner == alice
    assert record.acl == {alice.pk: {"read": True, "write": True}}
    assert record.created_at.year > 2001
    assert record.updated_at.year > 2001
    assert getattr(record, "closed_at", None) is None
    assert getattr(record, "position", 2) != 1
    alice.refresh_from_db()
    assert not alice.is_superuser
    assert alice.is_active
    assert signed_in(mallory).get(created["Location"]).status_code == 404


@pytest.mark.parametrize(
    ("kind", "field"), [(CONTACTS, "company"), (DEALS, "company"), (DEALS, "contact")], ids=lambda item: str(item)[:9]
)
def test_pointer_to_what_one_cannot_see_is_refused_like_one_to_nothing(
    kind: Kind, field: str, alice: User, mallory: User
) -> None:
    make: Any = make_company if field == "company" else make_contact
    hidden = make(mallory, name="Hidden")
    browser = signed_in(alice)
    record = kind.made(alice, "Mine")
    for path in ("new/", f"{record.pk}/edit/"):
        start = kind.filled() | form_of(browser.get(f"{kind.path}{path}")) | {kind.title: "Mine"}
        pages = []
        for pk in (hidden.pk, "AAAAAAAAAA", "x' OR 1=1", "a\x00b", "9" * 5000):
            answer = browser.post(f"{kind.path}{path}", start | {field: pk})
            assert answer.status_code == 422, pk
            pages.append(errors_of(answer))
            assert "Hidden" not in text_of(answer)
        assert pages == [{field: pages[0][field]}] * 5
        assert "valid choice" in pages[0][field][0]


def test_activity_about_what_one_cannot_see_is_refused(alice: User, mallory: User) -> None:
    browser = signed_in(alice)
    for field, hidden in (("related_contact", make_contact(mallory)), ("related_deal", make_deal(mallory))):
        for url, data in (
            ("/activities/new/", ACTIVITIES.filled()),
            ("/activities/log/", {"type": "call", "subject": "x", "when": "now"}),
        ):
            answers = [browser.post(url, data | {field: pk}) for pk in (hidden.pk, "AAAAAAAAAA")]
            assert [answer.status_code for answer in answers] == [422, 422]
            assert errors_of(answers[0]) == errors_of(answers[1])


def test_prefilled_pointer_to_what_one_cannot_see_names_nothing(alice: User, mallory: User) -> None:
    company, contact, deal = (
        make_company(mallory, name="Hidden"),
        make_contact(mallory, name="Hidden"),
        make_deal(mallory, title="Hidden"),
    )
    browser = signed_in(alice)
    for url in (
        f"/contacts/new/?company={company.pk}",
        f"/deals/new/?company={company.pk}&contact={contact.pk}&stage=nonsense",
        f"/activities/new/?related_contact={contact.pk}&related_deal={deal.pk}&type=nonsense",
        "/contacts/new/?company=%27&company=x",
    ):
        page = browser.get(url)
        assert page.status_code == 200
        assert "Hidden" not in text_of(page)
        assert all(pk not in text_of(page) for pk in (company.pk, contact.pk, deal.pk))


def test_oversized_body_is_refused(client: Client, alice: User) -> None:
    for browser in (client, signed_in(alice)):
        answer = browser.post("/companies/new/", {"notes": "x" * 3_000_000}, "application/x-www-form-urlencoded")
        assert answer.status_code == 413
        assert "too large" in text_of(answer)


def test_too_many_fields_are_refused(alice: User) -> None:
    body = "&".join(f"f{number}=" for number in range(1200))
    answer = signed_in(alice).post("/companies/new/", body, "application/x-www-form-urlencoded")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"name": "x"}', "application/json"),
        ("name=x", "text/plain"),
        ("\xff\xfe", "application/x-www-form-urlencoded; charset=utf-7"),
        ("--b\r\nbroken", "multipart/form-data; boundary=b"),
        ("x", "multipart/form-data"),
    ],
)
def test_body_of_another_kind_is_no_form(alice: User, body: str, kind: str) -> None:
    assert signed_in(alice).post("/companies/new/", body, kind).status_code in (400, 422)


@pytest.mark.parametrize("path", ["/companies/%00/", "/companies/?q=%00", "/deals/?q=a%00b", "/search/?q=%00", "/?%00"])
def test_nul_in_the_address_is_a_bad_request(alice: User, path: str) -> None:
    assert signed_in(alice).get(path).status_code in (400, 404)


def test_lone_surrogate_is_kept_out(alice: User) -> None:
    answer = signed_in(alice).post(
        "/companies/new/", "name=a%ED%A0%80b", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code in (302, 422)  # the bytes are no UTF-8: replacement characters stand for them
