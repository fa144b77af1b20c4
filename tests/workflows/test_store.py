"""Versions of workflows, and procedures under way."""

from dataclasses import replace

import pytest

from tandem.conversations import threads
from tandem.conversations.threads import Channel
from tandem.db import Database, Tx
from tandem.errors import Conflict, Malformed, NotFound
from tandem.ids import ConversationId
from tandem.workflows import reading, store
from tandem.workflows.state import State, stored
from tandem.workflows.store import Entry
from tests.cast import Cast

SOURCE = "name: {name}\ntitle: {title}\nintents: [{intent}, complaint]\nsteps: [{{reply: Hello.}}]\n"


async def save(
    tx: Tx, name: str = "greet", title: str = "Greeting", intent: str = "order_status", expected: int | None = None
) -> Entry:
    source = SOURCE.format(name=name, title=title, intent=intent)
    return await store.save(tx, reading.read(source), source, "Ann", expected=expected)


async def conversation(tx: Tx, cast: Cast) -> ConversationId:
    return await threads.begin(tx, cast.cy.id, Channel.WEB_CHAT)


async def test_every_change_is_a_version_and_the_same_again_is_none(db: Database, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        first = await save(tx)
        assert (first.version, first.author, first.workflow.title) == (1, "Ann", "Greeting")
        assert (await save(tx)).version == 1
        assert (await save(tx, title="Other")).version == 2
        assert (await store.restore(tx, "greet", 1, "Bo")).version == 3
        await store.remove(tx, "greet", "Ann")
        history = await store.history(tx, "greet")
        assert [(each.version, each.removed, each.author) for each in history] == [
            (4, True, "Ann"), (3, False, "Bo"), (2, False, "Ann"), (1, False, "Ann"),
        ]  # fmt: skip
        assert await store.every(tx) == []
        with pytest.raises(NotFound):
            await store.get(tx, "greet")
        with pytest.raises(NotFound):
            await store.remove(tx, "greet", "Ann")
        assert (await store.version(tx, "greet", 2)).workflow.title == "Other", "what is under way goes on"
        assert (await save(tx)).version == 5, "it may come back"
    async with db.tenant(cast.rival.id) as tx:
        with pytest.raises(NotFound):
            await store.history(tx, "greet")


async def test_a_change_names_the_version_it_was_made_from(db: Database, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        await save(tx, expected=0)
        for stale in (0, 2):
            with pytest.raises(Conflict):
                await save(tx, title="Other", expected=stale)
        assert (await save(tx, title="Other", expected=1)).version == 2
        await store.remove(tx, "greet", "Ann")
        with pytest.raises(Conflict):
            await save(tx, expected=2)
        assert (await save(tx, expected=0)).version == 4


async def test_of_two_who_save_at_once_one_is_told(db: Database, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        await save(tx)
    with pytest.raises(Conflict):
        await too_late(db, cast)


async def too_late(db: Database, cast: Cast) -> None:
    """Somebody saves between another's look and their own saving."""
    async with db.tenant(cast.acme.id) as tx:
        entry = await store.get(tx, "greet")
        async with db.tenant(cast.acme.id) as other:
            await save(other, title="Faster")
        await store._add(tx, "greet", entry.version + 1, entry.body, entry.source, "Ann")


async def test_there_is_a_most(db: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST", 2)
    async with db.tenant(cast.acme.id) as tx:
        await save(tx, "one")
        await save(tx, "two")
        with pytest.raises(Malformed):
            await save(tx, "three")
        assert (await save(tx, "two", title="Other")).version == 2


async def test_the_workflow_for_an_intent(db: Database, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        await save(tx, "b_second")
        await save(tx, "a_first", intent="cancel_order")
        found = await begun_by(tx, "order_status", "complaint", "cancel_order", "order")
        assert found == ["b_second", "a_first", "a_first", None]
        await store.remove(tx, "a_first", "Ann")
        await save(tx, "b_second", intent="cancel_order")
        assert await begun_by(tx, "order_status", "complaint", "cancel_order") == [None, "b_second", "b_second"]


async def begun_by(tx: Tx, *intents: str) -> list[str | None]:
    """The names of the workflows that begin with these."""
    answers = [store.for_intent_later(tx, intent) for intent in intents]
    await tx.flush()
    found = [answer.maybe(store.Entry) for answer in answers]
    return [each.name if each else None for each in found]


async def test_a_conversation_has_one_procedure(db: Database, cast: Cast) -> None:
    state = State(
        (2, 0, 1),
        {"order_id": "1042", "count": 3},
        {"order": {"status": "sent"}},
        {"order_id": 1},
        "why",
        (("A", "a"), ("B", 2)),
    )
    async with db.tenant(cast.acme.id) as tx:
        await save(tx)
        where = await conversation(tx, cast)
        assert await store.open_of(tx, where) is None
        first = await store.begin(tx, where, "greet", 1, state)
        found = await store.open_of(tx, where)
        assert found is not None
        assert (found.id, found.workflow, found.version, stored(found.state)) == (first, "greet", 1, state)

        assert await store.keep(tx, first, replace(state, asking=None))
        second = await store.begin(tx, where, "greet", 1, State())
        found = await store.open_of(tx, where)
        assert found is not None
        assert found.id == second, "the first was left"
        assert not await store.keep(tx, first, state)
        assert not await store.finish(tx, first, "done")
        assert await store.finish(tx, second, "done")
        assert await store.open_of(tx, where) is None
    async with db.tenant(cast.rival.id) as tx:
        assert await store.open_of(tx, where) is None
