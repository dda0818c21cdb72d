"""Users and roles in the admin: a manager keeps them, and raises nobody above himself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.models import Role, User
from accounts.names import EVERYBODY, MANAGERS
from tests.admin.test_forms import errors, filled
from tests.factories import PASSWORD, make_manager, make_role, make_user

To = Callable[..., str]
NEW_PASSWORD = "another long secret"


def form_of(browser: Client, page: str, **changes: Any) -> dict[str, Any]:
    """Return what a browser would send for a user's form; boxes that are not ticked are not sent."""
    data = filled(browser, page) | {"roles": [], "is_active": "on"} | changes
    return {name: value for name, value in data.items() if name != "password" and value != ""}


@pytest.fixture
def page(alice: User, to: To) -> str:
    """Return the address of alice's form."""
    return to("accounts_user_change", alice.pk)


def test_manager_makes_a_user(boss: Client, to: To) -> None:
    role = make_role("North")
    data = {"username": "nina", "email": "Nina@EXAMPLE.com", "display_name": "Nina", "roles": [role.pk]}
    data |= {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "is_superuser": "on"}
    assert boss.post(to("accounts_user_add"), data).status_code == 302
    nina = User.objects.get(username="nina")
    assert set(nina.role_names.values()) == {EVERYBODY, "North"}
    assert (nina.is_superuser, nina.is_staff, nina.check_password(NEW_PASSWORD)) == (False, False, True)


