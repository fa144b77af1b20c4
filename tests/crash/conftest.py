"""One plant for all crash tests of a process; each test finds nothing running and a tenant of its own."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from tests.crash import plant as plants
from tests.crash.plant import Plant


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """The plant."""
    with plants.stand(tmp_path_factory.mktemp("plant")) as standing:
        yield standing


@pytest.fixture
def plant(standing: Plant) -> Iterator[Plant]:
    """The plant, tidied up."""
    standing.move_in()
    yield standing
    standing.end_all()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client without limits and without memory."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), connector=connector) as session:
        yield session
