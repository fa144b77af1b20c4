"""Negation, conditions and quantity: what turns a statement round, narrows it or widens it. Pure."""

import re
from collections.abc import Sequence
from itertools import pairwise

from rapidfuzz.distance import LCSseq

from tandem.answering.grounding import signs, text
from tandem.answering.grounding.text import Said, Word

NEGATIONS = frozenset(
    "not no never neither nor none nobody nothing nowhere without unable impossible hardly cannot".split()
)
REACH = 5
"""Words behind a negation that it may deny."""

BREAK = re.compile(r"[,;:.!?()–—]|\b(?:but|and|so|because|while|when|if|unless|until)\b", re.IGNORECASE)
NEARLY = 0.8
"""Share of the longer one's words, in order, from which two sentences are the same nearly word for word."""

MOST = 0.6
"""Share of a clause's content words from which a claim repeats that clause."""

OPPOSITE = "it says the opposite of the cited passage, or leaves a condition out"

NARROWS = re.compile(
    r"\b(?P<mark>(?<!not )only|solely|exclusively|unless|except(?:ing)?|if|provided|providing|as long as|so long as|in case"
    r"|other than|apart from|subject to"
    r"|when|(?<!at )once(?! (?:an?|per|every|each|in|more|again|only|daily)\b)|where|whenever)\b",
    re.IGNORECASE,
)
WIDE = frozenset(
    "all every everyone everybody everything any anyone anybody anything each always everywhere anywhere whole entire".split()
)
PART = frozenset(
    "some most many several multiple few usually often sometimes normally generally mostly typically rarely selected certain".split()
)
BINDING = text.read("must need require mandatory obligatory obliged").roots
ANY_MORE = re.compile(r"\b(?:any (?:more|longer)|at all|after all|all over|above all|first of all)\b", re.IGNORECASE)
NARROWING = frozenset("unless except if provided providing when once where whenever as only".split())
SOLE = frozenset({"only", "solely", "exclusively"})
HAVE_TO = re.compile(r"\b(?:have|has|had) to\b", re.IGNORECASE)
BOUND = frozenset("when if after before until within once for to at in by".split())
"""What "only" is also said of: "only in our stores", "only when it is sent"."""

DETERMINERS = frozenset("a an the your it them this that these any all every no one us our to in on under".split())
BETWEEN = frozenset(
    "can may will must should could would also always never not do does then only just have need to be".split()
)
PREFIXED = re.compile(r"^(?:un|non)[a-z]{4,}")
UNPREFIXED = frozenset("until unless under unit united university union universal uniform unique".split())
SEGMENT = re.compile(r"[;:.]\s|,\s+(?=(?:and|but|or|while|whereas)\b)", re.IGNORECASE)


def negation(clause: Said, window: Said) -> str:
    """The claim denies what the source says, or says what it denies."""
    ours, theirs = denied(clause), denied(window)
    if _flipped(ours, theirs, window.roots) or _flipped(theirs, ours, clause.roots):
        return OPPOSITE
    if alike(clause, window) and _count(clause) != _count(window):
        return OPPOSITE
    if ours and not theirs and not any(word.root.startswith(("un", "in", "im")) for word in window.content):
        return OPPOSITE
    return ""


def _count(said: Said) -> int:
    return sum(word.text in NEGATIONS for word in said.words)


def alike(one: Said, other: Said) -> bool:
    """Whether two texts are the same nearly word for word."""
    shared = LCSseq.similarity(one.order, other.order)
    return shared >= NEARLY * max(len(one.order), len(other.order))


def denied(said: Said) -> list[list[str]]:
    """Of each negation the roots behind it that say something."""
    found = []
    for at, word in enumerate(said.words):
        if word.text in NEGATIONS and not _is_idle(said.words, at):
            stop = BREAK.search(said.text, word.end)
            end = stop.start() if stop else len(said.text)
            reach = [w for w in said.words[at + 1 : at + 1 + REACH] if w.start < end]
            found.append([w.root for w in reach if w.is_content])
    return found


