"""Starts the program: database up to date, demo data at first, then the web server."""

import os
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from accounts import demo
from accounts.models import User
from crm_site import keys
from crm_site.postgres import is_embedded
from crm_site.postgres.places import places
from crm_site.postgres.watch import watched
from crm_site.server import supervisor
from crm_site.server.port import is_taken
from crm_site.static_files import collect_when_changed
from records.restored import age_restored_changes

# Of two starts at once the second waits here until the first has migrated and loaded.
_PREPARING = 7_236_001


class Command(BaseCommand):
    """Prepares, says where everything is, serves."""

    help = "Serve the program at HOST and PORT."
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        """Refuse what would be unsafe, prepare, serve."""
        host, port = settings.HOST, settings.PORT
        if is_taken(host, port):
            raise CommandError(f"Port {port} of {host} is taken: stop who has it, or set PORT.", returncode=2)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_PREPARING])
            self._migrate()
            age_restored_changes()
            _load_demo(host)
            people = demo.active_accounts()
        connections.close_all()
        if people and not demo.is_loopback(host):
            raise CommandError(_refusal(host, people), returncode=2)
        collect_when_changed()
        self.stdout.write(_greeting(host, port, people))
        with watched(places(settings.CRM_DATA_DIR)) if is_embedded() else nullcontext():
            supervisor.serve(host, port, is_live=settings.CRM_LIVE)

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Bringing the database up to date ...")
            call_command("migrate", interactive=False, verbosity=0)


def _load_demo(host: str) -> None:
    """Fill a new installation that only this machine can reach."""
    if os.environ.get("CRM_DEMO") != "0" and demo.is_loopback(host) and not User.objects.exists():
        call_command("load_demo")


def _refusal(host: str, people: list[User]) -> str:
    names = ", ".join(person.username for person in people)
    return (
        f"The demo accounts ({names}) have a password that everybody knows, and HOST={host} would let others in.\n"
        "Close them first:  .venv/bin/python manage.py close_demo\n"
        "Or start an empty installation:  CRM_DEMO=0 CRM_DATA_DIR=/another/directory"
    )


def _greeting(host: str, port: int, people: list[User]) -> str:
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    lines = ["", f"CRM  {address}", ""]
    if not demo.is_loopback(host):
        lines += [f"Browsers may ask for it as {', '.join(settings.ALLOWED_HOSTS)} (ALLOWED_HOSTS).", ""]
    if people:
        lines.append(f"Demo accounts, for this machine only; password: {demo.PASSWORD}")
        lines += [
            f"  {person.username:<6} {person}, {demo.PEOPLE.get(person.username, 'sales rep')}" for person in people
        ]
    elif not User.objects.exists():
        lines.append("Nobody has an account yet: .venv/bin/python manage.py createsuperuser")
    lines += ["", f"Keys for apps that use {address}/parse"]
    for name in keys.NAMES:
        if name.startswith("PARSE_") and name != "PARSE_MASTER_KEY":
            lines.append(f"  {name:<20} {keys.key(name, settings.CRM_DATA_DIR)}")
    lines.append(f"  {'PARSE_MASTER_KEY':<20} {keys.whereabouts('PARSE_MASTER_KEY', settings.CRM_DATA_DIR)}")
    return "\n".join([*lines, "", "Ctrl-C stops it."])
