"""Records as rows of a table: wire-like column names, references by id, people by username."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from import_export import fields, resources, widgets

from accounts.models import User
from records.exports import quoted, unquoted
from records.form_fields import FIRST_DAY, LAST_DAY
from records.models import Record

SHOWN = 200
"""Characters of a value, and rows, that the preview shows."""


class Text(widgets.Widget):  # type: ignore[misc]
    """A text, safe for spreadsheets. An empty cell is no value."""

    def clean(self, value: Any, row: Any = None, **_: Any) -> str | None:
        """Read a cell."""
        del row
        return unquoted(value) or None

    def render(self, value: Any, obj: Any = None, **_: Any) -> str:
        """Write a cell."""
        del obj
        return "" if value is None else quoted(str(value))


class Number(widgets.Widget):  # type: ignore[misc]
    """A number in ASCII digits with a decimal point, as written or without an exponent."""

    def clean(self, value: Any, row: Any = None, **_: Any) -> Decimal | None:
        """Read a cell. Raises ValueError."""
        del row
        text = value.strip()
        try:
            number = Decimal(text) if text else None
        except InvalidOperation:
            number = Decimal("NaN")
        if number is not None and not (text.isascii() and number.is_finite() and len(text) <= 400):
            raise ValueError("This is not a number: 1234.5 is one.")
        if number is not None and not -350 < number.adjusted() < 310:
            raise ValueError("This number is out of range.")
        return number

    def render(self, value: Any, obj: Any = None, **_: Any) -> str:
        """Write a cell."""
        del obj
        return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


class Percent(Number):
    """A whole number."""

    def clean(self, value: Any, row: Any = None, **options: Any) -> Any:
        """Read a cell. Raises ValueError."""
        number = super().clean(value, row, **options)
        if number is not None and (number != number.to_integral_value() or not 0 <= number <= 100):
            raise ValueError("This is not a whole number from 0 to 100.")
        return None if number is None else int(number)


class Moment(widgets.Widget):  # type: ignore[misc]
    """A moment in ISO 8601; a bare day is noon of it, and without an offset the person's time zone is meant."""

    def clean(self, value: Any, row: Any = None, **_: Any) -> datetime | None:
        """Read a cell. Raises ValueError."""
        del row
        text = value.strip()
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError("This is not a date: 2026-01-31 and 2026-01-31T14:05:00Z are.") from None
        if len(text) == len("2026-01-31"):
            moment = datetime.combine(moment, time(12))
        if not FIRST_DAY.year <= moment.year <= LAST_DAY.year:
            raise ValueError("This date is out of range.")
        return moment if moment.tzinfo else moment.replace(tzinfo=timezone.get_current_timezone())

    def render(self, value: Any, obj: Any = None, **_: Any) -> str:
        """Write a cell."""
        del obj
        if not isinstance(value, datetime):  # a stamp that the database has yet to set
            return ""
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Reference(widgets.Widget):  # type: ignore[misc]
    """A record by its id; one that the person may not see does not exist."""

    def __init__(self, model: type[Record]) -> None:
        super().__init__()
        self.model = model

    def clean(self, value: Any, row: Any = None, **options: Any) -> Record | None:
        """Read a cell. Raises ValueError."""
        del row
        text = value.strip()
        if not text:
            return None
        found: Record | None = self.model.objects.for_user(options["user"], "view").filter(pk=text).first()
        if found is None:
            raise ValueError(f"There is no {self.model._meta.verbose_name} {text[:40]!r}.")
        return found

    def render(self, value: Any, obj: Any = None, **_: Any) -> str:
        """Write a cell."""
        del obj
        return "" if value is None else str(value.pk)


class Person(widgets.Widget):  # type: ignore[misc]
    """A user by username."""

    def clean(self, value: Any, row: Any = None, **options: Any) -> User | None:
        """Read a cell. Raises ValueError."""
        del row
        text = unquoted(value).strip()
        if not text:
            return None
        found: User | None = User.objects.for_user(options["user"], "view").named(text).first()
        if found is None:
            raise ValueError(f"There is no user {text[:40]!r}.")
        return found

    def render(self, value: Any, obj: Any = None, **_: Any) -> str:
        """Write a cell."""
        del obj
        return "" if value is None else quoted(value.username)


