"""Tables for devices and for the settings that apps share."""

import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import accounts.object_id


class Migration(migrations.Migration):
    dependencies = [
        ("parse_api", "0001_spent_request"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConfigParameter",
            fields=[
                ("name", models.TextField(db_collation="C", primary_key=True, serialize=False)),
                ("value", models.JSONField()),
                ("is_master_only", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="Installation",
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
                ("installation_id", models.TextField(null=True, unique=True)),
                ("device_token", models.TextField(null=True, unique=True)),
                ("device_type", models.TextField()),
                ("more", models.JSONField(default=dict)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id__regex", "^[A-Za-z0-9]{10}$")), name="installation_id_form"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("installation_id__isnull", False), ("device_token__isnull", False), _connector="OR"
                        ),
                        name="installation_has_id",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="installation",
            trigger=pgtrigger.compiler.Trigger(
                name="stamp_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="NEW.updated_at := GREATEST(date_trunc('milliseconds', clock_timestamp()), OLD.updated_at + interval '1 millisecond'); RETURN NEW;",
                    hash="ba697e548d5adff197d5af3c0ec8a8ada8beecb7",
                    operation="UPDATE",
                    pgid="pgtrigger_stamp_update_47cb2",
                    table="parse_api_installation",
                    when="BEFORE",
                ),
            ),
        ),
    ]
