"""Inputs for money, days and moments, as the browser's own controls."""

from __future__ import annotations

from typing import Any

from django import forms

from records.templatetags.display import currency_symbol


class MoneyInput(forms.TextInput):
    """An amount, with the site's currency in front. Text, so that what was typed comes back with its error."""

    template_name = "django/forms/widgets/money.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off"} | (attrs or {}))

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add the currency's sign."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["symbol"] = currency_symbol().strip()
        return context


class DayInput(forms.DateInput):
    """A day, in the browser's date picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class MomentInput(forms.DateTimeInput):
    """A day and a time to the minute, in the browser's picker."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")
