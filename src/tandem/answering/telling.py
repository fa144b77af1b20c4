"""Who hears what a turn says: the conversation, or nobody."""

from tandem import ids
from tandem.answering import record
from tandem.answering.releasing import Releaser, Words
from tandem.answering.turn import Citation
from tandem.conversations.log import Floor, News
from tandem.conversations.turns import TurnRow
from tandem.events import Hub, Passing
from tandem.ids import TenantId


class LiveTeller:
    """Tells the conversation. Without a model there is nothing to wait for: the words go out with the outcome, in one transaction."""

    def __init__(self, releaser: Releaser, hub: Hub, tenant_id: TenantId, row: TurnRow, *, streams: bool) -> None:
        self._releaser, self._hub, self._tenant_id, self._row, self._streams = releaser, hub, tenant_id, row, streams
        self.unsaid: list[News] = []

    async def step(self, name: str) -> None:
        """See Teller. Without a model the steps take milliseconds: nobody could see them."""
        if not self._streams:
            return
        passing = Passing(
            self._tenant_id,
            self._row.conversation_id,
            "status",
            {"step": name, "turn_id": ids.show("trn", self._row.id)},
        )
        self._hub.pass_on(passing, elsewhere=False)

    async def say(self, text: str, citations: tuple[Citation, ...]) -> None:
        """See Teller."""
        row = self._row
        turn_id, message_id = ids.show("trn", row.id), ids.show("msg", row.reply_id)
        news = [News("delta", {"turn_id": turn_id, "message_id": message_id, "text": text})]
        if citations:
            shown = [record.citation_json(citation) for citation in citations]
            news.append(News("cited_sources", {"turn_id": turn_id, "message_id": message_id, "citations": shown}))
        if self._streams:
            floor = Floor(row.id, row.attempt, keep=True)
            await self._releaser.say(Words(self._tenant_id, row.conversation_id, floor, news))
        else:
            self.unsaid += news


class SilentTeller:
    """Only listens: for evals, `tandem ask` and tests."""

    async def step(self, name: str) -> None:
        """See Teller."""

    async def say(self, text: str, citations: tuple[Citation, ...]) -> None:
        """See Teller."""
