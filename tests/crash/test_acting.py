"""Processes are killed while customers confirm changes and the backend misbehaves: each change is done once, and the ledger knows."""

import secrets

import pytest

from tests.crash import acting
from tests.crash.plant import Plant

CYCLES = 20


@pytest.mark.timeout(600)
async def test_every_confirmed_change_is_done_once_and_the_ledger_agrees(plant: Plant) -> None:
    story = await acting.run(plant, secrets.randbits(32), CYCLES)
    summary = story.summary()
    print(summary)
    assert not story.findings, "\n".join([summary, *story.findings])
    assert sum(story.kills.values()) == CYCLES
    assert story.effects > CYCLES
    assert story.cut > 0
