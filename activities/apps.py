"""Django's handle on activities."""

from typing import ClassVar

from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    """The activities of the CRM."""

    name = "activities"
    default_auto_field = "django.db.models.BigAutoField"
    manager_permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "activity": ("add", "change", "delete", "view"),
    }
