"""A tenant's intents and their examples: the starter set until somebody edits, then a copy of it that is the tenant's own.

Knows nothing about how a classifier is learned from them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tandem import ids
from tandem.db import Queries, Tx
from tandem.errors import Malformed, NotFound
from tandem.intents import starter
from tandem.intents.starter import UNKNOWN, Example

Q = Queries("tandem.intents")

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,79}")
MOST_INTENTS = 300
MOST_EXAMPLES = 50_000
"""Of a tenant. 15,000 are learned from in two minutes."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An intent with the number of its examples."""

    name: str
    title: str
    description: str
    parent: str
    category: str
    requires_action: bool
    examples: int


@dataclass(frozen=True, slots=True)
class ExampleRow:
    """A text and the intents it carries; `source` says what brought it."""

    text: str
    intents: list[str]
    source: str


@dataclass(frozen=True, slots=True)
class Count:
    """A count."""

    count: int


@dataclass(frozen=True, slots=True)
class Name:
    """An intent's name."""

    name: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The same words with different intents."""

    text: str
    intents: tuple[str, ...]


async def catalogue(tx: Tx) -> tuple[list[Stored], bool]:
    """The intents with `unknown` last, and whether they are the tenant's own."""
    own = await tx.all(Q.intents, Stored)
    if own:
        strange = (await tx.one(Q.unknown_examples, Count)).count
        return [*own, _unknown(strange)], True
    seed = starter.load()
    counted = {
        name: sum(name in e.intents for e in seed.examples) for name in (*(i.name for i in seed.intents), UNKNOWN)
    }
    shown = [
        Stored(i.name, i.title, i.description, "", i.category, i.requires_action, counted[i.name]) for i in seed.intents
    ]
    return [*sorted(shown, key=lambda intent: intent.name), _unknown(counted[UNKNOWN])], False


def _unknown(examples: int) -> Stored:
    return Stored(
        UNKNOWN, "None of our business", "What the assistant should not try to answer.", "", "", False, examples
    )


async def everything(tx: Tx) -> list[Example]:
    """Every example: the tenant's own, or the starter set's."""
    if (await tx.one(Q.own, Count)).count == 0:
        return list(starter.load().examples)
    return [Example(row.text, tuple(row.intents)) for row in await tx.all(Q.examples, ExampleRow)]


async def of(tx: Tx, name: str) -> list[ExampleRow]:
    """An intent's examples, newest first, 5,000 at most. Raises NotFound."""
    found, own = await catalogue(tx)
    if name not in {intent.name for intent in found}:
        raise NotFound("There is no such intent.")
    if own:
        return await tx.all(Q.examples_of, ExampleRow, name=name)
    return [ExampleRow(e.text, list(e.intents), "starter") for e in starter.load().examples if name in e.intents]


async def put(tx: Tx, intent: Stored, texts: Sequence[str] | None) -> None:
    """Make or change an intent; with `texts` those become its examples, and none else. Raises Malformed."""
    await _make_own(tx)
    if intent.name != UNKNOWN:
        await _check_parent(tx, intent)
        values = {name: getattr(intent, name) for name in Stored.__slots__ if name != "examples"}
        await tx.run(Q.put_intent, **values)
        await _check_number(tx)
    if texts is not None:
        await _clear(tx, intent.name)
        await _insert(tx, [Example(text, (intent.name,)) for text in texts], "added")


async def add(tx: Tx, found: Sequence[Example], source: str = "added") -> tuple[int, list[Contradiction]]:
    """Add examples, and intents that they name; how many were new, and which texts now say different things. Raises Malformed."""
    await _make_own(tx)
    names = sorted({name for example in found for name in example.intents} - {UNKNOWN})
    for name in names:
        check_name(name)
    await tx.run(Q.name_intents, names=names)
    await _check_number(tx)
    added = await _insert(tx, found, source)
    texts = {neutral(example.text) for example in found}
    everyone = await everything(tx)
    if len(everyone) > MOST_EXAMPLES:
        raise Malformed(f"A tenant has at most {MOST_EXAMPLES:,} examples.")
    return added, [c for c in contradictions(everyone) if neutral(c.text) in texts]


async def remove(tx: Tx, name: str) -> None:
    """An intent goes with its examples; after the last one the starter set holds again. Raises NotFound."""
    found, _ = await catalogue(tx)
    if name not in {intent.name for intent in found} or name == UNKNOWN:
        raise NotFound("There is no such intent.")
    await _make_own(tx)
    await _clear(tx, name)
    await tx.maybe(Q.remove_intent, Name, name=name)


def check_name(name: str) -> None:
    """Raises Malformed."""
    if not NAME.fullmatch(name):
        raise Malformed(
            f"{name[:80]!r} is no name for an intent: letters, digits and _ . : - only, 80 at most.",
            errors=[{"field": "intent", "message": "letters, digits and _ . : - only"}],
        )


def neutral(text: str) -> str:
    """The text without what makes no difference: case, spaces, the sign at its end."""
    return " ".join(text.lower().split()).rstrip(".!?… ")


def contradictions(found: Iterable[Example]) -> list[Contradiction]:
    """Texts that stand more than once and with different intents. A text that carries several in one example is none."""
    by_text: dict[str, dict[tuple[str, ...], str]] = {}
    for example in found:
        by_text.setdefault(neutral(example.text), {}).setdefault(tuple(sorted(example.intents)), example.text)
    return [
        Contradiction(next(iter(sets.values())), tuple(sorted({name for names in sets for name in names})))
        for sets in by_text.values()
        if len(sets) > 1
    ]


async def _make_own(tx: Tx) -> None:
    """The first edit copies the starter set."""
    await tx.run(Q.lock)
    if (await tx.one(Q.own, Count)).count:
        return
    seed = starter.load()
    await tx.run(
        Q.copy_intents,
        names=[i.name for i in seed.intents],
        titles=[i.title for i in seed.intents],
        descriptions=[i.description for i in seed.intents],
        categories=[i.category for i in seed.intents],
        actions=[i.requires_action for i in seed.intents],
    )
    await _insert(tx, seed.examples, "starter")


async def _insert(tx: Tx, found: Sequence[Example], source: str) -> int:
    if not found:
        return 0
    return (
        await tx.one(
            Q.add_examples,
            Count,
            ids=[ids.new() for _ in found],
            texts=[example.text for example in found],
            intents=[",".join(sorted(set(example.intents))) for example in found],
            source=source,
        )
    ).count


async def _clear(tx: Tx, name: str) -> None:
    await tx.run(Q.clear_examples, name=name)
    await tx.run(Q.remove_leftovers, name=name)


async def _check_parent(tx: Tx, intent: Stored) -> None:
    if not intent.parent:
        return
    above = {each.name: each.parent for each in await tx.all(Q.intents, Stored)}
    if intent.parent not in above:
        raise Malformed(
            f"There is no intent {intent.parent!r}.", errors=[{"field": "parent", "message": "must be an intent"}]
        )
    step = intent.parent
    while step:
        if step == intent.name:
            raise Malformed(
                "An intent cannot be its own parent.", errors=[{"field": "parent", "message": "makes a circle"}]
            )
        step = above.get(step, "")


async def _check_number(tx: Tx) -> None:
    if len(await tx.all(Q.intents, Stored)) > MOST_INTENTS:
        raise Malformed(f"A tenant has at most {MOST_INTENTS} intents.")
