"""/activities/<id>/done/: ticked off and back, and only to pages of ours."""

from __future__ import annotations

import pytest

from accounts.models import User
from records.models import Change
from tests.factories import make_activity, make_contact, signed_in
from tests.pages.reading import text_of


def test_is_ticked_off_and_back(alice: User) -> None:
    activity, browser = make_activity(alice), signed_in(alice)
    url = f"/activities/{activity.pk}/done/"
    for done in ("1", "", "1"):
        answer = browser.post(url, {"done": done})
        assert answer["Location"] == f"/activities/{activity.pk}/"
        activity.refresh_from_db()
        assert bool(activity.completed_at) is bool(done)


def test_ticking_twice_keeps_the_first_time(alice: User) -> None:
    activity, browser = make_activity(alice), signed_in(alice)
    url = f"/activities/{activity.pk}/done/"
    browser.post(url, {"done": "1"})
    activity.refresh_from_db()
    first, changes = activity.completed_at, Change.objects.count()
    browser.post(url, {"done": "1"})
    activity.refresh_from_db()
    assert activity.completed_at == first
    assert Change.objects.count() == changes


def test_tick_that_is_sent_again_counts_once(alice: User, mira: User) -> None:
    activity, browser = make_activity(alice), signed_in(alice)
    url = f"/activities/{activity.pk}/done/"
    tick = {"done": "1", "version": activity.updated_at.isoformat()}
    assert f'name="version" value="{tick["version"]}"' in text_of(browser.get(f"/activities/{activity.pk}/"))
    browser.post(url, tick)
    assert signed_in(mira).post(url, {"done": ""}).status_code == 302
    browser.post(url, tick)  # its answer was lost, and mira has taken it back meanwhile
    activity.refresh_from_db()
    assert activity.completed_at is None
    browser.post(url, {"done": "1", "version": activity.updated_at.isoformat()})
    activity.refresh_from_db()
    assert activity.completed_at is not None


@pytest.mark.parametrize("version", ["nonsense", "2001-01-01T00:00:00+00:00", "\x00", "9" * 4000])
def test_tick_of_an_odd_version_counts(alice: User, version: str) -> None:
    activity = make_activity(alice)
    answer = signed_in(alice).post(f"/activities/{activity.pk}/done/", {"done": "1", "version": version})
    assert answer.status_code == 302
    activity.refresh_from_db()
    assert activity.completed_at is not None


@pytest.mark.parametrize("page", ["/", "/activities/?state=todo&page=2", "/contacts/x/"])
def test_goes_back_to_where_one_was(alice: User, page: str) -> None:
    activity = make_activity(alice)
    assert signed_in(alice).post(f"/activities/{activity.pk}/done/", {"next": page})["Location"] == page


@pytest.mark.parametrize(
    "page",
    [
        "", "//evil.example", "///evil.example", "https:evil.example", "https://evil.example/", "javascript:alert(1)",
        "\\\\evil.example", "/\\evil.example", "\t//evil.example", "/\t/evil.example", "http:///evil.example",
        " //evil.example", "/%0d%0aX: y\r\nSet-Cookie: a=b", "ftp://x", "evil.example", "\x00/", "/\x00/evil.example",
    ],
)  # fmt: skip
def test_goes_to_no_other_site(alice: User, page: str) -> None:
    activity = make_activity(alice)
    answer = signed_in(alice).post(f"/activities/{activity.pk}/done/", {"done": "1", "next": page})
    assert answer.status_code == 302
    location = answer["Location"]
    assert location.startswith("/")
    assert location[1:2] not in ("/", "\\")
    assert "\r" not in location
    assert "Set-Cookie" not in answer.headers


def test_forms_on_pages_say_where_they_are(alice: User) -> None:
    contact = make_contact(alice)
    activity = make_activity(alice, related_contact=contact, due_date="2020-01-01T00:00Z")
    browser = signed_in(alice)
    for page in ("/", f"/contacts/{contact.pk}/"):
        html = text_of(browser.get(page))
        assert f'action="/activities/{activity.pk}/done/"' in html
        assert f'name="next" value="{page}"' in html
