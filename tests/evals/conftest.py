"""The demo's library with a desk that answers from it, for tests of what turns are judged by."""

from collections.abc import AsyncIterator

import pytest

from tests.evals.counter import Counter
from tests.knowledge.conftest import shelf
from tests.knowledge.shelf import Shelf

__all__ = ["shelf"]


@pytest.fixture
async def counter(shelf: Shelf) -> AsyncIterator[Counter]:
    """Where customers ask."""
    counter = Counter(shelf)
    yield counter
    await counter.close()
