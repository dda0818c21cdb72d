"""Which keys a body may have: for records, people, roles, sessions and devices (CONTRACT.md, sections 6 and 7)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from parse_api.errors import Code, ParseError
from parse_api.queries.where import DOTTED, NAME

IDS = ("objectId", "id")
_STAMPS = ("createdAt", "updatedAt", "__type")


def written(
    body: Mapping[str, Any],
    class_name: str,
    fields: Container[str] | None,
    *,
    is_new: bool,
    reserved: Container[str] = IDS,
    are_texts: bool = False,
) -> list[str]:
    """Return the keys of a body that are to be written; None for `fields`: an app may have others of its own.

    Stamps are ignored, and in an update the objectId; in a create an id that is null or empty counts as not sent.
    Raises ParseError 105 for what is reserved or can be no field's name, 121 for a key within a value of an update
    that databases of other servers take for an operator or a path, unless `are_texts` says that no value has keys, 119
    for a field that the class does not have, which a path through a pointer is as well.
    """
    ignored = _STAMPS if is_new else (*_STAMPS, "objectId")
    unsent = [key for key in IDS if is_new and body.get(key) in (None, "", 0)]
    names = [key for key in body if key not in ignored and key not in unsent]
    if not is_new and not are_texts:
        _check_nested(body[name] for name in names)
    for name in names:
        is_path = fields is not None and DOTTED.fullmatch(name)
        if name in reserved or not (NAME.fullmatch(name) or is_path):
            raise ParseError(Code.BAD_KEY, f"{name[:50]!r} cannot be set.")
        if fields is not None and name not in fields:
            raise ParseError(Code.FORBIDDEN, f"{class_name} has no field {name[:50]!r}.")
    return names


def _check_nested(values: Iterable[Any]) -> None:
    keys = (key for value in values if isinstance(value, dict) for key in value)
    if any("$" in key or "." in key for key in keys):
        raise ParseError(Code.NESTED_KEY, "Keys within a value have no '$' and no '.'.")
