"""Denials: whether a claim denies what its source says, or says what its source denies. Pure.

Where the claim repeats the source nearly word for word, each "not" counts. Where it is worded freely, what is denied counts: "not
available" may have become "cannot use", "free" may have become "costs nothing", and a denial under a condition ("if you do not
send one") denies nothing by itself.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq

from tandem.answering.grounding import kin, text
from tandem.answering.grounding.text import Said, Word

OPPOSITE = "it says the opposite of the cited passage, or leaves a condition out"


class Guess(str):
    """A refusal that rests on a free wording being understood: somebody who reads better may be asked."""


NEGATIONS = frozenset(
    "not no never neither nor none nobody nothing nowhere without unable impossible hardly cannot".split()
)
REACH = 7
"""Words behind a negation that it may deny."""

BREAK = re.compile(r"[,;:.!?()|–—]|\b(?:but|and|so|because|while|when|if|unless|until)\b", re.IGNORECASE)
BE = frozenset("is are was were be been".split())
SEGMENT = re.compile(r"[;:.]\s")
STOP = re.compile(r"[,;:.!?()|–—]")
PARTS = re.compile(r"[,;:.]\s")
UNDER = frozenset(
    "if unless when whenever whether that who which whoever once until where even though although".split()
)
"""Words behind which a denial only narrows: "if you do not", "a car that is not"."""

NEARLY = 0.8
"""Share of the longer one's words, in order, from which two sentences are the same nearly word for word."""

CLOSELY = 0.75
"""Share of a claim's words, in order, from which it is worded as the source is."""

MOST = 0.6
"""Share of what is denied that the other side has at least."""

LIGHT = text.read(
    "accept allow permit support include cover offer have get give provide use take do make let need require be able available possible"
    " eligible entitled apply work count want able accepted allowed supported included covered promise guarantee"
).roots
"""What a denial says no to without saying of what; the words behind it say that."""

IMPLIED = text.read(
    "exempt except excluding excluded exclude only unless lose stop prohibit prohibited forbid forbidden ban banned refuse reject decline"
    " unavailable instead avoid until expire closed void lack miss excused barred fewer less lower unlimited unable invalid"
    " ineligible separate"
    " optional waive waived exception prevent limited unchanged fail off regardless whatever whichever non"
).roots
"""Words that say by themselves what others say with a negation: "exempt", "prohibited", "only"."""

COSTS = text.read("cost charge pay fee price extra money surcharge anything payment").roots
GRATIS = text.read("free gratis nothing complimentary included include").roots
"""What costs nothing is not charged."""

WELCOME = text.read("welcome fine ok okay good").roots
STOPS = text.read("stop prevent block bar barred lose forbid forbidden prohibit prohibited ban banned refuse").roots
STILL = frozenset("still always continue keep remain remains continues keeps".split())
"""Words for what goes on, which another sentence must not stop."""

REFUSES = text.read(
    "prohibit prohibited forbid forbidden ban banned refuse reject decline unavailable exempt excuse excused barred void invalid"
    " ineligible exclude"
    " excluded stop lose fail except unless only avoid instead free without expire unable waive void closed non"
).roots
"""Those by which a claim may deny without a negation."""


@dataclass(frozen=True, slots=True)
class Denial:
    """The roots behind a negation that say something, and whether a condition or a relative clause is what is denied."""

    roots: tuple[str, ...]
    is_under: bool
    subject: tuple[str, ...] = ()
    mark: str = "not"
    before: tuple[str, ...] = ()

    @property
    def what(self) -> tuple[str, ...]:
        """What it is about: what is said not to be allowed or available; else its roots without light verbs, if there are others."""
        return self.subject or tuple(root for root in self.roots if root not in LIGHT) or self.roots


def trouble(clause: Said, near: Said, window: Said) -> str:
    """The claim denies what the source says, or says what it denies. `near` is the part of the sentence that it repeats."""
    if closely(clause, near):
        return _word_for_word(clause, near) or _only_denied(clause, window)
    return Guess(_freely(clause, near, window))


def closely(clause: Said, window: Said) -> bool:
    """Whether a clause is worded as a sentence is, but for what is left out of it."""
    return LCSseq.similarity(clause.order, window.order) >= CLOSELY * len(clause.order)


