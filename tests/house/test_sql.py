"""SQL is written in queries.sql: nobody makes a statement of pieces, and only the database room reaches the driver."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src" / "tandem"

ASKING = {"all", "maybe", "one", "run", "many"}
"""The methods of Tx that take a query."""

MAY_HAND_ON_A_CONNECTION = {"jobs/__init__.py"}
"""The queue promises a job on the caller's own transaction."""

HAS_A_DATABASE_OF_ITS_OWN = {"demo/shop/books.py"}
"""The made-up shop is another company's system; its statements are no pieces either."""


def files(inside: bool) -> list[Path]:
    db = SRC / "db"
    return [path for path in sorted(SRC.rglob("*.py")) if path.is_relative_to(db) == inside]


def faults_outside(tree: ast.Module) -> Iterator[str]:
    """Statements that are not a named query, and ways round Tx."""
    constants = {
        target.id
        for statement in tree.body
        if isinstance(statement, ast.Assign) and is_query(statement.value)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="tx"), attr=method), args=[query, *_]) if (
                method in ASKING
            ):
                if not is_named(query, constants):
                    yield f"{node.lineno}: tx.{method} takes something that is not a named query"
            case ast.Call(func=ast.Attribute(attr="execute" | "executemany"), args=[_, *_]):
                yield f"{node.lineno}: a statement goes to the driver directly"
            case ast.Attribute(value=ast.Name(id="tx"), attr="connection"):
                yield f"{node.lineno}: tx.connection"


def faults_inside(tree: ast.Module) -> Iterator[str]:
    """Statements put together of text that is not a constant."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="execute" | "executemany" | "SQL"), args=[statement, *_]):
                if not is_fixed(statement):
                    yield f"{node.lineno}: a statement made of pieces"


def is_query(value: ast.expr) -> bool:
    """`Query("name", …, b"a literal")`."""
    match value:
        case ast.Call(func=ast.Name(id="Query"), args=[*_, ast.Constant(value=bytes())]):
            return True
    return False


def is_named(query: ast.expr, constants: set[str]) -> bool:
    """`Q.name`, `module.Q.name`, a choice between two, or a constant of this module."""
    match query:
        case ast.IfExp(body=one, orelse=other):
            return is_named(one, constants) and is_named(other, constants)
        case ast.Attribute(value=ast.Name(id="Q") | ast.Attribute(attr="Q")):
            return True
        case ast.Name(id=name):
            return name in constants
    return False


def is_fixed(statement: ast.expr) -> bool:
    """A literal, a name, a composition by psycopg.sql, or a literal with constants in it."""
    match statement:
        case ast.JoinedStr(values=values):
            return all(is_fixed(value) for value in values)
        case ast.FormattedValue(value=ast.Name(id=name)):
            return name.isupper()
        case ast.Constant() | ast.Name() | ast.Attribute():
            return True
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Attribute(attr="SQL")), attr="format")):
            return True  # its own literal is looked at by itself
        case ast.Call(func=ast.Attribute(attr="encode" | "read_bytes")):
            return True
    return False


@pytest.mark.parametrize("path", files(inside=False), ids=lambda path: str(path.relative_to(SRC)))
def test_only_named_queries_are_asked(path: Path) -> None:
    found = list(faults_outside(ast.parse(path.read_text())))
    if str(path.relative_to(SRC)) in MAY_HAND_ON_A_CONNECTION:
        found = [fault for fault in found if not fault.endswith("tx.connection")]
    if str(path.relative_to(SRC)) in HAS_A_DATABASE_OF_ITS_OWN:
        assert found, "it does not speak to a database any more"
        found = list(faults_inside(ast.parse(path.read_text())))
    assert found == []


@pytest.mark.parametrize("path", files(inside=True), ids=lambda path: str(path.relative_to(SRC)))
def test_the_database_room_makes_no_statement_of_pieces(path: Path) -> None:
    assert list(faults_inside(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize(
    "fault",
    [
        "tx.run(f'select {x}')",
        "tx.all('select ' + x, int)",
        "tx.one(Query('x', None, '', text.encode()), int)",
        "connection.execute('select 1')",
        "tx.connection.cursor()",
    ],
)
def test_it_notices_a_statement_of_pieces(fault: str) -> None:
    assert list(faults_outside(ast.parse(fault)))


@pytest.mark.parametrize(
    "fault",
    ["c.execute(f'drop table {name}')", "c.execute('drop table ' + name)", "c.execute('drop %s' % name)",
     "sql.SQL('drop ' + name)", "c.execute('drop {}'.format(name))"],
)  # fmt: skip
def test_it_notices_pieces_in_the_database_room(fault: str) -> None:
    assert list(faults_inside(ast.parse(fault)))
