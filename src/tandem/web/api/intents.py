"""How a message is understood, without answering it."""

import time

import pydantic
from fastapi import APIRouter
from starlette.responses import Response

from tandem.intents import signals, starter
from tandem.intents.starter import UNKNOWN
from tandem.tenants import policy
from tandem.web.doors import KbReader
from tandem.web.json import JSON, Input
from tandem.web.parts import P

router = APIRouter(prefix="/v1/intents")


@router.get("")
async def list_intents(caller: KbReader) -> Response:
    """The intents that messages are understood by."""
    items = [
        {"name": i.name, "title": i.title, "description": i.description, "requires_action": i.requires_action}
        for i in starter.load().intents
    ]
    return JSON({"items": items})


class Words(Input):
    """A message, and what was said before it."""

    text: str = pydantic.Field(min_length=1, max_length=20_000)
    history: list[dict[str, str]] = pydantic.Field(default_factory=list)


@router.post("/classify")
async def classify(caller: KbReader, body: Words, parts: P) -> Response:
    """Every intent with a confidence worth showing, what the product says it is about, and the signals."""
    began = time.perf_counter()
    async with parts.db.tenant(caller.tenant_id) as tx:
        rules = (await policy.get(tx)).rules
    classifier = await parts.classifiers.starter()
    guesses = classifier.classify(await parts.models.shipped.embed_query(body.text))
    top = guesses[0]
    heard = signals.read(body.text, escalate_words=rules.escalate_words)
    shown = {
        "intents": [
            {"name": guess.name, "confidence": round(guess.confidence, 4)}
            for guess in guesses
            if guess.confidence >= 0.01 or guess.name == UNKNOWN
        ],
        "asserted": [top.name if top.confidence >= rules.thresholds.intent else UNKNOWN],
        "urgency": heard.urgency,
        "sentiment": heard.sentiment,
        "signals": heard.as_json(),
        "classifier_used": parts.classifiers.version,
        "latency_ms": round((time.perf_counter() - began) * 1000, 2),
    }
    return JSON(shown)
