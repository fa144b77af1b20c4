"""Does the database keep tenants apart? Tried on every table that has a tenant, by trying it.

`leaks` puts a row of rival's into every table, then tries as acme to see it, change it, remove it and forge one, and
as nobody to see anything. Rows are made up from the catalog, so that a new table is tried without anybody's doing.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from tandem import ids

REFUSED = psycopg.errors.InsufficientPrivilege
"""What both a missing right and a policy's `with check` raise."""

NO_TENANT = (psycopg.errors.InvalidTextRepresentation, psycopg.errors.UndefinedObject)
"""An empty setting is no UUID; a setting never set is unknown."""

NUMBERS = itertools.count(1000)
"""What makes one made-up value differ from the next."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that has to be filled, with its type and the first value that its check allows."""

    name: str
    kind: str
    allowed: str | None


@dataclass(frozen=True, slots=True)
class Key:
    """A foreign key: which columns of ours name which of theirs."""

    columns: tuple[str, ...]
    table: str
    theirs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What one has to know of a table to put a row into it."""

    name: str
    columns: tuple[Column, ...]
    keys: tuple[Key, ...]


@dataclass(slots=True)
class Writer:
    """Puts rows into tables, their parents' rows first."""

    connection: psycopg.Connection
    tables: dict[str, Table]
    tenant_id: UUID

    def row(self, name: str) -> dict[str, Any]:
        """A new row of this table, of this tenant. Its own tenant's row is there already."""
        if name == "tenants":
            return {"tenant_id": self.tenant_id}
        table = self.tables[name]
        values = {column.name: self._value(column) for column in table.columns}
        needed = {column.name for column in table.columns}
        for key in table.keys:
            if set(key.columns) & needed:
                parent = self.row(key.table)
                values |= {ours: parent[theirs] for ours, theirs in zip(key.columns, key.theirs, strict=True)}
        self.insert(name, values)
        return values

    def insert(self, name: str, values: dict[str, Any]) -> None:
        """Exactly these values."""
        self.connection.execute(
            sql.SQL("insert into {} ({}) values ({})").format(
                sql.Identifier(name),
                sql.SQL(", ").join(map(sql.Identifier, values)),
                sql.SQL(", ").join(map(sql.Placeholder, values)),
            ),
            values,
        )

    def _value(self, column: Column) -> Any:
        if column.allowed is not None:
            return column.allowed
        if column.name == "tenant_id":
            return self.tenant_id
        match column.kind:
            case "uuid":
                return ids.new()
            case "text":
                return f"x{next(NUMBERS)}"
            case "integer" | "bigint" | "real" | "double precision":
                return next(NUMBERS)
            case "boolean":
                return False
            case "bytea":
                return b"x"
            case "jsonb":
                return Jsonb({})
            case "halfvec(384)":
                return "[" + ",".join(["0.05"] * 384) + "]"
            case "text[]":
                return [f"x{next(NUMBERS)}"]
            case "timestamp with time zone":
                return "2030-01-01T00:00:00Z"
            case "date":
                return "2030-01-01"
        raise AssertionError(f"no value for {column}: teach the writer its type")


def tables_of_tenants(connection: psycopg.Connection) -> list[str]:
    """Every table with tenant_id that can be asked by its own name, parents of partitions included."""
    found = connection.execute(
        """select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
           where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
           order by 1"""
    )
    return [name for (name,) in found]


