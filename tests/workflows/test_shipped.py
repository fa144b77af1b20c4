"""The workflows that ship, each from the customer's first words to its end; no model anywhere."""

import pytest
import yaml

from tandem.actions import definition
from tandem.actions.rules import Refused
from tandem.intents import starter
from tandem.workflows import checking, reading, subject
from tandem.workflows.running import OUTAGE
from tests.workflows.shop import SHIPPED, Shop, Talk, order, shipped

NAMES = ("cancel_order", "change_address", "invoice_copy", "order_status", "password_reset", "plan_change", "refund")


def mine() -> Shop:
    return Shop(
        [order("1045", "received"), order("1044", "packing"), order("1042", "sent"), order("1039", "delivered")]
    )


def test_these_are_shipped_and_fit_the_demo_s_actions_and_the_starter_s_intents() -> None:
    files = sorted(SHIPPED.glob("*.yaml"))
    assert [path.stem for path in files] == list(NAMES)
    actions = [
        definition.read(yaml.safe_load(p.read_text())) for p in sorted((SHIPPED.parent / "actions").glob("*.yaml"))
    ]
    intents = {intent.name for intent in starter.load().intents}
    for name in NAMES:
        workflow = shipped(name)
        assert checking.warnings(workflow, actions) == []
        assert set(workflow.intents) <= intents
        assert reading.stored(reading.body_of(workflow)) == workflow


async def test_where_is_my_order() -> None:
    moved = await Talk(shipped("order_status"), mine()).say("where is my order 1042?")
    assert moved.sentences == (
        "Your order 1042 (Squall jacket) is on its way with Parcelwind, tracking number PW08251598NL."
        " It is expected on 22 November 2026.",
    )
    assert (moved.state, moved.hand_over, moved.ask) == (None, None, None)
    assert [(call.action, call.outcome) for call in moved.calls] == [("get_order", "found")]


async def test_without_a_number_the_latest_orders_are_buttons() -> None:
    talk = Talk(shipped("order_status"), mine())
    moved = await talk.say("where is my stuff")
    assert moved.ask is not None
    assert moved.ask.question == "Which order do you mean?"
    assert moved.ask.choices == (
        "1045: Squall jacket",
        "1044: Squall jacket",
        "1042: Squall jacket",
        "1039: Squall jacket",
    )
    moved = await talk.say("1044: Squall jacket")
    assert moved.sentences == (
        "Your order 1044 (Squall jacket) is being packed in our warehouse and goes to the carrier next.",
    )


async def test_an_only_order_is_meant_and_the_page_says_which() -> None:
    shop = Shop([order("1042", "sent")])
    assert "1042" in (await Talk(shipped("order_status"), shop).say("where is it?")).sentences[0]
    talk = Talk(shipped("order_status"), mine(), page_url="https://shop.example/account/orders/1039?tab=2")
    assert "was delivered on 17 November 2026" in (await talk.say("any news?")).sentences[0]


async def test_a_number_that_is_nobody_s_is_asked_for_once_more_and_then_a_person_goes_on() -> None:
    talk = Talk(shipped("order_status"), mine())
    moved = await talk.say("where is order 9999?")
    assert moved.sentences == ("I cannot find order 9999 in your account.",)
    assert moved.ask is not None
    assert moved.ask.choices
    moved = await talk.say("9998")
    assert moved.sentences == ("I cannot find order 9998 in your account.",)
    assert moved.hand_over == "The customer was asked for “order id” twice."
    assert moved.state is None


async def test_a_year_and_a_price_are_no_orders() -> None:
    moved = await Talk(shipped("order_status"), mine()).say("I ordered in 2025 for 1042 euros, where is my order?")
    assert moved.ask is not None
    assert [call.action for call in moved.calls] == ["list_orders"], "neither was looked up"


async def test_a_parcel_that_is_late_goes_to_a_person() -> None:
    shop = Shop([order("1042", "sent", expected_on="2026-11-12")])
    moved = await Talk(shipped("order_status"), shop).say("where is order 1042")
    assert moved.hand_over == "Order 1042 was expected on 2026-11-12 and has not been delivered."
    assert "is late" in moved.sentences[0]
    shop = Shop([order("1042", "sent", expected_on="2026-11-18")])
    assert (await Talk(shipped("order_status"), shop).say("where is order 1042")).hand_over is None


