"""The closed loop: what agents say at the end, how triggers are judged by it, and who comes back with the same matter."""

import math

import numpy as np
import psycopg
import pytest

from tandem import ids
from tandem.answering import matters
from tandem.tickets import labels, returning
from tandem.tickets.labels import Tally
from tandem.tickets.returning import Reading
from tests.cast import Cast
from tests.web.site import Conversation, Site

RATE_LIMITS = False

RETURN = "Within how many days can I return an item?"


@pytest.mark.parametrize(
    ("yes", "of", "low", "high"),
    # scipy.stats.binomtest(yes, of).proportion_ci(method="wilson")
    [(0, 0, 0.0, 1.0), (0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (95, 100, 0.8882, 0.9785)],
)
def test_the_interval_is_wilson_s(yes: int, of: int, low: float, high: float) -> None:
    assert labels.wilson(yes, of) == pytest.approx((low, high), abs=5e-5)


def test_precision_and_recall_of_a_trigger() -> None:
    shown = Tally("word", 12, needed=6, not_needed=2, too_late=2).as_json()
    assert (shown["labelled"], shown["precision"]["value"], shown["recall"]["value"]) == (10, 0.8, 0.75)
    assert (shown["precision"]["n"], shown["recall"]["n"]) == (10, 8)
    nothing = Tally("word", 3, 0, 0, 0).as_json()
    assert nothing["precision"] == {"value": None, "low": 0.0, "high": 1.0, "n": 0}
    assert math.isclose(labels.whole([Tally("a", 1, 1, 0, 0), Tally("b", 2, 0, 1, 1)]).handoffs, 3)


def resolved(site: Site, cast: Cast, label: str | None, text: str = RETURN) -> Conversation:
    """A conversation that went to people and was settled by Bo."""
    dee = site.newcomer()
    answer = site.chat(dee, text)
    site.post(dee, "/v1/escalate", {"conv_id": answer.id})
    body = {"handoff_label": label} if label else {}
    assert site.post(cast.bo, f"/v1/tickets/{answer.ticket_id}/resolve", body).status_code == 200
    return answer


def test_one_key_at_the_end_judges_the_trigger(site: Site, cast: Cast) -> None:
    for label in ("needed", "needed", "not_needed", "too_late", None):
        resolved(site, cast, label)
    shown = site.get(cast.vi, "/v1/escalations/quality").json()
    (tally,) = [tally for tally in shown["triggers"] if tally["trigger"] == "customer_requested_human"]
    assert {name: tally[name] for name in ("handoffs", "labelled", "needed", "not_needed", "too_late")} == {
        "handoffs": 5,
        "labelled": 4,
        "needed": 2,
        "not_needed": 1,
        "too_late": 1,
    }
    assert (tally["precision"]["value"], round(tally["recall"]["value"], 3)) == (0.75, 0.667)
    assert len(shown["rows"]) == 4
    late = site.get(cast.vi, "/v1/escalations/quality?label=too_late").json()["rows"]
    assert [(row["label"], row["labelled_by"]) for row in late] == [("too_late", "Bo")]
    assert len(site.get(cast.vi, "/v1/escalations/quality?unlabelled=true").json()["rows"]) == 5
    assert site.get(cast.ray, "/v1/escalations/quality").json()["overall"]["handoffs"] == 0, "another tenant's"


@pytest.mark.parametrize("odd", ["from=2026-01-02&to=2026-01-01", "label=maybe", "from=x", "trigger=%00"])
def test_an_odd_question_is_refused(site: Site, cast: Cast, odd: str) -> None:
    assert site.get(cast.vi, f"/v1/escalations/quality?{odd}").status_code == 422
    ticket_id = resolved(site, cast, None).ticket_id
    assert site.post(cast.bo, f"/v1/tickets/{ticket_id}/resolve", {"handoff_label": "perhaps"}).status_code == 422


# --- the same matter, or another ---


def reading(intent: str, confidence: float, *meaning: float) -> Reading:
    vector = np.array(meaning, dtype=np.float32)
    return Reading(vector / np.linalg.norm(vector), intent, confidence)


@pytest.mark.parametrize(
    ("message", "same"),
    [
        (reading("refund_status", 0.9, 0, 1), True),  # another intent of the ticket
        (reading("order_status", 0.9, 0, 1), True),  # its category
        (reading("product_question", 0.9, 0, 1), False),
        (reading("product_question", 0.9, 1, 1), True),  # but about the very same thing
        (reading("product_question", 0.6, 0, 1), True),  # not sure enough
        (reading("unknown", 0.99, 0, 1), True),
        (reading("greeting_thanks", 0.99, 0, 1), True),
        (reading("ticket_update", 0.99, 0, 1), True),
    ],
)
def test_another_matter_has_to_be_clear(message: Reading, same: bool) -> None:
    before = [reading("refund_status", 0.8, 1, 0)]
    assert returning.is_same(message, before, "order_status") is same
    assert returning.is_same(message, [], None), "of a ticket in which nothing was said, nothing can differ"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("It still does not work", True),
        ("Hello? Anybody there?", True),
        ("How about worn items?", True),
        ("And how do I send the item back to you?", True),
        ("Somebody logged into my account and changed my password!", False),
        ("Can I buy this tent in green?", False),
    ],
)
def test_it_reads_real_words(site: Site, text: str, same: bool) -> None:
    earlier = matters.Earlier((RETURN, "I want to send my boots back"), "return_request", 0)
    assert site.run(matters.is_same(site.parts.desk.tools, site.cast.acme.id, text, earlier)) is same


def test_the_same_matter_reopens_the_ticket_and_counts_as_not_resolved(site: Site, cast: Cast) -> None:
    dee = site.newcomer()
    first = site.chat(dee, RETURN)
    site.post(dee, "/v1/escalate", {"conv_id": first.id})
    site.post(cast.bo, f"/v1/tickets/{first.ticket_id}/resolve")
    again = site.chat(dee, "I still cannot return my item, how many days do I have?", first.id)
    assert again.ticket_id == first.ticket_id
    assert _returns(site, first) == 1
    site.post(dee, "/v1/escalate", {"conv_id": first.id})
    site.post(cast.bo, f"/v1/tickets/{first.ticket_id}/resolve")
    other = site.chat(dee, "Somebody logged into my account and changed my password!", first.id)
    assert other.ticket_id != first.ticket_id
    assert other.id == first.id
    assert _returns(site, first) == 1
    assert site.get(cast.bo, f"/v1/tickets/{first.ticket_id}").json()["ticket"]["status"] == "human_resolved"
    stale = site.post(cast.bo, f"/v1/tickets/{first.ticket_id}/reopen").json()
    assert (stale["code"], stale["ticket_id"]) == ("wrong_state", other.ticket_id)


def _returns(site: Site, conversation: Conversation) -> int:
    with psycopg.connect(site.place.superuser) as connection:
        query = b"select returns from tickets where id = %s"
        found = connection.execute(query, [ids.read("tkt", conversation.ticket_id)]).fetchone()
    return int(found[0]) if found else -1
