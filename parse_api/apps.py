"""Django's handle on the Parse API."""

from django.apps import AppConfig


class ParseApiConfig(AppConfig):
    """Speaks the Parse protocol."""

    name = "parse_api"
