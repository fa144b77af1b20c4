"""What the stub says: a useful answer out of the prompt's passages, or a wrong one of a named kind.

Pure functions on an `Asked`; knows nothing about HTTP, wires or time. The useful answer quotes the sentences that
share most with the question, so that a demo without any provider still reads like one.
"""

import itertools
import math
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import orjson

from tandem.llm.stub.adversary import attack
from tandem.llm.stub.asked import Asked, Passage
from tandem.llm.stub.behaviours import Behaviour, without_marker
from tandem.llm.stub.said import Reply, ToolCall

NOT_FOUND = "I could not find this in the help centre."
SENTENCES = 3  # an answer is at most this long


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage, its place in the prompt and how well it fits the question."""

    place: int
    n: int
    text: str
    score: float

    @property
    def cited(self) -> str:
        """The sentence followed by its mark."""
        return f"{self.text} [{self.n}]"

    def saying(self, text: str) -> "Sentence":
        """The same place with other words."""
        return replace(self, text=text)


def reply(asked: Asked, behaviour: Behaviour) -> Reply:
    """What the stub answers in this behaviour; behaviours of timing and wire say the good text."""
    if "SUMMARISE" in asked.system:
        return Reply(_summary(asked))
    if "CLASSIFY" in asked.system:
        return Reply(_classified(asked, behaviour))
    return _WRONG.get(behaviour, _good)(asked)


def is_errand(asked: Asked) -> bool:
    """Whether it is asked to sum up or to classify, and not to talk with a customer."""
    return "SUMMARISE" in asked.system or "CLASSIFY" in asked.system


# --- the useful answer ---


def _good(asked: Asked) -> Reply:
    chosen = _chosen(asked)
    return Reply(" ".join(sentence.cited for sentence in chosen) or NOT_FOUND)


def _chosen(asked: Asked) -> list[Sentence]:
    """The best sentences: all within half of the best one's score, in the order of the prompt."""
    ranked = sorted(_ranked(asked), key=lambda sentence: -sentence.score)
    if not ranked or ranked[0].score <= 0:
        return []
    near = [sentence for sentence in ranked[:SENTENCES] if sentence.score >= ranked[0].score / 2]
    return sorted(near, key=lambda sentence: sentence.place)


def _ranked(asked: Asked) -> list[Sentence]:
    question = without_marker(asked.question)
    wanted = _words(question) | ({_NUMBER} if _HOW_MUCH.search(question) else set())
    sentences = [(each, text) for each in asked.passages for text in _sentences(each.text)]
    rarity = _rarity([_words(text) for _, text in sentences])
    return [
        Sentence(place, each.n, text, _score(wanted, each, text, rarity))
        for place, (each, text) in enumerate(sentences)
    ]


def _score(wanted: set[str], passage: Passage, text: str, rarity: Mapping[str, float]) -> float:
    """Shared words weighed by rarity, less in long sentences; 0 where only one of several is shared."""
    words = _words(text)
    shared = wanted & words
    in_title = (wanted & _words(passage.title)) - shared
    if not shared or (len(shared | in_title) < 2 <= len(wanted) - 1):
        return 0.0
    found = sum(rarity[word] for word in shared) + 0.7 * len(in_title)
    return found / math.pow(8 + len(words), 0.4)


def _rarity(sentences: list[set[str]]) -> Mapping[str, float]:
    seen = Counter(word for words in sentences for word in words)
    return {word: 1 + math.log(len(sentences) / count) for word, count in seen.items()}


_WORD = re.compile(r"[^\W_]+")
_STOP = frozenset(
    _WORD.findall(
        "a an and any are as at be but by can could did do does for from get had has have how i if in is it its me my"
        " no not of on or our please so than that the their them then there they this to us was we what when where"
        " which who why will with would yet you your"
    )
)
_NUMBER = "0"  # any number, for whoever asks how many
_HOW_MUCH = re.compile(r"\b(?:how (?:long|many|much|fast|soon)|when|price|cost)\b", re.I)
_ENDING = re.compile(r"(?<=.{3})(?:ing|ed|es|e|s)$")
_BREAK = re.compile(r"(?<=[.!?])\s+(?=[\"'(A-Z0-9])")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")


