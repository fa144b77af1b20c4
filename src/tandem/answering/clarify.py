"""Asking before giving up: one short question with buttons, where the message leaves open what it is about.

Three things are left open by a message: everything ("how long does it take?"), which of several subjects a lone word means
("refund?", with two articles as good as each other), and which of two intents was meant. Never twice in a row: who was asked
and says no more gets what there is. Pure rules on what was found.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tandem.answering import expected, words
from tandem.answering.turn import Turn
from tandem.intents import starter
from tandem.intents.starter import TALK_TO_PERSON, UNKNOWN
from tandem.tickets import tickets

LEAST, MOST = 2, 4
"""Buttons below a question: one is no choice, and more than four are a menu."""

AS_GOOD = 0.95
"""Of a lone word's best sentence: another document's that scores at least this share of it is as good an answer."""

CLOSE = 0.15
"""Two intents of which neither is asserted, with confidences no further apart than this, are two readings …"""

TOGETHER = 0.5
"""… when the message is as likely one of them as anything else."""

LABEL_CHARS = 60
"""Of a button. What stands on it is what the customer says by pressing it; the question before it stands in the history."""

OF_THE_QUESTION = frozenset(
    words.content("cost costs costing price prices pricing priced fee fees charge long much many time times date day days deadline"
    " expensive cheap number amount info information details thing things stuff help problem issue question work works working")
)  # fmt: skip
"""Words that say what kind of answer is wanted, or nothing, and never what about."""

OPEN = "Could you tell me a little more, so that I find the right answer? For example what you ordered, or what you would like to do."
WHICH = "Which of these do you mean?"

SMALL_TALK = "greeting_thanks"


@dataclass(frozen=True, slots=True)
class Ask:
    """A question of the assistant, its buttons, and why it asks."""

    text: str
    choices: tuple[str, ...]
    reason: str


def first(turn: Turn) -> Ask | None:
    """What to ask before anything is answered; None where the message says what it is about."""
    if turn.asked.asked_back or turn.acted.speaks or SMALL_TALK in turn.heard.asserted:
        return None
    subject = _subject(turn)
    if not subject and _is_bare(turn):
        return _ask(_titles(turn), "The message does not say what it is about.")
    if len(subject) == 1 and len(words.WORD.findall(turn.asked.text)) == 1:
        rivals = _rivals(turn)
        if len(rivals) >= LEAST:
            return _ask(rivals, "A lone word, and several articles about it are equally good.")
    return None


def rather_than_nothing(turn: Turn) -> Ask | None:
    """What to ask where no answer was found; None where a question would not help."""
    if turn.asked.asked_back:
        return None
    if readings := _readings(turn):
        return _ask(readings, "Two readings of the message are equally likely.")
    if len(words.content(turn.evidence.query)) <= 1:
        return _ask((), "The message does not say what it is about.")
    return None


def _subject(turn: Turn) -> tuple[str, ...]:
    """The content words of the message in its conversation that say what it is about."""
    return tuple(word for word in words.content(turn.evidence.query) if word not in OF_THE_QUESTION)


def _is_bare(turn: Turn) -> bool:
    """Whether nothing was said before that the message could lean on."""
    return not any(said.role == "user" for said in turn.asked.history)


def _titles(turn: Turn) -> tuple[str, ...]:
    """Titles of the documents with an answer of the kind that is asked for, likeliest first; none where no kind is."""
    if expected.kind(turn.asked.text) is None:
        return ()
    of_the_kind = (each for each in turn.evidence.candidates if each.of_the_kind)
    return tuple(dict.fromkeys(each.passage.title for each in of_the_kind))


def _rivals(turn: Turn) -> tuple[str, ...]:
    """Titles of the documents whose best sentence is as good as the best of all."""
    candidates = turn.evidence.candidates
    near = (each for each in candidates if each.score >= AS_GOOD * candidates[0].score)
    return tuple(dict.fromkeys(each.passage.title for each in near))


def _readings(turn: Turn) -> tuple[str, ...]:
    """Titles of the two likeliest intents, where neither is asserted, they are close, and something is to be done in one of them.

    Where an answer is all that both want, knowing which would find no other one.
    """
    if turn.heard.asserted != (UNKNOWN,):
        return ()
    known = {intent.name: intent for intent in starter.load().intents}
    able = [guess for guess in turn.heard.intents if guess.name not in (UNKNOWN, TALK_TO_PERSON, SMALL_TALK)]
    if len(able) < LEAST or able[0].confidence - able[1].confidence > CLOSE:
        return ()
    if able[0].confidence + able[1].confidence < TOGETHER:
        return ()
    if all(guess.name in known and not known[guess.name].requires_action for guess in able[:LEAST]):
        return ()
    return tuple(
        known[guess.name].title if guess.name in known else guess.name.replace("_", " ") for guess in able[:LEAST]
    )


def _ask(labels: Sequence[str], reason: str) -> Ask:
    if len(labels) < LEAST:
        return Ask(OPEN, (), reason)
    return Ask(WHICH, tuple(tickets.shortened(label, LABEL_CHARS) for label in labels[:MOST]), reason)
