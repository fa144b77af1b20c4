"""Rows that must never be seen from outside: a word of its own in every text of every table, for one tenant.

Made from the catalog, so that a table that is added tomorrow has its canary too.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from tests import tenancy
from tests.cast import Company
from tests.ground import Place
from tests.tenancy import Column, Table, Writer

TEXTS = ("text", "jsonb", "text[]")
"""The kinds of columns that can hold a word."""


ONE_ROW = "knowledge_states"
"""The table that has one row for a tenant, which is there as soon as the tenant knows something."""


@dataclass(slots=True)
class CanaryWriter(Writer):
    """Writes rows whose every text is the canary, with the table's name after it."""

    word: str = ""

    def _value(self, column: Column) -> Any:
        if column.allowed is None and column.kind == "text":
            return f"{self.word}_{column.name}_{next(tenancy.NUMBERS)}"
        if column.allowed is None and column.kind == "jsonb":
            return Jsonb({self.word: self.word})
        if column.allowed is None and column.kind == "text[]":
            return [self.word]
        return tenancy.Writer._value(self, column)


def word() -> str:
    """A word that stands nowhere else. Lower case, as intents' names have to be."""
    return "canary" + secrets.token_hex(6)


def plant(place: Place, company: Company, canary: str) -> list[str]:
    """A row with the canary in every table of this tenant that can hold a word; the tables' names."""
    with psycopg.connect(place.superuser) as connection:
        names = [name for name in tenancy.tables_of_tenants(connection) if name != "tenants"]
        tables = {table.name: with_texts(connection, table) for table in tenancy._tables(connection)}
        tenancy.become(connection, company.id)
        writer = CanaryWriter(connection, tables, company.id, canary)
        names = [name for name in names if can_hold_a_word(tables[name])]
        for name in names:
            if name != ONE_ROW:
                writer.row(name)
        connection.execute(
            "insert into knowledge_states (tenant_id, building_model) values (%s, %s)"
            " on conflict (tenant_id) do update set building_model = excluded.building_model",
            [company.id, canary],
        )
        connection.execute("update tenants set slug = %s where tenant_id = %s", [canary, company.id])
        connection.execute("update turns set status = 'done', finished_at = now() where status = 'waiting'")
    return [*names, "tenants"]


def can_hold_a_word(table: Table) -> bool:
    """Whether it has a column for any text, and not only for one of a few."""
    return any(column.kind in TEXTS and column.allowed is None for column in table.columns)


def with_texts(connection: psycopg.Connection, table: Table) -> Table:
    """The table with every column that can hold a text, needed or not."""
    found = connection.execute(
        """select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = %s::regclass and attnum > 0
           and not attisdropped and attgenerated = '' and format_type(atttypid, atttypmod) in ('text', 'jsonb', 'text[]')
           and not exists (select from pg_constraint c where c.conrelid = attrelid and c.contype = 'c'
                           and attnum = any(c.conkey) and pg_get_constraintdef(c.oid) ~ 'ANY|~')""",
        [table.name],
    ).fetchall()
    known = {column.name for column in table.columns}
    return replace(table, columns=table.columns + tuple(Column(n, k, None) for n, k in found if n not in known))


def counts(place: Place, company: Company, canary: str) -> dict[str, int]:
    """In how many rows of every table that can hold a word it stands."""
    found = {}
    with psycopg.connect(place.superuser) as connection:
        tables = {table.name: with_texts(connection, table) for table in tenancy._tables(connection)}
        for name in tenancy.tables_of_tenants(connection):
            if name == "tenants" or can_hold_a_word(tables[name]):
                query = sql.SQL("select count(*) from {} t where tenant_id = {} and strpos(t::text, {}) > 0")
                row = connection.execute(
                    query.format(sql.Identifier(name), sql.Literal(company.id), sql.Literal(canary))
                ).fetchone()
                found[name] = row[0] if row else 0
    return found


def fingerprints(place: Place, company: Company) -> dict[str, str]:
    """What every table holds of this tenant: it changes when a row does."""
    with psycopg.connect(place.superuser) as connection:
        return {name: _fingerprint(connection, name, company) for name in tenancy.tables_of_tenants(connection)}


def _fingerprint(connection: psycopg.Connection, name: str, company: Company) -> str:
    query = sql.SQL(
        "select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {} t where tenant_id = {}"
    )
    found = connection.execute(query.format(sql.Identifier(name), sql.Literal(company.id))).fetchone()
    assert found
    return str(found[0])


def seen(canaries: list[str], data: bytes) -> Iterator[str]:
    """The canaries in these bytes."""
    return (canary for canary in canaries if canary.encode() in data)
