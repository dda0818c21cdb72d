"""The only store of grants: guardian's direct-foreign-key tables, one for users and one for roles per class."""

from __future__ import annotations

from typing import Any

from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from records.implied import Kind
from records.models import Record
from records.triggers import grant_triggers


class UserGrant(UserObjectPermissionBase):
    """A right of one person on one record."""

    class Meta(UserObjectPermissionBase.Meta):
        """One row per person, right and record."""

        abstract = True


class RoleGrant(GroupObjectPermissionBase):
    """A right of one role on one record."""

    class Meta(GroupObjectPermissionBase.Meta):
        """One row per role, right and record."""

        abstract = True


def grant_models(model: type[Record], kind: Kind) -> tuple[Any, Any]:
    """Make the grant tables of a record class, `<Class>UserGrant` and `<Class>GroupGrant`, and tell it of them."""
    model.user_grants = _grant_model(UserGrant, model, kind, "user")
    model.role_grants = _grant_model(RoleGrant, model, kind, "group")
    return model.user_grants, model.role_grants


def _grant_model(base: Any, model: type[Record], kind: Kind, holder: str) -> Any:
    """Make one of them; `holder` is the pointer to who has the right.

    The database, not Django, deletes the grants of a deleted record (`cascade_sql`): by then the record is gone,
    and nothing is derived for it once more.
    """
    record: Any = models.ForeignKey(model, on_delete=models.DO_NOTHING, db_constraint=False)
    meta = type("Meta", (base.Meta,), {"triggers": grant_triggers(kind, f"{holder}_id")})
    members = {"__module__": model.__module__, "__doc__": base.__doc__, "content_object": record, "Meta": meta}
    return type(f"{model.__name__}{holder.capitalize()}Grant", (base,), members)


def cascade_sql(kind: Kind) -> tuple[str, str]:
    """Return the SQL that makes grants follow their record, and the SQL that takes this back."""
    tables = (f"{kind.table}usergrant", f"{kind.table}groupgrant")
    make = "".join(
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_record FOREIGN KEY (content_object_id) "
        f"REFERENCES {kind.table} (id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE;"
        for table in tables
    )
    return make, "".join(f"ALTER TABLE {table} DROP CONSTRAINT {table}_record;" for table in tables)


def statistics_sql(kind: Kind) -> tuple[str, str]:
    """Return the SQL that lets the planner know how common each reader is, and the SQL that takes this back.

    1,000 keeps the 10,000 most common elements of the array: with fewer it takes a rep for somebody who may
    read next to nothing or nearly everything, and picks the wrong index.
    """
    column = f"ALTER TABLE {kind.table} ALTER COLUMN readers SET STATISTICS"
    return f"{column} 1000", f"{column} -1"
