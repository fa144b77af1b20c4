"""What the stub answers to prompts that are no customer's: to sum up, to classify, to judge, to rewrite.

Each prompt is known by the word in capitals that it begins with, or holds. Pure functions on an `Asked`.
"""

import re
from collections.abc import Callable, Mapping

import orjson

from tandem.llm.stub.asked import Asked
from tandem.llm.stub.behaviours import Behaviour, without_marker
from tandem.llm.stub.good import words
from tandem.llm.stub.said import Reply


def errand(asked: Asked) -> Callable[[Asked, Behaviour], Reply] | None:
    """How to answer it, None where a customer is talked with."""
    for word, answer in _ANYWHERE.items():
        if word in asked.system:
            return answer
    return next((answer for word, answer in _AT_ITS_BEGIN.items() if asked.system.startswith(word)), None)


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
    said = words(without_marker(asked.last))
    listed = re.findall(r"^- ([^:\n]+): (.*)$", asked.system, re.MULTILINE)
    named = [(len(said & words(f"{name.replace('_', ' ')} {about}")), name) for name, about in listed]
    best = max(named, key=lambda each: each[0], default=(0, "unknown"))
    return orjson.dumps({"intents": [best[1] if best[0] else "unknown"], "urgency": "low"}).decode()


def _customer_lines(asked: Asked) -> list[str]:
    marked = [line.strip() for _, text in asked.turns for line in _LINE.findall(text)]
    return marked or [text.strip() for role, text in asked.turns if role == "user" and text.strip()]


def _short(text: str) -> str:
    flat = " ".join(without_marker(text).split()).rstrip(".")
    return flat if len(flat) <= 160 else flat[:159].rsplit(" ", 1)[0] + "…"


# --- judging and rewriting ---

_BETWEEN = re.compile(r"<(source|claim)>\n?(.*?)\n?</\1>", re.S)
_TELLING = re.compile(
    r"\d+(?:[.,]\d+)*|\b(?:not|no|never|only|unless|except|if|can't|cannot|don't|doesn't|won't)\b", re.I
)


def _judged(asked: Asked, behaviour: Behaviour) -> str:
    """Yes where nearly all words and every number and restriction of the claim stand in the source; a bad judge says yes."""
    if behaviour is Behaviour.EMPTY:
        return ""
    if behaviour is not Behaviour.GOOD:
        return '{"supported": true}'
    parts = dict(_BETWEEN.findall(asked.last))
    claim, source = parts.get("claim", ""), parts.get("source", "")
    wanted = words(claim)
    missing = wanted - words(source)
    tells = {each.lower() for each in _TELLING.findall(claim)} <= {each.lower() for each in _TELLING.findall(source)}
    return orjson.dumps({"supported": bool(wanted) and tells and len(missing) * 5 <= len(wanted)}).decode()


_POINTS_BACK = re.compile(
    r"\b(?:it|its|that|this|those|these|they|them|one|ones|there|then)\b|^\s*(?:and|what about)\b", re.I
)


def _rewritten(asked: Asked, behaviour: Behaviour) -> str:
    """The message before and this one, where this one points back; a bad model writes what it would answer."""
    said = [without_marker(text) for role, text in asked.turns if role == "user"]
    if behaviour is not Behaviour.GOOD:
        return "" if behaviour is Behaviour.EMPTY else "Can I have a refund of 500 EUR for my lifetime membership?"
    if len(said) < 2 or not _POINTS_BACK.search(said[-1]):
        return said[-1] if said else ""
    return f"{said[-2]} {said[-1]}"


def _said(write: Callable[[Asked, Behaviour], str]) -> Callable[[Asked, Behaviour], Reply]:
    return lambda asked, behaviour: Reply(write(asked, behaviour))


_ANYWHERE: Mapping[str, Callable[[Asked, Behaviour], Reply]] = {
    "SUMMARISE": _said(lambda asked, _: _summary(asked)),
    "CLASSIFY": _said(_classified),
}
_AT_ITS_BEGIN: Mapping[str, Callable[[Asked, Behaviour], Reply]] = {
    "JUDGE": _said(_judged),
    "REWRITE": _said(_rewritten),
}
