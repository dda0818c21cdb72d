"""The tree that a where becomes: each node knows its SQL and its test in memory, which say the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any, Protocol, cast

from django.db.models import BooleanField, DateTimeField, F, Func, Q, QuerySet, Subquery
from django.db.models import Value as Constant

from parse_api.access import rows_for
from parse_api.caller import Caller
from parse_api.classes import CHILD_ROLES, CLASSES, MEMBERSHIPS, Field, Kind, ParseClass
from parse_api.codecs import Pointer, Row
from parse_api.queries.operators import NOTHING, Operator


class World(Protocol):
    """What a test in memory asks for beyond the row itself."""

    def rows(self, parse_class: ParseClass, where: Node) -> Iterable[Row]:
        """Return the rows of a class that the reader may see and that match."""

    def members(self, relation: str, role_id: str) -> frozenset[str]:
        """Return the objectIds of the "users" or "roles" of a role that the reader may see."""


class Node(Protocol):
    """A condition on the rows of one class."""

    def sql(self, caller: Caller, *, total: bool = False) -> Q:
        """Return the condition for a queryset that passed the gate; with `total` it is never NULL."""

    def matches(self, row: Row, world: World) -> bool:
        """Tell whether the row fulfils it."""


@dataclass(frozen=True)
class Always:
    """The condition that a field which the class does not have fulfils, or does not."""

    answer: bool

    def sql(self, _caller: Caller, *, total: bool = False) -> Q:
        """Return everything or nothing."""
        del total
        return ~NOTHING if self.answer else NOTHING

    def matches(self, _row: Row, _world: World) -> bool:
        """Return the answer."""
        return self.answer


@dataclass(frozen=True)
class AllOf:
    """All of some conditions."""

    parts: tuple[Node, ...]

    def sql(self, caller: Caller, *, total: bool = False) -> Q:
        """Join them with AND."""
        return reduce(and_, (part.sql(caller, total=total) for part in self.parts), ~NOTHING if not self.parts else Q())

    def matches(self, row: Row, world: World) -> bool:
        """Ask each."""
        return all(part.matches(row, world) for part in self.parts)


@dataclass(frozen=True)
class AnyOf:
    """One at least of some conditions."""

    parts: tuple[Node, ...]

    def sql(self, caller: Caller, *, total: bool = False) -> Q:
        """Join them with OR."""
        return reduce(or_, (part.sql(caller, total=total) for part in self.parts))

    def matches(self, row: Row, world: World) -> bool:
        """Ask each."""
        return any(part.matches(row, world) for part in self.parts)


@dataclass(frozen=True)
class Not:
    """The opposite of a condition: a field without a value does not fulfil it, and so fulfils this."""

    part: Node

    def sql(self, caller: Caller, *, total: bool = False) -> Q:
        """Negate what is never NULL."""
        del total
        return ~self.part.sql(caller, total=True)

    def matches(self, row: Row, world: World) -> bool:
        """Ask the other."""
        return not self.part.matches(row, world)


@dataclass(frozen=True)
class Test:
    """One operator on one field."""

    __test__ = False

    parse_class: ParseClass
    field: Field
    operator: Operator
    operand: Any

    def sql(self, _caller: Caller, *, total: bool = False) -> Q:
        """Return the operator's SQL."""
        condition = Q(self.operator.sql(self.parse_class, self.field, self.operand))
        return without_null(condition) if total else condition

    def matches(self, row: Row, _world: World) -> bool:
        """Apply the operator's test."""
        return self.operator.test(row.get(self.field.name), self.operand)


@dataclass(frozen=True)
class InQuery:
    """A pointer to a row that matches and that the caller may read."""

    field: Field
    target: ParseClass
    where: Node

    def sql(self, caller: Caller, *, total: bool = False) -> Q:
        """Look among the rows of the other class, behind the gate."""
        del total
        column = self.field.targets.get(self.target.name)
        return (
            Q(**{f"{column}__in": _selected(self.target, self.where, caller, self.target.id_column)})
            if column
            else NOTHING
        )

    def matches(self, row: Row, world: World) -> bool:
        """Look among the rows of the other class."""
        pointer = row.get(self.field.name)
        if not isinstance(pointer, Pointer) or pointer.class_name != self.target.name:
            return False
        return any(each["objectId"] == pointer.object_id for each in world.rows(self.target, self.where))


