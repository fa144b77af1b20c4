"""A change through the public API: proposed, confirmed, carried out once, whatever happens on the way."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tandem.actions import signing
from tests.actions.shop import Shop
from tests.cast import Client
from tests.web.site import until


def test_a_look_up_answers_with_what_is_the_customers_own(shop: Shop) -> None:
    talk = shop.open()
    found = shop.ask(talk.ticket_id, "get_order", {"order_id": "1042"}).json()
    assert (found["status"], found["result"]["tracking"]) == ("executed", "TR-77")
    strange = shop.ask(talk.ticket_id, "get_order", {"order_id": "2001"})
    assert (strange.status_code, strange.json()["rule"]) == (403, "owner")
    assert "TR-80" not in strange.text
    assert shop.refusals()[0] == "owner"


def test_a_change_is_proposed_confirmed_and_done_once(shop: Shop) -> None:
    talk = shop.open()
    proposal = shop.proposal(talk.ticket_id, "refund_order", {"order_id": "1044"})
    assert (proposal["summary"], proposal["amount_minor"]) == ("Refund 15.00 EUR for order 1044", 1500)
    assert shop.backend.effects == []
    token = proposal["confirm_token"]
    done = shop.ask(talk.ticket_id, "refund_order", {"order_id": "1044"}, token)
    assert done.json()["status"] == "executed"
    assert done.json()["text"] == "15.00 EUR is on its way back to you, reference R-1."
    again = shop.ask(talk.ticket_id, "refund_order", {"order_id": "1044"}, token)
    assert again.json() == done.json()
    assert shop.backend.did("/refund") == [{"order_id": "1044"}]
    asked = next(one for one in shop.backend.asked if one.path == "/refund")
    assert asked.key == proposal["action_id"]
    assert asked.headers["tandem-customer"] == shop.backend.owner


def by_id(
    shop: Shop, ticket_id: str, proposal: dict[str, Any], who: Client | None = None, **more: Any
) -> httpx.Response:
    """POST /v1/support/action with what stands on the card, and no parameters."""
    body = {"ticket_id": ticket_id, "action_id": proposal["action_id"], "confirmed_by_customer": True}
    return shop.site.post(
        who or shop.cy, "/v1/support/action", body | {"confirm_token": proposal["confirm_token"]} | more
    )


def test_what_a_card_hides_is_confirmed_by_its_id(shop: Shop) -> None:
    shop.put("refund_order", shows={"hide_arguments": ["order_id"]})
    talk = shop.open()
    proposal = shop.proposal(talk.ticket_id, "refund_order", {"order_id": "1044"})
    assert proposal["parameters"] == {"order_id": "…"}
    unconfirmed = by_id(shop, talk.ticket_id, proposal, confirmed_by_customer=False)
    assert (unconfirmed.status_code, unconfirmed.json()["proposal"]) == (409, proposal)
    assert shop.backend.effects == []
    done = by_id(shop, talk.ticket_id, proposal)
    assert done.json()["status"] == "executed"
    assert by_id(shop, talk.ticket_id, proposal).json() == done.json()
    assert shop.backend.did("/refund") == [{"order_id": "1044"}]


def test_an_id_confirms_nothing_with_another_token_in_another_conversation_or_of_another_customer(shop: Shop) -> None:
    talk, other = shop.open(), shop.open(text="Hello again")
    proposal = shop.proposal(talk.ticket_id, "refund_order", {"order_id": "1044"})
    stranger = shop.site.newcomer(sub="eva-elsewhere", name="Eva")
    theirs = shop.open(stranger)
    assert by_id(shop, talk.ticket_id, proposal, confirm_token="ct_" + "A" * 43).status_code == 409
    assert by_id(shop, other.ticket_id, proposal).status_code == 404
    assert by_id(shop, theirs.ticket_id, proposal, stranger).status_code == 404
    assert by_id(shop, talk.ticket_id, proposal, stranger).status_code == 404
    assert by_id(shop, talk.ticket_id, proposal, action_type="refund_order").status_code == 422
    assert shop.backend.effects == []


def test_the_conversation_shows_the_card_and_how_it_went(shop: Shop) -> None:
    talk = shop.open()
    shop.do(talk.ticket_id, "refund_order", {"order_id": "1044"})
    events = shop.site.events(shop.cy, talk.id)
    assert [one["action_type"] for one in events.of("action_proposed")] == ["refund_order"]
    assert events.of("action_updated")[-1]["status"] == "executed"
    assert "on its way back" in events.of("message")[-1]["message"]["text"]
    shown = shop.site.get(shop.cy, f"/v1/conversations/{talk.id}").json()
    assert [one["status"] for one in shown["actions"]] == ["executed"]


@pytest.mark.parametrize("token", ["", "ct_" + "A" * 43, "yes"])
def test_a_wrong_token_confirms_nothing(shop: Shop, token: str) -> None:
    talk = shop.open()
    right = shop.proposal(talk.ticket_id, "refund_order", {"order_id": "1044"})["confirm_token"]
    refused = shop.ask(talk.ticket_id, "refund_order", {"order_id": "1044"}, token or None)
    assert refused.status_code == 409
    other = shop.ask(talk.ticket_id, "refund_order", {"order_id": "1043"}, right)
    assert other.status_code == 409
    assert shop.backend.effects == []


def test_a_token_of_another_conversation_confirms_nothing(shop: Shop) -> None:
    mine, other = shop.open(), shop.open(text="Another matter")
    other = shop.site.chat(shop.cy, "Another matter", client_message_id="elsewhere-1") if other.id == mine.id else other
    token = shop.proposal(mine.ticket_id, "refund_order", {"order_id": "1044"})["confirm_token"]
    stranger = shop.site.newcomer(sub="mallory")
    theirs = shop.open(stranger)
    refused = shop.ask(theirs.ticket_id, "refund_order", {"order_id": "1044"}, token, stranger)
    assert (refused.status_code, refused.json()["rule"]) == (409, "confirmation")
    assert "proposal" not in refused.json()
    assert shop.ask(mine.ticket_id, "refund_order", {"order_id": "1044"}, token, stranger).status_code == 404
    assert shop.backend.effects == []


def test_a_price_that_has_changed_asks_anew(shop: Shop) -> None:
    talk = shop.open()
    token = shop.proposal(talk.ticket_id, "refund_order", {"order_id": "1044"})["confirm_token"]
    shop.backend.price = 4900
    refused = shop.ask(talk.ticket_id, "refund_order", {"order_id": "1044"}, token)
    assert (refused.status_code, refused.json()["rule"]) == (409, "changed")
    assert refused.json()["proposal"]["amount_minor"] == 4900
    assert shop.backend.effects == []


def test_what_the_backend_refuses_is_told_and_was_not_done(shop: Shop) -> None:
    talk = shop.open()
    shop.put("refund_order", limits={})
    failed = shop.do(talk.ticket_id, "refund_order", {"order_id": "1042"})
    assert failed["status"] == "failed"
    assert "not been delivered" in failed["text"]
    assert shop.backend.effects == []


def test_sixty_four_confirmations_at_once_are_one_effect_and_one_answer(shop: Shop) -> None:
    talk = shop.open()
    token = shop.proposal(talk.ticket_id, "refund_order", {"order_id": "1044"})["confirm_token"]
    with ThreadPoolExecutor(64) as pool:
        answers = list(
            pool.map(lambda _: shop.ask(talk.ticket_id, "refund_order", {"order_id": "1044"}, token), range(64))
        )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert len(shop.backend.did("/refund")) == 1
    assert shop.backend.times("/refund") == 1


def test_sixty_four_sessions_on_a_limit_of_one_are_one_effect(shop: Shop) -> None:
    shop.put("add_note", limits={"per_tenant_day_count": 1}, confirm={"required": True})
    customers = [shop.site.newcomer(sub=f"racer-{n}") for n in range(64)]
    talks = [shop.open(who) for who in customers]
    ready = [
        shop.proposal(t.ticket_id, "add_note", {"text": "x"}, who) for t, who in zip(talks, customers, strict=True)
    ]

    def confirm(n: int) -> int:
        token = ready[n]["confirm_token"]
        return shop.ask(talks[n].ticket_id, "add_note", {"text": "x"}, token, customers[n]).status_code

    with ThreadPoolExecutor(64) as pool:
        statuses = list(pool.map(confirm, range(64)))
    assert sorted(set(statuses)) == [200, 403]
    assert statuses.count(200) == len(shop.backend.did("/add_note")) == 1
    assert shop.refusals().count("tenant_limit") >= 63


@pytest.mark.parametrize(
    "fault", ["500_after", "409_after", "cut_after", "garbage_after", "half_after", "hang_after", "huge_after"]
)
def test_an_outcome_that_nobody_told_is_found_out_under_the_same_key(shop: Shop, fault: str) -> None:
    shop.backend.faults.append(fault)
    talk = shop.open()
    unsure = shop.do(talk.ticket_id, "refund_order", {"order_id": "1044"})
    assert unsure["status"] == "unknown"
    assert "not confirmed yet" in unsure["text"]
    action = unsure["action_id"]

    def settled() -> bool:
        shop.site.run(shop.site.parts.acting.carrier.look_after())
        return bool(shop.site.get(shop.acme, f"/v1/actions/runs/{action}").json()["status"] == "done")

    until(settled)
    assert len(shop.backend.did("/refund")) == 1
    assert {one.key for one in shop.backend.asked if one.path == "/refund"} == {action}
    told = [one["message"]["text"] for one in shop.site.events(shop.cy, talk.id).of("message")]
    assert told[-1] == "15.00 EUR is on its way back to you, reference R-1."


def test_a_backend_that_honours_no_keys_is_never_asked_twice_and_a_person_gets_it(shop: Shop) -> None:
    url = shop.backend.url
    shop.put("add_note", handler={"kind": "http", "url": f"{url}/add_note", "idempotent": False}, timeout_s=1)
    shop.backend.faults.append("cut_after")
    talk = shop.open()
    assert shop.ask(talk.ticket_id, "add_note", {"text": "x"}).json()["status"] == "unknown"

    def handed_over() -> bool:
        shop.site.run(shop.site.parts.acting.carrier.look_after())
        return bool(shop.site.get(shop.cy, f"/v1/conversations/{talk.id}").json()["status"] == "escalated")

    until(handed_over)
    assert shop.backend.times("/add_note") == 1
    unknown = shop.runs(needs_person=True)[0]
    assert unknown["status"] == "unknown"
    path = f"/v1/actions/runs/{unknown['action_id']}/settle"
    assert shop.site.post(shop.site.cast.vi, path, {"outcome": "done"}).status_code == 403
    assert shop.site.post(shop.site.cast.bo, path, {"outcome": "maybe"}).status_code == 422
    assert shop.site.post(shop.site.cast.bo, path, {"outcome": "done"}).json()["status"] == "executed"
    assert shop.site.post(shop.site.cast.bo, path, {"outcome": "failed"}).status_code == 409
    assert shop.runs(needs_person=True) == []


def test_a_status_address_is_asked_instead_where_there_is_one(shop: Shop) -> None:
    url = shop.backend.url
    handler = {"kind": "http", "url": f"{url}/add_note", "status_url": f"{url}/status", "idempotent": False}
    shop.put("add_note", handler=handler, timeout_s=1)
    shop.backend.faults.append("500_after")
    talk = shop.open()
    action = shop.ask(talk.ticket_id, "add_note", {"text": "x"}).json()["action_id"]

    def settled() -> bool:
        shop.site.run(shop.site.parts.acting.carrier.look_after())
        return bool(shop.site.get(shop.acme, f"/v1/actions/runs/{action}").json()["status"] == "done")

    until(settled)
    assert shop.backend.times("/add_note") == 1


def test_a_backend_that_cannot_be_reached_has_done_nothing(shop: Shop) -> None:
    shop.put("add_note", handler={"kind": "http", "url": "http://127.0.0.1:9/add_note"})
    talk = shop.open()
    assert shop.ask(talk.ticket_id, "add_note", {"text": "x"}).json()["status"] == "failed"


def test_above_a_limit_a_person_approves_and_above_another_two(shop: Shop) -> None:
    cast = shop.site.cast
    talk = shop.open()
    limits = {"approve_above_minor": 10000, "second_approver_above_minor": 20000}
    shop.put("refund_order", limits=limits)
    waiting = shop.do(talk.ticket_id, "refund_order", {"order_id": "1043"})
    assert waiting["status"] == "pending_approval"
    assert shop.backend.effects == []
    approve = f"/v1/actions/runs/{waiting['action_id']}/approve"
    assert shop.site.post(cast.vi, approve).status_code == 403
    assert shop.site.post(shop.cy, approve).status_code == 403
    assert shop.site.post(cast.bo, approve).json()["status"] == "pending_approval"
    assert shop.site.post(cast.bo, approve).status_code == 409
    assert shop.site.post(cast.ann, approve, {"reason": "known damage"}).json()["status"] == "executed"
    assert len(shop.backend.did("/refund")) == 1
    shown = shop.site.get(cast.ann, f"/v1/actions/runs/{waiting['action_id']}").json()
    assert [each["name"] for each in shown["approvals"]] == ["Bo", "Ann"]
    assert "on its way back" in shop.site.events(shop.cy, talk.id).of("message")[-1]["message"]["text"]


def test_what_is_not_approved_is_not_done(shop: Shop) -> None:
    talk = shop.open()
    waiting = shop.do(talk.ticket_id, "refund_order", {"order_id": "1043"})
    path = f"/v1/actions/runs/{waiting['action_id']}"
    assert shop.site.post(shop.site.cast.bo, f"{path}/reject", {"reason": "No damage."}).json()["status"] == "rejected"
    assert shop.site.post(shop.site.cast.ann, f"{path}/approve").status_code == 409
    assert shop.backend.effects == []


def test_what_was_done_can_be_taken_back_once(shop: Shop) -> None:
    talk = shop.open()
    done = shop.do(talk.ticket_id, "refund_order", {"order_id": "1044"})
    path = f"/v1/actions/runs/{done['action_id']}/undo"
    assert shop.site.post(shop.site.cast.bo, path).json()["status"] == "executed"
    assert shop.site.post(shop.site.cast.bo, path).json()["status"] == "executed"
    assert [body["run_id"] for body in shop.backend.did("/refund/undo")] == [done["action_id"]]
    assert {run["status"] for run in shop.runs(action="refund_order", conversation_id=talk.id)} == {"done", "undone"}


def test_a_customer_may_say_no(shop: Shop) -> None:
    talk = shop.open()
    proposal = shop.proposal(talk.ticket_id, "refund_order", {"order_id": "1044"})
    assert shop.site.post(shop.cy, f"/v1/actions/runs/{proposal['action_id']}/cancel").json()["status"] == "voided"
    late = shop.ask(talk.ticket_id, "refund_order", {"order_id": "1044"}, proposal["confirm_token"])
    assert late.status_code == 409
    assert shop.backend.effects == []


def test_requests_are_signed_with_both_secrets_while_one_replaces_the_other(shop: Shop) -> None:
    import base64
    import time

    secrets = [shop.site.post(shop.acme, "/v1/actions/add_note/secret").json()["secret"] for _ in range(2)]
    raw = [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets]
    talk = shop.open()
    shop.ask(talk.ticket_id, "add_note", {"text": "x"})
    asked = next(one for one in shop.backend.asked if one.path == "/add_note")
    for secret in raw:
        assert signing.is_ours(asked.headers, asked.raw, [secret], time.time())
    assert not signing.is_ours(asked.headers, asked.raw + b" ", raw, time.time())
    assert not signing.is_ours(asked.headers, asked.raw, raw, time.time() + 301)
    shown = shop.site.get(shop.acme, "/v1/actions/add_note").text
    assert not any(secret in shown for secret in secrets)
    assert secrets[1][-4:] in shown
