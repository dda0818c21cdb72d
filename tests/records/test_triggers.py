"""What the database itself holds true, whichever door a write comes through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from activities.models import Activity
from companies.models import Company
from contacts.models import Contact
from deals.models import Deal
from records.access import share
from records.derived import all_wrong_rows
from records.log import acting
from records.models import Change
from tests.factories import make_activity, make_company, make_contact, make_deal, make_manager, make_role, make_user

pytestmark = pytest.mark.django_db
MODELS = (Company, Contact, Deal, Activity)
MAKERS: tuple[Any, ...] = (make_company, make_contact, make_deal, make_activity)


def sql(statement: str, *values: Any) -> None:
    """Run plain SQL."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextmanager
def refused(constraint: str) -> Iterator[None]:
    """Expect the database to refuse a write by a named constraint."""
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        yield


def operations(*pks: str) -> list[tuple[str, str | None]]:
    """Return the (operation, actor) of the log's rows of some records, in order."""
    return list(Change.objects.filter(object_id__in=pks).order_by("id").values_list("operation", "actor"))


@pytest.mark.parametrize("maker", MAKERS)
def test_derived_columns_and_creation_cannot_be_written(alice: User, mallory: User, maker: Any) -> None:
    record = maker(alice)
    table = record._meta.db_table
    before = type(record).objects.values("id", "created_at", "readers", "acl").get()
    sql(
        f"UPDATE {table} SET readers = '{{*}}', acl = '{{\"*\": {{\"read\": true}}}}', "  # noqa: S608
        "created_at = '2000-01-01', id = 'AAAAAAAAAA'"
    )
    type(record).objects.update(readers=[mallory.pk], acl={})
    assert type(record).objects.values("id", "created_at", "readers", "acl").get() == before
    made = type(record)(readers=["*"], acl={"*": {"read": True}})
    setattr(made, "title" if maker is make_deal else "subject" if maker is make_activity else "name", "x")
    made.save()
    assert type(record).objects.values_list("readers", "acl").get(pk=made.pk) == ([], {})


@pytest.mark.parametrize("maker", MAKERS)
def test_updated_at_moves_forward_and_cannot_be_set(alice: User, maker: Any) -> None:
    record = maker(alice)
    model = type(record)
    stamps = [model.objects.get().updated_at]
    for _ in range(20):
        model.objects.update(updated_at="2000-01-01T00:00:00Z")
        stamps.append(model.objects.get().updated_at)
    assert stamps == sorted(set(stamps))
    assert all(stamp.microsecond % 1000 == 0 for stamp in stamps)
    share(record, make_user(), ("view",))
    assert model.objects.get().updated_at == stamps[-1]  # what is derived is no new version


@pytest.mark.parametrize("maker", MAKERS)
def test_every_operation_is_logged_with_its_actor(alice: User, bob: User, maker: Any) -> None:
    with acting(alice):
        record = maker(alice)
        share(record, bob, ("view",))
    with acting(bob):
        record.save()
    sql(f"DELETE FROM {record._meta.db_table} WHERE id = %s", record.pk)  # noqa: S608
    logged = operations(record.pk)
    told = [entry for entry in logged if entry[0] != "update"]
    assert told[0] == ("insert", alice.pk)
    assert told.count(("grant", alice.pk)) == 3
    assert ("update", bob.pk) in logged
    assert told.count(("revoke", None)) == 3
    assert told.count(("delete", None)) == 1
    last = Change.objects.get(object_id=record.pk, operation="delete")
    old: dict[str, Any] = last.old or {}
    assert old["id"] == record.pk
    assert old["acl"][bob.pk] == {"read": True}
    assert last.new is None


def test_acting_ends_with_its_block(alice: User, bob: User) -> None:
    with acting(alice):
        with acting(bob):
            first = make_company()
        second = make_company()
    third = make_company()
    assert [operations(company.pk)[0][1] for company in (first, second, third)] == [bob.pk, alice.pk, None]


def test_bulk_writes_are_kept_right(alice: User, bob: User) -> None:
    companies = Company.objects.bulk_create(Company(name=f"C{n}", created_by=alice) for n in range(5))
    deals = Deal.objects.bulk_create(
        Deal(title=f"D{n}", assigned_to=bob, company=companies[n % 5], stage="lead") for n in range(20)
    )
    assert Company.objects.for_user(bob, "view").count() == 5
    assert Change.objects.filter(operation="insert").count() == 25
    for deal in deals:
        deal.company = companies[0]
    Deal.objects.bulk_update(deals, ["company"])
    assert list(Company.objects.for_user(bob, "view")) == [companies[0]]
    Deal.objects.update(assigned_to=alice)
    assert not Deal.objects.for_user(bob, "view").exists()
    assert not Company.objects.for_user(bob, "view").exists()
    assert all_wrong_rows() == []
    Deal.objects.all().delete()
    assert Change.objects.filter(class_name="Deal", operation="delete").count() == 20
    assert not Deal.user_grants._default_manager.exists()
    assert all_wrong_rows() == []


