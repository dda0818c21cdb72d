"""Questions about what is there: objects, lists, pages, pointers and the ways to write a document."""

from __future__ import annotations

from base64 import b64encode
from itertools import product

from tests.bench.parse.agree.asking import NOBODY, Talk

CLASSES = {"Company": "companies", "Contact": "contacts", "Deal": "deals", "Activity": "activities"}
FIELDS = {
    "Company": "id objectId createdAt updatedAt name website industry address notes createdBy { id objectId username }",
    "Contact": "id objectId createdAt updatedAt name email phone notes company { id name createdBy { username } }",
    "Deal": "id objectId createdAt updatedAt title amount stage expectedCloseDate notes lostReason "
    "contact { id name email company { name } } company { id name industry } assignedTo { objectId username }",
    "Activity": "id objectId createdAt updatedAt type subject description dueDate completedAt createdBy { username }",
}
"""What is read of each class; `relatedTo`, which leads to two classes in ours, is asked for apart."""
PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"


def global_id(class_name: str, pk: str) -> str:
    """Return the id of an object among those of all classes."""
    return b64encode(f"{class_name}:{pk}".encode()).decode()


def cursor(place: int) -> str:
    """Return the cursor of a place in a list."""
    return b64encode(f"arrayconnection:{place}".encode()).decode()


def one(class_name: str) -> str:
    """Return what one object of a class is called."""
    return class_name[0].lower() + class_name[1:]


def objects(talk: Talk) -> None:
    """Get objects of each class by both of their ids, as everybody."""
    for name, who in product(CLASSES, (talk.people.first, talk.people.second, NOBODY)):
        text = f"query ($id: ID!) {{ {one(name)}(id: $id) {{ __typename {FIELDS[name]} }} }}"
        for row in talk.rows[name][:2]:
            talk.ask(text, {"id": row["objectId"]}, who=who)
            talk.ask(text, {"id": global_id(name, row["objectId"])}, who=who)
        node = f"query ($id: ID!) {{ node(id: $id) {{ __typename id ... on {name} {{ {FIELDS[name]} }} }} }}"
        talk.ask(node, {"id": global_id(name, talk.rows[name][0]["objectId"])}, who=who)
        wrong = global_id("Company" if name != "Company" else "Deal", talk.rows[name][0]["objectId"])
        for bad in ("", "nothing", "Abcdef1234", wrong, global_id(name, "Abcdef1234"), "x y", "%"):
            talk.ask(text, {"id": bad}, who=who)


def lists(talk: Talk) -> None:
    """List each class in each way that a list may be cut."""
    ways = [
        *("", "first: 3", "first: 0", "skip: 2, first: 2", "skip: 100000", "skip: 0, first: 1", "first: 1000"),
        *("last: 2", "last: 0", "first: 5, last: 2", "skip: 1, last: 2", "first: 2, last: 5", "last: 100000"),
        *(f'after: "{cursor(1)}", first: 2', f'before: "{cursor(3)}"', f'after: "{cursor(0)}", before: "{cursor(4)}"'),
        *(f'before: "{cursor(0)}"', f'skip: 3, before: "{cursor(2)}"', f'after: "{cursor(99999)}", first: 2'),
        *(
            f'skip: 1, after: "{cursor(1)}", first: 2',
            f'before: "{cursor(9)}", last: 2',
            f'first: 2, before: "{cursor(9)}"',
        ),
        *("first: -1", "skip: -1", "last: -1", 'after: "x"', 'before: "x"', 'after: ""', 'before: ""', "first: null"),
    ]
    for plural, way in product(CLASSES.values(), ways):
        asked = f"({way + ', ' if way else ''}order: [objectId_ASC])"
        fields = "count edges { cursor node { objectId } } " + PAGE
        talk.ask(f"{{ {plural}{asked} {{ {fields} }} }}")
        if way in ("", "first: 3"):
            for who in (talk.people.second, NOBODY):
                talk.ask(f"{{ {plural}{asked} {{ __typename {fields} }} }}", who=who)
    for fields in ("count", PAGE, "count " + PAGE, "edges { cursor }", "edges { node { id } }", "__typename"):
        for way in ("", "first: 2", "first: 0", "last: 2", "skip: 2"):
            order = f"({way + ', ' if way else ''}order: [objectId_ASC])"
            talk.ask(f"{{ deals{order} {{ {fields} }} }}")


