"""What a model is told beside the question: the passages, the conversation and the account, each within its own share of tokens.

The last ten turns go word for word, older ones as the rolling summary (`remembering`); passages are found anew for every question,
so that those which were not cited are gone with their turn. Pure functions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tandem.answering.turn import Asked, Said
from tandem.knowledge.search import Found
from tandem.llm import PromptMessage
from tandem.tenants.policy import Example

TURNS = 10
"""Turns told word for word: a message and its reply each (S3: the last 10)."""

BYTES_A_TOKEN = 3.5
"""Of UTF-8 text. English has 4 to 4.5 a token in present vocabularies, other scripts about 3: a bound from the safe side."""

GIVEN = 6
"""Passages at most."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Tokens for each part. Together with the instructions (600 at most) they stay under the 6,000 of a prompt (quality.md)."""

    passages: int = 2400
    history: int = 1500
    summary: int = 300
    message: int = 900
    examples: int = 250
    longest: int = 400
    """Of one message of the history: a longer one is cut in its middle."""


BUDGET = Budget()


def tokens(text: str) -> int:
    """How many tokens a text has at most, by its length."""
    return -int(-len(text.encode()) // BYTES_A_TOKEN)


def passages(found: Sequence[Found], budget: Budget = BUDGET) -> tuple[Found, ...]:
    """The best passages that fit, in order; the first one always."""
    given: list[Found] = []
    used = 0
    for each in found[:GIVEN]:
        used += tokens(each.heading) + tokens(each.text)
        if given and used > budget.passages:
            break
        given.append(each)
    return tuple(given)


def conversation(asked: Asked, budget: Budget = BUDGET) -> tuple[PromptMessage, ...]:
    """What was said, oldest first, with what is known of the account and of older turns before it, and the new message last."""
    told: list[PromptMessage] = []
    used = 0
    for said in reversed(asked.history[-2 * TURNS :]):
        text = shortened(said.text, budget.longest)
        used += tokens(text)
        if used > budget.history:
            break
        told.append(PromptMessage("user" if said.role == "user" else "assistant", text))
    notes = known(asked, budget)
    before = [PromptMessage("user", notes)] if notes else []
    return (*before, *reversed(told), PromptMessage("user", shortened(asked.text, budget.message)))


def known(asked: Asked, budget: Budget = BUDGET) -> str:
    """The facts of the account and the summary of older turns, marked as data; "" where there is nothing to tell."""
    lines = [f"The customer is known to us, tier {asked.tier}."] if asked.verified else []
    if asked.summary:
        lines.append(f"Earlier in this conversation: {shortened(asked.summary, budget.summary)}")
    return "<known>\n" + "\n".join(lines).replace("</known", "< /known") + "\n</known>" if lines else ""


def examples(given: Sequence[Example], budget: Budget = BUDGET) -> str:
    """The company's own way of answering, marked as data and as no source; "" without any."""
    shown: list[str] = []
    for each in given:
        text = f"<example>\nCustomer: {_inside(each.customer)}\nReply: {_inside(each.reply)}\n</example>"
        if tokens("\n".join([*shown, text])) > budget.examples:
            break
        shown.append(text)
    head = "\nThis is how the company sounds. Take the manner, and no fact:\n"
    return head + "\n".join(shown) + "\n" if shown else ""


def _inside(text: str) -> str:
    return " ".join(text.split()).replace("</example", "< /example")


def shortened(text: str, most: int) -> str:
    """A text of at most so many tokens: its beginning and its end, where the question mostly stands."""
    if tokens(text) <= most:
        return text
    share = int(most * BYTES_A_TOKEN) // 2 - 2
    raw = text.encode()
    return f"{raw[:share].decode(errors='ignore')} … {raw[-share:].decode(errors='ignore')}"


def outgrown(history: Sequence[Said]) -> bool:
    """Whether a conversation has more than is told word for word, so that older turns have to be summed up."""
    return len(history) >= 2 * TURNS
