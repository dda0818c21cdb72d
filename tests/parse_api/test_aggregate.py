"""Aggregation with the master key."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from accounts.models import User
from companies.models import Company
from tests.factories import make_activity, make_company, make_deal
from tests.parse_api.app import MASTER, App, refusal

DAY = datetime(2030, 1, 2, tzinfo=UTC)


def send(class_name: str = "Deal", **params: Any) -> Any:
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in params.items()}
    return App(MASTER).get(f"/aggregate/{class_name}?{urlencode(texts)}")


def results(*pipeline: Any, class_name: str = "Deal", **params: Any) -> Any:
    answer = send(class_name, pipeline=list(pipeline), **params)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


@pytest.fixture
def acme(alice: User) -> Company:
    company = make_company(alice, name="Acme")
    for title, stage, amount in (("a", "won", 5), ("b", "won", 7.5), ("c", "lead", None), ("d", None, 1)):
        make_deal(alice, title=title, stage=stage, amount=amount, company=company if amount else None)
    make_deal(alice, title="e", stage="Lead", expected_close_date=DAY)
    return company


def test_groups_and_sums(acme: Company) -> None:
    del acme
    total = {"_id": "$stage", "total": {"$sum": "$amount"}, "n": {"$sum": 1}, "twice": {"$sum": 2}, "c": {"$count": {}}}
    rows = results({"$group": total}, {"$sort": {"total": -1, "objectId": 1}})
    assert rows == [
        {"objectId": "won", "total": 12.5, "n": 2, "twice": 4, "c": 2},
        {"objectId": None, "total": 1, "n": 1, "twice": 2, "c": 1},
        {"objectId": "Lead", "total": 0, "n": 1, "twice": 2, "c": 1},
        {"objectId": "lead", "total": 0, "n": 1, "twice": 2, "c": 1},
    ]
    of_all = {"_id": None, "low": {"$min": "$amount"}, "high": {"$max": "$amount"}, "mean": {"$avg": "$amount"}}
    assert results({"$group": of_all}) == [{"objectId": None, "low": 1, "high": 7.5, "mean": 4.5}]
    texts = {"_id": None, "first": {"$min": "$stage"}, "day": {"$max": "$expectedCloseDate"}}
    day = {"__type": "Date", "iso": "2030-01-02T00:00:00.000Z"}
    assert results({"$group": texts}) == [{"objectId": None, "first": "Lead", "day": day}]
    assert results({"$match": {"title": "none"}}, {"$group": of_all}) == []
    assert results({"$match": {"title": "c"}}, {"$group": of_all}) == [
        {"objectId": None, "low": None, "high": None, "mean": None}
    ]


def test_stages_may_be_parameters(acme: Company) -> None:
    del acme
    group = {"_id": "$stage", "total": {"$sum": "$amount"}}
    stages: dict[str, Any] = {"$match": {"stage": "won"}, "$group": group}
    answer = send(**stages)
    assert answer.json() == {"results": [{"objectId": "won", "total": 12.5}]}
    body = {"_method": "GET", "pipeline": [{"$match": {"stage": "won"}}, {"$group": group}], "hint": "x"}
    assert App(MASTER).post("/aggregate/Deal", body).json() == answer.json()
    assert send(where={"stage": "won"}, pipeline=[{"$group": group}]).json() == answer.json()


def test_keys_of_groups_can_be_pointers_and_several(acme: Company, alice: User) -> None:
    pointer = {"__type": "Pointer", "className": "Company", "objectId": acme.pk}
    rows = results({"$group": {"_id": "$company", "n": {"$sum": 1}}}, {"$sort": {"n": 1}})
    assert rows == [{"objectId": None, "n": 2}, {"objectId": pointer, "n": 3}]
    both = {"_id": {"stage": "$stage", "company": "$company"}, "n": {"$sum": 1}}
    assert {"objectId": {"stage": "won", "company": pointer}, "n": 2} in results({"$group": both})
    deal = make_deal(alice)
    make_activity(alice, related_deal=deal)
    rows = results({"$group": {"_id": "$relatedTo"}}, class_name="Activity")
    assert rows == [{"objectId": {"__type": "Pointer", "className": "Deal", "objectId": deal.pk}}]


def test_rows_are_sorted_cut_and_projected(acme: Company) -> None:
    del acme
    titles = {"$project": {"title": 1, "objectId": 0}}
    assert results({"$sort": {"title": -1}}, {"$skip": 1}, {"$limit": 2}, titles) == [{"title": "d"}, {"title": "c"}]
    assert results({"$sort": {"amount": 1}}, titles)[-1] == {"title": "b"}
    cut = ({"$sort": {"title": 1}}, {"$limit": 2}, {"$match": {"stage": "won"}}, {"$sort": {"amount": -1}})
    assert results(*cut, titles) == [{"title": "b"}, {"title": "a"}]
    assert results({"$limit": 2}, {"$group": {"_id": None, "n": {"$sum": 1}}}) == [{"objectId": None, "n": 2}]
    renamed = results({"$match": {"title": "a"}}, {"$project": {"name": "$title", "value": "$amount"}})
    assert [set(row) for row in renamed] == [{"objectId", "name", "value"}]
    [row] = results({"$match": {"title": "a"}}, {"$project": {"company": False}})
    assert not {"ACL", "company"} & set(row)
    assert row["createdAt"].endswith("Z")


def test_rows_are_cut_without_an_order_and_keep_the_one_they_have(acme: Company) -> None:
    del acme
    titles = {"$project": {"title": 1, "objectId": 0}}

    def found(*stages: Any) -> str:
        return "".join(row["title"] for row in results(*stages, titles))

    assert found({"$skip": 1}, {"$limit": 2}, {"$skip": 1}) == "c"
    assert found({"$limit": 4}, {"$limit": 2}) == "ab"
    assert found({"$limit": 1}, {"$skip": 3}) == ""
    assert found({"$skip": 2**31 - 1}) == ""
    assert found({"$limit": 3}, {"$match": {"stage": "won"}}, {"$skip": 1}) == "b"
    assert found({"$sort": {"title": -1}}, {"$limit": 4}, {"$match": {"stage": {"$exists": True}}}) == "ecb"
    assert results({"$skip": 1}, {"$limit": 3}, {"$group": {"_id": None, "n": {"$sum": 1}}})[0]["n"] == 3


def test_groups_are_narrowed_and_projected(acme: Company) -> None:
    del acme
    group = {"$group": {"_id": "$stage", "n": {"$sum": 1}}}
    assert results(group, {"$match": {"n": {"$gt": 1}}}) == [{"objectId": "won", "n": 2}]
    assert results(group, {"$match": {"_id": {"$in": ["lead"]}}}, {"$project": {"k": "$_id", "_id": 0}}) == [
        {"k": "lead"}
    ]
    assert results(group, {"$match": {"n": {"$gte": "1"}}}) == []
    assert len(results(group, {"$sort": {"n": 1}}, {"$skip": 1}, {"$limit": 2})) == 2


def test_distinct_values(acme: Company) -> None:
    assert send(distinct="stage").json() == {"results": ["Lead", "lead", "won"]}
    assert send(distinct="stage", where={"title": {"$lt": "c"}}).json() == {"results": ["won"]}
    assert send(distinct="company").json()["results"] == [
        {"__type": "Pointer", "className": "Company", "objectId": acme.pk}
    ]
    assert send(distinct="amount").json() == {"results": [1, 5, 7.5]}
    assert send(distinct="nonesuch").json() == send("Nope", distinct="x").json() == {"results": []}


@pytest.mark.parametrize(
    ("pipeline", "code"),
    [
        ([{"$lookup": {}}], 102),
        ([{"$out": "x"}], 102),
        ([{"group": {"objectId": None}}], 102),
        ([{"$match": {}, "$limit": 1}], 102),
        ([5], 102),
        ([{"$match": []}], 102),
        ([{"$match": {"two words": 1}}], 105),
        ([{"$match": {"stage": {"$nonesuch": 1}}}], 102),
        ([{"$match": {"stage": {"$regex": "("}}}], 102),
        ([{"$match": {"stage": {"$regex": "(a+)+$"}}}, {"$group": {"_id": "$stage"}}], None),
        ([{"$match": {"$expr": {"$function": {"body": "x"}}}}], 105),
        ([{"$group": {"objectId": "$stage"}}], 102),
        ([{"$group": {"_id": "stage"}}], 102),
        ([{"$group": {"_id": "$nonesuch"}}], 102),
        ([{"$group": {"_id": "$ACL"}}], 102),
        ([{"$group": {"_id": None, "x": {"$sum": "$stage"}}}], 102),
        ([{"$group": {"_id": None, "x": {"$push": "$stage"}}}], 102),
        ([{"$group": {"_id": None, "x": 5}}], 102),
        ([{"$group": {"_id": None, "x": {"$sum": {"$sum": 1}}}}], 102),
        ([{"$group": {"_id": None}}, {"$group": {"_id": None}}], 102),
        ([{"$group": {"_id": None}}, {"$match": {"x": {"$where": "1"}}}], 102),
        ([{"$sort": {}}], 102),
        ([{"$sort": {"title": "up"}}], 102),
        ([{"$sort": {"nonesuch": 1}}], 102),
        ([{"$limit": 0}], 102),
        ([{"$limit": 1.5}], 102),
        ([{"$skip": -1}], 102),
        ([{"$skip": 10**18}], 102),
        ([{"$project": {"x": {"$add": [1, 2]}}}], 102),
        ([{"$project": {"title": 1, "stage": 0}}], 102),
        ([{"$project": {"title": 1}}, {"$match": {}}], 102),
        ([{"$match": {}}] * 21, 102),
        ("{", 107),
        ('[{"$group":{"_id":null,"x":{"$sum":1e400}}}]', 107),
        ('[{"$group":{"_id":null,"x":{"$sum":NaN}}}]', 107),
        ('[{"$group":{"_id":null,"x":{"$sum":-Infinity}}}]', 107),
        ([{"$group": {"_id": None, "x": {"$sum": 1.1e308}}}], 102),
        ([{"$group": {"_id": None, "x": {"$sum": 10**308}}}], 102),
        ([{"$match": {"stage": "a\0"}}], 111),
    ],
    ids=str,
)
def test_bad_pipeline_is_refused(acme: Company, pipeline: Any, code: int | None) -> None:
    del acme
    answer = send(pipeline=pipeline)
    if code is None:
        assert answer.status_code == 200
    else:
        assert refusal(answer) == (400, code)


def test_other_parameters_are_refused(db: None) -> None:
    del db
    assert refusal(send(nonesuch={})) == (400, 102)
    assert refusal(send(pipeline=[], nonesuch={})) == (400, 102)
    assert refusal(send(distinct="stage", nonesuch=1)) == (400, 102)
    assert refusal(send(distinct="ACL")) == (400, 102)
    assert refusal(send(distinct="users", where="{")) == (400, 107)
