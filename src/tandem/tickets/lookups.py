"""Look-ups over Tandem's own records: `ticket_status`, how the customer's own open request stands.

Whose request it is comes from the conversation's customer, never from a text: there is no argument to get wrong.
"""

from dataclasses import dataclass
from typing import Any

from tandem import ids
from tandem.db import Tx
from tandem.ids import CustomerId, TicketId
from tandem.tickets import queue, tickets
from tandem.tickets.tickets import TicketRow, TicketStatus, Wanted

TICKET_STATUS = "ticket_status"


@dataclass(frozen=True, slots=True)
class Call:
    """Something that was looked up, proposed or refused: what it found, and that as sentences for the customer.

    `args` and `result` are what the record may keep; `rule` is the name of what refused it.
    """

    tool: str
    args: dict[str, Any]
    state: str
    result: dict[str, Any]
    sentences: tuple[str, ...] = ()
    rule: str = ""


async def ticket_status(tx: Tx, customer_id: CustomerId, current: TicketId) -> Call:
    """The customer's requests that people have or had, other than the one they are writing in now."""
    rows = await tickets.page(tx, Wanted(customer_id=customer_id, most=10))
    found = [
        row for row in rows if row.id != current and row.status in (TicketStatus.ESCALATED, TicketStatus.HUMAN_RESOLVED)
    ]
    sentences = [await _sentence(tx, row) for row in found[:3]]
    if not sentences:
        sentences = ["I do not see a request of yours with our team at the moment."]
    shown = [{"ticket_id": ids.show("tkt", row.id), "status": str(row.status)} for row in found[:3]]
    return Call(TICKET_STATUS, {}, "done", {"tickets": shown}, tuple(sentences))


async def _sentence(tx: Tx, row: TicketRow) -> str:
    if row.status is TicketStatus.HUMAN_RESOLVED:
        return f"Your request “{row.subject}” was resolved by our team."
    if row.assignee_name:
        return f"{row.assignee_name} from our team is working on your request “{row.subject}”."
    place = await queue.place(tx, row.id, ())
    return f"Your request “{row.subject}” is number {place.position} in the queue for a person."
