"""Changes switched off by an admin: nothing is proposed, confirmed or approved, by whatever way; look-ups stay."""

import pytest

from tests.actions.shop import Shop
from tests.actions.switched import confirmed_after_the_switch, mode

OFF = ["no-actions", "quotation-only", "people-only", "take-a-message"]


@pytest.mark.parametrize("name", OFF)
def test_nothing_is_proposed_and_look_ups_stay(shop: Shop, name: str) -> None:
    talk = shop.open()
    with mode(shop, name):
        refused = shop.ask(talk.ticket_id, "refund_order", {"order_id": "1044"})
        assert (refused.status_code, refused.json()["rule"]) == (403, "mode")
        unconfirmed = shop.ask(talk.ticket_id, "add_note", {"text": "Please ring."})
        assert (unconfirmed.status_code, unconfirmed.json()["rule"]) == (403, "mode")
        assert shop.ask(talk.ticket_id, "get_order", {"order_id": "1042"}).json()["status"] == "executed"
    assert shop.backend.effects == []
    assert shop.refusals()[:2] == ["mode", "mode"]
    assert shop.do(talk.ticket_id, "refund_order", {"order_id": "1044"})["status"] == "executed", "and on again"


@pytest.mark.parametrize("name", OFF)
def test_an_open_card_cannot_be_confirmed_any_more(shop: Shop, name: str) -> None:
    answer, effects = confirmed_after_the_switch(shop, name)
    assert (answer.status_code, answer.json()["rule"]) == (403, "mode")
    assert effects == []


def test_a_typed_yes_confirms_nothing_either_and_is_told_why(shop: Shop) -> None:
    talk = shop.open()
    shop.proposal(talk.ticket_id, "refund_order", {"order_id": "1044"})
    with mode(shop, "no-actions"):
        said = shop.site.chat(shop.cy, "yes", talk.id)
    assert "switched off" in said.text
    assert [call["state"] for call in said.of("tool_call")] == ["refused"]
    assert shop.backend.effects == []
    again = shop.site.chat(shop.cy, "yes", talk.id)
    assert "on its way back to you" in again.text, "the card waited"


def test_nobody_approves_while_changes_are_off_and_what_waits_goes_on_waiting(shop: Shop) -> None:
    talk = shop.open()
    done = shop.do(talk.ticket_id, "refund_order", {"order_id": "1043"})
    assert done["status"] == "pending_approval"
    approve = f"/v1/actions/runs/{done['action_id']}/approve"
    with mode(shop, "no-actions"):
        assert shop.site.post(shop.site.cast.bo, approve).status_code == 409
        assert shop.backend.effects == []
    assert shop.site.post(shop.site.cast.bo, approve).json()["status"] == "executed"
