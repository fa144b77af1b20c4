"""The five modes as conversations meet them: chosen, by a failing provider, by a budget; and what is written down of them."""

import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tandem.llm.breaker import REST_S
from tandem.llm.stub import Behaviour, Pace
from tests.cast import Cast, Client
from tests.conversations import moded
from tests.conversations.moded import LONG, QUESTIONS, asked_after_the_budget_was_spent, record, rules, today
from tests.ground import Ground
from tests.web.site import Conversation, Site, until


@pytest.fixture(scope="module")
def talking(ground: Ground, cast: Cast) -> Iterator[Site]:
    with moded.talking(ground, cast) as running:
        yield running


@pytest.fixture
def site(talking: Site) -> Site:
    moded.fresh(talking)
    return talking


@pytest.fixture
def dee(site: Site) -> Client:
    return site.newcomer()


def requests(site: Site) -> int:
    assert site.stub
    return len(site.stub.requests)


def behave(site: Site, how: Behaviour) -> None:
    assert site.stub
    site.stub.behave(how)


def modes(site: Site) -> tuple[str, str]:
    """As the operator and as the staff see it."""
    return site.get(None, "/healthz").json()["mode"], site.get(site.cast.vi, "/v1/mode").json()["mode"]


# ------------------------------------------------------------------ what is written down


def test_what_a_turn_took_is_in_the_ledger_with_its_price(site: Site, dee: Client) -> None:
    before = today(site)
    said = site.chat(dee, QUESTIONS[5])
    kept = record(site, said)
    (call,) = kept["calls"]
    assert (call["role"], call["model"], call["outcome"]) == ("draft", "openai:tiny-1", "ok")
    assert call["cost_micros"] == call["input_tokens"] + 2 * call["output_tokens"]
    assert call["first_token_ms"] <= call["ms"]
    after = today(site)
    assert after["calls"] == before["calls"] + 1
    assert after["tokens"] == before["tokens"] + call["input_tokens"] + call["output_tokens"]
    assert after["cost_micros"] == before["cost_micros"] + call["cost_micros"]
    assert kept["record"]["mode"] == {"name": "full", "why": ""}
    assert (said.done["mode"], said.done["note"]) == ("full", "")


def test_money_that_was_spent_for_nothing_is_spent(site: Site, dee: Client) -> None:
    """The customer presses Stop in the middle of an answer: the turn is over, and what its model took is in the ledger."""
    assert site.stub
    before = today(site)["calls"]
    site.stub.pace = Pace(first_token_ms=20, tokens_per_s=15)
    answer = Conversation()
    try:
        with site.stream(dee, "POST", "/v1/chat", {"message": LONG}) as events:
            for said in events:
                answer.append(said)
                if said.kind == "delta" and len(answer.of("delta")) == 1:
                    assert site.post(dee, f"/v1/conversations/{answer.id}/stop").status_code == 204
    finally:
        site.stub.pace = Pace()
    assert answer.done["resolution_state"] == "stopped"
    until(lambda: today(site)["calls"] == before + 1)
    (call,) = record(site, answer)["calls"]
    assert call["outcome"] in ("ok", "stopped")
    assert call["output_tokens"] > 0


def test_a_failure_costs_its_question_and_says_what_it_was(site: Site, dee: Client) -> None:
    behave(site, Behaviour.SERVER_ERROR)
    said = site.chat(dee, QUESTIONS[3])
    assert "30 days" in said.text
    assert {call["outcome"] for call in record(site, said)["calls"]} == {"overloaded"}


# ------------------------------------------------------------------ chosen by an admin


def test_in_quotation_only_no_model_is_asked(site: Site, dee: Client) -> None:
    rules(site, mode="quotation-only")
    said = site.chat(dee, QUESTIONS[2])
    assert "30 days" in said.text
    assert requests(site) == 0
    assert record(site, said)["record"]["mode"] == {
        "name": "quotation-only",
        "why": "An admin has chosen it in the rules.",
    }
    assert said.done["note"] == "Answers here are quoted from our help articles."
    rules(site, mode="no-actions")
    assert site.chat(site.newcomer(), QUESTIONS[2]).done["mode"] == "no-actions"
    assert requests(site) > 0


def test_in_people_only_everybody_gets_a_person_and_the_rule_says_why(site: Site, dee: Client) -> None:
    rules(site, mode="people-only")
    for words in ("Hello!", QUESTIONS[1]):
        said = site.chat(site.newcomer(), words)
        assert (said.done["escalated"], said.done["mode"]) == (True, "people-only")
        assert record(site, said)["record"]["route"]["rule"] == "mode"
        assert said.of("escalation_confirmed")[0]["hours"] is None
    assert requests(site) == 0
    urgent = site.chat(dee, "My account was hacked, somebody changed my password!")
    assert record(site, urgent)["record"]["route"]["rule"] == "account_security", "how pressing it is, is not forgotten"


def test_messages_are_taken_and_an_address_is_asked_for(site: Site, dee: Client) -> None:
    rules(site, mode="take-a-message")
    said = site.chat(dee, QUESTIONS[1])
    assert said.done["escalated"]
    assert "leave an e-mail address" in said.text
    (told,) = said.of("escalation_confirmed")
    assert (told["hours"]["outside"], told["estimated_wait_minutes"]) == ("collect", None)
    assert site.post(dee, f"/v1/conversations/{said.id}/contact", {"email": "dee@customers.example"}).status_code == 204
    shown = site.get(dee, f"/v1/conversations/{said.id}").json()
    assert (shown["contact_email"], shown["status"]) == ("dee@customers.example", "escalated")
    pressed = site.newcomer()
    asked = site.post(pressed, "/v1/escalate", {"reason": "customer_requested_human"})
    assert asked.status_code < 300, "a person can be asked for in every mode"


