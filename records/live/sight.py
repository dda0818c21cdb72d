"""Which records a person sees, as a value that can be held against the `readers` of a row without asking again."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache

from django.apps import apps

from accounts.models import User
from records.models import Record

EVERYTHING = "every"
"""The key of who sees all records of a class; nobody in `readers` is called so."""


@dataclass(frozen=True)
class Sight:
    """What `for_user("view")` goes by: the person's `keys` in `readers`, and the classes of which he sees all."""

    keys: frozenset[str] = frozenset()
    sees_all: frozenset[str] = frozenset()

    def sees(self, class_name: str, readers: AbstractSet[str]) -> bool:
        """Tell whether a record that these may read is seen."""
        return class_name in self.sees_all or not self.keys.isdisjoint(readers)

    def keys_in(self, class_name: str) -> frozenset[str]:
        """Return the keys under which what concerns him is found."""
        return self.keys | {EVERYTHING} if class_name in self.sees_all else self.keys


def sight_of(user: User) -> Sight:
    """Return what a person sees now; nothing when he may not sign in."""
    if not user.is_active:
        return Sight()
    every = (name for name, permission in _permissions().items() if user.has_perm(permission))
    return Sight(frozenset(user.reader_keys), frozenset(every))


@cache
def _permissions() -> dict[str, str]:
    """Return the class-level permission to view each class of records."""
    models = [each for each in apps.get_models() if issubclass(each, Record)]
    return {each.__name__: f"{each._meta.app_label}.view_{each._meta.model_name}" for each in models}
