"""The last touch and the next step of the deals that were there before."""

from typing import ClassVar

from django.db import migrations

BACKFILL = """
ALTER TABLE deals_deal DISABLE TRIGGER USER;
UPDATE deals_deal d SET
    touched_at = LEAST(now(), GREATEST(d.created_at, d.stage_changed_at, d.updated_at, a.done)), next_step_at = a.next_step
FROM deals_deal x
LEFT JOIN (SELECT related_deal_id, max(completed_at) AS done, min(due_date) FILTER (WHERE completed_at IS NULL) AS next_step
    FROM activities_activity GROUP BY 1) a ON a.related_deal_id = x.id
WHERE x.id = d.id;
ALTER TABLE deals_deal ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    """Derived from what is there, so there is nothing to take back."""

    dependencies: ClassVar = [("deals", "0003_place_touch_and_next_step"), ("activities", "0001_initial")]

    operations: ClassVar = [migrations.RunSQL(BACKFILL, migrations.RunSQL.noop)]
