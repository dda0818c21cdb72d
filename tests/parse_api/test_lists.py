"""Lists and single objects: options of a query, who sees what, and the JSON that SQL and Python both write."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from deals.models import Deal
from parse_api.caller import Caller
from parse_api.classes import CLASSES
from parse_api.codecs import encode, row_of
from parse_api.errors import ParseError
from parse_api.queries.find import find, get
from records.access import share
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role, make_user

MASTER = Caller(is_master=True)


def results(user: User, class_name: str, **params: Any) -> list[dict[str, Any]]:
    """Return the rows of a list as `user` gets them."""
    rows: list[dict[str, Any]] = json.loads(find(Caller(user), class_name, params))["results"]
    return rows


def titles(user: User, **params: Any) -> list[str]:
    """Return the titles of the deals of a list."""
    return [row["title"] for row in results(user, "Deal", **params)]


def refusal(user: User | None, class_name: str, **params: Any) -> int | None:
    """Return the code with which a list is refused."""
    with pytest.raises(ParseError) as caught:
        find(Caller(user), class_name, params)
    return caught.value.code


@pytest.fixture
def deals(alice: User) -> list[Deal]:
    """Return five deals of alice from 10 to 50, each a month later."""
    start = datetime(2030, 1, 10, tzinfo=UTC)
    return [
        make_deal(
            alice,
            title=letter,
            amount=10 * (number + 1),
            stage=stage,
            expected_close_date=start + timedelta(30 * number),
        )
        for number, (letter, stage) in enumerate(zip("abcde", ["Lead", "Won", "Lead", "Lost", "Won"], strict=True))
    ]


ODD_NUMBERS = [
    "0", "-12", "0.1", "1e6", "9007199254740991", "1e20", "1e21", "1.5e300", "1e-7", "0.000001", "123456.789", "-0.5",
    "1e-320", "9e308", "-9e308", "1.7976931348623157e308", "2.50", "0.30000000000000004", "5e-324", "1e-400",
]  # fmt: skip


@pytest.mark.parametrize("amount", ODD_NUMBERS)
def test_numbers_are_written_alike_by_sql_and_python(alice: User, amount: str) -> None:
    deal = make_deal(alice, amount=Decimal(amount))
    row = json.loads(get(Caller(alice), "Deal", deal.pk, {"keys": "amount"}))
    deal.refresh_from_db()
    assert row["amount"] == encode("Deal", row_of(CLASSES["Deal"], deal), sees_private=True)["amount"]
    if abs(Decimal(amount)) < Decimal("1e308"):
        assert row["amount"] == pytest.approx(float(amount), rel=1e-15, abs=1e-307)


@pytest.mark.parametrize(("amount", "written"), [("1e6", "1000000"), ("0.1", "0.1"), ("10.00", "10"), ("1e-7", "1e-7")])
def test_numbers_look_as_javascript_writes_them(alice: User, amount: str, written: str) -> None:
    deal = make_deal(alice, amount=Decimal(amount))
    assert f'"amount":{written},' in get(Caller(alice), "Deal", deal.pk, {}).decode()


def test_sql_and_python_write_the_same_json(alice: User) -> None:
    odd = 'quote " back\\slash \n\r\t\x01\x7f \u2028 \U0001f600 é </script> %s'
    moment = datetime(33, 2, 3, 4, 5, 6, 7999, tzinfo=UTC)
    company = make_company(alice, name=odd, website="", notes=odd)
    contact = make_contact(alice, name=odd, company=company, email="a@b")
    deal = make_deal(
        alice, title=odd, contact=contact, company=company, amount=Decimal("0.1"), expected_close_date=moment
    )
    rows = [company, contact, deal, make_activity(alice, subject=odd, related_deal=deal, due_date=moment),
            make_activity(alice, related_contact=contact), make_activity(None), alice,
            make_role("Sales", alice)]  # fmt: skip
    for row in rows:
        name = {"User": "_User", "Role": "_Role"}.get(type(row).__name__, type(row).__name__)
        fresh = type(row)._default_manager.get(pk=row.pk)
        expected = encode(name, row_of(CLASSES[name], fresh), sees_private=True)
        assert json.loads(get(MASTER, name, expected["objectId"], {})) == expected
        found = json.loads(find(MASTER, name, {"where": {"objectId": expected["objectId"]}}))
        assert found == {"results": [expected]}


def test_list_answers_whole_rows(alice: User) -> None:
    deal = make_deal(alice, title="a", amount=10, expected_close_date=datetime(2030, 1, 10, tzinfo=UTC))
    (row,) = results(alice, "Deal")
    assert row.pop("createdAt") == row.pop("updatedAt")
    assert row == {
        "objectId": deal.pk,
        "title": "a",
        "amount": 10,
        "stage": "lead",
        "expectedCloseDate": {"__type": "Date", "iso": "2030-01-10T00:00:00.000Z"},
        "assignedTo": {"__type": "Pointer", "className": "_User", "objectId": alice.pk},
        "ACL": {alice.pk: {"read": True, "write": True}},
    }


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("amount", "abcde"), ("-amount", "edcba"), ("stage,-amount", "cadeb"), ("-stage, amount", "bedac"),
        ("nonesuch,-title", "edcba"), ("", "abcde"), ("-createdAt", "edcba"), ("createdAt", "abcde"),
        ("title,-title", "edcba"), ("stage,amount,-stage", "bedac"),
    ],
)  # fmt: skip
def test_order(alice: User, deals: list[Deal], order: str, expected: str) -> None:
    assert "".join(titles(alice, order=order)) == expected


def test_rows_without_the_key_come_last_going_up_and_first_going_down(alice: User) -> None:
    for title, amount in (("a", 1), ("none", None), ("b", 2)):
        make_deal(alice, title=title, amount=amount)
    assert titles(alice, order="amount") == ["a", "b", "none"]
    assert titles(alice, order="-amount") == ["none", "b", "a"]


@pytest.mark.parametrize(
    "order", ["two words", "$x", "+x", ",", "title,", "title,,stage", "_hashed_password", "-_x", "a\x00b"]
)
def test_bad_order_is_105(alice: User, order: str) -> None:
    assert refusal(alice, "Deal", order=order) == 105


def test_dotted_order_is_refused(alice: User) -> None:
    assert refusal(alice, "Deal", order="company.name") == 102


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"limit": 2}, "ab"), ({"limit": "2", "skip": "2"}, "cd"), ({"limit": 2, "skip": 4}, "e"), ({"limit": 0}, ""),
        ({"limit": 10**400}, "abcde"), ({"limit": "9" * 5000}, "abcde"), ({"skip": 10**300}, ""),
        ({"limit": 2.0}, "ab"), ({"limit": '"2"', "skip": '"1"'}, "bc"), ({"limit": "2.0"}, "ab"),
        ({"limit": "", "skip": ""}, "abcde"), ({"limit": "null"}, "abcde"), ({"limit": "1e1"}, "abcde"),
    ],
)  # fmt: skip
def test_limit_and_skip(alice: User, deals: list[Deal], params: dict[str, Any], expected: str) -> None:
    assert "".join(titles(alice, order='"title"', **params)) == expected


@pytest.mark.parametrize(
    "value", [-1, "many", "-5", True, 1.5, [], {}, float("nan"), float("inf"), "1e", "true", "NaN", "\u0661"]
)
def test_bad_limit_and_skip_are_refused(alice: User, value: object) -> None:
    if value != float("inf"):
        assert refusal(alice, "Deal", limit=value) == 102
    assert refusal(alice, "Deal", skip=value) == 102


@pytest.mark.parametrize(
    ("count", "has_count"),
    [(1, True), ("1", True), (True, True), ("true", True), (0, False), ("0", False), ('"0"', False)],
)
def test_count_ignores_limit_and_skip(alice: User, deals: list[Deal], count: object, has_count: bool) -> None:  # noqa: FBT001
    answer = json.loads(find(Caller(alice), "Deal", {"count": count, "limit": 2, "skip": 1, "order": "title"}))
    assert [row["title"] for row in answer["results"]] == ["b", "c"]
    assert answer.get("count") == (5 if has_count else None)


def test_count_counts_only_what_one_may_read(alice: User, mallory: User, deals: list[Deal]) -> None:
    share(deals[0], mallory, ("view",))
    answer = {"results": [], "count": 1}
    assert json.loads(find(Caller(mallory), "Deal", {"count": 1, "limit": 0})) == answer


def test_keys_and_exclude_keys(alice: User) -> None:
    make_deal(alice, title="a", amount=1)
    fixed = {"objectId", "createdAt", "updatedAt", "ACL"}
    for params, names in (
        ({"keys": "title"}, {"title"}),
        ({"keys": ["title", "amount,nonesuch"]}, {"title", "amount"}),
        ({"keys": ""}, set()),
        ({"excludeKeys": "title,amount,ACL,objectId"}, {"stage", "assignedTo"}),
        ({"keys": "title,amount", "excludeKeys": "title"}, {"amount"}),
    ):
        (row,) = results(alice, "Deal", **params)
        assert set(row) == fixed | names


def test_unknown_parameter_is_102(alice: User, deals: list[Deal]) -> None:
    assert refusal(alice, "Deal", filter="x") == 102
    assert len(results(alice, "Deal", readPreference="PRIMARY", hint="x", comment="y")) == 5
    assert get(Caller(alice), "Deal", deals[0].pk, {"readPreference": "PRIMARY"})
    for name in ("limit", "where", "order", "count", "includeAll", "hint"):
        with pytest.raises(ParseError) as caught:
            get(Caller(alice), "Deal", deals[0].pk, {name: 1})
        assert caught.value.code == 102


def test_unknown_classes(alice: User) -> None:
    for name in ("Nope", "deal", "_Session", "_Idempotency"):
        assert refusal(alice, name) == refusal(None, name) == 119
    assert find(MASTER, "Nope", {}) == b'{"results":[]}'


def test_without_a_session_there_is_nothing(alice: User) -> None:
    deal = make_deal(alice)
    assert refusal(None, "Deal") == refusal(None, "Deal", count=1, limit=0) == 101
    assert refusal(None, "Deal", where={"two words": 1}) == refusal(None, "Deal", where={"stage": {"$in": 5}}) == 101
    assert refusal(None, "Deal", where="{") == 107
    assert find(Caller(), "_User", {"count": 1}) == b'{"results":[],"count":0}'
    for name, pk in (("Deal", deal.pk), ("_User", alice.pk)):
        with pytest.raises(ParseError) as caught:
            get(Caller(), name, pk, {})
        assert caught.value.code == 101


def test_get_hides_what_one_may_not_read(alice: User, mallory: User, mira: User) -> None:
    deal = make_deal(alice)
    for object_id in (deal.pk, "zzzzzzzzzz", "a\x00b", "\ud800", "x" * 10_000, ""):
        with pytest.raises(ParseError) as caught:
            get(Caller(mallory), "Deal", object_id, {})
        assert caught.value.code == 101
    for caller in (Caller(alice), Caller(mira), MASTER):
        assert json.loads(get(caller, "Deal", deal.pk, {}))["objectId"] == deal.pk


def test_users_show_email_and_acl_to_themselves_only(alice: User, bob: User) -> None:
    rows = {row["username"]: row for row in results(bob, "_User")}
    assert "email" not in rows["alice"]
    assert "ACL" not in rows["alice"]
    assert rows["bob"]["email"] == bob.email
    assert rows["bob"]["ACL"] == {bob.pk: {"read": True, "write": True}}
    assert json.loads(get(MASTER, "_User", alice.pk, {}))["email"] == alice.email


def test_email_is_not_for_queries(alice: User) -> None:
    assert refusal(alice, "_User", where={"email": alice.email}) == 119
    assert refusal(alice, "_User", where={"$or": [{"email": alice.email}, {"username": "x"}]}) == 119
    assert refusal(alice, "_User", order="-email") == 119
    for owner in ("assignedTo", "contact"):
        query = {"className": "_User", "where": {"email": {"$exists": True}}}
        assert refusal(alice, "Deal", where={owner: {"$inQuery": query}}) == 119
    assert (
        refusal(
            alice, "Deal", where={"title": {"$select": {"query": {"className": "_User", "where": {}}, "key": "email"}}}
        )
        == 119
    )
    assert len(json.loads(find(MASTER, "_User", {"where": {"email": alice.email}, "order": "email"}))["results"]) == 1


def test_a_list_takes_one_query(alice: User) -> None:
    contact = make_contact(alice, company=make_company(alice))
    for _ in range(3):
        make_deal(alice, contact=contact, company=contact.company)
    caller = Caller(User.objects.get(pk=alice.pk))
    find(caller, "Deal", {})  # looks up his roles and rights
    with CaptureQueriesContext(
        connection,
    ) as queries:
        find(caller, "Deal", {"include": "contact.company,company", "count": 1, "where": {"stage": "lead"}})
    assert len(queries) == 1


def test_other_people_are_found(alice: User) -> None:
    make_user("zoe", display_name="Zoë")
    assert [row["displayName"] for row in results(alice, "_User", where={"username": "zoe"})] == ["Zoë"]
    make_user("nameless", display_name="")
    (row,) = results(alice, "_User", where={"username": "nameless"})
    assert "displayName" not in row


def test_names_may_be_lists_as_json_text(alice: User, deals: list[Deal]) -> None:
    listed = results(
        alice, "Deal", order='["-amount"]', keys='["title", "amount"]', excludeKeys='["amount"]', limit="2"
    )
    assert [(row["title"], "amount" in row, "stage" in row) for row in listed] == [
        ("e", False, False),
        ("d", False, False),
    ]
    assert refusal(alice, "Deal", order='["title"') == 105
    assert refusal(alice, "Deal", order="[" * 100_000) == 105
    assert refusal(alice, "Deal", order="[1]") == 102
