"""A message that waits for an answer in hand, and that answer is ended from outside: it is over once, and not answered again later."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest

from tandem import ids
from tandem.answering.desk import ATTEMPTS, Desk
from tandem.answering.job import Job
from tandem.answering.receiving import Incoming, Received
from tandem.answering.turn import Decision, Draft, Route
from tandem.conversations import log, threads, turns
from tandem.conversations.log import Floor, News
from tandem.conversations.turns import TurnStatus
from tandem.db import Database
from tandem.events import Hub
from tandem.hot.local import LocalPresence
from tandem.ids import ConversationId, MessageId, TicketId
from tandem.llm import Account
from tandem.tenants import hours
from tandem.tenants.hours import Hours
from tandem.tickets import tickets, working
from tests.answering import making
from tests.cast import Cast
from tests.ground import Place


@dataclass(slots=True)
class Counterpart:
    """A conversation with Dee; the test says when the assistant speaks and when it has finished."""

    db: Database
    cast: Cast
    hub: Hub = field(default_factory=lambda: Hub(ids.new()))
    desk: Desk = field(init=False)
    begun: list[Job] = field(default_factory=list)
    id: ConversationId | None = None

    def __post_init__(self) -> None:
        tools = cast(Any, SimpleNamespace(db=self.db, model=None, summarising=None))
        hot = cast(Any, SimpleNamespace(presence=LocalPresence()))
        self.desk = Desk(tools, self.hub, hot, cast(Any, None))
        self.desk.begin = self._begin  # type: ignore[method-assign]  # nobody thinks until the test says so

    def _begin(self, job: Job) -> None:
        self.begun.append(job)

    async def write(self, text: str) -> Received:
        """Dee writes."""
        dee = Incoming(self.cast.acme.id, self.cast.dee.id, True, text, self.id)
        received = await self.desk.receive(dee)
        self.id = received.conversation_id
        return received

    async def speak(self) -> None:
        """A sentence of the answer in hand goes out."""
        row = self.begun[-1].row
        said = News("delta", {"turn_id": ids.show("trn", row.id), "text": "So. "})
        async with self.db.tenant(self.cast.acme.id) as tx:
            assert await log.append(tx, self.hub, row.conversation_id, [said], Floor(row.id, row.attempt, keep=True))

    async def finish(self, kind: str) -> None:
        """The answer in hand is written."""
        job = self.begun[-1]
        people = Route("people", "They asked.", "customer_requested_human")
        asked = making.asked(conversation_id=job.row.conversation_id, ticket_id=job.row.ticket_id)
        turn = replace(
            making.turn(),
            asked=asked,
            understanding=making.understood("order_status"),
            route=people if kind == "handover" else Route("assist", "", "default"),
            draft=Draft(text="So. "),
            decision=Decision(kind, 0.9, "because"),
        )
        await self.desk._write(job, turn, cast(Any, SimpleNamespace(unsaid=[])), await self.covered(), 5, Account())

    async def covered(self) -> list[MessageId]:
        """What the turn in hand answers."""
        async with self.db.reading(self.cast.acme.id) as tx:
            covered = turns.covered_later(tx, self.begun[-1].row)
        return [each.message_id for each in covered.all(turns.Waiting)]

    async def ticket_id(self) -> TicketId:
        """The newest ticket's."""
        assert self.id
        async with self.db.tenant(self.cast.acme.id) as tx:
            return (await tickets.current(tx, self.id)).id

    async def answers(self) -> Counter[str]:
        """How often each message was named by an end."""
        assert self.id
        events = await log.read(self.db, self.cast.acme.id, self.id, 0)
        return Counter(answered for event in events if event.kind == "done" for answered in event.data["answers"])

    async def turn_of(self, received: Received) -> TurnStatus:
        """Where a message's turn stands."""
        async with self.db.tenant(self.cast.acme.id) as tx:
            return (await turns.get(tx, received.message_id)).status


@pytest.fixture
def talk(db: Database, cast: Cast) -> Counterpart:
    return Counterpart(db, cast)


async def stopped(talk: Counterpart) -> None:
    """The customer presses Stop."""
    assert talk.id
    async with talk.db.tenant(talk.cast.acme.id) as tx:
        await turns.interrupt(tx, talk.hub, await threads.get(tx, talk.id, lock=True), TurnStatus.STOPPED)


