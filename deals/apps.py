"""Django's handle on deals."""

from typing import ClassVar

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DealsConfig(AppConfig):
    """The deals of the CRM."""

    name = "deals"
    default_auto_field = "django.db.models.BigAutoField"
    manager_permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "deal": ("add", "change", "delete", "view"),
        "stage": ("add", "change", "delete", "view"),
        "lostreason": ("add", "change", "delete", "view"),
        "stagechange": ("view",),
    }

    def ready(self) -> None:
        """Seed the pipeline after the first migration."""
        from deals import stages

        post_migrate.connect(stages.seed, dispatch_uid="deals.stages.seed")
