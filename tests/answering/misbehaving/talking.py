"""Customers who talk to the real desk while its model misbehaves, each conversation with a behaviour of its own.

Messages go in at the desk and events come out of the conversation's log, in the process of the site: what a browser adds has tests
of its own. The model is asked over HTTP. A message carries `#12x3#`, its conversation and its place there, by which the stub knows
whom it is talking to. Knows nothing about what may be said.
"""

import asyncio
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import PrivateAttr

from tandem import ids
from tandem.answering.receiving import Incoming, Received
from tandem.conversations import log
from tandem.events import Event
from tandem.llm.breaker import Breaker, Permit
from tandem.llm.failures import ModelFailed
from tandem.llm.lines import Line
from tandem.llm.stub import Behaviour, Pace
from tandem.llm.stub.asked import Asked
from tandem.llm.stub.said import Reply
from tandem.llm.stub.scripts import Adversary, Script
from tests.answering.misbehaving.articles import ARTICLES, ASSERTING, FOR_STAFF, OF_RIVAL, OF_SOMEBODY, QUESTIONS
from tests.answering.misbehaving.lies import LIES
from tests.cast import Client
from tests.web.site import Site

MIXED = "mixed"
"""Another behaviour at every request."""

FAILING = "failing"
"""Three requests of ten fail, in one way or another."""

FAILURES = (
    Behaviour.SERVER_ERROR, Behaviour.OVERLOADED, Behaviour.RATE_LIMITED, Behaviour.CUT_OFF, Behaviour.DROPPED, Behaviour.FAILS_MIDWAY,
    Behaviour.GARBAGE, Behaviour.INVALID_JSON, Behaviour.EMPTY, Behaviour.HANG, Behaviour.SLOW_FIRST_TOKEN, Behaviour.SLOW_DRIP,
)  # fmt: skip
SILENT = (Behaviour.HANG, Behaviour.SLOW_FIRST_TOKEN, Behaviour.SLOW_DRIP)
NAMES = (*Behaviour, *LIES, MIXED)
WAITING = (*SILENT, FAILING)
PACE = Pace(tokens_per_piece=4, slow_first_token_ms=60_000, slow_gap_ms=500)
"""A drip that is never silent for long enough to be given up for that: only the turn's own end does it."""

AT_ONCE = 6
"""Conversations that keep the processor busy; those whose model is silent only wait, and are not counted."""

SPREAD_S = 15.0
"""The silent ones begin within this time, so that they do not all end in the same moment."""

GIVE_UP_S = 12.0
"""Whoever has no answer by then has none."""

BEAT_S = 0.05
DUE_S = 0.02
"""What a beat may take longer on an idle machine."""

BUSY_S = 0.3
TURNS = (1, 2, 3, 4)
MARK = re.compile(r"#(\d+)x(\d+)#")


@dataclass(slots=True)
class Told:
    """A message and everything that came back, up to `done`. `late_s`: how long neither the loop nor the database got on meanwhile."""

    name: str
    number: int
    place: int
    text: str
    who: Client
    conversation_id: str = ""
    message_id: str = ""
    seconds: float = 0.0
    late_s: float = 0.0
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def done(self) -> dict[str, Any] | None:
        """How it ended, if it did."""
        return next((data for kind, data in self.events if kind == "done" and self.message_id in data["answers"]), None)

    @property
    def released(self) -> str:
        """What was released of the answer, since it was last begun anew."""
        begun = max((at for at, (kind, _) in enumerate(self.events) if kind == "restarted"), default=0)
        return "".join(data["text"] for kind, data in self.events[begun:] if kind == "delta")


