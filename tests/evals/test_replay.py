"""A replay tells what a release does to the questions of customers, and stops one that would make answers worse."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from tandem.answering.tools import Tools
from tandem.errors import Conflict
from tandem.evals.replay import Replaying
from tandem.jobs import Order, Queue
from tandem.knowledge import changes, releases, replays
from tandem.knowledge.replays import Replay, Replayed
from tandem.llm import stub
from tandem.tenants import policy
from tests.cast import Cast
from tests.evals.counter import Counter
from tests.knowledge.shelf import Shelf
from tests.models import models_at

PAYPAL = "You sent my refund to PayPal, when will it arrive?"
GIFT_CARD = "How long is a gift card valid?"
PARROTS = "Do you sell parrots?"
OTHERS = (
    "How do I wash a down jacket?",
    "What does the workshop charge for a zip?",
    "How do I reset my password?",
    "Do you ship to Norway?",
    "Hello there!",
    "I want to speak to a human",
)


async def replayed(shelf: Shelf, release_id: UUID, tools: Tools | None = None) -> tuple[Replay, list[Replayed]]:
    """The outcome of a replay by the worker's code, and its rows."""
    async with shelf.db.tenant(shelf.tenant_id) as tx:
        found = await changes.of(tx, release_id)
        promised = await replays.promise(tx, Queue(shelf.db), release_id, found, 30)
    await Replaying(tools or shelf.tools)(order_of(shelf, promised))
    async with shelf.db.tenant(shelf.tenant_id) as tx:
        replay = await replays.latest(tx, release_id)
        assert replay is not None
        assert replay.id == promised.id
        return replay, await replays.rows(tx, replay.id)


def order_of(shelf: Shelf, replay: Replay) -> Order:
    assert replay.job_id
    args = {"release_id": str(replay.release_id), "replay_id": str(replay.id)}
    return Order(shelf.tenant_id, replay.job_id, args)


def verdicts(rows: list[Replayed]) -> dict[str, str]:
    return {row.question: row.verdict for row in rows}


def report(replay: Replay) -> dict[str, Any]:
    assert replay.report is not None
    return replay.report


async def test_a_harmful_edit_is_blocked_and_names_the_questions_it_breaks(
    shelf: Shelf, counter: Counter, cast: Cast
) -> None:
    await counter.ask(cast.dee, PAYPAL)
    again = "you refunded my return to paypal, when will it be there"
    for question in (again, PAYPAL.lower(), GIFT_CARD, *OTHERS):
        await counter.ask(cast.dee, question)
    release = await shelf.draft()
    text = await shelf.text("refund-times")
    start, end = text.index("## How long the bank takes"), text.index("## What is refunded")
    await shelf.write("refund-times", text[:start] + text[end:], release)
    replay, rows = await replayed(shelf, release)
    found = verdicts(rows)
    assert set(found) == {PAYPAL.lower(), again}, "newest first, and what is asked twice once"
    assert set(found.values()) <= set(replays.HARMS)
    assert (replay.status, replay.blocked, report(replay)["worse_share"]) == ("done", True, 1.0)
    assert (report(replay)["questions"], report(replay)["touched"]) == (2 + 1 + len(OTHERS) - 1, 2)
    assert "24 hours" in rows[0].live["text"]
    assert "24 hours" not in rows[0].draft["text"]
    with pytest.raises(releases.Blocked) as refused:
        await shelf.publish(release)
    assert {named["question"] for named in refused.value.extra["questions"]} == set(found)
    assert all(question in refused.value.detail for question in found)
    assert "24 hours" in (await shelf.ask(PAYPAL)).draft.text


@pytest.mark.parametrize("harm", ["another text", "removed", "for the staff alone"])
async def test_every_way_to_break_an_answer_is_blocked(shelf: Shelf, counter: Counter, cast: Cast, harm: str) -> None:
    await counter.ask(cast.dee, GIFT_CARD)
    release = await shelf.draft()
    if harm == "removed":
        await shelf.remove("gift-cards", release)
    elif harm == "another text":
        await shelf.write("gift-cards", "# Gift cards\n\nThey are wrapped in paper from our own forest.", release)
    else:
        await shelf.write("gift-cards", await shelf.text("gift-cards"), release, audience="staff")
    replay, rows = await replayed(shelf, release)
    assert replay.blocked
    assert [row.question for row in rows] == [GIFT_CARD]


async def test_a_harmless_edit_passes_and_an_improvement_is_seen(shelf: Shelf, counter: Counter, cast: Cast) -> None:
    said = await counter.ask(cast.dee, GIFT_CARD)
    await counter.ask(cast.dee, "can i swap it for cash instead?", said.conversation_id)
    for question in (PAYPAL, PARROTS, *OTHERS[:3]):
        await counter.ask(cast.dee, question)
    release = await shelf.draft()
    await shelf.replace("gift-cards", "3 years", "5 years", release)
    text = await shelf.text("refund-times")
    await shelf.write("refund-times", text + "\n\n## More help\n\nWrite to us whenever you like.", release)
    await shelf.write("parrots", "# Parrots\n\nWe do sell parrots: they cost 7 euros each.", release)
    before = side_effects(shelf)
    replay, rows = await replayed(shelf, release)
    assert side_effects(shelf) == before, "nothing is told and nothing is changed"
    found = verdicts(rows)
    assert (found[GIFT_CARD], found[PAYPAL], found[PARROTS]) == ("changed_citations", "same", "improved")
    follow_up = next(row for row in rows if row.question == "can i swap it for cash instead?")
    assert "cannot be exchanged for cash" in follow_up.draft["text"], "understood from what was said before"
    assert (replay.blocked, report(replay)["worse_share"], report(replay)["improved"]) == (False, 0.0, 1)
    assert report(replay)["cost"]["live"]["model_calls"] == 0
    assert min(report(replay)["cost"][side]["ms"] for side in ("live", "draft")) > 0
    assert [row.verdict for row in rows] == sorted((row.verdict for row in rows), key=place)
    assert (await shelf.publish(release)).status == "published"
    assert "7 euros" in (await shelf.ask(PARROTS)).draft.text


