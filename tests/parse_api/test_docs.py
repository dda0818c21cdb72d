"""docs/parse-api.md says what the tables of the program say: nothing is missing, too much or wrong."""

from __future__ import annotations

import os
import re
import runpy
from collections.abc import Iterable
from pathlib import Path

import environ
import pytest
from django.conf import settings
from django.contrib.auth.password_validation import MinimumLengthValidator, get_default_password_validators

import crm_site.settings
from accounts import throttle
from accounts.forms import LONGEST_PASSWORD
from crm_site import statement_limit
from crm_site.server import room, sockets
from parse_api import answers, idempotency, json_text, limits, protocol
from parse_api.classes import CLASSES, FIXED, INSTALLATION, SESSION, Field, Kind, ParseClass
from parse_api.errors import Code, ParseError
from parse_api.graphql import run
from parse_api.livequery import decider, quotas, socket, subscriptions
from parse_api.people import sessions
from parse_api.queries import aggregate
from parse_api.queries.operators import OPERATORS
from parse_api.queries.options import OF_FIND, OF_GET
from parse_api.queries.pipeline import STAGES
from parse_api.queries.where import OPPOSITES
from parse_api.routes import ROUTES
from parse_api.service import class_permissions, config, device_fields
from parse_api.service.schema import fields_of
from parse_api.sync import changes, page
from parse_api.writes import relations
from parse_api.writes.updates import OPERATIONS
from tests.bench.parse.agree.known import KNOWN
from tests.parse_api.app import App, refusal
from tests.parse_api.test_recorded import DIFFERENT

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "parse-api.md").read_text()
README = (ROOT / "README.md").read_text()
OF_WHERE = {"$or", "$and", "$nor", "$relatedTo", "$not", "$options", "$inQuery", "$select"}
"""What builds a where and is no test of one value."""
OF_OPTIONS = ("list", "list, get")
"""What the page calls the requests that an option is for."""
OF_COMMANDS = {"CRM_DEMO"}
"""Variables that manage.py reads besides the settings."""
OF_REQUESTS = {
    "depth of an include": "INCLUDE_DEPTH",
    "includes": "INCLUDES",
    "depth of sub-queries": "SUB_QUERY_DEPTH",
    "depth of conditions": "CONDITION_DEPTH",
    "conditions of a where": "CONDITIONS",
    "entries of an ACL": "ACL_ENTRIES",
    "requests of a batch": "BATCH",
    "stages of an aggregation": "AGGREGATE_STAGES",
    "characters of a regular expression": "MAX_PATTERN",
    "characters of a regular expression, its repetitions written out": "PATTERN_SIZE",
    "rows of a list that names no limit": "DEFAULT_ROWS",
    "rows of a list": "ROWS",
    "seconds of PostgreSQL for a regular expression": "PATTERN_SECONDS",
    "depth of a GraphQL operation": "GRAPHQL_DEPTH",
    "fields of a GraphQL operation, each as often as fragments bring it": "GRAPHQL_FIELDS",
    "fields and fragments written in a GraphQL document": "GRAPHQL_SELECTIONS",
    "times that an object, with all that it points at, shows one field of a class": "GRAPHQL_REPEATS",
    "tokens of a GraphQL document": "GRAPHQL_TOKENS",
    "characters of a GraphQL document": "GRAPHQL_CHARACTERS",
}
"""What parse_api.limits calls each."""
OTHER_LIMITS = {
    "seconds of PostgreSQL for any statement": statement_limit.LONGEST_SECONDS,
    "seconds of waiting for somebody else's write": statement_limit.LONGEST_WAIT_SECONDS,
    "objects and ids of an answer of `/changes` that is asked for without a limit": changes.PAGE,
    "bytes of such an answer, about": page.BYTES,
    "seconds of such an answer, about": page.SECONDS,
    "changes that lie between a cursor and now": changes.MOST_CHANGES,
    "bytes of a body": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    "depth of JSON": json_text.DEEPEST,
    "pointers in one change of a relation": relations.MOST,
    "characters of a GraphQL answer": run.LARGEST,
    "settings changed at once": config.MOST,
    "bytes of an installation's own fields": device_fields._MOST_BYTES,
    "roles and people of one class-level permission": class_permissions._MOST,
    "seconds that a request id counts": idempotency.SECONDS,
    "days of a session": sessions.LASTS.days,
    "sessions of one person": sessions._MOST,
    "characters of a password, at least": next(
        each.min_length for each in get_default_password_validators() if isinstance(each, MinimumLengthValidator)
    ),
    "characters of a password": LONGEST_PASSWORD,
    "wrong passwords of one account": throttle.PASSWORDS_OF_ACCOUNT.free,
    "wrong passwords from one address": throttle.PASSWORDS_FROM_ADDRESS.free,
    "sign-ups from one address": throttle.SIGN_UPS_FROM_ADDRESS.free,
    "password resets from one address": throttle.RESETS_FROM_ADDRESS.free,
}

