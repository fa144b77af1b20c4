"""Would the oracle of the adversary notice? Each well-known mistake is planted into the running site, and the very check of
`tests/actions/test_adversary.py` has to say so; of the same scenes without a mistake it has nothing to say."""

import asyncio
import itertools
import json
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from tandem.actions import confirming, ledger
from tandem.actions.acting import Acting
from tandem.actions.carrying import LEASE_S, Carrier
from tandem.actions.checking import Checks
from tandem.actions.handlers import Handlers, Order, Outcome
from tandem.actions.ledger import Window
from tandem.actions.rules import Spent
from tandem.answering import calling, guard
from tandem.llm.stub import Stub
from tandem.llm.stub.said import Reply, ToolCall
from tests.actions import invariants, market
from tests.actions.attacking import Attack, Trace, staged
from tests.actions.backend import serving
from tests.cast import Cast
from tests.crash.acting import SOMETIMES, Vault
from tests.ground import Ground
from tests.web import site as sites
from tests.web.site import Site
from tests.web.sites import FOLDER

SEEDS = itertools.count(1)
Patch = pytest.MonkeyPatch
Scene = Callable[[Attack, aiohttp.ClientSession], Awaitable[None]]


@pytest.fixture(scope="module")
def turned_site(ground: Ground, cast: Cast) -> Iterator[Site]:
    """A site whose model is the stub, and that may reach loopback."""
    with (
        ground.database(ground.template.name) as place,
        sites.serve(
            place, cast, FOLDER, rate_limits=False, model="openai:tiny-1", stub=Stub(), outgoing_allow="127.0.0.1"
        ) as running,
    ):
        yield running


# ------------------------------------------------------------------ scenes


async def somebody_elses_order(raid: Attack, http: aiohttp.ClientSession) -> None:
    """An order of another customer's is to be refunded, and the card confirmed where there is one."""
    trace = await known(raid, http)
    order = {"order_id": market.orders_of((trace.customer or 0) + 1)[0]}
    answer = await raid.post(http, trace, "refund_order", order, None)
    if (card := answer.get("proposal")) is not None:
        trace.agreed.add(card["action_id"])
        await raid.post(http, trace, "refund_order", order, card["confirm_token"])


async def another_cards_token(raid: Attack, http: aiohttp.ClientSession) -> None:
    """One card's token is sent with another one's parameters."""
    trace = await known(raid, http)
    first, second = ({"order_id": order} for order in market.orders_of(trace.customer or 0)[:2])
    await raid.post(http, trace, "refund_order", first, None)
    card = (await raid.post(http, trace, "refund_order", second, None))["proposal"]
    await raid.post(http, trace, "refund_order", first, card["confirm_token"])


async def eight_at_once(raid: Attack, http: aiohttp.ClientSession) -> None:
    """One customer leaves eight notes at once, of two an hour."""
    trace = await known(raid, http)
    notes = [{"text": f"note {n}"} for n in range(8)]
    trace.asked += [("leave_note", note) for note in notes]
    await asyncio.gather(*(raid.post(http, trace, "leave_note", note, None) for note in notes))


async def an_answer_that_is_lost(raid: Attack, http: aiohttp.ClientSession) -> None:
    """The market does it and does not say so; what became of it is found out."""
    trace = await known(raid, http)
    note = {"text": "lost"}
    trace.asked.append(("leave_note", note))
    raid.market.failing = 1.0
    await raid.post(http, trace, "leave_note", note, None)
    raid.market.failing = 0.0
    await raid.settle()


def model_says(*steps: Reply) -> Scene:
    """A customer asks, and the model answers step by step."""

    async def scene(raid: Attack, http: aiohttp.ClientSession) -> None:
        trace = await known(raid, http)
        raid.planned[trace.number, trace.messages + 1] = list(steps)
        await raid.say(http, trace)

    return scene


def calls(*named: tuple[str, dict[str, Any]]) -> Reply:
    """A step of calls."""
    return Reply("", tuple(ToolCall(name, json.dumps(arguments)) for name, arguments in named))


