"""What a mutation does: each field as one transaction of the caller, by the endpoints of REST."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from parse_api import protocol
from parse_api.answers import Answer
from parse_api.caller import Caller
from parse_api.classes import ALL, CLASSES, ParseClass
from parse_api.errors import not_found
from parse_api.graphql.bodies import as_body
from parse_api.graphql.names import object_id, type_name
from parse_api.graphql.objects import is_id, read_if_readable
from parse_api.graphql.plans import Root, Shape
from parse_api.graphql.queries import Resolver, viewer
from parse_api.graphql.run import Run
from parse_api.graphql.texts import Json, object_text
from parse_api.identity import bad_session
from parse_api.people.session_sql import session_with
from parse_api.routes import find_route
from records.log import written_by


def _create(parse_class: ParseClass, asked: Root, arguments: Mapping[str, Any], run: Run) -> str:
    def write() -> str:
        answer = _made(run, parse_class, arguments["input"].get("fields") or {})
        reader = _reader(run, answer)
        pk = _id_of(answer)
        shown = {shape: read_if_readable(shape, pk, reader) for shape in _shapes(asked)}
        shown |= {shape: read_if_readable(shape, pk, run, is_new=True) for shape in shown if shown[shape] is None}
        return _payload(asked, arguments, shown)

    return written_by(run.caller.user, write)


def _update(parse_class: ParseClass, asked: Root, arguments: Mapping[str, Any], run: Run) -> str:
    """Change an object; who may not read it any more gets what he could read before."""
    pk = _id(parse_class, arguments)

    def write() -> str:
        before = {shape: read_if_readable(shape, pk, run) for shape in _shapes(asked)}
        body = as_body(parse_class, arguments["input"].get("fields") or {}, partial(_linked, run))
        answer = _sent(run, "PUT", f"/classes/{parse_class.name}/{pk}", body)
        reader = _reader(run, answer)
        after = {shape: read_if_readable(shape, pk, reader) or before[shape] for shape in before}
        return _payload(asked, arguments, after, sessionToken=answer.body.get("sessionToken"))

    return written_by(run.caller.user, write)


def _delete(parse_class: ParseClass, asked: Root, arguments: Mapping[str, Any], run: Run) -> str:
    pk = _id(parse_class, arguments)

    def write() -> str:
        before = {shape: read_if_readable(shape, pk, run) for shape in _shapes(asked)}
        _sent(run, "DELETE", f"/classes/{parse_class.name}/{pk}", {})
        return _payload(asked, arguments, before)

    return written_by(run.caller.user, write)


def _sign_up(asked: Root, arguments: Mapping[str, Any], run: Run) -> str:
    def write() -> str:
        answer = _made(run, CLASSES["_User"], arguments["input"].get("fields") or {})
        return _welcome(asked, arguments, run, answer)

    return written_by(run.caller.user, write)


def _log_in(asked: Root, arguments: Mapping[str, Any], run: Run) -> str:
    given = {name: arguments["input"][name] for name in ("username", "password")}
    return _welcome(asked, arguments, run, _sent(run, "POST", "/login", given))


def _log_out(asked: Root, arguments: Mapping[str, Any], run: Run) -> str:
    written_by(run.caller.user, lambda: _sent(run, "POST", "/logout", {}))
    return _payload(asked, arguments, {}, ok=True)


def _reset_password(asked: Root, arguments: Mapping[str, Any], run: Run) -> str:
    _sent(run, "POST", "/requestPasswordReset", {"email": arguments["input"]["email"]})
    return _payload(asked, arguments, {}, ok=True)


def _welcome(asked: Root, arguments: Mapping[str, Any], run: Run, answer: Answer) -> str:
    """Answer who has just got a session."""
    reader = _reader(run, answer)
    shown = {below: viewer(below, reader) for _, name, below in asked.plan.parts if name == "viewer"}
    return _payload(asked, arguments, shown)


def _reader(run: Run, answer: Answer) -> Run:
    """Return the run of who reads what was done: whoever has the session that has just begun, if one has."""
    token = answer.body.get("sessionToken")
    if not token:
        return run
    session = session_with(token)
    if session is None:
        raise bad_session()
    return run.of(Caller(user=session.user, is_master=run.caller.is_master, session=session, token=token))


def _id(parse_class: ParseClass, arguments: Mapping[str, Any]) -> str:
    pk = object_id(arguments["input"]["id"], parse_class)
    if not is_id(pk):
        raise not_found()
    return pk


def _linked(run: Run, parse_class: ParseClass, fields: Mapping[str, Any]) -> str:
    return _id_of(_made(run, parse_class, fields))


def _made(run: Run, parse_class: ParseClass, fields: Mapping[str, Any]) -> Answer:
    """Make an object, and before it those that it says are to be created and linked."""
    body = as_body(parse_class, fields, partial(_linked, run))
    return _sent(run, "POST", f"/classes/{parse_class.name}", body)


def _id_of(answer: Answer) -> str:
    pk: str = answer.body.get("objectId") or answer.object_id
    return pk


def _sent(run: Run, method: str, path: str, body: Mapping[str, Any]) -> Answer:
    """Have the endpoint of REST do it, within the transaction if one has begun."""
    run.budget.write()
    call = protocol.inner(run.call, method, protocol.MOUNT + path, body)
    route, ids = find_route(method, call.path)
    return route.endpoint(call, run.caller, *ids)


def _shapes(asked: Root) -> list[Shape]:
    return [below for _, _, below in asked.plan.parts if isinstance(below, Shape)]


def _payload(asked: Root, arguments: Mapping[str, Any], shown: Mapping[Any, Json | None], **values: Any) -> str:
    """Return the answer to a mutation: objects by what is asked of them, other values by name."""
    values["clientMutationId"] = arguments["input"].get("clientMutationId")
    return object_text(asked.plan, lambda name, below: values.get(name) if below is None else shown[below])


RESOLVERS: dict[str, Resolver] = {
    **{f"create{type_name(each)}": partial(_create, each) for each in ALL.values()},
    **{f"update{type_name(each)}": partial(_update, each) for each in ALL.values()},
    **{f"delete{type_name(each)}": partial(_delete, each) for each in ALL.values()},
    "signUp": _sign_up,
    "logIn": _log_in,
    "logOut": _log_out,
    "resetPassword": _reset_password,
}
