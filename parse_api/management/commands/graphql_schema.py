"""Prints the schema of GraphQL, which over the network only the master key is told."""

from typing import Any

from django.core.management.base import BaseCommand
from graphql import print_schema

from parse_api.graphql.schema import SCHEMA


class Command(BaseCommand):
    """Prints one document."""

    help = "Print the schema of /graphql in GraphQL's own language, for tools that make code of it."
    requires_system_checks: list[str] = []

    def handle(self, *_: Any, **__: Any) -> None:
        """Print it."""
        self.stdout.write(print_schema(SCHEMA))
