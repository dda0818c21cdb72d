"""Export and import: what goes out comes back as it was, nothing runs, and an upload is its uploader's alone."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from activities.models import Activity
from companies.models import Company
from contacts.models import Contact
from deals.models import Deal
from records import imports
from records.derived import all_wrong_rows
from records.exports import quoted, unquoted
from records.models import Change, Record
from tests.admin.conftest import RECORDS
from tests.factories import make_activity, make_company, make_contact, make_deal, make_manager, make_user

To = Callable[..., str]
HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tTAB",
    "\rCR",
    "\nLF",
    "\uff1d1+1",
    "\uff0d1",
    "'quoted",
    "'=1",
    "''=1",
    "'",
    "=",
    '"a","b"\r\nc',
    " two  blanks ",
    "😀\u202e",
    "<b>bold</b>",
    "0123",
]


def export(browser: Client, to: To, name: str, **query: str) -> str:
    """Return the exported table as text."""
    page = to(f"{name}_export") + ("?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else "")
    answer = browser.post(page, {"format": "0", "resource": "0"})
    assert answer["Content-Type"].startswith("text/csv"), answer.content[:300]
    assert re.fullmatch(r'attachment; filename="[A-Za-z]+-[\d-]+\.csv"', answer["Content-Disposition"])
    return str(answer.content.decode("utf-8-sig"))


def table(text: str) -> list[dict[str, str]]:
    """Return the rows of a table."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def written(rows: list[dict[str, Any]]) -> bytes:
    """Return a table as a file."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def upload(browser: Client, to: To, name: str, data: bytes) -> Any:
    """Return the answer to the first step."""
    file = SimpleUploadedFile("table.csv", data, "text/csv")
    return browser.post(to(f"{name}_import"), {"import_file": file, "format": "0", "resource": "0"})


def confirm(browser: Client, to: To, name: str, first: Any) -> Any:
    """Return the answer to the second step."""
    assert "confirm_form" in first.context, problems(first)
    return browser.post(to(f"{name}_process_import"), first.context["confirm_form"].initial)


def problems(answer: Any) -> str:
    """Return everything an import page complains of."""
    found = [str(dict(answer.context["form"].errors))] if answer.context["form"].errors else []
    if result := answer.context.get("result"):
        found += [str(error.error) for error in result.base_errors]
        found += [f"{line}: {error.error}" for line, errors in result.row_errors() for error in errors]
        found += [f"{row.number}: {row.error}" for row in result.invalid_rows]
    return "\n".join(found)


@given(st.text())
def test_unquoting_undoes_quoting(text: str) -> None:
    assert unquoted(quoted(text)) == text
    assert quoted(text)[:1] not in "=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20" or not text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_round_trip_is_exact(boss: Client, to: To, alice: User, hostile: str) -> None:
    company = make_company(alice, name=hostile, website=hostile, industry=hostile, address=hostile, notes=hostile)
    make_deal(alice, title=hostile, notes=hostile, company=company, amount="-12.50")
    before = {model: list(model.objects.values()) for model in (Company, Deal)}
    texts = {name: export(boss, to, name) for name in ("companies_company", "deals_deal")}
    assert table(texts["deals_deal"])[0]["amount"] == "-12.50"
    for row in table(texts["companies_company"]):
        assert not any(cell[:1] in "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20" for cell in row.values() if cell)
    for name, text in texts.items():
        answer = confirm(boss, to, name, upload(boss, to, name, text.encode()))
        assert answer.status_code == 302
    assert {model: list(model.objects.values()) for model in (Company, Deal)} == before, "not even updatedAt moved"

    Deal.objects.all().delete()
    Company.objects.all().delete()
    for name, text in texts.items():
        confirm(boss, to, name, upload(boss, to, name, text.encode()))
    kept = ("id", "name", "website", "industry", "address", "notes", "created_by_id")
    assert [{key: row[key] for key in kept} for row in Company.objects.values()] == [
        {key: row[key] for key in kept} for row in before[Company]
    ]
    assert Deal.objects.get().title == hostile


def test_every_column_comes_back(boss: Client, to: To, alice: User, bob: User) -> None:
    moment = datetime(2026, 2, 3, 4, 5, 6, 789000, tzinfo=UTC)
    company = make_company(alice)
    contact = make_contact(alice, company=company, email="a@b.example", phone="+49 1")
    deal = make_deal(
        bob, amount="0.10", stage="lost", lost_reason="price", lost_note="=dear", probability=0, contact=contact,
        company=company, expected_close_date=moment, closed_at=moment,
    )  # fmt: skip
    make_activity(bob, related_deal=deal, due_date=moment, completed_at=moment, description="x\ny", type="fax")
    make_activity(bob, related_contact=contact, subject="")
    models = (Company, Contact, Deal, Activity)
    skipped = {"updated_at", "created_at", "position", "stage_changed_at", "readers", "acl"}

    def stored() -> list[dict[str, Any]]:
        rows = [row for model in models for row in model.objects.order_by("pk").values()]
        return [{key: value for key, value in row.items() if key not in skipped} for row in rows]

    before = stored()
    texts = {name: export(boss, to, name) for name in RECORDS}
    assert (table(texts["deals_deal"])[0]["companyName"], table(texts["deals_deal"])[0]["assignedTo"]) == (
        company.name,
        "bob",
    )
    for name in RECORDS:
        confirm(boss, to, name, upload(boss, to, name, texts[name].encode()))
    assert stored() == before
    assert not list(all_wrong_rows())


def test_a_new_row_makes_a_record(boss: Client, to: To, mira: User, bob: User) -> None:
    company = make_company(mira)
    rows = [
        {"title": "One", "stage": "lead", "amount": "1.5", "company": company.pk, "assignedTo": "BOB"},
        {"title": "Two", "stage": "won", "amount": "", "company": "", "assignedTo": ""},
    ]
    answer = confirm(boss, to, "deals_deal", upload(boss, to, "deals_deal", written(rows)))
    assert answer["Location"] == to("deals_deal_changelist")
    one, two = Deal.objects.get(title="One"), Deal.objects.get(title="Two")
    assert (one.assigned_to, one.company, str(one.amount), one.closed_at) == (bob, company, "1.5", None)
    assert (two.assigned_to, two.company, two.amount) == (None, None, None)
    assert two.closed_at
    assert Change.objects.get(object_id=one.pk, operation="insert").actor == mira.pk
    assert LogEntry.objects.filter(object_id=one.pk, user=mira).exists()


def test_without_an_owner_column_the_uploader_owns(boss: Client, to: To, mira: User) -> None:
    confirm(boss, to, "companies_company", upload(boss, to, "companies_company", b"name\nAcme\n"))
    assert Company.objects.get().created_by == mira


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("title", "", "title"),
        ("amount", "NaN", "not a number"),
        ("amount", "Infinity", "not a number"),
        ("amount", "1e9999", "out of range"),
        ("amount", "1e-9999", "out of range"),
        ("amount", "9" * 401, "not a number"),
        ("amount", "\uff11\uff12\uff13", "not a number"),
        ("amount", "1.234,56", "not a number"),
        ("amount", "=1+1", "not a number"),
        ("probability", "101", "whole number"),
        ("probability", "0.5", "whole number"),
        ("stage", "nosuch", "There is no stage"),
        ("stage", "lost", "Say why"),
        ("lostReason", "nosuch", "There is no reason"),
        ("company", "nosuchid00", "There is no company"),
        ("contact", "' OR 1=1", "There is no contact"),
        ("assignedTo", "nobody", "There is no user"),
        ("expectedCloseDate", "2026-02-30", "not a date"),
        ("expectedCloseDate", "9999-12-31", "out of range"),
        ("expectedCloseDate", "0001-01-01", "out of range"),
        ("objectId", "too short", "deal_id_form"),
    ],
)
def test_a_bad_cell_is_an_error_of_its_row(boss: Client, to: To, column: str, value: str, message: str) -> None:
    rows = [{"title": "Good", "stage": "lead"}, {"title": "Bad", "stage": "lead", column: value}]
    rows[0].setdefault(column, "Good" if column == "title" else "")
    rows[0]["stage"] = "lead"
    first = upload(boss, to, "deals_deal", written(rows))
    assert "confirm_form" not in first.context
    assert re.search(rf"^2: .*{re.escape(message)}", problems(first), re.DOTALL | re.MULTILINE), problems(first)
    assert not Deal.objects.exists()


def test_an_activity_row_follows_the_rules(boss: Client, to: To, alice: User) -> None:
    contact, deal = make_contact(alice), make_deal(alice)
    rows = [
        {"type": "fax", "relatedContact": "", "relatedDeal": ""},
        {"type": "call", "relatedContact": contact.pk, "relatedDeal": deal.pk},
    ]
    found = problems(upload(boss, to, "activities_activity", written(rows)))
    assert "There is no type" in found
    assert "activity_about_one_record" in found


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"name\n\xff\xfe", "neither UTF-8 nor UTF-16"),
        (b"name\nA\0B\n", "NUL"),
        (b'name\n"open\n', "not CSV"),
        (b"name,name\nA,B\n", "twice"),
        (b"name,readers,acl\nA,B,C\n", "Unknown columns: 'readers', 'acl'"),
        (b"name\nA,B\n", "more cells"),
        (b"\n", "name the columns"),
        (b"name\n" + b"A\n" * (imports.MAX_ROWS + 1), "rows"),
        (b",".join(b"c%d" % number for number in range(100_000)), "columns"),
        (b"name\n" + b"A" * imports.MAX_BYTES, "5 MB"),
        (b"PK\x03\x04" + b"\0" * 100, "NUL"),
    ],
)
def test_a_bad_file_is_a_form_error(boss: Client, to: To, data: bytes, message: str) -> None:
    first = upload(boss, to, "companies_company", data)
    assert first.status_code == 200
    assert message in problems(first).replace('\\"', '"'), problems(first)
    assert not Company.objects.exists()


def test_an_oversized_upload_is_refused_unread(boss: Client, to: To) -> None:
    assert upload(boss, to, "companies_company", b"name\n" + b"A" * 21_000_000).status_code == 413


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_with_a_mark_are_read(boss: Client, to: To, encoding: str) -> None:
    first = upload(boss, to, "companies_company", "name\r\nGrüße 😀\r\n".encode(encoding))
    confirm(boss, to, "companies_company", first)
    assert Company.objects.get().name == "Grüße 😀"


def test_markup_is_shown_as_text_in_the_preview(boss: Client, to: To, alice: User) -> None:
    company = make_company(alice, name="<i>old</i>")
    rows = [{"objectId": company.pk, "name": "<img src=x onerror=alert(1)>"}]
    shown = upload(boss, to, "companies_company", written(rows)).content.decode()
    assert "<img src=x" not in shown
    assert "<i>old" not in shown


def test_an_upload_is_its_uploaders_alone(boss: Client, to: To) -> None:
    first = upload(boss, to, "companies_company", b"name\nAcme\n")
    other = Client()
    other.force_login(make_manager("mona"))
    assert confirm(other, to, "companies_company", first).status_code == 404
    data = first.context["confirm_form"].initial
    assert boss.post(to("contacts_contact_process_import"), data).status_code == 404
    for name in ("../../etc/passwd", "x", "", first.context["form"].cleaned_data["import_file"].tmp_storage_name):
        answer = boss.post(to("companies_company_process_import"), data | {"import_file_name": name})
        assert answer.status_code == (200 if not name else 404)
    forged = data | {"format": "99", "resource": "-99"}
    assert boss.post(to("companies_company_process_import"), forged).status_code == 302
    assert boss.post(to("companies_company_process_import"), data).status_code == 404, "it is gone after use"
    assert Company.objects.count() == 1


def test_uploads_lie_where_only_the_server_reads(boss: Client, to: To, settings: Any) -> None:
    upload(boss, to, "companies_company", b"name\nAcme\n")
    directory = imports._directory()
    assert directory.is_relative_to(settings.CRM_DATA_DIR)
    assert directory.stat().st_mode & 0o077 == 0


def test_what_changed_since_the_preview_imports_nothing(boss: Client, to: To, alice: User) -> None:
    company = make_company(alice)
    rows = [{"name": "One", "company": ""}, {"name": "Two", "company": company.pk}]
    first = upload(boss, to, "contacts_contact", written(rows))
    company.delete()
    answer = confirm(boss, to, "contacts_contact", first)
    assert answer.status_code == 200
    assert "Nothing was imported" in answer.content.decode()
    assert not Contact.objects.exists()


def test_export_follows_the_filters(boss: Client, to: To, alice: User) -> None:
    make_deal(alice, title="Lead")
    make_deal(alice, title="Won", stage="won")
    assert [row["title"] for row in table(export(boss, to, "deals_deal", stage="won"))] == ["Won"]
    assert [row["title"] for row in table(export(boss, to, "deals_deal", q="lea"))] == ["Lead"]


def test_export_does_not_ask_row_by_row(
    boss: Client, to: To, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(13):
        owner = make_user()
        make_deal(owner, company=make_company(owner), contact=make_contact(owner))
    with django_assert_max_num_queries(20):
        assert len(table(export(boss, to, "deals_deal"))) == 13


def test_too_large_an_export_says_what_to_do(
    boss: Client, to: To, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.exports.MAX_EXPORT", 1)
    make_company(alice)
    make_company(alice)
    answer = boss.post(to("companies_company_export"), {"format": "0", "resource": "0"}, follow=True)
    assert answer["Content-Type"].startswith("text/html")
    assert "pg_dump" in answer.content.decode()


@pytest.mark.parametrize("name", RECORDS)
def test_a_rep_neither_exports_nor_imports(rep: Client, to: To, name: str, records: dict[str, Record]) -> None:
    del records
    assert rep.post(to(f"{name}_export"), {"format": "0", "resource": "0"}).status_code == 403
    assert upload(rep, to, name, b"name\nA\n").status_code == 403
    assert rep.post(to(f"{name}_process_import"), {"import_file_name": "x"}).status_code == 403
