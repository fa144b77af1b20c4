"""One plant for all crash tests of a process; each test finds nothing running and a tenant of its own."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from tests.crash import forking
from tests.crash import plant as plants
from tests.crash.plant import Plant


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """The plant."""
    with plants.stand(tmp_path_factory.mktemp("plant")) as standing:
        yield standing


@pytest.fixture(scope="session")
def quick(standing: Plant) -> Iterator[Plant]:
    """The same plant, where processes are forked from one that has imported everything."""
    with forking.forked(standing) as quick:
        yield quick


@pytest.fixture
def plant(quick: Plant) -> Iterator[Plant]:
    """The quick plant, tidied up."""
    yield from _tidied(quick)


@pytest.fixture
def whole_plant(standing: Plant) -> Iterator[Plant]:
    """The plant with processes started as an operator starts them, tidied up."""
    yield from _tidied(standing)


def _tidied(plant: Plant) -> Iterator[Plant]:
    plant.move_in()
    yield plant
    plant.end_all()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client without limits and without memory."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), connector=connector) as session:
        yield session
