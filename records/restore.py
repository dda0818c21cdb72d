"""Undoes a deletion: the record comes back with all that went with it."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import connection, models
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.names import EVERYBODY
from accounts.requests import PersonRequest
from records.access import get_record, may
from records.models import Change, Record
from records.render import render_page

NOW = "date_trunc('milliseconds', clock_timestamp())"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def record_restore(request: PersonRequest, pk: str, *, model: type[Record]) -> HttpResponse:
    """Ask whether a deleted record shall come back, or bring it back; 409 when it is there already."""
    user = request.user
    if model.objects.for_user(user, "view").filter(pk=pk).exists():
        return _refuse(request, get_record(model.objects.all(), user, pk, "view"))
    deletion = last_deletion(model, pk)
    if deletion is None or not may_restore(user, model, deletion):
        raise Http404
    app, old = model._meta.app_label, deletion.old or {}
    context = {
        "kind": model._meta.verbose_name,
        "title": old.get("title") or old.get("name") or old.get("subject") or "without a subject",
        "deletion": deletion,
        "who": User.objects.filter(pk=deletion.actor).first(),
        "cancel_url": reverse(f"{app}:list"),
        "plural": str(model._meta.verbose_name_plural).capitalize(),
    }
    if request.method != "POST":
        return render_page(request, "records/record_restore.html", context)
    if not restore(model, deletion):
        raise Http404
    record = model.objects.get(pk=pk)
    messages.success(request, f"“{record}” is back.")
    return redirect(record) if may(user, "view", record) else redirect(f"{app}:list")


def _refuse(request: PersonRequest, record: Record) -> HttpResponse:
    reason = "It is not deleted: somebody has brought it back already."
    context = {"record": record, "tab": "overview", "reason": reason, "may_change": False}
    return render_page(request, "records/record_undo_refused.html", context, status=409)


def last_deletion(model: type[Record], pk: str) -> Change | None:
    """Return the deletion of a record that is gone; None when there is none."""
    last = Change.objects.filter(class_name=model.__name__, object_id=pk, operation__in=["insert", "delete"])
    change = last.order_by("-id").first()
    return change if change and change.operation == "delete" else None


def may_restore(user: User, model: type[Record], deletion: Change) -> bool:
    """Tell whether `user` deleted the record, could have written it, or manages the class.

    `acl` calls roles by name, which a later role may have too: the grants that went along say which role it was.
    """
    if deletion.actor == user.pk or user.has_perm(f"{model._meta.app_label}.change_{model._meta.model_name}"):
        return True
    gone = Change.objects.filter(class_name=deletion.class_name, object_id=deletion.object_id, operation="revoke")
    groups = set(gone.filter(transaction=deletion.transaction).values_list("old__group_id", flat=True))
    names = (name for group, name in user.role_names.items() if group in groups)
    keys = (user.pk, *(name if name == EVERYBODY else f"role:{name}" for name in names))
    acl = (deletion.old or {}).get("acl", {})
    return any(acl.get(key, {}).get("write") for key in keys)


def restore(model: type[Record], deletion: Change) -> bool:
    """Insert the record and what was deleted with it, and point again at it what did; False when it is there."""
    pk, transaction = deletion.object_id, deletion.transaction
    if not _insert(model, [deletion.pk]):
        return False
    _grant(model, [pk], transaction)
    for relation in model._meta.related_objects:
        other: Any = relation.related_model
        if not issubclass(other, Record):
            continue
        column = relation.field.attname
        changes = Change.objects.filter(class_name=other.__name__, transaction=transaction, **{f"old__{column}": pk})
        if relation.on_delete is models.CASCADE:
            deleted = changes.filter(operation="delete")
            back = _insert(other, list(deleted.values_list("pk", flat=True)))
            _grant(other, back, transaction)
        else:
            cleared = changes.filter(operation="update").values("object_id")
            other.objects.filter(pk__in=cleared, **{f"{column}__isnull": True}).update(**{column: pk})
    return True


def _insert(model: type[Record], changes: list[int]) -> list[str]:
    """Insert the rows that these deletions hold, but pointers to what is gone; return the ids of those inserted.

    updatedAt moves on: coming back is a change that offline clients have to hear of.
    """
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    columns = [field for field in model._meta.concrete_fields if field.attname not in ("readers", "acl")]
    names = ", ".join(quote(field.attname) for field in columns)
    values = ", ".join(_value(field) for field in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {values} "  # noqa: S608 - names of our own columns
            f"FROM records_change c, jsonb_populate_record(NULL::{table}, c.old) p WHERE c.id = ANY(%s) "
            "ORDER BY c.id ON CONFLICT (id) DO NOTHING RETURNING id",
            [changes],
        )
        return [row[0] for row in cursor.fetchall()]


def _value(field: models.Field[Any, Any]) -> str:
    """Return the SQL for what a column of a deleted row becomes."""
    quote = connection.ops.quote_name
    column = f"p.{quote(field.attname)}"
    if field.attname == "updated_at":
        return f"GREATEST({NOW}, {column} + interval '1 millisecond')"
    if isinstance(field, models.ForeignKey):
        target = cast("Any", field.related_model)._meta
        return f"(SELECT x.id FROM {quote(target.db_table)} x WHERE x.id = {column})"  # noqa: S608
    return column


def _grant(model: type[Record], pks: list[str], transaction: int) -> None:
    """Make the grants of records what they were: the log has each that went with them, `acl` says which counted.

    A grant that had been taken back before, in the same transaction, stays away.
    """
    keys = {
        "user_id": ("accounts_user", "h.id"),
        "group_id": ("auth_group", "CASE h.name WHEN '*' THEN '*' ELSE 'role:' || h.name END"),
    }
    for grants, column in ((model.user_grants, "user_id"), (model.role_grants, "group_id")):
        holders, key = keys[column]
        table = grants._meta.db_table
        held = _held(model, column, holders, key)
        values: dict[str, Any] = {"class": model.__name__, "transaction": transaction, "pks": pks}
        values |= {"app": model._meta.app_label, "suffix": model._meta.model_name}
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {table} t WHERE t.content_object_id = ANY(%(pks)s) "  # noqa: S608
                f"AND (t.content_object_id, t.{column}, t.permission_id) NOT IN ({held})",
                values,
            )
            cursor.execute(
                f"INSERT INTO {table} (content_object_id, {column}, permission_id) {held} ON CONFLICT DO NOTHING",
                values,
            )


def _held(model: type[Record], column: str, holders: str, key: str) -> str:
    """Return SQL that selects (record, holder, permission) of the grants that went with deleted records."""
    return (
        f"SELECT DISTINCT c.object_id, h.id, q.id FROM records_change c "  # noqa: S608
        f"JOIN {holders} h ON h.id::text = c.old->>'{column}' "
        "JOIN records_change d ON d.class_name = c.class_name AND d.object_id = c.object_id "
        "AND d.transaction = c.transaction AND d.operation = 'delete' "
        "JOIN auth_permission q ON q.codename = (c.old->>'action') || '_' || %(suffix)s "
        "JOIN django_content_type k ON k.id = q.content_type_id AND k.app_label = %(app)s AND k.model = %(suffix)s "
        "WHERE c.class_name = %(class)s AND c.object_id = ANY(%(pks)s) AND c.operation = 'revoke' "
        "AND c.transaction = %(transaction)s AND CASE c.old->>'action' "
        f"WHEN 'view' THEN d.old->'acl'->({key}) ? 'read' "
        f"WHEN 'change' THEN d.old->'acl'->({key}) ? 'write' ELSE TRUE END"
    )
