"""Whatever is written, in whatever state: the engine ends, keeps its bounds, and no slot holds what it may not."""

import asyncio
import json
import re
from datetime import date
from typing import Any

import hypothesis
from hypothesis import strategies as st

from tandem.actions.rules import Refused
from tandem.errors import Malformed
from tandem.workflows import reading, running, subject, taking
from tandem.workflows.definition import Slot, Workflow
from tandem.workflows.running import MOST_CALLS, MOST_CHOICES, MOST_TRIES
from tandem.workflows.state import Moved, Said, State, stored
from tests.workflows.shop import SHIPPED, TODAY, Shop, order, shipped

FLOWS = [shipped(path.stem) for path in sorted(SHIPPED.glob("*.yaml"))]
WORDS = st.sampled_from(
    ["order", "1042", "1039", "AO00001045", "#1044", "9999", "٣٤٥٦", "refund", "broken", "yes", "no", "never mind", "€12.50", "12,5",
     "2026-11-03", "Nov 5", "cy@customers.example", "Keizersgracht 5", "1015 CN", "Amsterdam", "Holland", "United States", "yearly",
     "{order_id}", "{order.address}", "{{", "\x00", "\ud800", "a" * 600, "1045: Squall jacket", "I changed my mind", "<b>", "?"]
)  # fmt: skip
TEXTS = st.one_of(st.lists(WORDS, max_size=6).map(" ".join), st.text(max_size=80))
RULES = [
    "owner",
    "schema",
    "identity",
    "stepped_up",
    "disabled",
    "quote",
    "customer_limit",
    "no_answer",
    "unknown_action",
]
ACTIONS = ["get_order", "list_orders", "get_account", "get_invoice", "refund_order", "cancel_order", "change_address",
           "change_plan", "send_password_reset"]  # fmt: skip
JUNK = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20)
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)


@st.composite
def shops(draw: Any) -> Shop:
    """A shop that may refuse, be down, or tell anything at all."""
    orders: list[Any] = [order(number, draw(st.sampled_from(["received", "packing", "sent", "delivered", "cancelled", "lost"])))
                         for number in draw(st.lists(st.sampled_from(["1039", "1042", "1044", "1045"]), unique=True))]  # fmt: skip
    for each in orders:
        for name in draw(st.lists(st.sampled_from([key for key in each if key != "order_id"]), max_size=3)):
            each[name] = draw(JUNK)
    refuses = draw(st.dictionaries(st.sampled_from(ACTIONS), st.sampled_from(RULES), max_size=3))
    return Shop(
        orders,
        account=draw(st.one_of(st.just({"plan": "basic"}), st.dictionaries(st.just("plan"), JUNK))),
        identity=draw(st.sampled_from(["anyone", "verified", "stepped_up"])),
        refuses={name: Refused(rule, "No {order_id}.") for name, rule in refuses.items()},
    )


def check(workflow: Workflow, shop: Shop, calls_before: int, moved: Moved) -> None:
    assert len(moved.calls) <= MOST_CALLS
    assert len(shop.asked) + len(shop.proposed) - calls_before <= MOST_CALLS
    ends = [moved.ask, moved.proposal, moved.hand_over, moved.needs]
    assert sum(end is not None for end in ends) <= 1
    assert (moved.state is not None) == (moved.ask is not None or moved.needs is not None)
    assert all(moved.sentences)
    if moved.ask is not None:
        assert len(moved.ask.choices) <= MOST_CHOICES or workflow.slots[moved.ask.slot].choices
    if moved.state is not None:
        assert stored(json.loads(json.dumps(moved.state.as_json()))) == moved.state
        assert all(tries < MOST_TRIES for tries in moved.state.tries.values())
        for name, value in moved.state.slots.items():
            holds(workflow.slots[name], value)


def holds(slot: Slot, value: object) -> None:
    """Whether the slot may hold it, by its own words."""
    if slot.pattern is not None:
        assert isinstance(value, str)
        assert re.fullmatch(slot.pattern, value, re.IGNORECASE)
        assert value == value.upper() or slot.case != "upper"
    if slot.kind == "choice":
        assert value in [choice.value for choice in slot.choices]
    if slot.kind in ("integer", "amount"):
        assert type(value) is int
    if slot.kind == "date":
        date.fromisoformat(str(value))


@hypothesis.given(st.sampled_from(FLOWS), shops(), st.lists(TEXTS, min_size=1, max_size=7), st.lists(TEXTS, max_size=3),
                  st.one_of(st.none(), TEXTS, st.just("/orders/1042")))  # fmt: skip
def test_any_conversation_ends_well(
    workflow: Workflow, shop: Shop, texts: list[str], history: list[str], url: str | None
) -> None:
    async def talk() -> None:
        state: State | None = State()
        asked: dict[str, int] = {}
        for number, text in enumerate(texts):
            if state is None:
                return
            subject.leaves(text, ("order_status",), workflow, state)
            said = Said(text, (*history, *texts[:number]), url, today=TODAY)
            before = len(shop.asked) + len(shop.proposed)
            moved = await running.advance(workflow, state, said, shop)
            check(workflow, shop, before, moved)
            if moved.ask is not None:
                asked[moved.ask.slot] = asked.get(moved.ask.slot, 0) + 1
                assert asked[moved.ask.slot] <= MOST_TRIES, "the same is never asked a third time"
            state = moved.state

    asyncio.run(talk())


SLOTS = [
    Slot.model_validate({"ask": "?", **body})
    for body in (
        {}, {"pattern": "[A-Z]{2}-[0-9]{1,4}", "case": "upper"}, {"pattern": "[0-9]{4}", "finds": ["order (.{0,10})"]},
        {"kind": "integer"}, {"kind": "amount", "currency": "EUR"}, {"kind": "amount", "currency": "JPY"}, {"kind": "date"},
        {"kind": "email"}, {"kind": "choice", "choices": ["a", "b.c", "1042"]},
    )
]  # fmt: skip


@hypothesis.given(st.sampled_from(SLOTS), TEXTS, JUNK)
def test_no_text_and_no_record_gives_a_value_that_the_slot_refuses(slot: Slot, text: str, junk: object) -> None:
    for value in (*taking.answer(slot, text, TODAY), *taking.found(slot, text, TODAY)):
        holds(slot, value)
        assert taking.taken(slot, value) == value, "what one way takes, the other does"
    if (kept := taking.taken(slot, junk)) is not None:
        holds(slot, kept)


PIECES = st.sampled_from(
    ["name: a", "\n", "  ", "- ", "steps:", "slots:", "{", "}", "[", "]", "reply: x", "&a ", "*a", "!!set ", "---", "|", ">", "'", '"',
     "? ", ": ", "#", "if: ", "{path: a, is: b}", "branch:", "ask: b", "{a}", "\t", "%TAG", "<<: "]
)  # fmt: skip


def faults(source: str) -> list[dict[str, Any]]:
    """What is wrong with a document."""
    try:
        reading.read(source)
    except Malformed as refused:
        errors: list[dict[str, Any]] = refused.extra["errors"]
        return errors
    return []


@hypothesis.given(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=40).map("".join)))
def test_any_document_is_read_or_refused_with_a_line(source: str) -> None:
    assert all(each["line"] >= 1 and each["field"] and each["message"] for each in faults(source))
