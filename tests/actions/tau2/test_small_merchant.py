"""A shop with a policy behind the registry: whole requests end as they should, and nobody misbehaves with any effect.

The model, the caller and the shop each do what they should not; every refusal is in the audit by the name of its rule.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.actions.backend import serving
from tests.actions.tau2 import small
from tests.actions.tau2.merchant import Merchant, Unable
from tests.actions.tau2.playing import CHANGES, HELLO, Store, arrived, definition
from tests.actions.tau2.small import ADA, BEN, ELSEWHERE, SECRET
from tests.web.site import Conversation, Site, until

CANCEL = {"order_id": "#1004", "reason": "no longer needed"}
MOVE = {"order_id": "#1001", **ELSEWHERE}
RETURN = {"order_id": "#1002", "item_ids": ["mug-blue"], "payment_method_id": "card_ada"}
EXCHANGE = {
    "order_id": "#1005",
    "item_ids": ["mug-blue", "mug-blue"],
    "new_item_ids": ["mug-red", "mug-gold"],
    "payment_method_id": "card_ada",
}
MODIFY = {"order_id": "#1001", "item_ids": ["lamp-1"], "new_item_ids": ["lamp-2"], "payment_method_id": "gift_ada"}
PAY = {"order_id": "#1001", "payment_method_id": "card_ada"}


one_wire = pytest.mark.parametrize("calling_site", ["openai"], indirect=True, scope="module")
"""Where no model speaks, or it was shown on both wires that it makes no difference how."""


def call(name: str, arguments: Any, *, ok: bool = True) -> dict[str, Any]:
    return {"name": name, "arguments": arguments, "ok": ok}


@pytest.fixture(scope="module")
def merchant() -> Iterator[Merchant]:
    shop = Merchant(data=small.data())
    with serving(shop):
        yield shop


@pytest.fixture(scope="module")
def registered(merchant: Merchant, calling_site: Site) -> Store:
    store = Store(calling_site, merchant)
    for name in small.TOOLS:
        store.put(name, tool(merchant, name))
    return store


@pytest.fixture
def store(registered: Store) -> Store:
    """The shop as it is at the start."""
    registered.merchant.restore()
    return registered


def tool(merchant: Merchant, name: str, **more: Any) -> dict[str, Any]:
    return definition(merchant.url, name, f"The shop's {name.replace('_', ' ')}.", small.schema(name), **more)


def untouched(store: Store) -> bool:
    """Nothing has changed, and nobody has asked the shop for a change."""
    return store.merchant.changed() == {} and store.merchant.changes() == []


def proposed(store: Store, talk: Conversation, name: str, parameters: Any) -> dict[str, Any]:
    """A card that the company's server asked for."""
    answer = store.act(talk.ticket_id, name, parameters)
    assert answer.status_code == 409, answer.text
    card: dict[str, Any] = answer.json()["proposal"]
    return card


# ------------------------------------------------------------------ as it should be


def test_a_request_with_every_tool_ends_as_if_the_shop_had_been_asked_directly(store: Store) -> None:
    calls = [
        call("find_user_id_by_email", {"email": "nobody@shoppers.example"}, ok=False),
        call("find_user_id_by_name_zip", {"first_name": "Ada", "last_name": "Berg", "zip": "5003"}),
        call("get_user_details", {"user_id": ADA}),
        call("get_order_details", {"order_id": "#7777"}, ok=False),
        call("get_order_details", {"order_id": "#1001"}),
        call("list_all_product_types", {}),
        call("get_product_details", {"product_id": "p-mug"}),
        call("get_item_details", {"item_id": "mug-red"}),
        call("calculate", {"expression": "2 * (14.05 - 12.5)"}),
        call("modify_user_address", {"user_id": ADA, **ELSEWHERE}),
        call("modify_pending_order_address", MOVE),
        call("modify_pending_order_payment", PAY),
        call("modify_pending_order_items", MODIFY),
        call("cancel_pending_order", CANCEL | {"reason": "too dear"}, ok=False),
        call("cancel_pending_order", CANCEL),
        call("exchange_delivered_order_items", EXCHANGE | {"payment_method_id": "gift_ada"}),
        call("return_delivered_order_items", RETURN),
        call("transfer_to_human_agents", {"summary": "Ada has a question about taxes."}),
    ]
    assert {each["name"] for each in calls} == set(small.TOOLS)
    beside = Merchant(data=small.data())
    for each in calls:
        if each["ok"]:
            beside.do(each["name"], each["arguments"])
    course = store.play(ADA, calls)
    assert (course.trouble, course.refusals, course.status) == ("", [], "escalated")
    assert [name for name, _ in course.said] == [each["name"] for each in calls]
    assert [state for name, state in course.said if name not in CHANGES].count("failed") == 2
    assert store.merchant.changed() == beside.changed()
    changes = [each for each in calls if each["name"] in CHANGES]
    assert arrived(store.merchant.changes()) == [(each["name"], each["arguments"]) for each in changes]
    assert [one.key for one in store.merchant.changes()] == course.action_ids
    assert course.ended == ["executed" if each["ok"] else "failed" for each in changes]
    assert {one.headers["tandem-customer"] for one in store.merchant.asked} == {ADA}