def test_names_and_addresses_are_unique_without_case(boss: Client, alice: User, to: To) -> None:
    data = {"username": "ALICE", "email": "ALICE@example.com", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    shown = errors(boss.post(to("accounts_user_add"), data))
    assert "taken" in str(shown)
    assert User.objects.filter(pk=alice.pk).count() == 1


def test_manager_gives_and_takes_roles(boss: Client, alice: User, page: str) -> None:
    managers = Role.objects.get(name=MANAGERS)
    assert boss.post(page, form_of(boss, page, roles=[managers.pk])).status_code == 302
    assert User.objects.get(pk=alice.pk).is_staff
    assert boss.post(page, form_of(boss, page, roles=[])).status_code == 302
    assert set(User.objects.get(pk=alice.pk).role_names.values()) == {EVERYBODY}


def test_a_newer_version_is_not_overwritten(boss: Client, alice: User, page: str) -> None:
    north = make_role("North", alice)
    changes: list[Callable[[], object]] = [
        lambda: User.objects.filter(pk=alice.pk).update(email="new@example.com"),
        lambda: alice.groups.remove(north),
    ]
    for change in changes:
        stale = form_of(boss, page, roles=[north.pk], display_name="Mine")
        assert f'name="version" value="{stale["version"]}"' in boss.get(page).content.decode()
        change()
        for sent in (stale, stale | {"version": ""}):
            assert "Somebody has changed" in str(errors(boss.post(page, sent))["__all__"])
    alice = User.objects.get(pk=alice.pk)
    assert (alice.display_name, alice.email) == ("Alice", "new@example.com")
    assert set(alice.role_names.values()) == {EVERYBODY}


def test_signing_in_makes_no_form_old(boss: Client, alice: User, page: str) -> None:
    data = form_of(boss, page, display_name="New")
    assert Client().login(username="alice", password=PASSWORD)
    assert boss.post(page, data).status_code == 302
    alice.refresh_from_db()
    assert (alice.display_name, bool(alice.last_login)) == ("New", True)


@pytest.mark.parametrize("field", ["is_superuser", "is_staff", "user_permissions", "groups", "password"])
def test_manager_makes_nobody_more_than_he_is(boss: Client, alice: User, page: str, field: str) -> None:
    before = User.objects.get(pk=alice.pk)
    every = [permission.pk for permission in Permission.objects.all()]
    forged = {"user_permissions": every, "groups": [Group.objects.get(name=MANAGERS).pk], "password": "x"}
    assert boss.post(page, form_of(boss, page) | {field: forged.get(field, "on")}).status_code == 302
    after = User.objects.get(pk=alice.pk)
    assert (after.is_superuser, after.is_staff, after.password) == (False, False, before.password)
    assert not after.user_permissions.exists()


def test_manager_does_not_raise_himself(boss: Client, mira: User, to: To) -> None:
    own = to("accounts_user_change", mira.pk)
    managers = Role.objects.get(name=MANAGERS)
    data = form_of(boss, own, roles=[managers.pk]) | {"is_superuser": "on"}
    assert boss.post(own, data).status_code == 302
    assert not User.objects.get(pk=mira.pk).is_superuser


def test_superusers_are_out_of_a_managers_reach(boss: Client, root: User, to: To) -> None:
    before = User.objects.get(pk=root.pk)
    assert boss.post(to("accounts_user_change", root.pk), {"username": "x", "is_active": ""}).status_code == 403
    password = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert boss.get(to("auth_user_password_change", root.pk)).status_code == 403
    assert boss.post(to("auth_user_password_change", root.pk), password).status_code == 403
    after = User.objects.get(pk=root.pk)
    assert (after.username, after.is_active, after.password) == (before.username, True, before.password)


def test_who_may_do_more_is_out_of_a_managers_reach(boss: Client, alice: User, page: str, to: To) -> None:
    """A role made by a superuser with a right that managers do not have, and somebody who holds it."""
    strong = make_role("Strong", alice)
    strong.permissions.add(Permission.objects.get(codename="delete_user"))
    password = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert boss.post(to("auth_user_password_change", alice.pk), password).status_code == 403
    assert boss.post(page, {"username": "x"}).status_code == 403
    bob = make_user("bob")
    other = to("accounts_user_change", bob.pk)
    assert "roles" in errors(boss.post(other, form_of(boss, other, roles=[strong.pk])))
    assert boss.post(to("accounts_role_change", strong.pk), {"members": [bob.pk]}).status_code == 403
    assert boss.post(to("accounts_role_delete", strong.pk), {"post": "yes"}).status_code == 403
    assert set(strong.user_set.all()) == {alice}


def test_manager_sets_a_colleagues_password(boss: Client, alice: User, to: To) -> None:
    colleague = Client()
    assert colleague.login(username="alice", password=PASSWORD)
    password = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert boss.post(to("auth_user_password_change", alice.pk), password).status_code == 302
    assert User.objects.get(pk=alice.pk).check_password(NEW_PASSWORD)
    assert colleague.get("/").status_code == 302, "the sessions of the old password ended"


def test_deactivating_ends_sessions(boss: Client, alice: User, page: str) -> None:
    colleague = Client()
    colleague.force_login(alice)
    data = form_of(boss, page)
    del data["is_active"]
    assert boss.post(page, data).status_code == 302
    assert colleague.get("/").status_code == 302


def test_manager_deletes_nobody(boss: Client, alice: User, to: To) -> None:
    assert boss.post(to("accounts_user_delete", alice.pk), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [alice.pk], "post": "yes"}
    boss.post(to("accounts_user_changelist"), chosen)
    assert User.objects.filter(pk=alice.pk).exists()


def test_superuser_makes_superusers_and_deletes(client: Client, root: User, alice: User, page: str, to: To) -> None:
    client.force_login(root)
    assert client.post(page, form_of(client, page, is_superuser="on")).status_code == 302
    assert User.objects.get(pk=alice.pk).is_superuser
    assert client.post(to("accounts_user_delete", alice.pk), {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=alice.pk).exists()


def test_manager_keeps_roles(boss: Client, alice: User, to: To) -> None:
    assert boss.post(to("accounts_role_add"), {"name": "North", "members": [alice.pk]}).status_code == 302
    role = Role.objects.get(name="North")
    assert set(role.user_set.all()) == {alice}
    page = to("accounts_role_change", role.pk)
    assert boss.post(page, {"name": "South", "members": [], "permissions": [1]}).status_code == 302
    role.refresh_from_db()
    assert (role.name, role.user_set.count(), role.permissions.count()) == ("North", 0, 0)
    assert boss.post(to("accounts_role_delete", role.pk), {"post": "yes"}).status_code == 302
    assert not Group.objects.filter(name="North").exists()


@pytest.mark.parametrize("name", ["Managers", "managers", "MANAGERS", "*", "\uff2danagers", "a,b", "", "North"])
def test_reserved_and_taken_names_are_refused(boss: Client, to: To, name: str) -> None:
    make_role("North")
    assert errors(boss.post(to("accounts_role_add"), {"name": name}))


def test_managers_stay(boss: Client, mira: User, to: To) -> None:
    managers = Role.objects.get(name=MANAGERS)
    other = make_manager("mona")
    page = to("accounts_role_change", managers.pk)
    assert boss.post(page, {"name": "Bosses", "members": [mira.pk]}).status_code == 302
    assert set(managers.user_set.all()) == {mira}
    assert not User.objects.get(pk=other.pk).is_staff
    assert boss.post(to("accounts_role_delete", managers.pk), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [managers.pk], "post": "yes"}
    boss.post(to("accounts_role_changelist"), chosen)
    assert Role.objects.get(pk=managers.pk).name == MANAGERS


def test_everybody_is_hidden(boss: Client, client: Client, root: User, to: To) -> None:
    client.force_login(root)
    everybody = Role.objects.get(name=EVERYBODY)
    for browser in (boss, client):
        assert everybody not in browser.get(to("accounts_role_changelist")).context["cl"].result_list
        assert browser.get(to("accounts_role_change", everybody.pk)).status_code == 302
        assert browser.post(to("accounts_role_delete", everybody.pk), {"post": "yes"}).status_code == 302
    assert Role.objects.filter(pk=everybody.pk).exists()


def test_groups_of_django_have_no_page(client: Client, root: User) -> None:
    client.force_login(root)
    assert client.get("/admin/auth/group/").status_code == 404
