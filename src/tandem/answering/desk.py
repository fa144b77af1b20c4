"""The desk between the conversation and the pipeline: read, think, write.

`receive` is the read transaction (`receiving`): the message is stored and a turn is opened. The work on the turn thinks
without holding a connection, and writes the outcome in one transaction: reply or handoff, the turn's record, events.
The turn has the floor of its conversation from the first to the second; whoever takes it meanwhile (a newer message, a
person, another process when this one dies) silences it.
"""

import asyncio
import contextlib
import logging
import time
from typing import Any
from uuid import UUID

from tandem.answering import matters, memory, pipeline, receiving, starting
from tandem.answering.ending import Ending
from tandem.answering.job import Job
from tandem.answering.matters import CameBack
from tandem.answering.receiving import Incoming, Received
from tandem.answering.releasing import Releaser
from tandem.answering.remembering import Remembering
from tandem.answering.summing_up import SummingUp
from tandem.answering.telling import LiveTeller
from tandem.answering.tools import Tools
from tandem.answering.turn import Silenced, Turn
from tandem.conversations import threads, turns
from tandem.conversations.threads import Status
from tandem.conversations.turns import TurnStatus
from tandem.db import Down
from tandem.errors import Malformed
from tandem.events import Hub
from tandem.hot import Hot
from tandem.ids import ConversationId, MessageId, TenantId, TicketId
from tandem.llm import Account, account

logger = logging.getLogger(__name__)

ATTEMPTS = 5
"""A message that has felled so many processes goes to a person (as a poison job, fault table F24)."""


class Desk:
    """Takes messages in and has them answered. One in each process that thinks."""

    def __init__(self, toolbox: Tools, hub: Hub, hot: Hot, releaser: Releaser) -> None:
        self._db, self.tools, self._hub, self._releaser = toolbox.db, toolbox, hub, releaser
        self.ending = Ending(toolbox.db, hub, hot)
        summariser = toolbox.summarising
        self._sum_up = SummingUp(toolbox, hub, summariser) if summariser else None
        self._remember = Remembering(toolbox, summariser) if summariser else None
        self._working: dict[UUID, asyncio.Task[None]] = {}
        self._unattended: set[UUID] = set()
        self._after: set[asyncio.Task[None]] = set()

    async def receive(self, incoming: Incoming) -> Received:
        """Store the message and open its turn; when this returns it cannot be lost, and the turn is being thought about.

        Raises Malformed for an empty or overlong text and NotFound for somebody else's conversation.
        """
        text = incoming.text.strip()
        if not text:
            raise Malformed("The message is empty.", errors=[{"field": "message", "message": "must not be empty"}])
        received = await self._store(incoming, text)
        if received.turn is not None and received.turn.status is TurnStatus.THINKING:
            self.begin(Job(incoming.tenant_id, received.turn, received.standing))
        return received

    async def _store(self, incoming: Incoming, text: str, *, is_same: bool | None = None) -> Received:
        try:
            async with self._db.tenant(incoming.tenant_id) as tx:
                return await receiving.store(tx, self._hub, incoming, text, is_same=is_same)
        except CameBack as back:
            same = await matters.is_same(self.tools, incoming.tenant_id, text, back.earlier)
        return await self._store(incoming, text, is_same=same)

    # ------------------------------------------------------------ think

    def begin(self, job: Job) -> None:
        """Work on a turn in the background, whoever is still listening."""
        task = asyncio.create_task(self._work(job), name=f"turn {job.row.id}")
        self._working[job.row.id] = task
        task.add_done_callback(lambda ended: self._put_down(job.row.id, ended))

    def _put_down(self, turn_id: UUID, ended: "asyncio.Task[None]") -> None:
        if self._working.get(turn_id) is ended:  # and not a later attempt
            del self._working[turn_id]

    async def _work(self, job: Job) -> None:
        mine = Account()
        try:
            began = time.perf_counter()
            started = await starting.read(self.tools, job)
            asked, mine = started.asked, started.account
            streams = self.tools.model is not None and asked.mode.asks_model
            teller = LiveTeller(self._releaser, self._hub, job.tenant_id, job.row, streams=streams)
            with account.on(mine):
                turn = await pipeline.think(asked, self.tools.kit(teller, acts=True, mode=asked.mode))
            await self._write(job, turn, teller, started.covered, int((time.perf_counter() - began) * 1000), mine)
        except Silenced:
            with contextlib.suppress(Down):
                await self.tools.book(job.tenant_id, mine, job.purpose)  # the money is spent all the same
        except Down:
            logger.warning("turn %s: the database went away; it will be taken up again", job.row.id)
        except Exception:
            logger.exception("turn failed", extra={"turn_id": str(job.row.id)})
            await self.ending.give_up(job, mine)

    # ------------------------------------------------------------ write

    async def _write(
        self, job: Job, turn: Turn, teller: "LiveTeller", covered: list[MessageId], latency_ms: int, mine: Account
    ) -> None:
        """How the turn ended, and what follows from that."""
        ended = await self.ending.write(job, turn, teller.unsaid, covered, latency_ms, mine)
        if ended.waiting is not None:
            self.begin(Job(job.tenant_id, ended.waiting))
        if ended.handoff_id is not None:
            self.sum_up(job.tenant_id, job.row.conversation_id, job.row.ticket_id, ended.handoff_id)
        elif self._remember is not None and memory.outgrown(turn.asked.history):
            self._later(self._remember(job.tenant_id, job.row.conversation_id))

    def sum_up(
        self, tenant_id: TenantId, conversation_id: ConversationId, ticket_id: TicketId, handoff_id: UUID
    ) -> None:
        """Have a handoff's summary worded better, in the background; without a model the one from the record stands."""
        if self._sum_up is not None:
            self._later(self._sum_up(tenant_id, conversation_id, ticket_id, handoff_id))

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._after.add(task)
        task.add_done_callback(self._after.discard)

    # ------------------------------------------------------------ keep going

    async def adopt_abandoned(self) -> int:
        """Take over turns that nobody works on, and think them anew; how many.

        One of our own counts once it was seen twice: the first time it may be between its commit and its beginning.
        """
        taken = 0
        found = await turns.abandoned(self._db, self._hub.process_id, self._working)
        seen, self._unattended = self._unattended, {left.turn_id for left in found if left.is_own}
        for left in found:
            if left.is_own and left.turn_id not in seen:
                continue
            async with self._db.tenant(left.tenant_id) as tx:
                row = await turns.get(tx, left.turn_id)
                conversation = await threads.get(tx, row.conversation_id, lock=True)
                if conversation.status is Status.ESCALATED:
                    await turns.finish(tx, row.id, TurnStatus.SILENCED, None)
                    continue
                mine = await turns.take_over(tx, self._hub, left.turn_id, conversation, self._hub.process_id)
            if mine is not None and mine.attempt > ATTEMPTS:
                await self.ending.give_up(Job(left.tenant_id, mine))
            elif mine is not None:
                self.begin(Job(left.tenant_id, mine))
                taken += 1
        return taken

    async def drain(self, seconds: float) -> None:
        """Let the turns in hand finish; what is left after that is adopted by another process."""
        if self._working or self._after:
            await asyncio.wait([*self._working.values(), *self._after], timeout=seconds)
