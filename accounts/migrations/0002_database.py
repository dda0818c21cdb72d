"""Names of roles are unique without regard to case; the constraint lies on Django's own table."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    """Plain SQL, both ways."""

    dependencies: ClassVar = [("accounts", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]

    operations: ClassVar = [
        migrations.RunSQL(
            "CREATE UNIQUE INDEX role_name_unique ON auth_group (lower(normalize(name, NFKC)))",
            "DROP INDEX role_name_unique",
        ),
    ]