def _word_for_word(clause: Said, window: Said) -> str:
    ours, theirs = denied(clause), denied(window)
    if _flipped(ours, theirs, window.roots) or _flipped(theirs, ours, clause.roots):
        return OPPOSITE
    if alike(clause, window) and _count(clause) != _count(window):
        return OPPOSITE
    if ours and not theirs and not any(word.root.startswith(("un", "in", "im")) for word in window.content):
        return OPPOSITE
    return ""


def _freely(clause: Said, near: Said, window: Said) -> str:
    everything = [each for each in denied(clause) if each.mark != "without"]
    ours, theirs = [each for each in everything if not each.is_under], denied(window)
    if ours and not theirs and not _implies(_part(ours, window), IMPLIED, clause) and not _costs_nothing(ours, window):
        return OPPOSITE
    if _stops_what_goes_on(clause, window):
        return OPPOSITE
    if not everything and not _implies(clause, REFUSES, window):
        main = [each for each in denied(window) if not each.is_under]
        if any(_stands(each, clause) for each in main):
            return OPPOSITE
    if ours and theirs:
        mine, others = {r for each in ours for r in each.what}, {r for each in theirs for r in each.what}
        said = {word.root for word in window.content} - others
        is_exchanged = bool(others & ({word.root for word in clause.content} - mine)) or not others & clause.roots
        if mine and mine <= said and not others <= LIGHT and is_exchanged and not _implies(window, IMPLIED, clause):
            return OPPOSITE
    return _only_denied(clause, window)


def _part(denials: Sequence[Denial], window: Said) -> Said:
    """The part of a sentence that has what is denied; all of it where none has all of that."""
    what = {root for each in denials for root in each.what}
    parts = [text.read(part) for part in SEGMENT.split(window.text) if part.strip()]
    return next((part for part in parts if what and what <= part.roots), window)


def _costs_nothing(ours: Sequence[Denial], window: Said) -> bool:
    """Whether what a claim denies is that something costs, and the source says that it is free."""
    return not window.roots.isdisjoint(GRATIS) and all(not COSTS.isdisjoint(each.roots) for each in ours)


def _stops_what_goes_on(clause: Said, window: Said) -> bool:
    """Whether a claim says that something stops which the source says still goes on."""
    if clause.roots.isdisjoint(STOPS) or denied(clause):
        return False
    at = next(n for n, word in enumerate(clause.words) if word.root in STOPS)
    stopped = [word for word in clause.words[at + 1 :] if word.is_content]
    parts = [text.read(part) for part in PARTS.split(window.text) if part.strip()]
    shares = [sum(word.weight * part.says(word) for word in stopped) for part in parts]
    best = parts[shares.index(max(shares))] if parts else window
    return not best.texts.isdisjoint(STILL) and best.roots.isdisjoint(STOPS) and not denied(best)


def _stands(denial: Denial, clause: Said) -> bool:
    """Whether a claim says what is denied: most of it, in the same or near words."""
    if not denial.what:
        return False
    rest = [word.root for word in clause.content if word.root not in denial.before]
    if denial.before and set(denial.before) <= clause.roots and LIGHT.union(WELCOME).issuperset(rest):
        return True  # "worn items are welcome", of which the source says what cannot be done
    there = [root for root in denial.what if root in clause.roots or not kin.groups(root).isdisjoint(clause.kin)]
    return len(there) >= MOST * len(denial.what) and denial.what[0] in there


def _only_denied(clause: Said, window: Said) -> str:
    """A claim that denies nothing has a thing that the source has only in a denial: "for A, but not for B" and "for A and B"."""
    if denied(clause) or _implies(clause, REFUSES, window):
        return ""
    found = [each for each in denied(window) if not each.is_under]
    inside = {root for each in found for root in each.what}
    outside = {word.root for word in window.words if word.root not in inside} if found else set()
    count = [word.root for word in window.words]
    lone = {root for root in inside if count.count(root) == 1 and root not in outside and not root.startswith("charg")}
    return (
        OPPOSITE
        if any(word.root in lone and not word.is_number and word.weight > 0.2 for word in clause.content)
        else ""
    )


