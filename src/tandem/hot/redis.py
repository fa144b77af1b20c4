"""The hot interface on Redis: one Lua script for limits, a hash a tenant for presence, pub/sub for the bus.

Redis may be away, restarted, emptied or slow (fault table F7): limits and presence then go on in this process alone,
and the bus comes back by itself. Nothing kept here is needed to be right.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from tandem.hot import PRESENT_S, Hot, Limit
from tandem.hot.local import LocalLimits, LocalPresence

log = logging.getLogger(__name__)

PATIENCE_S = 0.5
"""How long one answer may take; it is a hundred times what a Redis nearby needs."""

LEFT_ALONE_S = 1.0
"""How long Redis is not asked again after it failed, so that a hanging one does not slow every request."""

CHANNEL = "tandem"

# One use of a key; returns the seconds to wait, as text, "0" when it is allowed. The arithmetic is hot.local.gcra's.
GCRA = """
local time = redis.call('time')
local now = time[1] + time[2] / 1000000
local gap, period = tonumber(ARGV[1]), tonumber(ARGV[2])
local tat = math.max(tonumber(redis.call('get', KEYS[1])) or now, now) + gap
local wait = tat - now - period
if wait > 0.000001 then return string.format('%.6f', wait) end
redis.call('set', KEYS[1], string.format('%.6f', tat), 'px', math.ceil((tat - now) * 1000))
return '0'
"""

# A heartbeat of so many seconds ago; returns the state that was known before, or nothing.
BEAT = """
local time = redis.call('time')
local now = time[1] + time[2] / 1000000 - tonumber(ARGV[4])
local present = tonumber(ARGV[3])
local before = redis.call('hget', KEYS[1], ARGV[1])
redis.call('hset', KEYS[1], ARGV[1], string.format('%.6f ', now) .. ARGV[2])
redis.call('pexpire', KEYS[1], math.ceil(present * 1000))
if not before then return false end
local seen, state = string.match(before, '^(%S+) (.*)$')
return tonumber(seen) > now - present and state
"""

# Everyone who is there, member and state in turn.
STATES = """
local time = redis.call('time')
local since = time[1] + time[2] / 1000000 - tonumber(ARGV[1])
local beats, there = redis.call('hgetall', KEYS[1]), {}
for i = 1, #beats, 2 do
    local seen, state = string.match(beats[i + 1], '^(%S+) (.*)$')
    if tonumber(seen) > since then
        table.insert(there, beats[i])
        table.insert(there, state)
    end
end
return there
"""


class Away(Exception):
    """Redis does not answer just now; the caller does without."""


class Link:
    """The connections, and whether it is worth asking."""

    def __init__(self, url: str) -> None:
        self.client: Redis = Redis.from_url(
            url,
            socket_timeout=PATIENCE_S,
            socket_connect_timeout=PATIENCE_S,
            health_check_interval=10,
            retry=Retry(NoBackoff(), 1),  # a connection that a restart has cut costs one more try, no pause
        )
        self._alone_until = 0.0

    async def ask(self, script: AsyncScript, key: str, *arguments: str | float) -> Any:
        """What the script returns. Raises Away, at once while Redis is left alone."""
        if time.monotonic() < self._alone_until:
            raise Away
        try:
            return await script(keys=[key], args=list(arguments))
        except (RedisError, OSError) as problem:
            self._alone_until = time.monotonic() + LEFT_ALONE_S
            log.warning("Redis does not answer (%s); limits and presence go on in this process", type(problem).__name__)
            raise Away from problem


@dataclass(slots=True)
class RedisLimits:
    """Rate limits by one script, so that two processes cannot both have the last use."""

    link: Link
    local: LocalLimits = field(default_factory=LocalLimits)
    script: AsyncScript = field(init=False)

    def __post_init__(self) -> None:
        self.script = self.link.client.register_script(GCRA)

    async def wait(self, key: str, limit: Limit) -> float:
        """See hot.Limits. Without Redis this process counts alone."""
        try:
            return float(await self.link.ask(self.script, f"tandem:limit:{key}", limit.gap_s, limit.period_s))
        except Away:
            return await self.local.wait(key, limit)


@dataclass(slots=True)
class RedisPresence:
    """Heartbeats in a hash; what came to this process is remembered here too, and put back when Redis has lost it."""

    link: Link
    local: LocalPresence = field(default_factory=LocalPresence)
    beat_script: AsyncScript = field(init=False)
    states_script: AsyncScript = field(init=False)

    def __post_init__(self) -> None:
        self.beat_script = self.link.client.register_script(BEAT)
        self.states_script = self.link.client.register_script(STATES)

    async def beat(self, tenant_id: UUID, member_id: UUID, state: str) -> bool:
        """See hot.Presence."""
        changed_here = await self.local.beat(tenant_id, member_id, state)
        try:
            return await self._put(tenant_id, member_id, state) != state
        except Away:
            return changed_here

    async def states(self, tenant_id: UUID) -> dict[UUID, str]:
        """See hot.Presence. Without Redis: those who beat at this process."""
        here = await self.local.states(tenant_id)
        try:
            told: list[bytes] = await self.link.ask(self.states_script, _key(tenant_id), PRESENT_S)
            there = {UUID(told[i].decode()): told[i + 1].decode() for i in range(0, len(told), 2)}
            for lost in here.keys() - there.keys():
                await self._put(tenant_id, lost, here[lost], self.local.age(tenant_id, lost))
        except Away:
            return here
        return here | there

    async def _put(self, tenant_id: UUID, member_id: UUID, state: str, age_s: float = 0.0) -> str | None:
        key = _key(tenant_id)
        before: bytes | None = await self.link.ask(self.beat_script, key, str(member_id), state, PRESENT_S, age_s)
        return before.decode() if before else None


@dataclass(frozen=True, slots=True)
class RedisBus:
    """Pub/sub on one channel."""

    link: Link

    async def send(self, payloads: list[bytes]) -> None:
        """See hot.Bus. One round trip."""
        async with self.link.client.pipeline(transaction=False) as pipeline:
            for payload in payloads:
                pipeline.publish(CHANNEL, payload)
            await pipeline.execute()

    async def hear(self) -> AsyncIterator[bytes | None]:
        """See hot.Bus. Reconnects for ever; Redis confirms each subscription, and that is the None."""
        while True:
            with contextlib.suppress(RedisError, OSError):
                async with self.link.client.pubsub() as subscription:
                    await subscription.subscribe(CHANNEL)
                    while True:
                        said = await subscription.get_message(timeout=5.0)
                        if said and said["type"] == "subscribe":
                            yield None
                        elif said and said["type"] == "message":
                            yield said["data"]
            await asyncio.sleep(0.2)


def open_hot(url: str) -> Hot:
    """Everything hot, on this Redis; it need not be there yet."""
    link = Link(url)
    return Hot(RedisLimits(link), RedisPresence(link), RedisBus(link), link.client.aclose)


def _key(tenant_id: UUID) -> str:
    return f"tandem:presence:{tenant_id}"
