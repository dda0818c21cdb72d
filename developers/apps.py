"""Django's handle on the developer pages."""

from django.apps import AppConfig


class DevelopersConfig(AppConfig):
    """Tells app developers what there is."""

    name = "developers"
