"""Step 6, called for every sentence of a model's draft before it leaves: released, or withheld with the reason.

Nothing here trusts the model. A claim must cite a passage that was retrieved for this very question; its numbers,
addresses and promises must stand there, its negation must agree, and most of its words must be there or mean the same.
Questions and courtesies are let through as such, when they claim nothing.
"""

import re
from collections.abc import Sequence

import numpy as np

from tandem.answering import evidence, words
from tandem.answering.turn import Citation, Sentence
from tandem.embedding import Embedder
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
NOT = re.compile(
    r"\b(not|no|never|cannot|can't|won't|don't|doesn't|isn't|aren't|without|unable|except|unless|n't)\b|n't\b",
    re.IGNORECASE,
)

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

SURE = 0.7
DOUBTFUL = 0.4
"""Share of the claim's content words found in the cited passage: from SURE on supported by words; below DOUBTFUL never."""

ALIKE = 0.62
"""Between them: cosine to the closest sentence of the passage from which the claim counts as said there."""


SAME_DENIAL = 0.75
"""Share of a denying sentence's content words from which a claim that joins it to another sentence repeats its denial."""


async def check(text: str, given: Sequence[Found], embedder: Embedder) -> Sentence:
    """What becomes of a sentence. `given` are the passages as the model was given them, number 1 first."""
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
    share = words.coverage(claim, source)
    if share < DOUBTFUL:
        return _withheld(text, "the cited passage does not say so")
    if share >= SURE:  # most are: no embedding is needed to see it
        closest = {mark: _closest_in_words(claim, given[mark - 1]) for mark in cited}
    else:
        closest = {mark: await _closest_in_meaning(claim, given[mark - 1], embedder) for mark in cited}
        if max(cosine for _, _, cosine in closest.values()) < ALIKE:
            return _withheld(text, "the cited passage does not say so")
    best = max(closest.values(), key=lambda found: found[2])
    mark = next(m for m in cited if closest[m] is best)
    if _turned_round(claim, given[mark - 1].text, best[:2]):
        return _withheld(text, "it says the opposite of the cited passage, or leaves a condition out")
    return Sentence(text, "claim", tuple(_citation(m, given[m - 1], closest[m]) for m in cited))


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


def _closest_in_words(claim: str, passage: Found) -> tuple[int, int, float]:
    """Offsets of the passage's sentence that shares most words with the claim, and how much, as F1 of the words."""
    said = set(words.content(claim))

    def shared(span: tuple[int, int]) -> float:
        there = set(words.content(passage.text[slice(*span)]))
        return 2 * len(said & there) / (len(said) + len(there)) if said or there else 0.0

    best = max(_spans(passage), key=shared)
    return *best, shared(best)


async def _closest_in_meaning(claim: str, passage: Found, embedder: Embedder) -> tuple[int, int, float]:
    """Offsets and cosine of the passage's sentence that is most like the claim."""
    spans = _spans(passage)
    vectors = await evidence.MEMORY.vectors([claim, *[passage.text[s:e] for s, e in spans]], embedder)
    cosines = vectors[1:] @ vectors[0]
    best = int(np.argmax(cosines))
    return spans[best][0], spans[best][1], float(cosines[best])


def _citation(mark: int, passage: Found, closest: tuple[int, int, float]) -> Citation:
    start, end, _ = closest
    return Citation(mark, passage, passage.text[start:end], passage.start + start, passage.start + end)


def claims_deed(claim: str) -> bool:
    """Whether it says that something was done, and not only what happens once it was."""
    return DID.search(claim) is not None and CONDITION.search(claim) is None


def is_courtesy(claim: str) -> bool:
    """A question, or a short courtesy that claims nothing."""
    if words.numbers(claim) or ADDRESS.search(claim) or len(claim.split()) > COURTESY_WORDS or DID.search(claim):
        return False
    return claim.rstrip().endswith("?") or (COURTESY.match(claim) is not None and PROMISE.search(claim) is None)


def _turned_round(claim: str, passage: str, closest: tuple[int, int]) -> bool:
    """Whether the claim denies what the passage says, or the other way round: a dropped "not" leaves every other word as it was."""
    if _negates(claim) == _negates(passage[slice(*closest)]):
        return False
    if not _negates(claim):
        return True
    denials = (passage[start:end] for start, end in passages.sentences(passage) if _negates(passage[start:end]))
    return not any(words.coverage(denial, claim) >= SAME_DENIAL for denial in denials)


def _negates(text: str) -> bool:
    return NOT.search(text) is not None


def _withheld(text: str, reason: str) -> Sentence:
    return Sentence(text, "claim", (), released=False, reason=reason)
