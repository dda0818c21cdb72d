"""What things are called in GraphQL: classes and lists of them, objects of any class, and places in a list."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode

from parse_api.classes import ALL, ParseClass
from parse_api.codecs import Pointer

_CURSOR = "arrayconnection:"
_FAR = 10**15


def type_name(parse_class: ParseClass) -> str:
    """Return the name of the type of a class: User for _User."""
    return parse_class.name.removeprefix("_")


def field_name(parse_class: ParseClass) -> str:
    """Return what one object of a class is called."""
    name = type_name(parse_class)
    return name[0].lower() + name[1:]


def plural(parse_class: ParseClass) -> str:
    """Return what a list of a class is called."""
    name = field_name(parse_class)
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def global_id(class_name: str, object_id: str) -> str:
    """Return the id of an object among those of all classes."""
    return b64encode(f"{class_name}:{object_id}".encode()).decode()


def read_global_id(text: str) -> Pointer | None:
    """Return what a global id names, None when it is none."""
    class_name, _, object_id = _decoded(text).partition(":")
    return Pointer(class_name, object_id) if class_name in ALL and object_id else None


def object_id(text: str, parse_class: ParseClass) -> str:
    """Return the objectId that a global id of the class names; any other text is taken for an objectId."""
    found = read_global_id(text)
    return found.object_id if found is not None and found.class_name == parse_class.name else text


def cursor(place: int) -> str:
    """Return the cursor of the row at a place, counted from 0."""
    return b64encode(f"{_CURSOR}{place}".encode()).decode()


def read_cursor(text: str) -> int | None:
    """Return the place that a cursor names, None when it is none."""
    digits = _decoded(text).removeprefix(_CURSOR)
    is_cursor = digits.isascii() and digits.isdigit() and len(digits) < len(str(_FAR)) and text == cursor(int(digits))
    return int(digits) if is_cursor else None


def _decoded(text: str) -> str:
    try:
        return b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
