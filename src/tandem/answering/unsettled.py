"""A change of which no machine can find out whether it was done goes to a person, with what is known of it."""

from functools import partial

from tandem.actions.carrying import NeedsPerson
from tandem.actions.ledger import Run
from tandem.conversations import threads
from tandem.db import Database
from tandem.events import Hub
from tandem.hot import Hot, online
from tandem.ids import TenantId
from tandem.tenants import customers
from tandem.tickets import handoffs, tickets
from tandem.tickets.handoffs import Briefing

TRIGGER = "action_unknown"


def to_people(db: Database, hub: Hub, hot: Hot) -> NeedsPerson:
    """What hands such runs over."""
    return partial(_hand_over, db, hub, hot)


async def _hand_over(db: Database, hub: Hub, hot: Hot, tenant_id: TenantId, run: Run, told: str) -> None:
    """The ticket goes to the queue with a briefing; who had it in hand keeps it."""
    present = online(await hot.presence.states(tenant_id))
    async with db.tenant(tenant_id) as tx:
        conversation = await threads.get(tx, run.conversation_id, lock=True)
        ticket = await tickets.current(tx, conversation.id)
        customer = await customers.get(tx, run.customer_id)
        await handoffs.escalate_now(tx, hub, conversation, ticket, _briefing(run, told), customer.tier, present=present)


def _briefing(run: Run, told: str) -> Briefing:
    return Briefing(
        trigger=TRIGGER,
        reason="Whether an action was done is not known.",
        summary=f"The customer confirmed “{run.summary}”. It was sent to the backend, and nobody has said whether it was done.",
        urgency="high",
        urgency_evidence=f"sent {run.attempt} times under the key {run.shown_id}, last answer: {run.error or 'none'}",
        next_step=f"Look up the key {run.shown_id} in the backend, then tell the customer. It is never sent under another key.",
        tried=(f"The customer was told: “{told}”",),
    )
