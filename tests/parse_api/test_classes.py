"""The class table is what the models are."""

from __future__ import annotations

import dataclasses

import pytest

from parse_api import checks
from parse_api.classes import ALL, CLASSES, Field, Kind


def test_the_table_has_no_mistake() -> None:
    assert checks.check_classes() == []


@pytest.mark.parametrize(
    "wrong",
    [
        Field("stage", Kind.STRING, "nonesuch"),
        Field("stage", Kind.DATE, "stage"),
        Field("company", Kind.POINTER, targets={"Contact": "company_id"}),
        Field("company", Kind.POINTER, targets={"Company": "company"}),
    ],
)
def test_a_mistake_is_found(monkeypatch: pytest.MonkeyPatch, wrong: Field) -> None:
    deal = dataclasses.replace(CLASSES["Deal"], fields={**CLASSES["Deal"].fields, wrong.name: wrong})
    monkeypatch.setattr(checks, "ALL", {**ALL, "Deal": deal})
    (problem,) = checks.check_classes()
    assert problem.id == "parse_api.E001"
    assert f"Deal.{wrong.name}" in problem.msg
