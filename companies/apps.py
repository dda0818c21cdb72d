"""Django's handle on companies."""

from typing import ClassVar

from django.apps import AppConfig


class CompaniesConfig(AppConfig):
    """The companies of the CRM."""

    name = "companies"
    default_auto_field = "django.db.models.BigAutoField"
    manager_permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "company": ("add", "change", "delete", "view"),
    }
