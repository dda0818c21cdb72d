"""Every address and method of the site for five kinds of people, and for what lies between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from records.access import share
from records.models import Record
from tests.factories import make_activity, make_company, make_contact, make_deal, signed_in

SIGN_IN = 302
"""Anonymous people are sent to the sign-in page; the test looks where the redirect leads."""
CLASSES = ("companies", "contacts", "deals", "activities")
Data = Callable[["World"], dict[str, str]]


class World(NamedTuple):
    """Alice's records by app, which Bob may view, and whom a form can name."""

    records: dict[str, Record]
    mallory: User

    def record(self, name: str) -> Record:
        return self.records[name.partition(":")[0]]


class Row(NamedTuple):
    """What an address answers to a method, for each of the five; `args` are those of the address."""

    name: str
    method: str
    anonymous: int
    mallory: int
    bob: int
    alice: int
    mira: int
    args: tuple[Any, ...] = ()
    data: Data = lambda _world: {}

    @property
    def expected(self) -> dict[str, int]:
        return {who: getattr(self, who) for who in PEOPLE}


PEOPLE = ("anonymous", "mallory", "bob", "alice", "mira")


def filled(world: World) -> dict[str, str]:
    """Fill in what the forms of all classes want; each takes what it knows."""
    del world
    return {"name": "New", "title": "New", "stage": "lead", "type": "call", "subject": "New"}


def edited(app: str) -> Data:
    """Fill in the form of Alice's record."""
    return lambda world: filled(world) | {"version": world.records[app].updated_at.isoformat()}


def granted(world: World) -> dict[str, str]:
    """Share with Mallory, or hand over to her."""
    return {"holder": world.mallory.pk, "level": "view", "take_back": world.mallory.pk}


def logged(world: World) -> dict[str, str]:
    """Log a call on Alice's contact."""
    return {"type": "call", "subject": "New", "when": "now", "related_contact": world.records["contacts"].pk}


def moved(world: World) -> dict[str, str]:
    """Move Alice's deal."""
    return {"stage": "proposal", "version": world.records["deals"].updated_at.isoformat()}


def chosen(world: World) -> dict[str, str]:
    """Move Alice's deal as the only one that is selected."""
    deal = world.records["deals"]
    return {"stage": "proposal", "deal": f"{deal.pk}.{deal.updated_at.isoformat()}"}


def record_rows(app: str) -> list[Row]:
    """Return the rows that every record class has."""
    owner_hands_over = 200 if app == "deals" else 403
    owner_handed_over = 302 if app == "deals" else 403
    return [
        #   address              method   anonymous  mallory  bob  alice mira
        Row(f"{app}:list",       "GET",   SIGN_IN,   200,     200, 200,  200),
        Row(f"{app}:new",        "GET",   SIGN_IN,   200,     200, 200,  200),
        Row(f"{app}:new",        "POST",  SIGN_IN,   302,     302, 302,  302, data=filled),
        Row(f"{app}:options",    "GET",   SIGN_IN,   200,     200, 200,  200),
        Row(f"{app}:detail",     "GET",   SIGN_IN,   404,     200, 200,  200),
        Row(f"{app}:edit",       "GET",   SIGN_IN,   404,     403, 200,  200),
        Row(f"{app}:edit",       "POST",  SIGN_IN,   404,     403, 302,  302, data=edited(app)),
        Row(f"{app}:delete",     "GET",   SIGN_IN,   404,     403, 200,  200),
        Row(f"{app}:delete",     "POST",  SIGN_IN,   404,     403, 302,  302),
        Row(f"{app}:sharing",    "GET",   SIGN_IN,   404,     200, 200,  200),
        Row(f"{app}:sharing",    "POST",  SIGN_IN,   404,     403, 302,  302, data=granted),
        Row(f"{app}:unshare",    "POST",  SIGN_IN,   404,     403, 302,  302, data=granted),
        Row(f"{app}:hand_over",  "GET",   SIGN_IN,   404,     403, owner_hands_over, 200),
        Row(f"{app}:hand_over",  "POST",  SIGN_IN,   404,     403, owner_handed_over, 302, data=granted),
        Row(f"{app}:history",    "GET",   SIGN_IN,   404,     200, 200,  200),
        # 409: the record was never changed, so that there is nothing to undo, nor is it deleted
        Row(f"{app}:undo",       "POST",  SIGN_IN,   404,     403, 409,  409),
        Row(f"{app}:restore",    "GET",   SIGN_IN,   404,     409, 409,  409),
        Row(f"{app}:restore",    "POST",  SIGN_IN,   404,     409, 409,  409),
    ]  # fmt: skip