OF_SOCKETS = {
    "queries that one connection follows": socket.SUBSCRIPTIONS,
    "connections of one person": quotas.CONNECTIONS,
    "conditions, their values and names of fields in all queries of one person": quotas.CONDITIONS,
    "sockets from one address": room.MOST_PER_ADDRESS,
    "seconds until `connect`": int(socket.CONNECT_SECONDS),
    f"seconds without any frame; a PING comes every {room.PING_SECONDS}": room.QUIET_SECONDS,
    "bytes of a message": sockets.LONGEST_MESSAGE,
    "parts of a message": sockets._MOST_PARTS,
    "frames in a burst": sockets.MESSAGES_AT_ONCE,
    "frames a second after it": sockets.MESSAGES_PER_SECOND,
    "bytes of a frame that count as one; longer ones count more": sockets._FRAME_BYTES,
    "messages that wait for an answer": socket._WAITING,
    "characters of these": socket._WAITING_CHARACTERS,
    f"bytes that an app leaves unread for {sockets.READING_SECONDS} seconds": sockets.MOST_UNREAD,
    "bytes that an app leaves unread": sockets.MOST_UNREAD_AT_ONCE,
    "changes that wait for PostgreSQL to say whether a query finds them": decider._WAITING,
    "changed objects that are told apart after rights have changed": subscriptions._MOVED,
}


class Noting(dict[str, str]):
    """An environment that notes which variables are asked for."""

    def __init__(self, values: Iterable[tuple[str, str]]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.asked.add(name)
        return super().get(name, default)


def section(title: str, text: str = PAGE) -> str:
    """Return what stands under a heading, with the smaller headings in it."""
    level = next(line.partition(" ")[0] for line in text.splitlines() if line.lstrip("#").strip() == title)
    below = text.partition(f"\n{level} {title}\n")[2]
    return re.split(rf"\n#{{1,{len(level)}}} ", below)[0]


def rows(title: str, text: str = PAGE) -> list[list[str]]:
    """Return the cells of the tables under a heading, without their heads."""
    lines = section(title, text).splitlines()
    heads = {n for n, line in enumerate(lines[:-1]) if lines[n + 1].startswith("|-")}
    heads |= {n for n, line in enumerate(lines) if line.startswith("|-")}
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for n, line in enumerate(lines)
        if line.startswith("|") and n not in heads
    ]


def quoted(text: str) -> list[str]:
    """Return what stands between backticks."""
    return re.findall(r"`([^`]+)`", text)


def firsts(*titles: str) -> list[str]:
    """Return what is quoted in the first cells of the tables under these headings."""
    return [name for title in titles for row in rows(title) for name in quoted(row[0])]