def _is_idle(words: Sequence[Word], at: int) -> bool:
    """Whether a negation denies nothing: "not only", "no later than", "no more than", "no charge", which is free."""
    following = words[at + 1].text if at + 1 < len(words) else ""
    if following in ("cost", "charge", "charges", "fee", "fees", "extra"):
        return True
    return following in ("only", "later", "more", "less", "fewer", "matter", "problem") and not (
        at + 2 < len(words) and following in ("later", "more") and words[at + 2].text != "than"
    )


def _flipped(one: list[list[str]], other: list[list[str]], there: frozenset[str]) -> bool:
    """Whether a denial of the one stands undenied in the other."""
    negated = {root for roots in other for root in roots}
    for roots in one:
        shared = [root for root in roots if root in there]
        is_near = shared and (len(shared) >= MOST * len(roots) or roots[0] in shared)
        if is_near and not negated & set(shared):
            return True
    return False


def meant(clause: Said, window: Said) -> Said:
    """The parts of a sentence that a clause repeats; all of it where none is mostly repeated."""
    parts = [part for part in map(text.read, segments(window.text)) if part.content]
    near = [part for part in parts if signs.share(part.content, clause.roots) >= MOST]
    return text.read("; ".join(part.text for part in near)) if near and len(near) < len(parts) else window


def quantity(clause: Said, near: Said, window: Said) -> str:
    """The claim says all where the source says some or nothing of it, certainly where it says mostly, must where it says can."""
    ours, theirs = clause.texts, near.texts
    if ours & WIDE and not theirs & WIDE and not ANY_MORE.search(clause.text):
        return "it says of all what the cited passage does not"
    limited, limiting = _partly(near, clause), _partly(clause, near)
    if limited and not limiting:
        return "it says for certain what the cited passage limits"
    if limiting and not limited:
        return "it limits what the cited passage does not"
    if ours & SOLE and not _soles(clause) & _soles(window, 4):
        return "it says only of what the cited passage does not"
    is_either = any(signs.denies(each.text) or _commands(each) for each in (clause, near))
    if _binds(clause) != _binds(near) and not is_either:
        return "it is more or less binding in the cited passage"
    return ""


def _soles(said: Said, reach: int = 1) -> set[str]:
    """What "only" is said of: the words that say something next behind it, and before it where the text ends with it."""
    found: set[str] = set()
    for at, word in enumerate(said.words):
        if word.text in SOLE and (at == 0 or said.words[at - 1].text != "not"):
            behind = [w.root for w in said.words[at + 1 :] if w.is_content or w.is_number or w.text in BOUND]
            before = [w.root for w in said.words[:at] if w.is_content]
            found.update(behind[:reach] or before[-reach:])
            found.update(before[-reach:] if reach > 1 else ())
    return found


def _binds(said: Said) -> bool:
    return bool(said.roots & BINDING) or HAVE_TO.search(said.text) is not None


def _commands(said: Said) -> bool:
    """Whether a text tells somebody to do something: "Report the parcel", "Please wait"."""
    words = said.words
    if "please" in said.texts:
        return True
    return len(words) > 1 and words[0].is_content and not words[0].text.endswith("s") and words[1].text in DETERMINERS


def doers(clause: Said, window: Said) -> str:
    """What we do is not what you do: "we pay the postage", "you pay the postage"."""
    ours, theirs = _done(clause), _done(window)
    for verb in ours.keys() & theirs.keys():
        if ours[verb].isdisjoint(theirs[verb]):
            return OPPOSITE
    return ""


def _done(said: Said) -> dict[str, set[str]]:
    """Of each verb that directly follows "we" or "you", which of them."""
    found: dict[str, set[str]] = {}
    for at, word in enumerate(said.words):
        if word.text in ("we", "you"):
            rest = [w for w in said.words[at + 1 : at + 5] if w.text not in BETWEEN]
            if rest and rest[0].is_content:
                found.setdefault(rest[0].root, set()).add(word.text)
    return found