ROWS = [
    *(row for app in CLASSES for row in record_rows(app)),
    #   address                      method   anonymous  mallory  bob  alice mira
    Row("activities:done",           "POST",  SIGN_IN,   404,     403, 302,  302, data=lambda _world: {"done": "1"}),
    # A board shows what one may see, if only empty columns
    Row("deals:board",               "GET",   SIGN_IN,   200,     200, 200,  200),
    # 400: the table's address names no column
    Row("deals:board_cards",         "GET",   SIGN_IN,   400,     400, 400,  400),
    # 400: it names no deals; tests/deals/test_board_changes.py does
    Row("deals:board_changes",       "GET",   SIGN_IN,   400,     400, 400,  400),
    Row("deals:board_new",           "GET",   SIGN_IN,   200,     200, 200,  200),
    Row("deals:board_new",           "POST",  SIGN_IN,   302,     302, 302,  302, data=filled),
    Row("deals:move",                "GET",   SIGN_IN,   404,     403, 200,  200),
    Row("deals:move",                "POST",  SIGN_IN,   404,     403, 302,  302, data=moved),
    Row("deals:move_many",           "GET",   SIGN_IN,   302,     302, 302,  302),
    Row("deals:move_many",           "POST",  SIGN_IN,   404,     403, 302,  302, data=chosen),
    Row("deals:undo_move",           "POST",  SIGN_IN,   404,     404, 404,  404),
    # Whoever may see a contact may log on it what he did: the activity is his own
    Row("activities:log",            "POST",  SIGN_IN,   422,     302, 302,  302, data=logged),
    Row("home",                      "GET",   SIGN_IN,   200,     200, 200,  200),
    Row("search",                    "GET",   SIGN_IN,   200,     200, 200,  200),
    Row("people_options",            "GET",   SIGN_IN,   200,     200, 200,  200),
    Row("holder_options",            "GET",   SIGN_IN,   200,     200, 200,  200),
    Row("developers:index",          "GET",   SIGN_IN,   200,     200, 200,  200),
    Row("developers:class",          "GET",   SIGN_IN,   200,     200, 200,  200, args=("Deal",)),
    Row("developers:diagram",        "GET",   SIGN_IN,   200,     200, 200,  200),
    Row("developers:schema",         "GET",   SIGN_IN,   200,     200, 200,  200),
    Row("developers:schema",         "POST",  SIGN_IN,   422,     422, 422,  422),
    Row("developers:schema_json",    "GET",   SIGN_IN,   200,     200, 200,  200),
    Row("developers:keys",           "GET",   SIGN_IN,   403,     403, 403,  200),
    Row("developers:openapi",        "GET",   SIGN_IN,   200,     200, 200,  200),
    Row("developers:playground",     "GET",   SIGN_IN,   200,     200, 200,  200),
    # 422: nothing of a request is sent
    Row("developers:playground_code", "POST", SIGN_IN,   422,     422, 422,  422),
    Row("developers:graphql",        "GET",   SIGN_IN,   200,     200, 200,  200),
    Row("developers:graphql_schema", "GET",   SIGN_IN,   200,     200, 200,  200),
    Row("developers:live",           "GET",   SIGN_IN,   200,     200, 200,  200),
    Row("developers:playground_session", "POST", SIGN_IN, 200,    200, 200,  200),
    Row("accounts:profile",          "GET",   SIGN_IN,   200,     200, 200,  200),
    Row("accounts:profile",          "POST",  SIGN_IN,   422,     422, 422,  422),
    Row("accounts:session_end",      "POST",  SIGN_IN,   404,     404, 404,  404, args=(1,)),
    Row("accounts:app_session_end",  "POST",  SIGN_IN,   404,     404, 404,  404, args=("Abcdefghij",)),
    Row("accounts:sessions_end_others", "POST", SIGN_IN, 302,     302, 302,  302),
    Row("health",                    "GET",   200,       200,     200, 200,  200),
    # What a device keeps of everybody's, and who is signed in: nobody, for anonymous people
    Row("manifest",                  "GET",   200,       200,     200, 200,  200),
    Row("service_worker",            "GET",   200,       200,     200, 200,  200),
    Row("offline",                   "GET",   200,       200,     200, 200,  200),
    Row("offline_session",           "GET",   200,       200,     200, 200,  200),
    Row("account_login",             "GET",   200,       302,     302, 302,  302),
    Row("account_login",             "POST",  422,       302,     302, 302,  302),
    Row("account_signup",            "GET",   200,       302,     302, 302,  302),
    Row("account_signup",            "POST",  422,       302,     302, 302,  302),
    Row("account_logout",            "GET",   302,       200,     200, 200,  200),
    Row("account_logout",            "POST",  302,       302,     302, 302,  302),
    Row("account_change_password",   "GET",   SIGN_IN,   200,     200, 200,  200),
    Row("account_change_password",   "POST",  SIGN_IN,   422,     422, 422,  422),
    Row("account_reset_password",    "GET",   200,       200,     200, 200,  200),
    Row("account_reset_password",    "POST",  422,       422,     422, 422,  422),
    Row("account_reset_password_done", "GET", 200,       200,     200, 200,  200),
    Row("account_reset_password_from_key", "GET", 410,   410,     410, 410,  410, args=("a", "b-c")),
    Row("account_reset_password_from_key", "POST", 410,  410,     410, 410,  410, args=("a", "b-c")),
    Row("account_reset_password_from_key_done", "GET", 200, 200,  200, 200,  200),
]  # fmt: skip


