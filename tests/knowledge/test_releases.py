"""Releases: edits that collect in a draft, go live all at once, and are taken back without a trace in the answers."""

import asyncio
import time
from uuid import UUID

import pytest

from tandem.answering import record
from tandem.answering.turn import Turn
from tandem.errors import Conflict, NotFound
from tandem.jobs import Queue
from tandem.knowledge import changes, documents, questions, releases, replays, search
from tandem.knowledge.reading import Unreadable
from tandem.knowledge.search import Found
from tests.cast import Cast
from tests.knowledge.shelf import AUTHOR, Shelf
from tests.knowledge.swapping import asked_meanwhile

GIFT_CARD = "How long is a gift card valid?"
REFUND = "You sent my refund to PayPal, when will it arrive?"


def shown(turn: Turn) -> tuple[str, list[object]]:
    """What a customer gets to see of an answer."""
    return turn.draft.text, [record.citation_json(citation) for citation in turn.draft.citations]


async def passages(shelf: Shelf, name: str) -> list[tuple[object, ...]]:
    """The live passages of a document: ids, texts and vectors."""
    return shelf.rows(
        """select p.id, p.text, v.embedding::text from passages p
           join passage_vectors v on v.tenant_id = p.tenant_id and v.passage_id = p.id
           where p.tenant_id = %s and p.document_id = %s and p.live and v.live order by p.ordinal""",
        (await shelf.document(name)).id,
    )


def kept(shelf: Shelf) -> int:
    """How many passages are stored, live or not."""
    return int(shelf.rows("select count(*) from passages where tenant_id = %s")[0][0])


def vocabulary(shelf: Shelf) -> dict[str, int]:
    return dict(shelf.rows("select lexeme, passages from vocabulary where tenant_id = %s and passages <> 0"))


def recounted(shelf: Shelf) -> dict[str, int]:
    """The vocabulary as it should be."""
    counting = "select w.lexeme, count(*) from passages p, unnest(p.tsv) w where p.tenant_id = %s and p.live group by 1"
    return dict(shelf.rows(counting))


async def searched(shelf: Shelf, question: str, who: list[str] | None, draft: UUID | None = None) -> tuple[Found, ...]:
    return (await shelf.tools.find(shelf.tenant_id, questions.alone(question), who, 8, draft=draft)).passages


async def state(shelf: Shelf) -> search.State:
    async with shelf.db.tenant(shelf.tenant_id) as tx:
        return await search.state(tx)


async def test_a_draft_answers_nobody_until_it_is_published_and_then_all_of_it_at_once(shelf: Shelf) -> None:
    release = await shelf.draft()
    await shelf.replace("gift-cards", "3 years", "5 years", release)
    await shelf.replace("refund-times", "within 24 hours", "within 48 hours", release)
    await shelf.write("parrots", "# Parrots\n\nA parrot may ride on our river boats for 7 euros.", release)
    before = await state(shelf)
    assert "3 years" in (await shelf.ask(GIFT_CARD)).draft.text
    assert (await shelf.document("parrots")).status == "draft"
    published = await shelf.published(release)
    assert (published.status, published.published_by, published.changes) == ("published", AUTHOR, 3)
    assert (await state(shelf)).release == before.release + 1 == published.number
    gift, refund = await shelf.ask(GIFT_CARD), await shelf.ask(REFUND)
    assert "5 years" in gift.draft.text
    assert "48 hours" in refund.draft.text
    assert {found.release for found in (*gift.evidence.passages, *refund.evidence.passages)} == {published.number}
    assert "7 euros" in (await shelf.ask("What does a parrot cost on the river boat?")).draft.text
    parrots = await shelf.document("parrots")
    assert (parrots.status, parrots.version, parrots.live_version) == ("ready", 1, 1)
    assert vocabulary(shelf) == recounted(shelf)
    with pytest.raises(Conflict, match="not a draft any more"):
        await shelf.publish(release)
    with pytest.raises(Conflict, match="not a draft any more"):
        await shelf.replace("gift-cards", "5 years", "6 years", release)


