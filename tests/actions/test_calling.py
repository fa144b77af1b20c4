"""Calls that a model asks for, on the wires of both providers: code decides, the ledger speaks."""

from typing import Any

import pytest

from tests.actions.shop import Shop
from tests.web.site import Conversation

LATER = "What about my order please, number 1044?"


def told(shop: Shop, *steps: dict[str, Any], text: str = LATER, **more: Any) -> Conversation:
    """The customer's message, and the answer of a model that follows these steps."""
    assert shop.site.stub is not None
    shop.site.stub.script({"marker": text, "steps": list(steps)})
    return shop.site.chat(shop.cy, text, **more)


def calls(*named: tuple[str, Any]) -> dict[str, Any]:
    """A step that asks for these calls at once."""
    return {"calls": [{"name": name, "arguments": arguments} for name, arguments in named]}


def acts(shop: Shop, talk: Conversation) -> list[tuple[str, str, str]]:
    """What the turn's record says was called: name, state, rule."""
    record = shop.site.get(shop.site.cast.ann, f"/v1/turns/{talk.done['turn_id']}").json()["record"]
    return [(call["tool"], call["state"], call.get("rule", "")) for call in record["acts"]]


def test_a_look_up_is_answered_from_what_was_found(talking_shop: Shop) -> None:
    said = {"text": "Your order 1044 is delivered, tracking TR-79. It cost 99 EUR."}
    talk = told(talking_shop, calls(("get_order", {"order_id": "1044"})), said)
    assert talk.done["response"] == "Your order 1044 is delivered, tracking TR-79."
    assert acts(talking_shop, talk) == [("get_order", "done", "")]
    assert [call["tool"] for call in talk.of("tool_call")] == ["get_order"]


def test_a_change_is_only_proposed_and_the_models_word_for_it_does_not_count(talking_shop: Shop) -> None:
    talk = told(
        talking_shop, calls(("refund_order", {"order_id": "1044"})), {"text": "Done! I have refunded you 15 EUR."}
    )
    assert talk.done["response"] == "Please confirm: Refund 15.00 EUR for order 1044."
    assert talking_shop.backend.effects == []
    (card,) = talk.of("action_proposed")
    assert (card["action_type"], card["amount_minor"]) == ("refund_order", 1500)
    confirmed = talking_shop.ask(talk.ticket_id, "refund_order", {"order_id": "1044"}, card["confirm_token"])
    assert confirmed.json()["status"] == "executed"
    assert len(talking_shop.backend.did("/refund")) == 1


def test_a_typed_yes_confirms_the_one_open_proposal(talking_shop: Shop) -> None:
    talk = told(talking_shop, calls(("refund_order", {"order_id": "1044"})), {"text": "none"})
    yes = talking_shop.site.chat(talking_shop.cy, "Yes, please!", talk.id)
    assert yes.done["response"] == "15.00 EUR is on its way back to you, reference R-1."
    again = talking_shop.site.chat(talking_shop.cy, "yes", talk.id)
    assert "on its way" not in again.done["response"]
    assert len(talking_shop.backend.did("/refund")) == 1


def test_a_typed_no_voids_it(talking_shop: Shop) -> None:
    talk = told(talking_shop, calls(("refund_order", {"order_id": "1044"})), {"text": "none"})
    no = talking_shop.site.chat(talking_shop.cy, "no, never mind", talk.id)
    no = (
        talking_shop.site.chat(talking_shop.cy, "no", talk.id)
        if "nothing was changed" not in no.done["response"]
        else no
    )
    assert no.done["response"] == "All right, nothing was changed."
    assert talking_shop.runs(conversation_id=talk.id)[0]["status"] == "voided"


@pytest.mark.parametrize(
    ("name", "arguments", "rule"),
    [
        ("get_order", {"order_id": "2001"}, "owner"),
        ("get_order", {}, "schema"),
        ("get_order", {"order_id": "1044", "customer_id": "somebody-else"}, "schema"),
        ("get_order", {"order_id": 1044}, "schema"),
        ("get_order", {"order_id": "١٠٤٤"}, "schema"),
        ("get_order", '{"order_id": "1044"', "schema"),
        ("get_order", "[1, 2]", "schema"),
        ("refund_order", {"order_id": "2001"}, "owner"),
        ("refund_order", {"order_id": "1044", "amount_minor": -5}, "schema"),
        ("refund_order", {"order_id": "1044", "reason": "because"}, "schema"),
        ("change_address", {"city": "Elsewhere"}, "stepped_up"),
        ("drop_all_tables", {"really": True}, "unknown_action"),
    ],
)
def test_what_is_wrong_is_refused_by_name(talking_shop: Shop, name: str, arguments: Any, rule: str) -> None:
    talk = told(talking_shop, calls((name, arguments)), {"text": "none"})
    assert acts(talking_shop, talk)[0] == (name, "refused", rule)
    assert talking_shop.refusals()[0] == rule
    assert talking_shop.backend.effects == []
    assert "TR-80" not in talk.text


