"""A table for the sessions of apps."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.object_id


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_database"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiSession",
            fields=[
                ("id", accounts.object_id.ObjectIdField(serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=models.Func(
                            models.Value("milliseconds"),
                            django.db.models.functions.datetime.Now(),
                            function="date_trunc",
                            output_field=models.DateTimeField(),
                        ),
                        editable=False,
                        verbose_name="created",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=models.Func(
                            models.Value("milliseconds"),
                            django.db.models.functions.datetime.Now(),
                            function="date_trunc",
                            output_field=models.DateTimeField(),
                        ),
                        editable=False,
                        verbose_name="updated",
                    ),
                ),
                ("token_hash", models.CharField(db_collation="C", max_length=64, unique=True)),
                ("installation_id", models.TextField(blank=True)),
                ("created_with", models.JSONField()),
                ("expires_at", models.DateTimeField()),
                ("ip", models.GenericIPAddressField()),
                ("user_agent", models.CharField(max_length=200)),
                ("last_seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id__regex", "^[A-Za-z0-9]{10}$")), name="api_session_id_form"
                    ),
                ],
            },
        ),
    ]
