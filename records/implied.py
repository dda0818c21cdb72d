"""The table of who may read a record because of another one, and the SQL that follows from it (DESIGN.md)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """What SQL needs to know of one record class."""

    app: str
    model: str
    owner: str
    aside: tuple[str, ...] = ()
    """Columns whose change alone makes no new version of the record and is not logged."""

    @property
    def table(self) -> str:
        """The table of the records."""
        return f"{self.app}_{self.model}"

    @property
    def class_name(self) -> str:
        """The class name on the wire."""
        return self.model.capitalize()

    def permission(self, action: str) -> str:
        """SQL for the id of a permission on this class."""
        return (
            "(SELECT p.id FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id "
            f"WHERE c.app_label = '{self.app}' AND c.model = '{self.model}' AND p.codename = '{action}_{self.model}')"
        )


COMPANY = Kind("companies", "company", "created_by_id")
CONTACT = Kind("contacts", "contact", "created_by_id")
DEAL = Kind("deals", "deal", "assigned_to_id", aside=("position", "touched_at", "next_step_at"))
ACTIVITY = Kind("activities", "activity", "created_by_id")
KINDS = (COMPANY, CONTACT, DEAL, ACTIVITY)


@dataclass(frozen=True)
class Reason:
    """Who reads `source` reads `target`; `pointer` is the column that ties them, on one side or the other."""

    target: Kind
    source: Kind
    pointer: str
    pointer_on_target: bool = False
    lock: str = "SHARE"
    """How a target that is written locks its source: NO KEY UPDATE where it goes on to write it."""

    def sources_of(self, row: str) -> str:
        """SQL that selects the `readers` of every source of the target row called `row`."""
        tie = f"s.id = {row}.{self.pointer}" if self.pointer_on_target else f"s.{self.pointer} = {row}.id"
        return f"SELECT s.readers FROM {self.source.table} s WHERE {tie}"


# A deal locks its contact before its company, as a contact that is changed by itself does: else the two could deadlock.
REASONS = (
    Reason(CONTACT, DEAL, "contact_id"),
    Reason(COMPANY, CONTACT, "company_id"),
    Reason(COMPANY, DEAL, "company_id"),
    Reason(ACTIVITY, CONTACT, "related_contact_id", pointer_on_target=True),
    Reason(ACTIVITY, DEAL, "related_deal_id", pointer_on_target=True, lock="NO KEY UPDATE"),
)


def granted(kind: Kind, row: str, view: str = "") -> str:
    """SQL that selects the keys (`key`) to whom reading the row called `row` was granted."""
    view = view or kind.permission("view")
    return (
        f"SELECT g.user_id::text AS key FROM {kind.table}usergrant g "
        f"WHERE g.content_object_id = {row}.id AND g.permission_id = {view} "
        f"UNION SELECT CASE q.name WHEN '*' THEN '*' ELSE 'role:' || q.id END FROM {kind.table}groupgrant g "
        f"JOIN auth_group q ON q.id = g.group_id WHERE g.content_object_id = {row}.id AND g.permission_id = {view}"
    )


def readers(kind: Kind, row: str, view: str = "") -> str:
    """SQL for the `readers` that the row called `row` must have: everybody granted or implied, sorted.

    `view` is SQL for the id of the permission to view where the caller has it at hand.
    """
    parts = [granted(kind, row, view)]
    parts += [
        f"SELECT unnest(i.readers) FROM ({reason.sources_of(row)}) i" for reason in REASONS if reason.target == kind
    ]
    return f'ARRAY(SELECT k.key COLLATE "C" FROM ({" UNION ".join(parts)}) k(key) ORDER BY 1)'


def acl(kind: Kind, row: str, view: str = "", change: str = "") -> str:
    """SQL for the `acl` that the row called `row` must have: what was granted on it, as Parse writes it."""
    view, change = view or kind.permission("view"), change or kind.permission("change")

    def side(table: str, key: str, join: str) -> str:
        rights = (
            f"jsonb_strip_nulls(jsonb_build_object("
            f"'read', nullif(bool_or(g.permission_id = {view}), false), "
            f"'write', nullif(bool_or(g.permission_id = {change}), false)))"
        )
        return (
            f"SELECT {key} AS key, {rights} AS rights FROM {kind.table}{table} g {join} "
            f"WHERE g.content_object_id = {row}.id "
            f"AND g.permission_id IN ({view}, {change}) GROUP BY 1"
        )

    users = side("usergrant", "g.user_id::text", "")
    name = "CASE q.name WHEN '*' THEN '*' ELSE 'role:' || q.name END"
    groups = side("groupgrant", name, "JOIN auth_group q ON q.id = g.group_id")
    return f"COALESCE((SELECT jsonb_object_agg(k.key, k.rights) FROM ({users} UNION ALL {groups}) k), '{{}}')"