def place(verdict: str) -> int:
    """Where a verdict stands: the worst first."""
    return ["newly_unanswered", "worse", "changed_citations", "improved", "same"].index(verdict)


def side_effects(shelf: Shelf) -> list[tuple[Any, ...]]:
    """How much there is of whatever a turn writes."""
    return shelf.rows(
        """select (select count(*) from messages where tenant_id = t.tenant_id), (select count(*) from turns where tenant_id = t.tenant_id),
           (select count(*) from events where tenant_id = t.tenant_id), (select max(updated_at) from tickets where tenant_id = t.tenant_id),
           (select count(*) from handoffs where tenant_id = t.tenant_id) from tenants t where t.tenant_id = %s"""
    )


async def test_what_a_customer_liked_must_keep_its_proof(shelf: Shelf, counter: Counter, cast: Cast) -> None:
    said = await counter.ask(cast.dee, GIFT_CARD)
    release = await shelf.draft()
    sentence = "A gift card is valid for 3 years from the day of purchase and expires after that."
    other = "How long is a gift card valid? We never let any of them lapse, so a valid gift card lasts for ever."
    await shelf.replace("gift-cards", sentence, other, release)
    _, rows = await replayed(shelf, release)
    assert verdicts(rows) == {GIFT_CARD: "changed_citations"}
    await counter.like(said)
    async with shelf.db.tenant(shelf.tenant_id) as tx:
        await policy.change(tx, {"releases": {"worse_at_most": 1.0}}, "Ann")
    replay, rows = await replayed(shelf, release)
    assert (verdicts(rows), replay.blocked) == ({GIFT_CARD: "worse"}, False), "worse, within the limit that was set"


async def test_each_audience_is_asked_for_itself(shelf: Shelf, counter: Counter, cast: Cast) -> None:
    await shelf.write("moon", "# Moon cheese\n\nMoon cheese costs 3 euros.", audience="verified")
    question = "What does moon cheese cost?"
    await counter.ask(cast.cy, question)
    await counter.ask(cast.dee, question)
    release = await shelf.draft()
    await shelf.write("moon", "# Moon cheese\n\nMoon cheese costs 4 euros.", release)
    _, rows = await replayed(shelf, release)
    assert verdicts(rows) == {question: "changed_citations"}, "the customer who is known; the other one cannot tell"
    assert "4 euros" in rows[0].draft["text"]


async def test_cut_off_in_the_middle_it_begins_anew_and_its_rows_are_replaced(
    shelf: Shelf, counter: Counter, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for question in (GIFT_CARD, PAYPAL, *OTHERS):
        await counter.ask(cast.dee, question)
    release = await shelf.draft()
    await shelf.replace("gift-cards", "3 years", "5 years", release)
    await replayed(shelf, release)
    async with shelf.db.tenant(shelf.tenant_id) as tx:
        replay = await replays.latest(tx, release)
        assert replay is not None
    began = asyncio.Event()
    compared = Replaying._compared

    async def slow(*args: Any) -> Any:
        if began.is_set():
            await asyncio.sleep(60)
        began.set()
        return await compared(*args)

    with monkeypatch.context() as patched:
        patched.setattr(Replaying, "_compared", slow)
        work = asyncio.create_task(Replaying(shelf.tools)(order_of(shelf, replay)))
        await began.wait()
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    async with shelf.db.tenant(shelf.tenant_id) as tx:
        cut = await replays.latest(tx, release)
        assert cut is not None
        assert cut.status == "running"
    with pytest.raises(releases.ReplayNeeded):
        await shelf.publish(release)
    await Replaying(shelf.tools)(order_of(shelf, replay))
    assert shelf.rows("select count(*) from replay_rows where tenant_id = %s") == [(1,)]
    assert shelf.rows("select progress from jobs where tenant_id = %s and kind = 'knowledge.replay'") == [(1.0,)]
    await shelf.publish(release)


async def test_a_draft_that_is_gone_or_still_being_read_is_not_replayed(shelf: Shelf) -> None:
    release = await shelf.draft()
    await shelf.write("gift-cards", "# Gift cards\n\nValid for 9 years.", release, read=False)
    with pytest.raises(releases.NotReady):
        await replayed(shelf, release)
    await shelf.discard(release)
    with pytest.raises(Conflict):
        await replayed(shelf, release)
    async with shelf.db.tenant(shelf.tenant_id) as tx:
        replay = await replays.latest(tx, release)
        assert replay is not None
        assert replay.status == "failed"


async def test_what_a_model_costs_is_counted_on_both_sides(shelf: Shelf, counter: Counter, cast: Cast) -> None:
    await counter.ask(cast.dee, GIFT_CARD)
    await counter.ask(cast.dee, OTHERS[2])
    release = await shelf.draft()
    await shelf.replace("gift-cards", "3 years", "5 years", release)
    async with stub.serve("good") as url:
        asked = models_at("openai:stub", f"{url}/v1")
        talking = Tools(shelf.db, shelf.tools.models, shelf.tools.classifiers, asked)
        replay, rows = await replayed(shelf, release, talking)
        await asked.aclose()
    assert list(verdicts(rows)) == [GIFT_CARD]
    for side in ("live", "draft"):
        cost = report(replay)["cost"][side]
        assert cost["model_calls"] >= 1
        assert cost["tokens"] > 100
