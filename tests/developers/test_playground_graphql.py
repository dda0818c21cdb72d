"""Operations of GraphQL that are ready to be tried are of the schema and succeed; the page hands the schema over."""

from __future__ import annotations

import pytest
from django.test import Client
from graphql import build_client_schema, parse, print_schema, validate

from accounts.models import User
from developers.playground.queries import ready_queries
from developers.playground.ready import ANY_CLASS
from developers.playground.trials import PLACEHOLDER
from parse_api.classes import ALL
from parse_api.graphql.schema import SCHEMA
from tests.developers.test_playground_requests import known
from tests.factories import signed_in
from tests.parse_api.app import signed_in_app
from tests.parse_api.conftest import keys as keys
from tests.parse_api.conftest import no_attempts as no_attempts

SCHEMA_URL = "/developers/graphql/schema.json"


@pytest.mark.django_db
@pytest.mark.parametrize("class_name", [*ALL, ANY_CLASS])
def test_each_succeeds(class_name: str, alice: User) -> None:
    app = signed_in_app(alice)
    pk = known(class_name, alice) if class_name else ""
    for each in ready_queries(class_name):
        assert validate(SCHEMA, parse(each.text)) == [], each.text
        query = each.text.replace(PLACEHOLDER, pk)
        answer = app.client.post("/graphql", {"query": query}, content_type="application/json", headers=app.headers)
        assert answer.status_code == 200, answer.content
        assert "errors" not in answer.json(), (each.key, answer.content)
        assert each.text.startswith(f"{each.label} {{")


@pytest.mark.django_db
def test_page_hands_the_schema_over(alice: User) -> None:
    client = signed_in(alice)
    answer = client.get(SCHEMA_URL)
    assert print_schema(build_client_schema(answer.json())) == print_schema(SCHEMA)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    again = client.get(SCHEMA_URL, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert Client().get(SCHEMA_URL).status_code == 302


@pytest.mark.django_db
def test_policy_of_the_page_is_that_of_all_others(alice: User) -> None:
    client = signed_in(alice)
    policies = [
        client.get(path).headers["Content-Security-Policy"] for path in ("/developers/graphql/", "/developers/")
    ]
    directives = [dict(part.strip().partition(" ")[::2] for part in policy.split(";")) for policy in policies]
    nonces = [directives[0].pop(name).removeprefix(directives[1].pop(name)) for name in ("script-src", "style-src")]
    assert directives[0] == directives[1]
    assert all(nonce.startswith(" 'nonce-") and nonce.count("'") == 2 for nonce in nonces)
