"""A better-worded summary for whoever takes a ticket over: one call to a model, apart from the answer to the customer.

It is asked after the handoff stands, with strictly bounded time; until it has written, and whenever it fails, the summary from
the record stands. Of what it writes only sentences are kept whose numbers, names and addresses stand in the conversation.
"""

import contextlib
import re
from collections.abc import Sequence
from uuid import UUID

from tandem.answering import privacy, prompts, tools, words
from tandem.answering.tools import Tools
from tandem.conversations import log, messages
from tandem.conversations.messages import Role
from tandem.db import Down
from tandem.events import Hub
from tandem.ids import ConversationId, TenantId, TicketId
from tandem.knowledge import passages
from tandem.llm import Model, ModelFailed, Prompt, PromptMessage
from tandem.tenants.spending import Purpose
from tandem.tickets import handoffs, tickets

TOKENS = 160
CHARS = 800
SENTENCES = 3
"""Two or three sentences (S0, S3: "reads 3 sentences")."""

TIMEOUT_S = 6.0
"""An agent who opens the ticket at once reads the record's summary; a later one would come after they have read the thread."""

READ = 20
TRANSCRIPT_CHARS = 6000

NAME = re.compile(r"\b[A-Z][\w'’-]*[a-z][\w'’-]*|\b[A-Z]{2,}\b")
ADDRESS = re.compile(r"\S+@\S+|https?://\S+|www\.\S+")
OPENERS = frozenset(
    "the customer they assistant an a it this that there no nothing none open still after before when while also so now first then"
    " their he she his her its what which because since as in on for to by with however despite although according previously"
    " currently earlier later finally both one two unresolved wants asked asks needs tried issue request user company agent".split()
)
"""What a sentence may begin with that need not stand in the conversation; any other capital letter makes a name."""

ROLES = {Role.USER: "user", Role.ASSISTANT: "assistant", Role.AGENT: "agent"}


class SummingUp:
    """Sums conversations up with a model."""

    def __init__(self, toolbox: Tools, hub: Hub, model: Model) -> None:
        self._tools, self._db, self._hub, self._model = toolbox, toolbox.db, hub, model

    async def __call__(
        self, tenant_id: TenantId, conversation_id: ConversationId, ticket_id: TicketId, handoff_id: UUID
    ) -> None:
        """Reword a handoff's summary, where the model has a better one; whoever looks at the ticket is told."""
        with contextlib.suppress(Down, ModelFailed):  # the summary from the record stands
            async with self._db.reading(tenant_id) as tx:
                said = await messages.last(tx, conversation_id, most=READ)
                standing = await tools.standing(tx)
            lines = [f"{ROLES[message.role]}: {message.text}" for message in said if message.role in ROLES]
            if not lines:
                return
            purpose = Purpose(None, conversation_id, ticket_id)
            with privacy.under(standing.rules.rules):
                async with self._tools.billed(tenant_id, standing, purpose):
                    written = await self._written("\n".join(lines)[-TRANSCRIPT_CHARS:])
                text = guarded(written, lines)
            if text:
                async with self._db.tenant(tenant_id) as tx:
                    await handoffs.reword(tx, handoff_id, text)
                    await log.append(tx, self._hub, conversation_id, [await tickets.news(tx, ticket_id)])

    async def _written(self, transcript: str) -> str:
        asked = (PromptMessage("user", transcript),)
        prompt = Prompt(prompts.load("summary").text, asked, TOKENS, 0.0, TIMEOUT_S)
        return (await self._model.complete(prompt)).text


def guarded(written: str, conversation: Sequence[str], most: int = SENTENCES) -> str:
    """The sentences that say nothing the conversation has not, at most so many; "" where none is left."""
    text = " ".join(written.split())
    known = " ".join(conversation)
    spoken = {word.lower() for word in words.WORD.findall(known)} | {word.lower() for word in NAME.findall(known)}
    kept = [text[start:end] for start, end in passages.sentences(text)]
    safe = [sentence.strip() for sentence in kept if _says_no_more(sentence, known, spoken)]
    return tickets.shortened(" ".join(safe[:most]), CHARS * most // SENTENCES)


def _says_no_more(sentence: str, known: str, spoken: set[str]) -> bool:
    if not words.numbers(sentence) <= words.numbers(known):
        return False
    if any(address.strip(".,;:()<>\"'") not in known for address in ADDRESS.findall(sentence)):
        return False
    first = words.WORD.search(sentence)
    names = [(match.start(), match[0]) for match in NAME.finditer(sentence)]
    return all(
        name.lower() in spoken or (first is not None and at == first.start() and name.lower() in OPENERS)
        for at, name in names
    )
