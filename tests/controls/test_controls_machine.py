"""Would the random walk notice? Well-known mistakes are planted into the state machine and what is around it; each has to be found."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tandem.conversations import log, threads, turns
from tandem.db import Queries
from tandem.db.queries import Query
from tandem.tickets import assigning, machine, sla, tickets, working
from tandem.tickets.machine import State, Step
from tests.cast import Cast
from tests.ground import Place
from tests.tickets.walking import Broken, walk

STEPS = 1200
"""A mistake that shows rarely is found after some hundred steps."""

Patch = pytest.MonkeyPatch


def reworded(monkeypatch: Patch, queries: Queries, name: str, old: bytes, new: bytes) -> None:
    query: Query = getattr(queries, name)
    assert old in query.sql, f"{name} does not read like that any more"
    monkeypatch.setitem(queries._found, name, replace(query, sql=query.sql.replace(old, new)))


def two_may_claim(monkeypatch: Patch) -> None:
    """Whoever claims last has it."""
    get = tickets.get

    async def forgetful(tx: Any, ticket_id: Any) -> Any:
        found = await get(tx, ticket_id)
        return replace(found, assignee_id=None) if found.claimed_at is None else found

    monkeypatch.setattr(tickets, "get", forgetful)


def the_assistant_goes_on(monkeypatch: Patch) -> None:
    """Taking a conversation over does not take the floor from the turn under way."""
    reworded(monkeypatch, threads.Q, "set_status", b"turn_id = null, turn_spoke = false, ", b"")

    async def lets_it(*_: Any) -> None:
        return None

    monkeypatch.setattr(turns, "interrupt", lets_it)


def closes_silently(monkeypatch: Patch) -> None:
    """The customer is not told that their matter counts as settled."""
    append = log.append

    async def quiet(tx: Any, hub: Any, conversation_id: Any, news: Any, floor: Any = None) -> Any:
        told = [each for each in news if each.kind not in ("settled", "resolved")]
        return await append(tx, hub, conversation_id, told, floor)

    monkeypatch.setattr(log, "append", quiet)


def waits_in_no_queue(monkeypatch: Patch) -> None:
    """A ticket that returns to the queue has lost its team."""
    reworded(monkeypatch, tickets.Q, "put_back", b"away_since = null,", b"away_since = null, team_id = null,")
    monkeypatch.setitem(machine.WRITES, Step.PUT_BACK, tickets.Q.put_back)


def stays_open_when_resolved(monkeypatch: Patch) -> None:
    """The ticket is settled and the conversation is not."""
    monkeypatch.setitem(machine.CONVERSATION, State.CLOSED, threads.Status.ESCALATED)


def gives_to_who_went_home(monkeypatch: Patch) -> None:
    """Work is given to whoever was there once."""
    there = set[UUID]()
    give_out = assigning.give_out

    async def anybody(db: Any, hub: Any, tenant_id: Any, present: Collection[UUID]) -> int:
        there.update(present)
        return await give_out(db, hub, tenant_id, there)

    monkeypatch.setattr(assigning, "give_out", anybody)


def never_stops_the_clock(monkeypatch: Patch) -> None:
    """What was promised runs on when nobody waits any more."""

    async def runs_on(*_: Any) -> None:
        return None

    monkeypatch.setattr(sla, "over", runs_on)


def opens_two_at_once(monkeypatch: Patch) -> None:
    """Any member takes up an old matter beside the new one."""

    async def any_ticket(*_: Any) -> None:
        return None

    monkeypatch.setattr(working, "_require_newest", any_ticket)


def answers_who_waited_again(monkeypatch: Patch) -> None:
    """Who waited for an answer that was ended counts as one whom the next answers."""
    reworded(monkeypatch, turns.Q, "end_waiting", b"status = %(status)s", b"status = 'superseded'")


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (two_may_claim, "two agents had"),
        (the_assistant_goes_on, "assistant spoke|assistant who thinks"),
        (closes_silently, "closed silently"),
        (waits_in_no_queue, "in two queues, or in none|places of a queue"),
        (stays_open_when_resolved, "disagree"),
        (gives_to_who_went_home, "not there"),
        (never_stops_the_clock, "promise that runs"),
        (opens_two_at_once, "more than one open|disagree"),
        (answers_who_waited_again, "answered twice"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_a_planted_mistake_is_found(
    place: Place, cast: Cast, monkeypatch: Patch, mistake: Callable[[Patch], None], said: str
) -> None:
    mistake(monkeypatch)
    with pytest.raises(Broken, match=said):
        await walk(place, cast, 20261120, STEPS)
