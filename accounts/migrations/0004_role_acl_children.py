"""Access lists of roles themselves, and roles within roles."""

from django.db import migrations, models

import accounts.models


class Migration(migrations.Migration):
    """Every role that is there already may be read by everybody."""

    dependencies = [
        ("accounts", "0003_api_session"),
    ]

    operations = [
        migrations.AlterModelManagers(
            name="role",
            managers=[],
        ),
        migrations.AddField(
            model_name="role",
            name="acl",
            field=models.JSONField(default=accounts.models.public_acl, editable=False),
        ),
        migrations.AddField(
            model_name="role",
            name="children",
            field=models.ManyToManyField(blank=True, related_name="parents", to="accounts.role"),
        ),
    ]
