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
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.actions.session import Authority, Session, authority, lifted
from tandem.answering import briefing, matters, memory, pipeline, procedures, receiving, record, replies, tools
from tandem.answering.matters import CameBack
from tandem.answering.receiving import Incoming, Received
from tandem.answering.releasing import Releaser
from tandem.answering.remembering import Remembering
from tandem.answering.summing_up import SummingUp
from tandem.answering.telling import LiveTeller
from tandem.answering.tools import Standing, Standpoint, Tools
from tandem.answering.turn import Asked, Said, Silenced, Turn
from tandem.conversations import citations, log, messages, threads, turns
from tandem.conversations.log import Floor, News
from tandem.conversations.messages import Message, Role
from tandem.conversations.threads import Status
from tandem.conversations.turns import TurnRow, TurnStatus
from tandem.db import Down
from tandem.errors import Malformed
from tandem.events import Hub
from tandem.hot import Hot, online
from tandem.ids import ConversationId, MessageId, TenantId, TicketId
from tandem.llm import Account, account
from tandem.tenants import spending
from tandem.tenants.spending import Purpose
from tandem.tickets import handoffs, tickets
from tandem.tickets.lookups import Call

logger = logging.getLogger(__name__)

HISTORY = 21
"""Messages read from the history: ten turns and the new message (S0, S3: the last 10 to 20)."""

ATTEMPTS = 5
"""A message that has felled so many processes goes to a person (as a poison job, fault table F24)."""


@dataclass(frozen=True, slots=True)
class Job:
    """A turn to work on. `standing` is what held a moment ago, where somebody has just looked."""

    tenant_id: TenantId
    row: TurnRow
    standing: Standing | None = None

    @property
    def purpose(self) -> Purpose:
        """What models are asked for."""
        return Purpose(self.row.id, self.row.conversation_id, self.row.ticket_id)


