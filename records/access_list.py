"""Who has access to a record, and why, as far as the person who asks may know."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db.models import F, Func, Max, Q, TextField

from accounts.models import User, role_key
from records.holders import Holder, holders, name_of
from records.implied import REASONS, Reason
from records.models import Record

SHOWN = 200
"""Readers listed for each reason, so that a company with ten thousand deals still has a page."""


@dataclass(frozen=True)
class Why:
    """A reason, and the page of the record that it lies in, when the viewer may see it."""

    text: str
    url: str = ""


@dataclass
class Entry:
    """One holder of access. `key` is his name in a `readers` column."""

    key: str
    name: str = ""
    kind: str = "person"
    level: str = "Can view"
    whys: list[Why] = field(default_factory=list)
    removable: bool = False


def grants(record: Record) -> dict[str, set[str]]:
    """Return the actions granted on the record, by the holder's key, in two queries."""
    held: dict[str, set[str]] = defaultdict(set)
    rows = record.user_grants._default_manager.filter(content_object=record)
    for pk, codename in rows.values_list("user", "permission__codename"):
        held[pk].add(codename.partition("_")[0])
    rows = record.role_grants._default_manager.filter(content_object=record)
    for pk, name, codename in rows.values_list("group", "group__name", "permission__codename"):
        held[role_key(pk, name)].add(codename.partition("_")[0])
    return dict(held)


def access_list(record: Record, viewer: User, *, may_change: bool) -> list[Entry]:
    """Return the owner, whom access was granted to, who reads through another record, and who manages everything."""
    entries: dict[str, Entry] = {}
    owner = record.owner.pk if record.owner else ""
    kind = record._meta.verbose_name
    if owner:
        entries[owner] = Entry(owner, level="Owner", whys=[Why("owner")])
    for key, actions in grants(record).items():
        if key != owner:
            level = "Can edit" if "change" in actions else "Can view"
            entries[key] = Entry(key, level=level, whys=[Why(f"shared on this {kind}")], removable=may_change)
    for reason in REASONS:
        for key, why in _implied(record, reason, viewer).items():
            entries.setdefault(key, Entry(key)).whys.append(why)
    for key, level in _managers(record).items():
        entry = entries.setdefault(key, Entry(key))
        entry.level = entry.level if entry.level == "Owner" else level
        entry.whys.append(Why("manager of everything"))
    named = holders(entries)
    return [_describe(entry, named[entry.key]) for entry in entries.values() if entry.key in named]


def _describe(entry: Entry, holder: Holder) -> Entry:
    entry.name = name_of(holder)
    if isinstance(holder, Group):
        entry.kind = "everybody" if entry.key == "*" else "role"
    elif not holder.is_active:
        entry.whys.append(Why("deactivated, cannot sign in"))
    return entry


def _implied(record: Record, reason: Reason, viewer: User) -> dict[str, Why]:
    """Return who reads the record because of `reason`, each with one record behind it that `viewer` may see."""
    if record._meta.label_lower != f"{reason.target.app}.{reason.target.model}":
        return {}
    tie = {"pk": getattr(record, reason.pointer)} if reason.pointer_on_target else {reason.pointer: record.pk}
    model = apps.get_model(reason.source.app, reason.source.model)
    visible = model.objects.for_user(viewer, "view").filter(**tie)
    readers = (
        model._default_manager.filter(**tie)
        .annotate(key=Func(F("readers"), function="unnest", output_field=TextField()))
        .values("key")
        .annotate(named=Max("pk", filter=Q(pk__in=visible.values("pk"))))
        .order_by("key")[:SHOWN]
    )
    found = {row["key"]: row["named"] for row in readers}
    named = {source.pk: source for source in visible.filter(pk__in=set(filter(None, found.values())))}
    kind = str(model._meta.verbose_name)
    hidden = Why(f"through a {kind} you cannot see")
    return {
        key: Why(f"through the {kind} “{named[pk]}”", named[pk].get_absolute_url()) if pk in named else hidden
        for key, pk in found.items()
    }


def _managers(record: Record) -> dict[str, str]:
    """Return the level of everybody who has access by class-level permission, by key."""
    app, model = record._meta.app_label, record._meta.model_name
    codenames = [f"view_{model}", f"change_{model}"]
    permissions = Permission.objects.filter(content_type__app_label=app, codename__in=codenames)
    rows = Group.objects.filter(permissions__in=permissions).values_list("pk", "name", "permissions__codename")
    found = {role_key(pk, name): "Can view" for pk, name, codename in rows if codename == codenames[0]}
    found |= {role_key(pk, name): "Can edit" for pk, name, codename in rows if codename == codenames[1]}
    people = User.objects.active().filter(Q(is_superuser=True) | Q(user_permissions__in=permissions)).distinct()
    for person in people[:SHOWN]:
        found[person.pk] = "Can edit"
    return found
