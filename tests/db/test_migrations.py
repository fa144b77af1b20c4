"""Migrations: applied once, in order, never half, never changed afterwards, and equal to the schema one can read."""

import subprocess
import sys
from collections.abc import Iterator
from importlib import resources

import psycopg
import pytest
from psycopg import sql

from tandem.db import migrate
from tandem.db.migrate import Migration, NotMigratable
from tests import catalog
from tests.cast import Cast
from tests.ground import Ground, Place

pytestmark = pytest.mark.parametrize("ground", [18, 16], indirect=True)


@pytest.fixture
def empty(ground: Ground) -> Iterator[Place]:
    """A database with nothing in it."""
    with ground.database() as place:
        yield place


def test_the_schema_file_and_the_migrations_make_the_same_database(place: Place, empty: Place) -> None:
    with psycopg.connect(empty.superuser, autocommit=True) as connection:
        connection.execute("create extension vector")
        connection.execute(sql.SQL("alter database {} owner to tandem_owner").format(sql.Identifier(empty.name)))
        connection.execute("grant all on schema public to tandem_owner")
    with psycopg.connect(empty.owner, autocommit=True) as connection:
        connection.execute(resources.files("tandem.db").joinpath("schema.sql").read_bytes())
    migrated = catalog.read(place.superuser)
    assert all(migrated[part] for part in catalog.PARTS)
    assert len(migrated["policies"]) >= 24
    assert catalog.differences(catalog.read(empty.superuser), migrated) == []


def test_the_schema_file_is_noticed_to_differ(place: Place) -> None:
    before = catalog.read(place.superuser)
    for change in (
        "alter table customers alter tier set default 'paid'",
        "alter table customers alter tier drop not null",
        "revoke update on customers from tandem_app",
        "alter function memberships(uuid) reset all",
        "drop index passages_live",
        "alter table turns disable trigger turns_immutable",
        "alter table passages_7 disable row level security",
    ):
        with psycopg.connect(place.superuser) as connection:
            connection.execute(change.encode())
            connection.commit()
        after = catalog.read(place.superuser)
        assert catalog.differences(after, before), change
        before = after


def test_it_applies_each_migration_once(empty: Place, cast: Cast) -> None:
    migrate.prepare_embedded(empty.superuser, empty.owner)
    assert applied(empty) == [migration.version for migration in migrate.migrations()]
    assert migrate.prepare(empty.owner) == []


def test_it_goes_on_where_it_left_off(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    next_one = Migration(9001, "pets", "create table pets (name text)")
    add(monkeypatch, next_one)
    assert migrate.prepare(place.owner) == [next_one]
    assert migrate.prepare(place.owner) == []
    assert applied(place)[-1] == 9001


def test_it_leaves_nothing_of_a_migration_that_fails(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    add(monkeypatch, Migration(9001, "pets", "create table pets (name text); insert into pets values (1 / 0)"))
    before = catalog.read(place.superuser)
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate.prepare(place.owner)
    assert catalog.differences(catalog.read(place.superuser), before) == []
    assert 9001 not in applied(place)


def test_it_refuses_a_migration_that_was_changed_afterwards(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *rest = migrate.migrations()
    changed = Migration(first.version, first.name, first.text + "\n-- one more remark")
    monkeypatch.setattr(migrate, "migrations", lambda: [changed, *rest])
    with pytest.raises(NotMigratable, match="Migration 1 was changed after it had been applied"):
        migrate.prepare(place.owner)


def test_it_lets_an_older_program_work_on_a_newer_database(place: Place) -> None:
    with psycopg.connect(place.owner) as connection:
        connection.execute("insert into migrations values (9001, 'from the future', '\\x00')")
    assert migrate.prepare(place.owner) == []


def test_two_programs_that_come_at_once_migrate_once(empty: Place, cast: Cast) -> None:
    script = "import sys; from tandem.db import migrate; migrate.prepare_embedded(*sys.argv[1:])"
    both = [subprocess.Popen([sys.executable, "-c", script, empty.superuser, empty.owner]) for _ in range(2)]
    assert [program.wait(300) for program in both] == [0, 0]
    assert applied(empty) == [migration.version for migration in migrate.migrations()]


def test_it_says_what_to_do_when_the_login_may_not_make_extensions(empty: Place, cast: Cast) -> None:
    with psycopg.connect(empty.superuser, autocommit=True) as connection:
        connection.execute("grant all on schema public to tandem_owner")
    with pytest.raises(NotMigratable, match="create extension vector"):
        migrate.prepare(empty.owner)


def test_it_says_what_to_do_when_the_login_may_not_make_roles(empty: Place, cast: Cast) -> None:
    with psycopg.connect(empty.superuser, autocommit=True) as connection:
        connection.execute("drop role if exists tandem_stranger")
        connection.execute("create role tandem_stranger login")
    try:
        with pytest.raises(NotMigratable, match="grant tandem_app to"):
            migrate.prepare(empty.superuser.replace("postgres@", "tandem_stranger@"))
    finally:
        with psycopg.connect(empty.superuser, autocommit=True) as connection:
            connection.execute("drop role tandem_stranger")


def test_it_says_that_the_database_does_not_answer(ground: Ground) -> None:
    with pytest.raises(NotMigratable, match="does not answer"):
        migrate.prepare("postgresql://nobody@127.0.0.1:1/tandem")


@pytest.mark.parametrize(
    "url", ["postgresql://ann@host:5432/tandem?sslmode=require", "host=host port=5432 dbname=tandem user=ann"]
)
def test_the_program_connects_in_the_role_that_owns_nothing(ground: Ground, url: str) -> None:
    info = psycopg.conninfo.conninfo_to_dict(migrate.app_conninfo(url))
    assert info["options"] == "-c role=tandem_app"
    assert (info["user"], info["host"], info["dbname"]) == ("ann", "host", "tandem")


def add(monkeypatch: pytest.MonkeyPatch, migration: Migration) -> None:
    shipped = migrate.migrations()
    monkeypatch.setattr(migrate, "migrations", lambda: [*shipped, migration])


def applied(place: Place) -> list[int]:
    with psycopg.connect(place.superuser) as connection:
        return [row[0] for row in connection.execute("select version from migrations order by 1")]
