"""Sends the requests of a recorded case to a server and compares what comes back with what a real server answered."""

from __future__ import annotations

import json
import re
import secrets
from base64 import b64encode
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import urlencode
from urllib.request import HTTPErrorProcessor, Request, build_opener

_VARIABLE = re.compile(r"\$\{([^}]+)\}")
_PLACEHOLDER = re.compile(r"<([^<>]+)>")
_KEY_HEADERS = {
    "rest": {"X-Parse-REST-API-Key": "rest"},
    "js": {"X-Parse-Javascript-Key": "js"},
    "client": {"X-Parse-Client-Key": "client"},
    "master": {"X-Parse-Master-Key": "master"},
}
_DATE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
_FORMS = {
    "date": _DATE,
    "later date": _DATE,
    "message": r"(?s:.+)",
    "id": r"[A-Za-z0-9]{10}",
    "token": r"r:[0-9a-f]{32}",
}


class _KeepsErrors(HTTPErrorProcessor):
    """Returns a refusal like any answer, and follows no redirect."""

    def http_response(self, request: Request, response: Any) -> Any:
        """Return it."""
        del request
        return response


class Reply(NamedTuple):
    """What came back."""

    status: int
    body: Any
    headers: Message


class Replay:
    """One run of one case; `values` are what `${name}` and `<name>` stand for."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.opener = build_opener(_KeepsErrors)
        self.values = {"u": f"u{secrets.token_hex(6)}", "mount": "/parse", "base": base, "appId": "crm", "jsKey": "js"}
        self.values |= {"restKey": "rest", "clientKey": "client", "masterKey": "master"}
        self.values["basicJs"] = b64encode(b"crm:javascript-key=js").decode()

    def difference(self, case: dict[str, Any]) -> str:
        """Run the case; return where its answers first differ, "" when nowhere."""
        for name in case.get("users") or ():
            self._sign_up(name)
        for number, step in enumerate(case["steps"], 1):
            reply = self._send(step)
            for label, path in step.get("save", {}).items():
                self.values[label] = _at(reply.body, path)
            if step.get("setup"):
                assert reply.status < 400, reply
            elif found := self._compare(step, reply):
                return f"step {number}: {found}"
        return ""

    def _sign_up(self, name: str) -> None:
        unique = f"{name}-{self.values['u']}"
        person = {"username": unique, "password": f"pw-{unique}", "email": f"{unique}@example.test"}
        reply = self._send({"method": "POST", "path": "/users", "body": person})
        assert reply.status == 201, reply
        known = {"name": unique, "password": person["password"], "email": person["email"]}
        known |= {"id": reply.body["objectId"], "token": reply.body["sessionToken"]}
        self.values |= {f"{name}.{key}": value for key, value in known.items()}

    def _send(self, step: dict[str, Any]) -> Reply:
        headers = {"Content-Type": step.get("content_type", "application/json")}
        if (keys := step.get("keys", "rest")) != "none":
            headers |= {"X-Parse-Application-Id": "crm"} | _KEY_HEADERS[keys]
        if "as" in step:
            headers["X-Parse-Session-Token"] = self.values[f"{step['as']}.token"]
        headers |= self._filled(step.get("headers", {}))
        query = {
            key: value if isinstance(value, str) else json.dumps(value) for key, value in step.get("query", {}).items()
        }
        text = step.get("raw") or (json.dumps(step["body"]) if "body" in step else None)
        url = self.base + self._filled(step["path"]) + ("?" + urlencode(self._filled(query)) if query else "")
        data = None if text is None else self._filled(text).encode()
        sent = {name: value for name, value in headers.items() if value is not None}
        request = Request(url, data, sent, method=step.get("method", "GET"))  # noqa: S310 - our own live server
        with self.opener.open(request, timeout=30) as response:
            return Reply(response.status, json.loads(response.read()), response.headers)

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self._filled(key): self._filled(each) for key, each in value.items()}
        return _VARIABLE.sub(lambda found: self.values[found[1]], value) if isinstance(value, str) else value

    def _compare(self, step: dict[str, Any], reply: Reply) -> str:
        wanted = step["expect"]
        if step.get("refused"):
            return "" if reply.status >= 400 else f"was not refused but {reply}"
        if reply.status != wanted["status"]:
            return f"status {reply.status}, wanted {wanted['status']}: {reply.body}"
        body = reply.body
        if "pick" in step:
            body = {path: _at(body, path) for path in step["pick"]}
        if "column" in step:
            body["results"] = [row.get(step["column"]) for row in body["results"]]
        return self._differs(wanted["body"], body, "") or self._headers_differ(wanted.get("headers", {}), reply.headers)

    def _differs(self, wanted: Any, got: Any, where: str) -> str:
        if isinstance(wanted, dict) and isinstance(got, dict):
            return self._objects_differ(wanted, got, where)
        if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
            pairs = enumerate(zip(wanted, got, strict=True))
            return next((found for n, pair in pairs if (found := self._differs(*pair, f"{where}/{n}"))), "")
        if isinstance(wanted, str) and isinstance(got, str) and self._fits(wanted, got):
            return ""
        return "" if type(wanted) is type(got) and wanted == got else f"{where}: wanted {wanted!r}, got {got!r}"

    def _objects_differ(self, wanted: dict[str, Any], got: dict[str, Any], where: str) -> str:
        named = sorted(wanted.items(), key=lambda item: "<" in item[0])  # ids are bound by fields before they are keys
        bound = []
        for key, value in named:
            name = self._text(key)
            if name not in got:
                return f"{where}/{name} is missing in {got}"
            if found := self._differs(value, got[name], f"{where}/{name}"):
                return found
            bound.append(name)
        if extra := set(got) - set(bound):
            return f"{where} has {sorted(extra)} besides"
        if {"createdAt", "updatedAt"} <= set(got) and str(wanted["createdAt"]) == "<date>":
            is_later = got["updatedAt"] > got["createdAt"]
            if is_later != (wanted["updatedAt"] == "<later date>"):
                return f"{where}/updatedAt is {got['updatedAt']}, createdAt {got['createdAt']}"
        return ""

    def _text(self, wanted: str) -> str:
        return _PLACEHOLDER.sub(lambda found: self.values.get(found[1], found[0]), wanted)

    def _fits(self, wanted: str, got: str) -> bool:
        """Tell whether a text is what a pattern of placeholders says; a new `<id#1>` is what it first stands for."""
        pattern, fresh = "", []
        for n, part in enumerate(_PLACEHOLDER.split(wanted)):
            if n % 2 == 0 or part in self.values:
                pattern += re.escape(self.values[part] if n % 2 else part)
            else:
                pattern += f"({_FORMS.get(part.partition('#')[0], re.escape(f'<{part}>'))})"
                fresh.append(part)
        match = re.fullmatch(pattern, got)
        if match:
            self.values |= {part: text for part, text in zip(fresh, match.groups(), strict=True) if "#" in part}
        return match is not None

    def _headers_differ(self, wanted: dict[str, Any], got: Message) -> str:
        for name, value in wanted.items():
            header = got.get(name, "")
            if isinstance(value, dict):
                is_right = set(value) <= {part.strip().lower() for part in header.split(",")}
            else:
                is_right = self._fits(value, header.split(";")[0])
            if not is_right:
                return f"header {name} is {header!r}, wanted {value}"
        return ""


def _at(body: Any, path: str) -> Any:
    """Follow a path such as /results/0/objectId; None when it leads nowhere."""
    for part in path.strip("/").split("/"):
        try:
            body = body[int(part)] if isinstance(body, list) else body[part]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return body
