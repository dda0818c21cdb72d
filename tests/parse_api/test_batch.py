"""Many requests in one (CONTRACT.md, section 16)."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import ApiSession, User
from crm_site.invariants import findings
from records.models import Change
from tests.factories import PASSWORD, make_company, make_contact, make_deal
from tests.parse_api.app import NO_TOKEN, REST, App, refusal, signed_in_app
from tests.parse_api.test_at_once import at_once

BAD_FORM = (400, 107)


def request(method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
    return {"method": method, "path": f"/parse{path}", **({} if body is None else {"body": body}), **more}


def batch(app: App, *requests: Any, **more: Any) -> Any:
    return app.post("/batch", {"requests": list(requests), **more})


def codes(answer: Any) -> list[int]:
    """Return the code of each answer, 0 for a success; each is one or the other and nothing else."""
    assert answer.status_code == 200, answer.content
    assert all(
        len(each) == 1 and ("success" in each or set(each["error"]) == {"code", "error"}) for each in answer.json()
    )
    return [each["error"]["code"] if "error" in each else 0 for each in answer.json()]


def test_each_request_is_answered_in_its_place(alice: User) -> None:
    deal = make_deal(alice, title="One")
    app = signed_in_app(alice)
    answer = batch(
        app,
        request("GET", f"/classes/Deal/{deal.pk}"),
        request("GET", "/classes/Nope"),
        request("PUT", f"/users/{alice.pk}", {"displayName": "Al"}),
        request("PUT", f"/users/{alice.pk}", {"username": ""}),
        request("DELETE", "/sessions/zzzzzzzzzz"),
        request("GET", "/classes/Deal/"),
    )
    assert codes(answer) == [0, 119, 0, 200, 101, 0]
    first, _, third, *_, last = answer.json()
    assert first["success"]["title"] == last["success"]["results"][0]["title"] == "One"
    assert list(third["success"]) == ["updatedAt"]
    alice.refresh_from_db()
    assert (alice.display_name, alice.username) == ("Al", "alice")


def test_options_of_a_list_are_in_the_body(alice: User) -> None:
    for title in "abc":
        make_deal(alice, title=title)
    options = {"where": {"title": {"$ne": "c"}}, "order": "-title", "limit": 1, "keys": "title"}
    app = signed_in_app(alice)
    answer = batch(app, request("GET", "/classes/Deal", options), request("GET", "/classes/Deal?limit=1"))
    assert codes(answer) == [0, 119]
    assert [row["title"] for row in answer.json()[0]["success"]["results"]] == ["b"]


def test_method_and_keys_inside_have_no_effect(alice: User, bob: User) -> None:
    app = signed_in_app(alice)
    others = signed_in_app(bob).token
    body = {"_method": "DELETE", "_SessionToken": others, "displayName": "Al"}
    answer = batch(app, request("PUT", f"/users/{alice.pk}", body, _method="DELETE"))
    assert codes(answer) == [0]
    assert codes(batch(app, request("PUT", f"/users/{bob.pk}", body))) == [206]


def test_log_in_and_sign_up_may_be_called(alice: User) -> None:
    answer = batch(
        App(),
        request("POST", "/login", {"username": "alice", "password": PASSWORD}),
        request("POST", "/login", {"username": "alice", "password": "wrong"}),
        request("POST", "/users", {"username": "joe", "password": "a long one", "email": "joe@example.com"}),
    )
    assert codes(answer) == [0, 101, 0]
    assert answer.json()[0]["success"]["sessionToken"].startswith("r:")
    assert ApiSession.objects.count() == 2


def test_wrong_passwords_in_a_batch_are_counted(alice: User) -> None:
    wrong = request("POST", "/login", {"username": "alice", "password": "wrong"})
    assert codes(batch(App(), *[wrong] * 8)) == [101] * 5 + [155] * 3
    refused = batch(App(), wrong, transaction=True)
    assert refusal(refused) == (429, 155)
    assert int(refused.headers["Retry-After"]) > 0


def test_without_a_session_each_is_refused_and_with_a_dead_one_all(alice: User) -> None:
    requests = [request("GET", "/classes/Deal"), request("PUT", f"/users/{alice.pk}", {})]
    assert codes(batch(App(), *requests)) == [101, 206]
    dead = App({**REST, "X-Parse-Session-Token": NO_TOKEN})
    assert refusal(batch(dead, *requests)) == (400, 209)


@pytest.mark.parametrize(
    "requests",
    [
        {},
        None,
        "x",
        [5],
        [None],
        [{"method": "GET"}],
        [{"path": "/parse/classes/Deal"}],
        [{"method": "GET", "path": 5}],
        [{"method": 5, "path": "/parse/classes/Deal"}],
        [{"method": "GET", "path": "/classes/Deal"}],
        [{"method": "GET", "path": "/1/classes/Deal"}],
        [{"method": "GET", "path": "/parseclasses/Deal"}],
        [{"method": "GET", "path": "http://testserver/parse/classes/Deal"}],
        [{"method": "GET", "path": "/parse"}],
        [request("GET", "/nothing")],
        [request("get", "/classes/Deal")],
        [request("PATCH", "/classes/Deal/zzzzzzzzzz", {})],
        [request("OPTIONS", "/classes/Deal")],
        [request("POST", "/batch", {"requests": []})],
        [request("PUT", "/users/zzzzzzzzzz", [1])],
        [request("PUT", "/users/zzzzzzzzzz", "x")],
        [request("GET", "/classes/Deal")] * 101,
    ],
    ids=lambda requests: str(requests)[:70],
)
def test_batch_of_a_wrong_form_is_refused_whole(alice: User, requests: Any) -> None:
    app = signed_in_app(alice)
    rename = request("PUT", f"/users/{alice.pk}", {"displayName": "Al"})
    sent = [rename, *requests] if isinstance(requests, list) else requests
    assert refusal(app.post("/batch", {"requests": sent})) == BAD_FORM
    alice.refresh_from_db()
    assert alice.display_name == "Alice"


def test_other_verbs_are_not_there(alice: User) -> None:
    app = signed_in_app(alice)
    assert refusal(app.get("/batch")) == (404, None)
    assert refusal(app.put("/batch", {"requests": []})) == (404, None)


def test_empty_batch_is_an_empty_list(alice: User) -> None:
    assert batch(signed_in_app(alice)).json() == []
    assert batch(signed_in_app(alice), transaction=True).json() == []


def test_form_of_the_javascript_sdk(alice: User) -> None:
    token = signed_in_app(alice).token
    keys = {"_ApplicationId": "crm", "_JavaScriptKey": "js", "_SessionToken": token, "_method": "POST"}
    rename = request("PUT", f"/users/{alice.pk}", {"displayName": "Al"})
    answer = App({}).post("/batch", {"requests": [rename], **keys}, Content_Type="text/plain")
    assert codes(answer) == [0]


def test_transaction_saves_all(alice: User) -> None:
    app = signed_in_app(alice)
    answer = batch(
        app,
        request("PUT", f"/users/{alice.pk}", {"displayName": "Al"}),
        request("GET", f"/users/{alice.pk}"),
        request("POST", "/sessions", {}),
        transaction=True,
    )
    assert codes(answer) == [0, 0, 0]
    assert answer.json()[1]["success"]["displayName"] == "Al"
    assert ApiSession.objects.count() == 2


@pytest.mark.parametrize(
    ("failing", "code"),
    [
        (("DELETE", "/sessions/zzzzzzzzzz"), 101),
        (("PUT", "/users/zzzzzzzzzz", {}), 206),
        (("GET", "/classes/Nope"), 119),
        (("GET", "/serverInfo"), 119),
    ],
)
def test_transaction_that_fails_saves_nothing(alice: User, failing: Any, code: int) -> None:
    app = signed_in_app(alice)
    rename = request("PUT", f"/users/{alice.pk}", {"displayName": "Al"})
    answer = batch(app, rename, request(*failing), request("PUT", "/users/zzzzzzzzzz", {}), transaction=True)
    assert refusal(answer) == (400, code)
    alice.refresh_from_db()
    assert alice.display_name == "Alice"


@pytest.mark.parametrize("transaction", [True, False])
def test_request_id_counts_for_the_whole(alice: User, transaction: bool) -> None:  # noqa: FBT001
    app = signed_in_app(alice)
    app.headers["X-Parse-Request-Id"] = "a"
    requests = [request("PUT", f"/users/{alice.pk}", {"displayName": "Al"})] * 2
    assert codes(batch(app, *requests, transaction=transaction)) == [0, 0]
    assert refusal(batch(app, *requests, transaction=transaction)) == (400, 159)
    assert refusal(app.put(f"/users/{alice.pk}", {})) == (400, 159)


def test_creates_of_a_class_are_made_in_order(alice: User) -> None:
    app = signed_in_app(alice)
    titles = [f"deal {n}" for n in range(12)]
    answer = batch(
        app,
        *(request("POST", "/classes/Deal", {"title": title}) for title in titles),
        request("POST", "/classes/Deal", {"stage": "no title"}),
        request("POST", "/classes/Company", {"name": "Acme"}),
        request("POST", "/classes/Nope", {"name": "Acme"}),
        request("POST", "/classes/Deal", {"title": "last", "nonesuch": 1}),
        request("POST", "/classes/Deal", {"title": "last"}),
    )
    assert codes(answer) == [0] * 12 + [142, 0, 119, 119, 0]
    first = answer.json()[0]["success"]
    assert set(first) == {"objectId", "createdAt", "ACL", "assignedTo"}
    found = app.get("/classes/Deal").json()["results"]
    assert [row["title"] for row in found] == [*titles, "last"]
    assert [row["objectId"] for row in found[:12]] == [each["success"]["objectId"] for each in answer.json()[:12]]
    assert {change.actor for change in Change.objects.all()} == {alice.pk}


def test_batch_of_creates_takes_few_queries(alice: User, django_assert_max_num_queries: Any) -> None:
    app = signed_in_app(alice)
    deals = [request("POST", "/classes/Deal", {"title": f"{n}"}) for n in range(50)]
    with django_assert_max_num_queries(14):
        assert codes(batch(app, *deals)) == [0] * 50


def test_update_and_delete_see_what_came_before(alice: User) -> None:
    deal = make_deal(alice, amount=1)
    app, url = signed_in_app(alice), f"/classes/Deal/{deal.pk}"
    add = request("PUT", url, {"amount": {"__op": "Increment", "amount": 2}})
    bad = request("PUT", url, {"amount": "much"})
    gone = request("DELETE", url)
    answer = batch(app, add, bad, add, request("GET", url), gone, gone, add)
    assert codes(answer) == [0, 111, 0, 0, 0, 101, 101]
    assert answer.json()[3]["success"]["amount"] == 5


@pytest.mark.parametrize("failing", [{"title": ""}, {"title": "x", "amount": "x"}, {"title": "x", "stage": 5}])
def test_transaction_with_a_bad_create_makes_nothing(alice: User, failing: dict[str, Any]) -> None:
    app = signed_in_app(alice)
    requests = [request("POST", "/classes/Company", {"name": "Acme"})]
    requests += [request("POST", "/classes/Deal", body) for body in ({"title": "a"}, failing, {"title": "b"})]
    answer = batch(app, *requests, transaction=True)
    assert answer.status_code == 400
    assert app.get("/classes/Deal").json() == app.get("/classes/Company").json() == {"results": []}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("transaction", [True, False])
def test_batches_that_meet_the_other_way_round_are_both_answered(alice: User, transaction: bool) -> None:  # noqa: FBT001
    """Each holds what the other waits for: the one that PostgreSQL stops runs again."""
    one, two = (f"/classes/Deal/{make_deal(alice, amount=0).pk}" for _ in range(2))
    token = signed_in_app(alice).token
    add = {"amount": {"__op": "Increment", "amount": 1}}

    def send(number: int) -> Any:
        app = App()
        app.token = token
        urls = [one, two] if number % 2 else [two, one]
        return batch(app, *(request("PUT", url, add) for url in urls * 5), transaction=transaction)

    for _ in range(2):
        for answer in at_once(2, send):
            assert codes(answer) == [0] * 10
    app = App()
    app.token = token
    assert [app.get(url).json()["amount"] for url in (one, two)] == [20, 20]


@pytest.mark.django_db(transaction=True)
def test_many_batches_at_once_about_the_same_records_are_answered(alice: User) -> None:
    company = make_company(alice)
    contact = make_contact(alice, company=company)
    token = signed_in_app(alice).token
    pointers = {
        "company": {"__type": "Pointer", "className": "Company", "objectId": company.pk},
        "contact": {"__type": "Pointer", "className": "Contact", "objectId": contact.pk},
    }

    def send(number: int) -> Any:
        app = App()
        app.token = token
        made = [request("POST", "/classes/Deal", {"title": f"{number}", **pointers}) for _ in range(5)]
        touch = [request("PUT", f"/classes/Company/{company.pk}", {"notes": str(number)})]
        touch.append(request("PUT", f"/classes/Contact/{contact.pk}", {"notes": str(number)}))
        return batch(app, *(touch + made if number % 2 else made + touch[::-1]))

    for answer in at_once(6, send):
        assert codes(answer) == [0] * 7
    assert findings() == []
