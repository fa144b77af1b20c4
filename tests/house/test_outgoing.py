"""All that goes out to addresses which a tenant or a page named goes through one room; each other way out is listed here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src" / "tandem"

WAYS_OUT = {
    *("aiohttp", "httpx", "requests", "urllib3", "urllib.request", "http.client", "socket", "ssl", "ftplib", "smtplib"),
    *(
        "imaplib",
        "poplib",
        "telnetlib",
        "xmlrpc.client",
        "websockets",
        "asyncio.open_connection",
        "curl_cffi",
        "pycurl",
    ),
}
"""Modules that can open a connection."""

MAY = {
    "outgoing/client.py": {"aiohttp"},
    "outgoing/guard.py": {"aiohttp", "socket"},
    "outgoing/mail.py": {"smtplib", "ssl"},  # the operator's mail server
    "llm/remote.py": {"aiohttp"},  # the operator's models
    "llm/pool.py": {"aiohttp"},  # connections to them
    "embedding/endpoint.py": {"httpx"},  # the operator's embeddings
    "embedding/reranker.py": {"httpx"},  # the operator's reranker
    "cli/serving.py": {"socket"},  # is the port free?
}


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield module
                yield from (f"{module}.{name.name}" for name in names)
            case ast.Call(func=ast.Attribute(attr="open_connection")):
                yield "asyncio.open_connection"


def ways_out(tree: ast.Module) -> set[str]:
    """Which of them a file uses."""
    return {way for name in imported(tree) for way in WAYS_OUT if name == way or name.startswith(way + ".")}


@pytest.mark.parametrize("path", sorted(SRC.rglob("*.py")), ids=lambda path: str(path.relative_to(SRC)))
def test_only_the_listed_files_can_open_a_connection(path: Path) -> None:
    assert ways_out(ast.parse(path.read_text())) <= MAY.get(str(path.relative_to(SRC)), set())


def test_every_listed_file_uses_what_it_may() -> None:
    assert {name: ways_out(ast.parse((SRC / name).read_text())) for name in MAY} == MAY


def test_the_sources_themselves_have_no_way_out_of_their_own() -> None:
    sources = list((SRC / "knowledge").rglob("*.py"))
    assert len(sources) > 20
    assert not [path for path in sources if ways_out(ast.parse(path.read_text()))]


@pytest.mark.parametrize(
    "planted",
    ["import httpx", "from urllib.request import urlopen", "from urllib import request", "import http.client",
     "import asyncio\nasyncio.open_connection('x', 1)", "from aiohttp.client import ClientSession"],
)  # fmt: skip
def test_it_notices_a_way_out(planted: str) -> None:
    assert ways_out(ast.parse(planted))
