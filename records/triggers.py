"""The triggers that keep grants, derived columns and the change log right, whichever door a write comes through.

A derived value is computed after locking the row it belongs to: of two transactions that touch the reasons of
one row, the second waits and then sees what the first committed, so that no access outlives its reason.
"""

from __future__ import annotations

import pgtrigger

from accounts.stamps import NEXT_STAMP
from records.implied import REASONS, Kind, Reason, acl, readers

OLD = pgtrigger.Referencing(old="old_rows")
NEW = pgtrigger.Referencing(new="new_rows")
BOTH = pgtrigger.Referencing(old="old_rows", new="new_rows")
FENCE = "OFFSET 0"
"""Keeps the planner from writing a derived value out twice: once to set it, once to compare it."""
PAIRS = "old_rows o JOIN new_rows n USING (id)"


def record_triggers(kind: Kind) -> list[pgtrigger.Trigger]:
    """Return the triggers of a record table."""
    sources = [reason for reason in REASONS if reason.source == kind]
    above = [reason for reason in sources if not reason.pointer_on_target]
    below = [reason for reason in sources if reason.pointer_on_target]
    return [
        _before("insert", pgtrigger.Insert, _first_readers(kind)),
        _before("update", pgtrigger.Update, _protect(kind)),
        _after("insert", pgtrigger.Insert, NEW, [_log(kind, "insert"), _grant_owner(kind), *map(_imply_insert, above)]),
        _after(
            "update",
            pgtrigger.Update,
            BOTH,
            [
                _log(kind, "update"),
                _unless_access_stays(kind, above),
                _move_owner(kind),
                *map(_imply_update, above),
                *map(_imply_below, below),
            ],
        ),
        _after("delete", pgtrigger.Delete, OLD, [_log(kind, "delete"), *map(_imply_delete, above)]),
    ]


def grant_triggers(kind: Kind, holder: str) -> list[pgtrigger.Trigger]:
    """Return the triggers of a grant table; `holder` is its column: `user_id` or `group_id`."""
    return [
        _after(
            "grant",
            pgtrigger.Insert,
            NEW,
            [_log_grant(kind, holder, "grant", "new_rows"), _held(_unknown(kind, holder)), _derive(kind)],
        ),
        _after(
            "revoke",
            pgtrigger.Delete,
            OLD,
            [
                _log_grant(kind, holder, "revoke", "old_rows"),
                _held("SELECT g.content_object_id FROM old_rows g"),
                _derive(kind),
            ],
        ),
    ]


