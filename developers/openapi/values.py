"""The JSON Schemas of the wire: values, objects of each class as they are answered, and bodies that write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from parse_api.classes import ALL, CLASSES, Field, Kind, ParseClass
from parse_api.errors import Code
from parse_api.limits import ACL_ENTRIES, BATCH
from parse_api.queries.operators import OPERATORS
from parse_api.service.schema import fields_of

Schema = dict[str, Any]
OBJECT_ID = "^[A-Za-z0-9]{10}$"
STAMP: Schema = {"type": "string", "format": "date-time", "description": "UTC, with milliseconds."}
_SERVERS_OWN = ("objectId", "createdAt", "updatedAt")
_UNWRITABLE = {"emailVerified", "authData", "sessionToken"}
_PLAIN = {"String": "string", "Number": "number", "Boolean": "boolean", "Array": "array", "Object": "object"}


def ref(name: str) -> Schema:
    """Return a reference to the schema of that name in the document's components."""
    return {"$ref": f"#/components/schemas/{name}"}


def components() -> dict[str, Schema]:
    """Return every schema that operations refer to, by name."""
    made = {**_values(), **_operations(), "Where": _where(), "Batch": _batch(), "BatchAnswer": _batch_answer()}
    for each in ALL.values():
        made[f"{each.name}Fields"] = {"type": "object", "properties": _answered(each)}
        made[f"{each.name}Body"] = _body(each)
    return made


def whole(class_name: str) -> Schema:
    """Return the schema of an object as it is answered."""
    return _fields(class_name, "objectId", "createdAt", "updatedAt")


def created(class_name: str, *more: str) -> Schema:
    """Return the schema of the answer to a create, which has what differs from what was sent."""
    return _fields(class_name, "objectId", "createdAt", *more)


def updated(class_name: str) -> Schema:
    """Return the schema of the answer to an update, which has what differs from what was sent."""
    return _fields(class_name, "updatedAt")


def new(class_name: str) -> Schema:
    """Return the schema of the body of a create."""
    required = [name for name, field in fields_of(ALL[class_name]).items() if field.get("required")]
    return {"allOf": [ref(f"{class_name}Body")], **({"required": required} if required else {})}


def listed(item: Schema) -> Schema:
    """Return the schema of a list of objects; `count` is there when it was asked for."""
    properties = {"results": {"type": "array", "items": item}, "count": {"type": "integer", "minimum": 0}}
    return {"type": "object", "required": ["results"], "properties": properties, "additionalProperties": False}


def record(**properties: Schema) -> Schema:
    """Return the schema of an object that has exactly these."""
    return {"type": "object", "required": [*properties], "properties": properties, "additionalProperties": False}


def _fields(class_name: str, *required: str) -> Schema:
    closed = {} if class_name == "_Installation" else {"unevaluatedProperties": False}
    return {"allOf": [ref(f"{class_name}Fields")], "required": [*required], **closed}


def _values() -> dict[str, Schema]:
    rights = {"type": "object", "properties": {"read": {"type": "boolean"}, "write": {"type": "boolean"}}}
    pointers = {"type": "array", "items": ref("Pointer")}
    tagged: dict[str, Schema] = {
        "__type": {"const": "Pointer"},
        "className": {"enum": [*CLASSES]},
        "objectId": {"type": "string"},
    }
    return {
        "Error": {
            "type": "object",
            "required": ["error"],
            "properties": {
                "code": {
                    "type": "integer",
                    "enum": [int(code) for code in Code],
                    "description": "What an app acts upon; absent for wrong keys and unknown addresses.\n\n"
                    + "\n".join(f"- {int(code)}: {code.meaning}" for code in Code),
                },
                "error": {"type": "string", "description": "For people."},
            },
            "additionalProperties": False,
        },
        "Date": record(__type={"const": "Date"}, iso={"type": "string", "format": "date-time"}),
        "Pointer": record(**tagged),
        "Relation": record(__type={"const": "Relation"}, className={"enum": [*CLASSES]}),
        "ACL": {
            "type": "object",
            "description": "Who may read and write, by user id, `role:<name>` or `*` (everybody signed in).",
            "maxProperties": ACL_ENTRIES,
            "additionalProperties": rights,
        },
        "Pointers": pointers,
    }


