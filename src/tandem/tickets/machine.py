"""The conversation as a state machine: who has it, and every way from one state to the next. Nobody else changes states.

A state is read from two rows, the conversation's and its newest ticket's; a step is refused unless it stands in the
table below. The words for people: `assistant` answers; `helped`, and the customer has been quiet; `queued` for a person,
or `assisted` meanwhile, outside hours; `assigned` to somebody who has not begun; `with_person`; `closed`.
"""

from enum import StrEnum
from typing import Any

from tandem.conversations import threads
from tandem.conversations.threads import Conversation, Status
from tandem.db import Queries, Tx
from tandem.errors import Conflict
from tandem.tickets.tickets import Ticket, TicketStatus

Q = Queries("tandem.tickets")


class State(StrEnum):
    """Who has the conversation."""

    ASSISTANT = "assistant"
    HELPED = "helped"
    QUEUED = "queued"
    ASSISTED = "assisted"
    ASSIGNED = "assigned"
    WITH_PERSON = "with_person"
    CLOSED = "closed"


class Step(StrEnum):
    """What can happen to it."""

    HELP = "help"
    """The assistant's answer settled it: the customer said so, or has been quiet."""
    COME_BACK = "come_back"
    """The customer writes again about what was settled."""
    TURN_TO_OTHER = "turn_to_other"
    """The customer writes about something else: a new ticket."""
    ESCALATE = "escalate"
    """It goes to people, and the assistant falls silent."""
    ESCALATE_ASSISTED = "escalate_assisted"
    """It goes to people, who are not there; until one comes the assistant goes on."""
    GIVE = "give"
    """A member is given it, and has not begun."""
    PUT_BACK = "put_back"
    """It returns to its team's queue."""
    CLAIM = "claim"
    """A member takes it, or begins what they were given."""
    HAND_BACK = "hand_back"
    """The assistant is invited back."""
    RESOLVE = "resolve"
    """A person has settled it, and the customer reads so."""
    REOPEN = "reopen"
    """A member takes up again what was settled."""


_AI, _PEOPLE = {State.ASSISTANT, State.HELPED}, {State.QUEUED, State.ASSISTED, State.ASSIGNED, State.WITH_PERSON}

TRANSITIONS: dict[Step, dict[State, State]] = {
    Step.HELP: {State.ASSISTANT: State.HELPED},
    Step.COME_BACK: {State.HELPED: State.ASSISTANT, State.CLOSED: State.ASSISTANT},
    Step.TURN_TO_OTHER: {State.HELPED: State.ASSISTANT, State.CLOSED: State.ASSISTANT},
    Step.ESCALATE: dict.fromkeys((State.ASSISTANT, State.HELPED, State.ASSISTED, State.CLOSED), State.QUEUED),
    Step.ESCALATE_ASSISTED: dict.fromkeys(
        (State.ASSISTANT, State.HELPED, State.ASSISTED, State.CLOSED), State.ASSISTED
    ),
    Step.GIVE: dict.fromkeys(_PEOPLE, State.ASSIGNED),
    Step.PUT_BACK: {State.ASSIGNED: State.QUEUED, State.WITH_PERSON: State.QUEUED},
    Step.CLAIM: dict.fromkeys((*_AI, *_PEOPLE, State.CLOSED), State.WITH_PERSON),
    Step.HAND_BACK: dict.fromkeys(_PEOPLE, State.ASSISTANT),
    Step.RESOLVE: dict.fromkeys((*_AI, *_PEOPLE), State.CLOSED),
    Step.REOPEN: {State.HELPED: State.WITH_PERSON, State.CLOSED: State.WITH_PERSON},
}
"""Step, state, next state. What does not stand here cannot happen."""

CONVERSATION: dict[State, Status] = {
    State.ASSISTANT: Status.AI,
    State.HELPED: Status.AI,
    State.ASSISTED: Status.AI,
    State.QUEUED: Status.ESCALATED,
    State.ASSIGNED: Status.ESCALATED,
    State.WITH_PERSON: Status.ESCALATED,
    State.CLOSED: Status.CLOSED,
}
"""The conversation's status in each state: the assistant speaks in `ai` alone."""

WRITES = {
    Step.HELP: Q.resolve,
    Step.COME_BACK: Q.come_back,
    Step.ESCALATE: Q.escalate,
    Step.ESCALATE_ASSISTED: Q.escalate,
    Step.GIVE: Q.give,
    Step.PUT_BACK: Q.put_back,
    Step.CLAIM: Q.claim,
    Step.HAND_BACK: Q.hand_back,
    Step.RESOLVE: Q.resolve,
    Step.REOPEN: Q.claim,
}
"""What each step writes to the ticket. TURN_TO_OTHER writes a new one."""

TAKES_THE_FLOOR = frozenset(Step) - {Step.HELP, Step.TURN_TO_OTHER, Step.COME_BACK, Step.HAND_BACK}
"""Steps after which whatever turn was being thought about may not write any more. Who is invited to go on is not interrupted."""


class WrongState(Conflict):
    """The ticket is not in a state in which this can be done. Look at it again."""

    code, title = "wrong_state", "The ticket has moved on"


def state(conversation: Conversation, ticket: Ticket) -> State:
    """Who has a conversation whose newest ticket this is."""
    if ticket.status is TicketStatus.ESCALATED:
        if ticket.assignee_id is not None:
            return State.WITH_PERSON if ticket.claimed_at is not None else State.ASSIGNED
        return State.ASSISTED if conversation.status is Status.AI else State.QUEUED
    if conversation.status is Status.CLOSED:
        return State.CLOSED
    return State.ASSISTANT if ticket.status is TicketStatus.OPEN else State.HELPED


def allowed(conversation: Conversation, ticket: Ticket, step: Step) -> bool:
    """Whether the step can be done now."""
    return state(conversation, ticket) in TRANSITIONS[step]


async def move(tx: Tx, conversation: Conversation, ticket: Ticket, step: Step, **values: Any) -> State:
    """Do the step, in a locked conversation: both rows. Returns the new state. Raises WrongState."""
    moved = move_later(tx, conversation, ticket, step, **values)
    await tx.flush()
    return moved


def move_later(tx: Tx, conversation: Conversation, ticket: Ticket, step: Step, **values: Any) -> State:
    """The same with the transaction's next round trip."""
    before = state(conversation, ticket)
    after = TRANSITIONS[step].get(before)
    if after is None:
        raise WrongState(f"This cannot be done now: the conversation is {before.replace('_', ' ')}.")
    is_queued = before is State.ASSISTED and after in (State.ASSISTED, State.QUEUED)  # and keeps its place
    if (written := WRITES.get(step)) is not None and not is_queued:
        tx.later(written, id=ticket.id, **values)
    if step in TAKES_THE_FLOOR or conversation.status is not CONVERSATION[after]:
        tx.later(threads.Q.set_status, id=conversation.id, status=CONVERSATION[after])
    return after
