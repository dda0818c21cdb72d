"""Holds what several writes of one transaction will write, in one order, so that no two wait for each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from parse_api.caller import Caller
from parse_api.classes import CLASSES
from parse_api.codecs import Pointer, is_object_id
from parse_api.writes.writes_sql import allowed, rows, table

_POINTERS: Mapping[str, Mapping[str, str]] = {
    "Deal": {"contact_id": "Contact", "company_id": "Company"},
    "Contact": {"company_id": "Company"},
    "Company": {},
    "Activity": {"related_deal_id": "Deal", "related_contact_id": "Contact"},
}
"""The classes in the order in which they are held, and what their columns point at.

Activities come last, as where triggers write those about a deal: what they point at is held if it is named itself.
"""


def hold(caller: Caller, named: Iterable[Pointer], deleted: Iterable[Pointer]) -> None:
    """Hold records until the transaction ends: those named that the caller may read, and what is written along.

    What points at a record that the caller deletes is cleared, or goes with it.
    """
    _hold(_by_class(allowed(caller, _records(named), "view")), _by_class(allowed(caller, _records(deleted), "delete")))


def hold_targets(pointers: Iterable[Pointer]) -> None:
    """Hold what new records point at, which the caller sees: triggers lock it for each, in the order of these."""
    _hold(_by_class(pointers), _by_class(()))


def _hold(wanted: dict[str, set[str]], gone: Mapping[str, set[str]]) -> None:
    """Hold records by class: those wanted, those that point at what is gone, and what they point at.

    Who gets to read a deal or a contact reads its contact and company, too, which triggers write.
    """
    for class_name, columns in _POINTERS.items():
        for column, target in columns.items():
            if gone[target]:
                wanted[class_name] |= _pointing_at(class_name, column, gone[target])
        if wanted[class_name]:
            for row in _lock(class_name, wanted[class_name]):
                for target, pk in zip(columns.values(), row, strict=False):
                    if pk is not None:
                        wanted[target].add(pk)


def _records(pointers: Iterable[Pointer]) -> Iterator[Pointer]:
    return (pointer for pointer in pointers if pointer.class_name in _POINTERS)


def _by_class(pointers: Iterable[Pointer]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {name: set() for name in _POINTERS}
    for class_name, pk in pointers:
        if class_name in found and is_object_id(pk):
            found[class_name].add(pk)
    return found


def _pointing_at(class_name: str, column: str, pks: set[str]) -> set[str]:
    query = f'SELECT id FROM {table(CLASSES[class_name])} WHERE "{column}" = ANY(%s)'  # noqa: S608
    return {pk for (pk,) in rows(query, [sorted(pks)])}


def _lock(class_name: str, pks: set[str]) -> list[tuple[str | None, ...]]:
    """Hold records of one class; return what their pointers name."""
    columns = ", ".join([*_POINTERS[class_name], "id"])
    held = f"SELECT {columns} FROM {table(CLASSES[class_name])} WHERE id = ANY(%s)"  # noqa: S608
    return rows(f"{held} ORDER BY id FOR NO KEY UPDATE", [sorted(pks)])
