"""Answers what changed and what is gone since a cursor; without one, everything that there is to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from parse_api.access import rows_for
from parse_api.answers import Answer
from parse_api.caller import Caller
from parse_api.classes import CLASSES
from parse_api.errors import Code, ParseError, not_found
from parse_api.limits import ROWS
from parse_api.protocol import Call
from parse_api.queries import find
from parse_api.queries.conditions import Test
from parse_api.queries.operators import OPERATORS
from parse_api.queries.options import names_of, read_get_options, refuse_unknown, whole
from parse_api.sync import cursors
from parse_api.sync.cursors import Cursor
from parse_api.sync.page import Page
from records import moments
from records.live.sight import Sight
from records.log_windows import Seen, Window, between, lost

SYNCED = ("Company", "Contact", "Deal", "Activity")
"""The classes of records, in an order in which pointers point back."""
PAGE = 1_000
MOST_CHANGES = 100_000
"""Beyond that, reading everything anew is quicker."""
OPTIONS = frozenset({"since", "classes", "limit"})


def changes(call: Call, caller: Caller) -> Answer:
    """Answer `{"results": {class: [...]}, "gone": {class: [...]}, "cursor", "more"}` of the records of some classes."""
    if caller.user is None and not caller.is_master:
        raise not_found()
    refuse_unknown(call.params, OPTIONS)
    classes, limit = _classes(call.params), _limit(call.params)
    sent = cursors.read(call.params["since"], caller) if call.params.get("since") else None
    cursor = _begun(classes) if sent is None else _continued(sent, classes)
    page = Page(cursor.classes, limit)
    after = _fill(page, cursor, caller)
    # what was begun before is told as it was then, and there may be news since
    has_more = after.has_more or cursor is sent
    if not has_more:
        after = replace(after, is_first=False)
    return Answer(page.body(cursors.write(after, caller), has_more=has_more))


def _classes(params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the classes that are asked for, in the order of SYNCED; raises ParseError 102."""
    wanted = names_of(params.get("classes"), "classes")
    if set(wanted) - set(SYNCED):
        raise ParseError(Code.BAD_QUERY, f"classes are some of {', '.join(SYNCED)}.")
    return tuple(name for name in SYNCED if name in wanted) or SYNCED


def _limit(params: Mapping[str, Any]) -> int:
    limit = min(whole(params, "limit", PAGE), ROWS)
    if not limit:
        raise ParseError(Code.BAD_QUERY, "limit needs a whole number from 1.")
    return limit


def _begun(classes: tuple[str, ...]) -> Cursor:
    moment, _mine = moments.now()
    return Cursor(classes, moment, place=(0, ""), is_first=True)


def _continued(cursor: Cursor, classes: tuple[str, ...]) -> Cursor:
    """Return the cursor that was sent; at the end of what it has to tell, the news up to this moment are next."""
    if cursor.classes != classes:
        raise cursors.start_over("The cursor is of other classes")
    if cursor.has_more:
        return cursor
    until, mine = moments.now()
    window = between(cursor.moment, until, mine)
    if window.is_empty:
        return Cursor(cursor.classes, until)
    if not cursor.is_first and window.has_more_than(MOST_CHANGES):
        raise cursors.start_over("Too much has changed since the cursor")
    return Cursor(cursor.classes, until, window=window, is_first=cursor.is_first)


def _fill(page: Page, cursor: Cursor, caller: Caller) -> Cursor:
    """Tell what the cursor has to tell until the answer is full; return where that is."""
    while cursor.has_more:
        if cursor.place is not None:
            cursor = replace(cursor, place=_tell_all(page, cursor.classes, cursor.place, caller))
        elif cursor.window is not None:
            cursor = replace(cursor, window=_tell_window(page, cursor.classes, cursor.window, caller))
        if page.is_full:
            break
    return cursor


def _tell_all(page: Page, classes: tuple[str, ...], place: tuple[int, str], caller: Caller) -> tuple[int, str] | None:
    """Tell the next of what there is; return the place after it, None at the end."""
    number, last = place
    step = min(page.next_step(), page.room)
    parse_class = CLASSES[classes[number]]
    rows = rows_for(parse_class, caller, "view").filter(pk__gt=last).order_by("pk")[:step]
    ids, text = find.objects(caller, read_get_options(parse_class, {}), rows)
    page.add_objects(parse_class.name, ids, text)
    if len(ids) == step:
        return number, max(ids)
    return (number + 1, "") if number + 1 < len(classes) else None


def _tell_window(page: Page, classes: tuple[str, ...], window: Window, caller: Caller) -> Window | None:
    """Tell the next of what changed; return what is left, None at the end."""
    step, sight = page.next_step(), cursors.sight(caller)
    looked = window.look(sight, classes, step)
    taken = _fitting(page, looked)
    _tell_changed(page, taken, sight, caller)
    return window.after(taken[-1]) if taken and (len(taken) < len(looked) or len(looked) == step) else None


def _fitting(page: Page, looked: list[Seen]) -> list[Seen]:
    """Return the first rows, of as many records as the answer has room for."""
    records: set[tuple[str, str]] = set()
    for number, seen in enumerate(looked):
        if seen.is_his and not page.has(seen.record):
            records.add(seen.record)
        if len(records) > page.room:
            return looked[:number]
    return looked


def _tell_changed(page: Page, looked: list[Seen], sight: Sight, caller: Caller) -> None:
    """Tell of each record how it is now, or that it is gone; one that is in the answer was read after its changes."""
    his = [seen for seen in looked if seen.is_his and not page.has(seen.record)]
    for name in dict.fromkeys(seen.record[0] for seen in his):
        ids = tuple({seen.record[1]: None for seen in his if seen.record[0] == name})
        page.add_objects(name, *_those(name, ids, caller))
    for record in sorted(lost((seen.row for seen in his if not page.has(seen.record)), sight)):
        page.add_gone(record)


def _those(class_name: str, ids: tuple[str, ...], caller: Caller) -> tuple[list[str], str]:
    """Return objectIds and JSON of those of these records that the caller may see."""
    parse_class = CLASSES[class_name]
    condition = Test(parse_class, parse_class.fields["objectId"], OPERATORS["$in"], ids)
    rows = rows_for(parse_class, caller, "view").filter(condition.sql(caller))
    return find.objects(caller, read_get_options(parse_class, {}), rows)