note_and_look_up = model_says(calls(("leave_note", {"text": "x"}), ("opening_hours", {})))
look_up_then_note = model_says(calls(("opening_hours", {})), calls(("leave_note", {"text": "x"})))
a_claim = model_says(Reply("Done! I have cancelled the order of yours."))
a_polite_claim = model_says(Reply("Of course, I have cancelled your order. Would you like anything else?"))


async def known(raid: Attack, http: aiohttp.ClientSession) -> Trace:
    """A customer whom the company knows, in a conversation."""
    trace = await asyncio.to_thread(raid.arrive, len(raid.traces))
    while trace.customer is None:
        raid.traces.append(trace)
        trace = await asyncio.to_thread(raid.arrive, len(raid.traces))
    raid.traces.append(trace)
    raid.planned[trace.number, 1] = [Reply("none")]
    await raid.say(http, trace)
    return trace


# ------------------------------------------------------------------ mistakes


def skips_the_owner(monkeypatch: Patch) -> None:
    """Whose thing it is, nobody asks."""

    async def believes(*_: Any) -> None:
        return None

    monkeypatch.setattr(Checks, "own", believes)


def token_of_the_conversation(monkeypatch: Patch) -> None:
    """A token is good for whatever is proposed in its conversation."""
    token = confirming.token

    def unbound(sealer: Any, tenant_id: Any, conversation_id: Any, run_id: Any, mark: bytes) -> str:
        return token(sealer, tenant_id, conversation_id, uuid.UUID(int=0), b"")

    monkeypatch.setattr(confirming, "token", unbound)


def reads_limits_without_a_lock(monkeypatch: Patch) -> None:
    """What was done so far is read before anybody is alone with it."""

    async def unlocked(tx: Any, action: str, customer_id: Any, currency: str | None) -> Any:
        windows = await tx.all(ledger.Q.spent, Window, action=action, customer_id=customer_id, currency=currency)
        await asyncio.sleep(0.1)
        own = {("customer", each.name): Spent(each.own_count, each.own_minor) for each in windows}
        return own | {("tenant", each.name): Spent(each.all_count, each.all_minor) for each in windows}

    def together(*_: Any) -> None:
        return None

    monkeypatch.setattr(ledger, "alone", together)
    monkeypatch.setattr(ledger, "spent", unlocked)


def new_key_for_each_try(monkeypatch: Patch) -> None:
    """What is sent again comes under a key of its own."""
    order_of = Carrier._order

    async def renamed(carrier: Carrier, tx: Any, run: Any, definition: Any) -> Order:
        order = await order_of(carrier, tx, run, definition)
        return replace(order, message_id=f"act_{uuid.uuid4()}") if run.attempt else order

    monkeypatch.setattr(Carrier, "_order", renamed)


def takes_both_from_one_step(monkeypatch: Patch) -> None:
    """A change may stand beside a look-up."""

    def never(*_: Any) -> bool:
        return False

    monkeypatch.setattr(calling._Planner, "_changes", never)


def forgets_what_was_read(monkeypatch: Patch) -> None:
    """After results were read, what needs no confirmation is still done without."""
    propose = Acting.propose

    async def careless(acting: Acting, session: Any, name: str, arguments: object, *, careful: bool = False) -> Any:
        return await propose(acting, session, name, arguments)

    monkeypatch.setattr(Acting, "propose", careless)


def believes_the_model(monkeypatch: Patch) -> None:
    """What the model says is said."""

    def all_of_it(planner: Any) -> tuple[str, ...]:
        return (planner.text,)

    monkeypatch.setattr(calling._Planner, "_checked", all_of_it)


def believes_the_polite(monkeypatch: Patch) -> None:
    """A courtesy may say anything."""

    monkeypatch.setattr(guard, "is_courtesy", lambda *_: True)


def audits_nothing(monkeypatch: Patch) -> None:
    """Refusals leave no trace."""

    async def forgets(*_: Any, **__: Any) -> None:
        return None

    monkeypatch.setattr(ledger, "refuse", forgets)


