"""The small marks that a page repeats in every row, each drawn once for the same values and then remembered.

A list of 50 deals shows some 300 of them: as includes they were the larger part of its time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from records.templatetags.display import hue, initials, person_name

register = template.Library()


@lru_cache(maxsize=4_096)
def _drawn(component: str, /, **values: str | int | bool | None) -> SafeString:
    return render_to_string(f"{component}.html", values)


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """`{% icon "plus" size="s" %}`: an icon of the sprite, "s", "l" or ordinary; decoration unless it has a label."""
    return _drawn("_icon", name=name, size=size, label=label)


ACTIVITY_ICONS = {"call": "phone", "email": "mail", "meeting": "calendar-event", "note": "note"}


@register.simple_tag
def activity_icon(kind: str) -> SafeString:
    """`{% activity_icon activity.type %}`: the icon of a kind of activity; a circle for one that an app made up."""
    return icon(ACTIVITY_ICONS.get(kind, "circle"))


@register.simple_tag
def avatar(person: Any, size: str = "", *, square: bool = False) -> SafeString:
    """`{% avatar user size="s" %}`: initials in a disc, of whatever has a name; square for companies."""
    return _drawn("_avatar", letters=initials(person), hue=hue(person), size=size, square=square)


@register.simple_tag
def person(user: Any) -> SafeString:
    """`{% person deal.assigned_to %}`: avatar and name of a user; "nobody" for none."""
    return format_html('<span class="person">{}{}</span>', avatar(user, "s"), person_name(user))


@register.simple_tag
def stage_mark(stage: Any, text: str | None = "", probability: int | None = None) -> SafeString:
    """`{% stage_mark stage deal.stage deal.probability %}`: ring and label of a stage row, or the deal's own text."""
    if stage is None or stage == "":
        label = Truncator(text or "No stage").chars(40)
        return _drawn("_stage", kind="other", label=label, probability=probability or 0)
    chance = stage.probability if probability is None else probability
    return _drawn("_stage", kind=stage.kind, label=stage.label, probability=chance)
