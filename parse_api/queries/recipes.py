"""Keeps the SQL of queries of one form, with the places of its values, so that Django compiles it once.

Compiling a query costs more than the whole rest of a request. What decides the SQL is the form of the where (its
operators, fields and the types of its values), the options, and which class-level permissions the caller has; the
values themselves and his name and roles are parameters. A recipe is made by compiling the query, through the gate as
ever, for a stand-in of the caller and with a mark in place of each value; where the marks come out, the values go in.
When a mark does not come out, as when Django or an operator changes a value, there is no recipe, and the query is
compiled each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any, TypeAlias

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db.models import TextField, Value

from accounts.backends import PasswordBackend
from accounts.models import User
from parse_api.caller import Caller
from parse_api.classes import CLASSES
from parse_api.codecs import Pointer
from parse_api.queries.conditions import AllOf, AnyOf, InQuery, Node, Not, Test
from parse_api.queries.objects_sql import Sql
from parse_api.queries.operators import OPERATORS
from records.models import Record

_PLAIN = {OPERATORS[name] for name in ("$eq", "$lt", "$lte", "$gt", "$gte")}
"""Operators whose SQL depends on the type of the value only."""
_KEPT = OPERATORS["$exists"]
"""Its operand is no parameter, but a part of the form."""
_MOST = 500
_ME, _MY_KEYS = "\x02me", "\x02keys"
_FAR_PAST = datetime(1, 1, 1, tzinfo=UTC)
_VIEWS = [
    f"{each.model._meta.app_label}.view_{each.model._meta.model_name}"
    for each in CLASSES.values()
    if issubclass(each.model, Record)
]
SHARED = {each.name for each in CLASSES.values() if issubclass(each.model, Record | User)}
"""Classes whose gate asks for a person's class-level permissions and for what he is called in `readers` only."""
_MOST_VALUES = 20
_MOST_NODES = 60
_LONGEST = 50_000
"""Characters of a statement that is kept: with those above, how much memory a client can fill."""
_PERMISSIONS = PasswordBackend()
Compile: TypeAlias = Callable[[Any, Node, Caller], Sql]
"""Makes a statement of a form, a condition and a caller."""


@dataclass(frozen=True)
class _Mark:
    """Where a value goes that is not of the where: the caller's objectId or all that he is called in `readers`."""

    is_list: bool


@dataclass(frozen=True)
class _Recipe:
    """The text of a statement and its parameters; `places` says which of them are which value of a request."""

    text: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, int | _Mark], ...]

    def fill(self, values: list[Any], user: User) -> Sql:
        """Return the statement for these values and this person."""
        params = list(self.params)
        for place, source in self.places:
            if isinstance(source, int):
                params[place] = values[source]
            else:
                params[place] = user.reader_keys if source.is_list else user.pk
        return self.text, tuple(params)


def by_recipe(compile_sql: Compile, form: Any, condition: Node, caller: Caller) -> Sql | None:
    """Return what `compile_sql` makes of these, if there is a recipe; `form` is compared by identity.

    The condition is on a class whose name is in SHARED.
    """
    if caller.user is None or caller.is_master or not caller.user.is_active or not form.is_remembered:
        return None
    if sum(1 for _ in islice(_nodes(condition), _MOST_NODES + 1)) > _MOST_NODES:
        return None
    values: list[Any] = []
    plain = _plain(condition, values)
    if plain is None or len(values) > _MOST_VALUES:
        return None
    known: Any = plain
    recipe = _recipe(compile_sql, form, known, _standing(caller.user))
    return recipe.fill(values, caller.user) if recipe else None


def _standing(user: User) -> tuple[bool, ...]:
    """Tell for each class of records whether the person has the class-level permission to view it."""
    held = set(_VIEWS) if user.is_superuser else _PERMISSIONS.get_all_permissions(user, None)
    return tuple(view in held for view in _VIEWS)


def _plain(node: Node, values: list[Any]) -> Node | None:
    """Return the condition with marks in place of its values, which are put into `values`; None if there is none."""
    if isinstance(node, AllOf | AnyOf):
        parts = [part for each in node.parts if (part := _plain(each, values)) is not None]
        return replace(node, parts=tuple(parts)) if len(parts) == len(node.parts) else None
    if isinstance(node, Not):
        part = _plain(node.part, values)
        return part and Not(part)
    if isinstance(node, InQuery) and node.target.name in SHARED:
        inner = _plain(node.where, values)
        return inner and replace(node, where=inner)
    if not isinstance(node, Test):
        return None
    if node.operator is _KEPT:
        return node
    mark = _mark(node.operand, len(values)) if node.operator in _PLAIN else None
    if mark is None:
        return None
    values.append(node.operand.object_id if isinstance(node.operand, Pointer) else node.operand)
    return replace(node, operand=mark)


def _mark(value: Any, number: int) -> Any:
    """Return a value of the same type that nobody sends; None when the value itself may decide the SQL."""
    if isinstance(value, str) and value:
        return f"\x02{number}"
    if isinstance(value, Decimal):
        return Decimal(f"1.{number:03}e-9999")
    if isinstance(value, datetime):
        return _FAR_PAST + timedelta(microseconds=number)
    if isinstance(value, Pointer) and value.class_name in CLASSES:
        return Pointer(value.class_name, f"\x02{number}")
    return None


@lru_cache(maxsize=_MOST)
def _recipe(compile_sql: Compile, form: Any, plain: Any, standing: tuple[bool, ...]) -> _Recipe | None:
    marks = {_hashable(mark): number for number, mark in enumerate(_marks(plain))}
    try:
        text, params = compile_sql(form, plain, Caller(_stand_in(standing)))
    except EmptyResultSet:
        return None
    if len(text) > _LONGEST:
        return None
    sources = marks | {_ME: _Mark(is_list=False), (_MY_KEYS,): _Mark(is_list=True)}
    places = tuple((place, sources[key]) for place, key in enumerate(map(_hashable, params)) if key in sources)
    return _Recipe(text, params, places) if {source for _, source in places} >= set(marks.values()) else None


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    below: tuple[Node, ...] = ()
    if isinstance(node, AllOf | AnyOf):
        below = node.parts
    elif isinstance(node, Not):
        below = (node.part,)
    elif isinstance(node, InQuery):
        below = (node.where,)
    for each in below:
        yield from _nodes(each)


def _marks(plain: Node) -> Iterator[Any]:
    for node in _nodes(plain):
        if isinstance(node, Test) and node.operator is not _KEPT:
            yield node.operand.object_id if isinstance(node.operand, Pointer) else node.operand


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _stand_in(standing: tuple[bool, ...]) -> User:
    """Return somebody with these class-level permissions, whose objectId and roles are marks.

    The roles are one value, where Django makes one of each element of a list.
    """
    user = User(id=_ME)
    user._perm_cache = {view for view, has in zip(_VIEWS, standing, strict=True) if has}  # type: ignore[attr-defined]
    user.__dict__["reader_keys"] = Value([_MY_KEYS], output_field=ArrayField(TextField()))
    return user
