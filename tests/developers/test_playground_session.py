"""The session of the playground: one's own, made by a form of the site, gone with the session of the browser."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts.models import ApiSession, User
from developers.playground.session import LASTS, MOST
from tests.factories import PASSWORD, make_deal, signed_in
from tests.parse_api.app import App, refusal
from tests.parse_api.conftest import keys as keys
from tests.parse_api.conftest import no_attempts as no_attempts

URL = "/developers/playground/session/"
BAD_SESSION = 209
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
JAVASCRIPT = {"X-Parse-Application-Id": "crm", "X-Parse-Javascript-Key": "js"}


def begun(client: Client) -> App:
    """Return an app with a session that was made for the playground."""
    answer = client.post(URL)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    return App({**JAVASCRIPT, "X-Parse-Session-Token": answer.json()["token"]})


def works(app: App) -> bool:
    answer = app.get("/users/me")
    return answer.status_code == 200 or refusal(answer)[1] != BAD_SESSION


def titles(app: App) -> list[str]:
    return [deal["title"] for deal in app.get("/classes/Deal").json()["results"]]


def test_it_has_the_rights_of_its_person(alice: User, bob: User) -> None:
    make_deal(alice, title="Hers")
    make_deal(bob, title="His")
    app = begun(signed_in(alice))
    assert app.get("/users/me").json()["objectId"] == alice.pk
    assert titles(app) == ["Hers"]
    assert app.get("/sessions/me").json()["createdWith"] == {"action": "playground"}
    assert app.get("/schemas").status_code == 403


def test_only_a_form_of_the_site_makes_one(alice: User) -> None:
    client = signed_in(alice, enforce_csrf_checks=True)
    assert client.post(URL).status_code == 403
    assert client.get(URL).status_code == 405
    client.get("/developers/")
    assert client.post(URL, headers={"X-CSRFToken": client.cookies["csrftoken"].value}).status_code == 200
    assert Client().post(URL).status_code == 302
    assert ApiSession.objects.count() == 1


def test_cookies_mean_nothing_to_the_api(alice: User) -> None:
    make_deal(alice)
    client = signed_in(alice)
    begun(client)
    app, stranger = App(JAVASCRIPT), App(JAVASCRIPT)
    app.client = client
    for path in ("/users/me", "/classes/Deal", "/sessions"):
        assert refusal(app.get(path)) == refusal(stranger.get(path))
    assert refusal(app.get("/users/me"))[1] == BAD_SESSION


def test_it_expires(alice: User) -> None:
    app = begun(signed_in(alice))
    session = ApiSession.objects.get()
    assert timedelta() < session.expires_at - timezone.now() <= LASTS
    ApiSession.objects.update(expires_at=timezone.now())
    assert not works(app)


def test_a_few_at_a_time(alice: User) -> None:
    client = signed_in(alice)
    app = App()
    assert app.log_in(alice).status_code == 200
    pages = [begun(client) for _ in range(MOST + 1)]
    assert [works(page) for page in pages] == [False] + [True] * MOST
    assert works(app)


@pytest.mark.parametrize("end", ["/accounts/logout/", "/admin/logout/"])
def test_it_ends_when_one_signs_out(end: str, mira: User, bob: User) -> None:
    client = signed_in(mira)
    app, others, phone = begun(client), begun(signed_in(bob)), App()
    phone.log_in(mira)
    client.post(end)
    assert not works(app)
    assert works(others)
    assert works(phone)


def test_it_ends_with_the_session_of_the_browser(alice: User) -> None:
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        client.post("/accounts/login/", {"login": alice.username, "password": PASSWORD})
    app = begun(elsewhere)
    listed = here.get("/profile/").context["sessions"]
    [other] = [each for each in listed if not each.is_current and "apps" not in each.end_url]
    here.post(other.end_url)
    assert not works(app)


def test_the_app_ends_it_by_logging_out(alice: User) -> None:
    app = begun(signed_in(alice))
    assert app.post("/logout").status_code == 200
    assert not ApiSession.objects.exists()


def test_profile_lists_and_ends_it(alice: User) -> None:
    client = signed_in(alice)
    app = App(
        {**JAVASCRIPT, "X-Parse-Session-Token": client.post(URL, headers={"User-Agent": FIREFOX}).json()["token"]}
    )
    [line] = [each for each in client.get("/profile/").context["sessions"] if "apps" in each.end_url]
    assert line.device == "API playground, Firefox on Linux"
    client.post(line.end_url)
    assert not works(app)


@pytest.mark.django_db(transaction=True)
def test_none_outlives_a_sign_out_at_the_same_moment(alice: User) -> None:
    def sent(client: Client, path: str) -> None:
        try:
            client.post(path)
        finally:
            connections.close_all()

    for _ in range(5):
        client, other = signed_in(alice), Client()
        other.cookies.load(client.cookies.output(header="", sep=";"))
        assert other.get("/developers/").status_code == 200
        with ThreadPoolExecutor() as pool:
            list(pool.map(sent, (client, other), ("/accounts/logout/", URL)))
        assert not Session.objects.exists()
        assert not ApiSession.objects.exists()
