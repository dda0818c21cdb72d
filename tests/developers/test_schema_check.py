"""Whether an app's schema fits, and what is answered to what is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from developers.schema_check import LONGEST, Difference, UnreadableSchemaError, differences
from parse_api.classes import ALL
from parse_api.service.schema import fields_of, importable
from tests.factories import signed_in

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["classes", "className", "fields", "type", "targetClass", "required"]), inner)
    ),
    max_leaves=12,
)
CLASS = st.fixed_dictionaries(
    {
        "className": st.sampled_from([*ALL, "Nothing"]),
        "fields": st.dictionaries(
            st.sampled_from([name for each in ALL.values() for name in each.fields]),
            st.dictionaries(st.sampled_from(["type", "targetClass", "required"]), JSON),
        ),
    }
)


def problems(schema: Any) -> dict[str, str]:
    return {each.place: each.text for each in differences(json.dumps(schema)) if each.is_problem}


def deal(**changes: Any) -> dict[str, Any]:
    """Return the schema of deals with some fields changed; None takes one out."""
    fields = fields_of(ALL["Deal"]) | changes
    return {"className": "Deal", "fields": {name: field for name, field in fields.items() if field is not None}}


def test_ours_fits_in_every_form() -> None:
    classes = importable()["classes"]
    assert differences(json.dumps({"classes": classes})) == []
    assert differences(json.dumps({"results": classes})) == []
    assert differences(json.dumps(classes)) == []
    assert [each.place for each in differences(json.dumps(deal()))] == ["Company", "Contact", "Activity"]


def test_what_does_not_fit() -> None:
    assert problems(deal(amount={"type": "String"})) == {"Deal.amount": "The type is Number here, not String."}
    assert problems(deal(colour={"type": "String"})) == {"Deal.colour": "There is no such field here."}
    assert problems(deal(title=None)) == {"Deal.title": "Required here, and not in the app's schema."}
    assert problems(deal(title={"type": "String", "required": False})) == {"Deal.title": "It is required here."}
    pointer = {"type": "Pointer", "targetClass": "Deal"}
    assert problems(deal(company=pointer)) == {"Deal.company": "It names Company here, not Deal."}
    assert problems({"className": "Lead", "fields": {}}) == {"Lead": "There is no such class here."}


def test_what_is_no_problem() -> None:
    found = differences(json.dumps(deal(notes=None)))
    assert Difference("Deal.notes", "The app does not have this field.", is_problem=False) in found
    for target in ("Contact", "Deal"):
        fields = fields_of(ALL["Activity"]) | {"relatedTo": {"type": "Pointer", "targetClass": target}}
        assert problems({"className": "Activity", "fields": fields}) == {}
    device = {"className": "_Installation", "fields": {"favourite": {"type": "String"}}}
    assert problems(device) == {}


HOSTILE = {
    "nothing": "",
    "no JSON": "{",
    "a number": "1",
    "an empty list": "[]",
    "null": "null",
    "deep": "[" * 5_000 + "]" * 5_000,
    "infinite": '{"className": "Deal", "fields": {"amount": {"type": Infinity}}}',
    "no name": '{"fields": {}}',
    "a name that is none": '{"className": ["Deal"], "fields": {}}',
    "no fields": '{"className": "Deal"}',
    "a field that is none": '{"className": "Deal", "fields": {"title": 1}}',
    "classes that are none": '{"classes": {"className": "Deal"}}',
    "NUL": '{"className": "\\u0000", "fields": {}}',
    "half a character": '{"className": "\\ud800", "fields": {}}',
    "the same twice": '{"className": "Deal", "className": "Deal", "fields": {}}',
    "long": " " * (LONGEST + 1),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_schema_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(UnreadableSchemaError, match=r"\w{3,}.*\.$"):
        differences(text)


@given(st.lists(CLASS | JSON, max_size=4) | JSON)
def test_any_json_is_compared_or_refused(value: Any) -> None:
    try:
        found = differences(json.dumps(value))
    except UnreadableSchemaError:
        return
    assert all(each.place and each.text for each in found)


@pytest.mark.django_db
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_page_refuses_it_too(text: str, alice: User) -> None:
    answer = signed_in(alice).post("/developers/schema/", {"schema": text})
    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()


@pytest.mark.django_db
def test_page_shows_differences_as_text(alice: User) -> None:
    schema = deal(amount={"type": "<b>String</b>"}, **{"<script>alert(1)</script>": {"type": "String"}})
    answer = signed_in(alice).post("/developers/schema/", {"schema": json.dumps(schema)})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "It does not fit" in page
    assert "not &lt;b&gt;String&lt;/b&gt;." in page
    assert "<script>alert" not in page


@pytest.mark.django_db
def test_page_shows_some_of_very_many(alice: User) -> None:
    schema = deal(**{f"field{number}": {"type": "String"} for number in range(1_000)})
    page = signed_in(alice).post("/developers/schema/", {"schema": json.dumps(schema)}).content.decode()
    assert page.count("There is no such field here.") == 200
    assert "And 800 more." in page