MISTAKES = [
    (skips_the_owner, somebody_elses_order, "owner"),
    (token_of_the_conversation, another_cards_token, "confirmation"),
    (reads_limits_without_a_lock, eight_at_once, "limits"),
    (new_key_for_each_try, an_answer_that_is_lost, "no row"),
    (takes_both_from_one_step, note_and_look_up, "same step"),
    (forgets_what_was_read, look_up_then_note, "read before"),
    (believes_the_model, a_claim, "claim"),
    (believes_the_polite, a_polite_claim, "claim"),
    (audits_nothing, somebody_elses_order, "audit"),
]


@pytest.fixture(autouse=True)
def _loses_answers(monkeypatch: Patch) -> None:
    monkeypatch.setattr(market, "FAULTS", ("500_after",))


def played(site: Site, *scenes: Scene) -> list[str]:
    """What the oracle says after these scenes."""

    async def play(raid: Attack) -> None:
        async with aiohttp.ClientSession() as http:
            for scene in scenes:
                await scene(raid, http)

    with staged(site, next(SEEDS)) as raid:
        asyncio.run(play(raid))
        return invariants.findings(raid)


def test_without_a_mistake_nothing_is_found(turned_site: Site) -> None:
    assert played(turned_site, *{id(scene): scene for _, scene, _ in MISTAKES}.values()) == []


@pytest.mark.parametrize(("mistake", "scene", "said"), MISTAKES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_planted_mistake_is_found(
    turned_site: Site, monkeypatch: Patch, mistake: Callable[[Patch], None], scene: Scene, said: str
) -> None:
    mistake(monkeypatch)
    found = played(turned_site, scene)
    assert any(sentence.startswith(said) for sentence in found), found


class Killed(Exception):
    """The process is gone at this moment; its transaction with it."""


@pytest.mark.parametrize("is_eager", [False, True], ids=["sound", "sends_before_the_commit"])
def test_what_is_sent_before_the_commit_is_found_after_a_death(
    turned_site: Site, monkeypatch: Patch, is_eager: bool
) -> None:
    vault, seed = Vault(failing=0.0), next(SEEDS)
    asked = Handlers.call

    async def eager(carrier: Carrier, tx: Any, run: Any) -> Order | None:
        definition = await carrier.definition(tx, run)
        order = await carrier._order(tx, run, definition)
        await carrier._handlers.call(definition, order)
        return order if await ledger.send(tx, run, definition.timeout_s + LEASE_S) else None

    async def dies_when_it_is_done(handlers: Handlers, definition: Any, order: Order) -> Outcome:
        await asked(handlers, definition, order)
        raise Killed

    if is_eager:
        monkeypatch.setattr(Carrier, "begin", eager)
    with serving(vault), staged(turned_site, seed) as raid:
        handler = {"kind": "http", "url": f"{vault.url}/unkeyed", "idempotent": False}
        body = {**market.definitions("")["leave_note"], "handler": handler, "limits": {}}
        assert turned_site.call(turned_site.cast.acme, "PUT", "/v1/actions/unkeyed", body).status_code == 200

        async def play() -> None:
            async with aiohttp.ClientSession() as http:
                trace = await known(raid, http)
                with monkeypatch.context() as dying:
                    dying.setattr(Handlers, "call", dies_when_it_is_done)
                    with pytest.raises(AssertionError, match="answered 500"):
                        await raid.post(http, trace, "unkeyed", {"text": f"x{seed}"}, None)
                await raid.settle()

        asyncio.run(play())
    turned_site.call(turned_site.cast.acme, "DELETE", "/v1/actions/unkeyed")
    rows = invariants.ledger(turned_site.place.superuser, turned_site.cast.acme.id)
    mine = {key: row for key, row in rows.items() if row.arguments == {"text": f"x{seed}"}}
    found = list(invariants.agreement(mine, vault.done, SOMETIMES))
    assert any(sentence.startswith("unconfirmed") for sentence in found) if is_eager else found == []
    assert len(vault.done) == 1
