"""The tenant's own HTTP service: one POST with the arguments as JSON, or a request of the service's own design (layout.py), signed,
a change under its Idempotency-Key.

2xx with JSON: done. Other 4xx than these: for certain not done. 408, 409, 425, 429, 5xx, silence, half an answer: unknown.
"""

import time

import orjson

from tandem.actions import signing
from tandem.actions.definition import Request
from tandem.actions.handlers import layout
from tandem.actions.handlers.outcome import Order, Outcome
from tandem.outgoing import Answer, AnswerTooLarge, Caps, Client, OddAnswer, Unconnected, Unreachable
from tandem.outgoing.failures import ForbiddenAddress, NotAnAddress

UNSURE = frozenset((408, 409, 425, 429))
"""Refusals that may mean: it is being done."""

LARGEST = 1_000_000
"""Bytes of an answer: more is no record of a customer's."""


async def call(client: Client, order: Order, request: Request | None = None) -> Outcome:
    """Send it and read what became of it. `request`: how the service wants to be asked. What is signed is the very body, which is
    empty where there is none."""
    try:
        laid = layout.lay(order.url, request, order.body)
    except layout.Misfit as misfit:
        return Outcome.failed(str(misfit))
    headers = laid.headers | signing.headers(order.message_id, int(time.time()), laid.content or b"", order.secrets)
    headers |= {"accept": "application/json"}
    if order.changes:
        headers["idempotency-key"] = order.message_id
    if order.customer is not None:
        headers["tandem-customer"] = order.customer.encode("ascii", "backslashreplace").decode()
    caps = Caps(bytes=LARGEST, seconds=order.timeout_s, redirects=0)
    try:
        answer = await client.ask(laid.url, method=laid.method, headers=headers, content=laid.content, caps=caps)
    except (Unconnected, ForbiddenAddress, NotAnAddress) as problem:
        return Outcome("unreached", None, problem.detail)
    except (Unreachable, AnswerTooLarge, OddAnswer) as problem:
        return Outcome.unknown(problem.detail)
    return _read(answer)


def _read(answer: Answer) -> Outcome:
    try:
        said = orjson.loads(answer.body) if answer.body else {}
    except orjson.JSONDecodeError:
        said = None
    if 200 <= answer.status < 300:
        return Outcome.unknown("It answers with something that is no JSON.") if said is None else Outcome.done(said)
    if 400 <= answer.status < 500 and answer.status not in UNSURE:
        return Outcome.failed(error(said) or f"It was refused ({answer.status}).")
    return Outcome.unknown(f"It answers {answer.status}.")


def error(said: object) -> str:
    """The sentence that the service gives, whatever it calls it."""
    if not isinstance(said, dict):
        return ""
    found = next((said[name] for name in ("error", "detail", "message") if name in said), "")
    if isinstance(found, dict):
        found = found.get("message", "")
    return found.strip() if isinstance(found, str) else ""