def _partly(said: Said, other: Said) -> bool:
    """Whether a text speaks of a part of what the other one speaks of: "most parts", not "at most", "the most" or "one of most"."""
    before = ""
    for at, word in enumerate(said.words):
        if word.text in PART and before not in ("at", "the", "how", "as"):
            of = next((following for following in said.words[at + 1 :] if following.is_content), None)
            if of is None or of.root in other.roots:
                return True
        before = word.text
    return False


def segments(words: str) -> list[str]:
    """A sentence at its semicolons and where a new statement is joined."""
    return [part for part in SEGMENT.split(words) if part.strip()]


def condition(clause: Said, window: Said, whole: Said) -> str:
    """The claim repeats a statement without what narrows it there, or narrows it by what is not there."""
    if added := _added(clause, window):
        return added
    if _unled(window, whole):
        return OPPOSITE
    for part in segments(window.text):
        for mark in NARROWS.finditer(part):
            inner, rest = _split(part, mark)
            if not inner and NARROWING.isdisjoint(whole.texts) and signs.share(rest.content, clause.roots) >= MOST:
                return OPPOSITE
            if not inner or not rest.content or signs.share(rest.content, clause.roots) < MOST:
                continue
            if mark["mark"].lower() in ("only", "solely", "exclusively"):
                if not whole.texts & {*SOLE, "just", "single"} and not (whole.texts - window.texts) & NARROWING:
                    return OPPOSITE
            elif signs.share(inner, whole.roots) < 0.5:
                return OPPOSITE
    return _unqualified(whole, meant(clause, window))


def _unled(window: Said, whole: Said) -> bool:
    """Whether the claim is what follows the condition that a sentence begins with, without it."""
    mark = NARROWS.match(window.text.lstrip(" *_\"'("))
    if not mark or mark["mark"].lower() in SOLE:
        return False
    for comma in re.finditer(r",\s+", window.text):
        inner, rest = text.read(window.text[: comma.start()]), text.read(window.text[comma.end() :])
        if (
            inner.content
            and rest.content
            and signs.share(rest.content, whole.roots) >= NEARLY
            and signs.share(inner.content, whole.roots) < 0.4
        ):
            return True
    return False


def _split(part: str, mark: re.Match[str]) -> tuple[tuple[Word, ...], Said]:
    """The content of the narrowing clause, and what is narrowed."""
    comma = part.find(",", mark.end())
    leads = not part[: mark.start()].strip(" *_\"'")
    end = comma if comma >= 0 and leads else len(part)
    if not leads and comma >= 0 and mark["mark"].lower() not in ("only",):
        end = comma
    inner = text.read(part[mark.end() : end]).content
    if mark["mark"].lower() in ("only", "solely", "exclusively"):
        return inner, text.read(part[: mark.start()] + part[mark.end() :])
    return inner, text.read(part[: mark.start()] + " " + part[end:])


def _added(clause: Said, window: Said) -> str:
    """A condition of the claim's own, of which the sentence says nothing."""
    for mark in NARROWS.finditer(clause.text):
        if mark["mark"].lower() in ("only", "solely", "exclusively", "when", "where", "once"):
            continue
        inner, _ = _split(clause.text, mark)
        if inner and signs.share(inner, window.roots) < 0.5:
            return "the cited passage does not make that condition"
    return ""


def _unqualified(claim: Said, near: Said) -> str:
    """ "Unused items" become "items"."""
    for word, following in pairwise(near.words):
        dropped = PREFIXED.match(word.text) and word.text not in UNPREFIXED and word.root not in claim.roots
        if dropped and following.is_content and following.root in claim.roots:
            return OPPOSITE
    return ""