def orders(talk: Talk) -> None:
    """Sort by every field, up and down; what is equal is in the order of ids."""
    fields = {
        "Company": ("name", "industry", "createdAt", "updatedAt", "website", "objectId", "id"),
        "Contact": ("name", "email", "phone", "createdAt"),
        "Deal": ("title", "amount", "stage", "expectedCloseDate", "createdAt", "updatedAt", "lostReason"),
        "Activity": ("type", "subject", "description", "dueDate", "completedAt"),
    }
    for name, plural in CLASSES.items():
        for field, way in product(fields[name], ("ASC", "DESC")):
            is_id = field in ("id", "objectId")
            order = f"order: [{field}_{way}{'' if is_id else ', objectId_ASC'}], first: 12"
            shown = "" if is_id else field
            talk.ask(f"{{ {plural}({order}) {{ edges {{ node {{ objectId {shown} }} }} }} }}")
    talk.ask("{ deals(order: [stage_DESC, amount_ASC, objectId_DESC], first: 9) { edges { node { objectId } } } }")
    talk.ask("{ deals(order: objectId_ASC, first: 2) { edges { node { objectId } } } }")
    for twice in ("stage_DESC, title_ASC, stage_ASC", "title_ASC, title_DESC", "id_DESC, objectId_ASC"):
        talk.ask(f"{{ deals(order: [{twice}, createdAt_ASC], first: 9) {{ edges {{ node {{ objectId }} }} }} }}")
    talk.ask("{ deals(order: [], first: 0) { edges { node { objectId } } } }")


def documents(talk: Talk) -> None:
    """Write the same in many ways: aliases, fragments, directives, variables with defaults, several operations."""
    deal = talk.rows["Deal"][0]["objectId"]
    texts = [
        "query ($id: ID!) { a: deal(id: $id) { x: title y: title t: __typename } b: deal(id: $id) { id } }",
        "query ($id: ID!) { deal(id: $id) { ...A ...B } } fragment A on Deal { title company { name } } "
        "fragment B on Deal { amount company { industry id } ...C } fragment C on Deal { contact { ...D } } "
        "fragment D on Contact { name company { name } }",
        "query ($id: ID!) { deal(id: $id) { ... on Deal { title } ... { stage } ... on ParseObject { createdAt } "
        "... on Node { id } } }",
        "query ($id: ID!, $no: Boolean = false) { deal(id: $id) { title @include(if: $no) stage @skip(if: $no) amount "
        "@include(if: true) @skip(if: true) company @include(if: $no) { name } ... @skip(if: $no) { objectId } } }",
        "query ($id: ID!, $no: Boolean = true) { deal(id: $id) { objectId company @include(if: $no) { n: name } } }",
        "query ($id: ID!, $first: Int = 2) { deal(id: $id) { id } deals(first: $first, order: [objectId_ASC]) "
        "{ edges { node { objectId } } } }",
        "query ($id: ID!) { deal(id: $id) { title company { name createdBy { username createdAt } } } health "
        "companies(first: 1, order: [objectId_ASC]) { all: count e: edges { c: cursor n: node { i: id } } } }",
        "query ($id: ID!) { deal(id: $id, options: {readPreference: PRIMARY, includeReadPreference: NEAREST}) { id } }",
        "query ($id: ID!) { __typename deal(id: $id) { __typename company { __typename id } } }",
        "query ($id: ID!) { health a: health deal(id: $id) { title title title } }",
    ]
    only_types = "query ($id: ID!) { __typename deal(id: $id) { __typename company { __typename } contact { id } } }"
    talk.ask(only_types, {"id": deal}, known="only a type")
    for text, who in product(texts, (talk.people.first, talk.people.second, NOBODY)):
        talk.ask(text, {"id": deal}, who=who)
    talk.ask("query ($id: ID!) { deal(id: $id) { id } company(id: $id) { id } }", {"id": deal})
    order = (
        "query ($o: [DealOrder!], $w: DealWhereInput) { deals(order: $o, where: $w, first: 3) "
        "{ edges { node { title } } } }"
    )
    talk.ask(order, {"o": ["title_ASC", "objectId_ASC"], "w": {"stage": {"equalTo": "won"}}})
    talk.ask(order, {"o": "title_ASC", "w": None})
    talk.ask(
        "query ($s: String) { deals(where: {stage: {equalTo: $s}, objectId: {exists: true}}, order: [objectId_ASC], "
        "first: 2) { edges { node { stage } } } }",
        {"s": "lead"},
    )


