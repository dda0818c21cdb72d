"""The base of the four record classes, and the change log."""

from __future__ import annotations

from typing import Any, ClassVar, Self, cast

import pgtrigger
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, F, Func, OrderBy, OuterRef, Q
from django.urls import reverse

from accounts.models import User
from accounts.object_id import PATTERN, ObjectIdField
from accounts.rights import BELL
from accounts.stamps import created_at_field, updated_at_field
from records.search import Matches, SearchDocument, prefix_query

DERIVED = ("readers", "acl")
FEW = 5_000
"""Rows that are quicker found and then sorted than met on a walk along the sorted index."""


class RecordQuerySet(models.QuerySet[Any]):
    """The one gate: every read of a record starts with `for_user`."""

    def for_user(self, user: User | AnonymousUser, action: str) -> Self:
        """Keep what `user` may "view", "change" or "delete"; never adds a row.

        Reading goes by the derived `readers` column, changing by the grants themselves, and deleting follows
        changing (DESIGN.md). Who holds the class-level permission passes for every record.
        """
        if not user.is_active or isinstance(user, AnonymousUser):
            return self.none()
        if user.has_perm(f"{self.model._meta.app_label}.{action}_{self.model._meta.model_name}"):
            return self
        if action == "view":
            return self.filter(readers__overlap=user.reader_keys)
        if action not in ("change", "delete"):
            raise ValueError(f"There is no action {action!r}.")
        return self.filter(self.model.granted_to(user))

    def with_related(self, *names: str) -> Self:
        """Fetch the rows that foreign keys name in the same query, without their access columns."""
        related = self.model._meta
        records = [name for name in names if issubclass(related.get_field(name).related_model, Record)]
        return self.select_related(*names).defer(
            *DERIVED, *(f"{name}__{field}" for name in records for field in DERIVED)
        )

    def search(self, text: str) -> Self:
        """Keep the rows that have, for each word of `text`, a word that begins with it."""
        query = prefix_query(text)
        return self if query is None else self.filter(Matches(self.model.search_document(), query))

    def found_first(self) -> Self:
        """Find all of these rows before sorting them: right for no more than some thousands.

        PostgreSQL takes any prefix of a word to be in one row of 200 at least (DEFAULT_TS_MATCH_SEL), and so would
        look for the rows with a rare word along the index of the order: 5 s at a million rows. It has no index of an
        order that it is told to compute.
        """
        first, *rest = cast("tuple[Any, ...]", self.query.order_by)
        if isinstance(first, str):
            first = OrderBy(F(first.removeprefix("-")), descending=first.startswith("-"))
        computed = first.copy()
        computed.set_source_expressions([Func(first.expression, template="(SELECT %(expressions)s)")])
        return self.order_by(computed, *rest)

    def for_picking(self, text: str) -> Self:
        """Offer the rows that match, the last changed first."""
        found = self.search(text).ids_of(FEW) if text.strip() else None
        if found is None:
            return self.search(text).order_by("-updated_at", "-id")
        return self.filter(pk__in=found).order_by("-updated_at", "-id").found_first()

    def ids_of(self, most: int) -> list[str] | None:
        """Return the objectIds of these rows, None when they are more than `most`."""
        found = list(self.order_by().values_list("pk", flat=True)[: most + 1])
        return found if len(found) <= most else None


class RecordManager(models.Manager.from_queryset(RecordQuerySet)):  # type: ignore[misc]
    """Leaves the access columns in the database: no page shows them and they can be long."""

    def get_queryset(self) -> RecordQuerySet:
        """Defer the derived columns."""
        queryset: RecordQuerySet = super().get_queryset().defer(*DERIVED)
        return queryset


