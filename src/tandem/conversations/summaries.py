"""What is remembered of a conversation's older messages: a few sentences, and up to which message they go."""

from dataclasses import dataclass
from datetime import datetime

from tandem.conversations.messages import Message
from tandem.db import Queries, Tx
from tandem.ids import ConversationId, MessageId

Q = Queries("tandem.conversations")


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary, and the last message that is in it."""

    text: str
    until_at: datetime
    until_id: MessageId


async def get(tx: Tx, conversation_id: ConversationId) -> Summary | None:
    """The conversation's summary; None where nothing was summed up yet."""
    return await tx.maybe(Q.summary, Summary, id=conversation_id)


async def outgrown(
    tx: Tx, conversation_id: ConversationId, after: Summary | None, *, newest: int, most: int
) -> list[Message]:
    """What everybody could read, in order, that is neither in the summary nor among the newest messages."""
    until = {"until_at": after.until_at if after else None, "until_id": after.until_id if after else None}
    return await tx.all(Q.outgrown, Message, id=conversation_id, newest=newest, most=most, **until)


async def keep(tx: Tx, conversation_id: ConversationId, text: str, last: Message) -> None:
    """The summary that goes up to this message, unless there is one that goes further."""
    await tx.run(Q.keep_summary, id=conversation_id, text=text, until_at=last.created_at, until_id=last.id)
