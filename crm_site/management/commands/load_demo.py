"""Fills an installation with the data of an invented sales team."""

from typing import Any

from django.core.management.base import BaseCommand

from crm_site.demo import people
from crm_site.demo.load import load


class Command(BaseCommand):
    """Makes the demo accounts and their companies, contacts, deals and activities."""

    help = "Load the demo data, unless its accounts are there already."

    def handle(self, *_: Any, **__: Any) -> None:
        """Load, and say how much."""
        if people.present():
            self.stdout.write("The demo data is there already.")
            return
        made = ", ".join(f"{number} {name}" for name, number in load().items())
        self.stdout.write(f"Demo data: {made}.")