@dataclass(slots=True)
class Talk:
    """A run: who said what, and which behaviour met which message."""

    site: Site
    seed: int
    told: list[Told] = field(default_factory=list)
    met: dict[str, set[tuple[int, int]]] = field(default_factory=lambda: defaultdict(set))
    names: dict[int, str] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    """Of the documents that the customers may see, by id."""
    asked: Counter[str] = field(default_factory=Counter)
    _late_s: float = 0.0
    _lag_s: float = 0.0
    _beat: float = field(default_factory=time.monotonic)
    _number: int = 0

    # ------------------------------------------------------------------ the model

    def said(self, asked: Asked) -> Reply | Behaviour | None:
        """What the model does with a request."""
        found = MARK.search(asked.last)
        if found is None:
            return None
        number, place = int(found[1]), int(found[2])
        dice = random.Random(f"{self.seed}:{number}:{place}:said")
        name = conversation = self.names.get(number, "")
        if not name:
            return None  # left over from a run before
        if name == MIXED:
            name = dice.choice([each for each in NAMES if each not in (MIXED, *SILENT)])
        if name == FAILING:
            name = dice.choice(FAILURES) if dice.random() < 0.3 else Behaviour.GOOD
        self.asked[name] += 1
        self.met[conversation].add((number, place))
        return LIES[name](asked, dice) if name in LIES else Behaviour(name)

    # ------------------------------------------------------------------ the customers

    def run(self, wanted: Mapping[str, int]) -> None:
        """Talk until each behaviour has met so many messages, on the site's own loop."""
        asyncio.run_coroutine_threadsafe(self._run(dict(wanted)), self.site.loop).result()

    async def _run(self, wanted: Mapping[str, int]) -> None:
        self._beat = time.monotonic()
        pulse = asyncio.create_task(self._pulse())
        free = asyncio.Semaphore(AT_ONCE)
        try:
            for _ in range(8):
                missing = {name: most - len(self.met[name]) for name, most in wanted.items()}
                await asyncio.gather(*self._conversations(missing, free))
                if all(len(self.met[name]) >= most for name, most in wanted.items()):
                    return
        finally:
            pulse.cancel()
            await asyncio.gather(pulse, return_exceptions=True)

    def _conversations(
        self, missing: Mapping[str, int], free: asyncio.Semaphore
    ) -> Iterator[Coroutine[Any, Any, None]]:
        planned = []
        for name, turns in missing.items():
            while turns > 0:
                number, self._number = self._number, self._number + 1
                length = min(turns, random.Random(f"{self.seed}:{number}:length").choice(TURNS))
                self.names[number], turns = name, turns - length
                planned.append((number, length))
        random.Random(f"{self.seed}:{self._number}").shuffle(planned)
        for number, length in planned:
            yield (
                self._patiently(number, length) if self.names[number] in WAITING else self._busily(number, length, free)
            )

    async def _patiently(self, number: int, length: int) -> None:
        await asyncio.sleep(random.Random(f"{self.seed}:{number}:wait").uniform(0, SPREAD_S))
        await self._converse(number, length)

    async def _busily(self, number: int, length: int, free: asyncio.Semaphore) -> None:
        async with free:
            await self._converse(number, length)

    async def _converse(self, number: int, length: int) -> None:
        dice = random.Random(f"{self.seed}:{number}")
        who = dice.choice((self.site.cast.cy, self.site.cast.dee))
        questions = dice.sample(QUESTIONS, length)
        if dice.random() < 0.15 or self.names[number] == "believes_customer":
            questions[dice.randrange(length)] = dice.choice(ASSERTING)
        conversation_id = ""
        for place, question in enumerate(questions, 1):
            told = Told(self.names[number], number, place, f"{question} #{number}x{place}#", who, conversation_id)
            self.told.append(told)
            await self._ask(told)
            conversation_id = told.conversation_id
            if told.done is None or told.done["escalated"]:
                return
            if self.names[number] == FAILING:
                self.met[FAILING].add((number, place))  # where the breaker is open nobody asks the model

    async def _ask(self, told: Told) -> None:
        await self._room()
        parts, began, late = self.site.parts, time.monotonic(), self.late
        where = ids.ConversationId(ids.read("cnv", told.conversation_id)) if told.conversation_id else None
        received = await parts.desk.receive(
            Incoming(told.who.tenant_id, told.who.id, told.who.verified, told.text, where, str(ids.new()))
        )
        told.conversation_id = ids.show("cnv", received.conversation_id)
        told.message_id = ids.show("msg", received.message_id)
        reading = asyncio.create_task(self._read(told, received))
        while not reading.done() and time.monotonic() - began - (self.late - late) < GIVE_UP_S:
            await asyncio.wait([reading], timeout=1.0)
        told.seconds, told.late_s = time.monotonic() - began, self.late - late
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)

    async def _read(self, told: Told, received: Received) -> None:
        parts, place = self.site.parts, (told.who.tenant_id, received.conversation_id, received.after)
        async with aclosing(log.follow(parts.db, parts.hub, *place)) as heard:  # type: ignore[type-var]
            async for item in heard:
                if isinstance(item, Event):
                    told.events.append((item.kind, item.data))
                    if told.done is not None:
                        return

    @property
    def late(self) -> float:
        """Seconds so far in which nobody got on: neither this loop nor the database."""
        return self._late_s + max(0.0, time.monotonic() - self._beat - BEAT_S)

    async def _pulse(self) -> None:
        """A beat is a pause and a question to the database; what it takes longer than the pause, the machine was late."""
        while True:
            self._beat = time.monotonic()
            await asyncio.sleep(BEAT_S)
            await log.read(self.site.parts.db, self.site.cast.acme.id, ids.ConversationId(ids.new()), 0)
            self._lag_s = time.monotonic() - self._beat - BEAT_S
            self._late_s += max(0.0, self._lag_s - DUE_S)

    async def _room(self) -> None:
        """Nobody writes while the machine is late: this is about models, and not about load."""
        while max(self._lag_s, time.monotonic() - self._beat - BEAT_S) > BUSY_S:
            await asyncio.sleep(BEAT_S)


