"""Prints the schema in the form that hosted Parse backends import."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from parse_api.service.schema import importable


class Command(BaseCommand):
    """Prints one JSON object."""

    help = (
        "Print the classes and fields that apps know as JSON, "
        '{"classes": [{"className", "fields": {name: {"type", "targetClass", "required"}}}]}, '
        "which hosted Parse backends import."
    )
    requires_system_checks: list[str] = []

    def handle(self, *_: Any, **__: Any) -> None:
        """Print it."""
        self.stdout.write(json.dumps(importable(), indent=2))
