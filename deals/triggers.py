"""The triggers that keep stage history, closing date, place and last touch of a deal, whoever writes it."""

from __future__ import annotations

import pgtrigger

from records.implied import DEAL
from records.triggers import without

GAP = 65_536
POSITION_SEQUENCE = "deals_position"
POSITION_SQL = f"(-{GAP} * nextval('{POSITION_SEQUENCE}'))"
"""A place above every other deal, and never the same twice."""

CLOSING = """
    SELECT kind INTO new_kind FROM deals_stage WHERE key = NEW.stage;
    IF new_kind IN ('won', 'lost') THEN
        NEW.closed_at := COALESCE(NEW.closed_at, {stamp});
    ELSE
        NEW.closed_at := NULL;
    END IF;
    IF new_kind IS DISTINCT FROM 'lost' THEN NEW.lost_reason := NULL; NEW.lost_note := NULL; END IF;
"""
LAST_STAGE = "(SELECT h.to_stage FROM deals_stagechange h WHERE h.deal_id = NEW.id ORDER BY h.id DESC LIMIT 1)"
KNOWN = "EXISTS (SELECT 1 FROM deals_stagechange h WHERE h.deal_id = NEW.id)"


STAMP = "date_trunc('milliseconds', clock_timestamp())"
ACTOR = "nullif(current_setting('crm.actor', true), '')"
# A place that came back with an undone move or deletion may be taken by now: the next one is free, gaps are wide.
FREE_PLACE = """
    WHILE EXISTS (SELECT 1 FROM deals_deal d WHERE d.stage = NEW.stage AND d.position = NEW.position AND d.id <> NEW.id)
    LOOP NEW.position := NEW.position + 1; END LOOP;
"""
NOT_A_TOUCH = without(*DEAL.aside, "updated_at", "stage_changed_at")


def place_lock(stage: str) -> str:
    """SQL that holds the places of a column, `stage` being SQL for its key, until the transaction ends.

    Whoever writes a place into it, through a move, an undo or plain SQL, then sees those that others have taken.
    """
    return f"pg_advisory_xact_lock(hashtextextended('deals_position:' || {stage}, 0))"


_CLOSING = CLOSING.format(stamp=STAMP)
_FIRST = f"""
                IF NEW.stage_changed_at IS NULL THEN NEW.stage_changed_at := {STAMP}; {_CLOSING} END IF;
                IF NEW.touched_at IS NULL THEN
                    NEW.touched_at := LEAST({STAMP}, GREATEST(NEW.created_at, NEW.stage_changed_at));
                END IF;
                NEW.next_step_at := NULL;
                {FREE_PLACE}
                RETURN NEW;"""
_MOVE = f"""
                -- The same version elsewhere: only the gaps of the column are made wider.
                is_placed := NEW.position <> OLD.position AND NEW.updated_at <> OLD.updated_at;
                NEW.stage_changed_at := COALESCE(NEW.stage_changed_at, OLD.stage_changed_at);
                IF NEW.stage IS DISTINCT FROM OLD.stage THEN
                    IF NEW.position = OLD.position THEN NEW.position := {POSITION_SQL}; END IF;
                    IF NEW.closed_at IS NOT DISTINCT FROM OLD.closed_at AND OLD.closed_at IS NOT NULL
                        AND NOT EXISTS (SELECT 1 FROM deals_stage WHERE key = OLD.stage AND kind <> 'open')
                    THEN NEW.closed_at := NULL; END IF;
                    IF NEW.stage_changed_at IS NOT DISTINCT FROM OLD.stage_changed_at
                    THEN NEW.stage_changed_at := {STAMP}; END IF;
                    {_CLOSING}
                END IF;
                IF pg_trigger_depth() > 1 THEN RETURN NEW; END IF;
                IF is_placed AND NEW.stage IS NOT NULL THEN PERFORM {place_lock("NEW.stage")}; {FREE_PLACE} END IF;
                NEW.next_step_at := OLD.next_step_at;
                NEW.touched_at := CASE
                    WHEN {ACTOR} IS NULL OR to_jsonb(NEW) - {NOT_A_TOUCH} = to_jsonb(OLD) - {NOT_A_TOUCH}
                    THEN OLD.touched_at ELSE {STAMP} END;
                RETURN NEW;"""