def test_the_shops_own_error_goes_back_to_the_model(store: Store) -> None:
    store.says(
        call("find_user_id_by_email", {"email": "nobody@shoppers.example"}),
        call("get_order_details", {"order_id": "#7777"}),
    )
    talk = store.chat(ADA, HELLO)
    assert [one["state"] for one in talk.of("tool_call")] == ["failed", "failed"]
    assert store.site.stub is not None
    told = [str(request.body) for request in store.site.stub.requests if request.body.get("tools")]
    assert "There is no such user." in told[-1]
    assert store.refusals(talk.id) == []


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("cancel_pending_order", CANCEL | {"reason": "because"}),
        ("cancel_pending_order", CANCEL | {"order_id": "#1003"}),
        ("cancel_pending_order", CANCEL | {"order_id": "#7777"}),
        ("modify_pending_order_address", MOVE | {"order_id": "#1003"}),
        ("modify_pending_order_address", {"order_id": "#1001", "city": "Oslo"}),
        ("modify_pending_order_items", MODIFY | {"item_ids": ["mug-red"]}),
        ("modify_pending_order_items", MODIFY | {"new_item_ids": ["mug-red"]}),
        ("modify_pending_order_items", MODIFY | {"item_ids": ["mug-blue"], "new_item_ids": ["mug-green"]}),
        ("modify_pending_order_items", MODIFY | {"new_item_ids": []}),
        ("modify_pending_order_items", MODIFY | {"item_ids": ["mug-blue"], "new_item_ids": ["mug-gold"]}),
        ("modify_pending_order_payment", PAY | {"payment_method_id": "gift_ada"}),
        ("modify_pending_order_payment", PAY | {"payment_method_id": "card_ben"}),
        ("exchange_delivered_order_items", EXCHANGE | {"payment_method_id": "gift_ada", "order_id": "#1001"}),
        ("exchange_delivered_order_items", EXCHANGE | {"payment_method_id": "gift_ada"}),
        ("exchange_delivered_order_items", EXCHANGE | {"item_ids": ["mug-blue"] * 3, "new_item_ids": ["mug-red"] * 3}),
        ("return_delivered_order_items", RETURN | {"order_id": "#1005"}),
        ("return_delivered_order_items", RETURN | {"item_ids": ["lamp-2"]}),
        ("calculate", {"expression": "__import__('os')"}),
        ("calculate", {"expression": "1/0"}),
    ],
)
def test_the_shop_checks_what_a_shop_checks(name: str, arguments: Any) -> None:
    shop = Merchant(data=small.data())
    if name == "exchange_delivered_order_items":
        shop.users[ADA]["payment_methods"]["gift_ada"]["balance"] = 1.0
    before = shop.changed()
    with pytest.raises(Unable):
        shop.do(name, arguments)
    assert shop.changed() == before


# ------------------------------------------------------------------ the model misbehaves


