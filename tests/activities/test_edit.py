"""/activities/<id>/edit/ and new/: types, moments, what it is about, and what apps stored stays."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import User
from activities.models import Activity
from tests.factories import make_activity, make_contact, make_deal, make_user, signed_in
from tests.pages.reading import errors_of, form_of, text_of

EXACT = datetime(2030, 2, 28, 13, 14, 15, 678000, tzinfo=UTC)
NEW = "/activities/new/"
LEAST = {"type": "call", "subject": "Call"}


def edited(activity: Activity, user: User, **typed: str) -> Any:
    """Send the activity's form with some fields changed."""
    browser, url = signed_in(user), f"/activities/{activity.pk}/edit/"
    answer = browser.post(url, form_of(browser.get(url)) | typed)
    activity.refresh_from_db()
    return answer


@pytest.mark.parametrize(
    "stored",
    [
        {"type": "An app's own"},
        {"type": ""},
        {"type": None},
        {"due_date": EXACT},
        {"completed_at": EXACT},
        {"due_date": datetime(1, 1, 2, tzinfo=UTC)},
        {"description": "x" * 60_000},
        {"subject": "x" * 10_000},
    ],
    ids=lambda stored: "-".join(f"{name}:{str(value)[:12]}" for name, value in stored.items()),
)
def test_what_is_not_touched_stays_exactly(alice: User, stored: dict[str, Any]) -> None:
    activity = make_activity(alice, **{"subject": "Old"} | stored)
    other = {"description": "New"} if "description" not in stored else {"subject": "New"}
    assert edited(activity, alice, **other).status_code == 302
    assert {name: getattr(activity, name) for name in stored} == stored
    name, value = next(iter(other.items()))
    assert getattr(activity, name) == value


def test_without_a_subject_an_app_may_store_it_but_a_person_names_it(alice: User) -> None:
    activity = make_activity(alice, subject=None)
    assert list(errors_of(edited(activity, alice, description="New"))) == ["subject"]


@pytest.mark.parametrize("typed", ["", "fax", "CALL", "call\x00", "<b>"])
def test_type_is_one_of_the_list(alice: User, typed: str) -> None:
    answer = signed_in(alice).post(NEW, LEAST | {"type": typed})
    assert answer.status_code == 422
    assert list(errors_of(answer)) == ["type"]


def test_type_of_an_app_may_stay_but_not_come(alice: User) -> None:
    activity = make_activity(alice, type="fax")
    assert edited(activity, alice, type="note").status_code == 302
    assert edited(activity, alice, type="fax").status_code == 422


@pytest.mark.parametrize(
    "typed",
    ["0000-01-01T00:00", "1900-12-31T23:59", "9999-12-31T23:59", "10000-01-01T00:00", "2030-02-30T10:00",
     "2030-01-01T25:00",      "now", "2030-01-01T10:00Z\x00", "\uff12030-01-01T10:00", "9" * 400, "1e9"],
)  # fmt: skip
def test_refuses_what_is_no_moment(alice: User, typed: str) -> None:
    browser = signed_in(alice)
    for field in ("due_date", "completed_at"):
        answer = browser.post(NEW, LEAST | {field: typed})
        assert answer.status_code == 422
        assert list(errors_of(answer)) == [field]
    assert not Activity.objects.exists()


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "Asia/Kathmandu"])
def test_moment_is_the_same_for_whoever_typed_it(zone: str, db: None) -> None:
    del db
    browser = signed_in(make_user(time_zone=zone))
    answer = browser.post(NEW, LEAST | {"due_date": "2030-02-28T23:45"})
    assert form_of(browser.get(f"{answer['Location']}edit/"))["due_date"] == "2030-02-28T23:45"
    assert "28 Feb 2030" in text_of(browser.get(answer["Location"]))


def test_hour_that_the_clock_skips_is_refused_and_one_it_repeats_is_taken(db: None) -> None:
    del db
    browser = signed_in(make_user(time_zone="America/New_York"))
    skipped = browser.post(NEW, LEAST | {"due_date": "2030-03-10T02:30"})
    assert skipped.status_code == 422
    assert list(errors_of(skipped)) == ["due_date"]
    assert browser.post(NEW, LEAST | {"due_date": "2030-11-03T01:30"}).status_code in (302, 422)


def test_is_about_a_contact_or_a_deal_not_both(alice: User) -> None:
    contact, deal = make_contact(alice), make_deal(alice)
    browser = signed_in(alice)
    answer = browser.post(NEW, LEAST | {"related_contact": contact.pk, "related_deal": deal.pk})
    assert answer.status_code == 422
    assert list(errors_of(answer)) == ["related_deal"]
    assert browser.post(NEW, LEAST | {"related_deal": deal.pk}).status_code == 302
    activity = Activity.objects.get()
    assert edited(activity, alice, related_deal="", related_contact=contact.pk).status_code == 302
    assert activity.related_to == contact
    assert edited(activity, alice, related_contact="").status_code == 302
    assert activity.related_to is None


def test_new_form_starts_with_what_the_link_names(alice: User) -> None:
    contact = make_contact(alice)
    form = form_of(signed_in(alice).get(NEW, {"related_contact": contact.pk, "type": "meeting"}))
    assert (form["related_contact"], form["type"], form["related_deal"]) == (contact.pk, "meeting", "")
