"""The engine at its edges: who must be who, what is refused, how often is asked, and what is kept."""

import json
from typing import Any

import pytest

from tandem.actions.rules import Refused
from tandem.workflows import reading, running
from tandem.workflows.running import MOST_CALLS
from tandem.workflows.state import Moved, Said, State, stored
from tests.workflows.shop import TODAY, Shop, Talk, order, shipped

HEAD = "name: a\ntitle: A\nintents: [order_status]\n"


def talk(steps: str, shop: Shop | None = None, slots: str = "") -> Talk:
    return Talk(reading.read(f"{HEAD}{slots}steps:\n{steps}"), shop or Shop([order("1042", "sent")]))


async def says(steps: str, shop: Shop | None = None, slots: str = "", text: str = "hello") -> Moved:
    return await talk(steps, shop, slots).say(text)


ONE = "slots:\n  number: {ask: 'Which?', invalid: No., pattern: '[0-9]{4}'}\n"


async def test_a_state_is_json_and_goes_on_where_it_was() -> None:
    shop = Shop([order("1039", "delivered"), order("1038", "delivered")])
    first = Talk(shipped("refund"), shop)
    moved = await first.say("refund please, it is broken")
    assert moved.state is not None
    again = stored(json.loads(json.dumps(moved.state.as_json())))
    assert again == moved.state
    assert again.asking == "order_id"
    await Talk(shipped("refund"), shop, again, ["refund please, it is broken"]).say("1038: Squall jacket")
    assert shop.proposed == [("refund_order", {"order_id": "1038", "reason": "damaged"})]


async def test_only_what_is_named_later_is_kept_of_a_look_up() -> None:
    slots = "slots:\n  why: {ask: 'Why?'}\n"
    steps = (
        "  - look_up: get_order\n    with: {order_id: '1042'}\n    as: order\n  - ask: why\n"
        "  - reply: '{order.status} {order.items.0.name} {order.items|names}'\n"
    )
    moved = await says(steps, slots=slots)
    assert moved.state is not None
    items = [{"name": "Squall jacket", "quantity": 1, "price_minor": 17900}]
    assert moved.state.facts == {"order": {"status": "sent", "items": items}}
    assert "Lindengracht" not in json.dumps(moved.state.as_json())


@pytest.mark.parametrize(
    ("rule", "identity", "needs"),
    [
        ("identity", "anyone", "sign_in"),
        ("owner", "anyone", "sign_in"),
        ("stepped_up", "verified", "step_up"),
        ("stepped_up", "anyone", "sign_in"),
    ],
)
@pytest.mark.parametrize(
    "steps", ["  - look_up: get_order\n    with: {order_id: '1042'}\n", "  - propose: cancel_order\n"]
)
async def test_who_they_are_is_asked_for_and_then_the_same_step_is_tried_again(
    steps: str, rule: str, identity: str, needs: str
) -> None:
    shop = Shop([order("1042", "sent")], identity=identity)
    shop.refuses = {name: Refused(rule, "No.") for name in ("get_order", "cancel_order")}
    trying = talk(steps, shop)
    moved = await trying.say("hello")
    assert (moved.needs, moved.sentences, moved.hand_over) == (needs, (), None)
    assert moved.state is not None
    assert moved.state.at == (0,)
    shop.refuses, shop.identity = {}, "stepped_up"
    assert (await trying.say("")).state is None


async def test_a_refusal_that_nobody_can_help_goes_to_a_person() -> None:
    for rule in ("disabled", "scope", "unknown_action", "kind", "calls_per_turn"):
        shop = Shop([order("1042", "sent")], refuses={"get_order": Refused(rule, "No.")})
        moved = await says("  - look_up: get_order\n    with: {order_id: '1042'}\n    missing: There is none.\n", shop)
        assert moved.hand_over == f"get_order was refused ({rule}): No."
        assert moved.sentences == ()
    for rule in ("owner", "schema"):
        shop = Shop([order("1042", "sent")], refuses={"get_order": Refused(rule, "No.")})
        moved = await says("  - look_up: get_order\n    with: {order_id: '1042'}\n    missing: There is none.\n", shop)
        assert (moved.hand_over, moved.sentences) == (None, ("There is none.",))


