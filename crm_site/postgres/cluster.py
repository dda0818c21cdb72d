"""The making of a new cluster and of the program's role and database in it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from crm_site.postgres.account import Account, PostgresError, making_account
from crm_site.postgres.places import DATABASE, OWNER, SUPERUSER, Places
from crm_site.postgres.programs import programs

_OPTIONS = (
    "--auth-local=trust",  # who may enter the socket's directory may connect: nobody but us
    "--auth-host=reject",
    "--data-checksums",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--locale=C.UTF-8",
    f"--username={SUPERUSER}",
)


def make_cluster(at: Places, account: Account) -> None:
    """Run initdb beside the final place, which the result takes only when it is complete."""
    shutil.rmtree(at.draft, ignore_errors=True)
    at.draft.mkdir(mode=0o700)
    maker = making_account(account)
    maker.own(at.draft)
    with maker.reach(at.draft) as [data], at.log.open("ab") as output:
        command = [str(programs(maker) / "initdb"), f"--pgdata={data}", *_OPTIONS]
        if maker.popen(command, output).wait() != 0:
            raise PostgresError(f"initdb failed:\n{at.last_words()}")
    account.own(at.draft)
    at.draft.rename(at.cluster)


@contextmanager
def superuser(at: Places) -> Iterator[psycopg.Connection]:
    """Connect as the superuser, in autocommit, for the length of the block."""
    with psycopg.connect(
        host=str(at.socket_dir), user=SUPERUSER, dbname=SUPERUSER, autocommit=True, connect_timeout=5
    ) as connection:
        yield connection


def make_database(at: Places, *, for_tests: bool) -> None:
    """Make the role and the database of the program unless an earlier start did."""
    with superuser(at) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone():
            right = sql.SQL("CREATEDB" if for_tests else "NOCREATEDB")
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN {}").format(sql.Identifier(OWNER), right))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            names = (sql.Identifier(DATABASE), sql.Identifier(OWNER))
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
