"""Processes are killed at random under people who write: nothing acknowledged is lost, nothing is there twice."""

import secrets

import pytest

from tests.crash import killing
from tests.crash.plant import Plant

CYCLES = 20


@pytest.mark.timeout(1200)
async def test_nothing_is_lost_and_nothing_doubled(plant: Plant) -> None:
    outcome = await killing.run(plant, secrets.randbits(32), CYCLES)
    summary = outcome.summary()
    print(summary)
    assert not outcome.findings, "\n".join([summary, *outcome.findings])
    assert sum(outcome.kills.values()) == CYCLES
    assert len(outcome.diary.acknowledged) > CYCLES
    assert len(outcome.diary.articles) > len(killing.ARTICLES)
