"""A request as code for the package Parse-Swift; what it has no words for, as a plain request with its session."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from developers import swift
from developers.keys import App
from developers.playground.trials import Following, Trial, as_object
from developers.swift import literal
from parse_api.classes import ALL, ParseClass
from parse_api.writes.ownership import OWNER_FIELDS

_COMPARED = {"$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<=", "$ne": "!="}
_OPTIONS = {"where", "order", "limit", "skip", "include", "keys", "count"}
_VALUES = (str, int, float)


_FOLLOWED = """let subscription = try await query.subscribeCallback()
subscription.handleEvent { _, event in
    switch event {
    case .created(let object), .entered(let object), .updated(let object), .left(let object), .deleted(let object):
        print(object)
    }
}"""


class _NoWordsError(Exception):
    """The package has no words for it, or none that are as short."""


def code(trial: Trial, app: App) -> str:
    """Return a program that begins, signs in and does what the request does."""
    parts = [swift.initialised(app.application_id, app.client_key, app.url), swift.declared(ALL["_User"])]
    try:
        done = _by_class(trial)
    except _NoWordsError:
        return "\n\n".join([*parts, swift.LOG_IN, _plain(trial, app)])
    if trial.of_class is not None and trial.of_class[0].name != "_User":
        parts.append(swift.declared(trial.of_class[0]))
    return "\n\n".join([*parts, swift.LOG_IN, done])


def to_follow(following: Following, app: App) -> str:
    """Return a program that begins, signs in and follows a query."""
    parse_class = ALL[following.class_name]
    parts = [swift.initialised(app.application_id, app.client_key, app.url), swift.declared(ALL["_User"])]
    if parse_class.name != "_User":
        parts.append(swift.declared(parse_class))
    try:
        query = f"let query = {swift.named(parse_class)}.query({', '.join(_conditions(following.where))})"
    except _NoWordsError:
        asked = json.dumps(following.where, ensure_ascii=False)
        query = f"// The package has its own words for {asked}\nlet query = {swift.named(parse_class)}.query()"
    names = {"fields": following.keys, "watch": following.watch}
    query += "".join(f".{call}({', '.join(map(json.dumps, each))})" for call, each in names.items() if each)
    return "\n\n".join([*parts, swift.LOG_IN, f"{query}\n{_FOLLOWED}"])


def _by_class(trial: Trial) -> str:
    if trial.of_class is None:
        raise _NoWordsError
    parse_class, pk = trial.of_class
    one = f"{swift.named(parse_class)}(objectId: {json.dumps(pk)})"
    if trial.method == "GET" and not pk:
        return _find(parse_class, trial.query)
    if trial.method == "GET" and not trial.query:
        return f"let found = try await {one}.fetch()"
    if trial.method == "DELETE" and pk:
        return f"try await {one}.delete()"
    values = _settable(parse_class, trial.body or {})
    if trial.method == "POST" and parse_class.name in OWNER_FIELDS:
        return swift.created(parse_class, values)
    if trial.method == "PUT" and pk:
        sets = [f"known.{name} = {literal(value)}" for name, value in values.items()]
        return "\n".join([f"var known = try await {one}.fetch().mergeable", *sets, "known = try await known.save()"])
    raise _NoWordsError


def _find(parse_class: ParseClass, query: Mapping[str, str]) -> str:
    if query.keys() - _OPTIONS:
        raise _NoWordsError
    conditions = ", ".join(_conditions(as_object("where", query.get("where", ""))))
    calls = [f"{swift.named(parse_class)}.query({conditions})"]
    names = {"include": query.get("include", ""), "select": query.get("keys", "")}
    calls += [f"{call}({_texts(value)})" for call, value in names.items() if value]
    if order := query.get("order"):
        calls.append(f"order([{', '.join(map(_order, order.split(',')))}])")
    is_count = "count" in query and query.get("limit") == "0"
    numbers = {name: query[name] for name in ("limit", "skip") if name in query and not is_count}
    if is_count != ("count" in query) or not all(value.isdecimal() for value in numbers.values()):
        raise _NoWordsError
    calls += [f"{name}({value})" for name, value in numbers.items()]
    last = "count()" if is_count else "find()"
    return f"let {'count' if is_count else 'found'} = try await {'.'.join([*calls, last])}"


def _conditions(where: Mapping[str, Any]) -> Iterator[str]:
    for name, asked in where.items():
        if name.startswith("$"):
            raise _NoWordsError
        if not isinstance(asked, dict) or "__type" in asked:
            yield f"{json.dumps(name)} == {_value(asked)}"
            continue
        if "$regex" in asked and asked.keys() <= {"$regex", "$options"}:
            yield _pattern(name, asked)
            continue
        yield from (_condition(name, operator, value) for operator, value in asked.items())


def _condition(name: str, operator: str, value: Any) -> str:
    key = json.dumps(name)
    if operator in _COMPARED:
        return f"{key} {_COMPARED[operator]} {_value(value)}"
    if operator == "$in" and isinstance(value, list):
        return f"containedIn(key: {key}, array: [{', '.join(map(_value, value))}])"
    if operator == "$exists" and isinstance(value, bool):
        return f"{'exists' if value else 'doesNotExist'}(key: {key})"
    raise _NoWordsError


def _pattern(name: str, asked: Mapping[str, Any]) -> str:
    modifiers = f", modifiers: {_value(asked['$options'])}" if "$options" in asked else ""
    return f"matchesRegex(key: {json.dumps(name)}, regex: {_value(asked['$regex'])}{modifiers})"


def _value(value: Any) -> str:
    """Return a value of a condition; a day as the package takes it."""
    if isinstance(value, dict) and value.get("__type") == "Date" and isinstance(value.get("iso"), str):
        return f"{literal(value)}!"
    if isinstance(value, _VALUES):
        return json.dumps(value, ensure_ascii=False)
    raise _NoWordsError


def _settable(parse_class: ParseClass, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the values if each has a property of the struct."""
    for name, value in values.items():
        is_day = isinstance(value, dict) and value.get("__type") == "Date" and isinstance(value.get("iso"), str)
        if name not in parse_class.fields or not (isinstance(value, _VALUES) or is_day):
            raise _NoWordsError
    return values


def _texts(value: str) -> str:
    return ", ".join(json.dumps(name.strip()) for name in value.split(","))


def _order(name: str) -> str:
    direction = "descending" if name.startswith("-") else "ascending"
    return f".{direction}({json.dumps(name.strip().removeprefix('-'))})"


def _plain(trial: Trial, app: App) -> str:
    query = f"?{urlencode(trial.query)}" if trial.query else ""
    headers = {"X-Parse-Application-Id": app.application_id, "X-Parse-Client-Key": app.client_key}
    lines = [
        f"var request = URLRequest(url: URL(string: {json.dumps(app.url + trial.path + query)})!)",
        f'request.httpMethod = "{trial.method}"',
        *(
            f"request.setValue({json.dumps(key)}, forHTTPHeaderField: {json.dumps(name)})"
            for name, key in headers.items()
        ),
        'request.setValue(try await User.sessionToken(), forHTTPHeaderField: "X-Parse-Session-Token")',
    ]
    if trial.body is not None:
        lines.append(
            f'request.httpBody = Data(#"""\n{json.dumps(trial.body, indent=2, ensure_ascii=False)}\n"""#.utf8)'
        )
    return "\n".join([*lines, "let (data, _) = try await URLSession.shared.data(for: request)"])