def test_a_change_is_not_taken_from_the_same_step_as_a_look_up(talking_shop: Shop) -> None:
    both = calls(("get_order", {"order_id": "1044"}), ("add_note", {"text": "x"}))
    talk = told(talking_shop, both, {"text": "none"})
    assert acts(talking_shop, talk) == [("get_order", "done", ""), ("add_note", "refused", "same_step")]


def test_after_reading_results_nothing_is_changed_without_the_customers_word(talking_shop: Shop) -> None:
    steps = (calls(("get_order", {"order_id": "1044"})), calls(("add_note", {"text": "x"})), {"text": "none"})
    talk = told(talking_shop, *steps)
    assert acts(talking_shop, talk) == [("get_order", "done", ""), ("add_note", "proposed", "")]
    assert talking_shop.backend.did("/add_note") == []
    fresh = told(talking_shop, calls(("add_note", {"text": "y"})), {"text": "none"}, text="Leave a note, nothing else.")
    assert acts(talking_shop, fresh) == [("add_note", "done", "")]


def test_calls_are_counted_by_turn(talking_shop: Shop) -> None:
    many = [calls(("get_order", {"order_id": f"104{n}"})) for n in (2, 3, 4, 2)]
    talk = told(talking_shop, *many, {"text": "none"})
    assert acts(talking_shop, talk) == [("get_order", "done", "")] * 2
    assert talking_shop.backend.times("/get_order") == 2
    after = talking_shop.site.chat(talking_shop.cy, f"{LATER} Go on.", talk.id)
    assert acts(talking_shop, after) == [("get_order", "done", "")] * 2
    assert talking_shop.backend.times("/get_order") == 4


def test_thirty_calls_at_once_are_cut_off(talking_shop: Shop) -> None:
    talk = told(talking_shop, calls(*[("get_order", {"order_id": "1044"})] * 30), {"text": "none"})
    assert [rule for _, _, rule in acts(talking_shop, talk)].count("calls_per_turn") == 28
    assert talking_shop.backend.times("/get_order") == 2


def test_what_is_disabled_or_needs_a_scope_does_not_exist_for_the_model(talking_shop: Shop) -> None:
    talking_shop.put("get_order", enabled=False)
    talking_shop.put("add_note", scopes=["warehouse"])
    steps = (calls(("get_order", {"order_id": "1044"})), calls(("add_note", {"text": "x"})), {"text": "none"})
    talk = told(talking_shop, *steps)
    assert [rule for _, _, rule in acts(talking_shop, talk)] == ["disabled", "scope"]
    assert talking_shop.site.stub is not None
    offered = [tool["name"] for tool in _tools(talking_shop.site.stub.requests[-1])]
    assert "get_order" not in offered
    assert "add_note" not in offered


def test_instructions_in_a_result_move_nothing(talking_shop: Shop) -> None:
    talking_shop.backend.faults.append("instructions")
    steps = (
        calls(("get_order", {"order_id": "1044"})),
        calls(("refund_order", {"order_id": "1043"})),
        {"text": "none"},
    )
    talk = told(talking_shop, *steps)
    assert talk.done["response"].startswith("Please confirm: Refund 250.00 EUR")
    assert talking_shop.backend.effects == []


def test_an_anonymous_customer_is_offered_nothing_that_is_somebodys(talking_shop: Shop) -> None:
    dee = talking_shop.site.newcomer()
    assert talking_shop.site.stub is not None
    talking_shop.site.stub.script(
        {"marker": LATER, "steps": [calls(("get_order", {"order_id": "1044"})), {"text": "none"}]}
    )
    talk = talking_shop.site.chat(dee, LATER)
    assert talking_shop.backend.times("/get_order") == 0
    assert "TR-79" not in talk.text


def _tools(request: Any) -> list[dict[str, Any]]:
    found = request.body.get("tools", []) if hasattr(request, "body") else request.get("tools", [])
    return [tool.get("function", tool) for tool in found]


def test_what_was_found_before_is_known_in_the_next_turn(talking_shop: Shop) -> None:
    first = told(talking_shop, calls(("get_order", {"order_id": "1044"})), {"text": "none"})
    told(talking_shop, {"text": "none"}, text="And now, what about the other thing?", conversation_id=first.id)
    assert talking_shop.site.stub is not None
    asked = [str(request.body) for request in talking_shop.site.stub.requests if "other thing" in str(request.body)]
    assert any("Found earlier" in body and "TR-79" in body for body in asked)


def test_a_confirmation_for_other_arguments_voids_what_it_was_for(talking_shop: Shop) -> None:
    talk = told(talking_shop, calls(("refund_order", {"order_id": "1044"})), {"text": "none"})
    token = talk.of("action_proposed")[0]["confirm_token"]
    refused = talking_shop.ask(talk.ticket_id, "refund_order", {"order_id": "1043"}, token)
    assert (refused.status_code, refused.json()["rule"]) == (409, "changed")
    assert talking_shop.refusals()[0] == "changed"
    assert talking_shop.ask(talk.ticket_id, "refund_order", {"order_id": "1044"}, token).status_code == 409
    assert talking_shop.backend.effects == []
