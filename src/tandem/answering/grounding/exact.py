"""What is compared exactly, before anything is weighed: numbers with their units, dates, names, negations, conditions, scope.

A claim is compared clause by clause with the sentence of the source that it is closest to. Pure. Each check returns why the
claim must not leave, or "".
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rapidfuzz.distance import LCSseq

from tandem.answering.grounding import bounds, facts, negation, scope, signs, text, vocabulary
from tandem.answering.grounding.negation import Guess
from tandem.answering.grounding.signs import Source
from tandem.answering.grounding.text import Said, Word

CLAUSE = re.compile(r"\s*;\s+|,\s+(?=(?:but|and|while|whereas|however|so(?! that))\b)", re.IGNORECASE)
SAYS_SOMETHING = 2
"""Content words that a clause has at least; what is shorter stays with its neighbour."""

EQUAL = 0.95
"""Sentences that have this share of what the closest one has of a claim may be what it rests on, too."""

CLOSE = 0.85
"""The same of a sentence that denies what the clause says, where no sentence has all of the clause's words."""

CHARGES = text.read("charge fee surcharge").roots
COSTS = text.read("charge pay fee nothing gratis expense included").roots
"""Words by one of which a sentence says that something is free without saying "free"."""

BEGINS = 4
"""Words that a claim and a sentence of the source begin with alike, from which the one is taken for the other."""

LIMITING = frozenset(
    "if unless until except when after before during while within but only provided as than once by without for".split()
)
"""What limits the statement before it."""

LIMITS = (
    frozenset({"if", "when", "once", "provided", "as"}),
    frozenset({"after", "once", "when"}),
    frozenset({"before", "until", "by"}),
    frozenset({"unless", "except", "without"}),
)
"""Those that may stand for each other."""

HARMLESS = frozenset("after that then too also as well however in case you this".split())
"""What may follow a statement without adding to it: "after that", "as well"."""

MOSTLY = 0.7
"""Of what a claim goes on with, that sentence or another one of the source has at least so much."""

GOES_BACK = re.compile(r"[.!?]\s+(?:It|This|That|These|They|However|But|Only|Except|Otherwise|Then|Both|Here)\b")
"""Two sentences of which the second is about the first."""

JOINS = re.compile(r"\b(?:if|unless|until|after|before|when|while|during|because)\b", re.IGNORECASE)

REASON = re.compile(r"\b(?:because(?: of)?|due to|so that)\b", re.IGNORECASE)
EVEN = re.compile(r"\b(?:even (?:if|when|after|without)|regardless|whether or not|no matter)\b", re.IGNORECASE)
LIMITED = re.compile(r"\b(?:only|unless|except|if|provided|as long as|until|but)\b", re.IGNORECASE)
HALF = 0.5

ADDED = "it goes on with what the cited passage does not say"

HEADING = 5
"""Words below which a line is a heading rather than a sentence."""

FEW = 2
"""Words that a free wording exchanges at once where one of them may be the opposite of another."""

LONG = 14
"""Words from which a clause may rest on two neighbouring sentences."""


def trouble(claim: str, known: Source) -> str:
    """Why a claim contradicts its source or says more; "" where it does neither."""
    whole = text.read(claim)
    if whole.order in known.stand:
        return ""
    for clause in clauses(claim):
        found = [_compared(clause, window, known, whole) for window in candidates(clause, known)]
        if found and all(found):
            return next((each for each in found if not isinstance(each, Guess)), found[0])
    return _goes_on(whole, known) or _crossed(whole, known)


def _goes_on(claim: Said, known: Source) -> str:
    """A claim that begins as a sentence of the source does must not end before what limits it, nor go on with what is not there."""
    single = known.windows[: known.sentences]
    same, window = max(((_together(claim, each), each) for each in single), key=lambda found: found[0])
    ours, theirs = claim.words[same:], window.words[same:]
    is_limited = bool(theirs) and theirs[0].text in LIMITING
    if not ours:
        return negation.OPPOSITE if is_limited and same >= SAYS_SOMETHING else ""
    if same >= BEGINS - 1 and _limits(ours):
        return "" if _limits_alike(ours, theirs, window) else ADDED
    if same < BEGINS:
        return ""
    said = [word for word in ours if word.is_content or word.is_number]
    if not said:
        return "" if {word.text for word in ours} <= HARMLESS | (window.texts if theirs else HARMLESS) else ADDED
    if theirs and signs.share(said, window.roots) >= MOSTLY:
        return ""
    denies = signs.denies(claim.text[ours[0].start :])
    others = (each for each in single if each is not window and signs.denies(each.text) == denies)
    return "" if not is_limited and any(signs.share(said, each.roots) >= MOSTLY for each in others) else ADDED