def _before(name: str, operation: pgtrigger.Operation, body: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(name=f"before_{name}", when=pgtrigger.Before, operation=operation, func=body)


def _after(
    name: str, operation: pgtrigger.Operation, referencing: pgtrigger.Referencing, steps: list[str]
) -> pgtrigger.Trigger:
    rows = referencing.new or referencing.old
    return pgtrigger.Trigger(
        name=f"after_{name}",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=referencing,
        declare=[("held", "text[]"), ("gone", "text[]"), ("may_view", "integer"), ("may_change", "integer")],
        func="\n".join([f"IF NOT EXISTS (SELECT 1 FROM {rows}) THEN RETURN NULL; END IF;", *steps, "RETURN NULL;"]),
    )


def _sorted(keys: str) -> str:
    return f'ARRAY(SELECT DISTINCT k.key COLLATE "C" FROM unnest({keys}) k(key) WHERE k.key IS NOT NULL ORDER BY 1)'


def _parents(kind: Kind) -> list[Reason]:
    return [reason for reason in REASONS if reason.target == kind and reason.pointer_on_target]


def _lock_parents(kind: Kind) -> str:
    """Keep the readers of the rows that this one is about as they are until this transaction ends."""
    return "\n".join(
        f"PERFORM 1 FROM {reason.source.table} WHERE id = NEW.{reason.pointer} FOR {reason.lock};"
        for reason in _parents(kind)
    )


def _first_readers(kind: Kind) -> str:
    rights = '{"read": true, "write": true}'
    keys = "".join(f" || ({reason.sources_of('NEW')})" for reason in _parents(kind))
    return f"""
        {_lock_parents(kind)}
        NEW.readers := {_sorted(f"ARRAY[NEW.{kind.owner}::text]{keys}")};
        NEW.acl := CASE WHEN NEW.{kind.owner} IS NULL THEN '{{}}'::jsonb
            ELSE jsonb_build_object(NEW.{kind.owner}, '{rights}'::jsonb) END;
        RETURN NEW;"""


def _protect(kind: Kind) -> str:
    """Only these triggers write derived columns; anybody else's write moves updatedAt."""
    moved = " OR ".join(f"NEW.{reason.pointer} IS DISTINCT FROM OLD.{reason.pointer}" for reason in _parents(kind))
    follow = f"IF {moved} THEN {_lock_parents(kind)} NEW.readers := {readers(kind, 'NEW')}; END IF;" if moved else ""
    aside = f" IF {_only_aside(kind)} THEN RETURN NEW; END IF;" if kind.aside else ""
    return f"""
        IF pg_trigger_depth() > 1 THEN RETURN NEW; END IF;{aside}
        NEW.id := OLD.id; NEW.created_at := OLD.created_at; NEW.readers := OLD.readers; NEW.acl := OLD.acl;
        NEW.updated_at := {NEXT_STAMP};
        {follow}
        RETURN NEW;"""


def _only_aside(kind: Kind) -> str:
    """SQL that tells of an update that it changed nothing but columns that make no new version."""
    new, old = (", ".join(f"{row}.{column}" for column in kind.aside) for row in ("NEW", "OLD"))
    content = f"to_jsonb(NEW) - {without(*kind.aside)} = to_jsonb(OLD) - {without(*kind.aside)}"
    return f"({new}) IS DISTINCT FROM ({old}) AND {content}"


def without(*columns: str) -> str:
    """Return columns as an SQL array, to be taken out of a row as JSON."""
    names = ", ".join(f"'{column}'" for column in columns)
    return f"ARRAY[{names}]"


def _log(kind: Kind, operation: str) -> str:
    old, new, rows = {
        "insert": ("NULL", "to_jsonb(n)", "new_rows n"),
        "update": ("to_jsonb(o)", "to_jsonb(n)", "old_rows o JOIN new_rows n ON n.id = o.id"),
        "delete": ("to_jsonb(o)", "NULL", "old_rows o"),
    }[operation]
    if operation == "update" and kind.aside:
        rows += f" WHERE to_jsonb(o) - {without(*kind.aside)} <> to_jsonb(n) - {without(*kind.aside)}"
    row = "o" if operation == "delete" else "n"
    return _write_log(kind, operation, f"{row}.id", old, new, rows)


def _log_grant(kind: Kind, holder: str, operation: str, rows: str) -> str:
    grant = f"jsonb_build_object('{holder}', g.{holder}, 'action', split_part(p.codename, '_', 1))"
    old, new = ("NULL", grant) if operation == "grant" else (grant, "NULL")
    return _write_log(
        kind, operation, "g.content_object_id", old, new, f"{rows} g JOIN auth_permission p ON p.id = g.permission_id"
    )


def _write_log(kind: Kind, operation: str, object_id: str, old: str, new: str, rows: str) -> str:
    return (
        "INSERT INTO records_change (class_name, object_id, operation, old, new, actor, transaction, created_at) "
        f"SELECT '{kind.class_name}', {object_id}, '{operation}', {old}, {new}, "
        "nullif(current_setting('crm.actor', true), ''), pg_current_xact_id()::text::bigint, clock_timestamp() "
        f"FROM {rows};"
    )


def _permissions(kind: Kind) -> str:
    """Look the ids up once, in a statement of its own: inside the big ones they would be planned again each time."""
    return f"may_view := {kind.permission('view')}; may_change := {kind.permission('change')};"


def _grant_owner(kind: Kind, rows: str = "new_rows n", where: str = "") -> str:
    return f"""
        {_permissions(kind)}
        INSERT INTO {kind.table}usergrant (user_id, permission_id, content_object_id)
        SELECT n.{kind.owner}, p.id, n.id FROM {rows}
        CROSS JOIN (VALUES (may_view), (may_change)) p(id)
        WHERE n.{kind.owner} IS NOT NULL {where} ON CONFLICT DO NOTHING;"""


def _move_owner(kind: Kind) -> str:
    moved = f"n.{kind.owner} IS DISTINCT FROM o.{kind.owner}"
    return f"""
        IF EXISTS (SELECT 1 FROM {PAIRS} WHERE {moved}) THEN
            DELETE FROM {kind.table}usergrant g USING {PAIRS}
            WHERE g.content_object_id = o.id AND g.user_id = o.{kind.owner} AND {moved};
            {_grant_owner(kind, "old_rows o JOIN new_rows n ON n.id = o.id", f"AND {moved}")}
        END IF;"""


def _unless_access_stays(kind: Kind, reasons: list[Reason]) -> str:
    """End here when neither owner, readers nor what the rows point at changed: the most usual of updates."""
    columns = ["readers", kind.owner, *(reason.pointer for reason in reasons)]
    new, old = (", ".join(f"{row}.{column}" for column in columns) for row in "no")
    return f"IF NOT EXISTS (SELECT 1 FROM {PAIRS} WHERE ({new}) IS DISTINCT FROM ({old})) THEN RETURN NULL; END IF;"


def _held(records: str) -> str:
    """Remember the ids of records, and end here when there are none."""
    return f"held := ARRAY({records}); IF cardinality(held) = 0 THEN RETURN NULL; END IF;"


def _unknown(kind: Kind, holder: str) -> str:
    """SQL for the records whose derived columns do not know of the new grants.

    Those of a new record do, as it was made with its owner's. That is no race: where another transaction takes the same
    grant away meanwhile, the insert has waited for it, and this reads what it left.
    """
    if holder != "user_id":
        return "SELECT g.content_object_id FROM new_rows g"
    return f"""
        SELECT g.content_object_id FROM new_rows g JOIN auth_permission p ON p.id = g.permission_id
        JOIN {kind.table} t ON t.id = g.content_object_id
        WHERE NOT (g.user_id = ANY(t.readers) AND t.acl -> g.user_id ->>
            CASE split_part(p.codename, '_', 1) WHEN 'view' THEN 'read' ELSE 'write' END IS NOT DISTINCT FROM 'true')"""


def _derive(kind: Kind) -> str:
    """Make `readers` and `acl` of the records `held` what the grants say."""
    return f"""
        {_lock(kind, "id = ANY(held)")}
        {_permissions(kind)}
        UPDATE {kind.table} t SET readers = f.readers, acl = f.acl
        FROM (SELECT r.id, {readers(kind, "r", "may_view")} AS readers,
                     {acl(kind, "r", "may_view", "may_change")} AS acl
              FROM {kind.table} r WHERE r.id = ANY(held) {FENCE}) f
        WHERE t.id = f.id AND (t.readers IS DISTINCT FROM f.readers OR t.acl IS DISTINCT FROM f.acl);"""


def _lock(kind: Kind, which: str) -> str:
    return f"PERFORM 1 FROM {kind.table} WHERE {which} ORDER BY id FOR NO KEY UPDATE;"


def _gain(reason: Reason) -> str:
    """Let the readers of the new rows read what these point at."""
    table, pointer = reason.target.table, reason.pointer
    return f"""
        UPDATE {table} t SET readers = {_sorted("t.readers || g.readers")}
        FROM (SELECT n.{pointer} AS id, array_agg(DISTINCT k.key) AS readers
              FROM new_rows n CROSS JOIN unnest(n.readers) k(key) WHERE n.{pointer} = ANY(held) GROUP BY 1) g
        WHERE t.id = g.id AND NOT g.readers <@ t.readers;"""


def _recompute(kind: Kind, which: str) -> str:
    return f"""
        may_view := {kind.permission("view")};
        UPDATE {kind.table} t SET readers = f.readers
        FROM (SELECT r.id, {readers(kind, "r", "may_view")} AS readers FROM {kind.table} r WHERE {which} {FENCE}) f
        WHERE t.id = f.id AND t.readers IS DISTINCT FROM f.readers;"""


def _imply_insert(reason: Reason) -> str:
    pointer = reason.pointer
    return f"""
        held := ARRAY(SELECT DISTINCT n.{pointer} FROM new_rows n WHERE n.{pointer} IS NOT NULL);
        IF cardinality(held) > 0 THEN
            {_lock(reason.target, "id = ANY(held)")}
            IF EXISTS (SELECT 1 FROM new_rows n JOIN {reason.target.table} t ON t.id = n.{pointer}
                WHERE n.{pointer} = ANY(held) AND NOT n.readers <@ t.readers)
            THEN {_gain(reason)} END IF;
        END IF;"""


def _imply_update(reason: Reason) -> str:
    pointer = reason.pointer
    moved = f"n.{pointer} IS DISTINCT FROM o.{pointer}"
    return f"""
        held := ARRAY(SELECT DISTINCT n.{pointer} FROM {PAIRS}
            WHERE n.{pointer} IS NOT NULL AND ({moved} OR NOT n.readers <@ o.readers));
        gone := ARRAY(SELECT DISTINCT o.{pointer} FROM {PAIRS}
            WHERE o.{pointer} IS NOT NULL AND ({moved} OR NOT o.readers <@ n.readers));
        IF cardinality(held || gone) > 0 THEN
            {_lock(reason.target, "id = ANY(held || gone)")}
            {_gain(reason)}
            {_recompute(reason.target, "r.id = ANY(gone)")}
        END IF;"""


def _imply_delete(reason: Reason) -> str:
    pointer = reason.pointer
    return f"""
        gone := ARRAY(SELECT DISTINCT o.{pointer} FROM old_rows o WHERE o.{pointer} IS NOT NULL);
        IF cardinality(gone) > 0 THEN
            {_lock(reason.target, "id = ANY(gone)")} {_recompute(reason.target, "r.id = ANY(gone)")}
        END IF;"""


def _imply_below(reason: Reason) -> str:
    """Pass the readers of a contact or deal on to what is about it."""
    return f"""
        held := ARRAY(SELECT n.id FROM {PAIRS} WHERE n.readers IS DISTINCT FROM o.readers);
        IF cardinality(held) > 0 THEN
            {_lock(reason.target, f"{reason.pointer} = ANY(held)")}
            {_recompute(reason.target, f"r.{reason.pointer} = ANY(held)")}
        END IF;"""
