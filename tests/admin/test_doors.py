"""Who gets into the admin: managers and superusers, on every page; others are told, not sent round."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import Role, User
from deals.models import LostReason, Stage, StageChange
from records.models import Change, Record
from tests.admin.conftest import RECORDS

To = Callable[..., str]
READ_ONLY = ("deals_stagechange", "records_change")
KEPT = ("deals_stage", "deals_lostreason", "accounts_user", "accounts_role")


@pytest.fixture
def pages(records: dict[str, Record], to: To, alice: User) -> list[str]:
    """Return every page of the admin that answers to GET."""
    rows = {name: record.pk for name, record in records.items()}
    first = {
        "deals_stage": Stage.objects.earliest("pk").pk,
        "deals_lostreason": LostReason.objects.earliest("pk").pk,
        "accounts_user": alice.pk,
        "accounts_role": Role.objects.get(name="Managers").pk,
        "deals_stagechange": StageChange.objects.earliest("pk").pk,
        "records_change": Change.objects.earliest("pk").pk,
    }
    group = Group.objects.get(name="Managers").pk
    return [
        to("index"),
        *(to(f"{name}_changelist") for name in (*RECORDS, *KEPT, *READ_ONLY)),
        *(to(f"{name}_add") for name in (*RECORDS, *KEPT)),
        *(to(f"{name}_change", pk) for name, pk in (rows | first).items()),
        *(to(f"{name}_history", pk) for name, pk in (rows | first).items()),
        *(to(f"{name}_delete", rows[name]) for name in RECORDS),
        *(to(f"{name}_{page}") for name in RECORDS for page in ("import", "export")),
        *(to(f"{name}_permissions", rows[name]) for name in RECORDS),
        *(to(f"{name}_permissions_manage_user", rows[name], alice.pk) for name in RECORDS),
        *(to(f"{name}_permissions_manage_group", rows[name], group) for name in RECORDS),
        to("auth_user_password_change", alice.pk),
    ]


def test_manager_sees_every_page(boss: Client, pages: list[str]) -> None:
    assert {page: boss.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)


def test_superuser_sees_every_page(client: Client, root: User, pages: list[str]) -> None:
    client.force_login(root)
    assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)


def test_rep_is_refused_on_every_page(rep: Client, pages: list[str], to: To) -> None:
    pages = [*pages, to("login"), to("jsi18n"), to("autocomplete"), to("deals_deal_process_import")]
    assert {page: rep.get(page).status_code for page in pages} == dict.fromkeys(pages, 403)


def test_anonymous_is_sent_to_sign_in_on_every_page(client: Client, pages: list[str]) -> None:
    answers = {page: client.get(page) for page in pages}
    assert {page: (answer.status_code, answer["Location"]) for page, answer in answers.items()} == {
        page: (302, f"/accounts/login/?next={page}") for page in pages
    }


def test_signing_in_to_the_admin_is_signing_in(client: Client, boss: Client, to: To) -> None:
    assert Client().get(to("login"), {"next": "//evil.example"})["Location"] == "/accounts/login/?next=/admin/"
    assert boss.get(to("login"), {"next": to("deals_deal_changelist")})["Location"] == to("deals_deal_changelist")
    assert boss.get(to("login"), {"next": "https://evil.example"})["Location"] == "/admin/"


def test_signing_out_of_the_admin_is_signing_out(boss: Client, to: To) -> None:
    assert boss.get(to("logout")).status_code == 405
    assert boss.post(to("logout")).status_code == 302
    assert boss.get(to("index")).status_code == 302


def test_no_rights_outlive_the_role(boss: Client, mira: User, to: To) -> None:
    assert boss.get(to("deals_deal_changelist")).status_code == 200
    mira.groups.remove(Group.objects.get(name="Managers"))
    assert boss.get(to("deals_deal_changelist")).status_code == 403


def test_no_rights_outlive_the_account(boss: Client, mira: User, to: To) -> None:
    User.objects.filter(pk=mira.pk).update(is_active=False)
    assert boss.get(to("deals_deal_changelist")).status_code == 302


def test_without_the_permission_a_manager_is_refused(boss: Client, records: dict[str, Record], to: To) -> None:
    managers = Group.objects.get(name="Managers")
    managers.permissions.remove(*managers.permissions.filter(content_type__app_label="deals"))
    pk = records["deals_deal"].pk
    for name, args in (("changelist", ()), ("change", (pk,)), ("import", ()), ("export", ()), ("add", ())):
        assert boss.get(to(f"deals_deal_{name}", *args)).status_code == 403
    assert boss.get(to("deals_deal_permissions", pk)).status_code in (302, 403)


@pytest.mark.parametrize(
    "page",
    [
        "/admin/deals/deal/nosuchdeal/change/",
        "/admin/deals/deal/nosuchdeal/permissions/",
        "/admin/deals/deal/nosuchdeal/permissions/user-manage/nosuchuser/",
        "/admin/deals/deal/nosuchdeal/permissions/group-manage/x/",
        "/admin/deals/deal/nosuchdeal/permissions/group-manage/99999999999999999999/",
        "/admin/records/change/99999999999999999999/change/",
        "/admin/search/?s=deal&page=x",
        "/admin/nothing/",
        "/admin/deals/deal/?o=9.9&p=99999&stage=%F0%9F%98%80&q=%27%3A*%26%21()%5C",
        "/admin/deals/deal/?assigned_to__id__exact=%27&expected_close_date_from=0000-99-99&e=1",
        "/admin/deals/deal/?assigned_to__password__startswith=a",
        "/admin/records/change/?class=x&operation=y&q=%27",
        "/admin/autocomplete/?app_label=deals&model_name=deal&field_name=assigned_to&term=%27&page=99999",
        "/admin/autocomplete/?app_label=x&model_name=y&field_name=z",
        "/admin/accounts/user/?groups__id__exact=x",
    ],
)
def test_bad_addresses_are_no_errors_of_ours(boss: Client, page: str) -> None:
    assert boss.get(page).status_code < 500
