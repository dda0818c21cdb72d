"""Prints the OpenAPI document of the REST API."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from developers.openapi.document import document
from parse_api.protocol import MOUNT


class Command(BaseCommand):
    """Prints one JSON object."""

    help = "Print the OpenAPI 3.1 document of the REST API as JSON; CRM_ORIGIN says where it is."
    requires_system_checks: list[str] = []

    def handle(self, *_: Any, **__: Any) -> None:
        """Print it."""
        self.stdout.write(json.dumps(document(settings.CRM_ORIGIN + MOUNT), indent=2))
