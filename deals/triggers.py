"""The triggers that write stage history and the closing date, whoever moves a deal."""

from __future__ import annotations

import pgtrigger

GAP = 65_536
POSITION_SEQUENCE = "deals_position"
POSITION_SQL = f"(-{GAP} * nextval('{POSITION_SEQUENCE}'))"
"""A place above every other deal, and never the same twice."""

CLOSING = """
    SELECT kind INTO new_kind FROM deals_stage WHERE key = NEW.stage;
    NEW.stage_changed_at := {stamp};
    IF new_kind IN ('won', 'lost') THEN
        NEW.closed_at := COALESCE(NEW.closed_at, {stamp});
    ELSE
        NEW.closed_at := NULL;
    END IF;
    IF new_kind IS DISTINCT FROM 'lost' THEN NEW.lost_reason := NULL; NEW.lost_note := NULL; END IF;
"""
LAST_STAGE = "(SELECT h.to_stage FROM deals_stagechange h WHERE h.deal_id = NEW.id ORDER BY h.id DESC LIMIT 1)"
KNOWN = "EXISTS (SELECT 1 FROM deals_stagechange h WHERE h.deal_id = NEW.id)"


def stage_triggers() -> list[pgtrigger.Trigger]:
    """Return the triggers of the deals table that follow its stage."""
    stamp = "date_trunc('milliseconds', clock_timestamp())"
    closing = CLOSING.format(stamp=stamp)
    declare = [("new_kind", "text")]
    return [
        pgtrigger.Trigger(
            name="stage_first",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            declare=declare,
            func=f"IF NEW.stage_changed_at IS NULL THEN {closing} END IF; RETURN NEW;",
        ),
        pgtrigger.Trigger(
            name="stage_move",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            declare=declare,
            func=f"""
                IF NEW.stage IS DISTINCT FROM OLD.stage THEN
                    IF NEW.position = OLD.position THEN NEW.position := {POSITION_SQL}; END IF;
                    IF NEW.closed_at IS NOT DISTINCT FROM OLD.closed_at AND OLD.closed_at IS NOT NULL
                        AND NOT EXISTS (SELECT 1 FROM deals_stage WHERE key = OLD.stage AND kind <> 'open')
                    THEN NEW.closed_at := NULL; END IF;
                    {closing}
                END IF;
                RETURN NEW;""",
        ),
        # A deal that comes back after its deletion goes on with its history.
        _history(
            "stage_history_insert",
            pgtrigger.Insert,
            LAST_STAGE,
            f"NOT ({KNOWN} AND NEW.stage IS NOT DISTINCT FROM {LAST_STAGE})",
        ),
        _history("stage_history_update", pgtrigger.Update, "OLD.stage", "NEW.stage IS DISTINCT FROM OLD.stage"),
    ]


def _history(name: str, operation: pgtrigger.Operation, before: str, when: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=operation,
        func=f"""
            IF {when} THEN
                INSERT INTO deals_stagechange (deal_id, from_stage, to_stage, amount, actor, changed_at)
                VALUES (NEW.id, {before}, NEW.stage, NEW.amount,
                    nullif(current_setting('crm.actor', true), ''), NEW.stage_changed_at);
            END IF;
            RETURN NULL;""",
    )
