"""Mutations: each class, with links, relations and access lists; each is one transaction with the rules of REST."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from parse_api.graphql import run
from parse_api.graphql.names import global_id
from records.models import Change
from tests.factories import make_company, make_contact, make_deal, make_role
from tests.parse_api.app import App
from tests.parse_api.graphql.asking import answer, code, codes, master, person, post
from tests.parse_api.objects import NOBODY

CREATE = (
    "mutation($f: CreateDealFieldsInput) { createDeal(input: {fields: $f}) { deal { objectId title amount stage "
    "expectedCloseDate company { name createdBy { objectId } } contact { name company { name } } "
    "assignedTo { objectId username } ACL { users { userId read write } roles { roleName read write } "
    "public { read write } } } } }"
)
UPDATE = (
    'mutation($id: ID!, $f: UpdateDealFieldsInput) { updateDeal(input: {id: $id, fields: $f, clientMutationId: "u"}) '
    "{ clientMutationId deal { objectId title amount company { name } assignedTo { objectId } } } }"
)


def created(app: App, **fields: Any) -> Any:
    return answer(app, CREATE, {"f": {"title": "t", **fields}})["createDeal"]["deal"]


def updated(app: App, pk: str, **fields: Any) -> Any:
    found = answer(app, UPDATE, {"id": pk, "f": fields})["updateDeal"]
    assert found["clientMutationId"] == "u"
    return found["deal"]


@pytest.mark.parametrize(
    ("name", "fields", "changes"),
    [
        ("company", {"name": "n", "website": "w", "industry": "i"}, {"name": "m", "website": None}),
        ("contact", {"name": "n", "email": "e", "phone": "p"}, {"name": "m", "phone": ""}),
        ("deal", {"title": "n", "amount": 1.5, "stage": "lead"}, {"title": "m", "amount": None}),
        ("activity", {"subject": "n", "type": "call", "dueDate": "2030-01-01"}, {"subject": "m", "dueDate": None}),
    ],
)
def test_each_class_of_records(alice: User, name: str, fields: dict[str, Any], changes: dict[str, Any]) -> None:
    app, kind = person(alice), name.title()
    shown = " ".join(fields)
    input_ = f"Create{kind}FieldsInput"
    query = f"mutation($f: {input_}) {{ m: create{kind}(input: {{fields: $f}}) {{ o: {name} {{ id {shown} }} }} }}"
    made = answer(app, query, {"f": fields})["m"]["o"]
    expected = {key: "2030-01-01T00:00:00.000Z" if key == "dueDate" else value for key, value in fields.items()}
    assert {key: made[key] for key in fields} == expected
    payload = f"{{ __typename clientMutationId {name} {{ {shown} }} }}"
    query = f"mutation($i: Update{kind}Input!) {{ update{kind}(input: $i) {payload} }}"
    changed = answer(app, query, {"i": {"id": made["id"], "fields": changes}})[f"update{kind}"]
    assert changed == {"__typename": f"Update{kind}Payload", "clientMutationId": None, name: {**expected, **changes}}
    query = f"mutation($i: Delete{kind}Input!) {{ delete{kind}(input: $i) {{ {name} {{ {shown} }} }} }}"
    assert answer(app, query, {"i": {"id": made["id"]}})[f"delete{kind}"] == {name: {**expected, **changes}}
    assert code(app, query, {"i": {"id": made["id"]}}) == 101
    assert {each.actor for each in Change.objects.filter(class_name=kind)} == {alice.pk}


def test_links_by_both_forms_of_an_id(alice: User, bob: User) -> None:
    app = person(alice)
    company, contact = make_company(alice, name="Alpha"), make_contact(alice, name="Kim")
    deal = created(app, company={"link": company.pk}, contact={"link": global_id("Contact", contact.pk)})
    assert (deal["company"]["name"], deal["contact"]["name"]) == ("Alpha", "Kim")
    assert updated(app, deal["objectId"], company=None)["company"] is None
    assert updated(app, global_id("Deal", deal["objectId"]), company={"link": company.pk})["company"] == {
        "name": "Alpha"
    }
    hidden = make_company(bob)
    for link in (hidden.pk, NOBODY, global_id("Company", NOBODY), global_id("Contact", contact.pk), "", "a b"):
        assert code(app, CREATE, {"f": {"title": "x", "company": {"link": link}}}) in (101, 111)
        assert code(app, UPDATE, {"id": deal["objectId"], "f": {"company": {"link": link}}}) in (101, 111)
    for wrong in ({}, {"link": None}, {"link": company.pk, "createAndLink": {"name": "x"}}):
        assert code(app, CREATE, {"f": {"title": "x", "company": wrong}}) == 111


def test_what_is_created_and_linked_is_there_with_it(alice: User) -> None:
    app = person(alice)
    deal = created(
        app,
        company={"createAndLink": {"name": "Alpha"}},
        contact={"createAndLink": {"name": "Kim", "company": {"createAndLink": {"name": "Beta"}}}},
    )
    assert deal["company"] == {"name": "Alpha", "createdBy": {"objectId": alice.pk}}
    assert deal["contact"] == {"name": "Kim", "company": {"name": "Beta"}}
    assert updated(app, deal["objectId"], company={"createAndLink": {"name": "Gamma"}})["company"] == {"name": "Gamma"}


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "", "company": {"createAndLink": {"name": "x"}}},
        {"title": "t", "company": {"createAndLink": {"name": ""}}},
        {"title": "t", "company": {"createAndLink": {"name": "x"}}, "contact": {"link": NOBODY}},
        {"title": "t", "contact": {"createAndLink": {"name": "x", "company": {"link": NOBODY}}}},
        {"title": "t", "company": {"createAndLink": {"name": "x", "createdBy": {"link": NOBODY}}}},
        {"title": "t\0", "company": {"createAndLink": {"name": "x"}}},
    ],
)
def test_when_one_of_them_is_refused_nothing_is_written(alice: User, fields: dict[str, Any]) -> None:
    app = person(alice)
    before = Change.objects.count()
    response = post(app, CREATE, {"f": fields})
    assert response.status_code in (200, 400)
    assert "errors" in response.json() or "code" in response.json()
    assert Change.objects.count() == before
    deal = make_deal(alice, title="kept")
    before = Change.objects.count()
    assert post(app, UPDATE, {"id": deal.pk, "f": fields}).json().get("errors", True)
    assert Change.objects.count() == before


def test_writes_of_one_request_are_limited(alice: User) -> None:
    app = person(alice)
    one = 'createContact(input: {fields: {name: "x", company: {createAndLink: {name: "y"}}}}) { __typename }'
    found = codes(post(app, f"mutation {{ {' '.join(f'a{n}: {one}' for n in range(51))} }}"))
    assert found == [107]
    assert answer(app, "{ companies { count } contacts { count } }") == {
        "companies": {"count": 50},
        "contacts": {"count": 50},
    }
    many = " ".join(f'a{n}: createCompany(input: {{fields: {{name: "x"}}}}) {{ __typename }}' for n in range(100))
    assert len(answer(app, f"mutation {{ {many} }}")) == 100


def test_what_was_done_is_answered_and_the_next_not_begun(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    one = 'createCompany(input: {fields: {name: "A"}}) { company { name } }'
    with monkeypatch.context() as patch:
        patch.setattr(run, "LARGEST", 10)
        response = post(person(alice), f"mutation {{ a: {one} b: {one} }}")
    assert codes(response) == [102]
    assert response.json()["data"] == {"a": {"company": {"name": "A"}}, "b": None}
    assert answer(person(alice), "{ companies { count } }") == {"companies": {"count": 1}}


def test_each_field_is_its_own_success_or_error(alice: User) -> None:
    app = person(alice)
    query = """
    mutation {
      a: createCompany(input: {fields: {name: "A"}}) { company { name } }
      b: createCompany(input: {fields: {name: ""}}) { company { name } }
      c: createCompany(input: {fields: {name: "C"}}) { company { name } }
      d: deleteCompany(input: {id: "abcdefghij"}) { company { name } }
    }
    """
    response = post(app, query)
    assert codes(response) == [142, 101]
    assert response.json()["data"] == {
        "a": {"company": {"name": "A"}},
        "b": None,
        "c": {"company": {"name": "C"}},
        "d": None,
    }
    assert answer(app, "{ companies { count } }") == {"companies": {"count": 2}}


def test_mutations_run_in_turn(alice: User) -> None:
    deal = make_deal(alice, title="a", amount=1)
    fields = " ".join(
        f'm{n}: updateDeal(input: {{id: "{deal.pk}", fields: {{amount: {n}}}}}) {{ deal {{ amount }} }}'
        for n in range(5)
    )
    found = answer(person(alice), f"mutation {{ {fields} }}")
    assert [each["deal"]["amount"] for each in found.values()] == [0, 1, 2, 3, 4]


def test_required_fields(alice: User) -> None:
    app, deal = person(alice), make_deal(alice, title="a")
    assert code(app, CREATE) == 142
    assert code(app, CREATE, {"f": None}) == 142
    assert code(app, UPDATE, {"id": deal.pk, "f": {"title": None}}) == 142
    assert code(app, UPDATE, {"id": deal.pk, "f": {"title": ""}}) == 142
    before = answer(app, "query($id: ID!) { deal(id: $id) { updatedAt } }", {"id": deal.pk})["deal"]["updatedAt"]
    assert updated(app, deal.pk)["title"] == "a"
    assert answer(app, "query($id: ID!) { deal(id: $id) { updatedAt } }", {"id": deal.pk})["deal"]["updatedAt"] > before


def test_who_may_not_write_is_101(alice: User, bob: User) -> None:
    deal = make_deal(alice, title="a")
    delete = "mutation($id: ID!) { deleteDeal(input: {id: $id}) { deal { id } } }"
    for app in (person(bob), App()):
        for query, variables in ((UPDATE, {"f": {"title": "b"}}), (delete, {})):
            response = post(app, query, {"id": deal.pk, **variables})
            assert codes(response) == [101]
            assert list(response.json()["data"].values()) == [None]
    assert code(App(), CREATE, {"f": {"title": "a"}}) == 101
    deal.refresh_from_db()
    assert deal.title == "a"


def test_access_lists(alice: User, bob: User) -> None:
    make_role("Sales", bob)
    app = person(alice)
    mine = {"userId": global_id("_User", alice.pk), "read": True, "write": True}
    assert created(app)["ACL"] == {"users": [mine], "roles": None, "public": None}
    sent = {
        "users": [
            mine,
            {"userId": bob.pk, "read": True, "write": False},
            {"userId": NOBODY, "read": True, "write": True},
        ],
        "roles": [{"roleName": "Sales", "read": True, "write": False}],
        "public": {"read": True, "write": False},
    }
    acl = created(app, ACL=sent)["ACL"]
    assert sorted(acl["users"], key=str) == sorted(
        [mine, {"userId": global_id("_User", bob.pk), "read": True, "write": False}], key=str
    )
    assert acl["roles"] == sent["roles"]
    assert acl["public"] == sent["public"]
    nobody = {"public": {"read": False, "write": False}}
    deal = created(app, ACL=nobody)
    assert deal["title"] == "t"  # who made it knows what is in it
    assert deal["ACL"] == {"users": None, "roles": None, "public": None}
    assert code(app, "query($id: ID!) { deal(id: $id) { id } }", {"id": deal["objectId"]}) == 101


def test_a_deal_for_a_colleague_is_answered_to_who_made_it(alice: User, bob: User) -> None:
    deal = created(person(alice), assignedTo={"link": bob.pk}, amount=5)
    assert (deal["amount"], deal["assignedTo"]) == (5, {"objectId": bob.pk, "username": "bob"})
    assert code(person(alice), "query($id: ID!) { deal(id: $id) { id } }", {"id": deal["objectId"]}) == 101
    email = "mutation($f: CreateDealFieldsInput) { createDeal(input: {fields: $f}) { deal { assignedTo { email } } } }"
    found = answer(person(alice), email, {"f": {"title": "x", "assignedTo": {"link": bob.pk}}})
    assert found["createDeal"]["deal"]["assignedTo"] == {"email": None}


def test_who_gives_a_deal_away_gets_it_as_he_last_saw_it(alice: User, bob: User) -> None:
    deal = make_deal(alice, title="a", amount=1)
    found = updated(person(alice), deal.pk, assignedTo={"link": bob.pk}, title="b")
    assert found["assignedTo"] == {"objectId": alice.pk}
    assert (found["objectId"], found["title"]) == (deal.pk, "a")
    deal.refresh_from_db()
    assert (deal.title, deal.assigned_to_id) == ("b", bob.pk)
    assert code(person(alice), "query($id: ID!) { deal(id: $id) { id } }", {"id": deal.pk}) == 101


def test_who_may_write_but_not_read_gets_no_object(alice: User, bob: User) -> None:
    deal = created(person(alice), ACL={"users": [{"userId": bob.pk, "read": False, "write": True}]})
    assert updated(person(bob), deal["objectId"], title="b") is None
    assert answer(master(), "query($id: ID!) { deal(id: $id) { title } }", {"id": deal["objectId"]})["deal"] == {
        "title": "b"
    }


def test_what_an_activity_is_about_needs_a_global_id(alice: User) -> None:
    app = person(alice)
    query = (
        "mutation($f: CreateActivityFieldsInput) { createActivity(input: {fields: $f}) { activity { relatedTo "
        "{ ... on Deal { title } ... on Contact { name } } } } }"
    )
    for about, shown in ((make_deal(alice, title="d"), {"title": "d"}), (make_contact(alice, name="c"), {"name": "c"})):
        gid = global_id(type(about).__name__, about.pk)
        found = answer(app, query, {"f": {"relatedTo": {"link": gid}}})["createActivity"]["activity"]
        assert found == {"relatedTo": shown}
        assert code(app, query, {"f": {"relatedTo": {"link": about.pk}}}) == 111
    assert code(app, query, {"f": {"relatedTo": {"link": global_id("Company", make_company(alice).pk)}}}) == 111
    assert code(app, query, {"f": {"relatedTo": {"link": global_id("Deal", NOBODY)}}}) == 101


def test_a_repeated_mutation_runs_once(alice: User) -> None:
    app = person(alice)
    query = 'mutation { createCompany(input: {fields: {name: "A"}}) { company { name } } }'
    assert post(app, query, X_Parse_Request_Id="one").json()["data"]["createCompany"]
    response = post(app, query, X_Parse_Request_Id="one")
    assert codes(response) == [159]
    assert codes(post(app, query.replace('"A"', '""'), X_Parse_Request_Id="two")) == [142]
    assert codes(post(app, query, X_Parse_Request_Id="two")) == [159]
    assert post(app, "{ health }", X_Parse_Request_Id="one").json() == {"data": {"health": True}}
    assert answer(app, "{ companies { count } }") == {"companies": {"count": 1}}


def test_nothing_of_a_log_out_can_be_written_afterwards(alice: User) -> None:
    app = person(alice)
    query = 'mutation { logOut(input: {}) { ok } createCompany(input: {fields: {name: "A"}}) { company { id } } }'
    assert codes(post(app, query)) == [209]
    assert answer(master(), "{ companies { count } }") == {"companies": {"count": 0}}