async def test_a_shop_that_does_not_answer_has_no_status() -> None:
    shop = mine()
    shop.down = {"get_order"}
    moved = await Talk(shipped("order_status"), shop).say("where is order 1042")
    assert moved.sentences == (OUTAGE,)
    assert moved.hand_over == "get_order got no answer from the system behind it."
    assert [call.rule for call in moved.calls] == ["no_answer"]


async def test_who_is_not_signed_in_is_asked_to_and_goes_on_where_they_were() -> None:
    shop = mine()
    shop.identity = "anyone"
    talk = Talk(shipped("order_status"), shop)
    moved = await talk.say("where is my order 1042?")
    assert (moved.needs, shop.asked) == ("sign_in", [])
    shop.identity = "verified"
    assert "1042" in (await talk.say("here I am")).sentences[0], "the number stands in the history"


async def test_a_refund_is_proposed_with_the_reason_that_was_said() -> None:
    shop = mine()
    moved = await Talk(shipped("refund"), shop).say("I want a refund for order 1039, it arrived damaged")
    assert moved.proposal is not None
    assert shop.proposed == [("refund_order", {"order_id": "1039", "reason": "damaged"})]
    assert moved.state is None


async def test_a_refund_asks_for_the_reason_with_buttons() -> None:
    shop = mine()
    talk = Talk(shipped("refund"), shop)
    moved = await talk.say("refund please")
    assert moved.ask is not None
    assert moved.ask.slot == "reason", "one order alone was delivered"
    assert "It arrived damaged" in moved.ask.choices
    moved = await talk.say("hm, dunno")
    assert moved.ask is not None
    assert moved.sentences == ("Please choose one of these, so that I ask for the right refund.",)
    moved = await talk.say("it doesn’t work")
    assert shop.proposed == [("refund_order", {"order_id": "1039", "reason": "faulty"})]


async def test_what_the_shop_does_not_refund_it_says_itself() -> None:
    shop = mine()
    shop.refuses["refund_order"] = Refused("quote", "Order 1039 has been refunded already (€39.00).")
    moved = await Talk(shipped("refund"), shop).say("refund order 1039, it is broken")
    assert moved.sentences == ("Order 1039 has been refunded already (€39.00).",)
    assert (moved.hand_over, moved.state) == (None, None)
    shop.refuses["refund_order"] = Refused("customer_limit", "This was done as often as it may be within 24 hours.")
    moved = await Talk(shipped("refund"), shop).say("refund order 1039, it is broken")
    assert moved.hand_over == "Refund of order 1039 (damaged): This was done as often as it may be within 24 hours."


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("received", "can be cancelled free of charge"),
        ("packing", "has not been delivered yet"),
        ("cancelled", "was cancelled"),
    ],
)
async def test_what_was_not_delivered_is_not_refunded(status: str, said: str) -> None:
    shop = Shop([order("1039", status)])
    moved = await Talk(shipped("refund"), shop).say("refund order 1039")
    assert said in moved.sentences[0]
    assert shop.proposed == []


async def test_after_the_time_for_returns_a_change_of_mind_is_too_late_and_a_fault_is_the_shop_s_to_judge() -> None:
    shop = Shop([order("1039", "delivered", return_by="2026-11-19")])
    moved = await Talk(shipped("refund"), shop).say("refund order 1039, I changed my mind")
    assert "could be returned until 19 November 2026" in moved.sentences[0]
    assert shop.proposed == []
    await Talk(shipped("refund"), shop).say("refund order 1039, it stopped working")
    assert shop.proposed


async def test_cancelling_is_proposed_before_packing_and_never_after() -> None:
    shop = mine()
    assert (await Talk(shipped("cancel_order"), shop).say("please cancel my order")).proposal is not None
    assert shop.proposed == [("cancel_order", {"order_id": "1045"})], "the only one that can be"
    moved = await Talk(shipped("cancel_order"), shop).say("cancel order AO00001044 please")
    assert "can no longer be cancelled" in moved.sentences[0]
    assert len(shop.proposed) == 1


