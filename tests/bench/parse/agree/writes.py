"""Writes of each class, and what is read back: with links to what is there, to what is made beside, and to nothing."""

from __future__ import annotations

from itertools import product
from typing import Any

from tests.bench.parse.agree.asking import NOBODY, Talk
from tests.bench.parse.agree.reads import CLASSES, FIELDS, global_id, one

_ACL = "ACL { users { userId read write } roles { roleName read write } public { read write } }"
_WHOLE: dict[str, dict[str, Any]] = {
    "Company": {
        "name": "Ünïcode & Söhne",
        "website": "https://x.example",
        "industry": "",
        "address": "1\n2",
        "notes": " ",
    },
    "Contact": {"name": "Ada", "email": "no address", "phone": "+1", "notes": '"quoted" \\ \t'},
    "Deal": {"title": "A deal", "amount": 12.5, "stage": "any words", "notes": "n" * 3000, "lostReason": None},
    "Activity": {"type": "call", "subject": "Sübject", "description": "d", "completedAt": None},
}
_DATES = {
    "Deal": ("expectedCloseDate", "2031-02-03T04:05:06.789Z"),
    "Activity": ("dueDate", "2031-02-03T04:05:06.789Z"),
}
_REQUIRED = {"Company": "name", "Contact": "name", "Deal": "title"}


def _make(class_name: str, more: str = "") -> str:
    payload = f"clientMutationId {one(class_name)} {{ {FIELDS[class_name]} {_ACL} {more} }}"
    return (
        f"mutation ($f: Create{class_name}FieldsInput) "
        f'{{ create{class_name}(input: {{fields: $f, clientMutationId: "m"}}) {{ {payload} }} }}'
    )


def _change(class_name: str) -> str:
    payload = f"clientMutationId {one(class_name)} {{ {FIELDS[class_name]} {_ACL} }}"
    return (
        f"mutation ($i: ID!, $f: Update{class_name}FieldsInput) "
        f"{{ update{class_name}(input: {{id: $i, fields: $f}}) {{ {payload} }} }}"
    )


def _remove(class_name: str) -> str:
    return (
        f'mutation ($i: ID!) {{ delete{class_name}(input: {{id: $i, clientMutationId: "d"}}) '
        f"{{ clientMutationId {one(class_name)} {{ {FIELDS[class_name]} }} }} }}"
    )


def _read(talk: Talk, class_name: str, pk: str, *, known: str = "") -> None:
    text = f"query ($i: ID!) {{ {one(class_name)}(id: $i) {{ {FIELDS[class_name]} {_ACL} }} }}"
    talk.ask(text, {"i": pk}, known=known)
    found = f"{CLASSES[class_name]}(where: $w) {{ count edges {{ node {{ id }} }} }}"
    where = f"query ($w: {class_name}WhereInput) {{ {found} }}"
    talk.ask(where, {"w": {"objectId": {"equalTo": pk}}}, known=known)


def lives(talk: Talk) -> None:
    """Create, read, change, clear and delete one of each class; others can do nothing with it."""
    for name in CLASSES:
        fields = dict(_WHOLE[name])
        if name in _DATES:
            fields[_DATES[name][0]] = _DATES[name][1]
        pk = talk.make(_make(name), {"f": fields})
        _read(talk, name, pk)
        text = next(key for key, value in fields.items() if value)
        for who in (talk.people.second, NOBODY):
            talk.ask(_change(name), {"i": pk, "f": {text: "theirs"}}, who=who)
            talk.ask(_remove(name), {"i": pk}, who=who)
            talk.ask(f"query ($i: ID!) {{ {one(name)}(id: $i) {{ objectId }} }}", {"i": pk}, who=who)
            talk.make(_make(name), {"f": {**fields, text: "by another"}}, who=who)
        talk.ask(_change(name), {"i": global_id(name, pk), "f": {text: "changed"}})
        talk.ask(_change(name), {"i": pk, "f": {}})
        talk.ask(_change(name), {"i": pk})
        for key in fields:
            talk.ask(_change(name), {"i": pk, "f": {key: None}})
        if name in _REQUIRED:
            talk.ask(_change(name), {"i": pk, "f": {_REQUIRED[name]: ""}})
            talk.ask(_make(name), {"f": {_REQUIRED[name]: ""}})
        talk.ask(_change(name), {"i": "Abcdef1234", "f": {text: "x"}})
        other = "Deal" if name != "Deal" else "Company"
        talk.ask(_change(name), {"i": global_id(other, pk), "f": {text: "x"}})
        talk.ask(_remove(name), {"i": global_id(other, pk)})
        _read(talk, name, pk)
        talk.ask(_remove(name), {"i": pk})
        _read(talk, name, pk)
        talk.ask(_remove(name), {"i": pk})
        talk.ask(_change(name), {"i": pk, "f": {text: "x"}})


