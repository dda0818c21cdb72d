"""The socket of open pages: who is let in, and what he is told."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from threading import Event
from urllib.parse import unquote

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from pytest_django.fixtures import Settings
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from accounts.models import User
from accounts.names import MANAGERS
from crm_site.live import newsroom, pages
from deals.models import Deal
from records.access import share
from records.live import missed
from records.log import acting
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role, signed_in
from tests.live.conftest import Visit
from tests.live.following import PATIENCE, eventually
from tests.live.listener import Listener, Message, cookie_of, visiting
from tests.live.newsroom import Site
from tests.live.test_feed import Writer


def changes(page: Listener, count: int = 1) -> list[Message]:
    """Return what the next messages tell, until there are so many changes: some that are near come together."""
    found: list[Message] = []
    while len(found) < count:
        message = page.next()
        assert set(message) == {"op", "changes"}
        found += message["changes"]
    return found


def refusal(site: Site, cookie: str, origin: str | None = None) -> int:
    """Return the status of a handshake that is refused."""
    with pytest.raises(InvalidStatus) as refused, visiting(site.address, cookie, origin):
        pass
    return refused.value.response.status_code


def test_only_our_own_pages_of_who_is_signed_in(site: Site, alice: User, settings: Settings) -> None:
    cookie, own = cookie_of(signed_in(alice)), site.address.replace("ws", "http")
    settings.CSRF_TRUSTED_ORIGINS = ["https://crm.example", "https://*.pages.example"]
    for wrong in ("", "sessionid=", "sessionid=" + "x" * 32, "other=1"):
        assert refusal(site, wrong) == 403
    for origin in (
        "", "null", "http://evil.example", own.replace("http", "https"), own + "0", own + "/", "http://[", "file://",
        "https://crm.example.evil", "https://pages.example.evil", "http://crm.example", "https://evilpages.example",
    ):  # fmt: skip
        assert refusal(site, cookie, origin) == 403
    for origin in (own, "https://crm.example", "https://a.pages.example"):
        with visiting(site.address, cookie, origin) as page:
            assert page.next() == {"op": "hello"}
    headers = {"Cookie": cookie, "Host": "evil.example"}
    with pytest.raises(InvalidStatus) as refused:
        connect(f"{site.address}/live/", origin=Origin("http://evil.example"), additional_headers=headers)
    assert refused.value.response.status_code == 400


def test_who_may_not_sign_in_is_not_let_in(site: Site, alice: User) -> None:
    browser = signed_in(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert refusal(site, cookie_of(browser)) == 403
    stranger = Client()
    stranger.get("/accounts/login/")
    assert refusal(site, f"csrftoken={stranger.cookies['csrftoken'].value}") == 403


def test_what_is_told_and_to_whom(visit: Visit, alice: User, bob: User, mallory: User, mira: User) -> None:
    page = {user: visit(signed_in(user)) for user in (alice, bob, mallory, mira)}
    company = make_company(alice)
    contact = make_contact(alice, company=company)
    for each in (alice, mira):
        assert [change["class"] for change in changes(page[each], 2)] == ["Company", "Contact"]
    with acting(alice):
        deal = make_deal(alice, title="secret", company=company, contact=contact)
    notice = {"class": "Deal", "id": deal.pk, "what": "create", "version": deal.updated_at.isoformat(), "by": "Alice"}
    about = {"about": sorted([f"Company:{company.pk}", f"Contact:{contact.pk}"])}
    assert changes(page[alice]) == [notice | about | {"mine": True}]
    assert changes(page[mira]) == [notice | about | {"mine": False}]
    share(deal, bob, ("view",))
    gained = sorted((each["class"], each["what"]) for each in changes(page[bob]))
    assert gained == [("Company", "create"), ("Contact", "create"), ("Deal", "create")]
    with acting(bob):
        activity = make_activity(bob, related_deal=deal)
    for each, mine in ((alice, False), (bob, True), (mira, False)):
        (found,) = changes(page[each])
        assert (found["class"], found["id"], found["about"]) == ("Activity", activity.pk, [f"Deal:{deal.pk}"])
        assert (found["by"], found["mine"]) == ("Bob", mine)
    with transaction.atomic():
        Deal._base_manager.filter(pk=deal.pk).update(title="for alice only", company=None)
        share(deal, bob, ())
    lost = {(each["class"], each["what"], each["version"]) for each in changes(page[bob])}
    assert ("Deal", "gone", deal.updated_at.isoformat()) in lost
    assert {what for _, what, _ in lost} == {"gone"}
    (after,) = (each for each in changes(page[mira]) if each["class"] == "Deal")
    assert after["version"] == Deal.objects.get(pk=deal.pk).updated_at.isoformat()
    assert after["about"] == sorted([f"Company:{company.pk}", f"Contact:{contact.pk}"]), "of before and after"
    changes(page[alice])
    deal.delete()
    assert changes(page[mira])[-1]["what"] == "delete"
    assert "secret" not in json.dumps([page[each].heard for each in page])
    own = make_company(mallory)
    assert [each["id"] for each in changes(page[mallory])] == [own.pk], "and nothing before"


def test_versions_are_those_of_cards(visit: Visit, alice: User) -> None:
    """Also with trailing zeros, which PostgreSQL leaves out, and from a connection in another time zone."""
    page, deal = visit(signed_in(alice)), make_deal(alice)
    changes(page)
    for _ in range(12):
        Deal._base_manager.filter(pk=deal.pk).update(title="T")
        deal.refresh_from_db()
        assert changes(page)[0]["version"] == deal.updated_at.isoformat()


def test_what_makes_no_new_version_is_no_news(visit: Visit, alice: User, bob: User) -> None:
    page, deal = visit(signed_in(alice)), make_deal(alice)
    changes(page)
    share(deal, bob, ("view",))
    Deal._base_manager.filter(pk=deal.pk).update(position=77)
    other = make_company(alice)
    assert [each["id"] for each in changes(page)] == [other.pk]


def test_many_changes_at_once_are_told_as_one(
    visit: Visit, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_MOST_NOTICES", 5)
    page, other = visit(signed_in(alice)), visit(signed_in(bob))
    Deal._base_manager.bulk_create([Deal(title="T", stage="lead", assigned_to=alice) for _ in range(6)])
    assert page.next() == {"op": "again"}
    Deal._base_manager.bulk_create([Deal(title="T", stage="lead", assigned_to=bob) for _ in range(5)])
    assert len(changes(other, 5)) == 5


def test_other_rights_are_another_page(visit: Visit, alice: User, bob: User) -> None:
    role, browser = make_role("Sales"), signed_in(bob)
    deal = make_deal(alice)
    share(deal, role, ("view",))
    for change in (role.user_set.add, role.user_set.remove, Group.objects.get(name=MANAGERS).user_set.add):
        page = visit(browser)
        with transaction.atomic():
            change(bob)
            Deal._base_manager.filter(pk=deal.pk).update(title="after")
        assert page.end() == (1012, "Other rights")
        assert page.heard == []


def test_a_page_beats_and_learns_new_names(
    visit: Visit, site: Site, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newsroom, "BEAT_SECONDS", 0.1)
    page = visit(signed_in(alice))
    with acting(alice):
        make_deal(alice)
    assert changes(page)[0]["by"] == "Alice"
    User.objects.filter(pk=alice.pk).update(display_name="Alicia")
    site.ask(lambda: site.newsroom.pages.beat())
    assert page.next() == {"op": "beat"}
    site.ask(lambda: site.newsroom.pages.forget_names())
    with acting(alice):
        make_deal(alice)
    assert changes(page)[0]["by"] == "Alicia"


def test_a_person_has_thirty_pages(
    site: Site, visit: Visit, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SOCKETS", 3)
    browser = signed_in(alice)
    first, *_ = (visit(browser) for _ in range(3))
    assert refusal(site, cookie_of(browser)) == 429
    visit(signed_in(bob))
    first.link.close()
    eventually(lambda: site.ask(lambda: len(site.newsroom.pages)) == 3)
    visit(browser)


def test_what_a_page_says_is_not_listened_to(visit: Visit, alice: User) -> None:
    page = visit(signed_in(alice))
    for text in ("", "{", '{"op":"subscribe"}', "x" * 1_000):
        page.send(text)
    make_deal(alice)
    assert len(changes(page)) == 1


def test_what_was_committed_since_the_page_was_made_comes_first(visit: Visit, alice: User, bob: User) -> None:
    """Also of a transaction that began before, and nothing of what the page was made of."""
    browser, shown = signed_in(alice), make_deal(alice)
    late = Writer()
    late.do(lambda: Deal._base_manager.filter(pk=shown.pk).update(title="late"))
    since = _snapshot(browser)
    made, _ = make_deal(alice), make_deal(bob)
    late.commit()
    assert {(each["id"], each["what"]) for each in changes(visit(browser, since))} == {
        (shown.pk, "update"),
        (made.pk, "create"),
    }
    page = visit(browser, _snapshot(browser))
    after = make_deal(alice)
    assert [each["id"] for each in changes(page)] == [after.pk]


def test_page_that_missed_too_much_looks_again(visit: Visit, alice: User, bob: User) -> None:
    browser, role = signed_in(bob), make_role("Sales")
    since = _snapshot(browser)
    Deal._base_manager.bulk_create(Deal(title="T", stage="lead", assigned_to=alice) for _ in range(missed.MOST))
    assert visit(browser, since).next() == {"op": "again"}, "too much"
    since = _snapshot(browser)
    role.user_set.add(bob)
    assert visit(browser, since).next() == {"op": "again"}, "other rights"


def test_nobody_chooses_his_snapshot(visit: Visit, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would tell what was before his time, by the rights of today."""
    browser = signed_in(alice)
    for since in ("nonsense", "1:1:", "1:99999999:5", _snapshot(signed_in(bob)), f"{_snapshot(browser)}x"):
        assert visit(browser, since).next() == {"op": "again"}, since
    since = _snapshot(browser)
    monkeypatch.setattr(missed, "LONGEST", timedelta(seconds=-1))
    assert visit(browser, since).next() == {"op": "again"}, "an old one"


def test_a_person_catches_up_with_one_page_at_a_time(
    visit: Visit, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, browser = Event(), signed_in(alice)
    since = _snapshot(browser)
    monkeypatch.setattr(pages, "missed", lambda *asked: go_on.wait(PATIENCE) and missed.missed(*asked))
    first, second = visit(browser, since), visit(browser, since)
    assert second.next() == {"op": "again"}
    made = make_deal(alice)
    go_on.set()
    assert changes(first)[0]["id"] == made.pk


def _snapshot(browser: Client) -> str:
    """Return what a page gives its socket, as a browser reads it."""
    found = re.search(r'data-live="/live/\?since=([^"]+)"', browser.get("/activities/").content.decode())
    assert found
    return unquote(found[1])
