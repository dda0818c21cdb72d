"""What apps send as the ACL of a user."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_role_acl_children"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="acl",
            field=models.JSONField(default=dict, editable=False),
        ),
    ]
