"""Single objects, as somebody may read them."""

from __future__ import annotations

from parse_api.errors import not_found
from parse_api.graphql.connections import filled
from parse_api.graphql.plans import Shape
from parse_api.graphql.rows import One, one_sql
from parse_api.graphql.run import Run
from parse_api.graphql.texts import Json
from parse_api.queries.conditions import Test
from parse_api.queries.find import row_of
from parse_api.queries.operators import OPERATORS


def read(shape: Shape, object_id: str, run: Run) -> Json:
    """Return an object; raises ParseError 101 when it is not there or not for the caller."""
    found = read_if_readable(shape, object_id, run)
    if found is None:
        raise not_found()
    return found


def read_if_readable(shape: Shape, object_id: str, run: Run, *, is_new: bool = False) -> Json | None:
    """Return an object, None when it is not there or not for the caller, who has just made it if it `is_new`."""
    if not is_id(object_id):
        return None
    known = shape.parse_class
    condition = Test(known, known.fields["objectId"], OPERATORS["$eq"], object_id)
    row = row_of(one_sql, One(shape, is_new), known, condition, run.caller, keeps_plan=True)
    return None if row is None else Json(filled(row[0], run))


def is_id(text: str) -> bool:
    """Tell whether a text could be an objectId of some class."""
    return text.isascii() and text.isalnum()
