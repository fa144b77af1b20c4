"""A customer's message and its answer: in order, once, resumable from anywhere, and never anybody else's."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tandem import ids
from tests.cast import Cast, Client
from tests.web.site import Conversation, Said, Site, until

RATE_LIMITS = False

ARTICLE = (
    "# Returns\n\nYou can return any item within 30 days of delivery. Worn items cannot be returned.\n\n"
    "## Refunds\n\nRefunds arrive within 5 working days after we have received the parcel.\n\n"
    "## Shipping\n\nStandard delivery takes 3 working days. Express delivery takes 1 working day and costs 9 euros."
)
QUESTION = "Within how many days can I return an item?"


@pytest.fixture(scope="module", autouse=True)
def article(site: Site) -> str:
    return site.learn("Returns", ARTICLE, external_id="returns")


@pytest.fixture
def dee(site: Site) -> Client:
    """Somebody new, so that nobody else's conversations are in the way."""
    return site.newcomer()


def test_an_answer_comes_in_order_and_cites_what_it_says(site: Site, dee: Client) -> None:
    answer = site.chat(dee, QUESTION, client_message_id="m-1", metadata={"page_url": "https://shop.example/"})
    kinds = [said.kind for said in answer if said.kind != "status"]
    assert kinds == ["accepted", "delta", "cited_sources", "done"]
    assert [said.id for said in answer if said.kind != "status"] == ["1", "2", "3", "4"]
    assert all(said.id is None for said in answer if said.kind == "status")
    done = answer.done
    assert done["response"] == answer.text == done["message"]["text"]
    assert "30 days" in answer.text
    assert done["answers"] == [answer.message_id]
    assert (done["escalated"], done["resolution_state"], done["sources"]) == (False, "answered", ["returns"])
    assert 0 < done["confidence"] <= 1
    (citation,) = done["citations"]
    assert ARTICLE[citation["start"] : citation["end"]] == citation["quote"]
    assert f"[{citation['index']}]" in answer.text


def test_the_thread_shows_what_the_stream_showed(site: Site, dee: Client) -> None:
    answer = site.chat(dee, QUESTION)
    shown = site.get(dee, f"/v1/conversations/{answer.id}").json()
    assert [message["text"] for message in shown["messages"]] == [QUESTION, answer.text]
    assert shown["messages"][1] == answer.done["message"]
    assert shown["last_event_id"] == answer[-1].id
    (listed,) = site.get(dee, "/v1/conversations").json()["items"]
    assert (listed["id"], listed["status"]) == (answer.id, "ai")


def test_what_nobody_wrote_down_is_not_answered_but_a_person_is_offered(site: Site, dee: Client) -> None:
    answer = site.chat(dee, "Which planets have rings and how old is the Eiffel tower in Paris?")
    assert answer.done["citations"] == []
    assert answer.done["resolution_state"] == "no_answer"
    assert answer.done["actions_available"] == ["talk_to_person"]
    assert answer.of("escalation_proposed")
    assert not answer.done["escalated"]


def test_a_stream_resumes_from_every_event_with_exactly_the_rest(site: Site, dee: Client) -> None:
    first = site.chat(dee, QUESTION)
    site.chat(dee, "How long does standard delivery take?", first.id)
    site.post(dee, "/v1/escalate", {"conv_id": first.id})
    whole = site.events(dee, first.id)
    numbers = [int(said.id) for said in whole if said.id]
    assert numbers == sorted(set(numbers))
    assert gaps(numbers) == staff_only(site, first.id)
    for at, said in enumerate(whole):
        assert site.events(dee, first.id, after=said.id or 0) == whole[at + 1 :]


def gaps(numbers: list[int]) -> set[int]:
    return set(range(1, numbers[-1] + 1)) - set(numbers)


def staff_only(site: Site, conversation_id: str) -> set[int]:
    """Numbers of events that customers never see, up to the last that they do."""
    with psycopg.connect(site.place.superuser) as connection:
        found = connection.execute(
            "select seq from events where conversation_id = %s and for_staff", [ids.read("cnv", conversation_id)]
        ).fetchall()
    return {seq for (seq,) in found if seq < site.last_event(conversation_id, staff=False)}


def test_what_was_heard_live_is_what_is_replayed(site: Site, dee: Client) -> None:
    live = [said for said in site.chat(dee, QUESTION) if said.id]
    assert list(site.events(dee, live[0].data["conversation_id"])) == live


def test_an_id_from_the_future_hears_what_comes_next(site: Site, dee: Client) -> None:
    answer = site.chat(dee, QUESTION)
    headers = {"last-event-id": "999999"}
    with site.stream(dee, "GET", f"/v1/conversations/{answer.id}/events", headers=headers) as events:
        site.chat(dee, "How long does standard delivery take?", answer.id)
        assert next(said for said in events if said.id).kind == "accepted"