class Record(models.Model):
    """What Company, Contact, Deal and Activity share."""

    id = ObjectIdField()
    created_at = created_at_field()
    updated_at = updated_at_field()
    readers = ArrayField(models.TextField(), default=list, editable=False)
    acl = models.JSONField(default=dict, editable=False)

    objects: ClassVar[RecordManager] = RecordManager()

    owner_field: ClassVar[str] = "created_by"
    search_fields: ClassVar[tuple[str, ...]] = ()
    quiet_fields: ClassVar[tuple[str, ...]] = ()
    """Columns whose change is no news in the record's history."""
    day_fields: ClassVar[tuple[str, ...]] = ()
    """Moments of which people only mean the day."""
    user_grants: ClassVar[type[models.Model]]
    role_grants: ClassVar[type[models.Model]]

    class Meta:
        """Foreign keys are followed with the access columns left behind, too."""

        abstract = True
        base_manager_name = "objects"

    def get_absolute_url(self) -> str:
        """Return the address of the record's page."""
        return reverse(f"{self._meta.app_label}:detail", args=[self.pk])

    @property
    def owner(self) -> User | None:
        """The person whose record this is."""
        owner: User | None = getattr(self, self.owner_field)
        return owner

    @property
    def live_name(self) -> str:
        """What the messages to open pages call it: "Deal:<objectId>"."""
        return f"{type(self).__name__}:{self.pk}"

    @property
    def singular(self) -> str:
        """What one of its class is called."""
        return str(self._meta.verbose_name).capitalize()

    @property
    def plural(self) -> str:
        """What its class is called."""
        return str(self._meta.verbose_name_plural).capitalize()

    @classmethod
    def value_labels(cls) -> dict[str, dict[str, str]]:
        """Return what people call the values of some fields, by field and value."""
        return {}

    @classmethod
    def search_document(cls) -> SearchDocument:
        """Return what full-text search looks through; the index is on the same expression."""
        return SearchDocument(*cls.search_fields)

    @classmethod
    def granted_to(cls, user: User) -> Q:
        """Return the condition that `user` or one of his roles was granted writing."""
        permission = {"permission__codename": f"change_{cls._meta.model_name}"}
        here = {"content_object": OuterRef("pk"), **permission}
        mine = cls.user_grants._default_manager.filter(user=user, **here)
        ours = cls.role_grants._default_manager.filter(group__in=list(user.role_names), **here)
        return Q(Exists(mine)) | Q(Exists(ours))


def record_constraints(name: str) -> list[models.BaseConstraint]:
    """Return the constraints of every record table."""
    return [models.CheckConstraint(condition=Q(id__regex=PATTERN), name=f"{name}_id_form")]


def record_indexes(name: str, *search_fields: str) -> list[models.Index]:
    """Return the indexes of every record table: who may read, search, newest and last changed."""
    return [
        GinIndex(fields=["readers"], name=f"{name}_by_reader"),
        GinIndex(SearchDocument(*search_fields), name=f"{name}_by_words"),
        models.Index(fields=["-updated_at", "-id"], name=f"{name}_by_update"),
        models.Index(fields=["-created_at", "-id"], name=f"{name}_by_creation"),
    ]


class ChangeQuerySet(models.QuerySet["Change"]):
    """Chooses changes; who may see a record may see its changes."""

    def of(self, record: Record) -> Self:
        """Keep the changes of one record that passed the gate, newest first."""
        return self.filter(class_name=type(record).__name__, object_id=record.pk).order_by("-id")


class Change(models.Model):
    """One row of the change log: what the triggers wrote at an insert, update, delete, grant or revoke.

    `old` and `new` are the whole row as JSON, or for a grant its holder and action; `transaction` is the
    PostgreSQL transaction id (xid8).
    """

    class_name = models.CharField(max_length=32)
    object_id = models.CharField(max_length=10, db_collation="C")
    operation = models.CharField(max_length=8)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    actor = models.CharField(max_length=10, null=True)
    transaction = models.BigIntegerField()
    created_at = models.DateTimeField("time")

    objects: ClassVar[models.Manager[Change]] = models.Manager.from_queryset(ChangeQuerySet)()

    class Meta:
        """Read by record, and in the order of transactions."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["class_name", "object_id", "-id"], name="change_by_record"),
            models.Index(fields=["transaction", "id"], name="change_by_transaction"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="ring",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func=f"PERFORM pg_notify('{BELL}', ''); RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        """Name the change for the admin."""
        return f"{self.operation} {self.class_name} {self.object_id}"
