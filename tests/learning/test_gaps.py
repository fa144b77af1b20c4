"""Questions without a good answer: noticed once, grouped by meaning, ranked by cost, drafted, and closed by an answer."""

import asyncio
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import pytest

from tandem import clock, ids
from tandem.db import Database
from tandem.embedding import Embedder
from tandem.embedding.minilm import MiniLM
from tandem.errors import Unavailable
from tandem.ids import ConversationId, TenantId, TurnId
from tandem.learning import clusters, noticing, rounds
from tandem.learning.clusters import Cluster
from tandem.learning.gaps import Outcome
from tandem.learning.noticing import Finished
from tests.cast import Cast, Client
from tests.web.site import Conversation, Site

GIFT = "Can I have my order gift wrapped?"
GIFTS = (GIFT, "Do you offer gift wrapping?", "can you wrap my order as a gift please")
BOAT = "Do you rent out sailing boats?"


@pytest.fixture
def nothing_known(site: Site, bare: None) -> None:
    """No articles, and no gaps of other tests."""
    read(site)
    with psycopg.connect(site.place.superuser) as owner:
        owner.execute("delete from gap_questions")
        owner.execute("delete from gaps")


pytestmark = pytest.mark.usefixtures("nothing_known")


def read(site: Site) -> int:
    """As the worker does, without waiting for turns to be old enough."""
    return site.run(noticing.read_turns(site.parts.db, site.parts.models.shipped, site.cast.acme.id, horizon_s=-5))


def gaps(site: Site, **wanted: str) -> list[dict[str, Any]]:
    read(site)
    found: list[dict[str, Any]] = site.get(site.cast.vi, "/v1/kb/gaps", params=wanted).json()["items"]
    return found


def ask(site: Site, question: str, who: Client | None = None) -> Conversation:
    return site.chat(who or site.newcomer(), question)


def helped_by_bo(site: Site, asked: Conversation, reply: str) -> None:
    """Bo takes the conversation and answers."""
    assert site.post(site.cast.bo, f"/v1/tickets/{asked.ticket_id}/claim").status_code == 200
    body = {"text": reply, "client_message_id": f"to {asked.ticket_id}"}
    assert site.post(site.cast.bo, f"/v1/tickets/{asked.ticket_id}/reply", body).status_code == 201


# --- noticed ---


def test_questions_that_mean_the_same_are_one_gap(site: Site) -> None:
    site.learn("Returns", "# Returns\n\nYou can return any item within 30 days of delivery.")
    for question in GIFTS:
        ask(site, question)
    boat = ask(site, BOAT)
    first, second = gaps(site)
    assert (first["questions"], second["questions"]) == (3, 1)
    assert first["question"] in GIFTS
    assert second["question"] == BOAT
    assert [passage["title"] for passage in first["nearest"]] == ["Returns"]
    shown = site.get(site.cast.vi, f"/v1/kb/gaps/{second['id']}").json()
    (question,) = shown["asked"]
    assert (question["text"], question["outcome"]) == (BOAT, "no_answer")
    assert (question["conversation_id"], question["turn_id"]) == (boat.id, boat.done["turn_id"])


def test_a_follow_up_counts_with_what_it_leans_on(site: Site) -> None:
    who = site.newcomer()
    first = site.chat(who, "Do you rent out sailing boats on the lake?")
    site.chat(who, "and in winter?", first.id)
    (gap,) = gaps(site)
    texts = [each["text"] for each in site.get(site.cast.vi, f"/v1/kb/gaps/{gap['id']}").json()["asked"]]
    assert "Do you rent out sailing boats on the lake? and in winter?" in texts


def test_two_workers_count_a_question_once(site: Site) -> None:
    for question in GIFTS:
        ask(site, question)
    work = [
        noticing.read_turns(site.parts.db, site.parts.models.shipped, site.cast.acme.id, horizon_s=-5) for _ in "ab"
    ]

    async def both() -> None:
        await asyncio.gather(*work)

    site.run(both())
    assert [gap["questions"] for gap in gaps(site)] == [3]