async def test_a_rollback_gives_byte_identical_answers(shelf: Shelf) -> None:
    asked = [GIFT_CARD, REFUND, "Can I combine a promo code with sale prices?", "Do you sell parrots?"]
    before = [shown(await shelf.ask(question)) for question in asked]
    rows = [await passages(shelf, name) for name in ("gift-cards", "refund-times", "promo-codes")]
    words = vocabulary(shelf)
    release = await shelf.draft()
    await shelf.replace("gift-cards", "3 years", "5 years", release)
    await shelf.replace("refund-times", "within 24 hours", "within 48 hours", release)
    await shelf.remove("promo-codes", release)
    await shelf.write("parrots", "# Parrots\n\nWe sell parrots in every store, and they cost 7 euros.", release)
    published = await shelf.published(release)
    between = [shown(await shelf.ask(question)) for question in asked]
    assert all(old != new for old, new in zip(before, between, strict=True)), "each of them was changed by the release"
    assert await shelf.roll_back(release) == []
    assert [shown(await shelf.ask(question)) for question in asked] == before
    assert [await passages(shelf, name) for name in ("gift-cards", "refund-times", "promo-codes")] == rows
    assert vocabulary(shelf) == words
    gift, parrots = await shelf.document("gift-cards"), await shelf.document("parrots")
    assert (gift.version, gift.live_version, gift.status) == (1, 1, "ready")
    assert (parrots.live_version, parrots.status) == (None, "draft")
    assert published.number
    assert (await state(shelf)).release == published.number + 1
    with pytest.raises(Conflict, match="nothing to take back"):
        await shelf.roll_back(release)
    again = await shelf.write("gift-cards", "# Gift cards\n\nA gift card is valid for 4 years.", base=1)
    assert (again.version, "4 years" in (await shelf.ask(GIFT_CARD)).draft.text) == (3, True)


async def test_a_rollback_leaves_alone_what_somebody_has_changed_since(shelf: Shelf) -> None:
    release = await shelf.draft()
    await shelf.replace("gift-cards", "3 years", "5 years", release)
    await shelf.replace("refund-times", "within 24 hours", "within 48 hours", release)
    await shelf.remove("promo-codes", release)
    await shelf.published(release)
    await shelf.replace("gift-cards", "5 years", "6 years")
    await shelf.write("promo-codes", "# Promo codes\n\nThere are no promo codes any more.", title="Promo codes")
    left = await shelf.roll_back(release)
    assert sorted(left) == ["Gift cards", "Promo codes and discounts"]
    assert "6 years" in (await shelf.ask(GIFT_CARD)).draft.text
    assert "24 hours" in (await shelf.ask(REFUND)).draft.text
    assert "no promo codes any more" in await shelf.text("promo-codes")


async def test_it_needs_a_replay_of_exactly_these_changes_against_what_answers_now(shelf: Shelf) -> None:
    release = await shelf.draft()
    with pytest.raises(releases.NotReady, match="changes nothing"):
        await shelf.publish(release)
    await shelf.replace("gift-cards", "3 years", "5 years", release)
    with pytest.raises(releases.ReplayNeeded):
        await shelf.publish(release)
    await shelf.prove(release)
    await shelf.replace("refund-times", "within 24 hours", "within 48 hours", release)
    with pytest.raises(releases.ReplayNeeded, match="not of exactly these changes"):
        await shelf.publish(release)
    await shelf.prove(release)
    await shelf.replace("promo-codes", "30 days", "60 days")
    with pytest.raises(releases.ReplayNeeded, match="against what answers now"):
        await shelf.publish(release)
    await shelf.prove(release, blocked=True)
    with pytest.raises(releases.Blocked):
        await shelf.publish(release)
    await shelf.prove(release)
    assert (await shelf.publish(release)).status == "published"


async def test_it_waits_for_what_is_still_being_read_and_says_what_cannot_be(shelf: Shelf) -> None:
    release = await shelf.draft()
    saved = await shelf.write("gift-cards", "# Gift cards\n\nValid for 9 years.", release, read=False)
    await shelf.prove(release)
    with pytest.raises(releases.NotReady, match="“Gift cards” is still being read"):
        await shelf.publish(release)
    await shelf.read(saved)
    await shelf.prove(release)
    unreadable = await shelf.write("empty", "<!-- nothing -->", release, read=False)
    with pytest.raises(Unreadable):
        await shelf.read(unreadable)
    with pytest.raises(releases.NotReady, match="“empty” cannot be read"):
        await shelf.publish(release)


