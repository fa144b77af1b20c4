"""From the assistant to a person and back: asked for, claimed, answered, handed back, resolved, rated, reopened."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tandem import ids
from tests.cast import Cast, Client, Colleague
from tests.web.site import Conversation, Site

RATE_LIMITS = False

ARTICLE = "# Returns\n\nYou can return any item within 30 days of delivery. Worn items cannot be returned."
QUESTION = "Within how many days can I return an item?"


@pytest.fixture(scope="module", autouse=True)
def article(site: Site) -> str:
    return site.learn("Returns", ARTICLE)


@pytest.fixture
def dee(site: Site) -> Client:
    return site.newcomer()


@pytest.fixture
def waiting(site: Site, dee: Client) -> Conversation:
    """A conversation whose customer waits for a person."""
    answer = site.chat(dee, QUESTION)
    assert site.post(dee, "/v1/escalate", {"conv_id": answer.id}).status_code == 200
    return answer


@pytest.fixture
def claimed(site: Site, waiting: Conversation, cast: Cast) -> Conversation:
    """Bo has taken it."""
    assert site.post(cast.bo, f"/v1/tickets/{waiting.ticket_id}/claim").status_code == 200
    return waiting


def ticket(site: Site, who: Colleague, conversation: Conversation) -> dict[str, object]:
    shown: dict[str, object] = site.get(who, f"/v1/tickets/{conversation.ticket_id}").json()["ticket"]
    return shown


def write(
    site: Site, who: Colleague, conversation: Conversation, text: str, id: str, **more: object
) -> dict[str, object]:
    body = {"text": text, "client_message_id": id, **more}
    answer = site.post(who, f"/v1/tickets/{conversation.ticket_id}/reply", body)
    assert answer.status_code == 201, answer.text
    shown: dict[str, object] = answer.json()
    return shown


# --- asking for a person ---


def test_the_button_puts_the_ticket_into_the_queue_with_a_briefing(site: Site, dee: Client, cast: Cast) -> None:
    answer = site.chat(dee, QUESTION)
    told = site.post(dee, "/v1/escalate", {"conv_id": answer.id, "reason": "customer_requested_human"}).json()
    assert (told["conversation_id"], told["ticket_id"]) == (answer.id, answer.ticket_id)
    assert told["queue_position"] >= 1
    assert (told["assigned_agent"], told["handoff_context_included"]) == (None, True)
    detail = site.get(cast.bo, f"/v1/tickets/{answer.ticket_id}").json()
    (briefing,) = detail["handoffs"]
    assert briefing["id"] == told["escalation_id"]
    assert QUESTION in briefing["summary"]
    assert briefing["next_step"]
    assert briefing["citations"] == answer.done["citations"]
    assert (detail["ticket"]["status"], detail["ticket"]["mode"]) == ("escalated", "people")
    kinds = [said.kind for said in site.events(dee, answer.id)]
    assert kinds[-1] == "escalation_confirmed"


def test_asking_in_words_is_enough(site: Site, dee: Client) -> None:
    answer = site.chat(dee, "I want to talk to a human being, please")
    assert answer.done["escalated"]
    assert answer.of("escalation_confirmed")
    assert site.get(dee, f"/v1/conversations/{answer.id}").json()["status"] == "escalated"


def test_asking_twice_keeps_the_place_and_the_briefing(site: Site, waiting: Conversation, dee: Client) -> None:
    one, two = (site.post(dee, "/v1/escalate", {"conv_id": waiting.id}).json() for _ in range(2))
    assert one == two
    shown = site.get(dee, f"/v1/conversations/{waiting.id}").json()
    assert shown["queue"]["position"] == one["queue_position"]


def test_one_may_ask_before_writing_anything(site: Site, dee: Client) -> None:
    told = site.post(dee, "/v1/escalate", {"reason": "customer_requested_human"}).json()
    shown = site.get(dee, f"/v1/conversations/{told['conversation_id']}").json()
    assert (shown["status"], shown["messages"]) == ("escalated", [])
    answer = site.chat(dee, "It is about my order", told["conversation_id"])
    assert answer.done["message"] is None


def test_pressing_the_button_twice_at_once_makes_one_handoff(site: Site, dee: Client, cast: Cast) -> None:
    answer = site.chat(dee, QUESTION)
    with ThreadPoolExecutor(6) as crowd:
        told = list(crowd.map(lambda _: site.post(dee, "/v1/escalate", {"conv_id": answer.id}).json(), range(6)))
    assert len({each["escalation_id"] for each in told}) == 1
    assert len(site.get(cast.bo, f"/v1/tickets/{answer.ticket_id}").json()["handoffs"]) == 1


def test_a_server_escalates_with_its_own_words_and_priority(site: Site, cast: Cast) -> None:
    answer = site.chat(cast.cy, QUESTION)
    told = site.post(
        cast.acme,
        "/v1/support/escalate",
        {"ticket_id": answer.ticket_id, "reason": "VIP", "priority": "urgent", "conversation_summary": "Wants a call."},
    )
    assert told.status_code == 200
    detail = site.get(cast.bo, f"/v1/tickets/{answer.ticket_id}").json()
    assert (detail["ticket"]["priority"], detail["handoffs"][0]["summary"]) == ("urgent", "Wants a call.")


def test_an_address_can_be_left_and_has_to_be_one(site: Site, waiting: Conversation, dee: Client, cast: Cast) -> None:
    path = f"/v1/conversations/{waiting.id}/contact"
    for odd in ("nobody", "a@b", "a b@c.example", "", "x@" + "y" * 310 + ".example"):
        assert site.post(dee, path, {"email": odd}).status_code == 422, odd
    assert site.post(dee, path, {"email": "Dee@Customers.Example.com"}).status_code == 204
    assert site.get(dee, f"/v1/conversations/{waiting.id}").json()["contact_email"] == "Dee@customers.example.com"
    assert ticket(site, cast.bo, waiting)["customer"]["email"] == "Dee@customers.example.com"  # type: ignore[index]


# --- in people's hands ---


def test_the_assistant_is_silent_once_people_have_it(site: Site, waiting: Conversation, dee: Client) -> None:
    for _ in range(2):
        answer = site.chat(dee, QUESTION, waiting.id)
        assert answer.done["message"] is None
        assert answer.done["resolution_state"] == "with_people"
        assert not answer.of("delta")
    shown = site.get(dee, f"/v1/conversations/{waiting.id}").json()["messages"]
    assert [message["role"] for message in shown] == ["user", "assistant", "user", "user"]


def test_of_many_who_claim_at_once_one_gets_it(site: Site, waiting: Conversation, cast: Cast) -> None:
    path = f"/v1/tickets/{waiting.ticket_id}/claim"
    with ThreadPoolExecutor(10) as crowd:
        answers = list(crowd.map(lambda n: (n % 2, site.post((cast.ann, cast.bo)[n % 2], path)), range(10)))
    winners = {who for who, answer in answers if answer.status_code == 200}
    assert len(winners) == 1
    refused = [answer.json() for who, answer in answers if who not in winners]
    name = (cast.ann, cast.bo)[winners.pop()].name
    assert all((each["code"], each["assignee"]["name"]) == ("already_claimed", name) for each in refused)
    assert ticket(site, cast.vi, waiting)["assignee"]["name"] == name  # type: ignore[index]


def test_the_customer_sees_who_has_joined_and_what_they_write(
    site: Site, waiting: Conversation, dee: Client, cast: Cast
) -> None:
    last = site.get(dee, f"/v1/conversations/{waiting.id}").json()["last_event_id"]
    with site.stream(dee, "GET", f"/v1/conversations/{waiting.id}/events", headers={"last-event-id": last}) as events:
        site.post(cast.bo, f"/v1/tickets/{waiting.ticket_id}/claim")
        assert next(events).data["agent"]["name"] == "Bo"
        site.post(cast.bo, f"/v1/tickets/{waiting.ticket_id}/typing")
        assert (said := next(events)).kind == "typing"
        assert said.data["name"] == "Bo"
        write(site, cast.bo, waiting, "Good morning!", "b-1")
        assert (said := next(events)).kind == "message"
        assert (said.data["message"]["text"], said.data["message"]["role"]) == ("Good morning!", "agent")
    shown = site.get(dee, f"/v1/conversations/{waiting.id}").json()
    assert shown["agent"]["name"] == "Bo"
    assert shown["messages"][-1]["author"]["name"] == "Bo"


def test_only_who_has_claimed_writes_to_the_customer(site: Site, waiting: Conversation, cast: Cast) -> None:
    body = {"text": "Hello", "client_message_id": "n-1"}
    path = f"/v1/tickets/{waiting.ticket_id}/reply"
    assert site.post(cast.bo, path, body).json()["code"] == "not_claimed"
    site.post(cast.bo, f"/v1/tickets/{waiting.ticket_id}/claim")
    assert site.post(cast.ann, path, body).json()["code"] == "not_claimed"
    assert site.post(cast.bo, path, body).status_code == 201


def test_a_reply_that_is_sent_twice_is_said_once(site: Site, claimed: Conversation, dee: Client, cast: Cast) -> None:
    with ThreadPoolExecutor(8) as crowd:
        sent = list(crowd.map(lambda _: write(site, cast.bo, claimed, "Once.", "same")["id"], range(8)))
    assert len(set(sent)) == 1
    said = [m["text"] for m in site.get(dee, f"/v1/conversations/{claimed.id}").json()["messages"]]
    assert said.count("Once.") == 1


def test_an_id_that_was_used_swallows_no_other_reply(
    site: Site, claimed: Conversation, dee: Client, cast: Cast
) -> None:
    write(site, cast.bo, claimed, "First.", "one")
    site.chat(dee, "Mine.", claimed.id, client_message_id="two")
    path = f"/v1/tickets/{claimed.ticket_id}"
    for kind, text, id in (("reply", "Second.", "one"), ("note", "First.", "one"), ("reply", "Mine.", "two")):
        refused = site.post(cast.bo, f"{path}/{kind}", {"text": text, "client_message_id": id})
        assert (refused.status_code, refused.json()["code"]) == (422, "client_message_id_reused")


def test_a_note_never_reaches_the_customer(site: Site, claimed: Conversation, dee: Client, cast: Cast) -> None:
    last = site.get(dee, f"/v1/conversations/{claimed.id}").json()["last_event_id"]
    with (
        site.stream(dee, "GET", f"/v1/conversations/{claimed.id}/events", headers={"last-event-id": last}) as events,
        site.stream(cast.vi, "GET", "/v1/events") as seen_by_staff,
    ):
        body = {"text": "secretword: check the invoice", "client_message_id": "note-1"}
        assert site.post(cast.bo, f"/v1/tickets/{claimed.ticket_id}/note", body).json()["visibility"] == "internal"
        write(site, cast.bo, claimed, "One moment.", "reply-1")
        assert next(said for said in events if said.kind == "message").data["message"]["text"] == "One moment."
        assert any("secretword" in str(said.data) for said in seen_by_staff if said.kind == "message")
    answers = [
        site.get(dee, f"/v1/conversations/{claimed.id}").text,
        site.get(dee, "/v1/conversations").text,
        repr(site.events(dee, claimed.id)),
        site.get(cast.acme, f"/v1/conversations/{claimed.id}").text,
    ]
    assert not any("secretword" in answer for answer in answers)
    assert "secretword" in site.get(cast.vi, f"/v1/tickets/{claimed.ticket_id}").text
    assert "secretword" in site.get(cast.vi, f"/v1/conversations/{claimed.id}").text
    assert "secretword" not in str(ticket(site, cast.bo, claimed))


def test_who_wrote_meanwhile_is_shown_before_ones_reply_goes_out(
    site: Site, claimed: Conversation, dee: Client, cast: Cast
) -> None:
    seen = site.get(cast.bo, f"/v1/tickets/{claimed.ticket_id}").json()["conversation"]["last_event_id"]
    site.chat(dee, "Never mind, I found it", claimed.id)
    body = {"text": "Here is how", "client_message_id": "late", "seen_event_id": seen}
    refused = site.post(cast.bo, f"/v1/tickets/{claimed.ticket_id}/reply", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "new_reply_since")
    assert [message["text"] for message in refused.json()["messages"]] == ["Never mind, I found it"]
    assert write(site, cast.bo, claimed, "Here is how", "late")["text"] == "Here is how"
    seen = site.get(cast.bo, f"/v1/tickets/{claimed.ticket_id}").json()["conversation"]["last_event_id"]
    write(site, cast.bo, claimed, "Anything else?", "later", seen_event_id=seen)


@pytest.mark.parametrize("odd", ["x", "²", -1, 1.5, "9" * 30])
def test_an_odd_seen_event_id_is_named(site: Site, claimed: Conversation, cast: Cast, odd: object) -> None:
    body = {"text": "a", "client_message_id": "odd", "seen_event_id": odd}
    refused = site.post(cast.bo, f"/v1/tickets/{claimed.ticket_id}/reply", body)
    assert refused.status_code == 422
    assert "seen_event_id" in refused.json()["errors"][0]["field"]


# --- and out of them again ---


def test_after_a_handback_the_assistant_answers_again(
    site: Site, claimed: Conversation, dee: Client, cast: Cast
) -> None:
    assert site.post(cast.bo, f"/v1/tickets/{claimed.ticket_id}/handback").status_code == 200
    answer = site.chat(dee, QUESTION, claimed.id)
    assert "30 days" in answer.text
    assert ticket(site, cast.bo, claimed)["mode"] == "ai"
    assert site.post(cast.bo, f"/v1/tickets/{claimed.ticket_id}/handback").json()["code"] == "wrong_state"
    refused = site.post(cast.bo, f"/v1/tickets/{claimed.ticket_id}/reply", {"text": "a", "client_message_id": "z"})
    assert refused.json()["code"] == "not_claimed"


def test_a_resolved_ticket_says_goodbye_and_asks_how_it_was(
    site: Site, claimed: Conversation, dee: Client, cast: Cast
) -> None:
    done = site.post(cast.bo, f"/v1/tickets/{claimed.ticket_id}/resolve", {"message": "All done, goodbye!"})
    assert done.json()["ticket"]["status"] == "human_resolved"
    last = [said for said in site.events(dee, claimed.id) if said.id][-1]
    assert (last.kind, last.data["ask_rating"], last.data["message"]["text"]) == (
        "resolved",
        True,
        "All done, goodbye!",
    )
    rated = site.post(dee, "/v1/feedback", {"conversation_id": claimed.id, "rating": 4, "free_text": "Fast"})
    assert rated.status_code == 201
    shown = site.get(dee, f"/v1/conversations/{claimed.id}").json()
    assert (shown["status"], shown["ticket"]["csat_score"]) == ("closed", 4)
    assert ticket(site, cast.bo, claimed)["csat_score"] == 4


def test_a_customer_who_comes_back_reopens_it(site: Site, claimed: Conversation, dee: Client, cast: Cast) -> None:
    site.post(cast.bo, f"/v1/tickets/{claimed.ticket_id}/resolve")
    answer = site.chat(dee, QUESTION, claimed.id)
    assert answer.ticket_id == claimed.ticket_id
    assert "reopened" in [said.kind for said in site.events(dee, claimed.id)]
    assert "30 days" in answer.text
    assert ticket(site, cast.bo, claimed)["status"] == "open"


def test_an_agent_reopens_and_has_it_again(site: Site, claimed: Conversation, cast: Cast) -> None:
    site.post(cast.bo, f"/v1/tickets/{claimed.ticket_id}/resolve")
    again = site.post(cast.ann, f"/v1/tickets/{claimed.ticket_id}/reopen").json()["ticket"]
    assert (again["status"], again["assignee"]["id"]) == ("escalated", str_id(cast.ann))
    assert site.post(cast.ann, f"/v1/tickets/{claimed.ticket_id}/reopen").json()["code"] == "wrong_state"


def str_id(who: Colleague) -> str:
    return ids.show("mbr", who.id)


def test_an_assignee_can_be_changed_and_taken_off(site: Site, claimed: Conversation, cast: Cast) -> None:
    path = f"/v1/tickets/{claimed.ticket_id}"
    assert (
        site.call(cast.bo, "PATCH", path, {"assignee_id": str_id(cast.ann)}).json()["ticket"]["assignee"]["name"]
        == cast.ann.name
    )
    assert (
        site.call(cast.bo, "PATCH", path, {"assignee_id": None, "priority": "high"}).json()["ticket"]["assignee"]
        is None
    )
    assert ticket(site, cast.bo, claimed)["priority"] == "high"
    assert site.call(cast.bo, "PATCH", path, {"assignee_id": str_id(cast.ruth)}).status_code == 404
    assert site.call(cast.bo, "PATCH", path, {"priority": "extreme"}).status_code == 422


def test_a_thumb_up_confirms_that_the_assistant_helped(site: Site, dee: Client, cast: Cast) -> None:
    answer = site.chat(dee, QUESTION)
    body = {"conversation_id": answer.id, "message_id": answer.done["message_id"], "rating": "up"}
    assert site.post(dee, "/v1/feedback", body).status_code == 201
    assert ticket(site, cast.bo, answer)["status"] == "ai_resolved"
    again = site.chat(dee, "How about worn items?", answer.id)
    assert again.ticket_id == answer.ticket_id
    assert ticket(site, cast.bo, answer)["status"] == "open"


@pytest.mark.parametrize("rating", [0, 6, 2.5, "great", None, True, [5]])
def test_a_rating_is_one_to_five_or_a_thumb(site: Site, dee: Client, rating: object) -> None:
    answer = site.chat(dee, "Hello!")
    refused = site.post(dee, "/v1/feedback", {"conversation_id": answer.id, "rating": rating})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"].startswith("rating")


def test_a_thumb_needs_a_message_of_this_conversation(site: Site, dee: Client) -> None:
    one, other = site.chat(dee, "Hello!"), site.chat(dee, QUESTION)
    assert site.post(dee, "/v1/feedback", {"conversation_id": one.id, "rating": "up"}).status_code == 422
    body = {"conversation_id": one.id, "message_id": other.done["message_id"], "rating": "down"}
    assert site.post(dee, "/v1/feedback", body).status_code == 404


# --- the inbox ---


def test_the_inbox_lists_filters_and_pages(site: Site, waiting: Conversation, cast: Cast) -> None:
    every = site.get(cast.vi, "/v1/tickets?limit=200").json()
    assert waiting.ticket_id in {row["id"] for row in every["items"]}
    assert every["counts"]["escalated"] >= 1
    escalated = site.get(cast.vi, "/v1/tickets?status=escalated&assignee=none&limit=200").json()["items"]
    assert waiting.ticket_id in {row["id"] for row in escalated}
    assert {row["status"] for row in escalated} == {"escalated"}
    assert site.get(cast.bo, "/v1/tickets?assignee=me&status=human_resolved&status=open").status_code == 200
    paged, cursor = [], ""
    while True:
        page = site.get(cast.vi, f"/v1/tickets?limit=2&cursor={cursor}").json()
        paged += [row["id"] for row in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert paged == [row["id"] for row in every["items"]]


@pytest.mark.parametrize("words", ["%", "_", "\\", "100%", "' or 1=1 --", "%' escape '"])
def test_a_search_takes_its_words_literally(site: Site, waiting: Conversation, cast: Cast, words: str) -> None:
    found = site.get(cast.vi, "/v1/tickets", params={"q": words}).json()["items"]
    assert all(words.lower() in str(row).lower() for row in found)
    assert site.get(cast.vi, "/v1/tickets", params={"q": "how many days"}).json()["items"]


def test_two_agents_see_each_other(site: Site, waiting: Conversation, cast: Cast) -> None:
    site.post(cast.ann, f"/v1/tickets/{waiting.ticket_id}/viewing")
    detail = site.get(cast.bo, f"/v1/tickets/{waiting.ticket_id}").json()
    assert [(viewer["name"], viewer["state"]) for viewer in detail["viewers"]] == [(cast.ann.name, "viewing")]
    assert site.get(cast.ann, f"/v1/tickets/{waiting.ticket_id}").json()["viewers"] == []


def test_who_is_online_is_told_to_both_sides(site: Site, dee: Client, cast: Cast) -> None:
    site.post(cast.bo, "/v1/presence", {"state": "online"})
    answer = site.chat(dee, QUESTION)
    assert site.post(dee, "/v1/escalate", {"conv_id": answer.id}).json()["people_online"]
    states = {each["name"]: each["presence"] for each in site.get(cast.vi, "/v1/members").json()["items"]}
    assert states["Bo"] == "online"
    site.post(cast.bo, "/v1/presence", {"state": "away"})
    assert not site.get(dee, f"/v1/conversations/{answer.id}").json()["people_online"]


def test_why_this_answer_is_kept(site: Site, dee: Client, cast: Cast) -> None:
    answer = site.chat(dee, QUESTION)
    for id in (answer.done["turn_id"], answer.message_id, answer.done["message_id"]):
        shown = site.get(cast.vi, f"/v1/turns/{id}").json()
        assert shown["id"] == answer.done["turn_id"]
        assert shown["record"]["decision"]["kind"] == "answer"
        assert shown["record"]["passages"][0]["title"] == "Returns"
        assert shown["record"]["sentences"][0]["released"]


def test_an_escalation_is_listed_by_its_conversation(site: Site, waiting: Conversation, cast: Cast) -> None:
    (item,) = site.get(cast.acme, f"/v1/escalations?conversation_id={waiting.id}").json()["items"]
    assert item["ticket_id"] == waiting.ticket_id