def patterns(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield each address of the site with its full name."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        else:
            yield f"{namespace}{entry.name}", entry


SITE = [(name, entry) for name, entry in patterns(get_resolver()) if not name.startswith("admin:")]
ADMIN = [(name, entry) for name, entry in patterns(get_resolver()) if name.startswith("admin:")]


@pytest.fixture
def world(alice: User, bob: User, mallory: User) -> World:
    """Return Alice's records, each shown to Bob."""
    company = make_company(alice)
    contact = make_contact(alice, company=company)
    deal = make_deal(alice, company=company, contact=contact)
    activity = make_activity(alice, related_deal=deal)
    records: dict[str, Record] = dict(zip(CLASSES, (company, contact, deal, activity), strict=True))
    for record in records.values():
        share(record, bob, ("view",))
    return World(records, mallory)


@pytest.fixture
def browsers(alice: User, bob: User, mallory: User, mira: User) -> dict[str, Client]:
    """Return a browser for each of the five."""
    people = {"mallory": mallory, "bob": bob, "alice": alice, "mira": mira}
    return {"anonymous": Client(), **{name: signed_in(person) for name, person in people.items()}}


def ask(browser: Client, method: str, url: str, data: dict[str, str] | None = None) -> Any:
    """Send a request whose writes are taken back, a sign-out too."""
    cookies = SimpleCookie(browser.cookies)
    with transaction.atomic():
        answer = browser.post(url, data) if method == "POST" else browser.generic(method, url)
        transaction.set_rollback(True)
    browser.cookies = cookies
    return answer


def address(name: str, world: World, args: tuple[Any, ...] = ()) -> str:
    """Return the address of a page, of Alice's record if it is of one."""
    entry = dict(SITE)[name]
    return reverse(name, args=args or ([world.record(name).pk] if "pk" in entry.pattern.converters else []))


def rows_of(part: str) -> list[Row]:
    """Return the rows of a record class, or those of no class."""
    return [row for row in ROWS if row.name.partition(":")[0] == part or (part == "site" and is_elsewhere(row))]


def is_elsewhere(row: Row) -> bool:
    """Tell whether a row is of no record class."""
    return row.name.partition(":")[0] not in CLASSES


@pytest.mark.parametrize("part", [*CLASSES, "site"])
def test_table(part: str, world: World, browsers: dict[str, Client]) -> None:
    wrong = []
    for row in rows_of(part):
        url = address(row.name, world, row.args)
        answers = {who: ask(browsers[who], row.method, url, row.data(world)) for who in PEOPLE}
        found = {who: answer.status_code for who, answer in answers.items()}
        if found != row.expected:
            wrong.append((row.method, row.name, found))
        if row.anonymous == SIGN_IN and row.name != "account_logout":
            assert answers["anonymous"]["Location"].startswith("/accounts/login/?next="), row
    assert wrong == []


def test_table_is_complete() -> None:
    assert {row.name for row in ROWS} == {name for name, _entry in SITE}


UNUSUAL = {
    # allauth's pages send people on, or say that a link is used up, before they look at the method
    "account_login": {"GET", "POST", "PUT", "PATCH", "DELETE"},
    "account_signup": {"GET", "POST", "PUT", "PATCH", "DELETE"},
    "account_reset_password_from_key": {"GET", "POST", "PUT", "PATCH", "DELETE"},
    "account_logout": {"GET", "POST", "PUT"},
    "account_change_password": {"GET", "POST", "PUT"},
    "account_reset_password": {"GET", "POST", "PUT"},
}


def test_other_methods_are_not_allowed(world: World, browsers: dict[str, Client]) -> None:
    wrong = []
    for name, _entry in SITE:
        rows = [row for row in ROWS if row.name == name]
        url = address(name, world, rows[0].args)
        refused = {"GET", "POST", "PUT", "PATCH", "DELETE"} - (UNUSUAL.get(name) or {row.method for row in rows})
        wrong += [(method, name) for method in refused if ask(browsers["alice"], method, url).status_code != 405]
    assert wrong == []


ODD_IDS = ("AAAAAAAAAA", "x", "ÄÖ", "a" * 300, "..", "'\"%25;--", "new ", "%F0%9F%98%80", "%FF", "-1", "%2F", "%0a")


def test_unknown_record_is_not_found(world: World, browsers: dict[str, Client]) -> None:
    wrong = []
    for row in ROWS:
        if "pk" not in dict(SITE)[row.name].pattern.converters or is_elsewhere(row):
            continue
        url, pk = address(row.name, world), world.record(row.name).pk
        odd_urls = [url.replace(pk, odd) for odd in (ODD_IDS if row.name.startswith("deals") else ODD_IDS[:1])]
        wrong += [odd for odd in odd_urls if ask(browsers["mira"], row.method, odd).status_code != 404]
    assert wrong == []


@pytest.mark.parametrize("app", CLASSES)
def test_reader_is_offered_no_controls(app: str, world: World, browsers: dict[str, Client]) -> None:
    url = reverse(f"{app}:detail", args=[world.records[app].pk])
    controls = [
        f'{url}{page}"' for page in ("edit/", "delete/", "hand-over/", "sharing/remove/", "undo/", "done/", "move/")
    ]
    pages = [url, f"{url}sharing/", f"{url}history/"]
    theirs = {who: "".join(browsers[who].get(page).content.decode() for page in pages) for who in ("bob", "alice")}
    assert [control for control in controls if control in theirs["bob"]] == []
    assert f'action="{url}sharing/"' not in theirs["bob"]
    assert 'action="/activities/' not in theirs["bob"].replace('action="/activities/log/"', "").replace(
        'action="/activities/"', ""
    )
    assert f'{url}edit/"' in theirs["alice"]
    assert f'{url}delete/"' in theirs["alice"]
    assert f'action="{url}sharing/"' in theirs["alice"]


@pytest.mark.parametrize("part", [*CLASSES, "site"])
def test_who_may_only_write_is_a_stranger(part: str, world: World, mallory: User, browsers: dict[str, Client]) -> None:
    for record in world.records.values():
        share(record, mallory, ("change",))
    for row in rows_of(part):
        answer = ask(browsers["mallory"], row.method, address(row.name, world, row.args), row.data(world))
        assert answer.status_code == row.mallory, row
        if row.method == "GET" and answer.status_code == 200:
            assert str(world.record("companies:")) not in answer.content.decode()


def test_session_of_a_deactivated_person_ends(world: World, alice: User, browsers: dict[str, Client]) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    for row in ROWS:
        if row.anonymous != SIGN_IN or row.name == "account_logout":
            continue
        answer = ask(browsers["alice"], row.method, address(row.name, world, row.args), row.data(world))
        assert answer.status_code == 302, row
        assert answer["Location"].startswith("/accounts/login/?next="), row


MANAGED = {
    "accounts_role", "accounts_user", "activities_activity", "companies_company", "contacts_contact", "deals_deal",
    "deals_lostreason", "deals_stage", "deals_stagechange", "records_change",
}  # fmt: skip
"""Of what managers see lists in the admin; the other registered classes are for superusers."""


def admin_addresses() -> Iterator[tuple[str, str]]:
    """Yield name and address of every page of the admin, of something that is not there where it is about one."""
    for name, entry in ADMIN:
        options = {key: 1 if key != "app_label" else "deals" for key in entry.pattern.regex.groupindex}
        if entry.name:
            yield name.removeprefix("admin:"), reverse(name, kwargs=options)


def test_admin_is_for_managers(world: World, browsers: dict[str, Client]) -> None:
    assert world.mallory.is_active
    wrong, opened = [], set()
    for name, url in admin_addresses():
        found = {who: ask(browsers[who], "GET", url) for who in PEOPLE}
        statuses = {who: answer.status_code for who, answer in found.items()}
        if statuses.pop("mira") == 200:
            opened.add(name)
        if statuses != {"anonymous": 302, "mallory": 403, "bob": 403, "alice": 403}:
            wrong.append((name, statuses))
        assert found["anonymous"]["Location"].startswith("/accounts/login/")
    assert wrong == []
    assert {name.removesuffix("_changelist") for name in opened if name.endswith("_changelist")} == MANAGED