async def test_a_document_that_was_changed_meanwhile_stops_the_release(shelf: Shelf) -> None:
    release = await shelf.draft()
    first = await shelf.replace("gift-cards", "3 years", "5 years", release)
    await shelf.replace("gift-cards", "3 years", "4 years")
    text = "# Gift cards\n\nA gift card is valid for 5 whole years."
    await shelf.write("gift-cards", text, release, base=first.version)
    await shelf.prove(release)
    with pytest.raises(releases.Conflicting, match="Gift cards") as refused:
        await shelf.publish(release)
    assert [named["title"] for named in refused.value.extra["documents"]] == ["Gift cards"]
    await shelf.write("gift-cards", text, release)  # without a base: it may take the place of whatever answers
    await shelf.published(release)
    assert "5 whole years" in (await shelf.ask(GIFT_CARD)).draft.text


async def test_of_two_edits_of_one_article_at_once_the_second_is_refused(shelf: Shelf) -> None:
    release = await shelf.draft()
    for within, unit in ((None, "years"), (release, "months")):
        base = (await shelf.document("gift-cards")).version
        both = await asyncio.gather(
            shelf.write("gift-cards", f"# Gift cards\n\nValid for 8 {unit}.", within, base=base, read=False),
            shelf.write("gift-cards", f"# Gift cards\n\nValid for 9 {unit}.", within, base=base, read=False),
            return_exceptions=True,
        )
        assert sorted(type(outcome).__name__ for outcome in both) == ["Conflict", "Saved"]
        for outcome in both:
            if isinstance(outcome, documents.Saved):
                await shelf.read(outcome)


async def test_a_discarded_draft_leaves_nothing_behind(shelf: Shelf) -> None:
    held = kept(shelf)
    release, other = await shelf.draft(), await shelf.draft("Summer")
    saved = await shelf.replace("gift-cards", "3 years", "5 years", release)
    await shelf.replace("gift-cards", "3 years", "4 years", release)
    await shelf.remove("promo-codes", release)
    await shelf.write("parrots", "# Parrots\n\nA parrot costs 7 euros.", release)
    await shelf.write("toucans", "# Toucans\n\nA toucan costs 9 euros.", release)
    await shelf.write("toucans", "# Toucans\n\nA toucan costs 10 euros.", other, title="Toucans, priced")
    toucans = await shelf.document("toucans")
    assert (toucans.version, toucans.title) == (2, "Toucans, priced"), (
        "the list shows the newest of a document in drafts alone"
    )
    late = await shelf.replace("refund-times", "24 hours", "48 hours", release)
    assert kept(shelf) > held
    await shelf.discard(release)
    await shelf.read(late)  # a job that comes too late
    with pytest.raises(NotFound):
        await shelf.document("parrots")
    assert (await shelf.document("toucans")).status == "draft"
    assert (await shelf.document("promo-codes")).live_version == 1
    assert kept(shelf) == held + 1, "the other draft's toucan"
    assert "3 years" in (await shelf.ask(GIFT_CARD)).draft.text
    direct = await shelf.write("gift-cards", "# Gift cards\n\nA gift card is valid for 4 years.", base=1)
    assert direct.version == saved.version + 2
    with pytest.raises(Conflict):
        await shelf.discard(release)


async def test_a_change_that_is_left_out_is_as_if_it_had_never_been_made(shelf: Shelf) -> None:
    release = await shelf.draft()
    await shelf.replace("gift-cards", "3 years", "5 years", release)
    parrots = await shelf.write("parrots", "# Parrots\n\nA parrot costs 7 euros.", release)
    await shelf.leave_out(release, parrots.id)
    await shelf.leave_out(release, (await shelf.document("gift-cards")).id)
    with pytest.raises(NotFound):
        await shelf.document("parrots")
    assert await shelf.changes(release) == []
    again = await shelf.write("gift-cards", "# Gift cards\n\nA gift card is valid for 6 years.", release, base=1)
    await shelf.published(release)
    assert (again.version, (await shelf.document("gift-cards")).live_version) == (3, 3)


