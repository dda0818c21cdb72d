"""One run of an operation: what its fields know of the request, and how much they may still ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from parse_api.caller import Caller
from parse_api.errors import Code, ParseError
from parse_api.graphql.plans import Late
from parse_api.json_text import bad_json
from parse_api.limits import BATCH, ROWS
from parse_api.protocol import Call

LARGEST = 50_000_000
"""Characters of an answer. Roles within each other and fields under many names make a long one of little."""


@dataclass
class Budget:
    """What an operation may still read, write and show."""

    rows: int = ROWS
    writes: int = BATCH
    shown: int = 0

    def read(self, rows: int) -> None:
        """Count rows that are asked for; raises ParseError 102 for more than one request may have."""
        self.rows -= rows
        if self.rows < 0:
            raise ParseError(Code.BAD_QUERY, f"The lists of one request have {ROWS} rows at most.")

    def show(self, characters: int) -> None:
        """Count what was put together; raises ParseError 102 when it is more than one answer may have."""
        self.shown += characters
        if self.shown > LARGEST:
            raise ParseError(Code.BAD_QUERY, f"An answer has {LARGEST:,} characters at most.")

    def write(self) -> None:
        """Count a write; raises ParseError 107 for more than one request may have."""
        self.writes -= 1
        if self.writes < 0:
            raise bad_json(f"One request makes {BATCH} writes at most.")


@dataclass(frozen=True)
class Run:
    """The request, who sent it, the values of its variables, and the parts of its plan that Python makes."""

    call: Call
    caller: Caller
    variables: Any
    late: Sequence[Late]
    budget: Budget

    def of(self, caller: Caller) -> Run:
        """Return the same for another caller, who has just signed in."""
        return replace(self, caller=caller)
