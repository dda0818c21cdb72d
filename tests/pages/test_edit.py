"""What every edit form does: keeps what is not touched, and never overwrites a newer version."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from records.access import share
from records.models import Change
from tests.factories import make_company, make_contact, signed_in
from tests.pages.kinds import ACTIVITIES, CONTACTS, DEALS, KINDS, Kind
from tests.pages.reading import form_of, text_of

EACH = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path.strip("/"))


def edit_url(kind: Kind, record: Any) -> str:
    """Return the address of a record's form."""
    return f"{kind.path}{record.pk}/edit/"


@EACH
def test_saves_what_was_typed(kind: Kind, alice: User) -> None:
    record, browser = kind.made(alice, "Old"), signed_in(alice)
    url = edit_url(kind, record)
    answer = browser.post(url, form_of(browser.get(url)) | {kind.title: "New"})
    assert answer.status_code == 302
    assert answer["Location"] == f"{kind.path}{record.pk}/"
    assert "“New” was saved." in text_of(browser.get(answer["Location"]))
    record.refresh_from_db()
    assert str(record) == "New"
    assert Change.objects.of(record)[0].actor == alice.pk


@EACH
def test_saving_an_untouched_form_writes_nothing(kind: Kind, alice: User) -> None:
    record, browser = kind.made(alice, "Old"), signed_in(alice)
    url, before = edit_url(kind, record), Change.objects.count()
    answer = browser.post(url, form_of(browser.get(url)))
    assert answer.status_code == 302
    assert Change.objects.count() == before
    assert "was saved" not in text_of(browser.get(answer["Location"]))


@EACH
def test_refused_form_keeps_the_old_name_in_its_heading(kind: Kind, alice: User) -> None:
    record, browser = kind.made(alice, "Old"), signed_in(alice)
    url = edit_url(kind, record)
    answer = browser.post(url, form_of(browser.get(url)) | {kind.title: "x" * 501})
    assert answer.status_code == 422
    assert "Edit Old" in " ".join(text_of(answer).split())
    record.refresh_from_db()
    assert str(record) == "Old"


@EACH
def test_newer_version_is_not_overwritten(kind: Kind, alice: User, bob: User) -> None:
    record = kind.made(alice, "Old")
    share(record, bob, ("view", "change"))
    mine, his = signed_in(alice), signed_in(bob)
    url = edit_url(kind, record)
    stale = form_of(mine.get(url))
    assert his.post(url, form_of(his.get(url)) | {kind.title: "His <b>"}).status_code == 302

    answer = mine.post(url, stale | {kind.title: "Mine <i>"})
    page = text_of(answer)
    assert answer.status_code == 409
    assert "Bob changed this" in page
    assert ">His &lt;b&gt;</span></label>" in page
    assert ">Mine &lt;i&gt;</span></label>" in page
    assert page.count('class="differs"') == 1
    assert f'<a href="{url}" data-drop>drop your changes</a>' in page
    record.refresh_from_db()
    assert str(record) == "His <b>"

    renewed = form_of(answer)
    assert renewed[kind.title] == "Mine <i>"
    assert renewed["version"] != stale["version"]
    assert mine.post(url, renewed).status_code == 302
    record.refresh_from_db()
    assert str(record) == "Mine <i>"
    changes = Change.objects.of(record).filter(operation="update", actor__isnull=False).values_list("actor", flat=True)
    assert list(changes) == [alice.pk, bob.pk]


@EACH
def test_renewed_form_meets_the_next_conflict(kind: Kind, alice: User, mira: User) -> None:
    record = kind.made(alice, "Old")
    mine, hers = signed_in(alice), signed_in(mira)
    url = edit_url(kind, record)
    form = form_of(mine.get(url)) | {kind.title: "Mine"}
    for title in ("Second", "Third"):
        hers.post(url, form_of(hers.get(url)) | {kind.title: title})
        answer = mine.post(url, form)
        assert answer.status_code == 409
        assert f">{title}</span></label>" in text_of(answer)
        form = form_of(answer)
    record.refresh_from_db()
    assert str(record) == "Third"


