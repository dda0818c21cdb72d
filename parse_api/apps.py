"""Django's handle on the Parse API."""

from django.apps import AppConfig
from django.core import checks


class ParseApiConfig(AppConfig):
    """Speaks the Parse protocol."""

    name = "parse_api"

    def ready(self) -> None:
        """Have the class table compared with the models."""
        from parse_api.checks import check_classes

        checks.register(check_classes)