async def test_a_removal_in_a_draft_takes_effect_with_it(shelf: Shelf) -> None:
    release = await shelf.draft()
    question = "Can I combine a promo code with sale prices?"
    await shelf.remove("promo-codes", release)
    found = {p.external_id for p in await searched(shelf, question, ["public"])}
    assert "promo-codes" in found
    assert "promo-codes" not in {p.external_id for p in await searched(shelf, question, ["public"], release)}
    await shelf.published(release)
    assert "promo-codes" not in {p.external_id for p in await searched(shelf, question, ["public"])}
    with pytest.raises(NotFound):
        await shelf.document("promo-codes")


async def test_a_draft_is_searched_by_audience_too(shelf: Shelf) -> None:
    release = await shelf.draft()
    await shelf.write("moon", "# Moon cheese\n\nMoon cheese costs 3 euros.", release, audience="tier:gold")
    question, gold = "What does moon cheese cost?", search.audiences(verified=True, tier="gold")
    assert "moon" in {p.external_id for p in await searched(shelf, question, gold, release)}
    assert "moon" in {p.external_id for p in await searched(shelf, question, search.EVERYBODYS, release)}
    for who in (search.audiences(verified=False, tier="gold"), search.audiences(verified=True, tier="free")):
        assert "moon" not in {p.external_id for p in await searched(shelf, question, who, release)}
    assert "moon" not in {p.external_id for p in await searched(shelf, question, gold)}
    await shelf.published(release)
    assert "3 euros" in (await shelf.ask(question, verified=True, tier="gold")).draft.text
    assert "3 euros" not in (await shelf.ask(question)).draft.text


async def test_another_tenant_can_do_nothing_with_it(shelf: Shelf, cast: Cast) -> None:
    release = await shelf.draft()
    await shelf.replace("gift-cards", "3 years", "5 years", release)
    await shelf.prove(release)
    theirs = shelf.of(cast.rival.id)
    for attempt in (theirs.publish(release), theirs.discard(release), theirs.roll_back(release)):
        with pytest.raises(NotFound):
            await attempt
    with pytest.raises(NotFound):
        await theirs.write("parrots", "# Parrots\n\nA parrot.", release)
    assert await theirs.changes(release) == []
    assert "moon" not in {p.external_id for p in await searched(theirs, "gift card", ["public"], release)}
    assert (await shelf.publish(release)).status == "published"


async def test_fifty_documents_are_published_and_rolled_back(shelf: Shelf) -> None:
    release = await shelf.draft()
    async with shelf.db.tenant(shelf.tenant_id) as tx:
        names = [d.external_id for d in (await documents.page(tx, most=200))[0] if d.external_id][:50]
    for name in names:
        await shelf.write(name, f"# {name}\n\nAll that {name} said is said elsewhere by now.", release)
    await shelf.prove(release)
    began = time.perf_counter()
    await shelf.publish(release)
    published = time.perf_counter()
    assert await shelf.roll_back(release) == []
    ended = time.perf_counter()
    print(f"\n50 documents: published in {published - began:.3f} s, rolled back in {ended - published:.3f} s")
    assert vocabulary(shelf) == recounted(shelf)


async def test_the_replay_of_a_release_is_promised_once_and_again_when_the_draft_changed(shelf: Shelf) -> None:
    release = await shelf.draft()
    await shelf.replace("gift-cards", "3 years", "5 years", release)

    async def promised() -> UUID:
        async with shelf.db.tenant(shelf.tenant_id) as tx:
            return (await replays.promise(tx, Queue(shelf.db), release, await changes.of(tx, release), 30)).id

    first = await promised()
    assert await promised() == first
    await shelf.replace("refund-times", "within 24 hours", "within 48 hours", release)
    assert await promised() != first


async def test_whoever_asks_meanwhile_is_answered_from_before_or_after_and_never_from_both(shelf: Shelf) -> None:
    heard = await asked_meanwhile(shelf, rounds=3, publish=Shelf.publish)
    assert heard.mixed == []
    assert min(heard.before, heard.after) > 5, "both states were asked"
