"""Queries: each class, one and many; who one is; and that nothing is read that was not asked for."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from parse_api.classes import ALL
from parse_api.models import Installation
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role, make_user
from tests.parse_api.app import App
from tests.parse_api.graphql.asking import answer, code, master, nodes, person, post
from tests.parse_api.objects import NOBODY

RECORDS = {"company": "companies", "contact": "contacts", "deal": "deals", "activity": "activities"}


def gid(class_name: str, object_id: str) -> str:
    return b64encode(f"{class_name}:{object_id}".encode()).decode()


@pytest.fixture
def world(alice: User) -> dict[str, str]:
    """Return the ids of one object of each class, all of which alice reads."""
    company = make_company(alice, name="Alpha")
    contact = make_contact(alice, name="Kim", company=company)
    deal = make_deal(alice, title="one", contact=contact, company=company)
    activity = make_activity(alice, subject="s", related_deal=deal)
    role = make_role("Sales", alice)
    device = Installation.objects.create(installation_id="abc", device_type="ios", more={"channels": ["a", 1]})
    found = {"user": alice.pk, "company": company.pk, "contact": contact.pk, "deal": deal.pk, "activity": activity.pk}
    return {**found, "role": role.object_id, "installation": device.pk}


@pytest.mark.parametrize("name", [*RECORDS, "user", "role", "installation"])
def test_an_object_of_each_class_by_either_id_and_as_a_node(alice: User, world: dict[str, str], name: str) -> None:
    app, pk = person(alice), world[name]
    [class_name] = [each for each in ALL if each.removeprefix("_").lower() == name]
    query = f"query($id: ID!) {{ {name}(id: $id) {{ __typename id objectId createdAt updatedAt }} }}"
    by_id = answer(app, query, {"id": pk})[name]
    assert by_id["id"] == gid(class_name, pk)
    assert by_id["objectId"] == pk
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", by_id["createdAt"])
    assert answer(app, query, {"id": by_id["id"]})[name] == by_id
    node = "query($id: ID!) { node(id: $id) { __typename id ... on ParseObject { objectId createdAt updatedAt } } }"
    assert answer(app, node, {"id": by_id["id"]})["node"] == by_id


@pytest.mark.parametrize("name", [*RECORDS, "user", "role", "session", "installation"])
def test_what_is_not_there_is_101_and_all_data_null(alice: User, name: str) -> None:
    app = person(alice)
    for pk in (NOBODY, "", "a/b", "x\u0001", gid("Deal" if name != "deal" else "Company", NOBODY), "é" * 10, "'; --"):
        response = post(app, f"query($id: ID!) {{ {name}(id: $id) {{ id }} }}", {"id": pk})
        assert response.json()["data"] is None
        assert response.json()["errors"][0]["extensions"] == {"code": 101}
        assert response.json()["errors"][0]["path"] == [name]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (gid("Deal", NOBODY), 101),
        (gid("Deal", "a b"), 101),
        *((text, 119) for text in (NOBODY, "", "RGVhbDo=", gid("Nonesuch", NOBODY), gid("_User", ""))),
    ],
)
def test_a_node_that_is_none_is_null(alice: User, text: str, expected: int) -> None:
    response = post(person(alice), "query($id: ID!) { node(id: $id) { id } }", {"id": text}).json()
    assert response["data"] == {"node": None}
    assert response["errors"][0]["extensions"] == {"code": expected}


@pytest.mark.parametrize("plural", [*RECORDS.values(), "users", "roles", "sessions"])
def test_a_list_of_each_class(alice: User, world: dict[str, str], plural: str) -> None:
    del world
    listed = answer(person(alice), f"{{ {plural} {{ count edges {{ node {{ id objectId }} }} }} }}")[plural]
    assert listed["count"] == len(listed["edges"]) >= 1


def test_every_field_of_each_class(alice: User, world: dict[str, str]) -> None:
    app = person(alice)
    deal = answer(
        app,
        "query($id: ID!) { deal(id: $id) { title amount stage expectedCloseDate notes lostReason "
        "contact { name email phone notes company { name } createdBy { username } } "
        "company { name website industry address notes createdBy { objectId } } assignedTo { username email } "
        "ACL { users { userId read write } roles { roleName } public { read } } } }",
        {"id": world["deal"]},
    )["deal"]
    assert deal["contact"]["company"] == {"name": "Alpha"}
    assert deal["assignedTo"] == {"username": "alice", "email": "alice@example.com"}
    mine = [{"userId": gid("_User", alice.pk), "read": True, "write": True}]
    assert deal["ACL"] == {"users": mine, "roles": None, "public": None}
    activity = answer(
        app,
        "query($id: ID!) { activity(id: $id) { type subject description dueDate completedAt createdBy { objectId } "
        "relatedTo { __typename ... on Deal { title } ... on Contact { name } } } }",
        {"id": world["activity"]},
    )["activity"]
    assert activity["relatedTo"] == {"__typename": "Deal", "title": "one"}
    device = answer(
        app,
        "query($id: ID!) { installation(id: $id) { installationId deviceToken deviceType channels badge timeZone "
        "localeIdentifier appName appVersion appIdentifier parseVersion pushType GCMSenderId ACL { public { read } } "
        "} }",
        {"id": world["installation"]},
    )["installation"]
    assert (device["installationId"], device["channels"], device["badge"]) == ("abc", ["a", 1], None)


def test_a_user_shows_his_address_to_himself_and_the_master_key_only(alice: User, bob: User) -> None:
    query = "query($id: ID!) { user(id: $id) { username email emailVerified displayName ACL { users { read } } } }"
    mine = answer(person(alice), query, {"id": alice.pk})["user"]
    assert (mine["email"], mine["ACL"]) == ("alice@example.com", {"users": [{"read": True}]})
    seen = answer(person(bob), query, {"id": alice.pk})["user"]
    assert (seen["username"], seen["email"], seen["ACL"]) == ("alice", None, None)
    assert answer(master(), query, {"id": alice.pk})["user"] == mine


def test_sessions_are_ones_own_and_show_the_token_that_asks(alice: User, bob: User) -> None:
    app, other = person(alice), person(bob)
    listed = answer(
        app,
        "{ sessions { count edges { node { objectId sessionToken expiresAt createdWith installationId "
        "user { username } ACL { public { read } } } } } }",
    )["sessions"]
    (mine,) = nodes(listed)
    assert (mine["sessionToken"], mine["user"]) == (app.token, {"username": "alice"})
    assert mine["createdWith"] == {"action": "login", "authProvider": "password"}
    again = person(alice)
    found = answer(again, "query($id: ID!) { session(id: $id) { sessionToken } }", {"id": mine["objectId"]})
    assert found == {"session": {"sessionToken": None}}
    assert code(other, "query($id: ID!) { session(id: $id) { objectId } }", {"id": mine["objectId"]}) == 101
    for query in ("{ sessions { count } }", f'{{ session(id: "{NOBODY}") {{ objectId }} }}'):
        assert code(App(), query) == 209


def test_devices_are_listed_with_the_master_key_only(world: dict[str, str], alice: User) -> None:
    del world
    query = "{ installations { count edges { node { installationId channels } } } }"
    assert code(person(alice), query) == 119
    assert answer(master(), query)["installations"]["count"] == 1


def test_the_members_of_roles(alice: User, bob: User, mira: User) -> None:
    sales, support = make_role("Sales", alice, bob), make_role("Support", bob)
    sales.children.add(support)
    app = person(alice)
    query = (
        "query($id: ID!) { role(id: $id) { name users(order: [username_DESC]) { count edges { node { username } } } "
        "roles { edges { cursor node { name users { count } } } pageInfo { hasNextPage } } } }"
    )
    role = answer(app, query, {"id": sales.object_id})["role"]
    assert role["users"] == {"count": 2, "edges": [{"node": {"username": "bob"}}, {"node": {"username": "alice"}}]}
    assert nodes(role["roles"]) == [{"name": "Support", "users": {"count": 1}}]
    listed = answer(
        app,
        "{ roles(order: [name_ASC]) { edges { node { name all: users { count } "
        'few: users(first: 1, where: {username: {equalTo: "bob"}}) { count edges { node { username } } '
        "pageInfo { hasNextPage } } } } } }",
    )["roles"]
    found = {each["name"]: (each["all"]["count"], nodes(each["few"], "username")) for each in nodes(listed)}
    assert found == {"Managers": (1, []), "Sales": (2, ["bob"]), "Support": (1, ["bob"])}
    del mira


def test_health_needs_no_session_and_the_schema_the_master_key(alice: User) -> None:
    assert answer(App(), "{ health }") == {"health": True}
    for query in ("{ classes { name } }", '{ class(name: "Deal") { name } }'):
        assert code(person(alice), query) == 119
    shown = answer(
        master(),
        '{ class(name: "Deal") { name schemaFields { name __typename ... on SchemaPointerField { targetClassName } '
        "... on SchemaStringField { isRequired } } } }",
    )["class"]
    fields = {each["name"]: each for each in shown["schemaFields"]}
    assert shown["name"] == "Deal"
    assert fields["contact"] == {
        "name": "contact",
        "__typename": "SchemaPointerField",
        "targetClassName": "Contact",
    }
    assert fields["title"]["isRequired"] is True
    assert {each["name"] for each in answer(master(), "{ classes { name } }")["classes"]} == set(ALL)
    assert answer(master(), '{ class(name: "User") { name } }') == {"class": {"name": "_User"}}
    assert code(master(), '{ class(name: "Nonesuch") { name } }') == 103


def test_the_viewer_is_who_asks(alice: User) -> None:
    app = person(alice)
    viewer = answer(app, "{ viewer { sessionToken user { username email a: objectId } user { id } } }")["viewer"]
    assert viewer["sessionToken"] == app.token
    assert viewer["user"] == {
        "username": "alice",
        "email": "alice@example.com",
        "a": alice.pk,
        "id": gid("_User", alice.pk),
    }
    assert code(App(), "{ viewer { sessionToken } }") == 209


def statements(app: App, query: str) -> list[str]:
    """Return the statements about deals that an operation takes."""
    found: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        answer(app, query)
    return [sql for sql in found if "deals_deal" in sql]


def test_only_the_columns_that_are_asked_for_are_read(alice: User) -> None:
    app = person(alice)
    make_deal(alice, title="one", notes="long")
    (sql,) = statements(app, "{ deals(order: [title_ASC]) { edges { node { id title } } } }")
    columns = set(re.findall(r'"deals_deal"\."(\w+)" AS', sql))
    assert columns == {"id", "title"}
    assert "count(*) FROM (SELECT" not in sql
    assert "notes" not in sql
    (sql,) = statements(app, "{ deals { count } }")
    assert "string_agg" not in sql
    (sql,) = statements(app, "{ deals { edges { cursor } pageInfo { hasNextPage } } }")
    assert set(re.findall(r'"deals_deal"\."(\w+)" AS', sql)) <= {"id", "created_at"}  # which orders them


def test_ten_rows_and_a_hundred_take_the_same_statements(alice: User) -> None:
    app = person(alice)
    query = (
        "{ deals { count edges { node { title contact { name company { name createdBy { username } } } "
        "company { name } assignedTo { username } ACL { users { userId } } } } pageInfo { hasNextPage } } "
        "activities { edges { node { subject relatedTo { ... on Deal { title company { name } } "
        "... on Contact { name } } } } } }"
    )
    taken = {}
    for many in (10, 90):
        for _ in range(many):
            company = make_company(alice)
            contact = make_contact(alice, company=company)
            deal = make_deal(alice, contact=contact, company=company)
            make_activity(alice, related_deal=deal)
        with CaptureQueriesContext(connection) as captured:
            found = answer(app, query)
        taken[found["deals"]["count"]] = len(captured)
        assert all(each["contact"]["company"]["name"] for each in nodes(found["deals"]))
    assert taken == {10: 3, 100: 3}  # the session, the deals, the activities


def test_two_roles_and_ten_take_the_same_statements(alice: User) -> None:
    app = person(alice)
    query = "{ roles { edges { node { name users { edges { node { username } } } roles { count } } } } }"
    taken = []
    for names in ("ab", "cdefghij"):
        for name in names:
            make_role(f"Role {name}", alice, make_user())
        with CaptureQueriesContext(connection) as captured:
            found = nodes(answer(app, query)["roles"])
        taken.append(len(captured))
        assert [len(each["users"]["edges"]) for each in found if each["name"] != "Managers"] == [2] * (len(found) - 1)
    assert taken[0] == taken[1]