def _limits(ours: Sequence[Word]) -> bool:
    """Whether a claim goes on with what limits it; "after that" does not, nor does another statement behind "but"."""
    if ours[0].text not in LIMITING or {word.text for word in ours} <= HARMLESS:
        return False
    return ours[0].text != "but" or (len(ours) > 1 and ours[1].text in LIMITING)


def _limits_alike(ours: Sequence[Word], theirs: Sequence[Word], window: Said) -> bool:
    """Whether what limits a claim's statement is the limit of that very sentence, behind the statement or before it: all of its
    words, behind such a word.
    """
    said = [word for word in ours if word.is_content or word.is_number]
    alike = frozenset({ours[0].text}).union(*(group for group in LIMITS if ours[0].text in group))
    there = window.words if window.words[0].text in alike else theirs
    roots = frozenset(word.root for word in there)
    return any(word.text in alike for word in there) and (not said or signs.share(said, roots) >= EQUAL)


def _crossed(claim: Said, known: Source) -> str:
    """A statement of the source under the condition of another one."""
    for mark in JOINS.finditer(claim.text):
        main, under = text.read(claim.text[: mark.start()]).content, text.read(claim.text[mark.end() :]).content
        if min(len(main), len(under)) < SAYS_SOMETHING:
            continue
        single = known.windows[: known.sentences]
        in_one = [max((signs.share(part, each.roots) for each in single), default=0.0) for part in (main, under)]
        together = [*single, *(each for each in known.windows[known.sentences :] if GOES_BACK.search(each.text))]
        if min(in_one) >= EQUAL and max(signs.share((*main, *under), each.roots) for each in together) < CLOSE:
            return "the cited passage says that under another condition"
    return ""


def _together(one: Said, other: Said) -> int:
    """How many words two texts begin with alike."""
    return next(
        (n for n, (a, b) in enumerate(zip(one.order, other.order, strict=False)) if a != b),
        min(len(one.order), len(other.order)),
    )


def clauses(claim: str) -> list[Said]:
    """A claim's statements, told apart where each says something by itself."""
    parts: list[str] = []
    for piece in (part for sentence in text.pieces(claim) for part in CLAUSE.split(sentence)):
        if parts and min(_size(piece), _size(parts[-1])) < SAYS_SOMETHING:
            parts[-1] = f"{parts[-1]}, {piece}"
        else:
            parts.append(piece)
    return [said for said in map(text.read, parts) if said.words]


def _size(part: str) -> int:
    return len(text.read(part).content)


def candidates(clause: Said, known: Source) -> list[Said]:
    """The sentences that a clause may rest on, closest first; two together where the clause is long."""
    words = [word for word in signs.claim_words(clause, known) if word.is_content]
    single = known.windows[: known.sentences]
    if any(word.is_number for word in clause.words):  # a heading says no number
        single = tuple(window for window in single if len(window.words) >= HEADING or "|" in window.text) or single
    most = [(signs.meaning_share(words, window), window) for window in single]
    highest = max((share for share, _ in most), default=0.0)
    if highest == 0.0:
        return []
    near = [window for share, window in sorted(most, key=lambda each: -each[0]) if share >= EQUAL * highest]
    if highest < 1.0:  # a denial that is nearly as close counts, too
        close = [window for share, window in most if share >= CLOSE * highest]
        denying = [window for window in close if signs.denies(window.text) != signs.denies(clause.text)]
        if any(negation.trouble(clause, scope.meant(clause, window), window) for window in denying):
            return denying[:1]
    numbers = {word.root for word in clause.words if word.is_number}
    if len(numbers) > 1 and not any(numbers <= window.roots for window in single):
        near += [window for window in known.windows[known.sentences :] if numbers <= window.roots][:2]
    if len(clause.words) < LONG:
        return near[:4]
    joined = [w for w in known.windows[known.sentences :] if signs.meaning_share(words, w) > highest + 0.15]
    return [*near[:4], *joined[:2]]


def _compared(clause: Said, window: Said, known: Source, whole: Said) -> str:
    meant = scope.meant(clause, window)
    return (
        facts.numbers(clause, window, known)
        or facts.families(clause, window, known)
        or facts.names(clause, window, known)
        or negation.trouble(clause, meant, window)
        or scope.doers(clause, meant)
        or bounds.trouble(clause, window)
        or scope.quantity(clause, meant, window)
        or _opposites(clause, meant)
        or _moved(clause, window)
        or _whatever(clause, window)
        or _free(clause, window, known)
        or scope.condition(clause, window, whole)
        or _reason(clause, known)
    )


