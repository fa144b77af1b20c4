"""Models over HTTP: the mode for every member, spending and keys for admins, and nothing of one company for another."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tandem import ids
from tandem.llm.account import Spent
from tandem.llm.roles import Role
from tandem.tenants import spending
from tandem.tenants.spending import Purpose
from tests.cast import Cast
from tests.web.site import Site

KEY = "sk-canary-5b1e7c"
KEYS = "/v1/models/keys/anthropic"


def book(site: Site, cast: Cast, *calls: Spent, purpose: Purpose | None = None) -> None:
    async def booked() -> None:
        async with site.parts.db.tenant(cast.acme.id) as tx:
            spending.book_later(tx, calls, purpose or Purpose())

    site.run(booked())


def call(role: Role = Role.DRAFT, cost: int | None = 30, days_ago: float = 0) -> Spent:
    at = datetime.now(UTC) - timedelta(days=days_ago)
    return Spent(role, "openai:tiny", 1000, 200, False, cost, 800, 90, "ok", at)


def test_without_a_model_the_mode_is_quotation_only_everywhere(site: Site, cast: Cast) -> None:
    health = site.get(None, "/healthz").json()
    assert (health["mode"], health["model"], health["models"]) == ("quotation-only", None, [])
    mode = site.get(cast.vi, "/v1/mode").json()
    assert (mode["mode"], mode["chosen"], mode["why"]) == ("quotation-only", "full", "No language model is configured.")
    session = site.post(None, "/v1/widget/session", {"widget_key": cast.acme.widget_key}).json()["config"]
    assert (session["mode"], session["note"]) == (mode["mode"], mode["note"])


def test_an_admins_switch_is_seen_by_members_and_customers_of_that_company_alone(site: Site, cast: Cast) -> None:
    site.call(cast.ann, "PATCH", "/v1/policy", {"mode": "people-only"})
    try:
        assert site.get(cast.vi, "/v1/mode").json()["mode"] == "people-only"
        assert site.get(cast.ruth, "/v1/mode").json()["mode"] == "quotation-only"
        assert site.get(None, "/healthz").json()["mode"] == "quotation-only", "the installation's, not a company's"
    finally:
        site.call(cast.ann, "PATCH", "/v1/policy", {"mode": "full"})
    assert site.call(cast.ann, "PATCH", "/v1/policy", {"mode": "asleep"}).status_code == 422
    assert site.call(cast.ann, "PATCH", "/v1/policy", {"budget": {"tokens_per_day": -1}}).status_code == 422


def test_spending_is_shown_every_way_and_of_a_conversation_and_a_turn(site: Site, cast: Cast) -> None:
    said = site.chat(site.newcomer(), "Hello!")
    turn_id, conversation_id = ids.read("trn", said.done["turn_id"]), ids.read("cnv", said.id)
    purpose = Purpose(turn_id, conversation_id, ids.read("tkt", said.ticket_id))
    book(site, cast, call(), call(Role.JUDGE, None), purpose=purpose)
    book(site, cast, call(days_ago=40))

    def shown(query: str = "") -> dict[str, Any]:
        found: dict[str, Any] = site.get(cast.ann, f"/v1/models/spending{query}").json()
        return found

    by_role = shown("?by=role")
    assert [(item["role"], item["calls"], item["cost_micros"]) for item in by_role["items"]] == [
        ("draft", 1, 30),
        ("judge", 1, 0),
    ]
    assert (by_role["total"]["calls"], by_role["total"]["unpriced"]) == (2, 1)
    long_ago = f"{datetime.now(UTC) - timedelta(days=60):%Y-%m-%dT00:00:00Z}"
    assert shown(f"?from={long_ago}")["total"]["calls"] == 3
    assert [item["conversation"] for item in shown("?by=conversation")["items"]] == [said.id]
    assert shown("?by=model")["items"][0]["model"] == "openai:tiny"
    for wrong in ("?from=2030-01-01T00:00:00Z&to=2029-01-01T00:00:00Z", "?from=2020-01-01T00:00:00Z", "?by=weather"):
        assert site.get(cast.ann, f"/v1/models/spending{wrong}").status_code == 422

    talk = site.get(cast.vi, f"/v1/conversations/{said.id}/spending").json()
    assert (talk["calls"], talk["cost_micros"]) == (2, 30)
    assert [ticket["ticket_id"] for ticket in talk["tickets"]] == [said.ticket_id]
    assert [one["role"] for one in site.get(cast.vi, f"/v1/turns/{said.done['turn_id']}").json()["calls"]] == [
        "draft",
        "judge",
    ]
    assert site.get(cast.ruth, f"/v1/conversations/{said.id}/spending").status_code == 404
    assert site.get(cast.ruth, "/v1/models/spending").json()["total"]["calls"] == 0


def test_a_resolution_costs_what_all_its_turns_did(site: Site, cast: Cast) -> None:
    said = site.chat(site.newcomer(), "I want to talk to a person")
    purpose = Purpose(None, ids.read("cnv", said.id), ids.read("tkt", said.ticket_id))
    before = site.get(cast.ann, "/v1/models/spending").json()["resolutions"]
    book(site, cast, call(cost=100), call(cost=60), purpose=purpose)
    assert site.post(cast.bo, f"/v1/tickets/{said.ticket_id}/claim").status_code < 300
    assert site.post(cast.bo, f"/v1/tickets/{said.ticket_id}/resolve").status_code < 300
    after = site.get(cast.ann, "/v1/models/spending").json()["resolutions"]
    assert after["by_people"] == before["by_people"] + 1
    assert after["cost_micros"] == before["cost_micros"] + 160
    assert after["cost_micros_each"] == round(after["cost_micros"] / (after["by_people"] + after["by_assistant"]))


def test_a_key_goes_in_and_never_comes_out(site: Site, cast: Cast) -> None:
    saved = site.call(cast.ann, "PUT", KEYS, {"key": KEY})
    assert (saved.status_code, saved.json()["last4"], saved.json()["author"]) == (200, "1e7c", "Ann")
    answers = [saved] + [site.get(cast.ann, path) for path in ("/v1/models", "/v1/models/keys", "/v1/policy")]
    assert all(KEY not in answer.text for answer in answers)
    assert answers[1].json()["keys"] == answers[2].json()["items"] == [saved.json()]
    assert site.get(cast.ruth, "/v1/models/keys").json()["items"] == []
    assert site.call(cast.ann, "PUT", "/v1/models/keys/acme-ai", {"key": KEY}).status_code == 422
    short = site.call(cast.ann, "PUT", KEYS, {"key": "short"})
    assert (short.status_code, short.json()["errors"][0]["field"]) == (422, "key")
    assert site.call(cast.ann, "DELETE", KEYS).status_code == 204
    assert site.call(cast.ann, "DELETE", KEYS).status_code == 404


def test_only_admins_see_models_spending_and_keys(site: Site, cast: Cast) -> None:
    for who in (cast.bo, cast.vi, cast.cy):
        for path in ("/v1/models", "/v1/models/spending", "/v1/models/keys"):
            assert site.get(who, path).status_code == 403
        assert site.call(who, "PUT", KEYS, {"key": KEY}).status_code == 403
        assert site.call(who, "DELETE", KEYS).status_code == 403
    assert site.get(cast.cy, "/v1/mode").status_code == 403
    assert site.get(cast.bo, "/v1/mode").status_code == 200