def shown(field: Field) -> str:
    """Return how the page shows a field of the class table."""
    star = "*" if field.is_required else ""
    if field.kind is Kind.POINTER:
        return f"`{field.name}`{star} → {' or '.join(field.targets)}"
    if field.kind is Kind.RELATION:
        return f"`{field.name}`{star} (Relation of {next(iter(field.targets))})"
    return f"`{field.name}`{star}" + ("" if field.kind is Kind.STRING else f" ({field.kind.wire_type})")


def cell(parse_class: ParseClass) -> str:
    """Return how the page shows the fields of a class: those of the table, then those of the schema alone."""
    own = [each for name, each in parse_class.fields.items() if name not in (*FIXED, "more")]
    types = {name: told for name, told in fields_of(parse_class).items() if name not in (*FIXED, *parse_class.fields)}
    # of a user, the fields that no app can set stand in the text
    others = [
        f"`{name}`{'*' if told.get('required') else ''}" + ("" if told["type"] == "String" else f" ({told['type']})")
        for name, told in types.items()
        if name not in ("emailVerified", "authData")
    ]
    return ", ".join([*map(shown, own), *others])


def test_every_endpoint_and_whether_its_request_id_counts() -> None:
    told = {quoted(row[0])[0]: row[3] for row in rows("Endpoints")}
    mapped = {f"{each.method} {each.path}": "once" if each.is_once else "" for each in ROUTES}
    assert told == mapped | {"POST /batch": "once"}  # which is answered before the map is asked
    assert len(told) == len(rows("Endpoints"))
    assert "/health" in quoted(section("Endpoints"))


@pytest.mark.django_db
def test_who_may_not_is_refused_as_told() -> None:
    stand_ins = {"class": "Deal", "id": "abcdefghij", "name": "x", "kind": "functions"}
    refusals = {int(code): (ParseError(code, "").status, int(code)) for code in Code} | {403: (403, None)}
    for endpoint, who, *_ in rows("Endpoints"):
        if told := re.fullmatch(r"[^,]*\((\d{3})\)", who):
            method, _, path = endpoint.strip("`").partition(" ")
            filled = re.sub(r"{(\w+)}", lambda name: stand_ins[name[1]], path)
            assert refusal(App().send(method, filled)) == refusals[int(told[1])], endpoint


def test_every_other_name_of_an_endpoint() -> None:
    told = quoted(section("Endpoints").rpartition("Also")[2].partition("with all that")[0])
    assert dict(zip(told[::2], told[1::2], strict=True)) == protocol._ALIASES


def test_every_header_and_key_of_a_body() -> None:
    told = set(quoted(section("Requests")))
    allowed = answers._HEADERS["Access-Control-Allow-Headers"].split(", ")
    assert {name for name in told if name.startswith("X-Parse-")} == {each for each in allowed if "Parse" in each}
    assert {name for name in told if name.startswith("_")} == set(protocol._BODY_KEYS)


def test_every_class_and_field_with_its_type() -> None:
    told = {quoted(row[0])[0]: row[1] for title in ("Classes", "Sessions and devices") for row in rows(title)}
    assert told == {each.name: cell(each) for each in (*CLASSES.values(), SESSION, INSTALLATION)}
    assert {*FIXED, "emailVerified", "authData"} <= set(quoted(section("Classes")))


def options() -> dict[str, str]:
    """Return each option that the page tells, and of what it is one."""
    return {name: row[-1] for row in rows("Queries") if row[-1] in OF_OPTIONS for name in quoted(row[0])}


def test_every_operator() -> None:
    told = set(firsts("Queries")) - options().keys() - set(firsts("Aggregation"))
    assert told == {*OPERATORS, *OPPOSITES, *OF_WHERE}


def test_every_option_and_of_what_it_is_one() -> None:
    assert options() == {name: "list, get" if name in OF_GET else "list" for name in OF_FIND}


def test_every_parameter_of_a_sync() -> None:
    assert sorted(firsts("Delta sync")) == sorted(changes.OPTIONS)
    assert all(name in section("Delta sync") for name in changes.SYNCED)