async def test_a_refused_proposal_takes_its_rule_s_arm_or_the_other_or_goes_to_a_person() -> None:
    steps = "  - propose: x\n    refused:\n      quote: 'Not for sale: {refusal}'\n      otherwise: Not by me.\n"
    shop = Shop(refuses={"x": Refused("quote", "{today} sold out")})
    assert (await says(steps, shop)).sentences == ("Not for sale: {today} sold out",), (
        "what fills a gap is not looked at"
    )
    shop = Shop(refuses={"x": Refused("tenant_limit", "Enough.")})
    assert (await says(steps, shop)).sentences == ("Not by me.",)
    moved = await says("  - propose: x\n", shop)
    assert moved.hand_over == "x was refused (tenant_limit): Enough."
    assert [(call.kind, call.outcome, call.rule) for call in moved.calls] == [("propose", "refused", "tenant_limit")]


async def test_no_question_is_asked_a_third_time() -> None:
    trying = talk("  - ask: number\n  - reply: 'It is {number}.'\n", slots=ONE)
    first = await trying.say("hello")
    second = await trying.say("dunno")
    third = await trying.say("still not")
    assert [moved.ask and moved.ask.question for moved in (first, second, third)] == ["Which?", "Which?", None]
    assert second.sentences == ("No.",)
    assert third.hand_over == "The customer was asked for “number” twice."


async def test_an_optional_slot_is_never_asked_for() -> None:
    slots = "slots:\n  sum: {ask: 'How much?', kind: amount, currency: EUR, optional: true, from: [message]}\n"
    steps = "  - ask: sum\n  - propose: refund_order\n    with: {amount_minor: '{sum}', note: 'of {sum}', all: [{x: '{sum}'}]}\n"
    shop = Shop()
    await says(steps, shop, slots)
    await says(steps, shop, slots, "€12.50 please")
    assert shop.proposed == [
        ("refund_order", {"note": "of", "all": [{}]}),
        ("refund_order", {"amount_minor": 1250, "note": "of 1250", "all": [{"x": 1250}]}),
    ]


async def test_what_was_not_said_just_now_is_offered_where_it_has_to_be_confirmed() -> None:
    slots = "slots:\n  number: {ask: 'Which?', pattern: '[0-9]{4}', confirm: true, from: [message, history]}\n"
    steps = "  - ask: number\n  - reply: 'It is {number}.'\n"
    assert (await says(steps, slots=slots, text="1042")).sentences == ("It is 1042.",)
    trying = talk(steps, slots=slots)
    trying.history = ["1042"]
    moved = await trying.say("hello")
    assert moved.ask is not None
    assert moved.ask.choices == ("1042",)
    assert (await trying.say("1042")).sentences == ("It is 1042.",)


async def test_several_values_are_offered_and_history_is_read_from_its_end() -> None:
    slots = "slots:\n  number: {ask: 'Which?', pattern: '[0-9]{4}', from: [message, history]}\n"
    steps = "  - ask: number\n  - reply: 'It is {number}.'\n"
    moved = await says(steps, slots=slots, text="1042 or 1043")
    assert moved.ask is not None
    assert moved.ask.choices == ("1042", "1043")
    trying = talk(steps, slots=slots)
    trying.history = ["1040", "1041", "hm"]
    assert (await trying.say("hello")).sentences == ("It is 1041.",)


async def test_one_number_does_not_fill_two_slots() -> None:
    slots = (
        "slots:\n  number: {ask: 'Which?', pattern: '[0-9]{4}', from: [message]}\n"
        "  count: {ask: 'How many?', kind: integer, from: [message]}\n"
    )
    moved = await says("  - ask: number\n  - ask: count\n", slots=slots, text="1042")
    assert moved.ask is not None
    assert moved.ask.slot == "count"


