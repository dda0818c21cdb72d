"""Questions about people: roles, signing up, logging in and out, and changing oneself and others."""

from __future__ import annotations

from tests.bench.parse.agree.asking import NOBODY, Talk
from tests.bench.parse.agree.reads import global_id


def roles(talk: Talk) -> None:
    """Make roles, which only the master key does in ours, and change those that are there."""
    make = "mutation ($f: CreateRoleFieldsInput) { createRole(input: {fields: $f}) { role { name } } }"
    public = {"public": {"read": True, "write": False}}
    talk.ask(make, {"f": {"name": "Mine", "ACL": public}}, known="roles")
    talk.ask(make, {"f": {"ACL": public}}, known="roles")
    found = talk.ask('{ roles(where: {name: {equalTo: "Team 3"}}) { edges { node { objectId } } } }')
    role = found["roles"]["edges"][0]["node"]["objectId"]
    for who in (talk.people.first, NOBODY):
        change = (
            "mutation ($i: ID!, $f: UpdateRoleFieldsInput) { updateRole(input: {id: $i, fields: $f}) "
            "{ role { name } } }"
        )
        talk.ask(change, {"i": role, "f": {"ACL": public}}, who=who)
        talk.ask("mutation ($i: ID!) { deleteRole(input: {id: $i}) { role { name } } }", {"i": role}, who=who)
        talk.ask(
            "query ($i: ID!) { role(id: $i) { name users(first: 1) { count pageInfo { hasNextPage } } } }",
            {"i": role},
            who=who,
            known="" if who else "directory",
        )


def accounts(talk: Talk) -> None:
    """Sign up, log in and out, and change oneself and others."""
    viewer = "viewer { sessionToken user { objectId username email createdAt } }"
    sign_up = f"mutation ($f: CreateUserFieldsInput) {{ signUp(input: {{fields: $f}}) {{ {viewer} }} }}"
    log_in = f"mutation ($u: String!, $p: String!) {{ logIn(input: {{username: $u, password: $p}}) {{ {viewer} }} }}"
    new = {"username": "newcomer", "password": "a long enough one", "email": "newcomer@example.com"}
    pk = talk.make(sign_up, {"f": new}, who=NOBODY)
    second = {**new, "username": "second"}
    for fields in (new, {**new, "username": ""}, {**new, "password": ""}, second, {**second, "email": "no"}, {}, None):
        talk.ask(sign_up, {"f": fields}, who=NOBODY)
    talk.ask(sign_up, {"f": {"username": "third", "password": new["password"]}}, who=NOBODY, known="address")
    talk.ask(sign_up, {"f": {**second, "email": "s@example.com", "password": "x"}}, who=NOBODY, known="password")
    logs_in = (("newcomer", "wrong"), (new["email"], new["password"]), ("", ""), ("NEWCOMER", new["password"]))
    for name, password in logs_in:
        talk.ask(log_in, {"u": name, "p": password}, who=NOBODY)
    found = talk.ask(log_in, {"u": "newcomer", "p": new["password"]}, who=NOBODY)
    talk.tokens["newcomer"] = found["logIn"]["viewer"]["sessionToken"]
    _change_people(talk, pk)
    talk.ask('mutation { logOut(input: {clientMutationId: "o"}) { clientMutationId ok } }', who="newcomer")
    for text in ("{ viewer { user { username } } }", "{ deals { count } }", "{ health }", "{ nothing }", "{"):
        talk.ask(text, who="newcomer")
    talk.ask("mutation { logOut(input: {}) { ok } }", who=NOBODY)
    talk.tokens["stranger"] = "r:" + "0" * 32
    talk.ask("{ health }", who="stranger")


def _change_people(talk: Talk, pk: str) -> None:
    user = "{ user { objectId username email } }"
    change = f"mutation ($i: ID!, $f: UpdateUserFieldsInput) {{ updateUser(input: {{id: $i, fields: $f}}) {user} }}"
    remove = f"mutation ($i: ID!) {{ deleteUser(input: {{id: $i}}) {user} }}"
    acl = "ACL { users { userId read write } roles { roleName } public { read } }"
    talk.ask(f"{{ viewer {{ sessionToken user {{ username email {acl} }} }} }}", who="newcomer")
    talk.ask(change, {"i": pk, "f": {"username": "newcomer2"}}, who="newcomer")
    talk.ask(change, {"i": global_id("_User", pk), "f": {"email": "n2@example.com"}}, who="newcomer")
    talk.ask(change, {"i": pk, "f": {"username": talk.people.first}}, who="newcomer")
    talk.ask(change, {"i": pk, "f": {"email": f"{talk.people.first}@example.com"}}, who="newcomer")
    talk.ask(change, {"i": pk, "f": {"username": ""}}, who="newcomer", known="locked out")
    for who in (talk.people.first, NOBODY):
        talk.ask(change, {"i": pk, "f": {"username": "taken over"}}, who=who)
        talk.ask(remove, {"i": talk.rows["Deal"][0]["assignedTo"]["objectId"]}, who=talk.people.second if who else who)
        talk.ask(remove, {"i": pk}, who=who, known="another user")
        talk.ask(remove, {"i": "Abcdef1234"}, who=who, known="another user")


WRITES = (roles, accounts)
