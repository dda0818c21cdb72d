"""Lists as connections: every argument, alone and together, as a Parse server answers them."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from accounts.models import User
from parse_api.graphql.names import cursor
from tests.factories import make_deal
from tests.parse_api.app import App
from tests.parse_api.graphql.asking import answer, code, nodes, person

QUERY = (
    "query($w: DealWhereInput, $s: Int, $f: Int, $l: Int, $a: String, $b: String) "
    "{ deals(where: $w, order: [title_ASC], skip: $s, first: $f, last: $l, after: $a, before: $b) "
    "{ %s edges { cursor node { title } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
)
ALL = "abcde"


@pytest.fixture
def app(alice: User) -> App:
    """Return the app of alice, who has the deals a to e."""
    for title in ALL:
        make_deal(alice, title=title, stage="lead" if title < "d" else "won")
    return person(alice)


def page(app: App, **variables: Any) -> tuple[str, bool, bool]:
    """Return the titles of a page and whether there are others after and before, with a count and without the same."""
    with_count = answer(app, QUERY % "count", variables)["deals"]
    without = answer(app, QUERY % "", variables)["deals"]
    assert with_count.pop("count") == len(ALL)
    assert with_count == without
    places = [json.loads(cursor_number(edge["cursor"])) for edge in without["edges"]]
    titles = "".join(nodes(without, "title"))
    assert [ALL[place] for place in places] == list(titles)
    info = without["pageInfo"]
    if places:
        assert (info["startCursor"], info["endCursor"]) == (cursor(places[0]), cursor(places[-1]))
    return titles, info["hasNextPage"], info["hasPreviousPage"]


def cursor_number(text: str) -> str:
    return next(str(place) for place in range(100) if cursor(place) == text)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, ("abcde", False, False)),
        ({"f": 2}, ("ab", True, False)),
        ({"f": 5}, ("abcde", False, False)),
        ({"f": 1_000_000}, ("abcde", False, False)),
        ({"f": 0}, ("", True, False)),
        ({"s": 3}, ("de", False, True)),
        ({"s": 1, "f": 2}, ("bc", True, True)),
        ({"s": 0, "f": 2}, ("ab", True, False)),
        ({"s": 7}, ("", False, True)),
        ({"s": 7, "f": 0}, ("", False, True)),
        ({"a": cursor(1)}, ("cde", False, True)),
        ({"a": cursor(1), "f": 2}, ("cd", True, True)),
        ({"a": cursor(1), "s": 1, "f": 1}, ("d", True, True)),
        ({"a": cursor(9)}, ("", False, True)),
        ({"a": ""}, ("abcde", False, False)),
        ({"b": cursor(2)}, ("ab", True, False)),
        ({"b": cursor(0)}, ("", True, False)),
        ({"b": cursor(3), "f": 2}, ("ab", True, False)),
        ({"b": cursor(3), "f": 9}, ("abc", True, False)),
        ({"a": cursor(0), "b": cursor(3)}, ("bc", True, True)),
        ({"a": cursor(3), "b": cursor(3)}, ("", True, True)),
        ({"l": 2}, ("de", False, True)),
        ({"l": 9}, ("abcde", False, False)),
        ({"l": 0}, ("", True, False)),
        ({"l": 2, "s": 4}, ("e", False, True)),
        ({"l": 2, "s": 1}, ("de", False, True)),
        ({"l": 1, "f": 3}, ("c", True, True)),
        ({"l": 4, "f": 3}, ("abc", True, False)),
        ({"l": 2, "b": cursor(4)}, ("cd", True, True)),
        ({"l": 2, "a": cursor(0)}, ("de", False, True)),
        ({"l": 1, "a": cursor(0), "b": cursor(4)}, ("d", True, True)),
    ],
)
def test_a_page(app: App, arguments: dict[str, Any], expected: tuple[str, bool, bool]) -> None:
    assert page(app, **arguments) == expected


def test_nothing_was_skipped_where_there_is_nothing(app: App) -> None:
    none = {"title": {"equalTo": "z"}}
    found = answer(app, QUERY % "", {"w": none, "s": 3})["deals"]
    assert found["edges"] == []
    assert (found["pageInfo"]["hasNextPage"], found["pageInfo"]["hasPreviousPage"]) == (False, False)
    assert answer(app, QUERY % "count", {"w": none, "l": 2})["deals"]["count"] == 0


def test_the_count_is_of_all_that_match(app: App) -> None:
    won = {"stage": {"equalTo": "won"}}
    assert answer(app, QUERY % "count", {"w": won, "f": 1})["deals"]["count"] == 2
    assert answer(app, "query($w: DealWhereInput) { deals(where: $w) { count } }", {"w": won}) == {
        "deals": {"count": 2}
    }
    assert answer(app, "{ deals { __typename } }") == {"deals": {"__typename": "DealConnection"}}


def test_a_page_has_a_hundred_rows_unless_asked(alice: User) -> None:
    for _ in range(103):
        make_deal(alice)
    found = answer(person(alice), "{ deals { count edges { node { id } } pageInfo { hasNextPage } } }")["deals"]
    assert (found["count"], len(found["edges"]), found["pageInfo"]["hasNextPage"]) == (103, 100, True)


def test_pages_put_together_are_the_list(app: App) -> None:
    titles, after = "", None
    while True:
        found = answer(app, QUERY % "", {"f": 2, "a": after})["deals"]
        titles += "".join(nodes(found, "title"))
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert titles == ALL


@pytest.mark.parametrize("name", ["s", "f", "l"])
def test_a_negative_number_is_102(app: App, name: str) -> None:
    assert code(app, QUERY % "count", {name: -1}) == 102
    assert code(app, QUERY % "count", {name: -(2**31)}) == 102


@pytest.mark.parametrize(
    "text",
    [
        *("x", "0", "\u00e9"),
        *(b64encode(f"arrayconnection:{place}".encode()).decode() for place in ("", "x", -1, "01", " 1", 10**30, "٣")),
    ],
)
@pytest.mark.parametrize("name", ["a", "b"])
def test_what_is_no_cursor_is_102(app: App, name: str, text: str) -> None:
    assert code(app, QUERY % "", {name: text}) == 102


@pytest.mark.parametrize("name", ["s", "f", "l"])
@pytest.mark.parametrize("value", ["2", 1.5, 2**31, -(2**40), True, [], {}, 10**40])
def test_what_is_no_whole_number_is_bad_input(app: App, name: str, value: Any) -> None:
    assert code(app, QUERY % "", {name: value}, status=400) == "BAD_USER_INPUT"


def test_rows_of_all_lists_of_a_request_are_limited(app: App) -> None:
    assert (
        code(app, "{ a: deals(first: 10000) { edges { node { id } } } b: deals(first: 1) { edges { cursor } } }") == 102
    )
    answer(app, "{ a: deals(first: 9000) { edges { node { id } } } b: deals(first: 1000) { edges { cursor } } }")


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("[title_DESC]", "edcba"),
        ("[stage_ASC, title_DESC]", "cbaed"),
        ("[stage_DESC, title_ASC]", "deabc"),
        ("title_DESC", "edcba"),
        ("[]", "abcde"),
        ("null", "abcde"),
        ("[createdAt_ASC]", "abcde"),
        ("[createdAt_DESC]", "edcba"),
        ("[ACL_ASC, title_DESC]", "edcba"),
    ],
)
def test_orders(app: App, order: str, expected: str) -> None:
    assert (
        "".join(nodes(answer(app, f"{{ deals(order: {order}) {{ edges {{ node {{ title }} }} }} }}")["deals"], "title"))
        == expected
    )


def test_orders_by_id_and_of_empty_fields(app: App, alice: User) -> None:
    ids = nodes(answer(app, "{ deals(order: [id_ASC]) { edges { node { objectId } } } }")["deals"], "objectId")
    assert ids == sorted(ids)
    make_deal(alice, title="f", amount=1)
    for order, place in (("amount_ASC", 0), ("amount_DESC", -1)):  # empty ones come last going up, first going down
        listed = answer(app, f"{{ deals(order: [{order}]) {{ edges {{ node {{ title }} }} }} }}")["deals"]
        assert nodes(listed, "title")[place] == "f"
    assert code(app, "{ deals(order: [nonesuch_ASC]) { count } }", status=400) == "GRAPHQL_VALIDATION_FAILED"
    query = "query($o: [DealOrder!]) { deals(order: $o) { count } }"
    assert code(app, query, {"o": ["nonesuch_ASC"]}, status=400) == "BAD_USER_INPUT"
    assert code(app, "{ users(order: [email_ASC]) { edges { cursor } } }") == 119