def test_what_people_only_would_do_can_be_tried_beforehand(site: Site, dee: Client) -> None:
    site.chat(dee, QUESTIONS[1])
    tried = site.post(site.cast.ann, "/v1/policy/sandbox", {"changes": {"mode": "people-only"}, "days": 1}).json()
    assert tried["proposed"]["people"] == tried["messages"] > 0
    assert "mode" in [row["rule"] for row in tried["by_rule"]]


# ------------------------------------------------------------------ by itself


def test_a_provider_that_fails_leads_to_quotation_and_back_after_a_probe(site: Site) -> None:
    assert modes(site) == ("full", "full")
    behave(site, Behaviour.REFUSED)
    said = [site.chat(site.newcomer(), question) for question in QUESTIONS[:2]]
    assert all("30 days" in each.text for each in said)
    assert modes(site) == ("quotation-only", "quotation-only")
    assert said[1].done["mode"] == "quotation-only"
    kept = record(site, said[1])
    assert (kept["calls"], kept["record"]["reply"]["by"]) == ([], "quotation")
    assert "does not answer just now" in kept["record"]["mode"]["why"]
    (model,) = site.get(None, "/healthz").json()["models"]
    assert (model["name"], model["state"]) == ("openai:tiny-1", "open")

    behave(site, Behaviour.GOOD)
    time.sleep(REST_S)  # its own rest: what a probe is let through after
    assert modes(site)[0] == "quotation-only", "not before somebody has asked"
    assert site.chat(site.newcomer(), QUESTIONS[2]).done["mode"] == "full"
    assert modes(site) == ("full", "full")


def test_a_budget_that_is_spent_ends_in_quotation_and_nobody_is_asked_any_more(site: Site) -> None:
    assert asked_after_the_budget_was_spent(site) == 0
    mode = site.get(site.cast.vi, "/v1/mode").json()
    assert (mode["mode"], mode["budget"]) == ("quotation-only", "hard")
    assert mode["why"] == "The day's budget for language models is spent."
    assert modes(site)[0] == "full", "the installation is well; a company's money is a company's matter"
    rules(site, budget={"tokens_per_day": None})
    assert site.chat(site.newcomer(), QUESTIONS[5]).done["mode"] == "full"


def test_at_the_soft_limit_answers_are_still_written_and_what_helps_is_saved(site: Site) -> None:
    site.chat(site.newcomer(), QUESTIONS[0])
    rules(site, budget={"tokens_per_day": 100 * today(site)["tokens"], "soft": 0.001})
    shown = site.get(site.cast.ann, "/v1/models").json()
    assert shown["mode"]["budget"] == "soft"
    assert {each["role"]: each["closed"] for each in shown["roles"]} == {
        "draft": False,
        "classify": True,
        "summarise": True,
        "judge": True,
        "rewrite": True,
    }
    assert record(site, site.chat(site.newcomer(), QUESTIONS[4]))["record"]["reply"]["by"] in ("model", "cache")
    site.chat(site.newcomer(), "I want to talk to a person")
    assert "summarise" not in [call["role"] for call in all_calls(site)[-1:]]


# ------------------------------------------------------------------ keys


def test_a_tenants_own_key_is_used_for_its_own_customers_alone(site: Site) -> None:
    assert site.stub
    saved = site.call(site.cast.ann, "PUT", "/v1/models/keys/openai", {"key": "sk-of-acme-7777"})
    assert saved.status_code == 200
    site.learn("Returns", moded.ARTICLE, site.cast.rival)
    try:
        site.chat(site.newcomer(), QUESTIONS[3])
        assert {request.key for request in site.stub.requests} == {"7777"}
        site.stub.requests.clear()
        site.chat(site.newcomer(site.cast.rival), QUESTIONS[3])
        assert {request.key for request in site.stub.requests} == {"-key"}, "the operator's"
    finally:
        assert site.call(site.cast.ann, "DELETE", "/v1/models/keys/openai").status_code == 204


def test_a_key_that_cannot_be_opened_spends_nobodys_money(site: Site) -> None:
    with psycopg.connect(site.place.superuser, autocommit=True) as connection:
        connection.execute(
            "insert into model_keys (tenant_id, provider, sealed, last4, author) values (%s, 'openai', %s, '0000', 'x')",
            [site.cast.acme.id, b"sealed under another master key"],
        )
        try:
            said = site.chat(site.newcomer(), QUESTIONS[3])
            assert requests(site) == 0
            assert said.done["mode"] == "quotation-only"
            assert "cannot be opened" in record(site, said)["record"]["mode"]["why"]
        finally:
            connection.execute("delete from model_keys")


def all_calls(site: Site) -> list[dict[str, Any]]:
    """The ledger, oldest first."""
    with psycopg.connect(site.place.superuser) as connection:
        found = connection.execute("select role, outcome from model_calls order by at, id").fetchall()
    return [{"role": role, "outcome": outcome} for role, outcome in found]