def test_nobody_reads_past_a_turn_that_has_not_ended(site: Site) -> None:
    asked = ask(site, BOAT)
    turn_id = ids.read("trn", asked.done["turn_id"])
    earlier = UUID(int=turn_id.int - 1)
    with psycopg.connect(site.place.superuser, autocommit=True) as owner:
        owner.execute(
            "with m as (insert into messages (tenant_id, id, conversation_id, ticket_id, role, text)"
            " select tenant_id, gen_random_uuid(), conversation_id, ticket_id, 'user', 'x' from turns where id = %s returning *)"
            " insert into turns (tenant_id, id, conversation_id, ticket_id, message_id, reply_id, status)"
            " select tenant_id, %s, conversation_id, ticket_id, id, gen_random_uuid(), 'waiting' from m",
            [turn_id, earlier],
        )
        assert gaps(site) == []
        owner.execute("update turns set status = 'superseded' where id = %s", [earlier])
    assert [gap["question"] for gap in gaps(site)] == [BOAT]


def test_other_tenants_see_none_of_it(site: Site, cast: Cast) -> None:
    ask(site, BOAT)
    (gap,) = gaps(site)
    assert site.get(cast.ray, "/v1/kb/gaps").json()["items"] == []
    assert site.get(cast.ray, f"/v1/kb/gaps/{gap['id']}").status_code == 404
    assert site.post(cast.ruth, f"/v1/kb/gaps/{gap['id']}/draft").status_code == 404


# --- ranked ---


def test_what_people_had_to_answer_costs_more_than_what_was_only_asked(site: Site) -> None:
    for question in GIFTS:
        ask(site, question)
    who = site.newcomer()
    asked = ask(site, BOAT, who)
    assert site.post(who, "/v1/escalate", {"conv_id": asked.id}).status_code == 200
    first, second = gaps(site)
    assert (first["question"], first["handed_over"], first["cost"]) == (BOAT, 1, 8.0)
    assert (second["handed_over"], second["cost"]) == (0, 3.0)


# --- drafted ---


def test_one_click_makes_a_draft_that_answers_nobody_yet(site: Site, cast: Cast) -> None:
    site.learn("Parcels", "# Parcels\n\nEvery parcel is wrapped in recycled paper.")
    site.learn("Secret", "# Secret\n\nGift wrap costs us two euros.", audience="staff")
    asked = ask(site, GIFT, cast.cy)
    helped_by_bo(site, asked, "Hi Cy, yes: choose gift wrap in the basket. I wrote to cy@customers.example too.")
    (gap,) = gaps(site)
    made = site.post(cast.ann, f"/v1/kb/gaps/{gap['id']}/draft")
    assert made.status_code == 201, made.text
    site.ready(made.json()["document_id"], status="draft")
    document = site.get(cast.ann, f"/v1/kb/documents/{made.json()['document_id']}").json()
    assert "choose gift wrap in the basket" in document["body"]
    assert GIFT in document["body"]
    assert "recycled paper" in document["body"]
    for hidden in ("Cy", "cy@customers.example", "two euros"):
        assert hidden not in document["body"]
    release = site.get(cast.ann, f"/v1/kb/releases/{made.json()['release_id']}").json()
    assert [change["document_id"] for change in release["changes"]] == [document["id"]]
    assert ask(site, GIFT).done["resolution_state"] == "no_answer"
    (gap,) = gaps(site, status="drafted")
    assert (gap["document_id"], gap["questions"]) == (document["id"], 2)
    assert site.post(cast.ann, f"/v1/kb/gaps/{gap['id']}/draft").status_code == 409
    assert site.post(cast.ann, f"/v1/kb/gaps/{gap['id']}/reopen").status_code == 204
    again = site.post(
        cast.ann, f"/v1/kb/gaps/{gap['id']}/draft", {"release_id": made.json()["release_id"], "title": "Gift wrapping"}
    )
    assert again.json()["release_id"] == made.json()["release_id"]


@pytest.mark.parametrize(
    ("body", "status"),
    [({"release_id": "rel_01h455vb4pex5vsknk084sn02q"}, 404), ({"release_id": "x"}, 422), ({"title": " "}, 422)],
)
def test_it_refuses_a_draft_that_has_nowhere_to_go(site: Site, cast: Cast, body: dict[str, str], status: int) -> None:
    ask(site, BOAT)
    (gap,) = gaps(site)
    assert site.post(cast.ann, f"/v1/kb/gaps/{gap['id']}/draft", body).status_code == status
    assert [found["status"] for found in gaps(site)] == ["open"]


