"""Django's handle on what every record shares."""

from typing import ClassVar

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RecordsConfig(AppConfig):
    """The gate, the change log and the shared pages."""

    name = "records"
    default_auto_field = "django.db.models.BigAutoField"
    manager_permissions: ClassVar[dict[str, tuple[str, ...]]] = {"change": ("view",)}

    def ready(self) -> None:
        """See to the change log of a restored backup after every migration."""
        from records import restored

        post_migrate.connect(restored.after_migrate, sender=self, dispatch_uid="records.restored")