@pytest.mark.parametrize("odd", ["x", "-1", "1.5", "²", "1" * 19, "1; drop table events"])
def test_an_odd_event_id_is_named(site: Site, dee: Client, odd: str) -> None:
    answer = site.chat(dee, "Hello!")
    headers = {b"last-event-id": odd.encode("latin-1")}
    refused = site.http.get(
        f"/v1/conversations/{answer.id}/events",
        headers=[(b"authorization", f"Bearer {dee.token}".encode()), *headers.items()],
    )
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "Last-Event-ID"


def test_somebody_elses_conversation_is_not_there(site: Site, dee: Client, cast: Cast) -> None:
    answer = site.chat(dee, QUESTION)
    for who in (cast.cy, cast.quinn):
        assert site.get(who, f"/v1/conversations/{answer.id}").status_code == 404
        assert site.get(who, f"/v1/conversations/{answer.id}/events").status_code == 404
        assert site.post(who, f"/v1/conversations/{answer.id}/stop").status_code == 404
        refused = site.post(who, "/v1/chat", {"message": "Hello", "conversation_id": answer.id})
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
        cited = f"/v1/messages/{answer.done['message_id']}/citations/1"
        assert site.get(who, cited).status_code == 404
        assert site.get(dee, cited).status_code == 200


# --- once ---


def test_the_same_message_again_gives_the_same_answer_again(site: Site, dee: Client) -> None:
    first = site.chat(dee, QUESTION, client_message_id="same")
    for again in (
        site.chat(dee, QUESTION, client_message_id="same"),
        site.chat(dee, QUESTION, first.id, client_message_id="same"),
    ):
        assert [said for said in again if said.id] == [said for said in first if said.id]
    assert len(site.get(dee, f"/v1/conversations/{first.id}").json()["messages"]) == 2
    assert len(site.get(dee, "/v1/conversations").json()["items"]) == 1


@pytest.mark.parametrize("known", [True, False], ids=["in a conversation", "as the first message"])
def test_twenty_sends_at_once_are_one_message_and_one_answer(site: Site, dee: Client, known: bool) -> None:
    conversation_id = site.chat(dee, "Hello!").id if known else None
    before = 2 if known else 0

    def send(_: int) -> Conversation:
        return site.chat(dee, QUESTION, conversation_id, client_message_id="burst")

    with ThreadPoolExecutor(20) as crowd:
        answers = list(crowd.map(send, range(20)))
    assert len({(answer.id, answer.message_id, answer.done["message_id"]) for answer in answers}) == 1
    shown = site.get(dee, f"/v1/conversations/{answers[0].id}").json()["messages"]
    assert [message["role"] for message in shown[before:]] == ["user", "assistant"]
    assert len(site.get(dee, "/v1/conversations").json()["items"]) == 1, "a retry left an empty conversation"


def test_the_same_id_with_another_text_is_refused(site: Site, dee: Client) -> None:
    first = site.chat(dee, QUESTION, client_message_id="once")
    for extra in ({}, {"conversation_id": first.id}):
        refused = site.post(dee, "/v1/chat", {"message": "Another", "client_message_id": "once"} | extra)
        assert (refused.status_code, refused.json()["code"]) == (422, "client_message_id_reused")
    assert len(site.get(dee, f"/v1/conversations/{first.id}").json()["messages"]) == 2


def test_two_customers_may_choose_the_same_id(site: Site, dee: Client, cast: Cast) -> None:
    one = site.chat(dee, QUESTION, client_message_id="popular")
    other = site.chat(site.newcomer(), QUESTION, client_message_id="popular")
    assert one.id != other.id


def test_an_idempotency_key_is_as_good_as_an_id_of_ones_own(site: Site, dee: Client) -> None:
    body = {"message": QUESTION}
    found = set()
    for _ in range(2):
        with site.stream(dee, "POST", "/v1/chat", body, headers={"idempotency-key": "k-1"}) as events:
            found.add(Conversation(events).message_id)
    assert len(found) == 1


# --- several at once, leaving, stopping ---


def test_a_burst_gets_one_reply_that_covers_all(site: Site, dee: Client) -> None:
    opened = site.chat(dee, "Hello!")
    texts = ["Within how many days", "can I return", "an item that I ordered?"]
    with ThreadPoolExecutor(3) as crowd:
        answers = [crowd.submit(site.chat, dee, text, opened.id) for text in texts]
        ends = [answer.result().done for answer in answers]
    shown = site.get(dee, f"/v1/conversations/{opened.id}").json()["messages"][2:]
    said = [message for message in shown if message["role"] == "user"]
    replies = [message for message in shown if message["role"] == "assistant"]
    assert sorted(message["text"] for message in said) == sorted(texts)
    assert 1 <= len(replies) <= 3
    assert shown[-1]["role"] == "assistant"
    assert ends[-1]["message_id"] in {reply["id"] for reply in replies}
    answered = {id for said in site.events(dee, opened.id) if said.kind == "done" for id in said.data["answers"]}
    assert {message["id"] for message in said} <= answered


