"""A session that ends while its request is under way: nothing that outlives it comes of that request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group

from accounts import sessions
from accounts.models import ApiSession, User
from deals.models import Deal
from records.access import share
from tests.factories import PASSWORD, make_deal, make_user, signed_in
from tests.parse_api.app import App, refusal, signed_in_app
from tests.parse_api.test_at_once import at_once
from tests.parse_api.test_write_races import sending
from tests.security.test_races import meanwhile

pytestmark = pytest.mark.django_db(transaction=True)
DEAD = (400, 209)
STOLEN = {"password": "of the thief now"}


def _new_password(user: User) -> None:
    user.set_password("another long one")
    user.save(update_fields=["password"])


def _deactivated(user: User) -> None:
    user.is_active = False
    user.save(update_fields=["is_active"])


def _deleted(user: User) -> None:
    user.delete()


def _all_ended(user: User) -> None:
    sessions.end_all(user)


@pytest.mark.parametrize("end", [_new_password, _deactivated, _deleted, _all_ended])
@pytest.mark.parametrize(("method", "path", "body"), [("POST", "/sessions", {}), ("PUT", "/users/{}", STOLEN)])
def test_a_session_that_is_ended_meanwhile_makes_nothing_that_lasts(
    alice: User, method: str, path: str, body: Any, end: Callable[[User], None]
) -> None:
    app, answers = signed_in_app(alice), list[Any]()
    with meanwhile(sending(app, method, path.format(alice.pk), body, answers)):
        end(User.objects.get(pk=alice.pk))
    assert refusal(answers[0]) == DEAD
    assert not ApiSession.objects.exists()
    assert not any(user.check_password(STOLEN["password"]) for user in User.objects.all())


def test_a_session_that_logs_out_meanwhile_makes_no_other(alice: User) -> None:
    app, answers = signed_in_app(alice), list[Any]()
    with meanwhile(sending(app, "POST", "/sessions", {}, answers)):
        ApiSession.objects.all().delete()
    assert refusal(answers[0]) == DEAD
    assert not ApiSession.objects.exists()


@pytest.mark.parametrize("door", ["/profile/sessions/end/", "/accounts/password/change/"])
def test_sessions_made_while_all_are_ended_end_too(alice: User, door: str) -> None:
    sent = {"oldpassword": PASSWORD, "password1": "another long one"}
    app, browser = signed_in_app(alice), signed_in(alice)

    def one(number: int) -> Any:
        if not number:
            return browser.post(door, sent)
        while (answer := App(app.headers).post("/sessions", {})).status_code == 201:
            pass
        return answer

    ended, *stopped = at_once(4, one)
    assert ended.status_code == 302
    assert [refusal(answer) for answer in stopped] == [DEAD] * 3
    assert not ApiSession.objects.exists()


def test_log_outs_at_once_end_one_session(alice: User) -> None:
    app = signed_in_app(alice)
    answers = at_once(4, lambda _n: App(app.headers).post("/logout"))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    assert {answer.json().get("code") for answer in answers} == {None, 209}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_who_is_deactivated_while_he_waits_changes_nothing(alice: User, method: str) -> None:
    deal, answers = make_deal(alice), list[Any]()
    app = signed_in_app(alice)
    with meanwhile(sending(app, method, f"/classes/Deal/{deal.pk}", {"title": "late"}, answers)):
        Deal.objects.filter(pk=deal.pk).update(title="first")
        _deactivated(alice)
    assert refusal(answers[0]) == DEAD
    assert Deal.objects.get().title == "first"


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_who_is_no_manager_any_more_when_his_turn_comes_changes_nothing(mira: User, alice: User, method: str) -> None:
    deal, answers = make_deal(alice), list[Any]()
    app = signed_in_app(mira)
    with meanwhile(sending(app, method, f"/classes/Deal/{deal.pk}", {"title": "late"}, answers)):
        Deal.objects.filter(pk=deal.pk).update(title="first")
        mira.groups.clear()
    assert refusal(answers[0]) == (404, 101)
    assert Deal.objects.get().title == "first"


def test_a_deletion_that_waits_for_the_end_of_its_right(alice: User, bob: User) -> None:
    deal, answers = make_deal(alice), list[Any]()
    share(deal, bob, ("view", "change", "delete"))
    app = signed_in_app(bob)
    with meanwhile(sending(app, "DELETE", f"/classes/Deal/{deal.pk}", None, answers)):
        share(deal, bob, ())
        Deal.objects.filter(pk=deal.pk).update(title="first")
    assert refusal(answers[0]) == (404, 101)
    assert Deal.objects.count() == 1


def test_what_is_made_by_who_is_deleted_meanwhile_is_not_there(alice: User) -> None:
    app, answers = signed_in_app(alice), list[Any]()
    with meanwhile(sending(app, "POST", "/classes/Company", {"name": "Acme"}, answers)):
        User.objects.get(pk=alice.pk).delete()
    assert refusal(answers[0]) == DEAD


def test_two_last_managers_do_not_both_leave(mira: User) -> None:
    people = [mira, make_user("max")]
    people[1].groups.add(Group.objects.get(name="Managers"))
    apps = [signed_in_app(person) for person in people]
    answers = at_once(2, lambda n: App(apps[n].headers).delete(f"/users/{people[n].pk}"))
    assert sorted(answer.status_code for answer in answers) == [200, 400]
    assert User.objects.filter(groups__name="Managers").count() == 1
