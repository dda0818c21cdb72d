"""Many requests in one (CONTRACT.md, section 16): each answered in its place, or all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from itertools import groupby
from typing import Any

from django.db import IntegrityError, OperationalError, transaction

from accounts.throttle import TooManyAttempts
from parse_api import protocol
from parse_api.answers import Answer, as_json
from parse_api.caller import Caller
from parse_api.codecs import Pointer
from parse_api.errors import Code, ParseError, too_many
from parse_api.idempotency import claim, written_once
from parse_api.json_text import bad_json
from parse_api.limits import BATCH
from parse_api.protocol import Call
from parse_api.routes import Route, find_route
from parse_api.writes import objects
from parse_api.writes.holds import hold
from parse_api.writes.objects import Outcome
from records.log import LOST, acting, written_by


@dataclass(frozen=True)
class Step:
    """One request of a batch, and what answers it."""

    call: Call
    route: Route
    ids: list[str]

    def run(self, caller: Caller) -> Answer:
        """Answer it."""
        return self.route.endpoint(self.call, caller, *self.ids)


def run(call: Call, caller: Caller) -> Answer:
    """Run the requests of a batch, with "transaction" all or none; raises ParseError 107 for one of a wrong form.

    A request id counts for the batch as a whole.
    """
    steps = _read(call)
    if call.params.get("transaction") is True:
        outcomes = written_once(caller.user, call.request_id, lambda: _all_or_nothing(steps, caller))
    else:
        if call.request_id:
            written_by(caller.user, lambda: claim(call.request_id))
        outcomes = _one_by_one(steps, caller)
    return Answer(b"[%b]" % b",".join(_shown(outcome) for outcome in outcomes))


def _read(call: Call) -> list[Step]:
    requests = call.params.get("requests")
    if not isinstance(requests, list):
        raise bad_json("requests must be a list.")
    if len(requests) > BATCH:
        raise bad_json(f"A batch has {BATCH} requests at most.")
    return [_step(call, request) for request in requests]


def _step(call: Call, request: object) -> Step:
    if not isinstance(request, dict):
        raise bad_json("A request of a batch is an object.")
    method, path, body = request.get("method"), request.get("path"), request.get("body")
    if not isinstance(path, str) or not protocol.is_mounted(path):
        raise bad_json(f"The path of a request in a batch begins with {protocol.MOUNT}/.")
    if not isinstance(method, str) or not isinstance(body or {}, dict):
        raise bad_json("A request of a batch has a method, and its body is an object.")
    inner = protocol.inner(call, method, path, body or {})
    try:
        return Step(inner, *find_route(method, inner.path))
    except ParseError as error:
        raise bad_json("There is no such route for a batch.") from error


def _one_by_one(steps: list[Step], caller: Caller) -> list[Outcome]:
    """Run each for itself; writes that follow each other share a transaction, which costs less than one for each."""
    outcomes: list[Outcome] = []
    for is_write, group in groupby(steps, key=lambda step: step.route.is_write):
        run_all = _together if is_write else _attempts
        outcomes += run_all(list(group), caller)
    return outcomes


def _together(steps: list[Step], caller: Caller) -> list[Outcome]:
    """Run writes in one transaction, but in one each when they lost a race: those hold too little to meet again."""
    try:
        with acting(caller.user):
            _hold_all(steps, caller)
            return _attempts(steps, caller)
    except (OperationalError, IntegrityError) as error:
        if not isinstance(error.__cause__, LOST):
            raise
    return [outcome for step in steps for outcome in written_by(caller.user, partial(_attempts, [step], caller))]


def _hold_all(steps: list[Step], caller: Caller) -> None:
    """Hold what the steps name before the first one writes: batches name the same records in any order.

    Creates of one class do so for themselves, with one statement.
    """
    created = {_created_class(step) for step in steps}
    if len(created) > 1 or "" in created:
        deleted = (Pointer(*step.ids) for step in steps if step.route.endpoint is objects.delete)
        hold(caller, (pointer for step in steps for pointer in _named(step)), deleted)


def _named(step: Step) -> Iterator[Pointer]:
    """Yield the record that a step changes or deletes, and what its body seems to point at."""
    if step.route.endpoint in (objects.update, objects.delete):
        yield Pointer(*step.ids)
    for value in step.call.params.values():
        if isinstance(value, dict):
            yield Pointer(str(value.get("className")), str(value.get("objectId")))


def _attempts(steps: list[Step], caller: Caller) -> list[Outcome]:
    return list(_outcomes(steps, caller, _attempt))


def _outcomes(steps: Iterable[Step], caller: Caller, run_one: Callable[[Step, Caller], Outcome]) -> Iterator[Outcome]:
    """Run requests in turn; creates of one class that follow each other are made at once."""
    for class_name, alike in groupby(steps, key=_created_class):
        if class_name:
            yield from objects.create_many(caller, class_name, [step.call.params for step in alike])
        else:
            yield from (run_one(step, caller) for step in alike)


def _created_class(step: Step) -> str:
    return step.ids[0] if step.route.endpoint is objects.create else ""


def _attempt(step: Step, caller: Caller) -> Outcome:
    try:
        if not step.route.is_write:
            return step.run(caller)
        with transaction.atomic():
            return step.run(caller)
    except ParseError as error:
        return error
    except TooManyAttempts as refusal:
        return too_many(refusal.seconds)


def _all_or_nothing(steps: list[Step], caller: Caller) -> list[Outcome]:
    outcomes: list[Outcome] = []
    _hold_all(steps, caller)
    try:
        for outcome in _outcomes(steps, caller, Step.run):
            if isinstance(outcome, ParseError):
                raise outcome
            outcomes.append(outcome)
    except ParseError as error:
        code = error.code or Code.FORBIDDEN
        raise ParseError(code, error.message, status=HTTPStatus.BAD_REQUEST) from error
    return outcomes


def _shown(outcome: Outcome) -> bytes:
    name, body = ("error", _error(outcome)) if isinstance(outcome, ParseError) else ("success", outcome.body)
    return b'{"%b":%b}' % (name.encode(), as_json(body))


def _error(error: ParseError) -> dict[str, Any]:
    """Return what stands in place of an answer: always with a code, which SDKs read."""
    return {"code": int(Code.FORBIDDEN), **error.body()}