class Desk:
    """Takes messages in and has them answered. One in each process that thinks."""

    def __init__(self, toolbox: Tools, hub: Hub, hot: Hot, releaser: Releaser) -> None:
        self._db, self.tools, self._hub, self._hot, self._releaser = toolbox.db, toolbox, hub, hot, releaser
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
            asked, covered, mine = await self._asked(job)
            streams = self.tools.model is not None and asked.mode.asks_model
            teller = LiveTeller(self._releaser, self._hub, job.tenant_id, job.row, streams=streams)
            with account.on(mine):
                turn = await pipeline.think(asked, self.tools.kit(teller, acts=True, mode=asked.mode))
            await self._write(job, turn, teller, covered, int((time.perf_counter() - began) * 1000), mine)
        except Silenced:
            with contextlib.suppress(Down):
                await self.tools.book(job.tenant_id, mine, job.purpose)  # the money is spent all the same
        except Down:
            logger.warning("turn %s: the database went away; it will be taken up again", job.row.id)
        except Exception:
            logger.exception("turn failed", extra={"turn_id": str(job.row.id)})
            await self._give_up(job, mine)

    async def _asked(self, job: Job) -> tuple[Asked, list[MessageId], Account]:
        """What the turn starts from, and the messages it answers: those that no turn before it has answered, all at once; and the
        account on which models are asked for it.

        Not the last ones of the thread: an answer that was being written when they came stands after them.
        """
        async with self._db.reading(job.tenant_id) as tx:
            stands = tools.standing_later(tx) if job.standing is None else None
            point = tools.standpoint_later(tx, job.row.conversation_id)
            covering = turns.covered_later(tx, job.row)
            last = messages.last_later(tx, job.row.conversation_id, most=HISTORY)
        standing = job.standing if stands is None else stands.one(Standing)
        assert standing is not None, "asked for, or brought along"
        standpoint = point.one(Standpoint)
        covered = [each.message_id for each in covering.all(turns.Waiting)]
        said = last.all(Message)
        fresh = [message for message in said if message.id in covered]
        said = [message for message in said if message.id not in covered]
        look = standing.look
        known = _authority(job, standpoint)
        opened = self.tools.open(job.tenant_id, standing)
        asked = Asked(
            tenant_id=job.tenant_id,
            conversation_id=job.row.conversation_id,
            ticket_id=job.row.ticket_id,
            customer_id=standpoint.customer_id,
            verified=known.identity != "anyone" or standpoint.external_id is not None,
            tier=standpoint.tier,
            text="\n".join(message.text for message in fresh),
            history=tuple(Said(str(m.role), m.text) for m in said if m.role in (Role.USER, Role.ASSISTANT, Role.AGENT)),
            policy=standing.rules,
            company=standing.company,
            assistant_name=look.assistant_name,
            greeting=look.greeting,
            unresolved=standpoint.unresolved,
            asked_back=standpoint.asked_back,
            was_offered=standpoint.was_offered,
            hours=standing.hours,
            knowledge=standing.knowledge,
            index=standing.index,
            understood_by=standing.understood_by,
            scoring=standing.scoring,
            session=Session(
                job.tenant_id,
                job.row.conversation_id,
                job.row.ticket_id,
                standpoint.customer_id,
                standpoint.external_id,
                standpoint.tier,
                known,
                job.row.id,
            ),
            found_before=standpoint.found_before,
            in_hand=standpoint.in_hand,
            workflow_intents=frozenset(standpoint.workflow_intents),
            names=(standpoint.name,) if standpoint.name else (),
            emails=(standpoint.email,) if standpoint.email else (),
            metadata=job.row.metadata,
            possible=opened.possible,
            cited_before=standpoint.cited_before,
            summary=standpoint.summary,
        )
        return asked, covered, opened.account

    # ------------------------------------------------------------ write

    async def _write(
        self, job: Job, turn: Turn, teller: "LiveTeller", covered: list[MessageId], latency_ms: int, mine: Account
    ) -> None:
        """Reply or handoff, record, events and what models took, in one transaction; the last alone when the floor is lost."""
        states = (
            await self._hot.presence.states(job.tenant_id) if turn.settled.kind in ("handover", "no_answer") else {}
        )
        waiting: TurnRow | None = None
        handoff_id: UUID | None = None
        async with self._db.tenant(job.tenant_id) as tx:
            locked = threads.lock_later(tx, job.row.conversation_id)
            moment, next_one = messages.moment_later(tx), turns.waiting_later(tx, job.row.conversation_id)
            await tx.flush()
            conversation = threads.owned(locked)
            if conversation.turn_id != job.row.id or conversation.turn_attempt != job.row.attempt:
                spending.book_later(tx, mine.calls, job.purpose)
                return
            message = _reply(job.row, turn, moment.one(messages.Moment).now) if turn.draft.text else None
            if message:
                messages.add_later(tx, message)
                citations.keep_later(tx, message.id, record.cited(turn))
            hands_over = turn.settled.kind == "handover"
            also = await turns.end_waiting(tx, conversation.id, TurnStatus.SILENCED) if hands_over else []
            outcome = _outcome(job, turn, message, latency_ms, [*covered, *also])
            await procedures.keep(tx, conversation, turn.acted.keep, hands_over=hands_over)
            if hands_over:
                ticket = await tickets.get(tx, job.row.ticket_id)
                done = await handoffs.escalate(
                    tx,
                    conversation,
                    ticket,
                    briefing.of_turn(turn),
                    turn.asked.tier,
                    present=online(states),
                    turn_id=job.row.id,
                )
                handoff_id = done.handoff_id
                news = [*teller.unsaid, *done.news, *outcome]  # `done` is the last word of a turn
                turns.finish_later(tx, job.row.id, record.as_record(turn))
                log.append_later(tx, self._hub, conversation.id, news)
            else:
                turns.finish_later(tx, job.row.id, record.as_record(turn))
                tx.later(tickets.Q.categorize, id=job.row.ticket_id, category=_category(turn))
                floor = Floor(job.row.id, job.row.attempt)
                log.append_later(tx, self._hub, conversation.id, [*teller.unsaid, *outcome], floor)
                waiting = next_one.maybe(TurnRow)
                if waiting is not None:
                    turns.give_way(tx, waiting, self._hub.process_id)
            spending.book_later(tx, mine.calls, job.purpose)  # last, for it locks a row of the tenant's day
        if waiting is not None:
            self.begin(Job(job.tenant_id, waiting))
        if handoff_id is not None:
            self.sum_up(job.tenant_id, job.row.conversation_id, job.row.ticket_id, handoff_id)
        elif self._remember is not None and memory.outgrown(turn.asked.history):
            self._later(self._remember(job.tenant_id, job.row.conversation_id))

    async def _give_up(self, job: Job, mine: Account | None = None) -> None:
        """Something broke: the customer gets a sentence and a person, the log got the trouble, and the ledger what was spent."""
        present = online(await self._hot.presence.states(job.tenant_id))
        async with self._db.tenant(job.tenant_id) as tx:
            conversation = await threads.get(tx, job.row.conversation_id, lock=True)
            spending.book_later(tx, mine.calls if mine else (), job.purpose)
            if conversation.turn_id != job.row.id or conversation.turn_attempt != job.row.attempt:
                return
            also = await turns.end_waiting(tx, conversation.id, TurnStatus.SILENCED)
            await turns.finish(
                tx, job.row.id, TurnStatus.DONE, {"trouble": "internal", "decision": {"kind": "handover"}}
            )
            await threads.set_status(tx, conversation.id, conversation.status)
            await messages.add(
                tx,
                conversation.id,
                job.row.ticket_id,
                Role.ASSISTANT,
                replies.SORRY,
                id=job.row.reply_id,
                turn_id=job.row.id,
            )
            ticket = await tickets.get(tx, job.row.ticket_id)
            failed = briefing.of_failure(ticket.subject)
            done = await handoffs.escalate(
                tx, conversation, ticket, failed, "free", present=present, turn_id=job.row.id
            )
            sorry = (await messages.get(tx, job.row.reply_id)).as_json()
            answers = [job.row.message_id, *also]
            ended = turns.ended(
                conversation.id, job.row.ticket_id, "escalated", answers, escalated=True, row=job.row, message=sorry
            )
            await log.append(tx, self._hub, conversation.id, [*done.news, News("done", ended)])

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
                await self._give_up(Job(left.tenant_id, mine))
            elif mine is not None:
                self.begin(Job(left.tenant_id, mine))
                taken += 1
        return taken

    async def drain(self, seconds: float) -> None:
        """Let the turns in hand finish; what is left after that is adopted by another process."""
        if self._working or self._after:
            await asyncio.wait([*self._working.values(), *self._after], timeout=seconds)


