"""Answers that a model writes, on both wires: streamed, proven sentence by sentence, and never in a person's way."""

import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from tandem.answering.caching import Cache
from tandem.llm.stub import Behaviour, Pace
from tests.cast import Cast, Client
from tests.models import fearless
from tests.web.site import Conversation, Said, Site, until

PACE = Pace(slow_first_token_ms=60_000, slow_gap_ms=60_000)
FAST, SLOW = PACE, Pace(first_token_ms=20, tokens_per_s=80, slow_first_token_ms=60_000, slow_gap_ms=60_000)
SLOWER = [replace(SLOW, tokens_per_s=speed) for speed in (80, 40, 20, 15, 15)]
"""One after another, where the machine was too busy for us to come in the middle of an answer."""
TAKE_OVERS = 25
"""On each wire: 50 in all."""

ARTICLE = (
    "# Returns\n\nYou can return any item within 30 days of delivery. Worn items cannot be returned. "
    "Return parcels are free for you when you use our label. The return label is in the box of your delivery.\n\n"
    "## Refunds\n\nRefunds arrive within 5 working days after we have received the parcel."
)
QUESTION = "Within how many days can I return an item, and is the return parcel free?"


@pytest.fixture(scope="module", autouse=True)
def article(talking_site: Site) -> str:
    return talking_site.learn("Returns", ARTICLE)


@pytest.fixture
def site(talking_site: Site) -> Site:
    """The site, with a model that is quick and good until a test says otherwise."""
    pace(talking_site, FAST)
    behave(talking_site, Behaviour.GOOD)
    talking_site.parts.desk.tools.answers = Cache()  # every test asks the model, and the same
    fearless(talking_site.parts.asked)
    return talking_site


@pytest.fixture
def dee(site: Site) -> Client:
    return site.newcomer()


def behave(site: Site, behaviour: Behaviour) -> None:
    assert site.stub
    site.stub.behave(behaviour)


def pace(site: Site, how: Pace) -> None:
    assert site.stub
    site.stub.pace = how


def proven(answer: Conversation, site: Site) -> None:
    """What left is cited from what was found for this question, word for word where it is quoted."""
    record = site.get(site.cast.vi, f"/v1/turns/{answer.done['turn_id']}").json()["record"]
    retrieved = {passage["passage_id"] for passage in record["passages"]}
    assert {citation["passage_id"] for citation in answer.done["citations"]} <= retrieved
    assert all(ARTICLE[c["start"] : c["end"]] == c["quote"] for c in answer.done["citations"])
    assert answer.text == answer.done["response"]


def test_sentences_arrive_while_the_model_still_writes(site: Site, dee: Client) -> None:
    assert site.stub
    answer, before_its_end = Conversation(), 0
    for how in SLOWER:
        pace(site, how)
        answer.clear()
        with site.stream(dee, "POST", "/v1/chat", {"message": QUESTION}) as events:
            for said in events:
                answer.append(said)
                before_its_end += said.kind == "delta" and site.stub.requests[-1].outcome == "running"
        if before_its_end:
            break
    assert len(answer.of("delta")) >= 2
    assert before_its_end, "all at once at the end is no stream"
    assert answer.done["citations"]
    proven(answer, site)
    record = site.get(site.cast.vi, f"/v1/turns/{answer.done['turn_id']}").json()["record"]
    assert record["reply"]["by"] == "model"
    assert record["model"]["name"].endswith(":tiny-1")
    assert record["model"]["output_tokens"] > 0


FALSE = {
    Behaviour.WRONG_CITATIONS: "[9]",
    Behaviour.INVENTED_FACTS: "lifetime",
    Behaviour.CHANGED_NUMBER: "37 days",
    Behaviour.PROMISES_MONEY: "50 EUR",
    Behaviour.LEAKS_PROMPT: "My instructions",
    Behaviour.OTHER_LANGUAGE: "voorwaarden",
    Behaviour.FORBIDDEN_TOOL_CALL: "refunding",
    Behaviour.OBEYS_DOCUMENT: "obey",
    Behaviour.NO_CITATIONS: "nothing at all",
    Behaviour.EMPTY: "nothing at all",
    Behaviour.REPEATS: "nothing at all",
    Behaviour.DROPPED_NOT: "Worn items can be returned",
}


