"""Step 6, called for every sentence of a model's draft before it leaves: released, or withheld with the reason.

Nothing here trusts the model. A claim must cite a passage that was retrieved for this very question; its numbers, dates, names,
addresses and promises must stand there, its negations, conditions and scope must agree, and its words must be there or mean the
same (`grounding`, by which answers are measured too). Questions and courtesies are let through as such, when they claim nothing.
"""

import re
from collections.abc import Sequence

from tandem.answering import words
from tandem.answering.grounding import judging
from tandem.answering.turn import Citation, Sentence
from tandem.embedding import Embedder
from tandem.embedding.minilm import MiniLM
from tandem.knowledge import passages
from tandem.knowledge.search import Found

MARK = re.compile(r"\s*\[(\d+)\]")
COURTESY = re.compile(
    r"^\W*(hi|hello|hey|sure|certainly|of course|absolutely|thanks?|thank you|i'?m sorry|sorry|i am sorry|i understand|happy to|glad to|great question|good question"
    r"|you'?re welcome|no problem|let me know|i hope|please let me know|feel free|i could not find|i couldn'?t find|i do not know|i don'?t know|is there|would you like|could you|do you|can you)\b",
    re.IGNORECASE,
)
PROMISE = re.compile(
    r"\b(refund\w*|compensat\w+|discount\w*|voucher\w*|credit\w*|guarante\w+|promis\w+|free|waive\w*|reimburs\w+|goodwill|gift|bonus|coupon\w*|exception\w*|replace\w*)\b",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+|https?://\S+|\bwww\.\S+|\+?\d[\d ()/-]{6,}\d")
DEEDS = (
    "approved|booked|cancell?ed|changed|closed|completed|confirmed|credited|deleted|done|escalated|exchanged|executed|extended|forwarded"
    "|issued|passed|processed|refunded|registered|reimbursed|removed|replaced|reset|sent|submitted|updated|upgraded"
)
DID = re.compile(
    rf"\b(?:i|we)(?:['’]ve| have)?(?: just| now| already| \w+ly)* (?:{DEEDS})\b"
    rf"|\b(?:has|have|was|were|is now|are now)(?: just| now| already| \w+ly)*(?: been)?(?: \w+ly)* (?:{DEEDS})\b"
    r"|^\W*(?:all )?(?:done|completed)\b|\b(?:it|that|this|all)(?:['’]s| is) (?:all )?done\b|\btaken care of\b|\b(?:went|gone) through\b"
    r"|\bis on (?:its|the) way\b",
    re.IGNORECASE,
)
"""Says that something was done for this customer. Only the ledger may (security.md T15)."""

CONDITION = re.compile(r"\b(if|when|whenever|once|after|until|unless|before|as soon as|as long as)\b", re.IGNORECASE)
"""What makes of such words a rule for everybody: "once it has been cancelled"."""

COURTESY_WORDS = 22
"""A longer sentence is no mere courtesy."""


async def check(text: str, given: Sequence[Found], embedder: Embedder, names: str = "") -> Sentence:
    """What becomes of a sentence. `given` are the passages as the model was given them, number 1 first; `names` are those by which
    the company and the assistant may call themselves anywhere.
    """
    claim = MARK.sub("", text).strip()
    marks = [int(mark) for mark in MARK.findall(text)]
    if not words.content(claim) and not marks and not claims_deed(claim):
        return Sentence(text, "courtesy")
    if any(not 1 <= mark <= len(given) for mark in marks):
        return _withheld(text, "it cites something that was not found for this question")
    if not marks:
        if is_courtesy(claim):
            return Sentence(text, "courtesy")
        return _withheld(text, "it claims something and names no source")
    cited = list(dict.fromkeys(marks))
    source = "\n".join(f"{given[m - 1].heading}\n{given[m - 1].text}" for m in cited)
    if trouble := _contradicts(claim, source):
        return _withheld(text, trouble)
    passages_cited = [(f"{given[m - 1].heading} {names}", given[m - 1].text) for m in cited]
    reader = embedder if isinstance(embedder, MiniLM) else None
    if trouble := await judging.withheld(claim, passages_cited, reader):
        return _withheld(text, trouble)
    return Sentence(text, "claim", tuple(_citation(m, given[m - 1], _closest(claim, given[m - 1])) for m in cited))


def _contradicts(claim: str, source: str) -> str:
    """Numbers, addresses and promises are compared exactly."""
    if strange := words.numbers(claim) - words.numbers(source):
        return f"the number {sorted(strange)[0]} is not in the cited passage"
    if any(address not in source for address in ADDRESS.findall(claim)):
        return "an address in it is not in the cited passage"
    promised = {words.stem(word.lower()) for word in PROMISE.findall(claim)}
    if promised - set(words.content(source)):
        return "it promises something that the cited passage does not"
    if claims_deed(claim) and not DID.search(source):
        return "it says that something was done"
    return ""


def _spans(passage: Found) -> list[tuple[int, int]]:
    """The passage's sentences that say something; all of it where there is none."""
    spans = [(s, e) for s, e in passages.sentences(passage.text) if words.content(passage.text[s:e])]
    return spans or [(0, len(passage.text))]


def _closest(claim: str, passage: Found) -> tuple[int, int]:
    """Offsets of the passage's sentence that shares most with the claim, as F1 of the words."""
    said = set(words.content(claim))

    def shared(span: tuple[int, int]) -> float:
        there = set(words.content(passage.text[slice(*span)]))
        return 2 * len(said & there) / (len(said) + len(there)) if said or there else 0.0

    return max(_spans(passage), key=shared)


def _citation(mark: int, passage: Found, closest: tuple[int, int]) -> Citation:
    start, end = closest
    return Citation(mark, passage, passage.text[start:end], passage.start + start, passage.start + end)


def claims_deed(claim: str) -> bool:
    """Whether it says that something was done, and not only what happens once it was."""
    return DID.search(claim) is not None and CONDITION.search(claim) is None


def is_courtesy(claim: str) -> bool:
    """A question, or a short courtesy that claims nothing."""
    if words.numbers(claim) or ADDRESS.search(claim) or len(claim.split()) > COURTESY_WORDS or DID.search(claim):
        return False
    return claim.rstrip().endswith("?") or (COURTESY.match(claim) is not None and PROMISE.search(claim) is None)


def _withheld(text: str, reason: str) -> Sentence:
    return Sentence(text, "claim", (), released=False, reason=reason)