def test_every_stage_and_summary() -> None:
    assert sorted(firsts("Aggregation")) == sorted(STAGES)
    [group] = [row[1] for row in rows("Aggregation") if row[0] == "`$group`"]
    assert {name for name in quoted(group) if re.fullmatch(r"\$\w+", name)} == {*aggregate._SUMMARIES, "$count"}


def test_every_operation() -> None:
    assert sorted(firsts("Operations on a field")) == sorted(OPERATIONS)


def test_every_limit() -> None:
    constants = {name: each for name, each in vars(limits).items() if name.isupper() and isinstance(each, int | float)}
    assert set(OF_REQUESTS.values()) == set(constants)
    known = {what: constants[name] for what, name in OF_REQUESTS.items()} | OTHER_LIMITS
    told = {row[0]: row[1] for title in ("Limits", "Other limits") for row in rows(title)}
    assert told == {what: f"{number:,}" for what, number in known.items()}


def test_every_limit_of_sockets() -> None:
    told = {row[0]: row[1] for row in rows("Limits of sockets")}
    assert told == {what: f"{number:,}" for what, number in OF_SOCKETS.items()}


def test_every_difference_that_the_benchmark_expects() -> None:
    assert set(KNOWN.values()) <= {row[0] for row in rows("Different on purpose")}


def test_every_wait() -> None:
    told = {row[0]: row[2] for row in rows("Other limits")}
    for what, limit in (
        ("wrong passwords of one account", throttle.PASSWORDS_OF_ACCOUNT),
        ("wrong passwords from one address", throttle.PASSWORDS_FROM_ADDRESS),
        ("sign-ups from one address", throttle.SIGN_UPS_FROM_ADDRESS),
    ):
        assert re.findall(r"\d+", told[what]) == [
            str(int(Code.TOO_MANY)),
            str(limit.first_wait),
            str(limit.longest_wait // 60),
        ]


def test_every_class_level_permission() -> None:
    told = {name: row[1] for row in rows("Class-level permissions") for name in quoted(row[0])}
    model = {"view": "to view", "change": "to change", "delete": "to delete"}
    known = {operation: model[action] for operation, action in class_permissions._ACTIONS.items()}
    assert told == known | {"create": "", "addField": ""}


def test_every_error_with_status_and_meaning() -> None:
    told = [(int(row[0]), int(row[1]), row[2].replace("`", "")) for row in rows("Errors")]
    assert told == [(int(code), ParseError(code, "").status, code.meaning) for code in sorted(Code)]


def test_every_code_that_the_text_names_is_one() -> None:
    assert {int(text) for text in re.findall(r"\((\d{3})\)", PAGE)} <= {*Code, 403}


def asked_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the variables that the settings read."""
    environment = Noting(os.environ.items())
    with monkeypatch.context() as patch:
        patch.setattr(os, "environ", environment)
        patch.setattr(environ.Env, "ENVIRON", environment)
        runpy.run_path(crm_site.settings.__file__)
    return environment.asked


def test_every_variable_is_read_and_every_variable_that_is_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    read = asked_of_the_environment(monkeypatch)
    told = set(firsts("Settings"))
    assert told <= read
    assert {name for name in read if name.startswith("PARSE_")} <= told
    in_readme = [name for row in rows("Configuration", README) for name in quoted(row[0])]
    assert sorted(in_readme) == sorted(read | OF_COMMANDS)


def test_every_recorded_case_that_is_answered_in_another_way() -> None:
    assert {row[0]: row[1] for row in rows("Different on purpose") if len(row) == 2} == DIFFERENT


def test_the_readme_leads_to_both_pages() -> None:
    assert {"docs/mobile.md", "docs/parse-api.md"} <= set(
        re.findall(r"\]\(([^)]+)\)", section("For app developers", README))
    )
