"""A session that was looked up before: it is not looked up again, and whatever changes about it is seen at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts.models import ApiSession, Role, User
from parse_api.people import session_sql
from parse_api.people.session_sql import session_with
from tests.factories import make_role
from tests.parse_api.app import NO_TOKEN, App, signed_in_app

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 30
WHOLE = "WITH RECURSIVE found"


@pytest.fixture
def app(alice: User) -> App:
    """Return an app whose session was just used."""
    make_role("Team", alice)
    app = signed_in_app(alice)
    assert app.get("/users/me").status_code == 200
    return app


def looks(app: App) -> int:
    """Use the session once; return how often the whole of it was looked up."""
    asked: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        asked.append(sql)
        return execute(sql, *more)

    with connection.execute_wrapper(note):
        session_with(app.token)
    assert len(asked) <= 2
    return sum(WHOLE in sql for sql in asked)


def seen(app: App) -> Any:
    """Return what a request knows of the person, None without a session."""
    session = session_with(app.token)
    if session is None:
        return None
    user = session.user
    return (
        user.display_name,
        user.is_superuser,
        user.acl,
        sorted(user.role_names.values()),
        user.has_perm("deals.view_deal"),
        session.expires_at,
    )


def test_the_whole_is_looked_up_once(app: App, bob: User) -> None:
    session_with(app.token)
    first = seen(app)
    assert [looks(app) for _ in range(3)] == [0, 0, 0]
    assert seen(app) == first
    signed_in_app(bob)  # what others do is no reason to look again
    bob.groups.add(Group.objects.get(name="Team"))
    assert looks(app) == 0


def test_each_request_has_a_person_of_its_own(app: App) -> None:
    first, second = (session_with(app.token) for _ in range(2))
    assert first
    assert second
    first.user.role_names.clear()
    first.user.display_name = "Somebody"
    assert second.user.role_names
    assert second.user.display_name == "Alice"


def _role(user: User) -> None:
    user.groups.add(make_role("Other"))


def _role_within(_: User) -> None:
    Role.objects.get(name="Team").parents.add(make_role("Above"))


def _no_role(user: User) -> None:
    user.groups.clear()


def _other_name(_: User) -> None:
    Group.objects.filter(name="Team").update(name="Crew")


def _own_permission(user: User) -> None:
    user.user_permissions.add(Permission.objects.get(codename="view_deal"))


def _permission_of_role(_: User) -> None:
    Group.objects.get(name="Team").permissions.add(Permission.objects.get(codename="view_deal"))


def _superuser(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_superuser=True)


def _display_name(user: User) -> None:
    User.objects.filter(pk=user.pk).update(display_name="Alicia")


def _acl(user: User) -> None:
    User.objects.filter(pk=user.pk).update(acl={"*": {"read": True}})


def _later_end(user: User) -> None:
    ApiSession.objects.filter(user=user).update(expires_at=timezone.now() + timedelta(days=2))


def _expired(user: User) -> None:
    ApiSession.objects.filter(user=user).update(expires_at=timezone.now() - timedelta(seconds=1))


def _ended(user: User) -> None:
    ApiSession.objects.filter(user=user).delete()


def _inactive(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def _deleted(user: User) -> None:
    User.objects.get(pk=user.pk).delete()


CHANGES = [
    _role,
    _role_within,
    _no_role,
    _other_name,
    _own_permission,
    _permission_of_role,
    _superuser,
    _display_name,
    _acl,
    _later_end,
]
ENDS = [_expired, _ended, _inactive, _deleted]


@contextmanager
def elsewhere(work: Callable[[], None]) -> Iterator[None]:
    """Do something on another connection; it is committed when the block ends."""
    written, may_commit = Event(), Event()

    def run() -> None:
        try:
            with transaction.atomic():
                work()
                written.set()
                may_commit.wait(PATIENCE)
        finally:
            written.set()
            connections.close_all()

    thread = Thread(target=run)
    thread.start()
    assert written.wait(PATIENCE)
    try:
        yield
    finally:
        may_commit.set()
        thread.join(PATIENCE)
    assert not thread.is_alive()


@pytest.mark.parametrize("change", [*CHANGES, *ENDS])
def test_a_change_is_seen_when_it_is_committed(app: App, alice: User, change: Callable[[User], None]) -> None:
    before = seen(app)
    assert looks(app) == 0
    with elsewhere(lambda: change(alice)):
        assert seen(app) == before
        assert looks(app) == 0
    assert looks(app) == 1
    after = seen(app)
    assert after is None if change in ENDS else after not in (None, before)
    assert app.get("/users/me").status_code == (400 if change in ENDS else 200)


@pytest.mark.parametrize("change", CHANGES)
def test_who_looks_while_it_is_written_sees_it_afterwards(
    app: App, alice: User, bob: User, change: Callable[[User], None]
) -> None:
    """What is remembered from then did not see it, though transactions that began later had ended."""
    session_sql._known.clear()
    with elsewhere(lambda: change(alice)):
        bob.groups.add(make_role("Later"))
        before = seen(app)
        assert looks(app) == 0
    assert seen(app) != before


def test_a_transaction_sees_what_it_writes(app: App, alice: User) -> None:
    before = seen(app)
    with transaction.atomic():
        for change in (_role, _superuser, _display_name, _acl):
            was = seen(app)
            change(alice)
            assert seen(app) != was
        transaction.set_rollback(True)
    assert looks(app) == 0
    assert seen(app) == before


def test_nothing_outlasts_its_connection_or_its_time(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    assert looks(app) == 0
    connection.close()
    assert [looks(app), looks(app)] == [1, 0]
    monkeypatch.setattr(session_sql, "_REMEMBERED_SECONDS", -1)
    session_sql._known.clear()
    assert [looks(app), looks(app)] == [1, 1]


def test_only_so_many_are_remembered(app: App, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_sql, "_MOST", 2)
    session_sql._known.clear()
    others = [signed_in_app(alice) for _ in range(2)]
    assert [looks(each) for each in (app, *others)] == [1, 1, 1]
    assert [looks(each) for each in reversed(others)] == [0, 0]
    assert looks(app) == 1


def test_unknown_tokens_are_not_remembered(app: App) -> None:
    for number in range(3):
        assert session_with(f"{NO_TOKEN[:-1]}{number}") is None
    assert len(session_sql._known[connection.connection]) == 1
    assert looks(app) == 0
