"""What the assistant says when it does not answer from knowledge: short, and no more than it can keep."""

from tandem.answering import words
from tandem.answering.turn import Turn

GREETING = "greeting_thanks"

VAGUE = 1
"""A message with no more content words than this does not say what it is about."""

ASK = "Could you tell me a little more, so that I find the right answer? For example what you ordered, or what you would like to do."
SORRY = (
    "Something went wrong on our side. I am handing you over to a person from our team;"
    " they will see everything you wrote."
)
THANKS = "You are welcome. I am here if there is anything else."


def is_smalltalk(turn: Turn) -> bool:
    """A greeting or thanks, and nothing else."""
    return turn.heard.asserted == (GREETING,)


def is_vague(turn: Turn) -> bool:
    """Too little to search with, and nothing said before that it could lean on."""
    return len(words.content(turn.evidence.query)) <= VAGUE


def smalltalk(turn: Turn) -> str:
    """A greeting for a greeting, thanks for thanks."""
    said = turn.asked.text.lower()
    if any(word in said for word in ("thank", "thx", "cheers", "great", "perfect", "bye", "awesome", "helpful")):
        return THANKS
    return turn.asked.greeting
