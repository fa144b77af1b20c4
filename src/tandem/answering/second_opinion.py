"""What a second model is asked while a turn is worked on, where one is named for the job: whether a passage says something, and
what a follow-up question means by itself.

Neither gets any authority. A judge can only turn a sentence's doubt into yes or no, and exact comparison stands above it; a
question that was put in other words only finds passages. Whoever fails or is late is left out.
"""

import json
import re
from collections.abc import Awaitable, Callable

from tandem.answering import guard, memory, prompts, words
from tandem.answering.turn import Asked
from tandem.llm import Model, ModelFailed, Prompt, PromptMessage

JUDGE_S = 1.5
"""For one sentence: the customer is reading the one before it meanwhile."""

JUDGES = 3
"""Sentences of a draft that are judged: one that is in doubt all over is not worth more waiting."""

REWRITE_S = 1.5
"""Before anything is searched, so of the time to the first sentence (S2: 1.5 s at the 95th percentile)."""

QUESTION_CHARS = 300

OBJECT = re.compile(r"\{.*\}", re.DOTALL)


def judge(model: Model | None) -> Callable[[str, str], Awaitable[bool | None]] | None:
    """Asks whether a source supports a claim; None for "it did not say". One for each draft."""
    if model is None:
        return None
    asked = 0

    async def says(claim: str, source: str) -> bool | None:
        nonlocal asked
        asked += 1
        if asked > JUDGES:
            return None
        shown = f"<source>\n{guard.as_data(source, 'source')}\n</source>\n<claim>\n{guard.as_data(claim, 'claim')}\n</claim>"
        system = prompts.load("judge").text
        prompt = Prompt(system, (PromptMessage("user", shown),), 20, 0.0, JUDGE_S, JUDGE_S, public_system=True)
        try:
            return _verdict((await model.complete(prompt)).text)
        except ModelFailed:
            return None

    return says


def _verdict(answer: str) -> bool | None:
    found = OBJECT.search(answer)
    try:
        said = json.loads(found[0]).get("supported") if found else None
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, bool) else None


async def standing_alone(model: Model, asked: Asked) -> str:
    """A follow-up as a question that can be understood by itself; "" where the model has nothing of use to say."""
    system = prompts.load("rewrite").text
    prompt = Prompt(system, memory.conversation(asked), 80, 0.0, REWRITE_S, REWRITE_S, public_system=True)
    try:
        written = " ".join((await model.complete(prompt)).text.split())
    except ModelFailed:
        return ""
    return written if _keeps(asked, written) else ""


def _keeps(asked: Asked, written: str) -> bool:
    """It is short, and every number and most words of it were said in the conversation."""
    said = "\n".join([asked.text, *(each.text for each in asked.history)])
    new = set(words.content(written)) - set(words.content(said))
    wanted = set(words.content(written))
    return (
        0 < len(written) <= QUESTION_CHARS
        and words.numbers(written) <= words.numbers(said)
        and len(new) * 3 <= len(wanted)
    )
