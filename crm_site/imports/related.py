"""Finds the owners of drafts and the records that they point at, a chunk of rows at a time, and makes missing ones."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast, Left, Lower

from accounts.models import User
from crm_site.imports.errors import MappingError, Problem, quoted
from crm_site.imports.expression import Pointer
from crm_site.imports.mapping import Mapping
from crm_site.imports.rows import Draft, Link
from records.models import Record

MAX_NEW_PEOPLE = 200
_AMBIGUOUS = "?"


def folded(name: str) -> str:
    """Return a name as it is compared: without regard to case and blanks."""
    return " ".join(name.lower().split())


class People:
    """The owners: found by display name, username or e-mail address, made if the mapping says so."""

    def __init__(self, mapping: Mapping, acting: User | None) -> None:
        """Find out who owns what has no owner in the file: the mapping's default, else whoever imports."""
        self.rules = mapping.owner
        self.acting = acting
        self.may_import_for_others = acting is None or acting.has_perm(_change(mapping.target.model))
        self.default = acting
        if self.rules.default:
            self.default = User.objects.named(self.rules.default).first()
            if self.default is None:
                raise MappingError(f"owner.default: nobody is called {self.rules.default!r}.")
        self._known: dict[str, str] = {}
        self.new: dict[str, str] = {}
        for user in User.objects.order_by("pk").iterator():
            for name in {folded(user.display_name), folded(user.username), folded(user.email)} - {""}:
                self._known[name] = _AMBIGUOUS if name in self._known else user.pk

    def check(self, draft: Draft) -> Problem | None:
        """Return what is wrong with a draft's owner."""
        if not draft.owner:
            owner = self.default.pk if self.default else None
        else:
            owner = self._known.get(folded(draft.owner))
            if owner is None and self.rules.missing == "make":
                self._announce(draft.owner)
            elif owner is None and self.rules.missing == "error":
                return Problem(draft.line, "owner", f"nobody is called {quoted(draft.owner)}")
            elif owner == _AMBIGUOUS:
                return Problem(draft.line, "owner", f"more than one person is called {quoted(draft.owner)}")
        if not self.may_import_for_others and (self.acting is None or self.pk_of(draft) != self.acting.pk):
            return Problem(draft.line, "owner", "only a manager may import for somebody else")
        return None

    def _announce(self, name: str) -> None:
        self.new[folded(name)] = name[:150]
        if len(self.new) > MAX_NEW_PEOPLE:
            raise MappingError(f"owner.column: more than {MAX_NEW_PEOPLE} unknown names. Is it the right column?")

    def pk_of(self, draft: Draft) -> str | None:
        """Return the owner of a draft that has been checked; None for somebody still to be made, or nobody."""
        found = self._known.get(folded(draft.owner)) if draft.owner else None
        if found is None and (not draft.owner or self.rules.missing == "default"):
            return self.default.pk if self.default else None
        return found

    def make_missing(self) -> int:
        """Make an account for every new name; nobody can sign in with it until it gets a password."""
        for key, name in self.new.items():
            username = _free_username(name)
            user = User.objects.create_user(username, f"{username}@imported.invalid", None, display_name=name)
            self._known[key] = user.pk
        made, self.new = len(self.new), {}
        return made


def _change(model: type[Record]) -> str:
    return f"{model._meta.app_label}.change_{model._meta.model_name}"


def _free_username(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    username = re.sub(r"[^a-z0-9]+", ".", plain).strip(".")[:60] or "person"
    taken = set(User.objects.filter(username__istartswith=username).values_list(Lower("username"), flat=True))
    number = 1
    while f"{username}{number if number > 1 else ''}" in taken:
        number += 1
    return f"{username}{number if number > 1 else ''}"


class Links:
    """The records that rows point at, found among those that the acting user may see."""

    def __init__(self, mapping: Mapping, acting: User | None) -> None:
        """Start with nothing found."""
        self.target, self.pointers = mapping.target, mapping.pointers
        self.acting = acting
        self._found: dict[str, dict[str, list[str]]] = {}

    def load(self, drafts: Iterable[Draft]) -> None:
        """Look up all that a chunk of drafts points at, with one query for each pointer."""
        wanted: dict[str, dict[str, Link]] = defaultdict(dict)
        for draft in drafts:
            for link in draft.links:
                wanted[link.pointer.name][_key(link)] = link
        self._found = {
            name: self._look_up(next(iter(links.values())).pointer, set(links)) for name, links in wanted.items()
        }

    def _look_up(self, pointer: Pointer, keys: set[str]) -> dict[str, list[str]]:
        rows = self._visible(pointer)
        if pointer.match == "key":
            return {pk: [pk] for pk in rows.filter(pk__in=keys).values_list("pk", flat=True)}
        indexed = Left(Lower(pointer.match), 100)
        rows = rows.alias(indexed=indexed).filter(indexed__in={key[:100] for key in keys})
        found: dict[str, list[str]] = defaultdict(list)
        for pk, name in rows.values_list("pk", Cast(pointer.match, CharField())):
            found[folded(name)].append(pk)
        return found

    def _visible(self, pointer: Pointer) -> QuerySet[Any]:
        model = self.target.pointed_at(pointer.name).model
        rows: QuerySet[Any] = model.objects.for_user(self.acting, "view") if self.acting else model.objects.all()
        return rows

    def check(self, draft: Draft) -> Problem | None:
        """Return what is wrong with what a draft points at."""
        for link in draft.links:
            found = self._found[link.pointer.name].get(_key(link), [])
            if len(found) > 1:
                reason = f"{len(found)} records have the {link.pointer.match} {quoted(link.text)}"
                return Problem(draft.line, link.pointer.expression.place, reason)
            if not found and link.pointer.missing == "error":
                reason = f"there is none with the {link.pointer.match} {quoted(link.text)}"
                return Problem(draft.line, link.pointer.expression.place, reason)
        return None

    def pks_of(self, draft: Draft) -> dict[str, str | None]:
        """Return what each pointer of a checked draft holds."""
        pks: dict[str, str | None] = {f"{pointer.name}_id": None for pointer in self.pointers}
        for link in draft.links:
            found = self._found[link.pointer.name].get(_key(link))
            pks[f"{link.pointer.name}_id"] = found[0] if found else None
        return pks

    def make_missing(self, drafts: Iterable[Draft], owner_of: People) -> int:
        """Make the records that drafts point at and that are to be made; each gets the owner of its first draft."""
        made: dict[str, dict[str, Record]] = defaultdict(dict)
        for draft in drafts:
            for link in draft.links:
                found = self._found[link.pointer.name]
                if link.pointer.missing != "make" or found.get(_key(link)):
                    continue
                model = self.target.pointed_at(link.pointer.name).model
                record = model(**link.values, **{f"{model.owner_field}_id": owner_of.pk_of(draft)})
                found[_key(link)] = [record.pk]
                made[link.pointer.name][record.pk] = record
        for records in made.values():
            type(next(iter(records.values()))).objects.bulk_create(records.values())
        return sum(map(len, made.values()))


def _key(link: Link) -> str:
    return link.text if link.pointer.match == "key" else folded(link.text)
