"""Turns a row of the file into a draft of a record, or into the list of what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from activities.models import Activity
from crm_site.imports.classes import PAST, Reader, Target
from crm_site.imports.errors import BadValueError, MappingError, Problem, quoted
from crm_site.imports.expression import Expression, Pointer
from crm_site.imports.identity import object_id
from crm_site.imports.mapping import Mapping
from crm_site.imports.source import Row
from deals.models import Deal
from deals.stages import LostReason, Stage


@dataclass
class Link:
    """What a draft points at: the text to find it by, and the fields to make it with."""

    pointer: Pointer
    text: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Draft:
    """A record that a row describes, before its owner and what it points at are looked up."""

    line: int
    pk: str
    values: dict[str, Any]
    owner: str = ""
    links: list[Link] = field(default_factory=list)
    history: list[tuple[str, datetime]] = field(default_factory=list)


class RowReader:
    """Reads rows by a mapping. Use one for each pass over the file: it remembers the keys that it has seen."""

    def __init__(self, mapping: Mapping) -> None:
        """Fetch the pipeline, of which only the own stages and reasons are accepted."""
        self.mapping = mapping
        self.stages = {stage.key: stage for stage in Stage.objects.all()}
        self.reasons = {reason.key: reason for reason in LostReason.objects.all()}
        self.vocabulary = {
            "stage": tuple(self.stages),
            "lost_reason": tuple(self.reasons),
            "type": tuple(Activity.Type.values),
        }
        self.now = timezone.now()
        self._seen: dict[str, int] = {}
        if unknown := [stage for stage in mapping.history if stage not in self.stages]:
            raise MappingError(f"history: there is no stage {unknown[0]!r}, only {', '.join(self.stages)}.")

    def read(self, row: Row) -> tuple[Draft | None, list[Problem]]:
        """Return the draft and no problems, or no draft and all the problems."""
        if row.reason:
            return None, [Problem(row.line, "row", row.reason)]
        problems: list[Problem] = []
        cells = {name: self._cell(name, text) for name, text in row.cells.items()}
        key = tuple(cells[name] for name in self.mapping.key)
        draft = Draft(row.line, object_id(self.mapping.source, self.mapping.target.name, key), {})
        problems += self._check_key(draft, key)
        draft.values = self._read_fields(row.line, self.mapping.target, self.mapping.fields, cells, problems)
        draft.owner = self._text(self.mapping.owner.expression, cells, row.line, problems)
        draft.links = list(self._links(row.line, cells, problems))
        if not problems and self.mapping.target.name == "Deal":
            problems += self._place_in_pipeline(draft, cells)
        if self.mapping.target.name == "Activity" and len(draft.links) > 1:
            problems.append(Problem(row.line, "related", "an activity is about a contact or a deal, not both"))
        return (None, problems) if problems else (draft, [])

    def _cell(self, column: str, text: str) -> str:
        if text in self.mapping.empty:
            return ""
        return self.mapping.replace.get(column, {}).get(text, text)

    def _check_key(self, draft: Draft, key: tuple[str, ...]) -> Iterator[Problem]:
        if not all(key):
            yield Problem(draft.line, "key", f"{' and '.join(self.mapping.key)} must have a value")
        elif (first := self._seen.setdefault(draft.pk, draft.line)) != draft.line:
            yield Problem(draft.line, "key", f"{quoted(' '.join(key))} is also on line {first}")

    def _text(self, expression: Expression, cells: dict[str, str], line: int, problems: list[Problem]) -> str:
        try:
            return expression.evaluate(cells)
        except BadValueError as problem:
            problems.append(Problem(line, expression.place, str(problem)))
            return ""

    def _read_fields(
        self,
        line: int,
        target: Target,
        expressions: dict[str, Expression],
        cells: dict[str, str],
        problems: list[Problem],
    ) -> dict[str, Any]:
        """Return the values of the fields, None for an empty one; problems are added to the list."""
        before = len(problems)
        values = {}
        for name, expression in expressions.items():
            text = self._text(expression, cells, line, problems)
            try:
                values[name] = self._value(name, target.fields[name], text, expression)
            except BadValueError as problem:
                problems.append(Problem(line, expression.place, str(problem)))
        if len(problems) == before:
            missing = [name for name in target.required if name in expressions and values[name] is None]
            problems += [Problem(line, expressions[name].place, "must have a value") for name in missing]
        return values

    def _value(self, name: str, reader: Reader, text: str, expression: Expression) -> Any:
        if not text:
            return None
        notation = self.mapping.notation
        value = reader(text, replace(notation, date=expression.date) if expression.date else notation)
        if name in self.vocabulary and value not in self.vocabulary[name]:
            raise BadValueError(f"{quoted(text)} is none of {', '.join(self.vocabulary[name])}")
        if name in PAST and value > self.now:
            raise BadValueError(f"{quoted(text)} lies in the future")
        return value

    def _links(self, line: int, cells: dict[str, str], problems: list[Problem]) -> Iterator[Link]:
        for pointer in self.mapping.pointers:
            text = self._text(pointer.expression, cells, line, problems)
            if not text:
                continue
            pointed = self.mapping.target.pointed_at(pointer.name)
            if pointer.match == "key":
                yield Link(pointer, object_id(pointer.source, pointed.name, (text,)))
                continue
            try:
                text = self._value(pointer.match, pointed.fields[pointer.match], text, pointer.expression)
            except BadValueError as problem:
                problems.append(Problem(line, pointer.expression.place, str(problem)))
                continue
            values = {pointer.match: text} | self._read_fields(line, pointed, pointer.fields, cells, problems)
            if pointer.missing == "make":
                problems += [
                    Problem(line, pointer.expression.place, f"cannot be made without {name}")
                    for name in pointed.required
                    if not values.get(name)
                ]
            yield Link(pointer, text, values)

    def _place_in_pipeline(self, draft: Draft, cells: dict[str, str]) -> Iterator[Problem]:
        """Apply the pipeline's rules (Deal.move_to), and read when the deal came into earlier stages."""
        values = draft.values
        stage = self.stages[values.pop("stage")]
        closed_at, reason = values.pop("closed_at", None), values.pop("lost_reason", None)
        if stage.kind == Stage.Kind.WON and closed_at is None:
            yield Problem(draft.line, "fields.closed_at", "a won deal needs the day on which it was won")
        deal = Deal(id=draft.pk)
        try:
            deal.move_to(
                stage,
                reason=self.reasons.get(reason or ""),
                note=values.pop("lost_note", None) or "",
                closed_at=closed_at,
            )
        except ValidationError as error:
            yield from (Problem(draft.line, f"fields.{name}", texts[0]) for name, texts in error.message_dict.items())
            return
        for name in ("stage", "closed_at", "lost_reason", "lost_note"):
            values[name] = getattr(deal, name)
        yield from self._read_history(draft, cells)

    def _read_history(self, draft: Draft, cells: dict[str, str]) -> Iterator[Problem]:
        problems: list[Problem] = []
        for stage, expression in self.mapping.history.items():
            text = self._text(expression, cells, draft.line, problems)
            try:
                moment = self._value("created_at", self.mapping.target.fields["created_at"], text, expression)
            except BadValueError as problem:
                yield Problem(draft.line, expression.place, str(problem))
                continue
            if moment:
                draft.history.append((stage, moment))
        yield from problems
        draft.history.sort(key=lambda step: step[1])
        closed_at = draft.values["closed_at"]
        if closed_at and draft.history and draft.history[-1][1] > closed_at:
            yield Problem(draft.line, f"history.{draft.history[-1][0]}", "is later than the closing of the deal")