def people(talk: Talk) -> None:
    """Ask who one is, who the others are, and which roles there are."""
    user = "id objectId username email createdAt updatedAt"
    for who in (talk.people.first, talk.people.second, NOBODY):
        hidden = "" if who else "directory"
        talk.ask(f"{{ viewer {{ sessionToken user {{ {user} }} }} }}", who=who)
        talk.ask("{ __typename viewer { __typename user { __typename } } health }", who=who)
        talk.ask(f"{{ users(order: [username_ASC]) {{ count edges {{ node {{ {user} }} }} }} }}", who=who, known=hidden)
        talk.ask(
            '{ users(where: {username: {in: ["agent1", "manager"]}}, order: [username_DESC]) '
            "{ edges { node { username } } } }",
            who=who,
            known=hidden,
        )
        talk.ask('{ users(where: {email: {equalTo: "agent1@example.com"}}) { count } }', who=who)
        talk.ask("{ users(order: [email_ASC]) { count } }", who=who, known="hidden order")
        talk.ask("{ sessions { count } }", who=who)
        talk.ask("{ classes { name } }", who=who)
        talk.ask('{ class(name: "Deal") { name } }', who=who)
        found = {"id": talk.rows["Deal"][0]["assignedTo"]["objectId"]}
        talk.ask(f"query ($id: ID!) {{ user(id: $id) {{ {user} }} }}", found, who=who, known=hidden)
        talk.ask(f"query ($id: ID!) {{ user(id: $id) {{ {user} }} }}", {"id": "Abcdef1234"}, who=who)


def roles(talk: Talk) -> None:
    """Ask for roles, and follow their relations."""
    team = '(where: {name: {equalTo: "Team 3"}})'
    of_agent = '(where: {users: {have: {username: {equalTo: "agent3"}}}}, order: [name_ASC])'
    for who in (talk.people.first, talk.people.second, NOBODY):
        hidden = "" if who else "directory"
        talk.ask("{ roles(order: [name_ASC]) { count edges { node { id objectId name createdAt } } } }", who=who)
        talk.ask(f"{{ roles{of_agent} {{ edges {{ node {{ name }} }} }} }}", who=who, known=hidden)
        for way in ("", "(order: [username_ASC], first: 1)", "(where: {username: {exists: true}})", "(last: 1)"):
            members = f"users{way} {{ count edges {{ cursor node {{ username }} }} }}"
            talk.ask(f"{{ roles{team} {{ edges {{ node {{ name {members} }} }} }} }}", who=who, known=hidden)
        talk.ask(
            f"{{ roles{team} {{ edges {{ node {{ name users(first: 0) {{ edges {{ cursor }} }} }} }} }} }}", who=who
        )
        talk.ask(f"{{ roles{team} {{ edges {{ node {{ name roles {{ count }} }} }} }} }}", who=who)


def conditions(talk: Talk) -> None:
    """Ask with operators that the random lists leave out, and with those of which the servers mean different things."""
    deals = (
        "query ($w: DealWhereInput) { deals(where: $w, order: [objectId_ASC], first: 5) "
        "{ count edges { node { objectId } } } }"
    )
    companies = deals.replace("Deal", "Company").replace("deals", "companies")
    activities = deals.replace("Deal", "Activity").replace("deals", "activities")
    industry = talk.rows["Company"][0]["industry"]
    of_industry = {"query": {"className": "Company", "where": {"industry": industry}}, "key": "name"}
    talk.ask(companies, {"w": {"name": {"inQueryKey": of_industry}}})
    talk.ask(companies, {"w": {"name": {"notInQueryKey": of_industry}}})
    talk.ask(deals, {"w": {"company": {"have": {"industry": {"equalTo": industry}}}}})
    talk.ask(deals, {"w": {"company": {"haveNot": {"industry": {"equalTo": industry}}}}})
    talk.ask(deals, {"w": {"assignedTo": {"have": {"username": {"equalTo": talk.people.second}}}}})
    talk.ask(deals, {"w": {"assignedTo": {"haveNot": {"username": {"equalTo": talk.people.first}}}}})
    talk.ask(deals, {"w": {"company": {"exists": True, "have": {"name": {"exists": True}}}}})
    talk.ask(deals, {"w": {"NOR": [{"lostReason": {"equalTo": "price"}}]}}, known="denied")
    talk.ask(deals, {"w": {"lostReason": {"notIn": ["price"]}}}, known="not in")
    talk.ask(deals, {"w": {"lostReason": {"in": []}}}, known="in nothing")
    talk.ask(activities, {"w": {"relatedTo": {"have": {"title": {"equalTo": "?"}}}}}, known="finds nothing")
    talk.ask(activities, {"w": {"relatedTo": {"exists": True}}}, known="targets")
    talk.ask(deals, {"w": {"title": {}}}, known="no operator")
    talk.ask(deals, {"w": {"company": {}}}, known="no operator")
    talk.ask(deals, {"w": {"ACL": {"exists": True}}}, known="access list")
    for when in ("2000-01-01", "2100-01-01T00:00:00Z", "2026-01-01T00:00:00.000+05:00"):
        talk.ask(deals, {"w": {"createdAt": {"lessThan": when}}})


READS = (objects, lists, orders, documents, people, roles, conditions)