@dataclass(frozen=True)
class Select:
    """A value that is also the value of some field in a row that matches and that the caller may read."""

    field: Field
    source: ParseClass
    where: Node
    key: Field

    def sql(self, caller: Caller, *, total: bool = False) -> Q:
        """Compare the column with the other column, or for pointers the ones of each class."""
        del total
        if self.field.kind is Kind.POINTER:
            pairs = [
                (self.field.targets[each], self.key.targets[each])
                for each in self.field.targets
                if each in self.key.targets
            ]
        else:
            pairs = [(self.field.column, self.key.column)]
        return reduce(or_, (self._pair(caller, *pair) for pair in pairs), NOTHING)

    def _pair(self, caller: Caller, column: str, other: str) -> Q:
        rows = rows_for(self.source, caller, "view").filter(self.where.sql(caller), **{f"{other}__isnull": False})
        if self.key.is_blank_absent:
            rows = rows.exclude(**{other: ""})
        if self.field.kind not in (Kind.DATE, Kind.STAMP):
            return Q(**{f"{column}__in": rows.values(other)})
        values = rows.values_list(_milliseconds(other))
        return Q(_among(_milliseconds(column), values))

    def matches(self, row: Row, world: World) -> bool:
        """Look among the values of the other class."""
        value = row.get(self.field.name)
        others = (each.get(self.key.name) for each in world.rows(self.source, self.where))
        return value is not None and any(value == other for other in others)


@dataclass(frozen=True)
class RelatedTo:
    """A row that a relation of a role names: one of its users or child roles, if the caller may read the role."""

    relation: str
    role_id: str

    def sql(self, caller: Caller, *, total: bool = False) -> Q:
        """Look among what the role has."""
        del total
        table, column, member = LINKS[self.relation]
        role = rows_for(CLASSES["_Role"], caller, "view").filter(object_id=self.role_id)
        return Q(pk__in=table._default_manager.filter(**{f"{column}__in": role.values("pk")}).values(member))

    def matches(self, row: Row, world: World) -> bool:
        """Look among what the role has."""
        return row["objectId"] in world.members(self.relation, self.role_id)


@dataclass(frozen=True)
class HasMember:
    """A role that has one of these users or child roles."""

    relation: str
    member_ids: frozenset[str]

    def sql(self, caller: Caller, *, total: bool = False) -> Q:
        """Look among what roles have."""
        del caller, total
        table, column, member = LINKS[self.relation]
        name = "user" if member == "user_id" else "to_role__object_id"
        rows = table._default_manager.filter(**{f"{name}__in": sorted(self.member_ids)})
        return Q(pk__in=rows.values(column))

    def matches(self, row: Row, world: World) -> bool:
        """Look among what the role has."""
        return bool(self.member_ids & world.members(self.relation, str(row["objectId"])))


@dataclass(frozen=True)
class HasMemberThat:
    """A role that has a user or child role which matches and which the caller may read."""

    relation: str
    target: ParseClass
    where: Node

    def sql(self, caller: Caller, *, total: bool = False) -> Q:
        """Look among what roles have, behind the gate."""
        del total
        table, column, member = LINKS[self.relation]
        members = _selected(self.target, self.where, caller, "pk")
        return Q(pk__in=table._default_manager.filter(**{f"{member}__in": members}).values(column))

    def matches(self, row: Row, world: World) -> bool:
        """Look among what the role has."""
        found = {each["objectId"] for each in world.rows(self.target, self.where)}
        return bool(found & world.members(self.relation, str(row["objectId"])))


LINKS: Mapping[str, tuple[Any, str, str]] = {
    "users": (MEMBERSHIPS, "group_id", "user_id"),
    "roles": (CHILD_ROLES, "from_role_id", "to_role_id"),
}
"""For each relation of a role: its table, and the columns of the role and of the member."""


def _selected(parse_class: ParseClass, where: Node, caller: Caller, column: str) -> QuerySet[Any, Any]:
    return rows_for(parse_class, caller, "view").filter(where.sql(caller)).values(column)


def _milliseconds(column: str) -> Func:
    return Func(Constant("milliseconds"), F(column), function="date_trunc", output_field=DateTimeField())


class _Among(Subquery):
    """What may turn out to have no row at all: the condition is false then, where Django's own would say IN NULL."""

    empty_result_set_value = NotImplemented


def _among(left: Func, rows: QuerySet[Any, Any]) -> Func:
    inside = Func(left, _Among(rows), arg_joiner=" IN ", template="(%(expressions)s)", output_field=BooleanField())
    return Func(inside, template="(%(expressions)s) IS TRUE", output_field=BooleanField())


def without_null(condition: Q) -> Q:
    """Return the same condition with false in place of NULL; Django sees to its own lookups itself."""
    made = cast("Q", condition.copy())
    made.children = [_without_null(child) for child in condition.children]
    return made


def _without_null(child: Any) -> Any:
    if isinstance(child, Q):
        return without_null(child)
    if isinstance(child, tuple):
        return child
    return Func(child, template="(%(expressions)s) IS TRUE", output_field=BooleanField())
