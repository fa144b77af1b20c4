"""Every named query is prepared on the real server, in the program's role, and makes exactly the row that it names."""

import ast
import builtins
import dataclasses
import importlib
import pkgutil
import re
import types
import typing
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.pq import ExecStatus

import tandem
from tandem.db import Queries, Query
from tests.ground import Place

SRC = Path(tandem.__file__).parent
PARAMETER = re.compile(r"%\((\w+)\)s")

PYTHON_TYPES = {
    "bool": bool,
    "bytea": bytes,
    "float4": float,
    "float8": float,
    "int2": int,
    "int4": int,
    "int8": int,
    "json": (dict, list),
    "jsonb": (dict, list),
    "text": str,
    "timestamptz": datetime,
    "uuid": UUID,
}
"""What the driver makes of each type of the server. `numeric` is not among them: it would become a Decimal."""


def packages() -> list[str]:
    """Every package with queries of its own."""
    return sorted(".".join(("tandem", *file.parent.relative_to(SRC).parts)) for file in SRC.rglob("queries.sql"))


QUERIES = [(package, query) for package in packages() for query in Queries(package)]


@pytest.fixture(scope="module")
def server(ground: Any, cast: Any) -> Iterator[psycopg.Connection]:
    """One connection in the program's role."""
    with ground.database(ground.template.name) as place:
        database: Place = place
        with psycopg.connect(database.app, autocommit=True) as connection:
            yield connection


@pytest.mark.parametrize(("package", "query"), QUERIES, ids=lambda value: getattr(value, "name", value))
def test_the_server_takes_it_and_its_columns_are_the_fields_of_its_row(
    server: psycopg.Connection, package: str, query: Query
) -> None:
    columns = described(server, query)
    if query.row is None:
        assert [kind for _, kind in columns if kind != "void"] == [], "it returns something: name a row after an arrow"
        return
    if hasattr(builtins, query.row):
        assert len(columns) == 1
        return
    row = row_named(package, query.row)
    fields = [field.name for field in dataclasses.fields(row)]
    assert [name for name, _ in columns] == fields
    hints = typing.get_type_hints(row)
    wrong = {name: (kind, hints[name]) for name, kind in columns if not fits(kind, hints[name])}
    assert not wrong


def test_there_are_queries_to_look_at() -> None:
    assert len(QUERIES) > 60
    assert {"tandem.tenants", "tandem.conversations", "tandem.tickets", "tandem.hot", "tandem.jobs"} <= set(packages())


@pytest.mark.parametrize("package", packages())
def test_every_query_of_a_file_is_found_and_once_only(package: str) -> None:
    text = SRC.joinpath(*package.split(".")[1:], "queries.sql").read_text()
    heads = re.findall(r"^-- (\w+)(?: -> \w+)?\n-- ", text, re.MULTILINE)
    assert sorted(heads) == sorted(query.name for query in Queries(package))
    for query in Queries(package):
        assert query.purpose.endswith((".", "?")), f"{query.name} is not described in a sentence"
        assert b"-- " not in query.sql.split(b"\n", 1)[0]


def test_every_query_is_used_and_every_one_used_is_there() -> None:
    there = {(package, query.name) for package, query in QUERIES}
    assert uses() - there == set(), "used, but in no file"
    assert there - uses() == set(), "in a file, but never used"


def described(server: psycopg.Connection, query: Query) -> list[tuple[str, str]]:
    """What the server says of a query: its columns with their types."""
    names = list(dict.fromkeys(PARAMETER.findall(query.sql.decode())))
    statement = PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", query.sql.decode()).replace("%%", "%")
    prepared = server.pgconn.prepare(b"", statement.encode())
    assert prepared.status == ExecStatus.COMMAND_OK, prepared.get_error_message()
    said = server.pgconn.describe_prepared(b"")
    return [(named(said.fname(i)), type_name(server, said.ftype(i))) for i in range(said.nfields)]


def type_name(server: psycopg.Connection, oid: int) -> str:
    found = server.execute("select typname from pg_type where oid = %s", [oid]).fetchone()
    assert found
    return str(found[0])


def named(name: bytes | None) -> str:
    assert name
    return name.decode()


def fits(kind: str, hint: Any) -> bool:
    """Whether a column of this type becomes what the field says."""
    options = [o for o in (typing.get_args(hint) if is_union(hint) else (hint,)) if o is not types.NoneType]
    return any(kind_fits(kind, option) for option in options)


def kind_fits(kind: str, hint: Any) -> bool:
    if hint is Any:
        return True
    hint = typing.get_origin(hint) or getattr(hint, "__supertype__", hint)
    if kind.startswith("_"):
        return hint in (list, tuple)
    if kind in ("halfvec", "vector"):
        return hint is str
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return kind == "text"
    return hint in (found if isinstance(found := PYTHON_TYPES[kind], tuple) else (found,))


def is_union(hint: Any) -> bool:
    return isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union


def row_named(package: str, name: str) -> type[Any]:
    """The dataclass of this name in the package's modules."""
    found = [
        thing
        for module in modules(package)
        if isinstance(thing := getattr(module, name, None), type) and thing.__module__ == module.__name__
    ]
    assert len(found) == 1, f"{package} has {len(found)} classes named {name}"
    assert dataclasses.is_dataclass(found[0])
    return found[0]


@cache
def modules(package: str) -> list[types.ModuleType]:
    top = importlib.import_module(package)
    return [top, *(importlib.import_module(f"{package}.{found.name}") for found in pkgutil.iter_modules(top.__path__))]


@cache
def uses() -> frozenset[tuple[str, str]]:
    """Every (package, query) that some line of the program names, as `Q.name` or `module.Q.name`."""
    trees = {file: ast.parse(file.read_text()) for file in SRC.rglob("*.py")}
    owners = {file.stem: bound(tree) for file, tree in trees.items() if "Q" in bound(tree)}
    found: set[tuple[str, str]] = set()
    for tree in trees.values():
        queries = bound(tree)
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(value=ast.Name(id=name), attr=query) if name in queries:
                    found.add((queries[name], query))
                case ast.Attribute(value=ast.Attribute(value=ast.Name(id=module), attr="Q"), attr=query):
                    found.add((owners[module]["Q"], query))
    return frozenset(found)


def bound(tree: ast.Module) -> dict[str, str]:
    """The names that this module gives to packages' queries."""
    return {
        target.id: package
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        for package in asked_for(statement.value)
        if isinstance(target, ast.Name)
    }


def asked_for(value: ast.expr) -> list[str]:
    match value:
        case ast.Call(func=ast.Name(id="Queries"), args=[ast.Constant(value=str(package))]):
            return [package]
    return []