def _operations() -> dict[str, Schema]:
    """Return what may stand in a body instead of a value."""
    several = {"oneOf": [ref("AddRelation"), ref("RemoveRelation")]}
    return {
        "Delete": record(__op={"const": "Delete"}),
        "Increment": record(__op={"const": "Increment"}, amount={"type": "number"}),
        "SetOnInsert": record(__op={"const": "SetOnInsert"}, amount={}),
        "AddRelation": record(__op={"const": "AddRelation"}, objects=ref("Pointers")),
        "RemoveRelation": record(__op={"const": "RemoveRelation"}, objects=ref("Pointers")),
        "OperationBatch": record(__op={"const": "Batch"}, ops={"type": "array", "items": several}),
    }


def _where() -> Schema:
    wheres = {"type": "array", "minItems": 1, "items": ref("Where")}
    operators = ", ".join(f"`{name}`" for name in OPERATORS)
    return {
        "type": "object",
        "description": f"Each field with a value, or an object of operators that must all hold: {operators}.",
        "properties": {"$or": wheres, "$and": wheres, "$nor": wheres, "$relatedTo": {"type": "object"}},
    }


def _batch() -> Schema:
    step = record(method={"enum": ["GET", "POST", "PUT", "DELETE"]}, path={"type": "string", "pattern": "^/parse/"})
    step["properties"]["body"] = {"type": "object"}
    properties = {
        "requests": {"type": "array", "maxItems": BATCH, "items": step},
        "transaction": {"type": "boolean", "description": "All of them, or none."},
    }
    return {"type": "object", "required": ["requests"], "properties": properties}


def _batch_answer() -> Schema:
    return {"type": "array", "items": {"oneOf": [record(success={}), record(error=ref("Error"))]}}


def _answered(parse_class: ParseClass) -> dict[str, Schema]:
    """Return the fields of an answer; objects in the place of pointers also say that, and their class."""
    as_object = {"__type": {"const": "Object"}, "className": {"const": parse_class.name}}
    named = {name: _answer(parse_class, name, field) for name, field in fields_of(parse_class).items()}
    token = {"sessionToken": {"type": "string"}} if parse_class.name == "_User" else {}
    return {**{name: schema for name, schema in named.items() if name != "password"}, **token, **as_object}


def _answer(parse_class: ParseClass, name: str, wire: Mapping[str, Any]) -> Schema:
    field = parse_class.fields.get(name)
    if field is not None and field.kind is Kind.STAMP:
        return STAMP
    if field is not None and field.kind is Kind.POINTER:
        return {"anyOf": [_pointer(field), *(ref(f"{target}Fields") for target in field.targets)]}
    return _of_type(wire["type"])


def _body(parse_class: ParseClass) -> Schema:
    """Return the schema of what a write may say; an installation takes fields of its app's own."""
    names = {name: wire for name, wire in fields_of(parse_class).items() if name not in _SERVERS_OWN}
    properties = {
        name: {"anyOf": [*_writable(parse_class.fields.get(name), wire)]}
        for name, wire in names.items()
        if name not in _UNWRITABLE
    }
    closed = {} if parse_class.name == "_Installation" else {"additionalProperties": False}
    return {"type": "object", "properties": properties, **closed}


def _writable(field: Field | None, wire: Mapping[str, Any]) -> Iterator[Schema]:
    if wire["type"] == "Relation":
        yield from map(ref, ("AddRelation", "RemoveRelation", "OperationBatch"))
        return
    if wire.get("required"):
        yield {"type": "string", "minLength": 1}
        return
    yield _pointer(field) if field is not None and field.kind is Kind.POINTER else _of_type(wire["type"])
    yield {"type": "null"}
    yield from map(ref, ("Delete", "SetOnInsert", *(("Increment",) if wire["type"] == "Number" else ())))


def _pointer(field: Field) -> Schema:
    targets = {"properties": {"className": {"enum": [*field.targets]}}}
    return {"allOf": [ref("Pointer"), targets]}


def _of_type(wire_type: str) -> Schema:
    return {"type": _PLAIN[wire_type]} if wire_type in _PLAIN else ref(wire_type)
