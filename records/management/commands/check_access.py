"""Proves that who may see what is what the grants say."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from records.derived import access_findings


class Command(BaseCommand):
    """Compares the derived columns with the grants and prints every difference."""

    help = (
        "Prove that the columns `readers` and `acl` of every record are what the grant tables say, that every grant "
        "is of a right on its own class, and that everybody is in the group of everybody. Exit status 1 if not."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        """Print the findings."""
        findings = access_findings()
        for finding in findings:
            self.stdout.write(finding)
        if findings:
            raise CommandError(f"{len(findings):,} findings.", returncode=1)
        self.stdout.write("Access is as it should be.")
