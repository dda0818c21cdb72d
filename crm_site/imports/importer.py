"""Runs an import: a first pass that only checks, a second that writes, both a chunk of rows at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import connection

from accounts.models import User
from crm_site.imports.errors import Problem
from crm_site.imports.mapping import Mapping
from crm_site.imports.related import Links, People
from crm_site.imports.rows import Draft, RowReader
from crm_site.imports.source import Source
from deals.models import Deal, StageChange
from records.log import acting
from records.models import Change, Record

CHUNK = 1_000
"""Rows of one transaction."""
_ONE_AT_A_TIME = 7_236_002


@dataclass
class Chunk:
    """Some rows of the file: what they describe, and what is wrong with the others."""

    first_line: int
    rows: int = 0
    drafts: list[Draft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Import:
    """An import of a source by a mapping, as `user` (None: by the system)."""

    def __init__(self, source: Source, mapping: Mapping, user: User | None, *, update: bool = False) -> None:
        """Compare the mapping with the header of the file."""
        self.source, self.mapping, self.user, self.update = source, mapping, user, update
        self.model: type[Record] = mapping.target.model
        mapping.check_columns(source.header())
        self.people = People(mapping, user)
        self.links = Links(mapping, user)
        self.done = dict.fromkeys(
            ("made", "changed", "as before", "deleted by somebody", "accounts made", "related records made"), 0
        )

    def chunks(self) -> Iterator[Chunk]:
        """Read the file from its beginning and check every row."""
        reader, rows = RowReader(self.mapping), self.source.rows()
        while batch := list(islice(rows, CHUNK)):
            chunk = Chunk(batch[0].line, len(batch))
            for row in batch:
                draft, problems = reader.read(row)
                chunk.problems += problems
                chunk.drafts += [draft] if draft else []
            self._check_surroundings(chunk)
            chunk.problems.sort(key=lambda problem: problem.line)
            yield chunk

    def _check_surroundings(self, chunk: Chunk) -> None:
        """Move the drafts whose owner or related records are wrong to the problems."""
        self.links.load(chunk.drafts)
        refused = self._unchangeable(chunk.drafts)
        good = []
        for draft in chunk.drafts:
            problem = self.people.check(draft) or self.links.check(draft)
            if draft.pk in refused:
                problem = Problem(draft.line, "row", f"this {self.mapping.target.name} is not yours to change")
            if problem:
                chunk.problems.append(problem)
            else:
                good.append(draft)
        chunk.drafts = good

    def _unchangeable(self, drafts: list[Draft]) -> set[str]:
        if not self.update or self.user is None:
            return set()
        there = self.model.objects.filter(pk__in=[draft.pk for draft in drafts])
        mine = self.model.objects.for_user(self.user, "change").filter(pk__in=[draft.pk for draft in drafts])
        return set(there.values_list("pk", flat=True)) - set(mine.values_list("pk", flat=True))

    def write(self, chunk: Chunk) -> None:
        """Write the good rows of a chunk in one transaction, except those that were imported before."""
        done: Counter[str] = Counter()
        with acting(self.user):
            pks = [draft.pk for draft in chunk.drafts]
            there = set(self.model.objects.filter(pk__in=pks).values_list("pk", flat=True))
            log = Change.objects.filter(class_name=self.mapping.target.name, object_id__in=pks, operation="delete")
            deleted = set(log.values_list("object_id", flat=True)) - there
            new = [draft for draft in chunk.drafts if draft.pk not in there and draft.pk not in deleted]
            done["accounts made"] = self.people.make_missing()
            changed = [draft for draft in chunk.drafts if draft.pk in there] if self.update else []
            done["related records made"] = self.links.make_missing([*new, *changed], self.people)
            self._insert(new)
            records = self.model.objects.in_bulk([draft.pk for draft in changed])
            done["changed"] = sum(self._change(draft, records[draft.pk]) for draft in changed)
        done["made"], done["deleted by somebody"] = len(new), len(deleted)
        done["as before"] = len(there) - done["changed"]
        for what, number in done.items():
            self.done[what] += number

    def _insert(self, drafts: list[Draft]) -> None:
        records = [self._record(draft) for draft in drafts]
        if self.model is Deal:
            self._write_history(drafts, records)
        self.model.objects.bulk_create(records)

    def _record(self, draft: Draft) -> Any:
        values = {name: value for name, value in draft.values.items() if name != "created_at" or value is not None}
        owner = {f"{self.model.owner_field}_id": self.people.pk_of(draft)}
        return self.model(id=draft.pk, **values, **owner, **self.links.pks_of(draft))

    def _write_history(self, drafts: list[Draft], deals: list[Any]) -> None:
        """Write when the deals came into earlier stages; the database adds the last step itself."""
        steps = []
        for draft, deal in zip(drafts, deals, strict=True):
            before = None
            for stage, moment in draft.history:
                if stage == deal.stage and deal.closed_at is None:
                    deal.stage_changed_at = moment
                    break
                steps.append(
                    StageChange(
                        deal=deal,
                        from_stage=before,
                        to_stage=stage,
                        amount=deal.amount,
                        actor=self.user.pk if self.user else None,
                        changed_at=moment,
                    )
                )
                before = stage
            deal.stage_changed_at = deal.stage_changed_at or deal.closed_at
        StageChange.objects.bulk_create(steps)

    def _change(self, draft: Draft, record: Any) -> bool:
        """Make a record what its row says, and tell whether that was needed; what is not mapped stays."""
        mapped = {name: value for name, value in draft.values.items() if name in self.mapping.fields}
        mapped.pop("created_at", None)
        if "stage" in mapped and mapped["stage"] != record.stage:
            mapped |= {name: draft.values[name] for name in ("closed_at", "lost_reason", "lost_note")}
        mapped |= self.links.pks_of(draft)
        if self.mapping.owner.expression.columns:
            mapped[f"{self.model.owner_field}_id"] = self.people.pk_of(draft)
        different = [name for name, value in mapped.items() if getattr(record, name) != value]
        for name in different:
            setattr(record, name, mapped[name])
        if different:
            record.save(update_fields=[name.removesuffix("_id") for name in different])
        return bool(different)


@contextmanager
def one_at_a_time() -> Iterator[bool]:
    """Let no other import run meanwhile; yields after waiting for one that does, and tells whether it had to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_ONE_AT_A_TIME])
        free = cursor.fetchone()[0]
        if not free:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
        try:
            yield not free
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_ONE_AT_A_TIME])
