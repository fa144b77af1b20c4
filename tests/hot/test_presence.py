"""Presence: who is there, from heartbeats, and nobody else's staff."""

import asyncio
from uuid import UUID

import pytest

from tandem import hot as hot_room
from tandem import ids
from tandem.hot import Hot, postgres
from tandem.hot import redis as hot_redis


@pytest.fixture
def team() -> UUID:
    return ids.new()


async def test_it_says_when_somebody_comes_and_when_their_state_changes(hot: Hot, team: UUID) -> None:
    ann, bo = ids.new(), ids.new()
    assert await hot.presence.states(team) == {}
    assert await hot.presence.beat(team, ann, "online")
    assert not await hot.presence.beat(team, ann, "online")
    assert await hot.presence.beat(team, bo, "away")
    assert await hot.presence.states(team) == {ann: "online", bo: "away"}
    assert hot_room.online(await hot.presence.states(team)) == {ann}
    assert await hot.presence.beat(team, ann, "away")
    assert hot_room.online(await hot.presence.states(team)) == set()


async def test_whoever_is_silent_is_gone_and_comes_anew(hot: Hot, team: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = ids.new()
    assert await hot.presence.beat(team, ann, "online")
    assert await hot.presence.states(team) == {ann: "online"}
    for module in (postgres, hot_redis, hot_room.local):
        monkeypatch.setattr(module, "PRESENT_S", 0.01)
    await asyncio.sleep(0.02)
    assert await hot.presence.states(team) == {}
    assert await hot.presence.beat(team, ann, "online")


async def test_it_shows_a_tenant_its_own_staff_alone(hot: Hot, team: UUID) -> None:
    ann, ruth, other_team = ids.new(), ids.new(), ids.new()
    await hot.presence.beat(team, ann, "online")
    await hot.presence.beat(other_team, ruth, "online")
    assert await hot.presence.states(team) == {ann: "online"}
    assert await hot.presence.states(other_team) == {ruth: "online"}
