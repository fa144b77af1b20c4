"""The conversation's log: what happened in it, numbered 1, 2, 3 … in commit order, told to whoever listens.

Taking numbers locks the conversation's row, so that no reader can see 5 before 4. A turn appends only while it has
the floor: whoever takes the floor from it (a newer message, a person, another process) silences it in the same moment.
"""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.db import Database, Jsonb, Later, Queries, Tx
from tandem.events import Closing, Event, Hub, Item, Listener, Passing, Stale
from tandem.ids import ConversationId, TenantId, TurnId

Q = Queries("tandem.conversations")

BATCH = 500
"""Events that the queries return at once; whoever was away for longer reads again."""


@dataclass(frozen=True, slots=True)
class News:
    """Something to append. `for_staff`: the customer never sees it."""

    kind: str
    data: dict[str, Any]
    for_staff: bool = False


@dataclass(frozen=True, slots=True)
class Floor:
    """The right of one attempt of one turn to write to its conversation. `keep`: it will say more."""

    turn_id: TurnId
    attempt: int
    keep: bool = field(default=False)


@dataclass(frozen=True, slots=True)
class Numbered:
    """The number that an event got."""

    seq: int


@dataclass(frozen=True, slots=True)
class Stored:
    """An event as stored."""

    seq: int
    kind: str
    for_staff: bool
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TenantStored:
    """An event as stored, with where it stands among all of the tenant's."""

    xact: str
    conversation_id: ConversationId
    seq: int
    kind: str
    for_staff: bool
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Frontier:
    """A transaction number."""

    xact: str


async def append(
    tx: Tx, hub: Hub, conversation_id: ConversationId, news: Sequence[News], floor: Floor | None = None
) -> list[Event]:
    """Append; listeners hear of it once it is committed. Empty when `floor` is no longer this turn's."""
    numbered = _appended_later(tx, conversation_id, news, floor)
    await tx.flush()
    seqs = sorted(row.seq for row in numbered.all(Numbered))
    events = [
        Event(tx.tenant_id, conversation_id, seq, n.kind, n.for_staff, n.data)
        for seq, n in zip(seqs, news, strict=bool(seqs))
    ]
    if events:
        tx.after_commit(lambda: hub.publish(events))
    return events


def append_later(
    tx: Tx, hub: Hub, conversation_id: ConversationId, news: Sequence[News], floor: Floor | None = None
) -> None:
    """The same with the transaction's next round trip, for whoever has the conversation locked and knows that it has the floor."""
    numbered = _appended_later(tx, conversation_id, news, floor)

    def publish() -> None:
        seqs = sorted(row.seq for row in numbered.all(Numbered))
        told = zip(seqs, news, strict=bool(seqs))
        hub.publish([Event(tx.tenant_id, conversation_id, seq, n.kind, n.for_staff, n.data) for seq, n in told])

    tx.after_commit(publish)


def _appended_later(tx: Tx, conversation_id: ConversationId, news: Sequence[News], floor: Floor | None) -> Later:
    """Numbered rows; none when `floor` is no longer this turn's."""
    told = Jsonb([{"kind": each.kind, "for_staff": each.for_staff, "data": each.data} for each in news])
    if floor is None:
        return tx.later(Q.append, id=conversation_id, news=told)
    held = {"turn_id": floor.turn_id, "attempt": floor.attempt, "keep": floor.keep}
    return tx.later(Q.append_with_floor, id=conversation_id, news=told, **held)


