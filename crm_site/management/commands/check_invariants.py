"""Checks everything that must always be true of the data."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm_site.invariants import findings


class Command(BaseCommand):
    """Prints what is not as it must be."""

    help = (
        "Check access (as check_access does), that the stage history of every deal is a chain that ends where the "
        "deal is, that no two cards have one place, and that no record was changed in the future. "
        "Exit status 1 if something is wrong."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        """Print the findings."""
        found = findings()
        for finding in found:
            self.stdout.write(finding)
        if found:
            raise CommandError(f"{len(found):,} findings.", returncode=1)
        self.stdout.write("Everything is as it must be.")
