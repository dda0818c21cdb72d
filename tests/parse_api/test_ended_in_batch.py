"""A batch whose steps end the session, or the person, that it came with: what follows is as after a log-out."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import ApiSession, User
from companies.models import Company
from tests.factories import make_deal, make_role
from tests.parse_api.app import MASTER, App, refusal, signed_in_app

pytestmark = pytest.mark.django_db(transaction=True)
COMPANY: tuple[str, str, Any] = ("POST", "/classes/Company", {"name": "Acme"})
LOG_OUT: tuple[str, str, Any] = ("POST", "/logout", {})


def outcomes(app: App, *steps: tuple[str, str, Any], **options: Any) -> list[Any]:
    """Send a batch; return for each step the code of its refusal, None without one."""
    requests = [{"method": method, "path": f"/parse{path}", "body": body} for method, path, body in steps]
    answer = app.post("/batch", {"requests": requests, **options})
    assert answer.status_code == 200, answer.content
    return [each.get("error", {}).get("code") for each in answer.json()]


def test_a_log_out_is_the_last_thing_of_a_session(alice: User) -> None:
    deal, app = make_deal(alice), signed_in_app(alice)
    later = [
        LOG_OUT, ("GET", "/sessions/me", {}), ("GET", "/users/me", {}), COMPANY, ("POST", "/sessions", {}),
        ("PUT", f"/users/{alice.pk}", {"displayName": "x"}), ("PUT", f"/classes/Deal/{deal.pk}", {"title": "x"}),
        ("DELETE", f"/classes/Deal/{deal.pk}", None), ("DELETE", f"/users/{alice.pk}", None),
    ]  # fmt: skip
    assert outcomes(app, COMPANY, LOG_OUT, *later) == [None, None, *[209] * len(later)]
    assert (Company.objects.count(), ApiSession.objects.count(), User.objects.count()) == (1, 0, 1)


def test_who_deletes_himself_makes_nothing_afterwards(alice: User) -> None:
    app = signed_in_app(alice)
    leave = ("DELETE", f"/users/{alice.pk}", None)
    assert outcomes(app, COMPANY, leave, COMPANY, ("GET", "/users/me", {})) == [None, None, 209, 209]
    assert (Company.objects.count(), User.objects.count()) == (1, 0)


def test_all_or_nothing_of_a_batch_that_ends_its_session(alice: User) -> None:
    app = signed_in_app(alice)
    requests = [{"method": method, "path": f"/parse{path}", "body": body} for method, path, body in (LOG_OUT, COMPANY)]
    assert refusal(app.post("/batch", {"requests": requests, "transaction": True})) == (400, 209)
    assert app.get("/users/me").status_code == 200, "the log-out is undone"


def test_a_new_password_in_a_batch_ends_the_session_that_it_came_with(alice: User) -> None:
    change = ("PUT", f"/users/{alice.pk}", {"password": "another long one"})
    assert outcomes(signed_in_app(alice), change, COMPANY) == [None, 209]
    assert ApiSession.objects.count() == 1


def test_the_last_manager_stays(mira: User, alice: User) -> None:
    app = signed_in_app(mira)
    assert refusal(app.delete(f"/users/{mira.pk}")) == (400, 119)
    deputies = make_role("Deputies", alice)
    boss = User.objects.create_superuser("boss", "boss@example.com")
    assert signed_in_app(alice).delete(f"/users/{boss.pk}").status_code == 400
    assert app.delete(f"/users/{mira.pk}").status_code == 200
    assert deputies.user_set.count() == 1


def test_the_last_manager_may_leave_when_a_member_of_a_child_role_manages(mira: User, alice: User) -> None:
    managers, deputies = mira.groups.get(name="Managers").role, make_role("Deputies", alice)
    managers.children.add(deputies)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert refusal(signed_in_app(mira).delete(f"/users/{mira.pk}")) == (400, 119)
    User.objects.filter(pk=alice.pk).update(is_active=True)
    assert signed_in_app(mira).delete(f"/users/{mira.pk}").status_code == 200
    assert App(MASTER).delete(f"/users/{alice.pk}").status_code == 200
