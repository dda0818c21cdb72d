"""Reads a page as a browser without JavaScript does: what a form would send, what a reader sees."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponseBase

VOID = {"input", "br", "hr", "img", "link", "meta", "use", "path", "circle", "rect", "col"}


class _FormReader(HTMLParser):
    """Collects the fields of the forms that guard what was typed: record forms and the quick log."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = False
        self.values: dict[str, str] = {}
        self.name = self.text = ""
        self.options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a form, a field or an option."""
        given = dict(attrs)
        if tag == "form":
            self.inside = "data-guard" in given
        if not self.inside:
            return
        if tag in ("select", "textarea"):
            self.name, self.text, self.options = given.get("name") or "", "", []
        elif tag == "option":
            self.options.append((given.get("value") or "", "selected" in given))
        elif tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.values[given.get("name") or ""] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        """Keep what a textarea holds."""
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        """End a form or a field."""
        if tag == "form":
            self.inside = False
        elif self.inside and tag == "textarea":
            self.values[self.name] = self.text.removeprefix("\n").replace("\r\n", "\n").replace("\n", "\r\n")
        elif self.inside and tag == "select":
            chosen = [value for value, is_selected in self.options if is_selected]
            self.values[self.name] = (chosen or [value for value, _selected in self.options] or [""])[0]


def form_of(response: HttpResponseBase) -> dict[str, str]:
    """Return what the record form or the quick log of a page would send as it stands."""
    reader = _FormReader()
    reader.feed(text_of(response))
    assert reader.values, "There is no such form on the page."
    reader.values.pop("csrfmiddlewaretoken", None)
    return reader.values


def text_of(response: Any) -> str:
    """Return the HTML of a page."""
    html: str = response.content.decode()
    return html


def rows_of(response: HttpResponseBase) -> list[str]:
    """Return what the first links of a list's rows say, in order."""
    return re.findall(r'<tr>\s*<td>\s*<a class="row-link" href="[^"]*">([^<]*)</a>', text_of(response))


def errors_of(response: HttpResponseBase) -> dict[str, list[str]]:
    """Return the errors of the page's form by field."""
    context: Any = getattr(response, "context", None)
    return dict(context["form"].errors)