async def taken_over(talk: Counterpart) -> None:
    """A person takes it, and invites the assistant back."""
    ticket_id = await talk.ticket_id()
    async with talk.db.tenant(talk.cast.acme.id) as tx:
        await working.claim(tx, talk.hub, talk.cast.bo.caller, ticket_id)
    await handed_back(talk)


async def handed_over(talk: Counterpart) -> None:
    """The answer ends at people, who invite the assistant back."""
    await talk.finish("handover")
    await handed_back(talk)


async def failed(talk: Counterpart) -> None:
    """The answer breaks, which goes to people too."""
    await talk.desk.ending.give_up(talk.begun[-1])
    await handed_back(talk)


async def handed_back(talk: Counterpart) -> None:
    ticket_id = await talk.ticket_id()
    async with talk.db.tenant(talk.cast.acme.id) as tx:
        await working.hand_back(tx, talk.hub, talk.cast.bo.caller, ticket_id)


@pytest.mark.parametrize("ended", [stopped, taken_over, handed_over, failed])
async def test_who_waited_for_an_answer_that_was_ended_is_not_answered_again(
    talk: Counterpart, ended: Callable[[Counterpart], Awaitable[None]]
) -> None:
    await talk.write("first")
    await talk.speak()
    second = await talk.write("second")
    assert await talk.turn_of(second) is TurnStatus.WAITING
    await ended(talk)
    assert (await talk.answers())[ids.show("msg", second.message_id)] == 1

    third = await talk.write("third")
    assert await talk.covered() == [third.message_id]
    await talk.finish("answer")
    assert set((await talk.answers()).values()) == {1}
    assert await talk.turn_of(second) in (TurnStatus.STOPPED, TurnStatus.SILENCED)


async def test_a_message_that_waited_and_made_room_for_another_is_answered_with_it(talk: Counterpart) -> None:
    await talk.write("first")
    await talk.speak()
    second, third = await talk.write("second"), await talk.write("third")
    assert await talk.turn_of(second) is TurnStatus.SUPERSEDED
    await talk.finish("answer")
    assert await talk.covered() == [second.message_id, third.message_id]
    await talk.finish("answer")
    assert set((await talk.answers()).values()) == {1}


async def test_an_invitation_to_go_on_does_not_interrupt_the_assistant(talk: Counterpart) -> None:
    """Outside hours the assistant goes on while the matter waits for people, who may leave it at that."""
    async with talk.db.tenant(talk.cast.acme.id) as tx:
        await hours.keep(tx, None, Hours(time_zone="Europe/Berlin", outside="assist_only"))  # closed all week
    await talk.write("first")
    await talk.finish("handover")
    second = await talk.write("second")
    await talk.speak()
    await handed_back(talk)
    await talk.finish("answer")
    assert await talk.turn_of(second) is TurnStatus.DONE


async def test_an_attempt_that_was_taken_over_does_not_give_up_for_the_one_that_goes_on(talk: Counterpart) -> None:
    """A process that was taken for dead comes back, and its work breaks."""
    await talk.write("first")
    stale = talk.begun[-1]
    async with talk.db.tenant(talk.cast.acme.id) as tx:
        found = await threads.get(tx, stale.row.conversation_id, lock=True)
        taken = await turns.take_over(tx, talk.hub, stale.row.id, found, ids.new())
    assert taken
    await talk.desk.ending.give_up(stale)
    assert not await talk.answers()
    talk.begun.append(replace(stale, row=taken))
    await talk.finish("answer")
    assert set((await talk.answers()).values()) == {1}


async def test_a_message_that_has_felled_so_many_processes_goes_to_a_person(talk: Counterpart, place: Place) -> None:
    """Fault table F24."""
    first = await talk.write("first")
    with psycopg.connect(place.superuser) as connection:
        connection.execute("update turns set attempt = %s", [ATTEMPTS])
    assert [await talk.desk.adopt_abandoned() for _ in range(2)] == [0, 0]  # seen twice: nobody works on it
    assert await talk.answers() == Counter([ids.show("msg", first.message_id)])
    async with talk.db.tenant(talk.cast.acme.id) as tx:
        assert (await tickets.get(tx, await talk.ticket_id())).status is tickets.TicketStatus.ESCALATED
