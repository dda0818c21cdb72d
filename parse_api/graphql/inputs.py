"""The types of what is sent: conditions, orders, and the fields of objects that are made or changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLString,
)

from parse_api.classes import ALL, ParseClass
from parse_api.graphql.catalog import answered, kinds, set_by_apps, targets
from parse_api.graphql.names import type_name
from parse_api.graphql.scalars import ANY, DATE, OBJECT
from records.models import Record

Fields: TypeAlias = dict[str, GraphQLInputField]
EQUAL = {"equalTo": "$eq", "notEqualTo": "$ne"}
LISTED = {"in": "$in", "notIn": "$nin"}
ORDERED = {"lessThan": "$lt", "lessThanOrEqualTo": "$lte", "greaterThan": "$gt", "greaterThanOrEqualTo": "$gte"}
OF_ARRAY = {"contains": "$all", "containedBy": "$containedBy"}
EXISTS = {"exists": "$exists"}
OF_TEXT = {"matchesRegex": "$regex", "options": "$options", "text": "$text"}
SELECTED = {"inQueryKey": "$select", "notInQueryKey": "$dontSelect"}
OPERATORS = {**EQUAL, **LISTED, **ORDERED, **OF_ARRAY, **EXISTS, **OF_TEXT, **SELECTED}
"""What each operator of a field is called in a where of REST; pointers have `have` and `haveNot`."""
_LINKS = ("Pointer", "Relation")
BRANCHES = {"OR": "$or", "AND": "$and", "NOR": "$nor"}
HAVE, HAVE_NOT = "have", "haveNot"


def _optional(types: Mapping[str, GraphQLInputType]) -> Fields:
    return {name: GraphQLInputField(type_) for name, type_ in types.items()}


def _listed(type_: GraphQLInputType) -> GraphQLList[GraphQLInputType]:
    return GraphQLList(type_)


def _many(type_: GraphQLInputObjectType) -> GraphQLInputType:
    return GraphQLList(GraphQLNonNull(type_))


_SUBQUERY = GraphQLInputObjectType(
    "SubqueryInput", {"className": GraphQLInputField(GraphQLNonNull(GraphQLString)), "where": GraphQLInputField(OBJECT)}
)
_SELECT = GraphQLInputObjectType(
    "SelectInput",
    {
        "query": GraphQLInputField(GraphQLNonNull(_SUBQUERY)),
        "key": GraphQLInputField(GraphQLNonNull(GraphQLString)),
    },
)
_SEARCH = GraphQLInputObjectType(
    "SearchInput",
    {
        "term": GraphQLInputField(GraphQLNonNull(GraphQLString)),
        **_optional({"language": GraphQLString, "caseSensitive": GraphQLBoolean, "diacriticSensitive": GraphQLBoolean}),
    },
)
_TEXT = GraphQLInputObjectType("TextInput", {"search": GraphQLInputField(GraphQLNonNull(_SEARCH))})


def _operators(name: str, type_: GraphQLInputType, *groups: Mapping[str, str]) -> GraphQLInputObjectType:
    """Make the input of what a field of one type is compared with."""
    names = [each for group in groups for each in group]
    special: dict[str, GraphQLInputType] = {
        "exists": GraphQLBoolean,
        "options": GraphQLString,
        "text": _TEXT,
        **dict.fromkeys(SELECTED, _SELECT),
        **{each: _listed(type_) for each in (*LISTED, *OF_ARRAY)},
    }
    return GraphQLInputObjectType(f"{name}WhereInput", _optional({each: special.get(each, type_) for each in names}))


_ID = _operators("Id", GraphQLID, EQUAL, ORDERED, LISTED, EXISTS, SELECTED)
_WHERE_OF: Mapping[str, GraphQLInputObjectType] = {
    "String": _operators("String", GraphQLString, EQUAL, ORDERED, LISTED, EXISTS, OF_TEXT, SELECTED),
    "Number": _operators("Number", GraphQLFloat, EQUAL, ORDERED, LISTED, EXISTS, SELECTED),
    "Date": _operators("Date", DATE, EQUAL, ORDERED, LISTED, EXISTS, SELECTED),
    "Boolean": _operators("Boolean", GraphQLBoolean, EQUAL, EXISTS, SELECTED),
    "Array": _operators("Array", ANY, EQUAL, OF_ARRAY, EXISTS),
    "Object": _operators("Object", OBJECT, EXISTS),
}
_INPUT_OF: Mapping[str, GraphQLScalarType | GraphQLList[GraphQLInputType]] = {
    "String": GraphQLString,
    "Number": GraphQLFloat,
    "Date": DATE,
    "Boolean": GraphQLBoolean,
    "Array": _listed(ANY),
    "Object": OBJECT,
}


def _where(parse_class: ParseClass) -> GraphQLInputObjectType:
    def fields() -> Fields:
        found: dict[str, GraphQLInputType] = {"id": _ID}
        for name in answered(parse_class):
            kind = kinds(parse_class)[name]
            if name == "objectId":
                found[name] = _ID
            elif kind in _LINKS:
                found[name] = _LINK_WHERES[parse_class.name, name]
            elif kind in _WHERE_OF:
                found[name] = _WHERE_OF[kind]
        return _optional({**found, **dict.fromkeys(BRANCHES, _many(WHERES[parse_class.name]))})

    return GraphQLInputObjectType(f"{type_name(parse_class)}WhereInput", fields)


def _link_where(parse_class: ParseClass, name: str) -> GraphQLInputObjectType:
    """Make the conditions on a pointer or relation; what leads to several classes has some for each of them."""
    known = targets(parse_class, name)
    wheres = {HAVE: WHERES[known[-1].name], HAVE_NOT: WHERES[known[-1].name]}
    if len(known) > 1:
        wheres |= {f"{have}{type_name(each)}": WHERES[each.name] for each in known for have in (HAVE, HAVE_NOT)}
    return GraphQLInputObjectType(
        f"{_joint_name(parse_class, name)}RelationWhereInput", _optional({"exists": GraphQLBoolean, **wheres})
    )


def _joint_name(parse_class: ParseClass, name: str) -> str:
    """Return what types for a pointer are called: after its class, or after the field if it leads to several."""
    known = targets(parse_class, name)
    return type_name(known[0]) if len(known) == 1 else f"{type_name(parse_class)}{name[0].upper()}{name[1:]}"


def _order(parse_class: ParseClass) -> GraphQLEnumType:
    names = {"id": "objectId", **{name: name for name in answered(parse_class)}}
    values = {
        f"{name}_{way}": sign + field for name, field in names.items() for way, sign in (("ASC", ""), ("DESC", "-"))
    }
    return GraphQLEnumType(f"{type_name(parse_class)}Order", values)


_READ_PREFERENCE = GraphQLEnumType(
    "ReadPreference",
    dict.fromkeys(("PRIMARY", "PRIMARY_PREFERRED", "SECONDARY", "SECONDARY_PREFERRED", "NEAREST"), ""),
)
_READ_OPTIONS = GraphQLInputObjectType(
    "ReadOptionsInput",
    _optional(dict.fromkeys(("readPreference", "includeReadPreference", "subqueryReadPreference"), _READ_PREFERENCE)),
    description="There is one database: these change nothing.",
)
OF_ONE = {"options": GraphQLArgument(_READ_OPTIONS)}


def arguments_of_lists(parse_class: ParseClass) -> dict[str, GraphQLArgument]:
    """Return what a list of a class is asked with."""
    types: dict[str, GraphQLInputType] = {
        "where": WHERES[parse_class.name],
        "order": GraphQLList(GraphQLNonNull(ORDERS[parse_class.name])),
        **dict.fromkeys(("skip", "first", "last"), GraphQLInt),
        **dict.fromkeys(("after", "before"), GraphQLString),
    }
    return {name: GraphQLArgument(type_) for name, type_ in types.items()} | OF_ONE


def _rights(name: str, **holder: GraphQLScalarType) -> GraphQLInputObjectType:
    required = {key: GraphQLInputField(GraphQLNonNull(type_)) for key, type_ in holder.items()}
    rights = {right: GraphQLInputField(GraphQLNonNull(GraphQLBoolean)) for right in ("read", "write")}
    return GraphQLInputObjectType(name, required | rights)


ACL = GraphQLInputObjectType(
    "ACLInput",
    _optional(
        {
            "users": _many(_rights("UserACLInput", userId=GraphQLID)),
            "roles": _many(_rights("RoleACLInput", roleName=GraphQLString)),
            "public": _rights("PublicACLInput"),
        }
    ),
)


def _pointer(parse_class: ParseClass, name: str) -> GraphQLInputObjectType:
    known = targets(parse_class, name)
    fields: dict[str, GraphQLInputType] = {"link": GraphQLID}
    if len(known) == 1:
        fields["createAndLink"] = CREATES[known[0].name]
    return GraphQLInputObjectType(f"{_joint_name(parse_class, name)}PointerInput", _optional(fields))


def _relation(target: ParseClass) -> GraphQLInputObjectType:
    def fields() -> Fields:
        ids = GraphQLList(GraphQLNonNull(GraphQLID))
        return _optional({"add": ids, "remove": ids, "createAndAdd": _many(CREATES[target.name])})

    return GraphQLInputObjectType(f"{type_name(target)}RelationInput", fields)


def _fields(parse_class: ParseClass, *, is_new: bool) -> GraphQLInputObjectType:
    def fields() -> Fields:
        return {name: GraphQLInputField(_field(parse_class, name, is_new=is_new)) for name in set_by_apps(parse_class)}

    return GraphQLInputObjectType(f"{'Create' if is_new else 'Update'}{type_name(parse_class)}FieldsInput", fields)


def _field(parse_class: ParseClass, name: str, *, is_new: bool) -> GraphQLInputType:
    kind = kinds(parse_class)[name]
    if kind == "ACL":
        return ACL
    if kind == "Pointer":
        return _POINTERS[parse_class.name, name]
    if kind == "Relation":
        return _RELATIONS[targets(parse_class, name)[0].name]
    type_ = _INPUT_OF[kind]
    is_needed = is_new and issubclass(parse_class.model, Record) and parse_class.fields[name].is_required
    return GraphQLNonNull(type_) if is_needed else type_


def _of_links(
    make: Callable[[ParseClass, str], GraphQLInputObjectType], *wanted: str
) -> dict[tuple[str, str], GraphQLInputObjectType]:
    """Make a type for each pointer, or relation, of a class, the same for those that lead to the same class."""
    made: dict[str, GraphQLInputObjectType] = {}
    found = {}
    for parse_class in ALL.values():
        for name, kind in kinds(parse_class).items():
            if kind in wanted:
                key = _joint_name(parse_class, name)
                made[key] = made.get(key) or make(parse_class, name)
                found[parse_class.name, name] = made[key]
    return found


WHERES = {each.name: _where(each) for each in ALL.values()}
ORDERS = {each.name: _order(each) for each in ALL.values()}
CREATES = {each.name: _fields(each, is_new=True) for each in ALL.values()}
UPDATES = {each.name: _fields(each, is_new=False) for each in ALL.values()}
_LINK_WHERES = _of_links(_link_where, *_LINKS)
_POINTERS = _of_links(_pointer, "Pointer")
_RELATIONS = {name: _relation(ALL[name]) for name in ("_User", "_Role")}
