"""What people answered: proposed without personal data when they resolve a ticket, and knowledge once somebody approves."""

from typing import Any

import pytest

from tandem import clock, ids
from tandem.learning import proposing
from tandem.learning.neutral import neutral
from tandem.learning.proposing import Line, Resolved
from tests.cast import Cast, Client
from tests.web.site import Conversation, Site

QUESTION = "Can I have a jacket shortened at the sleeves? My number is +44 20 7946 0958."
REPLY = "Hello Cyrus, yes: our tailor shortens sleeves for 12 euros. Write to cyrus@home.example or to me. Best, Bo"


@pytest.fixture
def cyrus(site: Site) -> Client:
    return site.newcomer(sub=str(ids.new()), name="Cyrus Vance", email="cyrus@home.example", tier="paid")


@pytest.fixture
def resolved(site: Site, bare: None, cyrus: Client) -> Conversation:
    """Bo has answered a question that no article answers, and resolved the ticket."""
    return resolve(site, cyrus, QUESTION, REPLY)


def resolve(site: Site, who: Client, question: str, *replies: str) -> Conversation:
    asked = site.chat(who, question)
    ticket = f"/v1/tickets/{asked.ticket_id}"
    assert site.post(site.cast.bo, f"{ticket}/claim").status_code == 200
    for number, text in enumerate(replies):
        body = {"text": text, "client_message_id": f"{number}"}
        assert site.post(site.cast.bo, f"{ticket}/reply", body).status_code == 201
    assert site.post(site.cast.bo, f"{ticket}/resolve").status_code == 200
    return asked


def look(site: Site) -> int:
    return site.run(proposing.propose(site.parts.db, site.parts.models.shipped, site.cast.acme.id))


def of(site: Site, asked: Conversation) -> list[dict[str, Any]]:
    """The resolutions of a ticket."""
    look(site)
    found = site.get(site.cast.vi, "/v1/kb/resolutions").json()["items"]
    return [each for each in found if each["ticket_id"] == asked.ticket_id]


def test_it_is_proposed_once_and_without_personal_data(site: Site, resolved: Conversation) -> None:
    look(site)
    (found,) = of(site, resolved)
    assert found["status"] == "proposed"
    assert found["question"] == "Can I have a jacket shortened at the sleeves? My number is [phone number]."
    assert "our tailor shortens sleeves for 12 euros" in found["answer"]
    for hidden in ("Cyrus", "cyrus@home.example", "Bo"):
        assert hidden not in found["answer"]


def test_a_ticket_that_nobody_answered_proposes_nothing(site: Site, bare: None, cyrus: Client) -> None:
    assert of(site, resolve(site, cyrus, "Do you sell sailing boats?")) == []


def test_a_ticket_resolved_again_is_proposed_anew_until_somebody_decides(
    site: Site, resolved: Conversation, cast: Cast
) -> None:
    (first,) = of(site, resolved)
    ticket = f"/v1/tickets/{resolved.ticket_id}"
    for step, body in (
        ("reopen", None),
        ("reply", {"text": "And trousers are shortened too.", "client_message_id": "more"}),
        ("resolve", None),
    ):
        assert site.post(cast.bo, f"{ticket}/{step}", body).status_code in (200, 201)
    (again,) = of(site, resolved)
    assert again["id"] == first["id"]
    assert "trousers" in again["answer"]
    assert site.post(cast.ann, f"/v1/kb/resolutions/{again['id']}/reject").json()["decided_by"] == "Ann"
    site.post(cast.bo, f"{ticket}/reopen")
    site.post(cast.bo, f"{ticket}/resolve")
    assert [each["status"] for each in of(site, resolved)] == ["rejected"]


def test_once_approved_it_answers_customers(site: Site, resolved: Conversation, cast: Cast) -> None:
    (found,) = of(site, resolved)
    wanted = {
        "question": "Can I have the sleeves of a jacket shortened?",
        "answer": "Our tailor shortens sleeves for 12 euros.",
    }
    approved = site.post(cast.ann, f"/v1/kb/resolutions/{found['id']}/approve", wanted)
    assert approved.status_code == 200, approved.text
    assert (approved.json()["status"], approved.json()["answer"]) == ("approved", wanted["answer"])
    document = site.get(cast.vi, f"/v1/kb/documents/{site.ready(approved.json()['document_id'])}").json()
    assert (document["kind"], document["source"], document["title"]) == (
        "resolution",
        "resolutions",
        wanted["question"],
    )
    answer = site.chat(site.newcomer(), "Can I have the sleeves of my jacket shortened?")
    assert wanted["answer"] in answer.text
    again = site.post(cast.ann, f"/v1/kb/resolutions/{found['id']}/approve")
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")


def test_other_tenants_and_agents_decide_nothing(site: Site, resolved: Conversation, cast: Cast) -> None:
    (found,) = of(site, resolved)
    assert site.get(cast.ray, "/v1/kb/resolutions").json()["items"] == []
    assert site.post(cast.ruth, f"/v1/kb/resolutions/{found['id']}/approve").status_code == 404
    assert site.post(cast.bo, f"/v1/kb/resolutions/{found['id']}/approve").status_code == 403


@pytest.mark.parametrize("body", [{"question": "  "}, {"audience": "everybody"}, {"answer": "x" * 10_001}, {"more": 1}])
def test_it_refuses_what_it_cannot_keep(site: Site, resolved: Conversation, cast: Cast, body: dict[str, Any]) -> None:
    (found,) = of(site, resolved)
    assert site.post(cast.ann, f"/v1/kb/resolutions/{found['id']}/approve", body).status_code == 422
    assert [each["status"] for each in of(site, resolved)] == ["proposed"]


# --- rules ---


def ticket(subject: str = "Sleeves") -> Resolved:
    return Resolved(ids.new(), ids.new(), subject, clock.now(), None, None, None)  # type: ignore[arg-type]


def line(role: str, text: str, id: str | None = None) -> Line:
    return Line(role, text, id, "Bo" if role == "agent" else None)


def test_the_question_is_what_was_asked_before_the_first_reply() -> None:
    lines = [
        line("user", "Hi"),
        line("user", "Can sleeves be shortened?"),
        line("user", "I want to talk to a person"),
        line("agent", "Yes, our tailor does that."),
        line("user", "And trouser legs?"),
        line("agent", "Those too, of course."),
    ]
    question = "Can sleeves be shortened?"
    assert proposing.proposed(lines, ticket()) == (question, "Yes, our tailor does that.\n\nThose too, of course.")
    assert proposing.proposed([line("user", "Hi"), *lines[3:4]], ticket("Sleeves?")) == ("Sleeves?", lines[3].text)


def test_a_correction_is_no_answer_of_a_person() -> None:
    assert (
        proposing.proposed(
            [line("user", "Can I?"), line("agent", "That is not right any more.", "rcl_1 msg_2")], ticket()
        )
        is None
    )


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Call (030) 901820 or +49-30-901820", "Call [phone number] or [phone number]"),
        ("IBAN DE89 3704 0044 0532 0130 00, please", "IBAN [account number], please"),
        ("Order #48213 and invoice 20261120042", "Order [number] and invoice [phone number]"),
        ("On 2026-11-20 at 10:30 it cost 1,250.00 euros for 3-5 days", None),
        ("Will Will Smith pay? He will.", "the customer the customer pay? He will."),
    ],
)
def test_personal_data_is_replaced_and_the_rest_stays(text: str, clean: str | None) -> None:
    assert neutral(text, ["Will Smith"]) == (clean or text)
