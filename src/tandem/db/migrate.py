"""Forward-only migrations in plain SQL: numbered files, each in one transaction, under one lock, with its checksum kept.

`prepare` makes a database ready for the program: the program's own role, the migrations, the job queue's tables.
"""

import contextlib
import hashlib
import logging
from dataclasses import dataclass
from importlib import resources

import psycopg
import psycopg.conninfo
from psycopg import sql

from tandem.errors import Problem

log = logging.getLogger(__name__)

LOCK = 0x7A4D_0001
"""The advisory lock that lets one program migrate at a time; the number only has to be ours."""

APP_ROLE = "tandem_app"
OWNER_ROLE = "tandem_owner"


class NotMigratable(Problem):
    """The database cannot be brought to this version. The sentence says what stands in the way and what to do."""

    status, code, title = 500, "not_migratable", "The database cannot be migrated"


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of `db/migrations`."""

    version: int
    name: str
    text: str

    @property
    def checksum(self) -> bytes:
        """SHA-256 of the file's text."""
        return hashlib.sha256(self.text.encode()).digest()


def migrations() -> list[Migration]:
    """Every migration that this version of Tandem ships, in order."""
    folder = resources.files("tandem.db").joinpath("migrations")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [Migration(int(f.name[:4]), f.name[5:-4], f.read_text("utf-8")) for f in files]


def prepare_embedded(superuser_url: str, owner_url: str) -> None:
    """In Tandem's own PostgreSQL: an owner who is no superuser, then as in `prepare`."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [LOCK])  # until the connection ends
        for role in (OWNER_ROLE, APP_ROLE):
            _make_role(connection, role, "login")
        connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(APP_ROLE), sql.Identifier(OWNER_ROLE)))
        database = connection.info.dbname
        connection.execute("create extension if not exists vector")
        connection.execute(
            sql.SQL("alter database {} owner to {}").format(sql.Identifier(database), sql.Identifier(OWNER_ROLE))
        )
        connection.execute(sql.SQL("grant all on schema public to {}").format(sql.Identifier(OWNER_ROLE)))
    prepare(owner_url)


def prepare(owner_url: str) -> list[Migration]:
    """Bring the database to this version; returns what was done. Raises NotMigratable."""
    try:
        connection = psycopg.connect(owner_url, autocommit=True)
    except psycopg.OperationalError as problem:
        raise NotMigratable(f"The database does not answer: {str(problem).splitlines()[0]}") from problem
    with connection:
        connection.execute("select pg_advisory_lock(%s)", [LOCK])
        _make_role(connection, APP_ROLE, "nologin")
        _require_vector(connection)
        done = [migration for migration in migrations() if _apply(connection, migration)]
        _queue_tables(connection)
        connection.execute("select pg_advisory_unlock(%s)", [LOCK])
        return done


def app_conninfo(owner_url: str) -> str:
    """The connection that the program works with: the same server and login, in the role that owns nothing."""
    given = psycopg.conninfo.conninfo_to_dict(owner_url).get("options") or ""
    return psycopg.conninfo.make_conninfo(owner_url, options=f"{given} -c role={APP_ROLE}".strip())


def _make_role(connection: psycopg.Connection, role: str, login: str) -> None:
    exists = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
    name = sql.Identifier(role)
    try:
        if not exists:
            with contextlib.suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                # suppressed: the migration of another database of the same server was faster
                rights = sql.SQL("nosuperuser nobypassrls nocreatedb nocreaterole")
                connection.execute(sql.SQL("create role {} {} {}").format(name, sql.SQL(login), rights))
        member = connection.execute("select pg_has_role(current_user, %s, 'set')", [role]).fetchone()
        if not member or not member[0]:
            connection.execute(sql.SQL("grant {} to current_user").format(name))
    except psycopg.errors.InsufficientPrivilege as problem:
        raise NotMigratable(
            f"The database login may not create the role {role}. As an administrator run: "
            f"create role {role} {login}; grant {role} to <the login of TANDEM_DATABASE_URL>;"
        ) from problem


def _require_vector(connection: psycopg.Connection) -> None:
    try:
        connection.execute("create extension if not exists vector")
    except (
        psycopg.errors.FeatureNotSupported,
        psycopg.errors.UndefinedFile,
        psycopg.errors.InsufficientPrivilege,
    ) as problem:
        raise NotMigratable(
            "The PostgreSQL server lacks pgvector 0.8 or newer. "
            "Install it on the server, then as an administrator run: create extension vector;"
        ) from problem


def _apply(connection: psycopg.Connection, migration: Migration) -> bool:
    connection.execute(
        "create table if not exists migrations (version integer primary key, name text not null,"
        " checksum bytea not null, applied_at timestamptz not null default now())"
    )
    row = connection.execute("select checksum from migrations where version = %s", [migration.version]).fetchone()
    if row:
        if row[0] != migration.checksum:
            raise NotMigratable(
                f"Migration {migration.version} was changed after it had been applied to this database."
            )
        return False
    log.info("migrating to %04d %s", migration.version, migration.name)
    with connection.transaction():
        connection.execute(migration.text.encode())
        connection.execute(
            "insert into migrations (version, name, checksum) values (%s, %s, %s)",
            [migration.version, migration.name, migration.checksum],
        )
    return True


QUEUE_INDEX = """create index procrastinate_jobs_by_lock on procrastinate_jobs (lock)
    where status = any (array['todo', 'doing']::procrastinate_job_status[])"""
"""Before it takes a job the queue looks whether another one has its lock, for which it has an index by number alone: with 80,000
jobs waiting that takes 15 ms, and with this one a third of it."""


def _queue_tables(connection: psycopg.Connection) -> None:
    """The tables of procrastinate, from its own schema file, and the program's rights to them."""
    exists = connection.execute("select to_regclass('procrastinate_jobs')").fetchone()
    if exists and exists[0] is None:
        with connection.transaction():
            connection.execute(resources.files("procrastinate.sql").joinpath("schema.sql").read_bytes())
            connection.execute(QUEUE_INDEX)
    connection.execute(
        "grant select, insert, update, delete on procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers,"
        f" procrastinate_workers to {APP_ROLE}; grant usage on all sequences in schema public to {APP_ROLE}"
    )
