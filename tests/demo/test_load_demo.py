"""The demo data: complete, believable in time, loaded once."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db.models import F, Max
from django.utils import timezone

from accounts import demo
from accounts.models import User
from activities.models import Activity
from companies.models import Company
from contacts.models import Contact
from deals.models import Deal, StageChange
from deals.stages import STAGES, LostReason
from records.derived import all_wrong_rows
from records.models import Change

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _loaded(db: None) -> None:
    del db
    call_command("load_demo", verbosity=0)


def test_second_load_changes_nothing() -> None:
    """A team is there once, even after somebody deleted all of it but the accounts."""
    Deal.objects.all().delete()
    call_command("load_demo")
    assert not Deal.objects.exists()


def test_accounts_open_with_the_demo_password_and_colleagues_do_not() -> None:
    """The three that serve prints, and nobody else."""
    assert {user.username for user in demo.active_accounts()} == set(demo.PEOPLE)
    assert User.objects.get(username="mira").is_manager
    assert not User.objects.get(username="keiko").has_usable_password()


def test_every_stage_has_deals_and_lost_ones_a_known_reason() -> None:
    """The board looks lived in."""
    assert set(Deal.objects.values_list("stage", flat=True)) == {stage[0] for stage in STAGES}
    reasons = set(Deal.objects.filter(stage="lost").values_list("lost_reason", flat=True))
    assert reasons <= set(LostReason.objects.values_list("key", flat=True))


def test_nothing_happened_in_the_future() -> None:
    """What is done is past; only plans lie ahead."""
    now = timezone.now()
    for model in (Company, Contact, Deal, Activity):
        assert not model.objects.filter(created_at__gt=now).exists()
        assert not model.objects.filter(updated_at__gt=now).exists()
        assert not model.objects.filter(updated_at__lt=F("created_at")).exists()
    assert not Activity.objects.filter(completed_at__gt=now).exists()
    assert not Deal.objects.filter(closed_at__gt=now).exists()
    assert not Change.objects.filter(created_at__gt=now).exists()


def test_history_is_in_order_and_has_its_people() -> None:
    """The log reads as if it had been written over the months."""
    moments = list(Change.objects.order_by("id").values_list("created_at", flat=True))
    assert moments == sorted(moments)
    assert not Change.objects.filter(actor=None).exists()
    assert StageChange.objects.filter(actor=None).count() == 0
    newest = StageChange.objects.values("deal").annotate(last=Max("id")).values("last")
    for change in StageChange.objects.filter(pk__in=newest).select_related("deal"):
        assert (change.to_stage, change.changed_at) == (change.deal.stage, change.deal.stage_changed_at)


def test_access_is_as_if_typed_in() -> None:
    """Grants, readers and lists agree; alice sees what bob shared."""
    assert all_wrong_rows() == []
    alice = User.objects.get(username="alice")
    seen = Deal.objects.for_user(alice, "view")
    assert seen.filter(title="Linen tags for 11 hotels").exists()
    assert not seen.filter(title="Cross-dock conveyors scanning").exists()


def test_addresses_lead_nowhere() -> None:
    """Mail and links stay below names that are reserved for examples (RFC 2606)."""
    for email in Contact.objects.values_list("email", flat=True):
        assert str(email).endswith((".example", "@example.org"))
    for website in Company.objects.values_list("website", flat=True):
        assert str(website).endswith(".example")
