"""What a turn starts from: the rules that hold, whose conversation it is, and what was said in it, in one look."""

from dataclasses import dataclass

from tandem.actions.session import Authority, Session, authority, lifted
from tandem.answering import tools
from tandem.answering.job import Job
from tandem.answering.tools import Standing, Standpoint, Tools
from tandem.answering.turn import Asked, Said
from tandem.conversations import messages, turns
from tandem.conversations.messages import Message, Role
from tandem.ids import MessageId
from tandem.llm import Account
from tandem.tenants.modes import Possible

HISTORY = 21
"""Messages read from the history: ten turns and the new message (S0, S3: the last 10 to 20)."""


@dataclass(frozen=True, slots=True)
class Started:
    """What the pipeline is asked, the messages that the turn answers, and the account on which models are asked for it."""

    asked: Asked
    covered: list[MessageId]
    account: Account


async def read(kit: Tools, job: Job) -> Started:
    """The messages that no turn before this one has answered are asked all at once.

    Not the last ones of the thread: an answer that was being written when they came stands after them.
    """
    async with kit.db.reading(job.tenant_id) as tx:
        stands = tools.standing_later(tx) if job.standing is None else None
        point = tools.standpoint_later(tx, job.row.conversation_id)
        covering = turns.covered_later(tx, job.row)
        last = messages.last_later(tx, job.row.conversation_id, most=HISTORY)
    standing = job.standing if stands is None else stands.one(Standing)
    assert standing is not None, "asked for, or brought along"
    covered = [each.message_id for each in covering.all(turns.Waiting)]
    said = last.all(Message)
    opened = kit.open(job.tenant_id, standing)
    asked = _asked(
        job,
        standing,
        point.one(Standpoint),
        text="\n".join(message.text for message in said if message.id in covered),
        history=[message for message in said if message.id not in covered],
        possible=opened.possible,
    )
    return Started(asked, covered, opened.account)


def _asked(
    job: Job, standing: Standing, point: Standpoint, *, text: str, history: list[Message], possible: Possible
) -> Asked:
    look, known = standing.look, _authority(job, point)
    return Asked(
        tenant_id=job.tenant_id,
        conversation_id=job.row.conversation_id,
        ticket_id=job.row.ticket_id,
        customer_id=point.customer_id,
        verified=known.identity != "anyone" or point.external_id is not None,
        tier=point.tier,
        text=text,
        history=tuple(Said(str(m.role), m.text) for m in history if m.role in (Role.USER, Role.ASSISTANT, Role.AGENT)),
        policy=standing.rules,
        company=standing.company,
        assistant_name=look.assistant_name,
        greeting=look.greeting,
        unresolved=point.unresolved,
        asked_back=point.asked_back,
        was_offered=point.was_offered,
        hours=standing.hours,
        knowledge=standing.knowledge,
        index=standing.index,
        understood_by=standing.understood_by,
        scoring=standing.scoring,
        session=_session(job, point, known),
        found_before=point.found_before,
        in_hand=point.in_hand,
        workflow_intents=frozenset(point.workflow_intents),
        names=(point.name,) if point.name else (),
        emails=(point.email,) if point.email else (),
        metadata=job.row.metadata,
        possible=possible,
        cited_before=point.cited_before,
        summary=point.summary,
    )


def _session(job: Job, point: Standpoint, known: Authority) -> Session:
    row = job.row
    whose = (point.customer_id, point.external_id, point.tier)
    return Session(job.tenant_id, row.conversation_id, row.ticket_id, *whose, known, row.id)


def _authority(job: Job, point: Standpoint) -> Authority:
    """What the door found out, lifted where a one-time code has confirmed who the customer is."""
    known = authority(job.row.authority)
    return lifted(known) if point.lifted else known
