"""How a turn ends: reply or handoff, the record and the events, in one transaction; and the same for a turn that broke."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.answering import briefing, procedures, record, replies
from tandem.answering.job import Job
from tandem.answering.turn import Turn
from tandem.conversations import citations, log, messages, threads, turns
from tandem.conversations.log import Floor, News
from tandem.conversations.messages import Message, Role
from tandem.conversations.threads import Conversation
from tandem.conversations.turns import TurnRow, TurnStatus
from tandem.db import Database
from tandem.events import Hub
from tandem.hot import Hot, online
from tandem.ids import MessageId
from tandem.llm import Account
from tandem.tenants import spending
from tandem.tickets import handoffs, tickets
from tandem.tickets.lookups import Call


@dataclass(frozen=True, slots=True)
class Ended:
    """What is to be done next: a turn that waited for this one, or a handoff whose summary can be worded better."""

    waiting: TurnRow | None = None
    handoff_id: UUID | None = None


class Ending:
    """Writes how turns ended. The floor is looked at under the conversation's lock: who has lost it writes nothing but the bill."""

    def __init__(self, db: Database, hub: Hub, hot: Hot) -> None:
        self._db, self._hub, self._hot = db, hub, hot

    async def write(
        self, job: Job, turn: Turn, unsaid: list[News], covered: list[MessageId], latency_ms: int, mine: Account
    ) -> Ended:
        """`unsaid`: what the customer has not heard yet of this turn. `covered`: the messages that it answers."""
        hands_over = turn.settled.kind == "handover"
        states = await self._hot.presence.states(job.tenant_id) if hands_over else {}
        async with self._db.tenant(job.tenant_id) as tx:
            locked = threads.lock_later(tx, job.row.conversation_id)
            moment, next_one = messages.moment_later(tx), turns.waiting_later(tx, job.row.conversation_id)
            await tx.flush()
            conversation = threads.owned(locked)
            if not _has_floor(conversation, job.row):
                spending.book_later(tx, mine.calls, job.purpose)
                return Ended()
            message = _reply(job.row, turn, moment.one(messages.Moment).now) if turn.draft.text else None
            if message:
                messages.add_later(tx, message)
                citations.keep_later(tx, message.id, record.cited(turn))
            turns.finish_later(tx, job.row.id, record.as_record(turn))
            also = await turns.end_waiting(tx, conversation.id, TurnStatus.SILENCED) if hands_over else []
            await procedures.keep(tx, conversation, turn.acted.keep, hands_over=hands_over)
            outcome = _outcome(job, turn, message, latency_ms, [*covered, *also])
            if hands_over:
                ticket, brief = await tickets.get(tx, job.row.ticket_id), briefing.of_turn(turn)
                done = await handoffs.escalate(
                    tx, conversation, ticket, brief, turn.asked.tier, present=online(states), turn_id=job.row.id
                )
                ended = Ended(handoff_id=done.handoff_id)
                log.append_later(tx, self._hub, conversation.id, [*unsaid, *done.news, *outcome])  # `done` is last
            else:
                ended = Ended(next_one.maybe(TurnRow))
                tx.later(tickets.Q.categorize, id=job.row.ticket_id, category=_category(turn))
                floor = Floor(job.row.id, job.row.attempt)
                log.append_later(tx, self._hub, conversation.id, [*unsaid, *outcome], floor)
                if ended.waiting is not None:
                    turns.give_way(tx, ended.waiting, self._hub.process_id)
            spending.book_later(tx, mine.calls, job.purpose)  # last, for it locks a row of the tenant's day
        return ended

    async def give_up(self, job: Job, mine: Account | None = None) -> None:
        """Something broke: the customer gets a sentence and a person, and the ledger what was spent."""
        present = online(await self._hot.presence.states(job.tenant_id))
        row = job.row
        async with self._db.tenant(job.tenant_id) as tx:
            conversation = await threads.get(tx, row.conversation_id, lock=True)
            spending.book_later(tx, mine.calls if mine else (), job.purpose)
            if not _has_floor(conversation, row):
                return
            also = await turns.end_waiting(tx, conversation.id, TurnStatus.SILENCED)
            await turns.finish(tx, row.id, TurnStatus.DONE, {"trouble": "internal", "decision": {"kind": "handover"}})
            await threads.set_status(tx, conversation.id, conversation.status)
            where = (conversation.id, row.ticket_id, Role.ASSISTANT)
            await messages.add(tx, *where, replies.SORRY, id=row.reply_id, turn_id=row.id)
            ticket = await tickets.get(tx, row.ticket_id)
            failed = briefing.of_failure(ticket.subject)
            done = await handoffs.escalate(tx, conversation, ticket, failed, "free", present=present, turn_id=row.id)
            sorry, answers = (await messages.get(tx, row.reply_id)).as_json(), [row.message_id, *also]
            told = turns.ended(
                conversation.id, row.ticket_id, "escalated", answers, escalated=True, row=row, message=sorry
            )
            await log.append(tx, self._hub, conversation.id, [*done.news, News("done", told)])


def _has_floor(conversation: Conversation, row: TurnRow) -> bool:
    """Whether this attempt may still write."""
    return conversation.turn_id == row.id and conversation.turn_attempt == row.attempt


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


def _tool_call(call: Call) -> dict[str, Any]:
    """A call as the customer may see it."""
    return {"tool": call.tool, "args": call.args, "state": call.state}


def _category(turn: Turn) -> str | None:
    return next((name for name in turn.heard.asserted if name != "unknown"), None)