def _reply(row: TurnRow, turn: Turn, at: datetime) -> Message:
    """The assistant's message."""
    citations = [record.citation_json(citation) for citation in turn.draft.citations]
    where = (row.reply_id, row.conversation_id, row.ticket_id)
    return Message(*where, Role.ASSISTANT, False, turn.draft.text, None, None, citations, None, row.id, at)


def _outcome(job: Job, turn: Turn, message: Message | None, latency_ms: int, answers: list[MessageId]) -> list[News]:
    """How the turn ended, as the log tells it."""
    reply = record.reply(turn, ids.show("msg", job.row.reply_id), latency_ms)
    news = [News("tool_call", _tool_call(call)) for call in turn.acted.calls]
    news += [News("action_proposed", card) for card in turn.acted.cards]
    if turn.acted.needs:
        news.append(News("identity_needed", {"needs": turn.acted.needs, "ticket_id": reply["ticket_id"]}))
    if turn.settled.offers_person:
        news.append(News("escalation_proposed", {"reason": turn.settled.reason, "ticket_id": reply["ticket_id"]}))
    done = {
        "turn_id": ids.show("trn", job.row.id),
        **reply,
        "message": message.as_json() | {"choices": reply["choices"]} if message else None,
        "answers": [ids.show("msg", message_id) for message_id in answers],
    }
    return [*news, News("done", done)]


def _authority(job: Job, standpoint: Standpoint) -> Authority:
    """What the door found out, lifted where a one-time code has confirmed who the customer is."""
    known = authority(job.row.authority)
    return lifted(known) if standpoint.lifted else known


def _tool_call(call: Call) -> dict[str, Any]:
    """A call as the customer may see it."""
    return {"tool": call.tool, "args": call.args, "state": call.state}


def _category(turn: Turn) -> str | None:
    return next((name for name in turn.heard.asserted if name != "unknown"), None)
