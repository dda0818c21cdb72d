"""Examples in JavaScript, for the official SDK in browsers and in React Native."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from developers.keys import App

_IN_BROWSERS = ('import Parse from "parse";', "")
_IN_REACT_NATIVE = (
    'import AsyncStorage from "@react-native-async-storage/async-storage";',
    'import Parse from "parse/react-native.js";',
    "",
    "Parse.setAsyncStorage(AsyncStorage);",
)
LOG_IN = 'await Parse.User.logIn("NAME", "PASSWORD");'


def initialised(app: App, *, react_native: bool) -> str:
    """Return how an app begins."""
    lines = [
        *(_IN_REACT_NATIVE if react_native else _IN_BROWSERS),
        f"Parse.initialize({json.dumps(app.application_id)}, {json.dumps(app.javascript_key)});",
        f"Parse.serverURL = {json.dumps(app.url)};",
    ]
    return "\n".join(lines)


def created(class_name: str, values: Mapping[str, Any]) -> str:
    """Return how one is made with these values, given as JSON."""
    return "\n".join([f'const made = new Parse.Object("{class_name}");', *sets("made", values), "await made.save();"])


def sets(variable: str, values: Mapping[str, Any]) -> list[str]:
    """Return a line for each value that a variable gets."""
    return [f"{variable}.set({json.dumps(name)}, {literal(value)});" for name, value in values.items()]


def literal(value: Any) -> str:
    """Return a value, given as JSON, as the SDK takes it."""
    if isinstance(value, dict) and value.get("__type") == "Date":
        return f"new Date({json.dumps(value['iso'])})"
    if isinstance(value, dict) and value.get("__type") == "Pointer":
        return f"Parse.Object.fromJSON({json.dumps({name: value[name] for name in ('className', 'objectId')})})"
    return json.dumps(value)