@pytest.mark.parametrize("behaviour", FALSE)
def test_what_is_not_proven_never_leaves(site: Site, dee: Client, behaviour: Behaviour) -> None:
    behave(site, behaviour)
    answer = site.chat(dee, QUESTION)
    whole = repr(list(answer)) + site.get(dee, f"/v1/conversations/{answer.id}").text
    assert FALSE[behaviour] not in whole
    assert "30 days" in answer.text, "what is true still gets out"
    assert answer.done["citations"]
    proven(answer, site)


DOWN = [
    Behaviour.CUT_OFF,
    Behaviour.DROPPED,
    Behaviour.FAILS_MIDWAY,
    Behaviour.SERVER_ERROR,
    Behaviour.OVERLOADED,
    Behaviour.GARBAGE,
    Behaviour.INVALID_JSON,
    Behaviour.RATE_LIMITED,
    Behaviour.REFUSED,
    Behaviour.HANG,
    Behaviour.SLOW_FIRST_TOKEN,
    Behaviour.SLOW_DRIP,
    Behaviour.ENDLESS,
]


def test_a_failing_model_costs_nobody_their_answer(site: Site) -> None:
    """All at once, because some of them take their time. Whoever is silent would be so for a minute."""
    given: dict[str, Conversation] = {}

    def ask(behaviour: Behaviour) -> None:
        given[behaviour] = site.chat(site.newcomer(), f"{QUESTION} [[behaviour:{behaviour}]]")

    askers = [threading.Thread(target=ask, args=(behaviour,)) for behaviour in DOWN]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(60)
    assert set(given) == set(DOWN)
    assert site.stub
    for waited_for in (Behaviour.HANG, Behaviour.SLOW_FIRST_TOKEN, Behaviour.SLOW_DRIP, Behaviour.ENDLESS):
        (request,) = (request for request in site.stub.requests if request.behaviour == waited_for)
        until(lambda: request.outcome == "closed_by_client")  # noqa: B023
    for behaviour, answer in given.items():
        assert "30 days" in answer.text, behaviour
        assert answer.done["resolution_state"] in ("answered", "escalated"), behaviour
        proven(answer, site)


def test_pressing_stop_keeps_what_was_said_and_ends_the_answer(site: Site) -> None:
    answer, dee = Conversation(), site.newcomer()
    for how in SLOWER:
        pace(site, how)
        answer, dee = Conversation(), site.newcomer()
        with site.stream(dee, "POST", "/v1/chat", {"message": QUESTION}) as events:
            for said in events:
                answer.append(said)
                if said.kind == "delta" and len(answer.of("delta")) == 1:
                    assert site.post(dee, f"/v1/conversations/{answer.id}/stop").status_code == 204
        if answer.done["resolution_state"] == "stopped":
            break
    assert answer.done["resolution_state"] == "stopped"
    assert answer.text.strip() == answer.done["message"]["text"].strip()
    time.sleep(0.5)
    shown = site.get(dee, f"/v1/conversations/{answer.id}").json()["messages"]
    assert [message["role"] for message in shown] == ["user", "assistant"]
    assert shown[1]["text"] == answer.done["message"]["text"]


def test_who_reloads_in_the_middle_sees_the_same_words(site: Site) -> None:
    dee, id, shown = site.newcomer(), "", dict[str, Any]()
    for how in SLOWER:
        pace(site, how)
        dee, id = site.newcomer(), ""
        with site.stream(dee, "POST", "/v1/chat", {"message": QUESTION}) as events:
            for said in events:
                id = id or said.data.get("conversation_id", "")
                if said.kind == "delta":
                    break
            shown = site.get(dee, f"/v1/conversations/{id}").json()
        if shown["partial"]:
            break
    assert shown["partial"]["text"]
    until(lambda: not site.get(dee, f"/v1/conversations/{id}").json()["thinking"])
    rest = site.events(dee, id, after=shown["last_event_id"])
    final = site.get(dee, f"/v1/conversations/{id}").json()["messages"][-1]["text"]
    assert shown["partial"]["text"] + rest.text == final


