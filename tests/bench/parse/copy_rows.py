"""Copies our rows into parse-server's tables, so that both answer the same; who may read is the same too."""

from __future__ import annotations

import subprocess

import psycopg

from tests.bench.parse import places
from tests.bench.parse.sizes import PASSWORD

_STAMPS = "id, created_at, updated_at"
_PERMISSIONS = """
    array(SELECT CASE WHEN r LIKE 'role:%' THEN 'role:' || (SELECT name FROM auth_group WHERE id = substr(r, 6)::int)
        ELSE r END FROM unnest(readers) r) || ARRAY['role:Managers'],
    array(SELECT key FROM jsonb_each(acl) WHERE value ? 'write') || ARRAY['role:Managers']"""
_COLUMNS = '"objectId", "createdAt", "updatedAt"'
_READERS = "_rperm, _wperm"
_INTO = {
    # Everybody is a group of ours, but no role; and nobody may change those that are roles.
    f'"_Role" ({_COLUMNS}, name, {_READERS})': "SELECT r.object_id, r.created_at, r.updated_at, g.name, "
    "'{*}'::text[], '{}'::text[] FROM accounts_role r JOIN auth_group g ON g.id = r.group_ptr_id WHERE g.name <> '*'",
    '"_Join:users:_Role" ("relatedId", "owningId")': "SELECT m.user_id, r.object_id FROM accounts_user_groups m "
    "JOIN accounts_role r ON r.group_ptr_id = m.group_id",
    f'"Company" ({_COLUMNS}, name, industry, "createdBy", {_READERS})': (
        f"SELECT {_STAMPS}, name, industry, created_by_id, {_PERMISSIONS} FROM companies_company"
    ),
    f'"Contact" ({_COLUMNS}, name, email, phone, company, "createdBy", {_READERS})': (
        f"SELECT {_STAMPS}, name, email, phone, company_id, created_by_id, {_PERMISSIONS} FROM contacts_contact"
    ),
    f'"Deal" ({_COLUMNS}, title, amount, stage, contact, company, "expectedCloseDate", "assignedTo", "lostReason", '
    f"{_READERS})": (
        f"SELECT {_STAMPS}, title, amount, stage, contact_id, company_id, expected_close_date, assigned_to_id, "
        f"lost_reason, {_PERMISSIONS} FROM deals_deal"
    ),
    f'"Activity" ({_COLUMNS}, type, subject, description, "dueDate", "completedAt", "relatedTo", "createdBy", '
    f"{_READERS})": (
        f"SELECT {_STAMPS}, type, subject, description, due_date, completed_at, related_deal_id, created_by_id, "
        f"{_PERMISSIONS} FROM activities_activity"
    ),
}
INDEX = 'CREATE INDEX deal_by_stage ON "Deal" (stage, "expectedCloseDate", "objectId")'
"""parse-server makes none but of the objectId; this is what somebody with many deals would add."""


def copy_rows(source: str, target: str) -> None:
    """Fill the empty tables of the second database from the first."""
    users = (
        f"SELECT id, created_at, updated_at, username, email, '{_hash()}', array['*', id], array[id] FROM accounts_user"
    )
    into = {f'"_User" ({_COLUMNS}, username, email, _hashed_password, {_READERS})': users} | _INTO
    with psycopg.connect(source) as reading, psycopg.connect(target, autocommit=True) as writing:
        writing.execute('TRUNCATE "_Role"')
        for table, rows in into.items():
            with (
                reading.cursor().copy(f"COPY ({rows}) TO STDOUT") as out,
                writing.cursor().copy(f"COPY {table} FROM STDIN") as copied,
            ):
                for block in out:
                    copied.write(block)
        writing.execute("VACUUM (ANALYZE)")


def _hash() -> str:
    """Return the password as parse-server stores it."""
    script = "require('parse-server/lib/password.js').hash(process.argv[1]).then(made => console.log(made))"
    command = ["node", "-e", script, PASSWORD]
    made = subprocess.run(command, cwd=places.MODULES, check=True, capture_output=True, text=True)  # noqa: S603
    return made.stdout.strip()
