"""News within one process and between processes.

Rows of the table `events` are the truth; this room only says that there are new ones. A hub hands events that this
process has just committed to those who listen here, and tells the other processes' hubs by a bus (PostgreSQL's NOTIFY
or Redis), after the commit and with ids alone. What a bus loses, the backstop finds within two seconds.
Knows nothing about what an event means.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID
from weakref import WeakSet

import orjson

BACKSTOP_S = 1.5
"""Between two looks for news that no notice told of: with the look itself under the 2 s of fault table F16."""

GATHER_S = 0.01
"""Notices wait so long after a send to go together: under load some ten turns share one, and nobody sees the delay."""

BUFFER = 256
"""Events that a slow listener may fall behind before it has to read the table again (fault table F21)."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a conversation. `seq` counts 1, 2, 3 … within it."""

    tenant_id: UUID
    conversation_id: UUID
    seq: int
    kind: str
    for_staff: bool
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Passing:
    """Something worth showing now and not worth keeping: a step, somebody typing."""

    tenant_id: UUID
    conversation_id: UUID | None
    kind: str
    data: dict[str, Any]
    for_staff: bool = False


@dataclass(frozen=True, slots=True)
class Stale:
    """There is news that must be read from the table."""


@dataclass(frozen=True, slots=True)
class Closing:
    """This process is about to stop: whoever would listen for ever goes elsewhere."""


Item = Event | Passing | Stale | Closing


class Bus(Protocol):
    """Carries small notices to every other process. May lose them."""

    async def send(self, payloads: list[bytes]) -> None:
        """Send; raises on failure, and the notices are lost."""

    def hear(self) -> AsyncIterator[bytes | None]:
        """What others (and we) sent, None after a gap in listening, until closed."""


class Listener:
    """One reader's ear: a bounded queue that says Stale when it overflowed."""

    def __init__(self) -> None:
        self._items: deque[Item] = deque()
        self._something = asyncio.Event()

    def put(self, item: Item) -> None:
        """Never waits; an overflow is forgotten and replaced by Stale."""
        if len(self._items) >= BUFFER:
            self._items.clear()
            item = Stale()
        self._items.append(item)
        self._something.set()

    async def next(self) -> Item:
        """The next item."""
        while not self._items:
            self._something.clear()
            await self._something.wait()
        return self._items.popleft()