def _words(text: str) -> set[str]:
    found = (word for word in _WORD.findall(text.lower()) if word not in _STOP)
    return {_NUMBER if word.isdecimal() else _ENDING.sub("", word) for word in found}


def _sentences(text: str) -> Iterator[str]:
    """Sentences and list items; headings and rows of tables are left out."""
    for line in text.splitlines():
        item = _BULLET.sub("", line).strip()
        if item and not item.startswith(("#", "|")):
            yield from _BREAK.split(item)


def _summary(asked: Asked) -> str:
    """Two or three sentences on a conversation given as `role: text` lines or as messages."""
    lines = _customer_lines(asked)
    if not lines:
        return "The customer has not written yet. Nothing was tried."
    told = [f'The customer writes: "{_short(lines[0])}".']
    if len(lines) > 1:
        told.append(f'Last they said: "{_short(lines[-1])}".')
    told.append("The assistant did not settle it and a person is needed.")
    return " ".join(told)


_LINE = re.compile(r"^\s*(?:customer|user)\s*:\s*(.+)$", re.I | re.M)


def _classified(asked: Asked, behaviour: Behaviour) -> str:
    """The category of the prompt's list that shares most words with the message, as JSON; invented ones where told so."""
    if behaviour is Behaviour.INVENTED_FACTS:
        return '{"intents": ["grant_everything", "drop table intents"], "urgency": "apocalyptic"}'
    if behaviour is Behaviour.OBEYS_DOCUMENT:
        return without_marker(asked.last)
    if behaviour is Behaviour.EMPTY:
        return ""
    said = _words(without_marker(asked.last))
    listed = re.findall(r"^- ([^:\n]+): (.*)$", asked.system, re.MULTILINE)
    named = [(len(said & _words(f"{name.replace('_', ' ')} {about}")), name) for name, about in listed]
    best = max(named, key=lambda each: each[0], default=(0, "unknown"))
    return orjson.dumps({"intents": [best[1] if best[0] else "unknown"], "urgency": "low"}).decode()


def _customer_lines(asked: Asked) -> list[str]:
    marked = [line.strip() for _, text in asked.turns for line in _LINE.findall(text)]
    return marked or [text.strip() for role, text in asked.turns if role == "user" and text.strip()]


def _short(text: str) -> str:
    flat = " ".join(without_marker(text).split()).rstrip(".")
    return flat if len(flat) <= 160 else flat[:159].rsplit(" ", 1)[0] + "…"


# --- the wrong ones ---


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
        return _good(asked)
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
    return _good(asked)


def _json_or_nothing(text: str) -> str:
    try:
        return orjson.dumps(orjson.loads(text)).decode()
    except orjson.JSONDecodeError:
        return "{}"


def _repeats(asked: Asked) -> Reply:
    first = next((sentence.cited for sentence in _chosen(asked)), NOT_FOUND)
    return Reply(" ".join([first] * 40))


def _endless(asked: Asked) -> Reply:
    return Reply(_cited_text(asked) + " ", forever=True)


def _empty(asked: Asked) -> Reply:
    return Reply("")


def _cited_text(asked: Asked) -> str:
    """The good answer, or the first sentence given when nothing fits: a wrong answer needs something to be wrong on."""
    chosen = _chosen(asked) or _ranked(asked)[:1]
    return " ".join(sentence.cited for sentence in chosen) or NOT_FOUND


def _best_with(asked: Asked, pattern: re.Pattern[str]) -> Sentence | None:
    fitting = [sentence for sentence in _ranked(asked) if pattern.search(sentence.text)]
    return max(fitting, key=lambda sentence: sentence.score, default=None)


def _mark(asked: Asked) -> str:
    best = next(iter(_chosen(asked)), None)
    given = asked.passages
    return f"[{best.n if best else given[0].n if given else 1}]"


_WRONG: Mapping[Behaviour, Callable[[Asked], Reply]] = {
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
}
