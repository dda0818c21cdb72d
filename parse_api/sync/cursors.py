"""The cursor of a sync: where a client's copy stands, signed so that it comes back as it went out."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from django.core import signing

from parse_api.caller import Caller
from parse_api.classes import CLASSES
from parse_api.errors import Code, ParseError
from records.live.sight import Sight, sight_of
from records.log_windows import Window
from records.moments import Moment

_VERSION = 1
_SIGNER = signing.Signer(sep="~", salt="parse_api.sync")
_FORM = re.compile(r"\.?[A-Za-z0-9_-]+~[A-Za-z0-9_-]{43}")
_LONGEST = 10_000


@dataclass(frozen=True)
class Cursor:
    """How far a copy of these classes is.

    It has all that was there at `moment`, once the rest is told: of the classes from `place` on, number and last
    objectId, what the caller may read; or the `window` of changes. `is_first`: it was never complete before.
    """

    classes: tuple[str, ...]
    moment: Moment
    place: tuple[int, str] | None = None
    window: Window | None = None
    is_first: bool = False

    @property
    def has_more(self) -> bool:
        """Tell whether there is something left to tell of what was there at the moment."""
        return self.place is not None or self.window is not None


def write(cursor: Cursor, caller: Caller) -> str:
    """Return the text of a cursor for the caller."""
    moment, window = cursor.moment, cursor.window
    parts = {
        "v": _VERSION,
        "w": standing(caller),
        "c": cursor.classes,
        "m": [moment.database, moment.last, moment.running, moment.row, moment.written_at],
        "p": cursor.place,
        "n": window and [window.stretches, window.at],
        "f": cursor.is_first,
    }
    return _SIGNER.sign_object(parts, compress=True)


def read(text: object, caller: Caller) -> Cursor:
    """Return the cursor that a text is.

    Raises ParseError 102 for what never was one, and 120 for one that leads on no more: of another key of the server,
    another database or an earlier state of it, another person or one with other roles.
    """
    if not isinstance(text, str) or len(text) > _LONGEST or not _FORM.fullmatch(text):
        raise ParseError(Code.BAD_QUERY, "since needs a cursor as an earlier answer had it.")
    try:
        parts = _SIGNER.unsign_object(text)
    except signing.BadSignature as error:
        raise start_over("This server does not know the cursor") from error
    if parts["v"] != _VERSION:
        raise start_over("The cursor is of another version of this server")
    if parts["w"] != standing(caller):
        raise start_over("The cursor is of another person, or of one with other roles")
    cursor = _cursor(parts)
    if not cursor.moment.is_known():
        raise start_over("The database is another one than the cursor's, or in a state from before")
    return cursor


def start_over(why: str) -> ParseError:
    """Return the error for who must begin with an empty copy."""
    return ParseError(Code.START_OVER, f"{why}: forget the copy, and start over without since.")


def sight(caller: Caller) -> Sight:
    """Return what the caller sees of the records; with the master key all."""
    if caller.is_master or caller.user is None:
        return Sight(sees_all=frozenset(CLASSES) if caller.is_master else frozenset())
    return sight_of(caller.user)


def standing(caller: Caller) -> str:
    """Return a digest of who the caller is and of all that decides what he may read, but for the records' own rows.

    What is logged about records does not say when he comes to a role or leaves it.
    """
    seen = sight(caller)
    text = json.dumps([caller.is_master, sorted(seen.keys), sorted(seen.sees_all)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _cursor(parts: dict[str, Any]) -> Cursor:
    database, last, running, row, written_at = parts["m"]
    window = None
    if parts["n"]:
        stretches, at = parts["n"]
        window = Window(tuple((low, high) for low, high in stretches), (at[0], at[1]))
    place = (parts["p"][0], parts["p"][1]) if parts["p"] else None
    return Cursor(tuple(parts["c"]), Moment(database, last, tuple(running), row, written_at), place, window, parts["f"])