class Column(fields.Field):  # type: ignore[misc]
    """A column that leaves alone what it would not change: an empty cell fits NULL and an empty text alike."""

    def save(self, instance: Any, row: Any, is_m2m: bool = False, **options: Any) -> None:  # noqa: FBT001, FBT002
        """Set the attribute unless the cell says what the record already says."""
        if self.export(instance) != row.get(self.column_name):
            super().save(instance, row, is_m2m, **options)


def text(attribute: str, column: str) -> Column:
    """Return a column of text."""
    return Column(attribute, column, Text())


def number(attribute: str, column: str) -> Column:
    """Return a column of numbers."""
    return Column(attribute, column, Number())


def moment(attribute: str, column: str) -> Column:
    """Return a column of moments."""
    return Column(attribute, column, Moment())


def person(attribute: str, column: str) -> Column:
    """Return a column of usernames."""
    return Column(attribute, column, Person())


def reference(model: type[Record], attribute: str, column: str) -> Column:
    """Return a column of ids of another class."""
    return Column(attribute, column, Reference(model))


def readable(attribute: str, column: str) -> Column:
    """Return a column for people to read, which import passes over."""
    return Column(attribute, column, Text(), readonly=True)


def stamp(attribute: str, column: str) -> Column:
    """Return a column of a moment that the database sets, which import passes over."""
    return Column(attribute, column, Moment(), readonly=True)


class Difference(resources.Diff):  # type: ignore[misc]
    """What a row would change, in short and escaped."""

    def as_html(self) -> list[SafeString]:
        """Return a cell per column."""
        return [self._cell(str(old), str(new)) for old, new in zip(self.left, self.right, strict=True)]

    def _cell(self, old: str, new: str) -> SafeString:
        old, new = old[:SHOWN], new[:SHOWN]
        if self.new or old == new:
            return format_html("{}", new)
        return format_html("<del>{}</del> <ins>{}</ins>", old, new)


class RecordResource(resources.ModelResource):  # type: ignore[misc]
    """The rows of a record class for one person; ids are kept, so that an export can be imported again."""

    id = Column("id", "objectId", Text())
    created_at = stamp("created_at", "createdAt")
    updated_at = stamp("updated_at", "updatedAt")

    class Meta:
        """Unchanged rows are not written."""

        import_id_fields: ClassVar[list[str]] = ["id"]
        skip_unchanged = True
        clean_model_instances = True
        chunk_size = 2_000

    def __init__(self, user: User | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.user = user

    @classmethod
    def get_diff_class(cls) -> type[Difference]:
        """Return our own: the usual one takes a second per long text."""
        return Difference

    @classmethod
    def columns(cls) -> set[str]:
        """Return the names of all columns."""
        return {field.column_name for field in cls.fields.values()}

    def get_import_fields(self) -> list[Any]:
        """Return the columns that are not just for reading; the preview shows these."""
        return [field for field in super().get_import_fields() if not field.readonly]

    def get_user_visible_fields(self) -> list[Any]:
        """Return all columns; both pages name these."""
        fields: list[Any] = super().get_import_fields()
        return fields

    def get_queryset(self) -> QuerySet[Any]:
        """Choose among what the person may change."""
        rows: QuerySet[Any] = self._meta.model.objects.for_user(self.user, "change")
        return rows

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        """Find the record that the row is about; a row without an id makes a new one."""
        pk = (row.get("objectId") or "").strip()
        return self.get_queryset().filter(pk=pk).first() if pk else None

    def init_instance(self, row: Any = None) -> Record:
        """Make a record that is the uploader's, unless the row says whose it is."""
        made: Record = super().init_instance(row)
        setattr(made, made.owner_field, self.user)
        return made

    def import_field(self, field: Any, instance: Any, row: Any, is_m2m: bool = False, **options: Any) -> None:  # noqa: FBT001, FBT002
        """Keep the fresh id of a row that names none."""
        if field.column_name == "objectId" and not (row.get("objectId") or "").strip():
            return
        super().import_field(field, instance, row, is_m2m, **options)

    def after_import(self, dataset: Any, result: Any, **options: Any) -> None:
        """Leave sequences alone: ids are none."""

    def checked(self, instance: Any, errors: dict[str, Any] | None, check: Callable[[], None]) -> None:
        """Run a check of the model's beside the usual ones, and report everything at once."""
        found = dict(errors or {})
        try:
            check()
        except ValidationError as error:
            found = error.update_error_dict(found)
        super().validate_instance(instance, found)