class Hub:
    """Everyone in this process who listens, and the way to the other processes."""

    def __init__(self, process_id: UUID) -> None:
        self.process_id = process_id
        self._conversations: dict[UUID, WeakSet[Listener]] = defaultdict(WeakSet)
        self._tenants: dict[UUID, WeakSet[Listener]] = defaultdict(WeakSet)
        self._outgoing: list[list[Any]] = []
        self._due = asyncio.Event()
        self._is_closing = False

    def attach(self, listener: Listener, conversation_id: UUID) -> None:
        """From now on this one hears the conversation, for as long as somebody holds it."""
        self._conversations[conversation_id].add(listener)
        self._greet(listener)

    @contextlib.contextmanager
    def listen(self, conversation_id: UUID, attached: Listener | None = None) -> Iterator[Listener]:
        """Hear one conversation; with the ears of one that does already."""
        with _joined(self._conversations, conversation_id, attached or Listener()) as listener:
            if attached is None:
                self._greet(listener)
            yield listener

    @contextlib.contextmanager
    def listen_tenant(self, tenant_id: UUID) -> Iterator[Listener]:
        """Hear everything of one tenant: Stale when events were committed, and what passes."""
        with _joined(self._tenants, tenant_id, Listener()) as listener:
            self._greet(listener)
            yield listener

    def publish(self, events: Iterable[Event]) -> None:
        """These have been committed: tell everyone."""
        tenants: set[UUID] = set()
        for event in events:
            for listener in self._conversations.get(event.conversation_id, ()):
                listener.put(event)
            tenants.add(event.tenant_id)
            self._outgoing.append(["n", event.tenant_id, event.conversation_id])
        for tenant_id in tenants:
            self._wake(self._tenants.get(tenant_id, ()))
        self._due.set()

    def pass_on(self, passing: Passing, *, elsewhere: bool = True) -> None:
        """Show this to whoever is looking right now. `elsewhere`: in other processes too (ids and short words only)."""
        self._show(passing)
        if elsewhere:
            self._outgoing.append(
                ["p", passing.tenant_id, passing.conversation_id, passing.kind, passing.data, passing.for_staff]
            )
            self._due.set()

    async def carry(self, bus: Bus) -> None:
        """Flush notices to the bus, many in one send, until cancelled. What a failing bus loses the backstop finds."""
        while True:
            await self._due.wait()
            self._due.clear()
            notices, self._outgoing = self._outgoing, []
            unique = {orjson.dumps(notice) for notice in notices}
            payloads = [orjson.dumps(self.process_id)[1:-1] + b" " + notice for notice in unique]
            try:
                await bus.send(payloads)
            except Exception:  # noqa: BLE001 — whatever a failing bus loses, the backstop finds
                await asyncio.sleep(0.2)
            await asyncio.sleep(GATHER_S)

    async def hear(self, bus: Bus) -> None:
        """Take in what other processes say, until cancelled."""
        own = str(self.process_id).encode()
        async for payload in bus.hear():
            if payload is None:
                self.wake_everyone()
                continue
            sender, _, notice = payload.partition(b" ")
            if sender != own:
                with contextlib.suppress(ValueError, LookupError, TypeError, AttributeError):  # no notice of ours
                    self._take(orjson.loads(notice))

    async def backstop(self, look: Callable[[], Awaitable[list[tuple[UUID, UUID]]]]) -> None:
        """Ask the table itself for news now and then, until cancelled. `look` returns (tenant, conversation) pairs.

        The first look only notes where it begins; whoever listens already reads the table once instead.
        """
        has_begun = False
        while True:
            self._forget_the_deaf()
            if self._conversations or self._tenants or not has_begun:
                with contextlib.suppress(Exception):
                    for tenant_id, conversation_id in await look():
                        self._wake(self._conversations.get(conversation_id, ()))
                        self._wake(self._tenants.get(tenant_id, ()))
                    if not has_begun:
                        self.wake_everyone()
                        has_begun = True
            await asyncio.sleep(BACKSTOP_S)

    def close(self) -> None:
        """This process stops: tell everyone who listens, and everyone who still comes."""
        self._is_closing = True
        for group in (*self._conversations.values(), *self._tenants.values()):
            for listener in group:
                listener.put(Closing())

    def wake_everyone(self) -> None:
        """Somebody may have missed something: everyone reads the table again."""
        for group in (*self._conversations.values(), *self._tenants.values()):
            self._wake(group)

    def _forget_the_deaf(self) -> None:
        """Conversations to which nobody listens any more: who was attached may just be gone."""
        for conversation_id in [key for key, group in self._conversations.items() if not group]:
            del self._conversations[conversation_id]

    def _greet(self, listener: Listener) -> None:
        if self._is_closing:
            listener.put(Closing())

    def _take(self, notice: list[Any]) -> None:
        if notice[0] == "n":
            self._wake(self._conversations.get(UUID(notice[2]), ()))
            self._wake(self._tenants.get(UUID(notice[1]), ()))
        else:
            conversation_id = UUID(notice[2]) if notice[2] else None
            self._show(Passing(UUID(notice[1]), conversation_id, notice[3], notice[4], notice[5]))

    def _show(self, passing: Passing) -> None:
        if passing.conversation_id and not passing.for_staff:
            for listener in self._conversations.get(passing.conversation_id, ()):
                listener.put(passing)
        for listener in self._tenants.get(passing.tenant_id, ()):
            listener.put(passing)

    @staticmethod
    def _wake(listeners: Iterable[Listener]) -> None:
        for listener in listeners:
            listener.put(Stale())


@contextlib.contextmanager
def _joined(groups: dict[UUID, WeakSet[Listener]], key: UUID, listener: Listener) -> Iterator[Listener]:
    groups[key].add(listener)
    try:
        yield listener
    finally:
        groups[key].discard(listener)
        if not groups[key]:
            del groups[key]
