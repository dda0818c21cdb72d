"""What a query asks: objects, lists, who one is, and the schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from parse_api.classes import ALL, FIXED, ParseClass
from parse_api.errors import Code, ParseError
from parse_api.graphql.connections import connection
from parse_api.graphql.names import field_name, object_id, plural, read_global_id
from parse_api.graphql.objects import read
from parse_api.graphql.plans import Projection, Root
from parse_api.graphql.run import Run
from parse_api.graphql.texts import Json, object_text, text_of
from parse_api.identity import bad_session
from parse_api.service import server
from parse_api.service.schema import fields_of

Resolver: TypeAlias = Callable[[Root, Mapping[str, Any], Run], str]
"""Takes a field of the operation, its arguments and the run; returns the JSON of the answer."""


def _one(parse_class: ParseClass, asked: Root, arguments: Mapping[str, Any], run: Run) -> str:
    return read(asked.plan, object_id(arguments["id"], parse_class), run)


def _many(asked: Root, arguments: Mapping[str, Any], run: Run) -> str:
    return connection(asked.plan, arguments, run)


def _node(asked: Root, arguments: Mapping[str, Any], run: Run) -> str:
    found = read_global_id(arguments["id"])
    if found is None:
        raise ParseError(Code.FORBIDDEN, "This is the global id of no class.")
    shape = next(each for each in asked.plan.values() if each.parse_class.name == found.class_name)
    return read(shape, found.object_id, run)


def _viewer(asked: Root, _arguments: Mapping[str, Any], run: Run) -> str:
    return viewer(asked.plan, run)


def viewer(plan: Projection, run: Run) -> Json:
    """Return who calls, with the token of his session; raises ParseError 209 without one."""
    user = run.caller.user
    if user is None:
        raise bad_session()
    return object_text(
        plan, lambda name, below: run.caller.token if name == "sessionToken" else read(below, user.pk, run)
    )


def _health(_asked: Root, _arguments: Mapping[str, Any], _run: Run) -> str:
    server.health()
    return "true"


def _class(asked: Root, arguments: Mapping[str, Any], run: Run) -> str:
    _need_master(run)
    known = ALL.get(arguments["name"]) or ALL.get(f"_{arguments['name']}")
    if known is None:
        raise ParseError(Code.BAD_CLASS, "There is no such class.")
    return text_of(asked.plan, _schema(known))


def _classes(asked: Root, _arguments: Mapping[str, Any], run: Run) -> str:
    _need_master(run)
    return text_of(asked.plan, [_schema(each) for each in ALL.values()])


def _need_master(run: Run) -> None:
    if not run.caller.is_master:
        raise ParseError(Code.FORBIDDEN, "The schema is for the master key.")


def _schema(parse_class: ParseClass) -> dict[str, Any]:
    known = fields_of(parse_class)
    fields = [
        {
            "__typename": schema_field(known[name]["type"]),
            "name": name,
            "targetClassName": known[name].get("targetClass"),
            "isRequired": bool(known[name].get("required")),
        }
        for name in dict.fromkeys((*FIXED, *known))
    ]
    return {"name": parse_class.name, "schemaFields": fields}


def schema_field(kind: str) -> str:
    """Return the name of the type that tells of a field of some type."""
    return f"Schema{kind}Field"


RESOLVERS: dict[str, Resolver] = {
    **{field_name(each): partial(_one, each) for each in ALL.values()},
    **{plural(each): _many for each in ALL.values()},
    "node": _node,
    "viewer": _viewer,
    "health": _health,
    "class": _class,
    "classes": _classes,
}
