"""The schema: types of what is answered, queries and mutations, all made of the class table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
)

from parse_api.classes import ALL, ParseClass
from parse_api.graphql import inputs
from parse_api.graphql.catalog import answered, is_always_there, kinds, targets
from parse_api.graphql.names import field_name, plural, type_name
from parse_api.graphql.plans import CLASS, LIST
from parse_api.graphql.queries import schema_field
from parse_api.graphql.scalars import ANY, DATE, OBJECT

_TEXT = GraphQLNonNull(GraphQLString)
_TRUTH = GraphQLNonNull(GraphQLBoolean)
_ID = GraphQLNonNull(GraphQLID)


def _object(name: str, /, **fields: GraphQLOutputType) -> GraphQLObjectType:
    return GraphQLObjectType(name, {key: GraphQLField(type_) for key, type_ in fields.items()})


def _all(type_: GraphQLObjectType | GraphQLInterfaceType) -> GraphQLList[Any]:
    return GraphQLList(GraphQLNonNull(type_))


NODE = GraphQLInterfaceType("Node", {"id": GraphQLField(_ID)})
_OBJECT_FIELDS: Mapping[str, GraphQLOutputType] = {
    "objectId": _ID,
    "createdAt": GraphQLNonNull(DATE),
    "updatedAt": GraphQLNonNull(DATE),
    "ACL": _object(
        "ACL",
        users=_all(_object("UserACL", userId=_ID, read=_TRUTH, write=_TRUTH)),
        roles=_all(_object("RoleACL", roleName=_TEXT, read=_TRUTH, write=_TRUTH)),
        public=_object("PublicACL", read=_TRUTH, write=_TRUTH),
    ),
}
PARSE_OBJECT = GraphQLInterfaceType(
    "ParseObject", {name: GraphQLField(type_) for name, type_ in _OBJECT_FIELDS.items()}
)
_PLAIN: Mapping[str, GraphQLOutputType] = {
    "String": GraphQLString,
    "Number": GraphQLFloat,
    "Date": DATE,
    "Boolean": GraphQLBoolean,
    "Array": GraphQLList(ANY),
    "Object": OBJECT,
}
_PAGE_INFO = _object(
    "PageInfo", hasNextPage=_TRUTH, hasPreviousPage=_TRUTH, startCursor=GraphQLString, endCursor=GraphQLString
)


def _type(parse_class: ParseClass) -> GraphQLObjectType:
    def fields() -> dict[str, GraphQLField]:
        return {"id": GraphQLField(_ID), **{name: _field(parse_class, name) for name in answered(parse_class)}}

    extensions = {CLASS: parse_class}
    return GraphQLObjectType(type_name(parse_class), fields, interfaces=[NODE, PARSE_OBJECT], extensions=extensions)


def _field(parse_class: ParseClass, name: str) -> GraphQLField:
    kind = kinds(parse_class)[name]
    if name in _OBJECT_FIELDS:
        return GraphQLField(_OBJECT_FIELDS[name])
    if kind == "Relation":
        target = targets(parse_class, name)[0]
        return GraphQLField(GraphQLNonNull(_LISTS[target.name]), inputs.arguments_of_lists(target))
    type_: Any = _pointed_at(parse_class, name) if kind == "Pointer" else _PLAIN[kind]
    return GraphQLField(GraphQLNonNull(type_) if is_always_there(parse_class, name) else type_)


def _pointed_at(parse_class: ParseClass, name: str) -> GraphQLObjectType | GraphQLUnionType:
    return _UNIONS.get((parse_class.name, name)) or _TYPES[targets(parse_class, name)[0].name]


def _list(parse_class: ParseClass) -> GraphQLObjectType:
    name = type_name(parse_class)
    edge = _object(f"{name}Edge", cursor=_TEXT, node=GraphQLNonNull(_TYPES[parse_class.name]))
    fields = {
        "count": GraphQLField(GraphQLNonNull(GraphQLInt)),
        "edges": GraphQLField(_all(edge)),
        "pageInfo": GraphQLField(GraphQLNonNull(_PAGE_INFO)),
    }
    return GraphQLObjectType(f"{name}Connection", fields, extensions={LIST: parse_class})


def _unions() -> dict[tuple[str, str], GraphQLUnionType]:
    """Make a type for each pointer that leads to several classes."""
    found = {}
    for each in ALL.values():
        for name, kind in kinds(each).items():
            if kind == "Pointer" and len(targets(each, name)) > 1:
                types = [_TYPES[target.name] for target in targets(each, name)]
                found[each.name, name] = GraphQLUnionType(f"{type_name(each)}{name[0].upper()}{name[1:]}", types)
    return found


_TYPES = {each.name: _type(each) for each in ALL.values()}
_UNIONS = _unions()
_LISTS = {each.name: _list(each) for each in ALL.values()}
_VIEWER = _object("Viewer", sessionToken=_TEXT, user=GraphQLNonNull(_TYPES["_User"]))
_SCHEMA_FIELD = GraphQLInterfaceType("SchemaField", {"name": GraphQLField(_TEXT)})


def _schema_field(kind: str) -> GraphQLObjectType:
    fields = {"name": GraphQLField(_TEXT), "isRequired": GraphQLField(GraphQLBoolean)}
    if kind in ("Pointer", "Relation"):
        fields["targetClassName"] = GraphQLField(_TEXT)
    return GraphQLObjectType(schema_field(kind), fields, interfaces=[_SCHEMA_FIELD])


_SCHEMA_FIELDS = [
    _schema_field(kind) for kind in sorted({kind for each in ALL.values() for kind in kinds(each).values()})
]
_CLASS = _object("Class", name=_TEXT, schemaFields=GraphQLNonNull(_all(_SCHEMA_FIELD)))


def _queries() -> dict[str, GraphQLField]:
    found = {}
    for each in ALL.values():
        one, many = GraphQLNonNull(_TYPES[each.name]), GraphQLNonNull(_LISTS[each.name])
        found[field_name(each)] = GraphQLField(one, {"id": GraphQLArgument(_ID), **inputs.OF_ONE})
        found[plural(each)] = GraphQLField(many, inputs.arguments_of_lists(each))
    return {
        **found,
        "node": GraphQLField(NODE, {"id": GraphQLArgument(_ID)}),
        "viewer": GraphQLField(GraphQLNonNull(_VIEWER)),
        "health": GraphQLField(_TRUTH),
        "class": GraphQLField(GraphQLNonNull(_CLASS), {"name": GraphQLArgument(_TEXT)}),
        "classes": GraphQLField(GraphQLNonNull(_all(_CLASS))),
    }


def _mutations() -> dict[str, GraphQLField]:
    found = {}
    for each in ALL.values():
        name, shown = type_name(each), {field_name(each): _TYPES[each.name]}
        found[f"create{name}"] = _mutation(f"Create{name}", {"fields": inputs.CREATES[each.name]}, shown)
        changed: dict[str, GraphQLInputType] = {"id": _ID, "fields": inputs.UPDATES[each.name]}
        told: dict[str, GraphQLOutputType] = {"sessionToken": GraphQLString} if name == "User" else {}
        found[f"update{name}"] = _mutation(f"Update{name}", changed, {**shown, **told})
        found[f"delete{name}"] = _mutation(f"Delete{name}", {"id": _ID}, shown)
    viewer, ok = {"viewer": GraphQLNonNull(_VIEWER)}, {"ok": _TRUTH}
    return {
        **found,
        "signUp": _mutation("SignUp", {"fields": inputs.CREATES["_User"]}, viewer),
        "logIn": _mutation("LogIn", {"username": _TEXT, "password": _TEXT}, viewer),
        "logOut": _mutation("LogOut", {}, ok),
        "resetPassword": _mutation("ResetPassword", {"email": _TEXT}, ok),
    }


def _mutation(name: str, given: Mapping[str, GraphQLInputType], shown: Mapping[str, GraphQLOutputType]) -> GraphQLField:
    own = {"clientMutationId": GraphQLString}
    fields = {key: GraphQLInputField(type_) for key, type_ in {**given, **own}.items()}
    sent = GraphQLNonNull(GraphQLInputObjectType(f"{name}Input", fields))
    return GraphQLField(_object(f"{name}Payload", **{**shown, **own}), {"input": GraphQLArgument(sent)})


SCHEMA = GraphQLSchema(
    GraphQLObjectType("Query", _queries()),
    GraphQLObjectType("Mutation", _mutations()),
    types=[*_TYPES.values(), *_SCHEMA_FIELDS],
)
