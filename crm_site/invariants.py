"""What must always be true of the data, whatever happened: checked after every test of failures."""

from __future__ import annotations

from django.db import connection

from records.derived import access_findings
from records.implied import KINDS

_CHAIN = """
    SELECT 'Deal ' || h.deal_id || ': moved from ' || coalesce(h.from_stage, 'nothing') || ' but was in '
        || coalesce(h.before, 'nothing')
    FROM (SELECT *, lag(to_stage) OVER (PARTITION BY deal_id ORDER BY id) AS before FROM deals_stagechange) h
    WHERE h.from_stage IS DISTINCT FROM h.before
"""
_LAST = """
    SELECT 'Deal ' || d.id || ': is in ' || coalesce(d.stage, 'nothing') || ' but was last moved to '
        || coalesce(h.to_stage, 'nothing')
    FROM deals_deal d LEFT JOIN LATERAL
        (SELECT to_stage FROM deals_stagechange WHERE deal_id = d.id ORDER BY id DESC LIMIT 1) h ON true
    WHERE h.to_stage IS DISTINCT FROM d.stage
"""
_PLACES = """
    SELECT 'Deals ' || string_agg(id, ', ' ORDER BY id) || ': have the same place in ' || stage
    FROM deals_deal WHERE stage IS NOT NULL GROUP BY stage, position HAVING count(*) > 1
"""
_NEXT_STEPS = """
    SELECT 'Deal ' || d.id || ': its next step is not that of its activities'
    FROM deals_deal d LEFT JOIN (SELECT related_deal_id, min(due_date) AS due FROM activities_activity
        WHERE completed_at IS NULL GROUP BY 1) a ON a.related_deal_id = d.id
    WHERE d.next_step_at IS DISTINCT FROM a.due
"""


def findings() -> list[str]:
    """Return a line for everything that is not as it must be."""
    return [
        *access_findings(),
        *_future_stamps(),
        *_texts(_CHAIN),
        *_texts(_LAST),
        *_texts(_PLACES),
        *_texts(_NEXT_STEPS),
    ]


def _future_stamps() -> list[str]:
    """Return a line for each record that was changed later than now, or before it was made."""
    return [
        line
        for kind in KINDS
        for line in _texts(
            f"SELECT '{kind.class_name} ' || id || ': made ' || created_at || ', changed ' || updated_at "
            f"FROM {kind.table} WHERE updated_at > clock_timestamp() + interval '1 second' OR updated_at < created_at"
        )
    ]


def _texts(query: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [text for (text,) in cursor]
