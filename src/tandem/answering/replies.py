"""What the assistant says when it does not answer from knowledge: short, and no more than it can keep."""

import re

from tandem.answering.turn import Turn
from tandem.tenants.modes import Mode

GREETING = "greeting_thanks"

YES = re.compile(
    r"\W*(?:(?:yes|yeah|yep|yup|ya|sure|ok|okay|fine|please|pls|good|of course|absolutely|definitely|go ahead|do (?:it|that|so)"
    r"|i (?:do|would)|i(?:'d| would) like that|that would be (?:great|nice|good)|thanks|thank you|ja|bitte|oui|s[ií]|claro)\W*){1,4}",
    re.IGNORECASE,
)

SORRY = (
    "Something went wrong on our side. I am handing you over to a person from our team;"
    " they will see everything you wrote."
)
MESSAGE_TAKEN = (
    "Nobody from our team can answer just now. I have kept your message for them;"
    " leave an e-mail address, and they will write to you."
)
THANKS = "You are welcome. I am here if there is anything else."


def handover(turn: Turn) -> str:
    """What is said when a person takes over: the tenant's own words, unless nobody does before the message has lain there."""
    takes_message = turn.asked.mode.mode is Mode.TAKE_A_MESSAGE
    return MESSAGE_TAKEN if takes_message else turn.asked.policy.rules.tone.handover


def is_smalltalk(turn: Turn) -> bool:
    """A greeting or thanks, and nothing else."""
    return turn.heard.asserted == (GREETING,)


def is_yes(text: str) -> bool:
    """Whether the message says yes, and nothing else."""
    return YES.fullmatch(text.strip()) is not None


def smalltalk(turn: Turn) -> str:
    """A greeting for a greeting, thanks for thanks."""
    said = turn.asked.text.lower()
    if any(word in said for word in ("thank", "thx", "cheers", "great", "perfect", "bye", "awesome", "helpful")):
        return THANKS
    return turn.asked.greeting
