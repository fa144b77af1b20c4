"""Would the killed import notice? Each well-known mistake is planted into its processes, and the check has to say so."""

import asyncio
import secrets
from pathlib import Path

import pytest

from tests.cast import Cast
from tests.ground import Place
from tests.knowledge import importing


@pytest.mark.timeout(1500)
@pytest.mark.parametrize(
    ("fault", "sentence"),
    [("saves_without_a_name", "documents, not"), ("ends_before_it_is_stored", "status = 'ready'")],
)
async def test_a_mistake_in_reading_in_is_noticed(
    place: Place, cast: Cast, tmp_path: Path, fault: str, sentence: str
) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    found = await asyncio.to_thread(importing.killed, place, cast.acme.id, tmp_path, 200, seed, fault)
    assert any(sentence in each for each in found), found