def _implies(said: Said, roots: frozenset[str], other: Said) -> bool:
    """Whether a text denies by a word that the other one has not: "exempt", "unavailable"."""
    return any(word.root in roots and word.root not in other.roots for word in said.words) or any(
        word.text.startswith(("un", "non", "dis", "in", "im", "ir")) and len(word.text) > 5 and word.text not in LOOKS
        for word in said.content
        if word.root not in other.roots
    )


LOOKS = frozenset(
    (
        "until unless under unit united university union universal uniform unique invoice include included including"
        " international internet information inside interest into individual insurance instead import important image increase"
        " initial inform install induction injury instalment display discount distance district dispatch discover disk discuss"
    ).split()
)
"""Words that begin like a denial and are none."""


def _count(said: Said) -> int:
    return sum(word.text in NEGATIONS for word in said.words)


def alike(one: Said, other: Said) -> bool:
    """Whether two texts are the same nearly word for word."""
    shared = LCSseq.similarity(one.order, other.order)
    return shared >= NEARLY * max(len(one.order), len(other.order))


def denied(said: Said) -> list[Denial]:
    """The denials of a text."""
    found = []
    for at, word in enumerate(said.words):
        if word.text in NEGATIONS and not _is_idle(said.words, at):
            stop = BREAK.search(said.text, word.end)
            end = stop.start() if stop else len(said.text)
            reach = [w for w in said.words[at + 1 : at + 1 + REACH] if w.start < end]
            roots = tuple(w.root for w in reach if w.is_content)
            if not roots and word.text in ("nothing", "none", "nobody"):
                roots = tuple([w.root for w in said.words[:at] if w.is_content][-2:])
            found.append(Denial(roots, _is_under(said, at), _subject(said, at, roots), word.text, _before(said, at)))
    return found


def _subject(said: Said, at: int, roots: Sequence[str]) -> tuple[str, ...]:
    """What is "not allowed" or "not available": the words before, where a light verb in the passive follows."""
    if not roots or roots[0] not in LIGHT or at == 0:
        return ()
    is_passive = said.words[at - 1].text in BE or (at + 1 < len(said.words) and said.words[at + 1].text in BE)
    if not is_passive:
        return ()
    return tuple(root for root in _before(said, at) if root not in LIGHT)


def _before(said: Said, at: int) -> tuple[str, ...]:
    """What stands before a negation, back to the last break."""
    begin = max((match.end() for match in BREAK.finditer(said.text[: said.words[at].start])), default=0)
    return tuple(word.root for word in said.words[:at] if word.start >= begin and word.is_content)


def _is_under(said: Said, at: int) -> bool:
    """Whether a negation stands in a condition or a relative clause."""
    begin = max((match.end() for match in STOP.finditer(said.text[: said.words[at].start])), default=0)
    before = [word.text for word in said.words[:at] if word.start >= begin]
    if before[:1] in (["which"], ["who"]) and begin:  # ", which is not extended" says more of the whole
        return False
    is_contrast = not before and said.words[at].text == "not" and begin > 0  # "from your account, not your card"
    return is_contrast or not UNDER.isdisjoint(before)


def _is_idle(words: Sequence[Word], at: int) -> bool:
    """Whether a negation denies nothing: "not only", "no later than", "no more than", "no charge", which is free."""
    following = words[at + 1].text if at + 1 < len(words) else ""
    if following in ("cost", "charge", "charges", "fee", "fees", "extra"):
        return words[at].text != "not"  # "no charge", and not "we do not charge interest"
    return following in ("only", "later", "more", "less", "fewer", "matter", "problem") and not (
        at + 2 < len(words) and following in ("later", "more") and words[at + 2].text != "than"
    )


def _flipped(one: Sequence[Denial], other: Sequence[Denial], there: frozenset[str]) -> bool:
    """Whether a denial of the one stands undenied in the other."""
    negated = {root for each in other for root in each.roots}
    for each in one:
        shared = [root for root in each.roots if root in there]
        is_near = shared and (len(shared) >= MOST * len(each.roots) or each.roots[0] in shared)
        if is_near and not negated & set(shared):
            return True
    return False