def test_deleting_takes_grants_along_and_logs_it(alice: User, bob: User) -> None:
    contact = make_contact(alice)
    activity = make_activity(alice, related_contact=contact)
    share(activity, bob, ("view",))
    contact.delete()
    revoked = Change.objects.filter(object_id=activity.pk, operation="revoke")
    assert revoked.count() == 3
    assert set(revoked.values_list("old__user_id", flat=True)) == {alice.pk, bob.pk}
    assert not Activity.user_grants._default_manager.exists()


def test_a_deleted_person_or_role_leaves_no_access(alice: User, bob: User) -> None:
    team = make_role("Team", bob)
    company = make_company(alice)
    deal = make_deal(bob, company=company)
    share(deal, team, ("view",))
    team.delete()
    bob.delete()
    assert Deal.objects.values_list("readers", "acl").get() == ([], {})
    assert Company.objects.values_list("readers", flat=True).get() == [alice.pk]
    assert Change.objects.filter(object_id=deal.pk, operation="revoke").exists()
    assert all_wrong_rows() == []


@pytest.mark.parametrize("amount", ["'NaN'", "'Infinity'", "'-Infinity'", "1e309", "-1e309"])
def test_amounts_are_finite(alice: User, amount: str) -> None:
    make_deal(alice)
    with refused("deal_amount_finite"):
        sql(f"UPDATE deals_deal SET amount = {amount}")  # noqa: S608
    sql("UPDATE deals_deal SET amount = 1e308")


def test_an_activity_is_about_one_record(alice: User) -> None:
    deal, contact = make_deal(alice), make_contact(alice)
    with refused("activity_about_one_record"):
        make_activity(alice, related_deal=deal, related_contact=contact)


@pytest.mark.parametrize(
    ("maker", "field", "constraint"),
    [
        (make_company, "name", "company_name_given"),
        (make_contact, "name", "contact_name_given"),
        (make_deal, "title", "deal_title_given"),
    ],
)
def test_required_names_are_given(maker: Any, field: str, constraint: str) -> None:
    with refused(constraint):
        maker(None, **{field: ""})
    with refused("null value"):
        maker(None, **{field: None})


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("pk", ["short", "with space", "umlaut-äöü"[:10], "new\nline00"])
def test_ids_have_their_form(maker: Any, pk: str) -> None:
    with refused("_id_form"):
        maker(None, pk=pk)


def test_probability_is_a_percentage_and_a_stage_fits_its_index() -> None:
    with refused("deal_probability_percent"):
        make_deal(None, probability=101)
    with refused("deal_stage_fits_index"):
        make_deal(None, stage="x" * 501)


def test_usernames_and_addresses_are_unique_without_case() -> None:
    make_user("alice", email="alice@example.com")
    for username in ("ALICE", "\uff41lice"):  # the second with a full-width letter, which NFKC folds
        with refused("user_username_unique"):
            make_user(username, email=f"{username.encode().hex()}@example.com")
    with refused("user_email_unique"):
        make_user("alice2", email="ALICE@example.com")
    with refused("user_username_given"):
        User.objects.bulk_create([User(username="", email="x@example.com")])


def test_for_user_never_adds_a_row(alice: User, bob: User, mallory: User, mira: User) -> None:
    seen, hidden = make_deal(alice), make_deal(bob)
    share(hidden, mallory, ("view",))
    inactive = make_manager("inactive", is_active=False)
    root = make_user("root", is_superuser=True)
    for person in (alice, bob, mallory, mira, inactive, root, AnonymousUser()):
        for action in ("view", "change", "delete"):
            assert not Deal.objects.none().for_user(person, action).exists()
            mine = set(Deal.objects.filter(pk=seen.pk).for_user(person, action))
            assert mine <= {seen}
            assert mine == set(Deal.objects.for_user(person, action)) & {seen}
    assert not Deal.objects.for_user(inactive, "view").exists()
    with pytest.raises(ValueError, match="no action"):
        Deal.objects.for_user(alice, "own")


def test_everybody_joins_the_group_of_everybody(alice: User) -> None:
    assert list(alice.groups.values_list("name", flat=True)) == ["*"]
    User.objects.bulk_create([User(username="bulk", email="bulk@example.com")])
    assert Group.objects.get(name="*").user_set.count() == 2


def test_stage_history_goes_on_when_a_deal_comes_back(alice: User) -> None:
    deal = make_deal(alice, stage="lead")
    Deal.objects.update(stage="won")
    row = Deal.objects.values().get()
    Deal.objects.all().delete()
    Deal(**{name: value for name, value in row.items() if name not in ("readers", "acl")}).save(force_insert=True)
    moves = deal.stage_changes.order_by("id").values_list("from_stage", "to_stage")
    assert list(moves) == [(None, "lead"), ("lead", "won")]
    Deal.objects.all().delete()
    Deal(id=deal.pk, title="x", stage="lost").save(force_insert=True)
    assert list(moves.all())[-1] == ("won", "lost")
