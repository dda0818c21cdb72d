"""A request as code for the JavaScript SDK; what the SDK has no words for, as a plain request with its session."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from developers import javascript
from developers.keys import App
from developers.playground.trials import Following, Trial, as_object
from parse_api.writes.ownership import OWNER_FIELDS

_WHOLE = {
    ("GET", "/users/me"): "const user = await Parse.User.currentAsync();\n"
    "const me = await Parse.User.me(user.getSessionToken());",
    ("GET", "/sessions/me"): "const session = await Parse.Session.current();",
    ("GET", "/config"): "const config = await Parse.Config.get();",
}
_NUMBERS = ("limit", "skip", "count")
_NUMBER = re.compile(r"[0-9]{1,15}")
_TYPES = {"Date": {"iso"}, "Pointer": {"className", "objectId"}}
"""What `literal` writes, with what it needs of each."""


def code(trial: Trial, app: App, *, react_native: bool) -> str:
    """Return a program that begins, signs in and does what the request does."""
    done = _WHOLE.get((trial.method, trial.path)) or _by_class(trial) or _plain(trial, app)
    return "\n\n".join([javascript.initialised(app, react_native=react_native), javascript.LOG_IN, done])


def to_follow(following: Following, app: App, *, react_native: bool) -> str:
    """Return a program that begins, signs in and follows a query."""
    options = {"where": following.where, "keys": ",".join(following.keys), "watch": ",".join(following.watch)}
    lines = [
        _query(following.class_name, {name: value for name, value in options.items() if value}),
        "const subscription = await query.subscribe();",
        'for (const kind of ["create", "enter", "update", "leave", "delete"]) {',
        "  subscription.on(kind, (object) => console.log(kind, object.toJSON()));",
        "}",
    ]
    return "\n\n".join([javascript.initialised(app, react_native=react_native), javascript.LOG_IN, "\n".join(lines)])


def _by_class(trial: Trial) -> str:
    """Return what is done with objects of a class; "" for what is not that, or not to be said so."""
    if trial.of_class is None:
        return ""
    parse_class, pk = trial.of_class
    if trial.method == "GET":
        return _get(parse_class.name, pk, trial.query) if pk else _find(parse_class.name, trial.query)
    if not all(map(_is_value, (trial.body or {}).values())):
        return ""
    if trial.method == "POST" and parse_class.name in OWNER_FIELDS:
        return javascript.created(parse_class.name, trial.body or {})
    if not pk:
        return ""
    known = f"const known = Parse.Object.fromJSON({_object({'className': parse_class.name, 'objectId': pk})});"
    last = ["await known.destroy();"] if trial.method == "DELETE" else ["await known.save();"]
    return "\n".join([known, *javascript.sets("known", trial.body or {}), *last])


def _find(class_name: str, query: Mapping[str, str]) -> str:
    options = {name: _option(name, value) for name, value in query.items()}
    if options.get("count") and options.get("limit") == 0:
        wanted = {name: value for name, value in options.items() if name not in ("count", "limit")}
        return f"{_query(class_name, wanted)}\nconst count = await query.count();"
    return f"{_query(class_name, options)}\nconst found = await query.find();"


def _get(class_name: str, pk: str, query: Mapping[str, str]) -> str:
    options = {name: _option(name, value) for name, value in query.items()}
    return f"{_query(class_name, options)}\nconst found = await query.get({json.dumps(pk)});"


def _query(class_name: str, options: Mapping[str, Any]) -> str:
    if not options:
        return f'const query = new Parse.Query("{class_name}");'
    return f'const query = Parse.Query.fromJSON("{class_name}", {_object(options)});'


def _option(name: str, value: str) -> Any:
    if name == "where":
        return as_object(name, value)
    return int(value) if name in _NUMBERS and _NUMBER.fullmatch(value) else value


def _plain(trial: Trial, app: App) -> str:
    query = f"?{urlencode(trial.query)}" if trial.query else ""
    lines = [
        "const user = await Parse.User.currentAsync();",
        f"const answer = await fetch({json.dumps(app.url + trial.path + query)}, {{",
        f'  method: "{trial.method}",',
        "  headers: {",
        f'    "X-Parse-Application-Id": {json.dumps(app.application_id)},',
        f'    "X-Parse-JavaScript-Key": {json.dumps(app.javascript_key)},',
        '    "X-Parse-Session-Token": user.getSessionToken(),',
        "  },",
        *([f"  body: JSON.stringify({_indented(trial.body)}),"] if trial.body is not None else []),
        "});",
        "const found = await answer.json();",
    ]
    return "\n".join(lines)


def _is_value(value: Any) -> bool:
    """Tell whether a field is set to a value that `literal` writes, and not changed by an operation."""
    if not isinstance(value, dict):
        return True
    if any(value.get("__type") == name and needed <= value.keys() for name, needed in _TYPES.items()):
        return True
    return not {"__type", "__op"} & value.keys()


def _object(value: Mapping[str, Any]) -> str:
    """Return an object as people write it: its own names without quotes."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return re.sub(r'^( *)"([A-Za-z_]\w*)":', r"\1\2:", text, flags=re.MULTILINE)


def _indented(value: Any) -> str:
    return _object(value).replace("\n", "\n  ")