def dates_and_numbers(talk: Talk) -> None:
    """Send values in each of their forms."""
    dates: tuple[str, ...] = (
        "2031-02-03T04:05:06.789Z",
        "2031-02-03T04:05:06Z",
        "2031-02-03",
        "2031-02-03T04:05:06.789+02:00",
    )
    dates += ("1969-12-31T23:59:59.999Z", "1901-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z")
    for date, wrapped in product(dates, (False, True)):
        sent = {"__type": "Date", "iso": date} if wrapped else date
        talk.make(_make("Deal"), {"f": {"title": "dated", "expectedCloseDate": sent}})
    for amount in (0, -1, 0.1, 1e6, 1e21, 2**53 - 1, -0.5, 123456789.25, 1e-7):
        pk = talk.make(_make("Deal"), {"f": {"title": "counted", "amount": amount}})
        talk.ask(_change("Deal"), {"i": pk, "f": {"amount": amount + 1}})
        talk.ask(
            'query ($a: Float) { deals(where: {amount: {equalTo: $a}, title: {equalTo: "counted"}}) { count } }',
            {"a": amount + 1},
        )


def links(talk: Talk) -> None:
    """Link by objectId, by global id and to what is made beside; unlink."""
    company, contact = talk.rows["Company"][0]["objectId"], talk.rows["Contact"][0]["objectId"]
    deal = talk.make(_make("Deal"), {"f": {"title": "linked", "company": {"link": company}}})
    linked = (
        "mutation ($i: ID!, $l: CompanyPointerInput) { updateDeal(input: {id: $i, fields: {company: $l}}) "
        "{ deal { title company { objectId id name } } } }"
    )
    ways: tuple[Any, ...] = ({"link": global_id("Company", company)}, None, {"createAndLink": {"name": "made beside"}})
    for link in ways:
        talk.make(linked, {"i": deal, "l": link})
        talk.ask("query ($i: ID!) { deal(id: $i) { title company { name } } }", {"i": deal})
    talk.ask(linked, {"i": deal, "l": {}}, known="no link")
    talk.ask(linked, {"i": deal, "l": {"link": company, "createAndLink": {"name": "both"}}}, known="no link")
    for lost in ("Abcdef1234", global_id("Company", "Abcdef1234"), global_id("Contact", company)):
        talk.ask(linked, {"i": deal, "l": {"link": lost}}, known="any pointer")
    talk.ask(_change("Contact"), {"i": contact, "f": {"company": {"link": company}}})


def chains(talk: Talk) -> None:
    """Make what is linked within what is linked; follow the links back."""
    made = talk.make(
        "mutation ($f: CreateDealFieldsInput) { createDeal(input: {fields: $f}) { deal { objectId title "
        "contact { objectId name company { objectId name createdBy { username } } } } } }",
        {
            "f": {
                "title": "nested",
                "contact": {"createAndLink": {"name": "Inner", "company": {"createAndLink": {"name": "Innermost"}}}},
            }
        },
    )
    talk.ask(
        '{ deals(where: {contact: {have: {company: {have: {name: {equalTo: "Innermost"}}}}}}) '
        "{ count edges { node { title } } } }"
    )
    talk.ask('{ companies(where: {name: {equalTo: "Innermost"}}) { count edges { node { name } } } }')
    activity = talk.make(
        "mutation ($f: CreateActivityFieldsInput) { createActivity(input: {fields: $f}) { activity { objectId subject "
        "relatedTo { ... on Deal { objectId title } } } } }",
        {"f": {"subject": "about", "relatedTo": {"link": global_id("Deal", made)}}},
    )
    talk.ask(
        "query ($i: ID!) { activity(id: $i) { relatedTo { ... on Deal { title contact { name } } } } }", {"i": activity}
    )
    talk.ask(
        "query ($w: ActivityWhereInput) { activities(where: $w) { count edges { node { subject } } } }",
        {"w": {"relatedTo": {"have": {"title": {"equalTo": "nested"}}}}},
    )
    talk.ask(_change("Activity"), {"i": activity, "f": {"relatedTo": None}})
    talk.ask("query ($i: ID!) { activity(id: $i) { relatedTo { ... on Deal { title } } } }", {"i": activity})


