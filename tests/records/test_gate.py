"""After any sequence of changes each person sees exactly what a plain model of the access table says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.models import Group
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.models import User
from activities.models import Activity
from companies.models import Company
from contacts.models import Contact
from deals.models import Deal
from records.access import share
from records.derived import all_wrong_rows
from tests.factories import make_role, make_user

pytestmark = pytest.mark.django_db
MODELS = {"Company": Company, "Contact": Contact, "Deal": Deal, "Activity": Activity}
OWNER = {"Company": "created_by", "Contact": "created_by", "Deal": "assigned_to", "Activity": "created_by"}


@dataclass
class Row:
    """A record of the plain model: its class, what it points at, and who was granted what."""

    kind: str
    points: dict[str, str | None]
    views: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    owner: str | None = None


class World:
    """The access table of DESIGN.md in plain Python."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}

    def readers(self, pk: str) -> set[str]:
        """Granted on the row, or implied by what one may read."""
        row = self.rows[pk]
        seen = set(row.views)
        for other_pk, other in self.rows.items():
            if row.kind == "Company" and other.kind in ("Contact", "Deal") and other.points.get("company") == pk:
                seen |= self.readers(other_pk)
            if row.kind == "Contact" and other.kind == "Deal" and other.points.get("contact") == pk:
                seen |= self.readers(other_pk)
        if row.kind == "Activity":
            for parent in filter(None, row.points.values()):
                seen |= self.readers(parent)
        return seen


class AccessMachine(RuleBasedStateMachine):
    """Creates, hand-overs, re-pointings, shares and deletes in any order."""

    def __init__(self) -> None:
        super().__init__()
        Activity.objects.all().delete()
        for model in (Deal, Contact, Company):
            model.objects.all().delete()
        self.world = World()
        self.people = list(User.objects.order_by("username"))
        self.role = Group.objects.get(name="Team")
        self.everybody = Group.objects.get(name="*")

    def pick(self, data: st.DataObject, *kinds: str) -> str | None:
        """Choose one of the records of some classes, or none."""
        choices = [pk for pk, row in self.world.rows.items() if row.kind in kinds]
        return data.draw(st.sampled_from([None, *sorted(choices)]))

    def pointers(self, data: st.DataObject, kind: str) -> dict[str, str | None]:
        """Choose what a new record points at."""
        if kind == "Contact":
            return {"company": self.pick(data, "Company")}
        if kind == "Deal":
            return {"company": self.pick(data, "Company"), "contact": self.pick(data, "Contact")}
        if kind == "Activity":
            deal = self.pick(data, "Deal")
            return {"related_deal": deal, "related_contact": None if deal else self.pick(data, "Contact")}
        return {}

    @rule(data=st.data(), kind=st.sampled_from(sorted(MODELS)), owner=st.integers(0, 3))
    def create(self, data: st.DataObject, kind: str, owner: int) -> None:
        """Make a record; owner 3 is nobody."""
        person = self.people[owner] if owner < 3 else None
        points = self.pointers(data, kind)
        values: dict[str, Any] = {f"{name}_id": pk for name, pk in points.items()} | {OWNER[kind]: person}
        values |= {"title": "x"} if kind == "Deal" else {} if kind == "Activity" else {"name": "x"}
        record = MODELS[kind].objects.create(**values)
        row = Row(kind, points, owner=person.pk if person else None)
        if person:
            row.views.add(person.pk)
            row.changes.add(person.pk)
        self.world.rows[record.pk] = row

    @rule(data=st.data(), owner=st.integers(0, 3))
    def hand_over(self, data: st.DataObject, owner: int) -> None:
        """Give a record to somebody else, or to nobody."""
        pk = self.pick(data, *MODELS)
        if pk is None:
            return
        row, person = self.world.rows[pk], self.people[owner] if owner < 3 else None
        record = MODELS[row.kind].objects.get(pk=pk)
        setattr(record, OWNER[row.kind], person)
        record.save()
        new = person.pk if person else None
        if new != row.owner:
            row.views.discard(row.owner or "")
            row.changes.discard(row.owner or "")
            if new:
                row.views.add(new)
                row.changes.add(new)
            row.owner = new

    @rule(data=st.data())
    def point_elsewhere(self, data: st.DataObject) -> None:
        """Let a record point at others."""
        pk = self.pick(data, "Contact", "Deal", "Activity")
        if pk is None:
            return
        row = self.world.rows[pk]
        row.points = self.pointers(data, row.kind)
        MODELS[row.kind].objects.filter(pk=pk).update(**{f"{name}_id": value for name, value in row.points.items()})

    @rule(
        data=st.data(),
        holder=st.integers(0, 4),
        actions=st.sampled_from([(), ("view",), ("view", "change"), ("change",)]),
    )
    def share(self, data: st.DataObject, holder: int, actions: tuple[str, ...]) -> None:
        """Grant, change or take back; holder 3 is the role, 4 everybody."""
        pk = self.pick(data, *MODELS)
        if pk is None:
            return
        row = self.world.rows[pk]
        group = {3: self.role, 4: self.everybody}.get(holder)
        key = self.people[holder].pk if group is None else "*" if holder == 4 else f"role:{self.role.pk}"
        share(MODELS[row.kind].objects.get(pk=pk), group or self.people[holder], actions)
        for held, action in ((row.views, "view"), (row.changes, "change")):
            held.discard(key)
            if action in actions:
                held.add(key)

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """Delete a record: what points at it is cleared, the activities about it go with it."""
        pk = self.pick(data, *MODELS)
        if pk is None:
            return
        MODELS[self.world.rows[pk].kind].objects.get(pk=pk).delete()
        del self.world.rows[pk]
        for other_pk, other in list(self.world.rows.items()):
            if pk in other.points.values():
                if other.kind == "Activity":
                    del self.world.rows[other_pk]
                else:
                    other.points = {name: None if value == pk else value for name, value in other.points.items()}

    @invariant()
    def everybody_sees_what_the_model_says(self) -> None:
        """Compare the gate with the plain model, for each person, class and action."""
        for person in User.objects.order_by("username"):
            keys = {person.pk, "*"} | ({f"role:{self.role.pk}"} if person.username == "ann" else set())
            for kind, model in MODELS.items():
                rows = {pk: row for pk, row in self.world.rows.items() if row.kind == kind}
                seen = set(model.objects.for_user(person, "view").values_list("pk", flat=True))
                assert seen == {pk for pk in rows if self.world.readers(pk) & keys}
                changed = set(model.objects.for_user(person, "change").values_list("pk", flat=True))
                assert changed == {pk for pk, row in rows.items() if row.changes & keys}

    @invariant()
    def derived_columns_are_right(self) -> None:
        """Compare `readers` and `acl` with the grant tables."""
        assert all_wrong_rows() == []


def test_gate_equals_plain_model() -> None:
    """Run random sequences of creates, hand-overs, shares and deletes."""
    ann = make_user("ann")
    make_user("ben")
    make_user("cal")
    make_role("Team", ann)
    run_state_machine_as_test(
        AccessMachine,
        settings=settings(
            max_examples=10,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
