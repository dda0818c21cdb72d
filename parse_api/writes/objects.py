"""Creates, updates and deletes records for apps (CONTRACT.md, sections 7 to 9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db import transaction

from accounts.object_id import new_object_id
from parse_api.access import rows_for
from parse_api.answers import Answer
from parse_api.caller import Caller
from parse_api.classes import ParseClass, class_named
from parse_api.codecs import CODECS, Pointer, Value, format_date, is_object_id
from parse_api.errors import ParseError, not_found
from parse_api.identity import confirm
from parse_api.protocol import Call
from parse_api.writes import stage_rules, updating, writes_sql
from parse_api.writes.acl import grant
from parse_api.writes.holds import hold_targets
from parse_api.writes.ownership import OWNER_FIELDS, first_owner
from parse_api.writes.pointers import visible
from parse_api.writes.updates import Acl, Write, columns_of, read_create
from parse_api.writes.writes_sql import New, refusals
from records.models import Record

Outcome: TypeAlias = Answer | ParseError
"""What becomes of one of several requests."""


@dataclass(frozen=True)
class Draft:
    """A record to be made: its id, what the body says, its values by column, and the owner that the server chose."""

    pk: str
    write: Write
    columns: Mapping[str, Any]
    given_owner: Value = None


def create(call: Call, caller: Caller, class_name: str) -> Answer:
    """Make a record; answer its id and what the server made of the body."""
    parse_class = _open(caller, class_name)
    draft = _draft(caller, parse_class, new_object_id(), call.params)
    for refusal in _refused(caller, parse_class, [draft]).values():
        raise refusal
    with refusals():
        return _insert(parse_class, [draft])[draft.pk]


def create_many(caller: Caller, class_name: str, bodies: Sequence[Mapping[str, Any]]) -> list[Outcome]:
    """Make records of one class with one statement; return for each its answer or why it was refused.

    They are of one instant: their ids ascend, so that a list without an order has them in that of the bodies.
    """
    try:
        parse_class = _open(caller, class_name)
    except ParseError as error:
        return [error for _body in bodies]
    ids = sorted(new_object_id() for _body in bodies)
    found = [_draft_or_refusal(caller, parse_class, pk, body) for pk, body in zip(ids, bodies, strict=True)]
    drafts = [each for each in found if isinstance(each, Draft)]
    outcomes: dict[str, Outcome] = {**_refused(caller, parse_class, drafts)}
    outcomes |= _insert_what_can_be(parse_class, [draft for draft in drafts if draft.pk not in outcomes])
    return [outcomes[each.pk] if isinstance(each, Draft) else each for each in found]


def update(call: Call, caller: Caller, class_name: str, pk: str) -> Answer:
    """Change a record; answer updatedAt and what the server made of the body."""
    return Answer(updating.update(caller, _open(caller, class_name), pk, call.params))


def delete(_call: Call, caller: Caller, class_name: str, pk: str) -> Answer:
    """Delete a record as the pages do: pointers to it are cleared, activities about it go along."""
    parse_class = _open(caller, class_name)
    if not is_object_id(pk):
        raise not_found()
    writes_sql.lock(parse_class, caller, pk, ["id"], "delete")
    record = rows_for(parse_class, caller, "delete").filter(pk=pk).first()
    if record is None:
        raise not_found()
    record.delete()
    return Answer({})


def _open(caller: Caller, class_name: str) -> ParseClass:
    """Return a class whose records the caller may write; ParseError 119 for another, 101 without a session."""
    parse_class = class_named(class_name, among=Record)
    if not caller.is_master and (caller.user is None or not caller.user.is_active):
        raise not_found()
    confirm(caller)
    return parse_class


def _draft(caller: Caller, parse_class: ParseClass, pk: str, body: Mapping[str, Any]) -> Draft:
    write = read_create(parse_class, body)
    owner, field = first_owner(caller, write), OWNER_FIELDS[parse_class.name]
    columns = {"id": pk, **write.columns()}
    if owner is None or columns.get(field.columns[0]) == owner:
        return Draft(pk, write, columns)
    given = Pointer("_User", owner)
    return Draft(pk, write, columns | columns_of(field, given), given)


def _draft_or_refusal(caller: Caller, parse_class: ParseClass, pk: str, body: Mapping[str, Any]) -> Draft | ParseError:
    try:
        return _draft(caller, parse_class, pk, body)
    except ParseError as error:
        return error


def _refused(caller: Caller, parse_class: ParseClass, drafts: Sequence[Draft]) -> dict[str, ParseError]:
    """Return why drafts cannot be made, by id: they point at what the caller does not see, or break a rule."""
    seen = visible(caller, (pointer for draft in drafts for pointer in draft.write.pointers.values()))
    unseen = {draft.pk: not_found() for draft in drafts if not seen.issuperset(draft.write.pointers.values())}
    return unseen | dict(_against_rules(parse_class, [draft for draft in drafts if draft.pk not in unseen]))


def _against_rules(parse_class: ParseClass, drafts: Sequence[Draft]) -> Iterator[tuple[str, ParseError]]:
    ruled = [draft for draft in drafts if stage_rules.applies(parse_class, draft.columns)]
    kinds = stage_rules.kinds() if ruled else {}
    for draft in ruled:
        try:
            stage_rules.check(kinds, {}, draft.columns)
        except ParseError as error:
            yield draft.pk, error


def _insert_what_can_be(parse_class: ParseClass, drafts: Sequence[Draft]) -> Mapping[str, Outcome]:
    """Insert drafts at once, or one by one when the database refuses one; the transaction goes on."""
    if not drafts:
        return {}
    try:
        with refusals(), transaction.atomic():
            if len(drafts) > 1:
                hold_targets(pointer for draft in drafts for pointer in draft.write.pointers.values())
            return _insert(parse_class, drafts)
    except ParseError as error:
        if len(drafts) == 1:
            return {drafts[0].pk: error}
    outcomes: dict[str, Outcome] = {}
    for draft in drafts:
        outcomes |= _insert_what_can_be(parse_class, [draft])
    return outcomes


def _insert(parse_class: ParseClass, drafts: Sequence[Draft]) -> dict[str, Answer]:
    made = writes_sql.insert(parse_class, [draft.columns for draft in drafts])
    sent = {draft.pk: draft.write.acl for draft in drafts if draft.write.acl is not None}
    kept = grant(parse_class, sent) if sent else {}
    return {draft.pk: _answer(draft, made[draft.pk], kept.get(draft.pk)) for draft in drafts}


def _answer(draft: Draft, made: New, kept: Acl | None) -> Answer:
    """Answer what differs from what was sent; of an ACL that was sent, nothing unless some of it could not be kept."""
    parse_class = draft.write.parse_class
    body = {"objectId": made.object_id, "createdAt": format_date(made.created_at), **draft.write.rewritten()}
    if kept is None or kept != draft.write.acl:
        body["ACL"] = made.acl if kept is None else kept
    if draft.given_owner is not None:
        field = OWNER_FIELDS[parse_class.name]
        body[field.name] = CODECS[field.kind].encode(draft.given_owner)
    return Answer(body, status=201, location=f"/classes/{parse_class.name}/{made.object_id}")
