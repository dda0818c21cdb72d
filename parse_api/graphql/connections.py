"""Lists: of a class, and of the people and roles that a role has; those of many roles at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphql import get_argument_values

from parse_api.access import rows_for
from parse_api.classes import CLASSES, INSTALLATION, ParseClass
from parse_api.errors import Code, ParseError, not_found
from parse_api.graphql.acls import acl_text
from parse_api.graphql.pages import Window, page_text, read_window
from parse_api.graphql.plans import Connection, Late, Projection
from parse_api.graphql.rows import LATE, NODE, ROW, Page, page_sql
from parse_api.graphql.run import Run
from parse_api.graphql.texts import Json
from parse_api.graphql.wheres import as_where
from parse_api.limits import ROWS
from parse_api.queries.conditions import LINKS, AllOf, Node, RelatedTo, Test
from parse_api.queries.find import WITHOUT_SESSION, row_of
from parse_api.queries.operators import OPERATORS
from parse_api.queries.options import Order, read_order
from parse_api.queries.patterns import Pattern, patience
from parse_api.queries.where import Reader


@dataclass(frozen=True)
class Question:
    """A list that is asked for: what its rows fulfil, the patterns in that, their order, and which of them."""

    condition: Node
    slow: Sequence[Pattern]
    order: Order
    window: Window

    def among(self, condition: Node) -> Question:
        """Return the same among the rows that fulfil another condition as well."""
        return replace(self, condition=AllOf((self.condition, condition)))


def connection(plan: Connection, arguments: Mapping[str, Any], run: Run) -> Json:
    """Return the answer to a list of a class."""
    _check_open(plan.parse_class, run)
    return _answer(plan, read_question(plan.parse_class, arguments, run), run)


def read_question(parse_class: ParseClass, arguments: Mapping[str, Any], run: Run) -> Question:
    """Read the arguments of a list; raises ParseError as a list of REST does."""
    reader = Reader(run.caller.is_master)
    condition = reader.where(parse_class, as_where(parse_class, arguments.get("where")))
    order = read_order(parse_class, arguments.get("order"), is_master=run.caller.is_master)
    return Question(condition, reader.slow, order, read_window(arguments))


def _check_open(parse_class: ParseClass, run: Run) -> None:
    """Refuse a list of devices to all but the master key (119), and of records to who has not signed in (101)."""
    if run.caller.is_master:
        return
    if parse_class is INSTALLATION:
        raise ParseError(Code.FORBIDDEN, "Devices are listed with the master key.")
    if run.caller.user is None and parse_class.name in CLASSES and parse_class.name not in WITHOUT_SESSION:
        raise not_found()


def _answer(plan: Connection, asked: Question, run: Run) -> Json:
    wanted = plan.names
    if not wanted & {"edges", "pageInfo"}:
        return page_text(plan, [], asked.window, _count(plan, asked, run) if "count" in wanted else None)
    run.budget.read(asked.window.limit)
    count = _count(plan, asked, run) if asked.window.is_last else None
    window = asked.window.within(count or 0)
    one_more = int("pageInfo.hasNextPage" in wanted)
    page = Page(plan, asked.order, window.limit + one_more, window.skip, "count" in wanted and count is None)
    rows, found = _rows(page, asked, run)
    count = found if count is None else count
    if count is None and window.skip and not rows and "pageInfo.hasPreviousPage" in wanted:
        count = _count(plan, asked, run)  # nothing was skipped where there is nothing
    return page_text(plan, rows, window, count)


def _count(plan: Connection, asked: Question, run: Run) -> int:
    return _rows(Page(plan, is_counted=True), asked, run)[1] or 0


def _rows(page: Page, asked: Question, run: Run) -> tuple[list[list[str]], int | None]:
    """Return the rows of a page, each its id and its nodes, and the count if it is asked for."""
    with patience(asked.slow):
        row = row_of(page_sql, page, page.connection.parse_class, asked.condition, run.caller)
    text, count = row or (None, 0)
    rows = [] if text is None else [each.split(NODE) for each in filled(text, run).split(ROW)]
    return rows, (count or 0) if page.is_counted else None


def filled(text: str, run: Run) -> str:
    """Put what Python makes into what the database wrote: each part once for each value, for all rows together."""
    if LATE not in text:
        return text
    pieces = text.split(LATE)
    marks = [piece.split(NODE, 1) for piece in pieces[1::2]]
    values: dict[str, dict[str, None]] = defaultdict(dict)
    for place, value in marks:
        values[place][value] = None
    made = {place: _made(run.late[int(place)], list(found), run) for place, found in values.items()}
    pieces[1::2] = [made[place][value] for place, value in marks]
    run.budget.show(sum(map(len, pieces)))
    return "".join(pieces)


def _made(late: Late, values: list[str], run: Run) -> Mapping[str, str]:
    if isinstance(late.plan, Projection):
        return {value: acl_text(late.plan, value) for value in values}
    return _related(late, late.plan, values, run)


def _related(late: Late, plan: Connection, role_ids: list[str], run: Run) -> Mapping[str, str]:
    """Return the list of a relation for each of these roles; of many roles with one query for all their members."""
    relation = late.node.name.value
    arguments = get_argument_values(late.owner.fields[relation], late.node, run.variables)
    asked = read_question(plan.parse_class, arguments, run)
    if len(role_ids) == 1:
        return {role_ids[0]: _answer(plan, asked.among(RelatedTo(relation, role_ids[0])), run)}
    members = _members(relation, role_ids, run)
    known = frozenset[str]().union(*members.values())
    run.budget.read(len(known))
    is_one = Test(plan.parse_class, plan.parse_class.fields["objectId"], OPERATORS["$in"], tuple(sorted(known)))
    rows, _ = _rows(Page(plan, asked.order, ROWS), asked.among(is_one), run)
    return {each: _of_role(plan, asked.window, [row for row in rows if row[0] in members[each]]) for each in role_ids}


def _of_role(plan: Connection, window: Window, rows: Sequence[Sequence[str]]) -> Json:
    shown = window.within(len(rows))
    return page_text(plan, rows[shown.skip :], shown, len(rows))


def _members(relation: str, role_ids: list[str], run: Run) -> Mapping[str, set[str]]:
    """Return the ids of the users or child roles of roles that the caller may read."""
    table, column, member = LINKS[relation]
    roles = rows_for(CLASSES["_Role"], run.caller, "view").filter(object_id__in=role_ids)
    known = dict(roles.values_list("pk", "object_id"))
    name = member if relation == "users" else "to_role__object_id"
    found: dict[str, set[str]] = {each: set() for each in role_ids}
    for role, each in table._default_manager.filter(**{f"{column}__in": known}).values_list(column, name):
        found[known[role]].add(each)
    return found
