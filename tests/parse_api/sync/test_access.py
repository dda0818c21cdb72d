"""What a sync tells follows what its person may read, at every moment; ids that were never his are not named."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import transaction

from accounts.models import Role, User
from deals.models import Deal
from records.access import share
from records.models import Change
from tests.factories import make_activity, make_company, make_contact, make_deal, make_manager, make_role, make_user
from tests.parse_api.app import App, refusal, signed_in_app
from tests.parse_api.objects import pointer
from tests.parse_api.sync.copy import GONE, Copy, news, remove, truth

pytestmark = pytest.mark.django_db(transaction=True)


def synced(person: User) -> Copy:
    """Return the copy of somebody."""
    copy = Copy(signed_in_app(person))
    copy.sync()
    return copy


def test_without_a_session_there_is_nothing(alice: User) -> None:
    make_deal(alice)
    assert refusal(App().get("/changes")) == (404, 101)
    assert refusal(App().get("/changes?since=x")) == (404, 101)
    assert refusal(App({}).get("/changes")) == (403, None)


def test_a_stranger_learns_nothing(alice: User, mallory: User) -> None:
    copy = synced(mallory)
    deal, contact = make_deal(alice), make_contact(alice)
    Deal.objects.filter(pk=deal.pk).update(title="changed")
    share(deal, make_user("carol"), ("view",))
    remove(contact)
    remove(deal)
    assert news(copy.sync()) == ({}, {})


def test_who_is_granted_a_record_is_told_of_it_and_of_what_follows(alice: User, bob: User) -> None:
    company = make_company(alice)
    deal = make_deal(alice, company=company, contact=make_contact(alice))
    activity = make_activity(alice, related_deal=deal)
    copy = synced(bob)
    share(deal, bob, ("view",))
    ids = {"Deal": {deal.pk}, "Company": {company.pk}, "Contact": {deal.contact_id}, "Activity": {activity.pk}}
    assert news(copy.sync()) == (ids, {})
    share(deal, bob, ())
    assert news(copy.sync()) == ({}, ids)
    Deal.objects.update(title="changed")
    remove(deal)
    assert news(copy.sync()) == ({}, {})


def test_a_hand_over_is_gone_here_and_new_there(alice: User, bob: User) -> None:
    deal = make_deal(alice)
    first, second = synced(alice), synced(bob)
    signed_in_app(alice).put(f"/classes/Deal/{deal.pk}", {"assignedTo": pointer(bob)})
    assert news(first.sync()) == ({}, {"Deal": {deal.pk}})
    assert news(second.sync()) == ({"Deal": {deal.pk}}, {})


def test_a_right_that_changes_is_told_with_the_acl(alice: User, bob: User) -> None:
    deal = make_deal(alice)
    share(deal, bob, ("view",))
    copy = synced(bob)
    share(deal, bob, ("view", "change"))
    assert news(copy.sync()) == ({"Deal": {deal.pk}}, {})
    assert copy.records["Deal"][deal.pk]["ACL"][bob.pk] == {"read": True, "write": True}


def test_what_came_and_went_between_is_gone(alice: User, bob: User) -> None:
    deal = make_deal(alice)
    copy = synced(bob)
    share(deal, bob, ("view",))
    share(deal, bob, ())
    assert news(copy.sync()) == ({}, {"Deal": {deal.pk}})  # he could have seen it


def test_what_nobody_could_see_between_is_not_named(alice: User, bob: User) -> None:
    """Within one transaction a deal was Bob's, and came to be another's."""
    copy = synced(bob)
    with transaction.atomic():
        made = make_deal(bob)
        Deal.objects.filter(pk=made.pk).update(assigned_to=alice)
    old = make_deal(alice)
    with transaction.atomic():
        share(old, bob, ("view",))
        share(old, bob, ())
    with transaction.atomic():
        make_deal(bob).delete()
    assert news(copy.sync()) == ({}, {})
    assert any(bob.pk in (change.old or {}).get("readers", []) for change in Change.objects.all())


def test_managers_see_all(alice: User, mira: User) -> None:
    copy = synced(mira)
    deal = make_deal(alice)
    nobodys = make_deal(None)
    assert news(copy.sync()) == ({"Deal": {deal.pk, nobodys.pk}}, {})
    remove(deal)
    assert news(copy.sync()) == ({}, {"Deal": {deal.pk}})


def join(person: User, role: Group) -> None:
    person.groups.add(role)


def leave(person: User, role: Group) -> None:
    person.groups.remove(role)


def join_through_another(person: User, role: Group) -> None:
    child = make_role("Child", person)
    Role.objects.get(pk=role.pk).children.add(child)


def manage(person: User, role: Group) -> None:
    del role
    person.groups.add(Group.objects.get(name="Managers"))


def become_superuser(person: User, role: Group) -> None:
    del role
    User.objects.filter(pk=person.pk).update(is_superuser=True)


def be_allowed_a_class(person: User, role: Group) -> None:
    del role
    person.user_permissions.add(Permission.objects.get(codename="view_deal"))


def allow_the_role_a_class(person: User, role: Group) -> None:
    person.groups.add(role)
    role.permissions.add(Permission.objects.get(codename="view_contact"))


@pytest.mark.parametrize(
    "change",
    [join, leave, join_through_another, manage, become_superuser, be_allowed_a_class, allow_the_role_a_class],
)
def test_who_has_other_roles_starts_over(alice: User, bob: User, change: Callable[[User, Group], None]) -> None:
    """What the log says of records does not tell that: here it says nothing at all."""
    role = make_role("Sales", *([bob] if change is leave else []))
    deal = make_deal(alice)
    make_contact(alice)
    share(deal, role, ("view",))
    copy = synced(bob)
    change(bob, role)
    answer = copy.ask()
    assert refusal(answer) == GONE
    assert "roles" in answer.json()["error"]
    copy.sync()
    assert copy.begun == 2
    assert copy.records == truth(copy.app)
    assert bool(copy.records["Deal"]) is (change is not leave)


def test_a_demoted_manager_starts_over(alice: User) -> None:
    mira = make_manager("max")
    make_deal(alice)
    copy = synced(mira)
    assert len(copy.records["Deal"]) == 1
    mira.groups.clear()
    assert refusal(copy.ask()) == GONE
    copy.sync()
    assert copy.records == {"Company": {}, "Contact": {}, "Deal": {}, "Activity": {}}


def test_a_role_that_is_deleted_takes_its_records_along(alice: User, bob: User) -> None:
    role = make_role("Sales", bob)
    share(make_deal(alice), role, ("view",))
    copy = synced(bob)
    role.delete()
    assert refusal(copy.ask()) == GONE
    copy.sync()
    assert copy.records["Deal"] == {}


def test_roles_that_change_between_pages_start_over(alice: User, bob: User) -> None:
    role = make_role("Sales", bob)
    for _ in range(4):
        share(make_deal(alice), role, ("view",))
    copy = Copy(signed_in_app(bob), limit=2)
    copy.start_over()
    assert copy.take(copy.ask().json())
    bob.groups.remove(role)
    copy.sync()
    assert copy.begun == 2
    assert copy.records == truth(copy.app)


def test_a_cursor_serves_nobody_else(alice: User, bob: User, mira: User) -> None:
    make_deal(alice)
    copy = synced(alice)
    for other in (bob, mira):
        copy.app = signed_in_app(other)
        assert refusal(copy.ask()) == GONE
    copy.app = App(copy.app.headers | {"X-Parse-Master-Key": "master"})
    assert refusal(copy.ask()) == GONE


def test_a_session_that_has_ended_syncs_no_more(alice: User) -> None:
    copy = synced(alice)
    App(copy.app.headers).post("/logout")
    assert refusal(copy.ask()) == (400, 209)


def test_who_is_deactivated_syncs_no_more(alice: User) -> None:
    copy = synced(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert copy.ask().status_code == 400


def test_another_session_of_the_same_person_goes_on(alice: User) -> None:
    copy = synced(alice)
    deal = make_deal(alice)
    copy.app = signed_in_app(alice)
    assert news(copy.sync()) == ({"Deal": {deal.pk}}, {})