def leaks(superuser: str, app: str, acme: UUID, rival: UUID) -> list[str]:
    """Everything that goes wrong, a sentence each; empty when the tenants are apart."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        names = tables_of_tenants(connection)
        tables = {table.name: table for table in _tables(connection)}
    assert len(names) > 20, "the catalog was not read"
    with psycopg.connect(app) as connection:
        return [
            f"{name}: {sentence}" for name in names for sentence in _leaks_of(connection, tables, name, acme, rival)
        ]


def _leaks_of(
    connection: psycopg.Connection, tables: dict[str, Table], name: str, acme: UUID, rival: UUID
) -> Iterator[str]:
    of_rival = sql.SQL("from {} where tenant_id = {}").format(sql.Identifier(name), sql.Literal(rival))
    become(connection, rival)
    values = Writer(connection, tables, rival).row(name)
    seen = _count(connection, of_rival)
    connection.commit()
    if seen == 0:
        yield "its own tenant does not see it"

    become(connection, acme)
    if _count(connection, of_rival):
        yield "another tenant sees it"
    if _count(connection, sql.SQL("from {} where tenant_id <> {}").format(sql.Identifier(name), sql.Literal(acme))):
        yield "another tenant sees rows of somebody else"
    connection.commit()

    change = sql.SQL("update {} set tenant_id = tenant_id where tenant_id = {}")
    steal = sql.SQL("update {} set tenant_id = {acme} where tenant_id = {}")
    for verb, statement in {"changes": change, "takes": steal}.items():
        if _touches(
            connection, acme, statement.format(sql.Identifier(name), sql.Literal(rival), acme=sql.Literal(acme))
        ):
            yield f"another tenant {verb} it"
    if _touches(connection, acme, sql.SQL("delete ") + of_rival):
        yield "another tenant removes it"
    if _can_forge(connection, tables, name, acme, values):
        yield "another tenant makes one in its name"
    if _can_give_away(connection, tables, name, acme, rival):
        yield "a tenant gives its own rows away"
    if not _is_an_error(connection, name):
        yield "nobody may ask"


def become(connection: psycopg.Connection, tenant_id: UUID) -> None:
    """A transaction of this tenant from here on."""
    connection.execute("select set_config('tandem.tenant', %s, true)", [str(tenant_id)])


def _count(connection: psycopg.Connection, what: sql.Composed) -> int:
    found = connection.execute(sql.SQL("select count(*) ") + what).fetchone()
    assert found
    return int(found[0])


def _touches(connection: psycopg.Connection, who: UUID, statement: sql.Composed) -> bool:
    try:
        become(connection, who)
        return connection.execute(statement).rowcount > 0
    except REFUSED:
        return False
    except psycopg.errors.IntegrityError:
        return True  # no policy was in the way, only a key
    finally:
        connection.rollback()


def _can_forge(
    connection: psycopg.Connection, tables: dict[str, Table], name: str, who: UUID, of_rival: dict[str, Any]
) -> bool:
    """A row like rival's, with rival's tenant_id and parents, under a new key of its own."""
    fresh = Writer(connection, tables, of_rival["tenant_id"])
    fixed = {column for key in tables[name].keys for column in key.columns} | {"tenant_id"}
    values = {
        column.name: of_rival.get(column.name) if column.name in fixed else fresh._value(column)
        for column in tables[name].columns
    }
    if name == "tenants":
        values["tenant_id"] = ids.new()
    try:
        become(connection, who)
        fresh.insert(name, values)
    except REFUSED:
        return False
    except psycopg.errors.IntegrityError:
        return True
    finally:
        connection.rollback()
    return True


def _can_give_away(connection: psycopg.Connection, tables: dict[str, Table], name: str, who: UUID, to: UUID) -> bool:
    """Moving one's own row to somebody else must fail in the policy, whatever keys would say of it."""
    try:
        become(connection, who)
        Writer(connection, tables, who).row(name)
        connection.execute(sql.SQL("update {} set tenant_id = {}").format(sql.Identifier(name), sql.Literal(to)))
    except REFUSED:
        return False
    except psycopg.errors.IntegrityError:
        return True
    finally:
        connection.rollback()
    return True


def _is_an_error(connection: psycopg.Connection, name: str) -> bool:
    try:
        connection.execute(sql.SQL("select from {}").format(sql.Identifier(name)))
    except NO_TENANT:
        return True
    finally:
        connection.rollback()
    return False


def _tables(connection: psycopg.Connection) -> Iterator[Table]:
    """Every table of ours, from the catalog; of its columns those that must be filled."""
    named = connection.execute(
        """select oid, relname from pg_class where relnamespace = 'public'::regnamespace
           and relkind in ('r', 'p') and not relispartition"""
    ).fetchall()
    for oid, name in named:
        yield Table(name, tuple(_columns(connection, oid)), tuple(_keys(connection, oid)))


def _columns(connection: psycopg.Connection, oid: int) -> Iterator[Column]:
    checks = " ".join(
        text
        for (text,) in connection.execute(
            "select pg_get_constraintdef(oid) from pg_constraint where conrelid = %s and contype = 'c'", [oid]
        )
    )
    columns = connection.execute(
        """select attname, format_type(atttypid, atttypmod) from pg_attribute
           where attrelid = %s and attnum > 0 and not attisdropped
             and (attname = 'tenant_id' or attnotnull and not atthasdef) order by attnum""",
        [oid],
    ).fetchall()
    for name, kind in columns:
        allowed = re.search(rf"\(\({name} = ANY \(ARRAY\['([^']+)'::text", checks)
        yield Column(name, kind, allowed[1] if allowed else None)


def _keys(connection: psycopg.Connection, oid: int) -> Iterator[Key]:
    found = connection.execute(
        """select (select array_agg(a.attname::text order by o) from unnest(k.conkey) with ordinality u (n, o)
                   join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.n),
                  k.confrelid::regclass::text,
                  (select array_agg(a.attname::text order by o) from unnest(k.confkey) with ordinality u (n, o)
                   join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.n)
           from pg_constraint k where k.conrelid = %s and k.contype = 'f' and k.confrelid <> k.conrelid
               and k.conparentid = 0  -- not what PostgreSQL adds for each part of a table in parts""",
        [oid],
    ).fetchall()
    for ours, table, theirs in found:
        if ours != ["tenant_id"]:
            yield Key(tuple(ours), table, tuple(theirs))