@EACH
@pytest.mark.parametrize("version", ["", "nonsense", "2001-01-01T00:00:00+00:00", "\x00", "9" * 4000])
def test_form_without_the_version_is_a_conflict(kind: Kind, version: str, alice: User) -> None:
    record = kind.made(alice, "Old")
    answer = signed_in(alice).post(edit_url(kind, record), kind.filled("New", version=version))
    assert answer.status_code == 409
    record.refresh_from_db()
    assert str(record) == "Old"


@EACH
def test_conflict_shows_what_is_wrong_with_the_form_as_well(kind: Kind, alice: User) -> None:
    record = kind.made(alice, "Old")
    answer = signed_in(alice).post(edit_url(kind, record), kind.filled("x" * 501, version="stale"))
    assert answer.status_code == 409
    assert form_of(answer)[kind.title] == "x" * 501
    assert "at most 500 characters" in text_of(answer)


@EACH
def test_record_deleted_meanwhile_is_not_found(kind: Kind, alice: User) -> None:
    record, browser = kind.made(alice, "Old"), signed_in(alice)
    url = edit_url(kind, record)
    form = form_of(browser.get(url))
    assert browser.post(f"{kind.path}{record.pk}/delete/").status_code == 302
    assert browser.post(url, form | {kind.title: "New"}).status_code == 404
    assert not type(record).objects.exists()


@EACH
def test_right_taken_away_meanwhile_is_refused(kind: Kind, alice: User, bob: User) -> None:
    record = kind.made(alice, "Old")
    share(record, bob, ("view", "change"))
    browser, url = signed_in(bob), edit_url(kind, record)
    form = form_of(browser.get(url)) | {kind.title: "New"}
    share(record, bob, ("view",))
    assert browser.post(url, form).status_code == 403
    share(record, bob, ())
    assert browser.post(url, form).status_code == 404
    record.refresh_from_db()
    assert str(record) == "Old"


def test_pointers_to_what_one_cannot_see_stay(alice: User, mallory: User) -> None:
    # what a record names is readable because of the record, but for an activity's contact or deal
    contact = make_contact(mallory, name="Secret")
    activity = ACTIVITIES.made(alice, "Old", related_contact=contact)
    browser, url = signed_in(alice), edit_url(ACTIVITIES, activity)
    page = browser.get(url)
    assert "Secret" not in text_of(page)
    assert "A record you cannot see" in text_of(page)
    assert form_of(page)["related_contact"] == contact.pk
    assert browser.post(url, form_of(page) | {"subject": "New"}).status_code == 302
    activity.refresh_from_db()
    assert (activity.subject, activity.related_contact) == ("New", contact)
    conflict = browser.post(url, form_of(page) | {"subject": "Newer"})
    assert conflict.status_code == 409
    assert "Secret" not in text_of(conflict)
    assert browser.post(url, form_of(browser.get(url)) | {"related_contact": ""}).status_code == 302
    activity.refresh_from_db()
    assert activity.related_contact is None


@pytest.mark.parametrize(("kind", "field"), [(CONTACTS, "company"), (DEALS, "company"), (DEALS, "contact")])
def test_pointers_can_be_set_and_emptied(kind: Kind, field: str, alice: User) -> None:
    other: Any = make_company(alice) if field == "company" else make_contact(alice)
    record, browser = kind.made(alice), signed_in(alice)
    url = edit_url(kind, record)
    for pk in (other.pk, ""):
        assert browser.post(url, form_of(browser.get(url)) | {field: pk}).status_code == 302
        record.refresh_from_db()
        assert getattr(record, f"{field}_id") == (pk or None)


@EACH
def test_find_keeps_version_and_what_was_typed(kind: Kind, alice: User) -> None:
    record, browser = kind.made(alice, "Old"), signed_in(alice)
    url = edit_url(kind, record)
    form = form_of(browser.get(url)) | {kind.title: "New"}
    found = browser.post(url, form | {"find": "company", "company-search": "x"})
    assert found.status_code == 200
    after = form_of(found)
    assert after[kind.title] == "New"
    assert after["version"] == form["version"]
    record.refresh_from_db()
    assert str(record) == "Old"
    assert browser.post(url, after).status_code == 302