def test_a_message_during_an_answer_gets_an_answer_of_its_own(site: Site, dee: Client) -> None:
    pace(site, SLOW)
    second: list[Conversation] = []
    with site.stream(dee, "POST", "/v1/chat", {"message": QUESTION}) as events:
        first = Conversation()
        asker = None
        for said in events:
            first.append(said)
            if said.kind == "delta" and asker is None:
                asker = threading.Thread(
                    target=lambda: second.append(site.chat(dee, "How fast do refunds arrive?", first.id))
                )
                asker.start()
    assert asker
    asker.join(60)
    assert first.done["answers"] == [first.message_id]
    assert "30 days" in first.done["response"]
    (answer,) = second
    assert answer.done["answers"] == [answer.message_id]
    assert "5 working days" in answer.done["response"]


def test_an_article_that_is_deleted_while_it_is_answered_from_does_no_harm(site: Site, dee: Client) -> None:
    gone = site.learn(
        "Gift wrap", "# Gift wrap\n\nGift wrap costs 4 euros for every parcel. It comes in blue and in green."
    )
    pace(site, SLOW)
    with site.stream(dee, "POST", "/v1/chat", {"message": "How much does gift wrap cost for a parcel?"}) as events:
        answer = Conversation()
        for said in events:
            answer.append(said)
            if said.kind == "status" and said.data["step"] == "draft":
                assert site.call(site.cast.acme, "DELETE", f"/v1/kb/documents/{gone}").status_code == 204
    assert "4 euros" in answer.text
    cited = site.get(dee, f"/v1/messages/{answer.done['message_id']}/citations/1")
    assert cited.status_code == 200
    assert not cited.json()["current"]
    again = site.chat(dee, "How much does gift wrap cost for a parcel?")
    assert "4 euros" not in again.text


def test_nothing_of_the_assistants_comes_after_the_person_who_took_over(site: Site, cast: Cast) -> None:
    """F18, at a different moment each time, from before the first word to after the last."""
    outcomes = []
    for n in range(TAKE_OVERS):
        pace(site, Pace(first_token_ms=5, tokens_per_s=400 if n % 5 else 40))  # some for a machine that is busy
        outcomes.append(take_over(site, site.newcomer(), cast, n * 0.012))
    assert any(outcomes), "every answer was over before anybody could take over"


def take_over(site: Site, dee: Client, cast: Cast, delay: float) -> bool:
    """Whether the assistant was interrupted."""
    with site.stream(dee, "POST", "/v1/chat", {"message": QUESTION}) as events:
        answer = Conversation([next(events)])
        reader = threading.Thread(target=lambda: answer.extend(events))
        reader.start()
        time.sleep(delay)
        path = f"/v1/tickets/{answer.ticket_id}"
        assert site.post(cast.bo, f"{path}/claim").status_code == 200
        reply = site.post(cast.bo, f"{path}/reply", {"text": "I am here.", "client_message_id": f"take-{answer.id}"})
        assert reply.status_code == 201
        reader.join(60)
    whole: list[Said] = site.events(dee, answer.id)
    joined = next(at for at, said in enumerate(whole) if said.kind == "joined")
    late = [said.kind for said in whole[joined:] if said.kind in ("delta", "cited_sources", "restarted")]
    late += [said.kind for said in whole[joined:] if said.kind == "done" and said.data["message"]]
    assert late == []
    shown = site.get(dee, f"/v1/conversations/{answer.id}").json()["messages"]
    assert shown[-1]["text"] == "I am here."
    released = "".join(delta["text"] for delta in Conversation(whole).of("delta"))
    said_by_ai = [message["text"] for message in shown if message["role"] == "assistant"]
    assert "".join(said_by_ai).strip() == released.strip()
    return bool(Conversation(whole).done["resolution_state"] == "silenced")


def test_a_person_gets_a_better_worded_summary_when_there_is_a_model(site: Site, dee: Client, cast: Cast) -> None:
    answer = site.chat(dee, "I want to talk to a human, please")
    path = f"/v1/tickets/{answer.ticket_id}"
    until(lambda: "a person is needed" in site.get(cast.bo, path).json()["handoffs"][0]["summary"])
