"""The rolling summary of a long conversation: what was said before its last ten turns, for the model that answers the next one.

Written after an answer has gone out, ten messages at a time, by the model that sums up. It is told to a model as data and to
nobody else; of what is written only sentences stay whose numbers, names and addresses were said. Where the model fails the
customer's own questions stand in for it, shortened, and nothing is forgotten.
"""

import contextlib
from collections.abc import Sequence

from tandem.answering import memory, privacy, prompts, summing_up, tools
from tandem.answering.tools import Tools
from tandem.conversations import summaries
from tandem.conversations.messages import Message, Role
from tandem.db import Down
from tandem.ids import ConversationId, TenantId
from tandem.llm import Model, ModelFailed, Prompt, PromptMessage
from tandem.tenants.spending import Purpose

AT_A_TIME = 10
"""Messages that are summed up together: five turns."""

MOST = 40
"""Of a conversation that grew long while no model answered."""

SENTENCES = 8
TOKENS = 300
TIMEOUT_S = 20.0
"""Nobody waits for it."""


class Remembering:
    """Sums up what a conversation has outgrown."""

    def __init__(self, toolbox: Tools, model: Model) -> None:
        self._tools, self._db, self._model = toolbox, toolbox.db, model

    async def __call__(self, tenant_id: TenantId, conversation_id: ConversationId) -> None:
        """Bring the summary up to date, if there is enough that is not in it."""
        with contextlib.suppress(Down):  # the next turn tries again
            await self._bring_up_to_date(tenant_id, conversation_id)

    async def _bring_up_to_date(self, tenant_id: TenantId, conversation_id: ConversationId) -> None:
        async with self._db.reading(tenant_id) as tx:
            before = await summaries.get(tx, conversation_id)
            older = await summaries.outgrown(tx, conversation_id, before, newest=2 * memory.TURNS, most=MOST)
            standing = await tools.standing(tx)
        if len(older) < AT_A_TIME:
            return
        lines = [f"{summing_up.ROLES[each.role]}: {each.text}" for each in older]
        known = [before.text] if before else []
        with privacy.under(standing.rules.rules):
            async with self._tools.billed(tenant_id, standing, Purpose(None, conversation_id)):
                text = await self._written(known, lines) or plainly(known, older)
        async with self._db.tenant(tenant_id) as tx:
            await summaries.keep(tx, conversation_id, text, older[-1])

    async def _written(self, known: Sequence[str], lines: Sequence[str]) -> str:
        """What the model makes of it, as far as it was said; "" where nothing is left."""
        shown = "\n".join([*(f"before: {text}" for text in known), *lines])
        asked = (PromptMessage("user", memory.shortened(shown, 4000)),)
        prompt = Prompt(prompts.load("remember").text, asked, TOKENS, 0.0, TIMEOUT_S)
        try:
            written = (await self._model.complete(prompt)).text
        except ModelFailed:
            return ""
        return summing_up.guarded(written, [*known, *lines], SENTENCES)


def plainly(known: Sequence[str], older: Sequence[Message]) -> str:
    """What stood before and what the customer wrote, each shortened, newest kept: a summary that needs no model."""
    asked = [f"The customer wrote: {memory.shortened(m.text, 30)}" for m in older if m.role is Role.USER]
    return memory.shortened("\n".join([*known, *asked]), memory.BUDGET.summary)
