"""What the document allows to ask is asked: no fault of the server, and no answer that is not in the document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import ApiSession, User
from developers.openapi.document import document
from developers.openapi.operations import OPERATIONS, Details
from parse_api.models import Installation
from tests.factories import PASSWORD, make_activity, make_company, make_contact, make_deal, make_role
from tests.parse_api.app import MASTER, REST, signed_in_app
from tests.parse_api.conftest import keys as keys
from tests.parse_api.conftest import no_attempts as no_attempts

pytestmark = pytest.mark.django_db
DOCUMENT = document("http://testserver/parse")
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
FEW = settings(
    max_examples=4,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
BODIES: dict[str, dict[str, Any]] = {
    "POST /login": {"username": "alice", "password": PASSWORD},
    "POST /verifyPassword": {"email": "alice@example.com", "password": PASSWORD},
    "POST /users": {"username": "anna", "password": "a password of some length", "email": "anna@example.com"},
    "POST /requestPasswordReset": {"email": "nobody@example.com"},
    "POST /classes/_Role": {"name": "Buyers", "ACL": {"*": {"read": True}}},
    "POST /loginAs": {},
}
"""Bodies that say what is in no document, such as a password: others are refused."""
NEEDS_MORE = {*BODIES, "GET /login", "GET /verifyPassword"}
AREAS = sorted({path.split("/")[1] for path in DOCUMENT["paths"]})


@pytest.fixture
def token(alice: User) -> str:
    """Return Alice's session token."""
    return signed_in_app(alice).token


@pytest.fixture
def ids(alice: User, token: str) -> dict[str, str]:
    """Return the objectId of something of Alice's by where it is."""
    company = make_company(alice)
    contact = make_contact(alice, company=company)
    deal = make_deal(alice, company=company, contact=contact)
    role = make_role("Team", alice)
    device = Installation.objects.create(installation_id="one", device_type="ios")
    return {
        "/users": alice.pk,
        "/sessions": ApiSession.objects.of(alice).get().pk,
        "/installations": device.pk,
        "/classes/_Role": role.object_id,
        "/classes/Company": company.pk,
        "/classes/Contact": contact.pk,
        "/classes/Deal": deal.pk,
        "/classes/Activity": make_activity(alice, related_deal=deal).pk,
    }


@pytest.fixture
def site(ids: dict[str, str]) -> Iterator[Any]:
    """Return the site, which keeps its connection from one request to the next: a test is one transaction.

    Django's test client, with which `ids` were made, does the same for each of its requests.
    """
    del ids
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    application = get_wsgi_application()
    yield lambda environ, start: application({**environ, "REMOTE_ADDR": "127.0.0.1"}, start)
    for signal in signals:
        signal.connect(close_old_connections)


def asked(operation: Any, ids: dict[str, str], headers: dict[str, str], answered: set[int]) -> Callable[[], None]:
    """Return a test that asks an operation of what is there, and takes back what it wrote."""

    @FEW
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        if "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = ids[operation.path.partition("/{id}")[0]]
        case.headers.update(headers)
        with transaction.atomic():
            response = case.call()
            transaction.set_rollback(True)
        answered.add(response.status_code)
        case.validate_response(response, checks=CHECKS)

    return ask


@pytest.mark.parametrize("area", AREAS)
def test_answers_are_those_of_the_document(area: str, site: Any, ids: dict[str, str], token: str) -> None:
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    schema.app = site
    answered: dict[str, set[int]] = {}
    for headers in (REST | {"X-Parse-Session-Token": token}, MASTER):
        for found in schema.get_all_operations():
            assert isinstance(found, Ok), found
            operation = found.ok()
            if operation.path.split("/")[1] == area:
                asked(operation, ids, headers, answered.setdefault(operation.label, set()))()
    refused = {name for name, statuses in answered.items() if min(statuses) >= HTTPStatus.BAD_REQUEST}
    assert answered
    assert {name for name in refused if described(name).answers} <= NEEDS_MORE


@pytest.mark.parametrize("label", BODIES)
def test_success_is_that_of_the_document(label: str, site: Any, ids: dict[str, str]) -> None:
    method, _, path = label.partition(" ")
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    schema.app = site
    body = BODIES[label] or {"userId": ids["/users"]}
    case = schema[path][method].Case(body=body, media_type="application/json", headers=MASTER)
    response = case.call()
    assert response.status_code in described(label).answers, response.text
    case.validate_response(response, checks=CHECKS)


def described(label: str) -> Details:
    """Return the details of an operation that is named by verb and path."""
    method, _, path = label.partition(" ")
    return OPERATIONS[method, path]
