"""Words that carry meaning, lightly stemmed: what lexical evidence is counted in."""

import re
from functools import lru_cache

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?", re.UNICODE)
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")

STOP = frozenset(
    "a about after all also am an and any are as at be because been before being between both but by can cannot could couldn did didn do does doesn doing don"
    " down during each few for from further get gets getting give go going got had hadn has hasn have haven having he her here hers him his how i if in into is isn it its"
    " just know let like ll long m make may me might more most much must my need no nor not now of off ok okay on once one only or other our out over own please pls put"
    " question re really s said same say shall she should shouldn so some someone something still such sure t take tell than thank thanks that the their them then there these they thing"
    " think this those through to too try u under until up us use ve very want was wasn way we well were weren what when where which while who whom why will with won would wouldn"
    " yes yet you your yours hi hello hey dear guys team anyone possible actually already always again around even ever im ive id dont doesnt cant wont whats hows theres".split()
)

ENDINGS = (
    "ations",
    "ation",
    "ingly",
    "ments",
    "ment",
    "iness",
    "ness",
    "ings",
    "ing",
    "edly",
    "ies",
    "ied",
    "ers",
    "ors",
    "er",
    "or",
    "ed",
    "es",
    "ly",
    "s",
    "e",
    "y",
)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A crude root: the same word in another form gives the same root, mostly."""
    if len(word) <= 3 or word.isdigit():
        return word
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            root = word[: -len(ending)]
            return root[:-1] if len(root) > 3 and root[-1] == root[-2] and root[-1] not in "lsz" else root
    return word


@lru_cache(maxsize=20_000)
def content(text: str) -> tuple[str, ...]:
    """The roots of the words that carry meaning, in order."""
    found = (match[0].lower().replace("’", "'").split("'")[0] for match in WORD.finditer(text))
    return tuple(stem(word) for word in found if word not in STOP and (len(word) > 1 or word.isdigit()))


def coverage(question: str, text: str) -> float:
    """The share of the question's content words that the text has; 0 for a question without any."""
    wanted = set(content(question))
    return len(wanted & set(content(text))) / len(wanted) if wanted else 0.0


def numbers(text: str) -> set[str]:
    """The numbers in a text, with one spelling each (1,000.50 and 1000.5 are one). Citation marks and list numbers are none."""
    plain = re.sub(r"\[\d+\]", " ", re.sub(r"(?m)^\s*\d+[.)]\s", " ", text))
    return {_number(match[0]) for match in NUMBER.finditer(plain)}


def _number(text: str) -> str:
    plain = re.sub(r",(?=\d{3}(\D|$))", "", text).replace(",", ".")
    whole, _, rest = plain.partition(".")
    rest = rest.rstrip("0") if "." not in rest else rest
    return f"{whole.lstrip('0') or '0'}.{rest}" if rest else whole.lstrip("0") or "0"
