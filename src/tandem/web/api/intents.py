"""The intents that messages are understood by: their examples, learning from them, and understanding without answering."""

import time
from typing import Annotated, Any, Literal

import pydantic
from fastapi import APIRouter
from starlette.responses import Response

from tandem import ids
from tandem.answering import tools
from tandem.errors import Malformed
from tandem.intents import examples, promoting, repeating, signals, understanding, versions
from tandem.intents.examples import Stored
from tandem.intents.starter import UNKNOWN, Example
from tandem.intents.versions import Live
from tandem.web.doors import KbReader, KbWriter
from tandem.web.json import JSON, Input, Nothing
from tandem.web.once import OnceRoute
from tandem.web.parts import P

router = APIRouter(prefix="/v1/intents", route_class=OnceRoute)

LONGEST = 20_000
"""Characters of an example: a rant of 2,000 words, as the messages themselves."""

AT_ONCE = 1000
"""Examples in one call."""

Phrase = Annotated[str, pydantic.Field(min_length=1, max_length=LONGEST, pattern=r"\S")]
Name = Annotated[str, pydantic.Field(min_length=1, max_length=80)]


class Described(Input):
    """An intent. What is not named stays; `examples` become all of its examples."""

    title: str | None = pydantic.Field(default=None, max_length=200)
    description: str | None = pydantic.Field(default=None, max_length=2000)
    parent: str | None = pydantic.Field(default=None, max_length=80)
    category: str | None = pydantic.Field(default=None, max_length=80)
    requires_action: bool | None = None
    examples: list[Phrase] | None = pydantic.Field(default=None, max_length=AT_ONCE)


class Labelled(Input):
    """An example with its intent or intents."""

    text: Phrase
    intent: Name | None = None
    intents: list[Name] | None = pydantic.Field(default=None, min_length=1, max_length=10)

    @property
    def names(self) -> tuple[str, ...]:
        """The intents, each once."""
        return tuple(dict.fromkeys(self.intents or ([self.intent] if self.intent else [])))


class Bulk(Input):
    """Examples to add."""

    examples: list[Labelled] = pydantic.Field(min_length=1, max_length=AT_ONCE)


class Before(Input):
    """What was said before."""

    role: Literal["user", "assistant", "agent"]
    text: str = pydantic.Field(max_length=LONGEST)


class Words(Input):
    """A message, and what was said before it."""

    text: str = pydantic.Field(min_length=1, max_length=LONGEST)
    history: list[Before] = pydantic.Field(default_factory=list, max_length=50)


@router.get("")
async def list_intents(caller: KbReader, parts: P) -> Response:
    """The intents that messages are understood by, and the classifier that was learned from them."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found, own = await examples.catalogue(tx)
        live, latest = await versions.live(tx), await versions.latest(tx)
        stale = await promoting.is_stale(tx)
    shown = [{**_intent(intent), "held_out": _figures(live, intent.name)} for intent in found]
    return JSON(
        {"items": shown, "own": own, "live": _version(live), "latest": _version(latest), "untrained_changes": stale}
    )


@router.get("/{name}/examples")
async def list_examples(caller: KbReader, name: str, parts: P) -> Response:
    """An intent's examples, newest first, 5,000 at most."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await examples.of(tx, name)
    return JSON({"items": [{"text": e.text, "intents": e.intents, "source": e.source} for e in found]})


@router.put("/{name}")
async def put_intent(caller: KbWriter, name: str, body: Described, parts: P) -> Response:
    """Make or change an intent, to be trained afterwards. The first change makes the starter set the tenant's own."""
    examples.check_name(name)
    async with parts.db.tenant(caller.tenant_id) as tx:
        known = {intent.name: intent for intent in (await examples.catalogue(tx))[0]}
        before = known.get(name, Stored(name, "", "", "", "", False, 0))
        given = {key: value for key, value in body.model_dump(exclude={"examples"}).items() if value is not None}
        wanted = Stored(**{**{key: getattr(before, key) for key in Stored.__slots__}, **given})
        await examples.put(tx, wanted, _each_once(body.examples))
        now = next(intent for intent in (await examples.catalogue(tx))[0] if intent.name == name)
    return JSON({**_intent(now), "warnings": _too_few(now)})


