"""A session that ends hears nothing that is committed after its end, in an app as on a page, whatever ended it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiSession, User
from tests.accounts.test_login import sign_in
from tests.factories import PASSWORD, make_deal, make_user, signed_in
from tests.live.conftest import Listen, Visit
from tests.live.following import eventually
from tests.live.listener import Listener
from tests.parse_api.app import MASTER, App, signed_in_app

NEW = "another good one 17"
GOOD_MANNERS = 0.6
"""Seconds in which a session ends by itself that nobody renews."""


@dataclass
class Cast:
    """Somebody with an app and a browser, and the superuser's browser."""

    user: User
    app: App
    browser: Client
    root: Client


def _log_out_app(cast: Cast) -> None:
    assert cast.app.post("/logout").status_code == 200


def _delete_app_session(cast: Cast) -> None:
    pk = ApiSession.objects.of(cast.user).get().pk
    assert cast.app.delete(f"/sessions/{pk}").status_code == 200


def _end_app_on_profile(cast: Cast) -> None:
    pk = ApiSession.objects.of(cast.user).get().pk
    assert cast.browser.post(f"/profile/sessions/apps/{pk}/end/").status_code == 302


def _expire_app(cast: Cast) -> None:
    ApiSession.objects.of(cast.user).update(expires_at=timezone.now() + timedelta(seconds=GOOD_MANNERS))
    time.sleep(GOOD_MANNERS)


def _log_out_browser(cast: Cast) -> None:
    assert cast.browser.post("/accounts/logout/").status_code == 302


def _end_others_elsewhere(cast: Cast) -> None:
    elsewhere = Client()
    sign_in(elsewhere, cast.user.username)
    assert elsewhere.post("/profile/sessions/end/").status_code == 302


def _new_password_on_page(cast: Cast) -> None:
    body = {"oldpassword": PASSWORD, "password1": NEW}
    assert cast.browser.post("/accounts/password/change/", body).status_code == 302


def _new_password_in_app(cast: Cast) -> None:
    assert cast.app.put(f"/users/{cast.user.pk}", {"password": NEW}).status_code == 200


def _new_password_in_admin(cast: Cast) -> None:
    page = reverse("admin:auth_user_password_change", args=[cast.user.pk])
    assert cast.root.post(page, {"password1": NEW, "password2": NEW}).status_code == 302


def _deactivate(cast: Cast) -> None:
    User.objects.filter(pk=cast.user.pk).update(is_active=False)


def _delete_user(cast: Cast) -> None:
    assert App(MASTER).delete(f"/users/{cast.user.pk}").status_code == 200


@pytest.mark.parametrize(
    ("end", "ends_app", "ends_page"),
    [
        (_log_out_app, True, False),
        (_delete_app_session, True, False),
        (_end_app_on_profile, True, False),
        (_expire_app, True, False),
        (_log_out_browser, False, True),
        (_end_others_elsewhere, True, True),
        (_new_password_on_page, True, True),
        (_new_password_in_app, True, True),
        (_new_password_in_admin, True, True),
        (_deactivate, True, True),
        (_delete_user, True, True),
    ],
)
def test_nothing_is_told_after_the_end(
    listen: Listen, visit: Visit, alice: User, end: Callable[[Cast], None], *, ends_app: bool, ends_page: bool
) -> None:
    cast = Cast(alice, signed_in_app(alice), Client(), signed_in(make_user("root", is_superuser=True)))
    sign_in(cast.browser, "alice")
    deal = make_deal(alice)
    ear, others_ear, page = listen(), listen(masterKey="master"), visit(cast.browser)
    ear.connect(cast.app.token)
    ear.follow("Deal", {"stage": "lead"}, 1)
    ear.follow("Deal", {"title": {"$regex": "[a-z]"}}, 2)
    end(cast)
    type(deal)._base_manager.filter(pk=deal.pk).update(title="secret")
    others_ear.events(None)
    assert _ops(ear) == (["error 209", "error 209"] if ends_app else ["update", "update"])
    if ends_page:
        assert page.end() == (4401, "Signed out")
        assert page.heard == []
    else:
        assert [each["id"] for each in page.next()["changes"]] == [deal.pk]


def _ops(ear: Listener) -> list[str]:
    """Return what two subscriptions were told, one of which PostgreSQL decides, and that there is no more."""
    found = [ear.next(), ear.next()]
    assert ear.say(op="unsubscribe", requestId=99)["code"] == 2
    return [each["op"] + (f" {each['code']}" if "code" in each else "") for each in found + ear.heard]


def test_a_page_is_closed_when_its_session_is_over(visit: Visit, alice: User) -> None:
    browser = signed_in(alice)
    Session.objects.update(expire_date=timezone.now() + timedelta(seconds=3))
    assert visit(browser).end() == (4401, "Signed out")


def test_a_page_whose_session_is_renewed_goes_on(visit: Visit, alice: User) -> None:
    browser = signed_in(alice)
    Session.objects.update(expire_date=timezone.now() + timedelta(seconds=3))
    page = visit(browser)
    Session.objects.update(expire_date=timezone.now() + timedelta(days=1))
    time.sleep(3.6)
    deal = make_deal(alice)
    assert [each["id"] for each in page.next()["changes"]] == [deal.pk]


def test_one_session_on_many_sockets_ends_on_all(listen: Listen, alice: User) -> None:
    app = signed_in_app(alice)
    ears = [listen() for _ in range(5)]
    for ear in ears:
        ear.connect(app.token)
        ear.follow("Deal")
    assert app.post("/logout").status_code == 200
    make_deal(alice)
    assert [(ear.next()["code"], ear.heard) for ear in ears] == [(209, [])] * 5


def test_a_dead_token_is_refused_and_another_persons_goes_on(listen: Listen, alice: User, bob: User) -> None:
    gone, ear = signed_in_app(alice), listen()
    gone.post("/logout")
    ear.connect(gone.token)
    refused = ear.subscribe("Deal")
    assert (refused["op"], refused["code"], refused["reconnect"]) == ("error", 209, False)
    answer = ear.say(
        op="subscribe", requestId=2, query={"className": "Deal", "where": {}}, sessionToken=signed_in_app(bob).token
    )
    assert answer["op"] == "subscribed"
    deal = make_deal(bob)
    make_deal(alice)
    assert [(each["requestId"], each["object"]["objectId"]) for each in (ear.next(),)] == [(2, deal.pk)]
    eventually(lambda: ear.say(op="unsubscribe", requestId=2)["op"] == "unsubscribed")
    assert ear.heard == []
