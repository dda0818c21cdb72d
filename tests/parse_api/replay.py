"""Sends the requests of a recorded case to a server and compares what comes back with what a real server answered."""

from __future__ import annotations

import json
import re
import secrets
from base64 import b64decode, b64encode
from contextlib import suppress
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
_GLOBAL_ID = re.compile(r"(_?[A-Z][A-Za-z]*):([A-Za-z0-9]{10})")
_WANTED_GLOBAL_ID = re.compile(r"<gid:(_?[A-Za-z]+):(<[^<>]+>)>")
_DATE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
_FORMS = {
    "date": _DATE,
    "later date": _DATE,
    "message": r"(?s:.+)",
    "id": r"[A-Za-z0-9]{10}",
    "token": r"r:[0-9a-f]{32}",
    "cursor": r"[A-Za-z0-9+/]+=*",
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
        for name in case.get("managers") or ():
            self._make_manager(name)
        for number, step in enumerate(case["steps"], 1):
            reply = self._send(step)
            for label, path in step.get("save", {}).items():
                self._keep(label, _at(reply.body, path))
            if step.get("setup"):
                assert reply.status < 400, reply
            elif found := self._compare(step, reply):
                return f"step {number}: {found}"
        return ""

    def _keep(self, label: str, value: Any) -> None:
        """Keep a value for later steps; of a global id, what it names is what `<gid:Class:<label>>` stands for."""
        self.values[label] = value
        if found := _named(value):
            self.values[f"id of {label}"] = found[1]

    def _sign_up(self, name: str) -> None:
        unique = f"{name}-{self.values['u']}"
        person = {"username": unique, "password": f"pw-{unique}", "email": f"{unique}@example.test"}
        reply = self._send({"method": "POST", "path": "/users", "body": person})
        assert reply.status == 201, reply
        known = {"name": unique, "password": person["password"], "email": person["email"]}
        known |= {"id": reply.body["objectId"], "token": reply.body["sessionToken"]}
        known["gid"] = b64encode(f"_User:{known['id']}".encode()).decode()
        self.values |= {f"{name}.{key}": value for key, value in known.items()}

    def _make_manager(self, name: str) -> None:
        found = self._send({"path": "/roles", "keys": "master", "query": {"where": {"name": "Managers"}}})
        path = f"/roles/{found.body['results'][0]['objectId']}"
        person = {"__type": "Pointer", "className": "_User", "objectId": f"${{{name}.id}}"}
        users = {"users": {"__op": "AddRelation", "objects": [person]}}
        reply = self._send({"method": "PUT", "path": path, "keys": "master", "body": users})
        assert reply.status == 200, reply

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
        url, method = self.base + self._filled(step.get("path", "")), step.get("method", "GET")
        if "graphql" in step:
            text = json.dumps({"query": step["graphql"], "variables": step.get("variables", {})})
            url, method = self.base.removesuffix("/parse") + "/graphql", "POST"
        url += "?" + urlencode(self._filled(query)) if query else ""
        data = None if text is None else self._filled(text).encode()
        sent = {name: value for name, value in headers.items() if value is not None}
        request = Request(url, data, sent, method=method)  # noqa: S310 - our own live server
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
        body = _error_codes(reply.body)
        if "pick" in step:
            body = {path: _at(body, path) for path in map(self._filled, step["pick"])}
        if "column" in step and "results" in body:
            body["results"] = [row.get(step["column"]) for row in body["results"]]
        return self._differs(wanted["body"], body, "") or self._headers_differ(wanted.get("headers", {}), reply.headers)

    def _differs(self, wanted: Any, got: Any, where: str) -> str:
        if isinstance(wanted, dict) and isinstance(got, dict):
            return self._objects_differ(wanted, got, where)
        if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
            pairs = enumerate(zip(wanted, got, strict=True))
            return next((found for n, pair in pairs if (found := self._differs(*pair, f"{where}/{n}"))), "")
        if isinstance(wanted, str) and isinstance(got, str) and self._fits(*_as_objects(wanted, got)):
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
        return _PLACEHOLDER.sub(lambda found: self._known(found[1]) or found[0], wanted)

    def _known(self, part: str) -> str | None:
        """Return what a placeholder stands for, if that is known: of a global id, the objectId in it."""
        return self.values.get(f"id of {part}", self.values.get(part))

    def _fits(self, wanted: str, got: str) -> bool:
        """Tell whether a text is what a pattern of placeholders says; a new `<id#1>` is what it first stands for."""
        pattern, fresh = "", []
        for n, part in enumerate(_PLACEHOLDER.split(wanted)):
            if n % 2 == 0 or part in self.values:
                pattern += re.escape((self._known(part) or "") if n % 2 else part)
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


def _named(value: Any) -> tuple[str, str] | None:
    """Return the class and the objectId that a global id names, None for anything else."""
    with suppress(ValueError, TypeError):
        if match := _GLOBAL_ID.fullmatch(b64decode(value, validate=True).decode()):
            return match[1], match[2]
    return None


def _as_objects(wanted: str, got: str) -> tuple[str, str]:
    """Return two texts, and in place of a wanted global id and one of its class what they name."""
    match, found = _WANTED_GLOBAL_ID.fullmatch(wanted), _named(got)
    return (match[2], found[1]) if match and found and found[0] == match[1] else (wanted, got)


def _error_codes(body: Any) -> Any:
    """Return an answer of GraphQL with message and code of each error alone; another as it is."""
    if not isinstance(body, dict) or "errors" not in body:
        return body
    errors = [{"message": each["message"], "code": each["extensions"]["code"]} for each in body["errors"]]
    return {**body, "errors": errors}


def _at(body: Any, path: str) -> Any:
    """Follow a path such as /results/0/objectId; None when it leads nowhere."""
    for part in path.strip("/").split("/"):
        try:
            body = body[int(part)] if isinstance(body, list) else body[part]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return body