@router.delete("/{name}", status_code=204)
async def delete_intent(caller: KbWriter, name: str, parts: P) -> Response:
    """The intent and its examples go."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        await examples.remove(tx, name)
    return Response(status_code=204)


@router.post("/examples")
async def add_examples(caller: KbWriter, body: Bulk, parts: P) -> Response:
    """Add up to 1,000 examples; intents that they name and nobody described are made. Texts that now say different things are reported."""
    found = [Example(row.text.strip(), row.names) for row in body.examples]
    for place, example in enumerate(found):
        if not example.intents:
            where = f"examples.{place}.intent"
            raise Malformed("An example has no intent.", errors=[{"field": where, "message": "name an intent"}])
    async with parts.db.tenant(caller.tenant_id) as tx:
        added, against = await examples.add(tx, found)
    shown = [{"text": each.text, "intents": list(each.intents)} for each in against]
    return JSON({"added": added, "known_before": len(found) - added, "contradictions": shown})


@router.post("/train", status_code=202)
async def train(caller: KbWriter, parts: P, body: Nothing | None = None) -> Response:
    """Learn from the examples in the worker. The result says whether the new version answers, and why not if it does not."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        job = await parts.queue.add(tx, promoting.TRAIN, lock=f"{promoting.TRAIN} {caller.tenant_id}")
    return JSON({"job_id": ids.show("job", job)}, 202)


@router.post("/rollback")
async def roll_back(caller: KbWriter, parts: P, body: Nothing | None = None) -> Response:
    """The version before answers again; version 0 is the starter set's."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        number = await versions.roll_back(tx, caller.name)
    return JSON({"version": number})


@router.post("/classify")
async def classify(caller: KbReader, body: Words, parts: P) -> Response:
    """Every intent with a confidence worth showing, what the product says it is about, and the signals."""
    began = time.perf_counter()
    async with parts.db.reading(caller.tenant_id) as tx:
        standing = await tools.standing(tx)
    rules = standing.rules.rules
    ready = await parts.classifiers.of(parts.db, caller.tenant_id, standing.understood_by)
    before = [said.text for said in body.history if said.role == "user"]
    toolbox = parts.desk.tools
    async with toolbox.billed(caller.tenant_id, standing):
        sure = rules.thresholds.intent
        found = await understanding.read(ready, body.text, sure, before=before, model=toolbox.classifying)
    embedder = parts.models.shipped
    earlier = [repeating.Earlier(text, await embedder.embed_query(text)) for text in before[-4:]]
    vector = await embedder.embed_query(body.text)
    repeats = repeating.repeats(body.text, vector, earlier)
    words = rules.escalate_words
    heard = signals.read(body.text, escalate_words=words, before=before[-4:], repeats=repeats, vector=vector)
    heard = heard.pressed(found.urgency)
    shown = {
        "intents": [
            {"name": guess.name, "confidence": round(guess.confidence, 4)}
            for guess in found.guesses
            if guess.confidence >= 0.01 or guess.name == UNKNOWN
        ],
        "asserted": list(found.asserted),
        "urgency": heard.urgency,
        "sentiment": heard.sentiment,
        "language": heard.language,
        "signals": heard.as_json(),
        "classifier_used": found.used,
        "latency_ms": round((time.perf_counter() - began) * 1000, 2),
    }
    return JSON(shown)


def _each_once(texts: list[str] | None) -> list[str] | None:
    return None if texts is None else list(dict.fromkeys(text.strip() for text in texts))


def _intent(i: Stored) -> dict[str, Any]:
    return {
        "name": i.name,
        "title": i.title,
        "description": i.description,
        "parent": i.parent or None,
        "category": i.category or None,
        "requires_action": i.requires_action,
        "examples": i.examples,
    }


def _too_few(i: Stored) -> list[str]:
    if i.examples >= 5:
        return []
    return [f"{i.examples} {'example' if i.examples == 1 else 'examples'}: five or more give a useful start."]


def _figures(live: Live | None, name: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = live.metrics.get("by_intent", {}).get(name) if live else None
    return found


def _version(v: Live | None) -> dict[str, Any] | None:
    if v is None:
        return None
    shown = {key: value for key, value in v.metrics.items() if key != "by_intent"}
    return {
        "version": v.version,
        "reason": v.reason,
        "created_at": v.created_at,
        "promoted_at": v.promoted_at,
        "metrics": shown,
    }
