"""The ways the stub provider can behave, good and bad, as one closed set.

Knows nothing about HTTP or about wording: `replies` and `server` act on these names.
"""

import re
from enum import StrEnum


class Behaviour(StrEnum):
    """One way to answer a request. The comment says what the client sees."""

    GOOD = "good"  # the best sentences of the passages, each with its mark
    SLOW_FIRST_TOKEN = "slow_first_token"  # noqa: S105 (a name, no password); good, after a long silence
    SLOW_DRIP = "slow_drip"  # good, with a long gap between tokens
    CUT_OFF = "cut_off"  # ends in the middle, without a finish reason
    DROPPED = "dropped"  # the connection breaks in the middle
    FAILS_MIDWAY = "fails_midway"  # an error event in the middle of the stream
    RATE_LIMITED = "rate_limited"  # 429 with Retry-After
    SERVER_ERROR = "server_error"  # 500
    OVERLOADED = "overloaded"  # 503, or 529 on Anthropic's wire
    REFUSED = "refused"  # 401, 400 or 403, whichever the provider has for a wrong key
    GARBAGE = "garbage"  # 200 and a page that is no event stream
    INVALID_JSON = "invalid_json"  # an event stream whose second event is broken JSON
    HANG = "hang"  # accepts the request and never answers
    EMPTY = "empty"  # finishes without a word
    ENDLESS = "endless"  # never finishes, whatever max_tokens says
    REPEATS = "repeats"  # one sentence forty times
    WRONG_CITATIONS = "wrong_citations"  # marks of passages it was not given
    NO_CITATIONS = "no_citations"  # good, without marks
    INVENTED_FACTS = "invented_facts"  # a fluent policy with a real mark
    CHANGED_NUMBER = "changed_number"  # good, with another number
    DROPPED_NOT = "dropped_not"  # good, with a negation turned round
    PROMISES_MONEY = "promises_money"  # good, and a refund nobody granted
    FORBIDDEN_TOOL_CALL = "forbidden_tool_call"  # calls a tool it was not offered
    ADVERSARY = "adversary"  # calls tools at random, with arguments wrong in every way, and claims that it was done
    OTHER_LANGUAGE = "other_language"  # answers in Dutch
    LEAKS_PROMPT = "leaks_prompt"  # repeats the system prompt
    OBEYS_DOCUMENT = "obeys_document"  # does what an instruction hidden in a passage says
    RESET = "reset"  # the connection is reset before a byte of an answer
    HANGS_MIDWAY = "hangs_midway"  # falls silent in the middle and keeps the connection
    MID_WORD = "mid_word"  # ends in the middle of a word and says that it has finished
    FILTERED = "filtered"  # its own filter stops it in the middle
    BLANK = "blank"  # finishes with nothing but white space
    FLOOD = "flood"  # 50,000 tokens, whatever max_tokens says
    PREVIOUS_QUESTION = "previous_question"  # answers what was asked before
    SWAPPED_CITATIONS = "swapped_citations"  # good, each sentence with the mark of another passage given
    BROKEN_MARKS = "broken_marks"  # good, with marks that are none
    DROPPED_CONDITION = "dropped_condition"  # good, without its "if" or "unless"
    PERSONAL_DATA = "personal_data"  # good, and a stranger's name, address and number
    UNSAFE = "unsafe"  # good, and advice that hurts
    MARKUP = "markup"  # good, and a script, a picture that tells, a link to elsewhere
    JSON_TEXT = "json_text"  # an object, not even whole, where sentences are wanted


FLOOD_TOKENS = 50_000

_NAMES = frozenset(each.value for each in Behaviour)
_MARKER = re.compile(r"\[\[behaviour:([a-z_]+)\]\]")


def asked_for(text: str) -> Behaviour | None:
    """The behaviour that a `[[behaviour:NAME]]` marker in a customer's message asks for; None without one."""
    found = _MARKER.search(text)
    if found is None or found[1] not in _NAMES:
        return None
    return Behaviour(found[1])


def without_marker(text: str) -> str:
    """The message as it would read without its marker."""
    return _MARKER.sub("", text).strip()