async def follow(
    db: Database,
    hub: Hub,
    tenant_id: TenantId,
    conversation_id: ConversationId,
    after: int,
    *,
    staff: bool = False,
    to_the_end: bool = False,
    attached: Listener | None = None,
) -> AsyncIterator[Event | Passing]:
    """Everything after a number, then live, without gap or double. Reads the table where hearing is not enough.

    Goes on until this process is about to stop; `to_the_end`: and then too, for somebody who waits for an answer. `attached`
    has heard all that came after the number.
    """
    with hub.listen(conversation_id, attached) as listener:
        news: list[Event | Passing] = []
        if attached is None:
            news += await read(db, tenant_id, conversation_id, after, staff=staff)
        while True:
            for item in news:
                if isinstance(item, Event):
                    after = item.seq
                yield item
            heard = await listener.next() if len(news) < BATCH else Stale()
            if isinstance(heard, Closing):
                if not to_the_end:
                    return
                news = []
            elif isinstance(heard, Passing) or (isinstance(heard, Event) and heard.seq == after + 1):
                news = [heard] if _visible(heard, staff) else []
                if isinstance(heard, Event):
                    after = heard.seq
            elif isinstance(heard, Event) and heard.seq <= after:
                news = []
            else:
                news = list(await read(db, tenant_id, conversation_id, after, staff=staff))


async def read(
    db: Database, tenant_id: TenantId, conversation_id: ConversationId, after: int, *, staff: bool = False
) -> list[Event]:
    """The next BATCH events after a number."""
    async with db.reading(tenant_id) as tx:
        found = tx.later(Q.events_after, id=conversation_id, after=after, staff=staff)
    return [Event(tenant_id, conversation_id, row.seq, row.kind, row.for_staff, row.data) for row in found.all(Stored)]


async def frontier(db: Database) -> str:
    """Where a new listener to everything begins: every later commit comes after it."""
    return f"{(await db.alone(Q.frontier)).one(Frontier).xact}.0"


async def follow_tenant(
    db: Database, hub: Hub, tenant_id: TenantId, cursor: str
) -> AsyncIterator[tuple[str, Event] | Passing]:
    """Every event of the tenant after a cursor (`frontier`'s, or one that came with an event), with its cursor; then live."""
    with hub.listen_tenant(tenant_id) as listener:
        while True:
            while batch := await _read_tenant(db, tenant_id, cursor):
                for place, event in batch:
                    cursor = place
                    yield place, event
            heard: Item = await listener.next()
            if isinstance(heard, Closing):
                return
            if isinstance(heard, Passing):
                yield heard


async def _read_tenant(db: Database, tenant_id: TenantId, cursor: str) -> list[tuple[str, Event]]:
    """A cursor is `transaction.count`: so many events of that transaction have been seen."""
    xact, _, seen = cursor.partition(".")
    async with db.tenant(tenant_id) as tx:
        rows = await tx.all(Q.tenant_events_after, TenantStored, after=xact, seen=int(seen))
    found: list[tuple[str, Event]] = []
    counts: dict[str, int] = {xact: int(seen)}
    for row in rows:
        counts[row.xact] = counts.get(row.xact, 0) + 1
        found.append(
            (
                f"{row.xact}.{counts[row.xact]}",
                Event(tenant_id, row.conversation_id, row.seq, row.kind, row.for_staff, row.data),
            )
        )
    return found


def is_cursor(text: str) -> bool:
    """Whether this can be a cursor of follow_tenant."""
    return re.fullmatch(r"[0-9]{1,19}\.[0-9]{1,6}", text) is not None


class Backstop:
    """Looks into the table for news of any tenant since the last look."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._after: str | None = None

    async def look(self) -> list[tuple[UUID, UUID]]:
        """Conversations with news; the first look only notes where it begins."""
        async with self._db.nobody() as tx:
            now = (await tx.one(Q.frontier, Frontier)).xact
            rows = await tx.all(Q.news_since, NewsRow, after=self._after) if self._after else []
        self._after = now
        return [(row.tenant_id, row.conversation_id) for row in rows]


@dataclass(frozen=True, slots=True)
class NewsRow:
    """A conversation with news."""

    tenant_id: TenantId
    conversation_id: ConversationId


def show_turn(turn_id: UUID) -> str:
    """A turn's id as events carry it."""
    return ids.show("trn", turn_id)


def _visible(item: Event | Passing, staff: bool) -> bool:
    return staff or not item.for_staff
