"""Django's handle on contacts."""

from typing import ClassVar

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    """The contacts of the CRM."""

    name = "contacts"
    default_auto_field = "django.db.models.BigAutoField"
    manager_permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "contact": ("add", "change", "delete", "view"),
    }
