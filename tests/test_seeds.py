"""A test that commits leaves the database as the migrations left it."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from deals.models import LostReason, Stage
from records.access import share
from tests import seeds
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def everything() -> dict[str, list[str]]:
    """Return all rows of all models as text."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f"SELECT t::text FROM {model._meta.db_table} t ORDER BY 1")  # noqa: S608
            found[model._meta.db_table] = [text for (text,) in cursor.fetchall()]
    return found


def test_what_was_written_is_gone_and_what_was_there_is_back(alice: User, bob: User) -> None:
    seeds.put_back()
    before = everything()
    assert before["deals_stage"]
    assert before["accounts_user"] == []
    for person in (alice, bob):
        person.save(force_insert=True)
    company = make_company(alice)
    deal = make_deal(alice, company=company, contact=make_contact(alice, company=company))
    share(deal, make_role("Team", bob), ("view",))
    make_activity(bob, related_deal=deal).delete()
    signed_in(alice).get("/")
    Stage.objects.filter(key="lead").update(label="Something else")
    LostReason.objects.all().delete()
    Group.objects.get(name="Managers").permissions.clear()
    assert everything() != before
    seeds.put_back()
    assert everything() == before


def test_so_is_what_a_flush_has_made_anew() -> None:
    before = everything()
    call_command("flush", interactive=False, verbosity=0)
    assert everything() != before
    seeds.put_back()
    assert everything() == before
    assert Permission.objects.get(codename="view_deal").content_type == ContentType.objects.get(model="deal")
