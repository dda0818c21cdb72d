"""The OpenAPI document: valid, complete, and true to what the tables and the server say."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from openapi_spec_validator import OpenAPIV31SpecValidator

from accounts.models import User
from developers.openapi import parameters
from developers.openapi.document import document, operations
from developers.openapi.operations import OPERATIONS
from parse_api.classes import ALL
from parse_api.errors import Code
from parse_api.queries.options import OF_FIND
from parse_api.queries.pipeline import STAGES
from parse_api.routes import ROUTES, find_route
from parse_api.service.schema import fields_of
from parse_api.sync.changes import OPTIONS
from tests.factories import signed_in

DOCUMENT = document("https://crm.example.com/parse")
SCHEMAS = DOCUMENT["components"]["schemas"]


def test_it_is_valid() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()
    assert DOCUMENT["openapi"].startswith("3.1")


def test_every_route_is_described_and_nothing_else() -> None:
    described = {(method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item}
    assert described == set(OPERATIONS)
    found = {find_route(method, path)[0] for method, path in described - {("POST", "/batch"), ("GET", "/health")}}
    assert found == set(ROUTES)


def test_an_operation_is_answered_by_the_route_it_is_made_of() -> None:
    for operation in operations():
        if operation.path not in ("/batch", "/health"):
            assert find_route(operation.method, operation.path)[0].endpoint is operation.endpoint, operation


def test_every_field_of_every_class() -> None:
    for parse_class in ALL.values():
        told = set(SCHEMAS[f"{parse_class.name}Fields"]["properties"]) - {"__type", "className"}
        known = set(fields_of(parse_class)) - {"password"}
        assert told == known | ({"sessionToken"} if parse_class.name == "_User" else set())
    assert SCHEMAS["DealBody"]["properties"].keys() == fields_of(ALL["Deal"]).keys() - {
        "objectId",
        "createdAt",
        "updatedAt",
    }


def test_every_option_and_every_code() -> None:
    assert set(parameters.OF_QUERIES) == OF_FIND
    assert set(parameters.OF_CHANGES) == OPTIONS
    assert set(STAGES) <= set(parameters.OF_AGGREGATE)
    assert SCHEMAS["Error"]["properties"]["code"]["enum"] == [int(code) for code in Code]
    told = "\n".join(each["description"] for each in DOCUMENT["components"]["responses"].values())
    assert [code for code in Code if f"- {int(code)}:" not in told] == [Code.INTERNAL]


def test_every_operation_says_what_it_does() -> None:
    summaries = [each["summary"] for item in DOCUMENT["paths"].values() for each in item.values()]
    assert all(len(text) > 10 and text.endswith(".") and "  " not in text for text in summaries)


def test_what_a_deal_is() -> None:
    fields: dict[str, Any] = SCHEMAS["DealFields"]["properties"]
    assert fields["amount"] == {"type": "number"}
    assert fields["expectedCloseDate"] == {"$ref": "#/components/schemas/Date"}
    assert fields["createdAt"]["format"] == "date-time"
    pointer, whole = fields["company"]["anyOf"]
    assert pointer["allOf"][1] == {"properties": {"className": {"enum": ["Company"]}}}
    assert whole == {"$ref": "#/components/schemas/CompanyFields"}
    create = DOCUMENT["paths"]["/classes/Deal"]["post"]
    assert create["requestBody"]["content"]["application/json"]["schema"]["required"] == ["title"]
    assert {"applicationId": [], "restKey": [], "sessionToken": []} in create["security"]


def test_the_command_prints_it(settings: Any) -> None:
    settings.CRM_ORIGIN = "https://crm.example.com"
    out = StringIO()
    call_command("openapi", stdout=out)
    assert json.loads(out.getvalue()) == json.loads(json.dumps(DOCUMENT))


@pytest.mark.parametrize("path", [path for path in DOCUMENT["paths"] if "{" in path])
def test_every_name_in_a_path_is_a_parameter(path: str) -> None:
    names = [part.strip("{}") for part in path.split("/") if part.startswith("{")]
    for operation in DOCUMENT["paths"][path].values():
        assert [each["name"] for each in operation["parameters"] if each["in"] == "path"] == names


@pytest.mark.django_db
def test_it_is_served_to_who_is_signed_in(alice: User) -> None:
    answer = signed_in(alice).get("/developers/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["servers"] == [{"url": "http://testserver/parse"}]
    assert answer.json()["paths"].keys() == DOCUMENT["paths"].keys()
