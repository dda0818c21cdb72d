"""Lists in the admin: search and filters narrow them, and their queries do not grow with their rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from deals.models import Deal, StageChange
from records import lists
from records.models import Change, Record
from tests.admin.conftest import RECORDS
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role, make_user

To = Callable[..., str]


def make_rows(count: int) -> None:
    """Make `count` rows of each class, each with an owner and relations of its own."""
    for number in range(count):
        owner = make_user()
        make_role(f"Role {owner.username}", owner)
        company = make_company(owner)
        contact = make_contact(owner, company=company)
        deal = make_deal(owner, company=company, contact=contact, amount=number, expected_close_date=timezone.now())
        make_activity(owner, related_deal=deal)
        make_activity(owner, related_contact=contact)


@pytest.mark.parametrize(
    ("name", "queries"),
    [
        # session, user, count, rows
        *((name, 4) for name in ("companies_company", "contacts_contact", "activities_activity")),
        ("deals_deal", 5),  # and the stages of the filter
        ("deals_stagechange", 4),
        ("records_change", 5),  # and the newest change
        ("accounts_user", 6),  # and the roles of the rows and of the filter
        ("accounts_role", 4),
    ],
)
def test_queries_do_not_grow(
    boss: Client, to: To, name: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    boss.get(to(f"{name}_changelist"))
    make_rows(3)
    with django_assert_num_queries(queries):
        assert boss.get(to(f"{name}_changelist")).status_code == 200
    make_rows(10)
    with django_assert_num_queries(queries):
        assert boss.get(to(f"{name}_changelist")).status_code == 200


@pytest.mark.parametrize("name", RECORDS)
def test_search_finds_by_word_and_by_id(
    boss: Client, to: To, name: str, records: dict[str, Record], alice: User
) -> None:
    make_company(alice, name="Zenith")
    record = records[name]
    for term in (str(record).split()[0][:3].lower(), record.pk):
        rows = boss.get(to(f"{name}_changelist"), {"q": term}).context["cl"].result_list
        assert list(rows) == [record]
    assert not boss.get(to(f"{name}_changelist"), {"q": "nothing"}).context["cl"].result_list


def test_deal_filters(boss: Client, to: To, alice: User, bob: User) -> None:
    lead = make_deal(alice, title="lead")
    won = make_deal(bob, title="won", stage="won", expected_close_date=timezone.now())
    odd = make_deal(alice, title="odd", stage="something else")

    def shown(**query: str) -> set[Deal]:
        return set(boss.get(to("deals_deal_changelist"), query).context["cl"].result_list)

    assert shown(stage="lead") == {lead}
    assert shown(stage="-") == {odd}
    assert shown(assigned_to__id__exact=bob.pk) == {won}
    today = timezone.localdate().isoformat()
    assert shown(expected_close_date_from=today, expected_close_date_to=today) == {won}
    assert shown(expected_close_date_from="2101-01-01") == set()
    assert shown(expected_close_date_from="no day") == {lead, won, odd}


def test_company_and_activity_filters(boss: Client, to: To, alice: User) -> None:
    tools, toys = make_company(alice, industry="Tools"), make_company(alice, industry="Toys")
    rows = boss.get(to("companies_company_changelist"), {"industry": "TO"}).context["cl"].result_list
    assert set(rows) == {tools, toys}
    rows = boss.get(to("companies_company_changelist"), {"industry": "tool%"}).context["cl"].result_list
    assert not rows
    done, due = make_activity(alice, completed_at=timezone.now()), make_activity(alice, type="note")
    rows = boss.get(to("activities_activity_changelist"), {"state": "done"}).context["cl"].result_list
    assert set(rows) == {done}
    rows = boss.get(to("activities_activity_changelist"), {"state": "open", "type": "note"}).context["cl"].result_list
    assert set(rows) == {due}


def test_user_filters(boss: Client, to: To, alice: User) -> None:
    gone = make_user("gone", is_active=False)
    rows = boss.get(to("accounts_user_changelist"), {"is_active__exact": "0"}).context["cl"].result_list
    assert set(rows) == {gone}
    assert set(boss.get(to("accounts_user_changelist"), {"q": "ALI"}).context["cl"].result_list) == {alice}


def test_counting_stops_early(boss: Client, to: To, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("records.admin_lists.DEEPEST", 2)
    for _ in range(3):
        make_company(alice)
    page = boss.get(to("companies_company_changelist"))
    assert page.context["cl"].paginator.shown_count == "2+"
    assert lists.DEEPEST == 10_000


def test_columns_that_no_index_sorts_do_not_sort(boss: Client, to: To, records: dict[str, Record]) -> None:
    for name in RECORDS:
        changelist = boss.get(to(f"{name}_changelist")).context["cl"]
        assert set(changelist.sortable_by) < set(changelist.list_display)
        for column in range(1, len(changelist.list_display)):
            assert boss.get(to(f"{name}_changelist"), {"o": f"-{column}"}).status_code == 200


def test_nobody_learns_a_password_by_filtering(boss: Client, to: To, alice: User) -> None:
    make_deal(alice)
    assert boss.get(to("deals_deal_changelist"), {"assigned_to__password__startswith": "argon2"}).status_code == 400


def test_markup_is_shown_as_text(boss: Client, to: To, alice: User) -> None:
    markup = "<img src=x onerror=alert(1)>"
    company = make_company(alice, name=markup, industry=markup, website=markup)
    contact = make_contact(alice, name=markup, company=company)
    deal = make_deal(alice, title=markup, stage=markup, contact=contact)
    make_activity(alice, subject=markup, related_deal=deal)
    deal.title = markup + markup
    deal.save()
    pages = [to(f"{name}_changelist") for name in (*RECORDS, "records_change", "deals_stagechange")]
    pages += [to("deals_deal_change", deal.pk), to("deals_deal_delete", deal.pk), to("deals_deal_permissions", deal.pk)]
    pages += [to("records_change_change", Change.objects.filter(operation="update", object_id=deal.pk).latest("pk").pk)]
    pages += [to("deals_stagechange_change", StageChange.objects.latest("pk").pk)]
    for page in pages:
        assert "<img src=x" not in boss.get(page).content.decode()


def test_autocomplete_shows_names(boss: Client, to: To, alice: User) -> None:
    company = make_company(alice, name="Acme")
    query = {"app_label": "deals", "model_name": "deal", "field_name": "company", "term": "ac"}
    found = boss.get(to("autocomplete"), query).json()["results"]
    assert found == [{"id": company.pk, "text": "Acme"}]
    query = {"app_label": "accounts", "model_name": "user_groups", "field_name": "user", "term": "alice"}
    assert boss.get(to("autocomplete"), query).json()["results"] == [{"id": alice.pk, "text": "Alice"}]
