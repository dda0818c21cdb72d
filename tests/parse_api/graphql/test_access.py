"""Access: GraphQL shows what REST shows to the same person, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from records.access import share
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role
from tests.parse_api.app import App
from tests.parse_api.graphql.asking import answer, code, master, nodes, person

LISTS = {
    "Company": ("companies", "name website industry address notes createdBy { objectId }"),
    "Contact": ("contacts", "name email phone notes company { objectId name } createdBy { objectId }"),
    "Deal": (
        "deals",
        "title amount stage notes lostReason contact { objectId name company { objectId name } } "
        "company { objectId name } assignedTo { objectId username email }",
    ),
    "Activity": (
        "activities",
        "type subject description createdBy { objectId } "
        "relatedTo { ... on Deal { objectId title } ... on Contact { objectId name } }",
    ),
    "_User": ("users", "username email displayName"),
}
INCLUDE = "company,contact,contact.company,assignedTo,createdBy,relatedTo"


@pytest.fixture
def cast(alice: User, bob: User, mallory: User, mira: User) -> dict[str, App]:
    """Return everybody's app; bob was shown a deal of alice, and something of each class through a role."""
    company, other = make_company(alice, name="Alpha"), make_company(alice, name="Beta")
    contact = make_contact(alice, name="Kim", company=other)
    shown = make_deal(alice, title="shown", company=company, contact=contact)
    hidden = make_deal(alice, title="hidden", company=other, contact=contact)
    make_deal(bob, title="his", company=None)
    for deal in (shown, hidden):
        make_activity(alice, subject=f"about {deal.title}", related_deal=deal)
    share(shown, bob, ("view",))
    share(make_company(alice, name="Role's"), make_role("Sales", bob), ("view", "change"))
    people = {each.username: person(each) for each in (alice, bob, mallory, mira)}
    return {**people, "nobody": App(), "master": master()}


def as_rest(row: Any) -> Any:
    """Return an object of GraphQL as REST shows it: without what is empty."""
    if isinstance(row, list):
        return [as_rest(each) for each in row]
    return {key: as_rest(each) for key, each in row.items() if each is not None} if isinstance(row, dict) else row


def narrowed(row: Any, like: Any) -> Any:
    """Return of an object of REST what the other asked for, dates and pointers aside."""
    if isinstance(like, dict) and isinstance(row, dict):
        return {key: narrowed(row[key], value) for key, value in like.items() if key in row}
    return row


@pytest.mark.parametrize("who", ["alice", "bob", "mallory", "mira", "master"])
@pytest.mark.parametrize("class_name", LISTS)
def test_everybody_sees_what_he_sees_by_rest(cast: dict[str, App], class_name: str, who: str) -> None:
    app = cast[who]
    plural, fields = LISTS[class_name]
    listed = answer(app, f"{{ {plural}(order: [id_ASC]) {{ count edges {{ node {{ objectId {fields} }} }} }} }}")[
        plural
    ]
    rows = app.get(f"/classes/{class_name}?order=objectId&count=1&include={INCLUDE}").json()
    mine = as_rest(nodes(listed))
    assert listed["count"] == rows["count"]
    assert mine == [narrowed(row, like) for row, like in zip(rows["results"], mine, strict=True)]
    for row in rows["results"]:
        left_out = {key for key in row if key in fields.split()} - set(mine[rows["results"].index(row)])
        assert left_out == set()


def test_what_is_hidden_is_neither_found_nor_named(cast: dict[str, App]) -> None:
    app = cast["bob"]
    deals = nodes(
        answer(app, "{ deals(order: [title_ASC]) { edges { node { id title contact { name company { name } } } } } }")[
            "deals"
        ]
    )
    assert [each["title"] for each in deals] == ["his", "shown"]
    assert deals[1]["contact"] == {"name": "Kim", "company": {"name": "Beta"}}  # they come with the deal
    hidden = nodes(
        answer(cast["alice"], '{ deals(where: {title: {equalTo: "hidden"}}) { edges { node { id } } } }')["deals"]
    )
    assert code(app, "query($id: ID!) { deal(id: $id) { id } }", hidden[0]) == 101
    assert code(app, "query($id: ID!) { node(id: $id) { id } }", hidden[0]) == 101
    for where in ('company: {have: {name: {equalTo: "Beta"}}}', 'title: {equalTo: "hidden"}'):
        assert answer(app, f"{{ deals(where: {{{where}}}) {{ count }} }}") == {"deals": {"count": 0}}


@pytest.mark.parametrize("plural", ["companies", "contacts", "deals", "activities"])
def test_nobody_reads_nothing(cast: dict[str, App], plural: str) -> None:
    app = cast["nobody"]
    for selection in ("count", "edges { node { id } }", "pageInfo { hasNextPage }", "__typename"):
        assert code(app, f"{{ {plural} {{ {selection} }} }}") == 101
    assert answer(app, "{ users { count edges { node { username } } } }") == {"users": {"count": 0, "edges": []}}
    assert (
        nodes(answer(app, "{ roles { edges { node { name users { count } } } } }")["roles"], "users")
        == [{"count": 0}] * 2
    )


def test_the_deactivated_and_their_sessions_end(cast: dict[str, App], alice: User) -> None:
    alice.is_active = False
    alice.save()
    response = cast["alice"].client.post(
        "/graphql", {"query": "{ deals { count } }"}, content_type="application/json", headers=cast["alice"].headers
    )
    assert (response.status_code, response.json()["code"]) == (400, 209)
