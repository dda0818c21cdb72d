"""The PostgreSQL that the program runs for itself when DATABASE_URL names none."""

from crm_site.postgres.account import PostgresError
from crm_site.postgres.places import is_embedded, socket_url
from crm_site.postgres.use import running

__all__ = ["PostgresError", "is_embedded", "running", "socket_url"]
