"""What Django's models cannot say: grants follow their record, and the planner's statistics of `readers`."""

from typing import ClassVar

from django.db import migrations

from records.grants import cascade_sql, statistics_sql
from records.implied import ACTIVITY


class Migration(migrations.Migration):
    """Plain SQL, both ways."""

    dependencies: ClassVar = [("activities", "0001_initial")]

    operations: ClassVar = [
        migrations.RunSQL(*cascade_sql(ACTIVITY)),
        migrations.RunSQL(*statistics_sql(ACTIVITY)),
    ]
