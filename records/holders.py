"""The people and roles that access is given to: naming, finding and offering them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User, role_key
from accounts.names import EVERYBODY, MANAGERS
from records.pickers import LISTED, OFFERED, RecordPicker

Holder = User | Group
EVERYBODY_NAME = "Everybody signed in"


def key_of(holder: Holder) -> str:
    """Return what a person or role is called in a `readers` column."""
    return holder.pk if isinstance(holder, User) else role_key(holder.pk, holder.name)


def name_of(holder: Holder) -> str:
    """Return what people call a person or role."""
    if isinstance(holder, User):
        return str(holder)
    return EVERYBODY_NAME if holder.name == EVERYBODY else holder.name


def holders(keys: Iterable[str]) -> dict[str, Holder]:
    """Find the people and roles that keys name, in two queries; those that are gone are left out."""
    wanted = {key for key in keys if "\x00" not in key}
    groups = [key.removeprefix("role:") for key in wanted if key.startswith("role:")]
    numbers = [int(number) for number in groups if number.isascii() and number.isdigit() and len(number) < 10]
    people = User.objects.filter(pk__in=[key for key in wanted if ":" not in key and key != EVERYBODY])
    roles = Group.objects.filter(Q(pk__in=numbers) | Q(name=EVERYBODY if EVERYBODY in wanted else ""))
    return {key_of(holder): holder for holder in (*people, *roles)}


def offers(text: str, *, roles: bool, limit: int) -> list[tuple[str, str]]:
    """Return (key, name) of who matches a text: roles first, then active people by name."""
    text = text.strip()
    found: list[Holder] = []
    if roles:
        groups = Group.objects.exclude(name=MANAGERS).filter(role__isnull=False).order_by("name")
        found += [group for group in groups if text.lower() in name_of(group).lower()]
    found += User.objects.for_picking(text)[:limit]
    return [(key_of(holder), name_of(holder)) for holder in found[:limit]]


class HolderField(forms.Field):
    """A person, or where `roles` are offered a role; its value is a `User` or a `Group`."""

    widget: Any

    def __init__(self, *, roles: bool, **options: Any) -> None:
        """Offer nothing until `narrow`."""
        self.roles = roles
        super().__init__(widget=RecordPicker("holder_options" if roles else "people_options"), **options)

    def narrow(self, text: str, chosen: str) -> None:
        """Offer who matches `text`, and who is chosen now."""
        self.widget.search_text = text
        offered = dict(offers(text, roles=self.roles, limit=LISTED))
        if chosen and chosen not in offered:
            offered |= {key: name_of(holder) for key, holder in holders([chosen]).items()}
        self.widget.choices = [("", "—"), *offered.items()]

    def to_python(self, value: Any) -> Holder | None:
        """Find the holder; one who may not sign in is not found."""
        if value in self.empty_values:
            return None
        holder = holders([str(value)]).get(str(value))
        if holder is None or (isinstance(holder, User) and not holder.is_active):
            raise ValidationError("Choose one of the list.", code="invalid_choice")
        if isinstance(holder, Group) and not self.roles:
            raise ValidationError("Choose a person.", code="invalid_choice")
        return holder


@require_safe
@login_required
def people_options(request: HttpRequest) -> HttpResponse:
    """Answer the type-ahead of colleagues for `?q=`."""
    return _options(request, roles=False)


@require_safe
@login_required
def holder_options(request: HttpRequest) -> HttpResponse:
    """Answer the type-ahead of colleagues and roles for `?q=`."""
    return _options(request, roles=True)


def _options(request: HttpRequest, *, roles: bool) -> HttpResponse:
    found = offers(request.GET.get("q", "")[:200], roles=roles, limit=OFFERED)
    options = [{"pk": key, "label": name} for key, name in found]
    return render(request, "_picker_options.html", {"options": options})
