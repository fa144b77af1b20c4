"""Questions asked without a pause while a release is published and rolled back over and over: what did they mix?

The harbour has four ferries whose fares the release changes, one that it removes and one that it adds. Whoever asks must be
told of all fares of before, or of all fares of after, and of nothing in between.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

from tandem.answering.turn import Turn
from tandem.knowledge.search import Found
from tests.knowledge.shelf import Shelf

QUESTION = "What does the harbour ferry cost?"
CHANGED = ("ferry-1", "ferry-2", "ferry-3", "ferry-4")
REMOVED, ADDED = "ferry-5", "ferry-6"
ASKERS, EACH = 2, 4

BEFORE = {**dict.fromkeys(CHANGED, "4 euros"), REMOVED: "4 euros"}
AFTER = {**dict.fromkeys(CHANGED, "7 euros"), ADDED: "7 euros"}

Publish = Callable[[Shelf, UUID], Awaitable[object]]


@dataclass
class Heard:
    """What the askers were told: how often which state, and everything that was of neither."""

    before: int = 0
    after: int = 0
    mixed: list[str] = field(default_factory=list)

    def note(self, found: tuple[Found, ...], turn: Turn | None = None) -> None:
        """One search, and the answer that was made of it."""
        fares = {p.external_id: fare(p.text) for p in found if p.external_id and p.external_id.startswith("ferry-")}
        quoted = {fare(citation.quote) for citation in turn.draft.citations} if turn else set()
        states = {found.release for found in found}
        if fares == BEFORE and quoted <= {"4 euros"} and len(states) == 1:
            self.before += 1
        elif fares == AFTER and quoted <= {"7 euros"} and len(states) == 1:
            self.after += 1
        else:
            self.mixed.append(f"found {fares} of {states}, quoted {quoted}")


def fare(text: str) -> str:
    return next((price for price in ("4 euros", "7 euros") if price in text), "?")


def says(name: str, price: str) -> str:
    return f"# Harbour ferry of pier {name[-1]}\n\nThe harbour ferry from pier {name[-1]} costs {price}."


async def asked_meanwhile(shelf: Shelf, rounds: int, publish: Publish) -> Heard:
    """Ask while it is published, by `publish`, and rolled back, so many times or until something was mixed."""
    for name in BEFORE:
        await shelf.write(name, says(name, BEFORE[name]))
    heard, over = Heard(), asyncio.Event()
    askers = [asyncio.create_task(_ask(shelf, heard, over)) for _ in range(ASKERS)]
    try:
        for _ in range(rounds):
            await publish(shelf, await _drafted(shelf))
            await _more(lambda: heard.after + len(heard.mixed))
            if heard.mixed:
                break
            await _put_back(shelf)
            await _more(lambda: heard.before + len(heard.mixed))
    finally:
        over.set()
        await asyncio.gather(*askers)
    return heard


async def _more(count: Callable[[], int]) -> None:
    """Until so many more have been told of the state that holds now."""
    enough = count() + EACH
    async with asyncio.timeout(120):
        while count() < enough:
            await asyncio.sleep(0.01)


async def _drafted(shelf: Shelf) -> UUID:
    release = await shelf.draft("Fares")
    for name in AFTER:
        await shelf.write(name, says(name, AFTER[name]), release)
    await shelf.remove(REMOVED, release)
    await shelf.prove(release)
    return release


async def _put_back(shelf: Shelf) -> None:
    newest = shelf.rows(
        "select id from releases where tenant_id = %s and status = 'published' order by id desc limit 1"
    )
    assert await shelf.roll_back(newest[0][0]) == []


async def _ask(shelf: Shelf, heard: Heard, over: asyncio.Event) -> None:
    while not over.is_set():
        turn = await shelf.ask(QUESTION)
        heard.note(turn.evidence.passages, turn)
