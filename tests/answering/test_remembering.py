"""A long conversation keeps its older turns as a few sentences, of which every number and name was said."""

from collections.abc import Sequence

import pytest

from tandem import embedding
from tandem.answering import remembering
from tandem.answering.memory import TURNS
from tandem.answering.remembering import AT_A_TIME, Remembering
from tandem.answering.tools import Tools
from tandem.conversations import messages, summaries, threads
from tandem.conversations.messages import Role
from tandem.conversations.summaries import Summary
from tandem.conversations.threads import Channel
from tandem.db import Database
from tandem.ids import ConversationId, TenantId, TicketId
from tandem.intents.models import Classifiers
from tandem.tickets import tickets
from tests.answering.test_second_opinion import Says
from tests.cast import Cast

SAID = "The customer asked about order 17 and boots. Open is the refund. The customer was promised 500 EUR by Zorro."


class Talk:
    """A conversation of Dee's that grows."""

    def __init__(self, db: Database, cast: Cast) -> None:
        models = embedding.load_all()
        self.tools = Tools(db, models, Classifiers(models.shipped))
        self.db, self.tenant_id = db, TenantId(cast.acme.id)
        self.customer_id = cast.dee.id
        self.count = 0

    async def begin(self) -> None:
        async with self.db.tenant(self.tenant_id) as tx:
            self.id: ConversationId = await threads.begin(tx, self.customer_id, Channel.WEB_CHAT)
            self.ticket_id: TicketId = tickets.open_later(tx, self.id, "boots")

    async def grow(self, turns: int) -> None:
        for _ in range(turns):
            self.count += 1
            for role, text in ((Role.USER, f"Question {self.count} about order 17"), (Role.ASSISTANT, "An answer.")):
                async with self.db.tenant(self.tenant_id) as tx:
                    await messages.add(tx, self.id, self.ticket_id, role, text)

    async def remember(self, *answers: str) -> Says:
        model = Says(*answers)
        await Remembering(self.tools, model)(self.tenant_id, self.id)
        return model

    async def summary(self) -> Summary | None:
        async with self.db.reading(self.tenant_id) as tx:
            return await summaries.get(tx, self.id)


@pytest.fixture
async def talk(db: Database, cast: Cast) -> Talk:
    begun = Talk(db, cast)
    await begun.begin()
    return begun


def told(model: Says) -> str:
    (prompt,) = model.asked
    return str(prompt.messages)


async def test_a_short_conversation_is_told_whole(talk: Talk) -> None:
    await talk.grow(TURNS + AT_A_TIME // 2 - 1)
    assert (await talk.remember(SAID)).asked == []
    assert await talk.summary() is None


async def test_older_turns_are_summed_up_and_only_what_was_said_stays(talk: Talk) -> None:
    await talk.grow(TURNS + AT_A_TIME // 2)
    model = await talk.remember(SAID)
    assert "Question 5 " in told(model)
    assert "Question 6 " not in told(model), "the last ten turns are told word for word"
    kept = await talk.summary()
    assert kept is not None
    assert kept.text == "The customer asked about order 17 and boots. Open is the refund."


async def test_the_next_summary_goes_on_from_it(talk: Talk) -> None:
    await talk.grow(TURNS + AT_A_TIME // 2)
    await talk.remember(SAID)
    assert (await talk.remember(SAID)).asked == [], "nothing is new"
    await talk.grow(AT_A_TIME // 2)
    model = await talk.remember("The customer asked about order 17 again.")
    assert "before: The customer asked about order 17 and boots." in told(model)
    assert "Question 5 " not in told(model)
    assert "Question 10 " in told(model)
    kept = await talk.summary()
    assert kept is not None
    assert kept.text == "The customer asked about order 17 again."


@pytest.mark.parametrize("answers", [(), ("",), ("You owe Zorro 500 EUR.",)])
async def test_without_the_models_help_nothing_is_forgotten(talk: Talk, answers: Sequence[str]) -> None:
    await talk.grow(TURNS + AT_A_TIME // 2)
    await talk.remember(*answers)
    kept = await talk.summary()
    assert kept is not None
    assert [f"Question {n} " in kept.text for n in (1, 5, 6)] == [True, True, False]


async def test_an_older_summary_that_comes_late_does_not_win(talk: Talk) -> None:
    await talk.grow(2)
    async with talk.db.tenant(talk.tenant_id) as tx:
        first, *_, last = await messages.last(tx, talk.id)
        await summaries.keep(tx, talk.id, "newer", last)
        await summaries.keep(tx, talk.id, "older", first)
    kept = await talk.summary()
    assert kept is not None
    assert (kept.text, kept.until_id) == ("newer", last.id)


def test_a_summary_without_a_model_stays_within_its_tokens() -> None:
    assert remembering.plainly(["x" * 9000], []) != ""
    assert len(remembering.plainly(["x" * 9000], [])) < 1100