async def test_latest_records_that_cannot_be_seen_are_only_not_offered() -> None:
    slots = (
        "slots:\n  number: {ask: 'Which?', pattern: '[0-9]{4}', from: [recent],"
        " recent: {look_up: list_orders, items: orders, value: order_id, label: '{item.order_id}'}}\n"
    )
    for shop in (Shop(down={"list_orders"}), Shop(refuses={"list_orders": Refused("scope", "No.")}), Shop()):
        moved = await says("  - ask: number\n", shop, slots)
        assert moved.ask is not None
        assert moved.ask.choices == ()
    many = Shop(
        [order(str(number), "sent") for number in range(1040, 1046)] + [{"order_id": None}, {"order_id": "x y"}]
    )
    moved = await says("  - ask: number\n", many, slots)
    assert moved.ask is not None
    assert moved.ask.choices == ("1040", "1041", "1042", "1043")


async def test_calls_are_counted() -> None:
    look = "  - look_up: get_order\n    with: {order_id: '1042'}\n    as: o%d\n"
    shop = Shop([order("1042", "sent")])
    moved = await says("".join(look % number for number in range(MOST_CALLS + 1)), shop)
    assert moved.hand_over == f"The procedure would need more than {MOST_CALLS} calls."
    assert len(shop.asked) == MOST_CALLS == len(moved.calls)
    assert (await says("".join(look % number for number in range(MOST_CALLS)), shop)).hand_over is None


async def test_a_state_that_fits_no_step_goes_to_a_person() -> None:
    workflow = shipped("order_status")
    for at in ((99,), (0, 0, 0), (2, 9, 0), (2, "missing", 0), (), (-1,), ("x",)):
        moved = await running.advance(workflow, State(at=at), Said("hi", today=TODAY), Shop())
        assert moved.hand_over == "The procedure has changed since it began.", at


CASES: list[tuple[str, Any, bool]] = [
    ("is: sent", "sent", True), ("is: sent", "Sent", False), ("is: true", 1, False), ("is: 1", True, False), ("is: 1", 1.0, True),
    ("is: '1'", 1, False), ("is_not: sent", None, True), ("is: null", None, True), ("in: [a, 2]", 2, True), ("in: [a, 2]", "2", False),
    ("above: 5", 6, True), ("above: 5", 5, False), ("above: 5", None, False), ("above: 5", "6", False), ("above: 0", True, False),
    ("below: 5.5", 5, True), ("at_least: 5", 5, True), ("at_most: 5", 6, False), ("present: true", 0, True), ("present: true", "", False),
    ("missing: true", [], True), ("missing: true", False, False), ("before: today", "2026-11-19", True),
    ("before: today", "2026-11-20T01:00:00Z", False), ("after: 2026-01-01", "2026-01-02", True), ("after: today", "soon", False),
    ("within_days: 30", "2026-10-21", True), ("within_days: 30", "2026-10-20", False), ("within_days: 30", "2026-11-21", False),
    ("older_than_days: 3", "2026-11-16", True), ("older_than_days: 3", "2026-11-17", False), ("older_than_days: 3", None, False),
]  # fmt: skip


@pytest.mark.parametrize(("test", "value", "holds"), CASES)
async def test_conditions(test: str, value: Any, holds: bool) -> None:
    for wrapped, expected in (
        (f"{{path: o.status, {test}}}", holds),
        (f"{{not: {{path: o.status, {test}}}}}", not holds),
    ):
        steps = (
            "  - look_up: get_order\n    with: {order_id: '1042'}\n    as: o\n"
            f"  - branch:\n      - if: {wrapped}\n        then: 'yes'\n      - else: 'no'\n"
        )
        moved = await says(steps, Shop([{**order("1042", "x"), "status": value}]))
        assert moved.sentences == ("yes" if expected else "no",)


async def test_all_and_any() -> None:
    for body, expected in (
        ("all: [{path: identity, is: verified}, {path: today, is: x}]", "no"),
        ("any: [{path: identity, is: verified}, {path: today, is: x}]", "yes"),
    ):
        steps = f"  - branch:\n      - if: {{{body}}}\n        then: 'yes'\n      - else: 'no'\n"
        assert (await says(steps)).sentences == (expected,)