def access(talk: Talk) -> None:
    """Share and take back by access lists, and see what the other may do then."""
    people = talk.people
    ids = {name: talk.world.deals[name][0]["assignedTo"]["objectId"] for name in (people.first, people.second)}
    mine = {"userId": ids[people.first], "read": True, "write": True}
    reading = {"userId": global_id("_User", ids[people.second]), "read": True, "write": False}
    for name in CLASSES:
        fields = {key: value for key, value in _WHOLE[name].items() if value}
        text = next(iter(fields))
        pk = talk.make(_make(name), {"f": {**fields, "ACL": {"users": [mine, reading]}}})
        sent = [
            {"users": [mine], "public": {"read": True, "write": False}},
            {"users": [mine, {**reading, "write": True}]},
            {"users": [mine], "roles": [{"roleName": "Team 3", "read": True, "write": True}]},
            {"users": [mine, {**reading, "read": False}]},
            {"users": [{**mine, "userId": global_id("_User", mine["userId"])}]},
            {"users": [mine], "public": {"read": False, "write": False}},
        ]
        for acl in (None, *sent):
            if acl:
                talk.ask(_change(name), {"i": pk, "f": {"ACL": acl}})
            for who in (people.second, NOBODY):
                talk.ask(f"query ($i: ID!) {{ {one(name)}(id: $i) {{ objectId {text} }} }}", {"i": pk}, who=who)
                talk.ask(
                    f"query ($i: ID!) {{ {CLASSES[name]}(where: {{objectId: {{equalTo: $i}}}}) {{ count }} }}",
                    {"i": pk},
                    who=who,
                )
                talk.ask(_change(name), {"i": pk, "f": {text: f"by {who}"}}, who=who)
        talk.ask(_remove(name), {"i": pk})


def owners(talk: Talk) -> None:
    """Make something for somebody else, give it away, and take what is another's."""
    people = talk.people
    ids = {name: talk.world.deals[name][0]["assignedTo"]["objectId"] for name in (people.first, people.second)}
    other = {"link": ids[people.second]}
    text = "{ deal { objectId title assignedTo { username } " + _ACL + " } } }"
    create = "mutation ($f: CreateDealFieldsInput) { createDeal(input: {fields: $f}) " + text
    change = "mutation ($i: ID!, $f: UpdateDealFieldsInput) { updateDeal(input: {id: $i, fields: $f}) " + text
    talk.ask(create, {"f": {"title": "for another", "assignedTo": other}}, known="lost by writing")
    talk.make(create, {"f": {"title": "for me", "assignedTo": {"link": ids[people.first]}}})
    given = talk.make(create, {"f": {"title": "given"}})
    talk.ask(change, {"i": given, "f": {"assignedTo": other}}, known="lost by writing")
    for who in (people.second, people.first):
        talk.ask(
            "query ($i: ID!) { deal(id: $i) { title assignedTo { username } " + _ACL + " } }", {"i": given}, who=who
        )
    talk.ask(change, {"i": given, "f": {"assignedTo": {"link": ids[people.first]}}})
    talk.ask(change, {"i": given, "f": {"assignedTo": other, "title": "again"}}, who=people.second)
    company = talk.make(_make("Company"), {"f": {"name": "mine"}})
    talk.ask(_change("Company"), {"i": company, "f": {"createdBy": other}}, known="any field")
    talk.ask(_make("Company"), {"f": {"name": "theirs", "createdBy": other}}, known="any field")


def several(talk: Talk) -> None:
    """Write several things in one request, one of which fails."""
    talk.ask(
        'mutation { a: createDeal(input: {fields: {title: "a"}}) { deal { title } } b: createDeal(input: {fields: '
        '{title: ""}}) { deal { title } } c: createDeal(input: {fields: {title: "c"}, clientMutationId: "c"}) '
        "{ clientMutationId deal { title stage company { name } } } }"
    )
    talk.ask('{ deals(where: {title: {in: ["a", "c"]}}, order: [title_ASC]) { edges { node { title } } } }')
    talk.ask('mutation { createDeal(input: {fields: {title: "no answer"}}) { clientMutationId } }')
    talk.ask('mutation { createDeal(input: {fields: {title: "typed"}}) { __typename deal { __typename } } }')
    talk.ask("mutation ($t: String!) { createDeal(input: {fields: {title: $t}}) { deal { t: title } } }", {"t": "v"})
    talk.ask("mutation ($t: String!) { createDeal(input: {fields: {title: $t}}) { deal { t: title } } }", {})
    talk.ask(
        'mutation ($no: Boolean!) { createDeal(input: {fields: {title: "s"}}) @skip(if: $no) { deal { title } } }',
        {"no": True},
    )


WRITES = (lives, dates_and_numbers, links, chains, access, owners, several)