def _reason(clause: Said, known: Source) -> str:
    """A reason of which no two sentences of the source together say half."""
    for mark in REASON.finditer(clause.text):
        given = text.read(clause.text[mark.end() :]).content
        if given and max(signs.meaning_share(given, window) for window in known.windows) < HALF:
            return Guess("the cited passage does not give that reason")
    return ""


def _opposites(clause: Said, window: Said) -> str:
    """A word that stands where the source has its opposite, another number, or all for some; in a free wording between the same two
    words, and nothing more beside it.
    """
    close = negation.closely(clause, window)
    around = clause.texts | window.texts
    for ours, theirs, inside in _replaced(clause.words, window.words):
        if not close and (not inside or max(len(ours), len(theirs)) > FEW):
            continue
        is_new = (inside and close) or ours[0].root not in window.roots
        if len(ours) == len(theirs) == 1 and is_new and _excludes(ours[0], theirs[0], around):
            return negation.OPPOSITE
        for one in ours:
            if one.root in window.roots and (one.root not in ("and", "or") or not close):
                continue
            others = [other for other in theirs if other.root not in clause.roots]
            if any(
                (one.root, other.root) in vocabulary.OPPOSITE and not _is_same(one, other, around) for other in others
            ):
                return negation.OPPOSITE
    return ""


def _whatever(clause: Said, window: Said) -> str:
    """What holds "even if" something is so, where the source limits it and says nothing of the kind; one of two for both."""
    if EVEN.search(clause.text) and LIMITED.search(window.text) and not EVEN.search(window.text):
        return Guess(negation.OPPOSITE)
    if "either" in clause.texts and window.texts.isdisjoint({"either", "or", "any", "one"}):
        return Guess(negation.OPPOSITE)
    return ""


def _moved(clause: Said, window: Said) -> str:
    """Nearly the same sentence, and in the place of a word another one of its own: "by cheque, but not by cheque"."""
    if not negation.alike(clause, window):
        return ""
    for ours, theirs, inside in _replaced(clause.words, window.words):
        if not inside or len(ours) != 1 or len(theirs) != 1 or not (ours[0].is_content and theirs[0].is_content):
            continue
        if ours[0].root in window.roots and theirs[0].root not in clause.roots:
            return f"“{ours[0].text}” is not said of that in the cited passage"
    return ""


def _free(clause: Said, window: Said, known: Source) -> str:
    """What is free must be what is free there: the word behind it stands near it, or nowhere and is another word for it."""
    free = vocabulary.root("free")
    charged = (
        free not in clause.roots and clause.roots & CHARGES and not signs.denies(clause.text) and "%" not in clause.text
    )
    is_priced = any(
        word.is_number and bounds.unit(window.words, at) in bounds.CURRENCIES for at, word in enumerate(window.words)
    )
    if charged and free in window.roots and not is_priced:
        return negation.OPPOSITE
    for one, following in pairwise(clause.words):
        if one.root != free or not following.is_content:
            continue
        if free not in window.roots and window.roots.isdisjoint(COSTS) and free not in known.headings:
            return negation.OPPOSITE
        order = [other.root for other in window.words if other.is_content]
        near = [root for at, other in enumerate(order) if other == free for root in order[max(0, at - 4) : at + 3]]
        if near and following.root in known.whole.roots and following.root not in near:
            return negation.OPPOSITE
    return ""


def _is_same(one: Word, other: Word, around: frozenset[str]) -> bool:
    """Whether opposites say the same here: "between a and b" and "a or b", "with no" and "without"."""
    texts = {one.text, other.text}
    return (texts == {"and", "or"} and bool(around & {"between", "either"})) or (
        texts == {"with", "without"} and "no" in around
    )


def _excludes(one: Word, other: Word, around: frozenset[str]) -> bool:
    if one.is_number and other.is_number:
        return True
    texts = {one.text, other.text}
    if _is_same(one, other, around):
        return False
    return (one.root, other.root) in vocabulary.OPPOSITE or bool(texts & scope.WIDE and texts & scope.PART)


def _replaced(claim: Sequence[Word], window: Sequence[Word]) -> Iterator[tuple[Sequence[Word], Sequence[Word], bool]]:
    """What stands in the claim and what in the source between the same two neighbours, of each gap in their common order."""
    anchors = [(-1, -1)]
    for block in LCSseq.opcodes(in_order(claim), in_order(window)):
        if block.tag == "equal":
            anchors.extend((block.src_start + n, block.dest_start + n) for n in range(block.src_end - block.src_start))
    anchors.append((len(claim), len(window)))
    for (a, b), (c, d) in pairwise(anchors):
        if c - a > 1 and d - b > 1:
            yield claim[a + 1 : c], window[b + 1 : d], a >= 0 and c < len(claim)


def in_order(words: Sequence[Word]) -> list[str]:
    """Their roots."""
    return [word.root for word in words]
