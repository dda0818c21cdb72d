"""Django's handle on the people."""

from typing import ClassVar

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    """Users, roles and sessions; seeds the roles that the product relies on."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    manager_permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "user": ("add", "change", "view"),
        "role": ("add", "change", "delete", "view"),
    }

    def ready(self) -> None:
        """Seed after every app's migration, when that app's permissions exist; follow log-ins and passwords."""
        from accounts import roles, signals

        post_migrate.connect(roles.seed, dispatch_uid="accounts.roles.seed")
        signals.connect()
