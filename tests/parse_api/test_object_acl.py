"""ACLs that apps send, and whose a record is (CONTRACT.md, section 9)."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from companies.models import Company
from crm_site.invariants import findings
from deals.models import Deal
from records.access import share
from tests.factories import make_company, make_deal, make_role
from tests.parse_api.app import MASTER, App, refusal, signed_in_app
from tests.parse_api.objects import ALL, NOBODY, made, pointer, shown

READ = {"read": True}


def acl(record: Company | Deal) -> Any:
    """Return the ACL on the wire."""
    return shown(App(MASTER), type(record).__name__, record.pk)["ACL"]


def test_a_sent_acl_is_kept_as_sent_and_not_repeated(alice: User, bob: User) -> None:
    role = make_role("Sales Team", bob)
    sent = {bob.pk: READ, f"role:{role.name}": {"write": True}, "*": READ, alice.pk: {"read": False}, "gone": {}}
    app = signed_in_app(alice)
    answer = made(app, "Company", name="x", ACL=sent)
    assert set(answer) == {"objectId", "createdAt", "createdBy"}
    kept = {bob.pk: READ, "role:Sales Team": {"write": True}, "*": READ}
    assert acl(Company.objects.get()) == kept
    answer = signed_in_app(bob).put(f"/classes/Company/{answer['objectId']}", {"ACL": {bob.pk: ALL}})
    assert set(answer.json()) == {"updatedAt"}
    assert acl(Company.objects.get()) == {bob.pk: ALL}
    assert findings() == []


def test_entries_of_nobody_are_dropped_and_the_app_is_told(alice: User) -> None:
    app = signed_in_app(alice)
    strangers = {NOBODY: READ, "role:Nobodies": ALL, "role:*": ALL, "role:": READ, "x\u00e9": READ, "role:x'y": READ}
    answer = made(app, "Deal", title="x", ACL={alice.pk: ALL, **strangers})
    assert answer["ACL"] == {alice.pk: ALL}
    path = f"/classes/Deal/{answer['objectId']}"
    assert app.put(path, {"ACL": {**strangers, alice.pk: ALL}}).json()["ACL"] == {alice.pk: ALL}
    assert acl(Deal.objects.get()) == {alice.pk: ALL}


def test_an_empty_acl_is_for_the_master_key_alone(alice: User) -> None:
    app = signed_in_app(alice)
    answer = made(app, "Company", name="x", ACL={})
    assert set(answer) == {"objectId", "createdAt", "createdBy"}
    assert refusal(app.get(f"/classes/Company/{answer['objectId']}")) == (404, 101)
    assert acl(Company.objects.get()) == {}
    company = make_company(alice)
    assert app.put(f"/classes/Company/{company.pk}", {"ACL": {}}).status_code == 200
    assert refusal(app.put(f"/classes/Company/{company.pk}", {"ACL": {alice.pk: ALL}})) == (404, 101)
    assert findings() == []


@pytest.mark.parametrize("value", [None, {"__op": "Delete"}])
def test_an_acl_of_nothing_counts_as_not_sent_in_a_create(alice: User, value: Any) -> None:
    assert made(signed_in_app(alice), "Deal", title="x", ACL=value)["ACL"] == {alice.pk: ALL}


def test_an_acl_has_a_hundred_entries_at_most(alice: User) -> None:
    app = signed_in_app(alice)
    many = {f"{number:010}": READ for number in range(101)}
    assert refusal(app.post("/classes/Deal", {"title": "x", "ACL": many})) == (400, 123)
    many.popitem()
    assert made(app, "Deal", title="x", ACL=many)["ACL"] == {}


def test_a_role_in_an_acl_admits_its_members(alice: User, bob: User, mallory: User) -> None:
    role = make_role("Team", bob)
    deal = make_deal(alice)
    signed_in_app(alice).put(f"/classes/Deal/{deal.pk}", {"ACL": {f"role:{role.name}": ALL}})
    assert signed_in_app(bob).put(f"/classes/Deal/{deal.pk}", {"stage": "x"}).status_code == 200
    for person in (alice, mallory):
        assert refusal(signed_in_app(person).put(f"/classes/Deal/{deal.pk}", {"stage": "y"})) == (404, 101)


def test_everybody_is_everybody_signed_in(alice: User, mallory: User) -> None:
    deal = make_deal(alice)
    signed_in_app(alice).put(f"/classes/Deal/{deal.pk}", {"ACL": {"*": ALL}})
    assert signed_in_app(mallory).put(f"/classes/Deal/{deal.pk}", {"stage": "x"}).status_code == 200
    assert refusal(App().get(f"/classes/Deal/{deal.pk}")) == (404, 101)


def test_created_by_is_the_caller_or_refused(alice: User, bob: User, mira: User) -> None:
    app = signed_in_app(alice)
    for name in ("Company", "Contact", "Activity"):
        body = {} if name == "Activity" else {"name": "x"}
        assert made(app, name, **body)["createdBy"] == pointer(alice)
        assert made(app, name, **body, createdBy=None)["createdBy"] == pointer(alice)
        assert "createdBy" not in made(app, name, **body, createdBy=pointer(alice))
        for other in (bob.pk, NOBODY):
            refused = app.post(f"/classes/{name}", {**body, "createdBy": pointer(other, "_User")})
            assert refusal(refused) == (400, 119)
        by_manager = made(signed_in_app(mira), name, **body, createdBy=pointer(bob))
        assert (by_manager["ACL"], "createdBy" in by_manager) == ({bob.pk: ALL}, False)
        by_master = made(App(MASTER), name, **body)
        assert (by_master["ACL"], "createdBy" in by_master) == ({}, False)
    assert findings() == []


def test_created_by_never_changes_but_by_a_manager(alice: User, bob: User, mira: User) -> None:
    company = make_company(alice)
    share(company, bob, ("view", "change"))
    path = f"/classes/Company/{company.pk}"
    for person in (alice, bob):
        for value in (pointer(bob), None, {"__op": "Delete"}, pointer(NOBODY, "_User")):
            assert refusal(signed_in_app(person).put(path, {"createdBy": value})) == (400, 119)
        assert set(signed_in_app(person).put(path, {"createdBy": pointer(alice)}).json()) == {"updatedAt"}
    answer = signed_in_app(mira).put(path, {"createdBy": pointer(bob)}).json()
    assert answer["ACL"] == {bob.pk: ALL}
    assert App(MASTER).put(path, {"createdBy": None}).json()["ACL"] == {}
    assert findings() == []


def test_a_deal_for_a_colleague_is_his(alice: User, bob: User) -> None:
    app = signed_in_app(alice)
    answer = made(app, "Deal", title="x", assignedTo=pointer(bob))
    assert (answer["ACL"], "assignedTo" in answer) == ({bob.pk: ALL}, False)
    assert refusal(app.get(f"/classes/Deal/{answer['objectId']}")) == (404, 101)
    sent = made(app, "Deal", title="x", assignedTo=pointer(bob), ACL={alice.pk: ALL})
    assert "ACL" not in sent
    assert shown(app, "Deal", sent["objectId"])["ACL"] == {alice.pk: ALL}


def test_nobody_is_given_what_he_cannot_sign_in_for(alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    app, deal = signed_in_app(alice), make_deal(alice)
    assert refusal(app.post("/classes/Deal", {"title": "x", "assignedTo": pointer(bob)})) == (404, 101)
    assert refusal(app.put(f"/classes/Deal/{deal.pk}", {"assignedTo": pointer(bob)})) == (404, 101)
    assert App(MASTER).put(f"/classes/Deal/{deal.pk}", {"assignedTo": pointer(bob)}).status_code == 200


def test_only_whose_a_deal_is_or_a_manager_hands_it_over(alice: User, bob: User, mira: User) -> None:
    deal, free = make_deal(alice), make_deal(None)
    for record in (deal, free):
        share(record, bob, ("view", "change"))
        path, app = f"/classes/Deal/{record.pk}", signed_in_app(bob)
        clear = {"__op": "Delete"}
        for other in (pointer(bob), pointer(mira), clear)[: 2 if record is free else 3]:
            assert refusal(app.put(path, {"assignedTo": other, "title": "mine"})) == (400, 119)
        same = clear if record is free else pointer(alice)
        assert set(app.put(path, {"assignedTo": same, "stage": "won"}).json()) == {"updatedAt"}
    for app, person in ((signed_in_app(mira), mira), (App(MASTER), alice)):
        assert app.put(f"/classes/Deal/{deal.pk}", {"assignedTo": pointer(person)}).status_code == 200
    assert set(Deal.objects.values_list("title", "assigned_to")) == {(deal.title, alice.pk), (free.title, None)}
    assert findings() == []


def test_a_handed_over_deal_moves_the_rights_of_its_owner(alice: User, bob: User, mallory: User) -> None:
    deal = make_deal(alice)
    share(deal, mallory, ("view",))
    path = f"/classes/Deal/{deal.pk}"
    answer = signed_in_app(alice).put(path, {"assignedTo": pointer(bob)}).json()
    assert answer["ACL"] == {bob.pk: ALL, mallory.pk: READ}
    assert refusal(signed_in_app(alice).get(path)) == (404, 101)
    assert set(signed_in_app(bob).put(path, {"assignedTo": pointer(bob)}).json()) == {"updatedAt"}
    cleared = signed_in_app(bob).put(path, {"assignedTo": None}).json()
    assert cleared["ACL"] == acl(deal) == {mallory.pk: READ}
    assert findings() == []


def test_the_swap_is_applied_to_an_acl_of_the_same_update(alice: User, bob: User, mallory: User) -> None:
    deal, path_of = make_deal(alice), "/classes/Deal/{}".format
    sent = {alice.pk: ALL, mallory.pk: READ, NOBODY: READ}
    app = signed_in_app(alice)
    answer = app.put(path_of(deal.pk), {"assignedTo": pointer(bob), "ACL": sent}).json()
    assert answer["ACL"] == acl(deal) == {bob.pk: ALL, mallory.pk: READ}
    answer = App(MASTER).put(path_of(deal.pk), {"assignedTo": None, "ACL": {bob.pk: ALL, "*": READ}}).json()
    assert answer["ACL"] == acl(deal) == {"*": READ}
    answer = App(MASTER).put(path_of(deal.pk), {"assignedTo": pointer(alice), "ACL": {}}).json()
    assert answer["ACL"] == acl(deal) == {alice.pk: ALL}
    assert findings() == []


def test_the_new_owner_gets_his_rights_though_the_old_one_had_none(alice: User, bob: User, mira: User) -> None:
    deal = make_deal(alice)
    path = f"/classes/Deal/{deal.pk}"
    assert signed_in_app(alice).put(path, {"ACL": {"*": READ}}).status_code == 200
    assert signed_in_app(mira).put(path, {"assignedTo": pointer(bob)}).json()["ACL"] == {bob.pk: ALL, "*": READ}
    assert signed_in_app(mira).put(path, {"assignedTo": pointer(bob), "ACL": {}}).status_code == 200
    assert signed_in_app(mira).put(path, {"assignedTo": pointer(bob)}).json().keys() == {"updatedAt"}
    assert acl(deal) == {}
