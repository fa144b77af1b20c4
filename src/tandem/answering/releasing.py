"""Letting checked sentences out while a model still writes: stored first, then shown, many turns in one transaction.

A group commit without a delay: what arrives while one flush is under way goes with the next. Alone it costs a
sentence one small transaction; under load thousands of sentences a second share few.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from tandem.answering.turn import Silenced
from tandem.conversations import log
from tandem.conversations.log import Floor, News
from tandem.db import Database
from tandem.events import Hub
from tandem.ids import ConversationId, TenantId


@dataclass(slots=True)
class Words:
    """Something a turn wants to say, and whether it could."""

    tenant_id: TenantId
    conversation_id: ConversationId
    floor: Floor
    news: list[News]
    said: "asyncio.Future[bool]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Releaser:
    """The one way out for text while a turn is thinking."""

    def __init__(self, db: Database, hub: Hub) -> None:
        self._db = db
        self._hub = hub
        self._waiting: list[Words] = []
        self._due = asyncio.Event()

    async def say(self, words: Words) -> None:
        """Returns once it is stored and on its way. Raises Silenced when the turn has lost the floor."""
        self._waiting.append(words)
        self._due.set()
        if not await words.said:
            raise Silenced

    async def run(self) -> None:
        """Flush until cancelled."""
        while True:
            await self._due.wait()
            self._due.clear()
            batch, self._waiting = self._waiting, []
            tenants: dict[UUID, list[Words]] = defaultdict(list)
            for words in batch:
                tenants[words.tenant_id].append(words)
            await asyncio.gather(*(self._flush(TenantId(tenant_id), group) for tenant_id, group in tenants.items()))

    async def _flush(self, tenant_id: TenantId, group: list[Words]) -> None:
        outcome: list[bool] = []
        ordered = sorted(group, key=lambda words: words.conversation_id)  # one order of locks for everyone
        try:
            async with self._db.tenant(tenant_id) as tx:
                for words in ordered:
                    outcome.append(
                        bool(await log.append(tx, self._hub, words.conversation_id, words.news, words.floor))
                    )
        except Exception as problem:  # noqa: BLE001 (whatever it is, it is the turn's; the way out stays open for the others)
            for words in ordered:
                if not words.said.done():
                    words.said.set_exception(problem)
            return
        for words, said in zip(ordered, outcome, strict=True):
            if not words.said.done():
                words.said.set_result(said)
