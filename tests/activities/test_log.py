"""/activities/log/: what was just done, or is due later, on a contact or deal."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from activities.models import Activity
from records.access import share
from tests.factories import make_contact, make_deal, signed_in
from tests.pages.reading import errors_of, form_of, text_of

URL = "/activities/log/"


@pytest.mark.parametrize("pointer", ["related_contact", "related_deal"])
def test_logs_what_was_done_now(pointer: str, alice: User) -> None:
    record: Any = make_contact(alice) if pointer == "related_contact" else make_deal(alice)
    browser, before = signed_in(alice), timezone.now()
    form = form_of(browser.get(record.get_absolute_url()))
    assert (form[pointer], form["type"], form["when"]) == (record.pk, "call", "now")
    answer = browser.post(URL, form | {"subject": "Called", "description": "Nice", "due_date": "2030-01-01T10:00"})
    assert answer["Location"] == record.get_absolute_url()
    activity = Activity.objects.get()
    assert (activity.type, activity.subject, activity.description) == ("call", "Called", "Nice")
    assert (activity.related_to, activity.created_by, activity.due_date) == (record, alice, None)
    assert activity.completed_at is not None
    assert before <= activity.completed_at <= timezone.now()
    page = text_of(browser.get(answer["Location"]))
    assert "“Called” was logged." in page
    assert f'id="activity-{activity.pk}" class="is-done"' in page


def test_logs_what_is_due_later(alice: User) -> None:
    contact, browser = make_contact(alice), signed_in(alice)
    form = form_of(browser.get(f"/contacts/{contact.pk}/")) | {"subject": "Call", "when": "later"}
    missing = browser.post(URL, form)
    assert missing.status_code == 422
    assert errors_of(missing) == {"due_date": ["Say when it is due."]}
    assert form_of(missing)["subject"] == "Call"
    assert list(errors_of(browser.post(URL, form | {"due_date": "x"}))) == ["due_date"]
    again = form_of(missing) | {"due_date": "2030-01-01T10:00"}
    assert browser.post(URL, again)["Location"] == f"/contacts/{contact.pk}/"
    activity = Activity.objects.get()
    assert activity.completed_at is None
    assert activity.due_date is not None


def test_refused_log_can_be_mended_and_sent_again(alice: User) -> None:
    contact, browser = make_contact(alice), signed_in(alice)
    form = form_of(browser.get(f"/contacts/{contact.pk}/")) | {"type": "meeting", "subject": "", "description": "Long"}
    refused = browser.post(URL, form)
    assert refused.status_code == 422
    assert form_of(refused) == form
    assert browser.post(URL, form_of(refused) | {"subject": "Met"}).status_code == 302
    assert Activity.objects.get().type == "meeting"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"type": "fax", "subject": "x", "when": "now"},
        {"type": "call", "subject": "x", "when": "never"},
        {"type": "call", "subject": "x", "when": "now"},
        {"type": "call", "subject": "x", "when": "now", "related_contact": "AAAAAAAAAA"},
    ],
)
def test_needs_all_its_parts(alice: User, data: dict[str, str]) -> None:
    assert signed_in(alice).post(URL, data).status_code == 422
    assert not Activity.objects.exists()


def test_is_about_one_record(alice: User) -> None:
    pointers = {"related_contact": make_contact(alice).pk, "related_deal": make_deal(alice).pk}
    answer = signed_in(alice).post(URL, {"type": "call", "subject": "x", "when": "now"} | pointers)
    assert answer.status_code == 422
    assert "one contact or deal" in text_of(answer)


def test_reader_logs_on_what_he_may_see_and_owns_the_activity(alice: User, bob: User) -> None:
    contact = make_contact(alice)
    share(contact, bob, ("view",))
    browser = signed_in(bob)
    form = form_of(browser.get(f"/contacts/{contact.pk}/")) | {"subject": "His", "created_by": alice.pk}
    assert browser.post(URL, form).status_code == 302
    assert Activity.objects.get().created_by == bob