def stage_triggers() -> list[pgtrigger.Trigger]:
    """Return the triggers of the deals table that follow its stage."""
    declare = [("new_kind", "text")]
    return [
        pgtrigger.Trigger(
            name="stage_first",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            declare=declare,
            func=_FIRST,
        ),
        pgtrigger.Trigger(
            name="stage_move",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            declare=[*declare, ("is_placed", "boolean")],
            func=_MOVE,
        ),
        # A deal that comes back after its deletion goes on with its history.
        _history(
            "stage_history_insert",
            pgtrigger.Insert,
            LAST_STAGE,
            f"NOT ({KNOWN} AND NEW.stage IS NOT DISTINCT FROM {LAST_STAGE})",
            "NEW.stage_changed_at",
        ),
        # An undone move gets its old date back, but happens now.
        _history(
            "stage_history_update",
            pgtrigger.Update,
            "OLD.stage",
            "NEW.stage IS DISTINCT FROM OLD.stage",
            f"CASE WHEN NEW.stage_changed_at > OLD.stage_changed_at THEN NEW.stage_changed_at ELSE {STAMP} END",
        ),
    ]


def follow_up_triggers() -> list[pgtrigger.Trigger]:
    """Return the triggers of the activities table that tell a deal of its next step and its last touch.

    What a person writes about a deal is a touch now, what comes without one (an import) when it was done.
    """
    return [
        _follow_up("insert", pgtrigger.Insert, pgtrigger.Referencing(new="new_rows"), ["new_rows"]),
        _follow_up(
            "update",
            pgtrigger.Update,
            pgtrigger.Referencing(old="old_rows", new="new_rows"),
            ["new_rows", "old_rows"],
        ),
        _follow_up("delete", pgtrigger.Delete, pgtrigger.Referencing(old="old_rows"), ["old_rows"]),
    ]


def _follow_up(
    name: str, operation: pgtrigger.Operation, referencing: pgtrigger.Referencing, rows: list[str]
) -> pgtrigger.Trigger:
    about = " UNION ".join(f"SELECT related_deal_id FROM {source} WHERE related_deal_id IS NOT NULL" for source in rows)
    done = """(SELECT max(LEAST(n.completed_at, now())) FROM new_rows n
                    WHERE n.related_deal_id = d.id AND n.completed_at IS NOT NULL)"""
    touch = f"CASE WHEN {ACTOR} IS NULL THEN {done} ELSE {STAMP} END" if referencing.new else "NULL::timestamptz"
    return pgtrigger.Trigger(
        name=f"follow_up_{name}",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=referencing,
        declare=[("held", "text[]")],
        func=f"""
            IF pg_trigger_depth() > 1 THEN RETURN NULL; END IF;
            held := ARRAY({about});
            IF cardinality(held) = 0 THEN RETURN NULL; END IF;
            PERFORM 1 FROM deals_deal WHERE id = ANY(held) ORDER BY id FOR NO KEY UPDATE;
            UPDATE deals_deal t SET next_step_at = f.next_step, touched_at = GREATEST(t.touched_at, f.touch)
            FROM (SELECT d.id, {touch} AS touch, (SELECT min(a.due_date) FROM activities_activity a
                    WHERE a.related_deal_id = d.id AND a.completed_at IS NULL) AS next_step
                  FROM deals_deal d WHERE d.id = ANY(held)) f
            WHERE t.id = f.id AND (t.next_step_at IS DISTINCT FROM f.next_step OR t.touched_at < f.touch);
            RETURN NULL;""",
    )


def _history(name: str, operation: pgtrigger.Operation, before: str, when: str, moment: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=operation,
        func=f"""
            IF {when} THEN
                INSERT INTO deals_stagechange (deal_id, from_stage, to_stage, amount, actor, changed_at)
                VALUES (NEW.id, {before}, NEW.stage, NEW.amount,
                    {ACTOR}, {moment});
            END IF;
            RETURN NULL;""",
    )
