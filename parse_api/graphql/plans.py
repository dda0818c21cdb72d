"""What an answer has to look like: the selections of an operation, fragments merged, made ready once for many requests.

GraphQL's usual way, a function for each value of each row, costs more than the rest of a request. Here the selection of
an object becomes a `Shape`, of which `rows` makes SQL; the few values that Python makes have a `Projection`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLSkipDirective,
    SelectionSetNode,
    get_directive_values,
    get_named_type,
    is_abstract_type,
    is_object_type,
)

from parse_api.classes import Field, ParseClass
from parse_api.queries.options import Selection

CLASS, LIST = "class", "list"
"""What the extensions of a type name: the class of an object, or of the nodes of a connection."""


@dataclass(frozen=True, eq=False)
class Projection:
    """The fields of an object that Python makes: the key of each in the answer, its name, and what is below it."""

    type_name: str
    parts: tuple[tuple[str, str, Plan | None], ...]


@dataclass(frozen=True, eq=False)
class Part:
    """One field of an object in the database.

    `stored` is None for a field without a column. `shapes` has what is shown of a pointer, by class; `late` is the
    place among the `Late` parts of the operation of what Python makes of a value.
    """

    key: str
    name: str
    stored: Field | None
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    late: int | None = None


@dataclass(frozen=True, eq=False)
class Shape:
    """What is shown of an object of a class, and what must be selected for it."""

    parse_class: ParseClass
    type_name: str
    parts: tuple[Part, ...]
    selection: Selection


@dataclass(frozen=True, eq=False)
class Connection:
    """What is shown of a list: `shapes` has what its nodes show, one for each time that they are asked for."""

    parse_class: ParseClass
    type_name: str
    parts: tuple[tuple[str, str, Plan | Edges | None], ...]
    shapes: tuple[Shape, ...]
    names: frozenset[str]
    """What is asked for of the list and, after a point, of its pages."""


@dataclass(frozen=True, eq=False)
class Edges:
    """The fields of an edge: key, name and for a node its place in a row, after the id."""

    type_name: str
    parts: tuple[tuple[str, str, int], ...]


Plan: TypeAlias = Projection | Shape | Connection | Mapping[str, "Projection | Shape"]
"""A mapping by the name of the type is for what may be of several types."""


@dataclass(frozen=True, eq=False)
class Late:
    """A part that Python makes: an ACL, or the list of a relation, with the field that says its arguments."""

    owner: GraphQLObjectType
    node: FieldNode
    plan: Projection | Connection


@dataclass(frozen=True, eq=False)
class Root:
    """A field of the operation itself: `nodes` are where it is asked for, all of them with the same arguments."""

    key: str
    nodes: Sequence[FieldNode]
    plan: Any

    @property
    def node(self) -> FieldNode:
        """Where it is asked for first."""
        return self.nodes[0]

    @property
    def name(self) -> str:
        """What it is called."""
        return self.node.name.value


def repeats(plan: Any) -> int:
    """Return how often the field that is shown most of an object, with all that it points at, is shown of it."""
    if isinstance(plan, Shape | Connection):
        counts = Counter(_leaves(plan))
        return max(counts.values(), default=0)
    below = plan.values() if isinstance(plan, dict) else [each for *_, each in getattr(plan, "parts", ())]
    return max(map(repeats, below), default=0)


def _leaves(plan: Shape | Connection) -> Iterator[tuple[str, str]]:
    """Yield the class and name of each field whose values an object shows."""
    for shape in plan.shapes if isinstance(plan, Connection) else (plan,):
        for part in shape.parts:
            if not part.shapes:
                yield shape.parse_class.name, part.name
            for below in part.shapes.values():
                yield from _leaves(below)


@dataclass
class Planner:
    """Makes plans of one operation with the values of the variables that its directives name."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Any
    late: list[Late] = field(default_factory=list)

    def roots(self, type_: GraphQLObjectType, selections: SelectionSetNode) -> list[Root]:
        """Return the fields of the operation in their order."""
        found = []
        for key, nodes in self._merged(type_, [selections]).items():
            definition = type_.fields.get(nodes[0].name.value)
            found.append(Root(key, nodes, definition and self._plan(definition.type, nodes)))
        return found

    def _plan(self, type_: GraphQLOutputType, nodes: Sequence[FieldNode]) -> Any:
        named: Any = get_named_type(type_)
        sets = [node.selection_set for node in nodes if node.selection_set is not None]
        if is_abstract_type(named):
            return {each.name: self._object(each, sets) for each in self.schema.get_possible_types(named)}
        return self._object(named, sets) if is_object_type(named) else None

    def _object(self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> Plan:
        if CLASS in type_.extensions:
            return self._shape(type_, sets)
        if LIST in type_.extensions:
            return self._connection(type_, sets)
        return self._projection(type_, sets)

    def _projection(self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> Projection:
        parts = [
            (key, nodes[0].name.value, self._below(type_, nodes)) for key, nodes in self._merged(type_, sets).items()
        ]
        return Projection(type_.name, tuple(parts))

    def _below(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Any:
        definition = type_.fields.get(nodes[0].name.value)
        return None if definition is None else self._plan(definition.type, nodes)

    def _shape(self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> Shape:
        parse_class: ParseClass = type_.extensions[CLASS]
        parts = [self._part(type_, parse_class, key, nodes) for key, nodes in self._merged(type_, sets).items()]
        names = {part.name for part in parts if part.stored is not None}
        names |= {"more"} & set(parse_class.fields)
        return Shape(parse_class, type_.name, tuple(parts), Selection(parse_class, frozenset(names)))

    def _part(self, type_: GraphQLObjectType, parse_class: ParseClass, key: str, nodes: Sequence[FieldNode]) -> Part:
        name = nodes[0].name.value
        column = parse_class.fields.get("objectId" if name == "id" else name)
        below = self._below(type_, nodes)
        if isinstance(below, Projection | Connection):
            self.late.append(Late(type_, nodes[0], below))
            return Part(key, name, column, late=len(self.late) - 1)
        shapes = below if isinstance(below, dict) else {} if below is None else {below.type_name: below}
        return Part(key, name, column, {shape.parse_class.name: shape for shape in shapes.values()})

    def _connection(self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> Connection:
        shapes: list[Shape] = []
        parts: list[tuple[str, str, Any]] = []
        names = set()
        for key, nodes in self._merged(type_, sets).items():
            name = nodes[0].name.value
            below = self._edges(type_, nodes, shapes) if name == "edges" else self._below(type_, nodes)
            names |= (
                {name} if not isinstance(below, Projection) else {name, *(f"{name}.{part[1]}" for part in below.parts)}
            )
            parts.append((key, name, below))
        return Connection(type_.extensions[LIST], type_.name, tuple(parts), tuple(shapes), frozenset(names))

    def _edges(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode], shapes: list[Shape]) -> Edges:
        edge: Any = get_named_type(type_.fields["edges"].type)
        sets = [node.selection_set for node in nodes if node.selection_set is not None]
        parts = []
        for key, below in self._merged(edge, sets).items():
            name = below[0].name.value
            if name == "node":
                shapes.append(self._below(edge, below))
            parts.append((key, name, len(shapes)))
        return Edges(edge.name, tuple(parts))

    def _merged(self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        """Return the fields that are selected of a type, by their key in the answer."""
        found: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for each in sets:
            self._collect(type_, each, found, seen)
        return found

    def _collect(
        self, type_: GraphQLObjectType, selections: SelectionSetNode, found: dict[str, list[FieldNode]], seen: set[str]
    ) -> None:
        for each in selections.selections:
            if not self._is_included(each):
                continue
            if isinstance(each, FieldNode):
                found.setdefault((each.alias or each.name).value, []).append(each)
                continue
            inner: Any = each
            if isinstance(each, FragmentSpreadNode):
                if each.name.value in seen:
                    continue
                seen.add(each.name.value)
                inner = self.fragments[each.name.value]
            if self._applies(inner, type_):
                self._collect(type_, inner.selection_set, found, seen)

    def _is_included(self, node: Any) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return not (skip and skip["if"]) and not (include and not include["if"])

    def _applies(self, fragment: Any, type_: GraphQLObjectType) -> bool:
        if fragment.type_condition is None:
            return True
        wanted: Any = self.schema.get_type(fragment.type_condition.name.value)
        return wanted is type_ or (is_abstract_type(wanted) and self.schema.is_sub_type(wanted, type_))
