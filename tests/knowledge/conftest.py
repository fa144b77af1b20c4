"""The demo's library, for tests of what becomes of knowledge."""

from collections.abc import AsyncIterator

import pytest

from tandem.answering.tools import Tools
from tandem.db import Database
from tandem.embedding.minilm import MiniLM
from tandem.intents.models import Classifiers
from tests import library
from tests.cast import Cast
from tests.ground import Ground
from tests.knowledge.shelf import Shelf


@pytest.fixture
async def shelf(ground: Ground, cast: Cast, embedder: MiniLM) -> AsyncIterator[Shelf]:
    """Acme's articles in a database of this test's own."""
    with library.copy(ground, cast, embedder) as place:
        database = Database(place.app)
        await database.open()
        tools = Tools(database, library.together(embedder), Classifiers(embedder), None)
        yield Shelf(database, cast.acme.id, embedder, tools, place)
        await database.close()