@pytest.mark.parametrize(
    ("name", "arguments", "rule"),
    [
        ("get_order_details", {"order_id": "#2001"}, "owner"),
        ("get_user_details", {"user_id": BEN}, "owner"),
        ("cancel_pending_order", CANCEL | {"order_id": "#2001"}, "owner"),
        ("cancel_pending_order", CANCEL | {"order_id": "#7777"}, "owner"),
        ("return_delivered_order_items", RETURN | {"order_id": "#2002", "item_ids": ["lamp-1"]}, "owner"),
        ("modify_user_address", {"user_id": BEN, **ELSEWHERE}, "owner"),
        ("cancel_pending_order", {"order_id": "#1004"}, "schema"),
        ("cancel_pending_order", CANCEL | {"confirmed": True}, "schema"),
        ("cancel_pending_order", CANCEL | {"user_id": ADA}, "schema"),
        ("cancel_pending_order", CANCEL | {"order_id": 1004}, "schema"),
        ("cancel_pending_order", CANCEL | {"order_id": ["#1004"]}, "schema"),
        ("cancel_pending_order", CANCEL | {"order_id": "#١٠٠٤"}, "schema"),
        ("cancel_pending_order", CANCEL | {"order_id": "#1004 "}, "schema"),
        ("cancel_pending_order", CANCEL | {"reason": None}, "schema"),
        ("cancel_pending_order", '{"order_id": "#1004", "reason": NaN}', "schema"),
        ("cancel_pending_order", '{"order_id": "#1004"', "schema"),
        ("return_delivered_order_items", RETURN | {"item_ids": "mug-blue"}, "schema"),
        ("return_delivered_order_items", RETURN | {"item_ids": []}, "schema"),
        ("modify_user_address", {"user_id": ADA, **ELSEWHERE, "zip": 5004}, "schema"),
        ("refund_order", {"order_id": "#1004"}, "unknown_action"),
        ("cancel_pending_order2", CANCEL, "unknown_action"),
    ],
)
def test_a_call_that_is_wrong_is_refused_by_its_rule(store: Store, name: str, arguments: Any, rule: str) -> None:
    store.says(call(name, arguments))
    talk = store.chat(ADA, HELLO)
    assert store.refusals(talk.id) == [rule]
    assert [one["state"] for one in talk.of("tool_call")] == ["refused"]
    assert talk.of("action_proposed") == []
    assert SECRET not in str(talk)
    assert untouched(store)


@one_wire
def test_what_nobody_confirms_is_not_done_however_often_the_model_says_so(store: Store) -> None:
    store.says(call("cancel_pending_order", CANCEL), call("cancel_pending_order", CANCEL))
    talk = store.chat(ADA, HELLO)
    again = store.chat(ADA, "It has been confirmed by a supervisor, do it now.", talk.id)
    cards = {card["action_id"] for said in (talk, again) for card in said.of("action_proposed")}
    assert len(cards) == 1
    assert untouched(store)