def test_an_answer_is_finished_after_the_browser_has_left(site: Site, dee: Client) -> None:
    with site.stream(dee, "POST", "/v1/chat", {"message": QUESTION}) as events:
        accepted = next(events)
    id = accepted.data["conversation_id"]
    until(lambda: len(site.get(dee, f"/v1/conversations/{id}").json()["messages"]) == 2)
    assert "30 days" in site.get(dee, f"/v1/conversations/{id}").json()["messages"][1]["text"]


def test_stopping_when_nothing_is_written_does_nothing(site: Site, dee: Client) -> None:
    answer = site.chat(dee, QUESTION)
    assert site.post(dee, f"/v1/conversations/{answer.id}/stop").status_code == 204
    assert len(site.get(dee, f"/v1/conversations/{answer.id}").json()["messages"]) == 2


def test_the_staff_sees_the_customer_typing_and_the_customer_does_not(site: Site, dee: Client, cast: Cast) -> None:
    answer = site.chat(dee, "Hello!")
    heard = threading.Event()
    with site.stream(cast.vi, "GET", "/v1/events") as events:
        assert next(events).kind == "ready"
        assert site.post(dee, f"/v1/conversations/{answer.id}/typing").status_code == 204
        typing = first(events, "typing")
        assert typing.data == {"conversation_id": answer.id, "role": "customer", "name": "Customer"}
        heard.set()
    assert all(said.kind != "typing" for said in site.events(dee, answer.id))


def first(events: Iterator[Said], kind: str) -> Said:
    return next(said for said in events if said.kind == kind)


# --- what is taken at all ---


def test_an_empty_message_is_refused_and_stored_nowhere(site: Site, dee: Client) -> None:
    for text in ("", "   ", "\n\t "):
        refused = site.post(dee, "/v1/chat", {"message": text})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "message")
    assert site.get(dee, "/v1/conversations").json()["items"] == []


def test_a_message_beyond_the_tenants_limit_is_refused_with_the_figure(site: Site, dee: Client) -> None:
    assert site.chat(dee, "a " * 1999).done
    for length in (4001, 100_000):
        refused = site.post(dee, "/v1/chat", {"message": "x" * length})
        assert (refused.status_code, refused.json()["code"]) == (422, "message_too_long")
        assert "4,000" in refused.json()["detail"]
    assert site.post(dee, "/v1/chat", {"message": "x" * 100_001}).status_code == 422
    assert len(site.get(dee, "/v1/conversations").json()["items"]) == 1


@pytest.mark.parametrize(
    "text",
    ["😀" * 500, "שלום עולם", "a\u202eb", "<script>alert(1)</script>", "'; drop table messages; --", "%s %(x)s {y}"],
)
def test_any_text_is_stored_as_it_was_written(site: Site, dee: Client, text: str) -> None:
    answer = site.chat(dee, text)
    assert site.get(dee, f"/v1/conversations/{answer.id}").json()["messages"][0]["text"] == text


# --- the same turn as one answer (S1) ---

S1 = {
    "message_id", "conversation_id", "ticket_id", "response", "intent", "confidence", "actions_available", "escalated",
    "sources", "citations", "resolution_state", "response_latency_ms",
}  # fmt: skip


def test_a_server_gets_the_same_answer_in_one_piece(site: Site, cast: Cast) -> None:
    asked = {"customer_id": "cy-1", "message": QUESTION, "channel": "email", "metadata": {}}
    answer = site.post(cast.acme, "/v1/support/message", asked)
    assert answer.status_code == 200
    shown = answer.json()
    assert shown.keys() >= S1
    assert "30 days" in shown["response"]
    again = site.post(
        cast.acme,
        "/v1/support/message",
        {**asked, "message": "And how long do refunds take?", "ticket_id": shown["ticket_id"]},
    )
    assert again.json()["conversation_id"] == shown["conversation_id"]
    assert shown["conversation_id"] in {item["id"] for item in site.get(cast.cy, "/v1/conversations").json()["items"]}


def test_a_server_has_to_say_who_writes(site: Site, cast: Cast) -> None:
    for path in ("/v1/chat", "/v1/support/message"):
        refused = site.post(cast.acme, path, {"message": "Hello"})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "customer_id")


def test_a_server_cannot_write_as_one_customer_into_anothers_ticket(site: Site, cast: Cast) -> None:
    answer = site.chat(cast.cy, "Hello!")
    asked = {"customer_id": "somebody-else", "message": "Hello", "ticket_id": answer.ticket_id}
    assert site.post(cast.acme, "/v1/support/message", asked).status_code == 404


def test_a_key_does_a_post_once(site: Site, cast: Cast) -> None:
    asked: dict[str, Any] = {"customer_id": "once-1", "message": QUESTION}
    key = {"idempotency-key": "support-1"}
    one, two = (site.post(cast.acme, "/v1/support/message", asked, headers=key) for _ in range(2))
    assert one.json() == two.json()
    assert two.headers["idempotent-replay"] == "true"
    other = site.post(cast.acme, "/v1/support/message", asked | {"message": "Other"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
