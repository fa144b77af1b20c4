"""Where customers of tests ask: the product's own desk, which records every turn, over the demo's library."""

from uuid import UUID

from tandem import ids
from tandem.answering.desk import Desk
from tandem.answering.receiving import Incoming
from tandem.answering.releasing import Releaser
from tandem.conversations import threads, turns
from tandem.conversations.turns import TurnRow
from tandem.events import Hub
from tandem.hot import postgres
from tandem.ids import ConversationId
from tandem.tickets import working
from tests.cast import Client
from tests.knowledge.shelf import Shelf


class Counter:
    """Takes questions in and waits for the answers."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf, self._hub = shelf, Hub(ids.new())
        self._hot = postgres.open_hot(shelf.db)
        self._desk = Desk(shelf.tools, self._hub, self._hot, Releaser(shelf.db, self._hub))

    async def ask(self, who: Client, text: str, conversation_id: UUID | None = None) -> TurnRow:
        """The finished turn."""
        within = ConversationId(conversation_id) if conversation_id else None
        received = await self._desk.receive(Incoming(who.tenant_id, who.id, who.verified, text, within))
        await self._desk.drain(20)
        async with self._shelf.db.tenant(who.tenant_id) as tx:
            return await turns.get(tx, received.message_id)

    async def like(self, turn: TurnRow) -> None:
        """The customer says that the answer helped."""
        async with self._shelf.db.tenant(self._shelf.tenant_id) as tx:
            conversation = await threads.get(tx, turn.conversation_id, lock=True)
            await working.rate(tx, self._hub, conversation, "up", turn.reply_id, None)

    async def close(self) -> None:
        """Nobody asks any more."""
        await self._hot.close()