async def test_an_address_changes_after_a_code_and_four_answers() -> None:
    shop = mine()
    talk = Talk(shipped("change_address"), shop)
    moved = await talk.say("please send order 1045 to my new address")
    assert (moved.needs, shop.proposed) == ("step_up", [])
    shop.identity = "stepped_up"
    questions = []
    for text in ("482913", "Keizersgracht 5", "1015 cn", "Amsterdam", "Holland"):
        moved = await talk.say(text)
        questions.append(moved.ask.slot if moved.ask else None)
    assert questions == ["street", "postcode", "city", "country", None]
    address = {"street": "Keizersgracht 5", "postcode": "1015 CN", "city": "Amsterdam", "country": "NL"}
    assert shop.proposed == [("change_address", {"order_id": "1045", "address": address})]


async def test_outside_of_the_eu_no_address_is_taken() -> None:
    shop = mine()
    shop.identity = "stepped_up"
    talk = Talk(shipped("change_address"), shop)
    for text in ("new address for order 1045", "1 Main Street", "10001", "New York"):
        await talk.say(text)
    moved = await talk.say("United States")
    assert moved.ask is not None
    assert "country of the EU" in moved.sentences[0]
    assert (await talk.say("the US!")).hand_over
    assert shop.proposed == []


async def test_a_link_for_a_new_password() -> None:
    shop = mine()
    await Talk(shipped("password_reset"), shop).say("I forgot my password")
    assert shop.proposed == [("send_password_reset", {})]
    shop = Shop(identity="anyone")
    assert "Forgot password" in (await Talk(shipped("password_reset"), shop).say("I forgot my password")).sentences[0]
    assert shop.proposed == []


async def test_the_membership() -> None:
    shop = mine()
    await Talk(shipped("plan_change"), shop).say("switch my Acme Plus to yearly please")
    assert shop.proposed == [("change_plan", {"plan": "plus_yearly"})]
    moved = await Talk(shipped("plan_change"), shop).say("I want to pay monthly")
    assert moved.sentences == ("That is the membership you have already. It renews on 8 December 2026.",)
    moved = await Talk(shipped("plan_change"), shop).say("cancel my yearly membership")
    assert moved.ask is not None
    assert set(moved.ask.choices) == {"Acme Plus by the year", "No membership"}


async def test_a_copy_of_an_invoice() -> None:
    moved = await Talk(shipped("invoice_copy"), mine()).say("I need the invoice for order 1042")
    assert moved.sentences == (
        "Invoice 2026-001042 of 12 November 2026 for order 1042 comes to €179.00, of which €31.07 is VAT."
        " You can download it as a PDF in your account under Orders and Invoice.",
    )
    moved = await Talk(shipped("invoice_copy"), mine()).say("invoice for order 1045 please, I need it")
    assert "as soon as the parcel has been sent" in moved.sentences[0]


@pytest.mark.parametrize(
    ("name", "text", "begins"),
    [
        ("refund", "I want my money back for order 1039", True),
        ("refund", "I’d like to return order 1039", True),
        ("refund", "how long can I return a jacket?", False),
        ("refund", "What is your refund policy", False),
        ("refund", "I want a refund for order 1039, it arrived damaged", True),
        ("refund", "Can I get a refund for my order 1039?", True),
        ("refund", "where is my refund", False),
        ("refund", "I sent the boots back, still waiting to be reimbursed, refund please", False),
        ("refund", "refund not received", False),
        ("cancel_order", "please cancel order 1045", True),
        ("cancel_order", "How do I cancel an order?", False),
        ("cancel_order", "Can I cancel just one item of the order", False),
        ("plan_change", "put my membership on hold", False),
        ("invoice_copy", "the invoice has the wrong address, I need a corrected one", False),
        ("change_address", "I moved, can you send order 1045 to my new address", True),
        ("change_address", "please swap the jacket for size L", False),
        ("order_status", "where is my order", True),
        ("order_status", "What does “packing” mean?", False),
        ("password_reset", "I can't remember my password", True),
        ("password_reset", "my account is locked", False),
        ("invoice_copy", "could you send me the invoice of order 1042", True),
        ("invoice_copy", "do you accept PayPal", False),
        ("plan_change", "end my membership", True),
        ("plan_change", "how much is Acme Plus", False),
    ],
)
def test_what_begins_them(name: str, text: str, begins: bool) -> None:
    assert subject.begins(text, shipped(name)) is begins
