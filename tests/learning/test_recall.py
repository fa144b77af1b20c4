"""Answers that have to be taken back: written down with the reply, found when the article changes, corrected once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from typing import Any

import psycopg
import pytest

from tandem import ids
from tandem.answering import record
from tandem.answering.turn import Citation
from tandem.conversations import citations
from tandem.learning import recalling
from tests.answering import making
from tests.cast import Cast, Client
from tests.web.site import Conversation, Site

OLD = "# Returns\n\nYou can return any item within 30 days of delivery. Worn items cannot be returned."
NEW = "# Returns\n\nYou can return any item within 14 days of delivery. Worn items cannot be returned."
QUESTION = "Within how many days can I return an item?"
SENTENCE = "You can return any item within 30 days of delivery."


@pytest.fixture
def article(site: Site, bare: None) -> str:
    """An article that answers, and no other."""
    return site.learn("Returns", OLD)


@pytest.fixture
def dee(site: Site) -> Client:
    return site.newcomer()


@pytest.fixture
def told(site: Site, article: str, dee: Client) -> Conversation:
    """Dee was told thirty days."""
    answer = site.chat(dee, QUESTION)
    assert SENTENCE in answer.text
    return answer


def change(site: Site, article: str, body: str) -> None:
    """The article says something else, and answers; and the worker has looked."""
    saved = site.call(site.cast.acme, "PUT", f"/v1/kb/documents/{article}", {"title": "Returns", "body": body})
    assert saved.status_code == 202, saved.text
    site.ready(article)
    look(site)


def look(site: Site) -> None:
    site.run(recalling.by_change(site.parts.db, site.parts.models.shipped, site.cast.acme.id))


def recalls(site: Site, article: str) -> list[dict[str, Any]]:
    """The recalls of the article, with their items, newest first."""
    found = site.get(site.cast.vi, "/v1/kb/recalls").json()["items"]
    return [site.get(site.cast.vi, f"/v1/kb/recalls/{r['id']}").json() for r in found if r["document_id"] == article]


def only(site: Site, article: str) -> dict[str, Any]:
    (found,) = recalls(site, article)
    return found


def item_path(recall: dict[str, Any], item: dict[str, Any]) -> str:
    return f"/v1/kb/recalls/{recall['id']}/items/{item['message_id']}"


# --- what was told to whom ---


def test_every_answer_that_rests_on_a_document_is_listed(
    site: Site, article: str, told: Conversation, dee: Client
) -> None:
    site.chat(site.newcomer(), QUESTION)
    shown = site.get(site.cast.vi, f"/v1/kb/documents/{article}/answers?limit=1").json()
    rest = site.get(site.cast.vi, f"/v1/kb/documents/{article}/answers?cursor={shown['next_cursor']}").json()
    (answer,) = rest["items"]
    assert rest["next_cursor"] is None
    assert (answer["conversation_id"], answer["message_id"]) == (told.id, told.done["message_id"])
    assert answer["customer"]["id"] == ids.show("cus", dee.id)
    assert answer["text"] == told.text
    assert [quote["version"] for quote in answer["quotes"]] == [1]
    assert SENTENCE in answer["quotes"][0]["quote"]
    passage = answer["quotes"][0]["passage_id"]
    assert len(site.get(site.cast.vi, f"/v1/kb/documents/{article}/answers?passage_id={passage}").json()["items"]) == 2
    assert site.get(site.cast.vi, f"/v1/kb/documents/{article}/answers?version=2").json()["items"] == []


def test_other_tenants_see_none_of_it(site: Site, article: str, told: Conversation, cast: Cast) -> None:
    change(site, article, NEW)
    recall = only(site, article)
    assert site.get(cast.ray, "/v1/kb/recalls").json()["items"] == []
    assert site.get(cast.ray, f"/v1/kb/recalls/{recall['id']}").status_code == 404
    assert site.get(cast.ray, f"/v1/kb/documents/{article}/answers").json()["items"] == []
    assert site.post(cast.rob, f"{item_path(recall, recall['items'][0])}/send").status_code == 404


# --- by change ---


def test_a_changed_number_opens_a_recall_with_a_correction(site: Site, article: str, told: Conversation) -> None:
    change(site, article, NEW)
    recall = only(site, article)
    (item,) = recall["items"]
    assert (recall["trigger"], recall["status"], recall["answers"], recall["open"]) == ("change", "open", 1, 1)
    assert SENTENCE in recall["reason"]
    assert item["said"] == told.text
    assert f"“{SENTENCE}”" in item["correction"]
    assert "Our article “Returns” now says: “You can return any item within 14 days of delivery.”" in item["correction"]
    assert "Worn items" not in item["correction"]


def test_looking_again_opens_nothing_anew_but_finds_who_was_told_meanwhile(
    site: Site, article: str, told: Conversation
) -> None:
    change(site, article, NEW)
    look(site)
    assert only(site, article)["answers"] == 1
    with psycopg.connect(site.place.superuser) as owner:  # an answer that was under way when the new version went live
        owner.execute(
            "insert into cited select tenant_id, m.id, 1, document_id, version, passage_id, m.conversation_id, customer_id, quote, now()"
            " from cited c join messages m using (tenant_id, conversation_id) where m.role = 'user' and c.document_id = %s",
            [ids.read("doc", article)],
        )
    look(site)
    assert only(site, article)["answers"] == 2


def test_what_still_stands_is_not_taken_back(site: Site, article: str, told: Conversation) -> None:
    moved = "# Returns and refunds\n\nWorn items **cannot** be returned!\n\n* You can return any item within 30 days of delivery"
    change(site, article, moved)
    assert recalls(site, article) == []


@pytest.mark.parametrize(("said", "now"), [("cannot be", "can be"), ("of delivery.", "of delivery at full price.")])
def test_a_dropped_negation_and_an_added_condition_open_one(
    site: Site, article: str, told: Conversation, said: str, now: str
) -> None:
    change(site, article, OLD.replace(said, now))
    (item,) = only(site, article)["items"]
    was, _, instead = item["correction"].partition("now says:")
    assert said in was
    assert now in instead


def test_a_correction_shows_no_marks_of_markdown(site: Site, article: str, told: Conversation) -> None:
    change(
        site,
        article,
        "# Returns\n\n- You can return any item **within 14 days** of delivery, see [returns](https://acme.example/r).",
    )
    (item,) = only(site, article)["items"]
    assert "now says: “You can return any item within 14 days of delivery, see returns.”" in item["correction"]


def test_an_open_correction_follows_the_article(site: Site, article: str, told: Conversation) -> None:
    change(site, article, NEW)
    change(site, article, NEW.replace("14", "10"))
    (item,) = only(site, article)["items"]
    assert "within 10 days" in item["correction"]
    assert "within 14 days" not in item["correction"]


def test_an_article_that_says_so_again_needs_no_correction(site: Site, article: str, told: Conversation) -> None:
    change(site, article, NEW)
    change(site, article, OLD)
    recall = only(site, article)
    assert (recall["status"], recall["items"][0]["status"]) == ("closed", "dismissed")


def test_what_was_let_be_stays_so_until_it_changes_again(
    site: Site, article: str, told: Conversation, cast: Cast
) -> None:
    change(site, article, NEW)
    recall = only(site, article)
    assert site.post(cast.bo, f"{item_path(recall, recall['items'][0])}/dismiss").status_code == 200
    change(site, article, NEW + " Gift cards neither.")
    assert len(recalls(site, article)) == 1
    change(site, article, NEW.replace("14", "10"))
    assert [found["open"] for found in recalls(site, article)] == [1, 0]


# --- by a person ---


def test_a_person_takes_back_what_was_wrong_all_along(site: Site, article: str, told: Conversation, cast: Cast) -> None:
    opened = site.post(cast.ann, "/v1/kb/recalls", {"document_id": article, "version": 1, "reason": "Legal says no."})
    assert opened.status_code == 201, opened.text
    recall = opened.json()
    (item,) = recall["items"]
    assert (recall["trigger"], recall["created_by"], recall["title"]) == ("person", "Ann", "Returns")
    assert SENTENCE in item["correction"]
    assert "Legal" not in item["correction"], "the reason is for colleagues"
    change(site, article, NEW)
    (item,) = site.get(cast.vi, f"/v1/kb/recalls/{recall['id']}").json()["items"]
    assert "now says: “You can return any item within 14 days" in item["correction"]
    assert site.post(cast.ann, f"/v1/kb/recalls/{recall['id']}/close").json()["status"] == "closed"


def test_a_recall_that_concerns_nobody_is_closed_at_once(site: Site, article: str, cast: Cast) -> None:
    recall = site.post(cast.ann, "/v1/kb/recalls", {"document_id": article, "reason": "Wrong."}).json()
    assert (recall["status"], recall["items"]) == ("closed", [])


def test_a_withdrawn_article_can_still_be_taken_back(site: Site, article: str, told: Conversation, cast: Cast) -> None:
    assert site.call(cast.ann, "DELETE", f"/v1/kb/documents/{article}").status_code == 204
    look(site)
    assert recalls(site, article) == []
    (item,) = site.post(cast.ann, "/v1/kb/recalls", {"document_id": article, "reason": "Wrong."}).json()["items"]
    assert "say nothing about this any more" in item["correction"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"document_id": "doc_nonsense", "reason": "Wrong."}, 422),
        ({"document_id": "doc_01h455vb4pex5vsknk084sn02q", "reason": "Wrong."}, 404),
        ({"document_id": "doc_01h455vb4pex5vsknk084sn02q", "reason": "   "}, 422),
        ({"document_id": "doc_01h455vb4pex5vsknk084sn02q", "reason": "x", "more": 1}, 422),
    ],
)
def test_it_refuses_what_it_cannot_read(site: Site, cast: Cast, body: dict[str, Any], status: int) -> None:
    assert site.post(cast.ann, "/v1/kb/recalls", body).status_code == status


# --- the correction on its way ---


def test_two_clicks_send_one_message_which_the_customer_sees_at_once(
    site: Site, article: str, told: Conversation, dee: Client, cast: Cast
) -> None:
    change(site, article, NEW)
    recall = only(site, article)
    path = item_path(recall, recall["items"][0])
    words = "Sorry: you can return any item within 14 days of delivery."
    assert site.call(cast.bo, "PATCH", path, {"correction": words}).json()["edited"] is True
    before = site.last_event(told.id, staff=False)
    with ThreadPoolExecutor(4) as clicks:
        sent = list(clicks.map(lambda _: site.post(cast.bo, f"{path}/send"), range(4)))
    assert [answer.status_code for answer in sent] == [200] * 4
    assert {answer.json()["sent_id"] for answer in sent} == {sent[0].json()["sent_id"]}
    heard = site.events(dee, told.id, after=before).of("message")
    assert [(m["message"]["text"], m["message"]["author"]["name"]) for m in heard] == [(words, "Bo")]
    assert only(site, article)["status"] == "closed"
    assert site.call(cast.bo, "PATCH", path, {"correction": "Again."}).status_code == 409
    assert site.post(cast.bo, f"{path}/dismiss").json()["code"] == "already_settled"


def test_a_correction_is_itself_taken_back_when_its_words_go(
    site: Site, article: str, told: Conversation, cast: Cast
) -> None:
    change(site, article, NEW)
    recall = only(site, article)
    sent = site.post(cast.bo, f"{item_path(recall, recall['items'][0])}/send").json()
    change(site, article, NEW.replace("14", "10"))
    newest, _ = recalls(site, article)
    assert [item["message_id"] for item in newest["items"]] == [sent["sent_id"]]


def test_a_worded_correction_is_not_sent_once_the_article_has_changed(
    site: Site, article: str, told: Conversation, cast: Cast
) -> None:
    change(site, article, NEW)
    recall = only(site, article)
    path = item_path(recall, recall["items"][0])
    site.call(cast.bo, "PATCH", path, {"correction": "It is 14 days."})
    change(site, article, NEW.replace("14", "10"))
    assert site.post(cast.bo, f"{path}/send").json()["code"] == "correction_outdated"
    assert site.call(cast.bo, "PATCH", path, {"correction": "It is 10 days."}).status_code == 200
    assert site.post(cast.bo, f"{path}/send").status_code == 200


def test_the_assistant_goes_on_answering_and_a_closed_conversation_is_reopened(
    site: Site, article: str, told: Conversation, dee: Client, cast: Cast
) -> None:
    other = site.newcomer()
    closed = site.chat(other, QUESTION)
    for step in ("claim", "resolve"):
        assert site.post(cast.bo, f"/v1/tickets/{closed.ticket_id}/{step}").status_code == 200
    change(site, article, NEW)
    recall = only(site, article)
    for item in recall["items"]:
        assert site.post(cast.ann, f"{item_path(recall, item)}/send").status_code == 200
    assert site.get(cast.vi, f"/v1/tickets/{told.ticket_id}").json()["conversation"]["status"] == "ai"
    reopened = site.get(cast.vi, f"/v1/tickets/{closed.ticket_id}").json()
    assert (reopened["conversation"]["status"], reopened["ticket"]["assignee"]["name"]) == ("escalated", "Ann")
    assert "14 days" in site.chat(dee, QUESTION, told.id).text


# --- nothing is lost ---


def test_what_an_interrupted_answer_had_released_is_read_from_its_citations() -> None:
    found = making.passage()
    whole = Citation(1, found, SENTENCE, 100, 151)
    shown = citations.shown([record.citation_json(whole)])
    assert shown == (citations.Cited(found.document_id, found.version, found.passage_id, SENTENCE),)


@pytest.mark.parametrize("planted", [False, True], ids=["as it is", "cited after the commit"])
def test_a_crash_after_the_reply_loses_no_citation(
    site: Site, article: str, monkeypatch: pytest.MonkeyPatch, planted: bool
) -> None:
    """The control: written after the commit, as one would do it carelessly, the answer is not found any more."""
    keep = citations.keep_later

    def later(tx: Any, *more: object) -> None:
        async def aside() -> None:
            await asyncio.sleep(3600)  # the process dies first

        tx.after_commit(lambda: asyncio.ensure_future(aside()))

    monkeypatch.setattr(citations, "keep_later", later if planted else keep)
    answer = site.chat(site.newcomer(), QUESTION)
    assert SENTENCE in answer.text
    change(site, article, NEW)
    assert bool(recalls(site, article)) is not planted


def test_answers_given_before_an_upgrade_are_known_too(site: Site, article: str, told: Conversation) -> None:
    """The step of the migration that reads them from the messages, on messages of today."""
    migration = resources.files("tandem.db.migrations").joinpath("0002_knowledge.sql").read_text("utf-8")
    begin = migration.index("create function pg_temp.id_of")
    step = migration[begin : migration.index(";", migration.index("drop function pg_temp.id_of")) + 1]
    asked = "select * from cited where document_id = %s order by message_id, index"
    with psycopg.connect(site.place.superuser) as owner:
        before = owner.execute(asked, [ids.read("doc", article)]).fetchall()
        owner.execute("delete from cited")
        owner.execute(step.encode())
        assert before
        assert owner.execute(asked, [ids.read("doc", article)]).fetchall() == before
        owner.rollback()
