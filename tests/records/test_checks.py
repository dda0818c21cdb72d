"""The check commands find nothing in sound data, and every row that somebody has broken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from companies.models import CompanyUserGrant
from deals.models import Deal, StageChange
from records.access import share
from tests.factories import make_activity, make_company, make_contact, make_deal

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(alice: User, bob: User) -> Deal:
    """Make a deal with everything around it, shared with bob."""
    company = make_company(alice)
    deal = make_deal(alice, company=company, contact=make_contact(alice, company=company))
    make_activity(alice, related_deal=deal)
    share(deal, bob, ("view",))
    return deal


@contextmanager
def without_triggers(table: str) -> Iterator[None]:
    """Write behind the triggers' back, as the owner of the table can."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def check(command: str) -> list[str]:
    """Run a check; return its findings."""
    out = StringIO()
    try:
        call_command(command, stdout=out)
    except CommandError as error:
        return out.getvalue().splitlines() if error.returncode == 1 else [str(error)]
    return []


def test_sound_data_has_no_findings(deal: Deal) -> None:
    """Whatever was shared and moved."""
    Deal.objects.filter(pk=deal.pk).update(stage="won")
    assert check("check_access") == []
    assert check("check_invariants") == []


def test_forged_readers_and_acl_are_found(deal: Deal, mallory: User) -> None:
    """With the record and the column."""
    with without_triggers("deals_deal"):
        Deal.objects.filter(pk=deal.pk).update(readers=[mallory.pk], acl={"*": {"read": True}})
    found = check("check_access")
    assert f"Deal {deal.pk}: readers is not what the grants say" in found
    assert f"Deal {deal.pk}: acl is not what the grants say" in found
    assert any(line.startswith("Activity ") for line in found)


def test_grant_that_did_not_reach_the_record_is_found(deal: Deal, mallory: User) -> None:
    """Written while the triggers of the grant table were off."""
    with without_triggers("deals_dealusergrant"):
        share(deal, mallory, ("view",))
    assert f"Deal {deal.pk}: readers is not what the grants say" in check("check_access")


def test_right_of_another_class_is_found(deal: Deal, mallory: User) -> None:
    """Rights on deals mean nothing on a company."""
    permission = Permission.objects.get(codename="view_deal")
    CompanyUserGrant.objects.bulk_create(
        [CompanyUserGrant(user=mallory, permission=permission, content_object=deal.company)]
    )
    assert check("check_access") == [f"Company {deal.company_id}: view_deal is no right on it"]


def test_person_outside_of_everybody_is_found(alice: User) -> None:
    """Somebody took him out of the group by hand."""
    alice.groups.remove(Group.objects.get(name="*"))
    assert check("check_access") == [f"_User {alice.pk}: 'alice' is not in the group of everybody"]


def test_broken_stage_history_is_found(deal: Deal) -> None:
    """A step that does not begin where the one before it ended, and an end where the deal is not."""
    Deal.objects.filter(pk=deal.pk).update(stage="proposal")
    StageChange.objects.filter(deal=deal, to_stage="proposal").update(from_stage="won", to_stage="negotiation")
    assert check("check_invariants") == [
        f"Deal {deal.pk}: moved from won but was in lead",
        f"Deal {deal.pk}: is in proposal but was last moved to negotiation",
    ]


def test_stamp_in_the_future_is_found(deal: Deal) -> None:
    """Stamps serve as versions: one in the future would block every edit."""
    with without_triggers("deals_deal"), connection.cursor() as cursor:
        cursor.execute("UPDATE deals_deal SET updated_at = now() + interval '1 day'")
    assert [line.split(":")[0] for line in check("check_invariants")] == [f"Deal {deal.pk}"]
