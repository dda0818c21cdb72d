"""Form fields that keep what they do not show in full: an untouched value comes back exactly as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from records.templatetags.display import currency_symbol, local

FIRST_DAY, LAST_DAY = date(1901, 1, 1), date(9998, 12, 31)
"""Days that every time zone can hold and that the wire keeps to the millisecond."""
MAX_LINE, MAX_TEXT = 500, 50_000
MAX_AMOUNT = Decimal(10) ** 13


class MoneyInput(forms.TextInput):
    """A text box with the currency beside it."""

    template_name = "django/forms/widgets/money.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add the sign of the site's currency."""
        context = super().get_context(name, value, {"inputmode": "decimal", "autocomplete": "off"} | (attrs or {}))
        context["widget"]["symbol"] = currency_symbol().strip()
        return context


class DayInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"min": FIRST_DAY.isoformat(), "max": LAST_DAY.isoformat()})


class MomentInput(forms.DateTimeInput):
    """The browser's own date and time picker."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class KeepsUntouched(forms.Field):
    """A field whose value stays exactly as stored (`kept`) when what the browser sends is what it was shown."""

    kept: Any = None

    def clean(self, value: Any) -> Any:
        """Return what was stored, or clean what was typed."""
        if self.kept is not None and self._shown(self.kept) == self._sent(value):
            return self.kept
        return super().clean(value)

    def _shown(self, value: Any) -> str:
        shown = self.widget.format_value(self.prepare_value(value))
        return "" if shown is None else str(shown)

    def _sent(self, value: Any) -> str:
        return "" if value is None else str(value)


class AsciiField(KeepsUntouched):
    """A number or date, which is written in ASCII: Python reads digits of other scripts, and "1_000", too."""

    def clean(self, value: Any) -> Any:
        """Refuse what looks like something else than it is read as."""
        text = self._sent(value).strip()
        if not text.isascii() or not text.isprintable() or "_" in text:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().clean(value)


class LineField(KeepsUntouched, forms.CharField):
    """One line of text; nothing typed is None."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": MAX_LINE, "empty_value": None} | options)


class TextField(KeepsUntouched, forms.CharField):
    """Lines of text; nothing typed is None."""

    def __init__(self, **options: Any) -> None:
        options = {"max_length": MAX_TEXT, "empty_value": None, "required": False} | options
        super().__init__(widget=forms.Textarea(attrs={"rows": 4}), **options)

    def _sent(self, value: Any) -> str:
        """Browsers send every line end as CR LF."""
        return super()._sent(value).replace("\r\n", "\n")

    def _shown(self, value: Any) -> str:
        return super()._shown(value).replace("\r\n", "\n")


class OneOfField(KeepsUntouched, forms.TypedChoiceField):
    """A choice; none is None."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"empty_value": None} | options)

    def _shown(self, value: Any) -> str:
        return self._sent(value)


class MoneyField(AsciiField, forms.DecimalField):
    """An amount in the site's currency: 1234.5 or 1,234.50, from 0 to ten trillion, with at most four decimals."""

    def __init__(self, **options: Any) -> None:
        limits: dict[str, Any] = {"min_value": 0, "max_value": MAX_AMOUNT, "max_digits": 18, "decimal_places": 4}
        super().__init__(widget=MoneyInput, **limits | {"required": False} | options)

    def prepare_value(self, value: Any) -> Any:
        """Show a number without an exponent and without needless zeros."""
        if isinstance(value, Decimal):
            return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
        return value

    def to_python(self, value: Any) -> Any:
        """Read digits with optional thousands separators."""
        whole, dot, decimals = str(value or "").strip().partition(".")
        groups = whole.split(",")
        if len(groups) > 1 and all(len(group) == 3 for group in groups[1:]):
            whole = "".join(groups)
        return super().to_python(f"{whole}{dot}{decimals}")


class DayField(AsciiField, forms.DateField):
    """A day, kept as noon of it in the person's time zone, so that colleagues elsewhere see the same day."""

    def __init__(self, **options: Any) -> None:
        limits = [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]
        super().__init__(widget=DayInput, validators=limits, **{"required": False} | options)

    def prepare_value(self, value: Any) -> Any:
        """Show the day that it is for the person."""
        return local(value).date() if isinstance(value, datetime) else value

    def clean(self, value: Any) -> datetime | None:
        """Return the moment."""
        day = super().clean(value)
        if not isinstance(day, date) or isinstance(day, datetime):
            return day if isinstance(day, datetime) else None
        return datetime.combine(day, time(12), tzinfo=timezone.get_current_timezone()).astimezone(UTC)


class MomentField(AsciiField, forms.DateTimeField):
    """A date and time of day in the person's time zone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=MomentInput, **{"required": False} | options)

    def prepare_value(self, value: Any) -> Any:
        """Show the time of day that it is for the person."""
        return local(value).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value

    def to_python(self, value: Any) -> datetime | None:
        """Refuse years that a time zone could push over the edge."""
        moment = super().to_python(value)
        if moment and not FIRST_DAY.year <= moment.year <= LAST_DAY.year:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return moment


class PercentField(AsciiField, forms.IntegerField):
    """A whole number from 0 to 100."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "min_value": 0, "max_value": 100} | options)
