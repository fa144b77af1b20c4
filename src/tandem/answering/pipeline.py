"""One message, start to end. This is the product; everything else carries messages to it and answers away.

    classify   what is it about, and how does the customer feel?
    route      does the assistant handle it, or a person?             rules alone
    retrieve   which passages bear on it, and do they hold the answer?
    act        what do our records say, and what may be done?        workflows; a model only proposes
    draft      sentences, each tied to a passage                      the model, or exact quotation
    guard      is each sentence proven?                               between draft and the customer, sentence by sentence
    decide     answer, ask, say that we do not know, or hand over

The same function runs in production, tests, evals and replay; they differ in the kit. No transaction is open while it
thinks. Whatever the model writes, nothing leaves but what `guard` let through, and `route` and `decide` never read it.
"""

import time
from collections.abc import Awaitable, Callable

from tandem.answering import act, classify, deadline, decide, draft, privacy, retrieve, route
from tandem.answering.turn import Asked, Kit, Turn


async def think(asked: Asked, kit: Kit) -> Turn:
    """Work out the answer to a message; what may be released has been told to `kit.teller` when this returns."""
    with deadline.begun(), privacy.under(asked.policy.rules, asked.names, asked.emails):
        return await _through(Turn(asked), kit)


async def _through(turn: Turn, kit: Kit) -> Turn:
    turn = await _step("classify", classify.understand, turn, kit)
    turn = await _step("route", route.choose, turn, kit)
    if turn.way.kind != "people":
        turn = await _step("retrieve", retrieve.find, turn, kit)
        turn = await _step("act", act.for_customer, turn, kit)
        turn = await _step("draft", draft.write, turn, kit)  # asks guard before every sentence
    return await _step("decide", decide.settle, turn, kit)


async def _step(name: str, step: Callable[[Turn, Kit], Awaitable[Turn]], turn: Turn, kit: Kit) -> Turn:
    began = time.perf_counter()
    await kit.teller.step(name)
    return (await step(turn, kit)).timed(name, (time.perf_counter() - began) * 1000)
