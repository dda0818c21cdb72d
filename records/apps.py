"""Django's handle on what every record shares."""

from typing import ClassVar

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """The gate, the change log and the shared pages."""

    name = "records"
    default_auto_field = "django.db.models.BigAutoField"
    manager_permissions: ClassVar[dict[str, tuple[str, ...]]] = {"change": ("view",)}