# --- closed ---


def test_a_gap_closes_when_it_is_answered_and_opens_when_it_is_not(site: Site) -> None:
    ask(site, GIFT)
    assert [gap["status"] for gap in gaps(site)] == ["open"]
    article = site.learn(
        "Gift wrapping", "# Gift wrapping\n\nYou can have your order gift wrapped: choose gift wrapping in the basket."
    )
    answer = ask(site, "Can I have my order gift wrapped please?")
    assert "in the basket" in answer.text
    (gap,) = gaps(site)
    assert gap["status"] == "closed"
    assert gap["closed_because"].startswith("The article “Gift wrapping” answers it: on ")
    assert site.call(site.cast.acme, "DELETE", f"/v1/kb/documents/{article}").status_code == 204
    ask(site, GIFT)
    (gap,) = gaps(site)
    assert (gap["status"], gap["questions"], gap["closed_because"]) == ("open", 2, None)


def test_a_dismissed_gap_stays_so(site: Site, cast: Cast) -> None:
    ask(site, BOAT)
    (gap,) = gaps(site)
    assert site.post(cast.ann, f"/v1/kb/gaps/{gap['id']}/dismiss").status_code == 204
    ask(site, BOAT)
    (gap,) = gaps(site)
    assert (gap["status"], gap["questions"]) == ("dismissed", 2)
    assert site.post(cast.ann, f"/v1/kb/gaps/{gap['id']}/reopen").status_code == 204
    assert site.post(cast.ann, f"/v1/kb/gaps/{gap['id']}/reopen").status_code == 409
    assert [found["status"] for found in gaps(site, status="open")] == ["open"]


# --- rules ---


def turn(**more: Any) -> Finished:
    plain = {"kind": "answer", "route": "assist", "rule": "default", "quality": 0.9, "acts": 0, "withheld": False}
    who = (TurnId(ids.new()), ConversationId(ids.new()), "May I?")
    return Finished(*who, **{**plain, **more}, passages=[], title="Returns", asked_at=clock.now())


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ({}, None),
        ({"quality": 0.55}, Outcome.WEAK),
        ({"quality": 0.1, "acts": 1}, None),
        ({"kind": "no_answer"}, Outcome.NO_ANSWER),
        ({"kind": "no_answer", "withheld": True}, Outcome.WITHHELD),
        ({"kind": "handover", "route": "attempt"}, Outcome.HANDED_OVER),
        ({"kind": "handover", "route": "people", "rule": "unresolved"}, Outcome.HANDED_OVER),
        ({"kind": "handover", "route": "people", "rule": "legal_threat"}, None),
        ({"kind": "ask"}, None),
        ({"kind": "smalltalk"}, None),
    ],
)
def test_which_turns_lack_a_good_answer(found: dict[str, Any], why: Outcome | None) -> None:
    assert noticing.outcome(turn(**found), 0.5) is why
    assert noticing.is_answered(turn(**found), 0.5) is (found == {})


def test_a_question_joins_the_nearest_cluster_or_none() -> None:
    east, north = np.eye(2, dtype=np.float32)
    here = np.array([0.8, 0.6], dtype=np.float32)
    both = [Cluster(north, 1), Cluster(east, 1)]
    assert clusters.nearest(here, both, 0.7) == 1
    assert clusters.nearest(here, both, 0.9) is None
    assert clusters.nearest(here, [], 0.1) is None
    grown = Cluster(east, 1).with_one(north)
    assert grown.size == 2
    assert clusters.middle([east, here, north], grown.mean) == 1


async def test_what_fails_for_one_tenant_is_no_other_s_trouble(
    db: Database, cast: Cast, embedder: MiniLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    async def fails(db: Database, embedder: Embedder, tenant_id: TenantId) -> int:
        raise Unavailable if tenant_id == cast.acme.id else RuntimeError

    async def works(db: Database, embedder: Embedder, tenant_id: TenantId) -> int:
        seen.append(tenant_id)
        return 1

    assert len(rounds.READERS) == 5
    monkeypatch.setattr(rounds, "READERS", (fails, works, *rounds.READERS))
    await rounds.once(db, embedder)
    assert set(seen) == {cast.acme.id, cast.rival.id}
