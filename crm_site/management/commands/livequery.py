"""Talks over WebSockets at a port of its own, for where a proxy sends them there."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm_site.live.process import run_alone
from crm_site.server.port import is_taken


class Command(BaseCommand):
    """The live process without the others."""

    help = "Talk over WebSockets at HOST and LIVEQUERY_PORT."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take another port."""
        parser.add_argument("--port", type=int, default=settings.LIVEQUERY_PORT)

    def handle(self, *_: Any, port: int, **__: Any) -> None:
        """Talk until SIGTERM."""
        if is_taken(settings.HOST, port):
            raise CommandError(f"Port {port} of {settings.HOST} is taken.", returncode=2)
        self.stdout.write(f"WebSockets at {settings.HOST}:{port}. Ctrl-C stops it.")
        run_alone(settings.HOST, port)
