"""Documents and variables with something wrong in them: refused or answered, never an internal error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from accounts.models import User
from tests.factories import make_company, make_deal, make_user
from tests.parse_api.app import MASTER, App
from tests.parse_api.graphql.asking import person, post

CASES = Path(__file__).parents[1] / "cases"
TRIES = 400
PIECES = [
    *(
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ":",
        "!",
        "$",
        "@",
        "...",
        '"',
        '"""',
        "#",
        "\\",
        "\n",
        "\0",
        "é",
        "😀",
        "null",
        "0",
    ),
    *("-1", "1e400", "99999999999", "true", "on", "fragment F on Deal", "query", "mutation", "id", "objectId", "count"),
    *(
        "__typename",
        "__schema",
        "edges",
        "node",
        "first: -1",
        "@skip(if: true)",
        "...F",
        "$f",
        "ACL",
        "users",
        "relatedTo",
    ),
]
VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    2**31,
    "",
    "x",
    "\ud83d\ude00",
    "a" * 300,
    [],
    {},
    [None],
    {"__op": "Delete"},
]
VALUES += [
    {"iso": "2030"},
    {"__type": "Date", "iso": "2030-01-01"},
    {"link": None},
    {"equalTo": None},
    {"$gt": 1},
    [[]],
]


def known() -> list[tuple[str, Any]]:
    """Return the operations of the recorded cases with their variables."""
    files = (json.loads((CASES / name).read_text()) for name in ("graphql.json", "graphql-more.json"))
    steps = (step for file in files for case in file["cases"] for step in case["steps"] if "graphql" in step)
    found = {(step["graphql"], json.dumps(step.get("variables", {}))) for step in steps}
    return [(query, json.loads(variables)) for query, variables in sorted(found)]


def broken(random: Random, text: str) -> str:
    """Return a text with a piece too many, too few or another."""
    for _ in range(random.randint(1, 3)):
        start = random.randint(0, len(text))
        end = start + random.choice([0, 0, 1, 1, 5, 20])
        text = text[:start] + random.choice([*PIECES, ""]) + text[end:]
    return text


def wrong(random: Random, value: Any) -> Any:
    """Return a value with another one somewhere in it."""
    if isinstance(value, dict) and value and random.random() < 0.8:
        key = random.choice(list(value))
        return {**value, key: wrong(random, value[key])}
    if isinstance(value, list) and value and random.random() < 0.8:
        return [wrong(random, value[0]), *value[1:]]
    return random.choice(VALUES)


def garbage(seed: int) -> Iterator[tuple[str, Any]]:
    random, right = Random(seed), known()  # noqa: S311 - the same each time
    while True:
        query, variables = random.choice(right)
        if random.random() < 0.5:
            yield broken(random, query), variables
        else:
            yield query, wrong(random, variables)


@pytest.mark.parametrize("seed", [1, 2])
def test_garbage(alice: User, seed: int) -> None:
    company = make_company(alice, name="x")
    for _ in range(3):
        make_deal(alice, company=company)
    apps = [person(alice), App(MASTER), App()]
    made = garbage(seed)
    for number in range(TRIES):
        query, variables = next(made)
        sent = json.loads(json.dumps(variables).replace("${ann.id}", alice.pk).replace("${co1}", company.pk))
        response = post(apps[number % 3], query, sent)
        assert response.status_code in (200, 400, 403, 429), (query, sent, response.content)
        body = response.json()
        assert set(body) in ({"data"}, {"errors"}, {"errors", "data"}, {"code", "error"}, {"error"})
        if body.get("code") == 209:
            apps[0] = person(make_user())  # an operation ended the session, or the account
