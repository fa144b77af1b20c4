"""Step 6, called for every sentence of a model's draft before it leaves: released, or withheld with the reason.

Nothing here trusts the model. A claim must cite a passage that was retrieved for this very question; its numbers, dates, names,
addresses and promises must stand there, its negations, conditions and scope must agree, and its words must be there or mean the
same (`grounding`, by which answers are measured too). Where that stays in doubt a second model may be asked, which can only say
yes or no. Questions and courtesies are let through as such, when they claim nothing; none of all this may be unsafe (`safety`).
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tandem.answering import appearance, courtesies, layout, orders, safety, words
from tandem.answering.grounding import judging
from tandem.answering.turn import Citation, Sentence
from tandem.embedding import Reader
from tandem.knowledge.search import Found

MARK = re.compile(r"\s*\[(\d+)\]")
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

GLUED = re.compile(
    r"\d(?:[+°×^*'’/]\s?\d*|(?!(?:st|nd|rd|th|h|am|pm|kg|g|km|cm|mm|gb|mb|tb|min|s|x)\b)[^\W\d_]+)|[^\W\d_]\d",
    re.IGNORECASE,
)
"""A number with something at it that makes another one of it: 18k, 18+, 1/2, O2."""

HEARSAY = re.compile(
    r"\b(?:some|people|they|others|many|you) (?:say|said|think|claim)\b|\bas (?:you (?:say|said|told)|(?:we )?(?:agreed|discussed|promised))\b"
    r"|\bused to\b|\bno longer\b|\bold rules?\b|\ballegedly\b|\bsupposedly\b|\brumou?rs?\b|\bformerly\b|\bnot true\b",
    re.IGNORECASE,
)
"""Takes back what it quotes, or gives it to somebody else."""

SAYS = re.compile(r"[^\W_]")
"""A letter or a digit: without any a sentence says nothing."""

CONDITION = re.compile(r"\b(if|when|whenever|once|after|until|unless|before|as soon as|as long as)\b", re.IGNORECASE)
"""What makes of such words a rule for everybody: "once it has been cancelled"."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a draft may rest on. `given` are the passages as the model was given them, number 1 first.

    `names` are those by which the company and the assistant may call themselves anywhere; `told` is what the customer wrote, and
    what their own record says of them. `judge` is asked with the claim and its source where the check itself is in doubt.
    """

    given: Sequence[Found]
    reader: Reader | None
    names: str = ""
    told: str = ""
    judge: Callable[[str, str], Awaitable[bool | None]] | None = None


async def check(text: str, basis: Basis) -> Sentence:
    """What becomes of a sentence of a draft."""
    claim = MARK.sub("", text).strip()
    marks = list(dict.fromkeys(int(mark) for mark in MARK.findall(text)))
    if any(not 1 <= mark <= len(basis.given) for mark in marks):
        return _withheld(text, "it cites something that was not found for this question")
    cited = [basis.given[mark - 1] for mark in marks]
    source = "\n".join(f"{each.heading}\n{each.text}" for each in cited)
    if trouble := appearance.trouble(text, source) or safety.trouble(claim, source, basis.told):
        return _withheld(text, trouble)
    if marks and not SAYS.search(claim):
        return _withheld(text, "it is a mark and nothing else")
    if not marks:
        known = "\n".join((basis.told, basis.names, *(each.text for each in basis.given)))
        if is_courtesy(claim, known) or not SAYS.search(claim):
            return Sentence(text, "courtesy")
        return _withheld(text, "it claims something and names no source")
    if trouble := _contradicts(claim, source, basis.told) or await _unsaid(claim, cited, source, basis):
        return _withheld(text, trouble)
    rests = [(each, closest(claim, each)) for each in cited]
    if any(orders.stand_at(each.text, span[0]) for each, span in rests):
        return _withheld(text, "it rests on what is an order to assistants, and no article")
    if all(appearance.is_other_step(claim, each, span) for each, span in rests):
        return _withheld(text, "it is another step of the list")
    return Sentence(text, "claim", tuple(_citation(m, *where) for m, where in zip(marks, rests, strict=True)))


async def _unsaid(claim: str, cited: Sequence[Found], source: str, basis: Basis) -> str:
    """Why its passages do not support it, "" if they do; in doubt the judge's word counts, where there is one and it answers."""
    passages_cited = [(f"{each.heading} {basis.names}", each.text) for each in cited]
    if basis.judge is None:
        return await judging.withheld(claim, passages_cited, basis.reader)
    weighed = await judging.weigh(claim, passages_cited, basis.reader)
    if not weighed.in_doubt:
        return weighed.trouble
    says = await basis.judge(claim, source)
    return weighed.trouble if says is None else "" if says else judging.UNSAID


def _contradicts(claim: str, source: str, told: str = "") -> str:
    """Numbers, addresses and promises are compared exactly. The customer's own address may be said back to them."""
    if strange := words.numbers(claim) - words.numbers(source):
        return f"the number {sorted(strange)[0]} is not in the cited passage"
    if any(address not in source and not ("@" in address and address in told) for address in ADDRESS.findall(claim)):
        return "an address in it is not in the cited passage"
    promised = {words.stem(word.lower()) for word in PROMISE.findall(claim)}
    if promised - set(words.content(source)):
        return "it promises something that the cited passage does not"
    if any(found[0].lower() not in source.lower() for found in GLUED.finditer(claim)):
        return "a number in it is written otherwise in the cited passage"
    if any(found[0].lower() not in source.lower() for found in HEARSAY.finditer(claim)):
        return "it says it in somebody else's name, or takes it back"
    if claim.endswith(":") and claim.lower() not in source.lower():
        return "it leads in what does not stand there"
    if claims_deed(claim) and not DID.search(source):
        return "it says that something was done"
    return ""


@lru_cache(maxsize=5_000)
def _spans(text: str) -> tuple[tuple[int, int], ...]:
    """A passage's sentences that say something, without its headings; all of it where there is none. Passages come again."""
    said = ((s, e) for s, e in layout.sentences(text) if words.content(text[s:e]) and not layout.is_heading(text, s))
    return tuple(said) or ((0, len(text)),)


def closest(claim: str, passage: Found) -> tuple[int, int]:
    """Offsets of the passage's sentence that shares most with the claim, as F1 of the words."""
    said = set(words.content(claim))

    def shared(span: tuple[int, int]) -> float:
        there = set(words.content(passage.text[slice(*span)]))
        return 2 * len(said & there) / (len(said) + len(there)) if said or there else 0.0

    return max(_spans(passage.text), key=shared)


def _citation(mark: int, passage: Found, closest: tuple[int, int]) -> Citation:
    start, end = closest
    return Citation(mark, passage, passage.text[start:end], passage.start + start, passage.start + end)


def claims_deed(claim: str) -> bool:
    """Whether it says that something was done, and not only what happens once it was."""
    return DID.search(claim) is not None and CONDITION.search(claim) is None


def is_courtesy(claim: str, known: str = "") -> bool:
    """A question, or a courtesy that claims nothing. `known`: what may be asked about."""
    if words.numbers(claim) or ADDRESS.search(claim) or DID.search(claim):
        return False
    return courtesies.is_one(claim, known)


def as_data(text: str, tag: str) -> str:
    """Text that cannot close the tag it is shown in."""
    return text.replace(f"</{tag}", f"< /{tag}")


def _withheld(text: str, reason: str) -> Sentence:
    return Sentence(text, "claim", (), released=False, reason=reason)
