"""The gate as the text of a query, kept for who asks again: Django takes a millisecond to write it."""

from __future__ import annotations

from django.core.exceptions import EmptyResultSet

from parse_api.access import rows_for
from parse_api.caller import Caller
from parse_api.classes import ParseClass
from parse_api.queries.objects_sql import Sql

KEPT = 1_000
_texts: dict[tuple[object, ...], Sql] = {}


def ids_for(parse_class: ParseClass, caller: Caller, action: str) -> Sql | None:
    """Return the query of the ids of the records that the caller may "view", "change" or "delete"; None: of none.

    What is kept is `rows_for`, by all that it goes by: who the caller is, his roles and whether he has the class-level
    permission, each of them read anew for every request.
    """
    key = (parse_class.name, action, *_rights(parse_class, caller, action))
    found = _texts.get(key)
    if found is None:
        try:
            text, params = rows_for(parse_class, caller, action).order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            return None
        if len(_texts) >= KEPT:
            _texts.clear()
        found = _texts[key] = text, tuple(params)
    return found


def _rights(parse_class: ParseClass, caller: Caller, action: str) -> tuple[object, ...]:
    if caller.is_master:
        return ("master key",)
    user, meta = caller.user, parse_class.model._meta
    if user is None or not user.is_active:
        return ()
    return (user.pk, user.has_perm(f"{meta.app_label}.{action}_{meta.model_name}"), *user.role_names.items())
