"""What the stub says: a useful answer out of the prompt's passages, a wrong one of a named kind, or an errand done."""

from tandem.llm.stub.asked import Asked
from tandem.llm.stub.behaviours import Behaviour
from tandem.llm.stub.errands import errand
from tandem.llm.stub.good import NOT_FOUND, good
from tandem.llm.stub.said import Reply
from tandem.llm.stub.wrong import WRONG

__all__ = ["NOT_FOUND", "is_errand", "reply"]


def reply(asked: Asked, behaviour: Behaviour) -> Reply:
    """What the stub answers in this behaviour; behaviours of timing and wire say the good text."""
    if (done := errand(asked)) is not None:
        return done(asked, behaviour)
    return WRONG.get(behaviour, good)(asked)


def is_errand(asked: Asked) -> bool:
    """Whether it is asked to sum up, classify, judge or rewrite, and not to talk with a customer."""
    return errand(asked) is not None
