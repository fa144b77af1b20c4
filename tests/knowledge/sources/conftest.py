"""A workbench for every test of sources."""

from pathlib import Path

import pytest

from tandem.db import Database
from tandem.knowledge import reading
from tandem.knowledge.reading import DEFAULT, Format, ReadDocument, parsing
from tandem.tenants.sealing import Sealer
from tests.cast import Cast
from tests.knowledge.sources.bench import Bench


@pytest.fixture
def real_reader() -> None:
    """Pages are read in a child process, as in the product; 0.1 s each."""


@pytest.fixture(autouse=True)
def quick_reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where reading is not what a test is about, the same parser reads in this process."""

    async def read(data: bytes, *, name: str, declared: Format | None = None) -> ReadDocument:
        return parsing.parse(data, name=name, declared=declared, limits=DEFAULT)

    if "real_reader" not in request.fixturenames:
        monkeypatch.setattr(reading, "read", read)


@pytest.fixture
def bench(db: Database, cast: Cast, sealer: Sealer, tmp_path: Path) -> Bench:
    """Acme's sources."""
    return Bench(db, cast.acme.id, sealer, tmp_path)