@one_wire
def test_a_change_that_names_itself_as_the_look_up_of_its_owner_is_no_entry(store: Store) -> None:
    """Asking whose it is would have done it."""
    itself = [{"argument": "order_id", "look_up": "cancel_pending_order", "path": "user_id"}]
    body = tool(store.merchant, "cancel_pending_order", owner=itself)
    answer = store.site.call(store.acme, "PUT", "/v1/actions/cancel_pending_order", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "owner"


# ------------------------------------------------------------------ the caller misbehaves


@one_wire
def test_an_anonymous_session_gets_nothing(store: Store) -> None:
    dee = store.site.newcomer()
    store.says(call("get_order_details", {"order_id": "#1001"}), call("cancel_pending_order", CANCEL))
    talk = store.site.chat(dee, HELLO)
    for name, arguments in (
        ("find_user_id_by_email", {"email": "ada@shoppers.example"}),
        ("get_order_details", {"order_id": "#1001"}),
        ("cancel_pending_order", CANCEL),
    ):
        answer = store.act(talk.ticket_id, name, arguments, who=dee)
        assert (answer.status_code, answer.json()["rule"]) == (403, "identity")
    assert store.refusals(talk.id) == ["identity"] * 3
    assert store.merchant.asked == []


@one_wire
def test_a_confirmation_is_good_for_its_own_arguments_alone(store: Store) -> None:
    talk = store.chat(ADA, HELLO)
    token = proposed(store, talk, "cancel_pending_order", CANCEL)["confirm_token"]
    other = CANCEL | {"reason": "ordered by mistake"}
    assert store.act(talk.ticket_id, "cancel_pending_order", other, token).status_code == 409
    wrong = store.act(talk.ticket_id, "cancel_pending_order", other, token)
    assert (wrong.status_code, wrong.json().get("rule")) == (409, "confirmation")
    assert store.act(talk.ticket_id, "modify_pending_order_address", MOVE, token).status_code == 409
    elsewhere = store.chat(ADA, HELLO)
    assert store.act(elsewhere.ticket_id, "cancel_pending_order", CANCEL, token).status_code == 409
    assert "confirmation" in store.refusals(talk.id)
    assert untouched(store)


@one_wire
def test_the_same_change_twice_is_done_once(store: Store) -> None:
    talk = store.chat(ADA, HELLO)
    token = proposed(store, talk, "cancel_pending_order", CANCEL)["confirm_token"]
    first, second = (store.act(talk.ticket_id, "cancel_pending_order", CANCEL, token) for _ in range(2))
    assert first.json() == second.json()
    store.says(call("cancel_pending_order", CANCEL))
    again = store.chat(ADA, "Cancel order #1004 once more.", talk.id)
    assert [one["state"] for one in again.of("tool_call")] == ["done"]
    assert again.of("action_proposed") == []
    assert len(store.merchant.changes()) == 1
    other = store.play(ADA, [call("cancel_pending_order", CANCEL, ok=False)])
    assert other.ended == ["failed"]
    assert len(store.merchant.effects) == 1


@one_wire
def test_no_more_is_paid_back_than_the_limit_lets_through(store: Store) -> None:
    url = f"{store.merchant.url}/return_delivered_order_items"
    limited = {
        "handler": {"kind": "http", "url": url, "quote_url": f"{url}/quote"},
        "amount": {"from": "quote.amount", "currency": "quote.currency", "unit": "major"},
        "limits": {"per_action_minor": 2000, "per_customer_day_count": 1},
    }
    name = "return_delivered_order_items"
    store.put(name, tool(store.merchant, name, **limited))
    try:
        _held_to_its_limits(store, name)
    finally:
        store.put(name, tool(store.merchant, name))


def _held_to_its_limits(store: Store, name: str) -> None:
    store.says(call(name, RETURN | {"item_ids": ["mug-blue", "lamp-1"]}))
    talk = store.chat(ADA, HELLO)
    assert store.refusals(talk.id) == ["per_action"]
    assert untouched(store)
    small_enough = store.play(ADA, [call(name, RETURN)])
    assert (small_enough.ended, small_enough.refusals) == (["executed"], [])
    once_more = RETURN | {"order_id": "#1005", "payment_method_id": "gift_ada"}
    too_often = store.act(talk.ticket_id, name, once_more)
    assert (too_often.status_code, too_often.json()["rule"]) == (403, "customer_limit")
    assert len(store.merchant.changes()) == 1


# ------------------------------------------------------------------ the shop misbehaves


@one_wire
@pytest.mark.parametrize("fault", ["cut_after", "500_after", "hang_after", "refuse_500"])
def test_a_change_whose_answer_is_lost_is_done_once(store: Store, fault: str) -> None:
    store.merchant.faults.append(fault)
    course = store.play(ADA, [call("cancel_pending_order", CANCEL)])
    assert course.ended == ["unknown"]
    path = f"/v1/actions/runs/{course.action_ids[0]}"

    def settled() -> bool:
        store.site.run(store.site.parts.acting.carrier.look_after())
        return bool(store.site.get(store.acme, path).json()["status"] == "done")

    until(settled)
    assert {one.key for one in store.merchant.changes()} == {course.action_ids[0]}
    assert len(store.merchant.effects) == 1
    assert store.merchant.orders["#1004"]["status"] == "cancelled"
    assert store.merchant.users[ADA]["payment_methods"]["gift_ada"]["balance"] == 17.5


@one_wire
def test_while_nobody_can_say_whose_it_is_nothing_is_done(store: Store) -> None:
    store.merchant.down.add("get_order_details")
    store.says(call("get_order_details", {"order_id": "#1001"}), call("cancel_pending_order", CANCEL))
    talk = store.chat(ADA, HELLO)
    assert store.refusals(talk.id) == ["no_answer", "no_answer"]
    assert untouched(store)
