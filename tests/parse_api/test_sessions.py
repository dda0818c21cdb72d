"""Sessions of apps: one per device, seen and ended from anywhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import ApiSession, User
from tests.factories import PASSWORD, signed_in
from tests.parse_api.app import MASTER, App, refusal, signed_in_app

DEAD = (400, 209)
PHONE = "Deals/1.4 CFNetwork/1410 Darwin/22.4"


def test_me_describes_the_session(alice: User) -> None:
    app = signed_in_app(alice, X_Parse_Installation_Id="phone")
    body = app.get("/sessions/me").json()
    session = ApiSession.objects.get()
    assert body.pop("expiresAt")["__type"] == "Date"
    assert timedelta(days=364) < session.expires_at - timezone.now() <= timedelta(days=365)
    assert app.get("/classes/_Session/me").json()["objectId"] == session.pk
    assert {key: body[key] for key in ("objectId", "installationId", "sessionToken", "createdWith", "user")} == {
        "objectId": session.pk,
        "installationId": "phone",
        "sessionToken": app.token,
        "createdWith": {"action": "login", "authProvider": "password"},
        "user": {"__type": "Pointer", "className": "_User", "objectId": alice.pk},
    }


def test_a_log_in_replaces_the_session_of_the_same_device(alice: User, bob: User) -> None:
    first, other = (signed_in_app(alice, X_Parse_Installation_Id=name) for name in ("phone", "tablet"))
    nameless, his = signed_in_app(alice), signed_in_app(bob, X_Parse_Installation_Id="phone")
    second = signed_in_app(alice, X_Parse_Installation_Id="phone")
    assert refusal(first.get("/users/me")) == DEAD
    for app in (other, nameless, his, second):
        assert app.get("/users/me").status_code == 200


def test_a_session_made_for_no_device_replaces_none(alice: User) -> None:
    app = signed_in_app(alice, X_Parse_Installation_Id="phone")
    answer = app.post("/sessions", {}, X_Parse_Installation_Id="phone")
    assert set(answer.json()) == {"sessionToken", "user", "createdWith", "expiresAt", "objectId"}
    assert (answer.status_code, answer.json()["createdWith"]) == (201, {"action": "create"})
    for token in (app.token, answer.json()["sessionToken"]):
        assert App().get("/users/me", X_Parse_Session_Token=token).status_code == 200
    assert refusal(App().post("/sessions", {})) == DEAD


def test_a_session_made_for_another_device_replaces_that_of_the_device(alice: User) -> None:
    app, tablet = (signed_in_app(alice, X_Parse_Installation_Id=name) for name in ("phone", "tablet"))
    made = app.post("/sessions", {"installationId": "tablet"}).json()
    assert made["installationId"] == "tablet"
    assert refusal(tablet.get("/users/me")) == DEAD
    for token in (app.token, made["sessionToken"]):
        assert App().get("/users/me", X_Parse_Session_Token=token).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"user": 5}, 111), ({"sessionToken": 5}, 111), ({"expiresAt": "x"}, 111), ({"createdWith": 5}, 111),
        ({"installationId": 5}, 111), ({"installationId": "x" * 256}, 107), ({"ACL": {}}, 105), ({"ACL": None}, 105),
        ({"other": 1}, 119), ({"objectId": "Abcdef1234"}, 105),
        ({"user": None, "createdWith": {"action": "x"}, "sessionToken": "r:mine"}, None),
    ],
)  # fmt: skip
def test_a_session_is_made_as_the_server_wants_it(alice: User, body: dict[str, Any], code: int | None) -> None:
    answer = signed_in_app(alice).post("/sessions", body).json()
    assert answer.get("code") == code
    assert code is not None or (answer["user"], answer["createdWith"]) == (pointer(alice), {"action": "create"})


def test_an_expired_session_is_dead(alice: User) -> None:
    app = signed_in_app(alice)
    ApiSession.objects.update(expires_at=timezone.now())
    assert refusal(app.get("/users/me")) == DEAD
    assert signed_in_app(alice).get("/sessions").json()["results"][0]["createdWith"]["action"] == "login"
    assert ApiSession.objects.count() == 1, "the next log-in prunes"


def test_one_person_has_a_hundred_sessions_at_most(alice: User) -> None:
    first = signed_in_app(alice)
    ApiSession.objects.update(created_at=timezone.now() - timedelta(days=1))
    row = ApiSession.objects.get()
    row.created_at = timezone.now()
    for number in range(99):
        row.pk, row.token_hash = f"{number:010}", f"{number}"
        row.save(force_insert=True)
    signed_in_app(alice)
    assert ApiSession.objects.count() == 100
    assert refusal(first.get("/users/me")) == DEAD


def test_lists_ones_own_sessions_only(alice: User, bob: User) -> None:
    app, other, his = signed_in_app(alice), signed_in_app(alice), signed_in_app(bob)
    listed = app.get("/sessions?order=-createdAt&count=1&limit=10").json()
    assert listed["count"] == 2
    assert [each.get("sessionToken") for each in listed["results"]] == [None, app.token]
    assert len(app.get("/classes/_Session?limit=1").json()["results"]) == 1
    mine, foreign = (each.get("/sessions/me").json()["objectId"] for each in (other, his))
    assert app.get(f"/sessions/{mine}").json()["objectId"] == mine
    for method in ("GET", "PUT", "DELETE"):
        assert refusal(app.send(method, f"/sessions/{foreign}", {})) == (404, 101)
        assert refusal(App().send(method, f"/sessions/{mine}", {})) == DEAD
    assert refusal(App().get("/sessions")) == DEAD
    assert len(App(MASTER).get("/sessions").json()["results"]) == 3


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"limit": "x"}, 102),
        ({"skip": -1}, 102),
        ({"where": {"createdWith": {"action": "login"}}}, 102),
        ({"where": {"_x": 1}}, 105),
        ({"nonesuch": 1}, 102),
    ],
)
def test_bad_query_of_sessions_is_refused(alice: User, query: dict[str, Any], code: int) -> None:
    answer = signed_in_app(alice).post("/sessions", {"_method": "GET", **query})
    assert refusal(answer) == (400, code)


def test_sessions_are_queried_like_objects(alice: User, bob: User) -> None:
    signed_in_app(bob, X_Parse_Installation_Id="phone")
    phone = signed_in_app(alice, X_Parse_Installation_Id="phone").get("/sessions/me").json()
    app = signed_in_app(alice)
    query: dict[str, Any] = {"_method": "GET", "where": {"installationId": "phone"}, "include": "user", "count": 1}
    found = app.post("/classes/_Session", query).json()
    assert (found["count"], [row["objectId"] for row in found["results"]]) == (1, [phone["objectId"]])
    assert found["results"][0]["user"]["username"] == "alice"
    query = {"_method": "GET", "where": {"user": pointer(bob)}}
    assert app.post("/sessions", query).json() == {"results": []}
    query = {"_method": "GET", "keys": "createdWith", "order": "-createdAt", "limit": 1}
    [row] = app.post("/sessions", query).json()["results"]
    assert row["createdWith"]["action"] == "login"
    assert not {"user", "sessionToken"} & set(row)
    for options in ({"keys": "sessionToken"}, {"excludeKeys": "user"}, {}):
        [row] = app.post("/sessions", {"_method": "GET", "order": "-createdAt", "limit": 1, **options}).json()[
            "results"
        ]
        assert row["sessionToken"] == app.token
    query = {"_method": "GET", "where": {"user": pointer(bob), "expiresAt": {"$exists": True}}}
    assert len(App(MASTER).post("/sessions", query).json()["results"]) == 1


def pointer(user: User) -> dict[str, str]:
    return {"__type": "Pointer", "className": "_User", "objectId": user.pk}


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("user", 105), ("sessionToken", 105), ("expiresAt", 105), ("installationId", 105), ("createdWith", 105),
        ("ACL", 105), ("other", 119), ("user.name", 119), ("_x", 105), ("objectId", None),
    ],
)  # fmt: skip
def test_no_field_can_be_set(alice: User, field: str, code: int | None) -> None:
    app = signed_in_app(alice)
    answer = app.put(f"/sessions/{ApiSession.objects.get().pk}", {field: "x"})
    assert answer.json().get("code") == code
    for other in ("me", "Abcdef1234"):
        assert app.put(f"/sessions/{other}", {field: "x"}).json()["code"] == (code or 101)
    assert refusal(App().put("/sessions/me", {field: "x"})) == DEAD


def test_log_out_and_delete_end_a_session_at_once(alice: User) -> None:
    app, other = signed_in_app(alice), signed_in_app(alice)
    assert app.delete(f"/sessions/{other.get('/sessions/me').json()['objectId']}").json() == {}
    assert refusal(other.get("/users/me")) == DEAD
    assert app.post("/logout").json() == {}
    assert refusal(app.post("/logout")) == DEAD
    assert App().post("/logout").json() == {}


def test_the_profile_page_lists_and_ends_sessions_of_apps(alice: User, bob: User) -> None:
    app, his, browser = App(REMOTE_ADDR="203.0.113.9"), signed_in_app(bob), signed_in(alice)
    app.log_in(alice, User_Agent=PHONE)
    (line,) = browser.get("/profile/").context["sessions"]
    assert (line.device, line.address, line.is_current) == ("App on an Apple device", "203.0.113.9", False)
    assert browser.post(line.end_url).status_code == 302
    assert refusal(app.get("/users/me")) == DEAD
    assert browser.post(line.end_url).status_code == 404
    foreign = ApiSession.objects.get().pk
    assert browser.post(f"/profile/sessions/apps/{foreign}/end/").status_code == 404
    assert his.get("/users/me").status_code == 200


def test_signing_out_everywhere_else_ends_apps(alice: User) -> None:
    app = signed_in_app(alice)
    assert signed_in(alice).post("/profile/sessions/end/").status_code == 302
    assert refusal(app.get("/users/me")) == DEAD


def _changed_on_the_page(alice: User, _mira: User) -> None:
    data = {"oldpassword": PASSWORD, "password1": "another long one"}
    assert signed_in(alice).post("/accounts/password/change/", data).status_code == 302


def _changed_in_the_admin(alice: User, mira: User) -> None:
    data: dict[str, Any] = {"password1": "another long one", "password2": "another long one", "usable_password": "true"}
    assert signed_in(mira).post(f"/admin/accounts/user/{alice.pk}/password/", data).status_code == 302


def _deactivated(alice: User, _mira: User) -> None:
    alice.is_active = False
    alice.save()
    alice.is_active = True
    alice.save()


def _deleted(alice: User, _mira: User) -> None:
    alice.delete()


@pytest.mark.parametrize("end", [_changed_on_the_page, _changed_in_the_admin, _deactivated, _deleted])
def test_whatever_ends_sessions_of_browsers_ends_those_of_apps(alice: User, mira: User, end: Any) -> None:
    app = signed_in_app(alice)
    end(alice, mira)
    assert refusal(app.get("/users/me")) == DEAD
    assert not ApiSession.objects.exists()


def test_last_use_is_noted_now_and_then(alice: User) -> None:
    app = signed_in_app(alice)
    before = ApiSession.objects.get()
    app.get("/users/me")
    assert ApiSession.objects.get().last_seen_at == before.last_seen_at
    ApiSession.objects.update(last_seen_at=F("last_seen_at") - timedelta(minutes=6))
    app.client.defaults["REMOTE_ADDR"] = "203.0.113.9"
    app.get("/users/me")
    after = ApiSession.objects.get()
    assert (after.ip, after.last_seen_at > before.last_seen_at) == ("203.0.113.9", True)
    assert after.updated_at == before.updated_at