class Lying(Script):
    """A script that never ends: the run decides."""

    _talk: Talk = PrivateAttr()

    def next(self, asked: Asked) -> Reply | Behaviour | None:
        """What the run says."""
        return self._talk.said(asked)


class Patient(Breaker):
    """Opens for nothing, so that every message meets the model."""

    def failed(self, permit: Permit, failure: ModelFailed) -> None:
        """Nothing is learned from it."""
        self.withdrawn(permit)


@contextmanager
def staged(site: Site, seed: int, *, breaker: bool = False) -> Iterator[Talk]:
    """The site knows the articles, and its model lies; with the `breaker` in front of it as in production, or without."""
    assert site.stub is not None
    talk = Talk(site, seed)
    for article in ARTICLES:
        talk.bodies[_learned(site, article.as_document())] = article.body
    _learned(site, FOR_STAFF.as_document())
    site.learn(**OF_RIVAL.as_document(), company=site.cast.rival)
    site.chat(site.newcomer(sub="moss-1", jti=f"moss-{ids.new()}"), OF_SOMEBODY)
    script = Lying(marker="", adversary=Adversary(), tools_only=False)
    script._talk = talk
    site.stub.scripts[""], site.stub.pace = script, PACE
    endpoints = tuple(site.parts.asked._endpoints)
    before = [endpoint.own for endpoint in endpoints]
    for endpoint in endpoints:
        endpoint.own = Line(endpoint.own.model, Breaker() if breaker else Patient())
    try:
        yield talk
    finally:
        for endpoint, own in zip(endpoints, before, strict=True):
            endpoint.own = own
        del site.stub.scripts[""]


def _learned(site: Site, document: dict[str, Any]) -> str:
    """The article's id, learned if it is not known yet."""
    known = site.get(site.cast.acme, "/v1/kb/documents", params={"limit": 100}).json()["items"]
    found = next((each["id"] for each in known if each["title"] == document["title"]), None)
    return str(found or site.learn(**document))


def shares(names: Sequence[str], turns: int) -> dict[str, int]:
    """So many turns with each."""
    return dict.fromkeys(names, turns)
