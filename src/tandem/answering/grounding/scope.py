"""Conditions and quantity: what narrows a statement or widens it. Pure.

A claim that is worded as the source is must have its "all", "must" and "if" as they stand there. A free wording is held to what no
wording may change: it does not say all of what is some, nor what holds "unless" without any such word.
"""

import re
from itertools import pairwise

from tandem.answering.grounding import bounds, negation, signs, text
from tandem.answering.grounding.negation import OPPOSITE, Guess
from tandem.answering.grounding.text import Said, Word

MOST = 0.6
"""Share of a clause's content words from which a claim repeats that clause."""

NEARLY = 0.8
"""The same of what follows a condition."""

HALF, HARDLY = 0.5, 0.35
"""Share of a condition's words from which it is said, and below which it is not."""

NARROWS_SOMEHOW = frozenset(
    "if unless except when once until before after while as with without only provided for during under over at least otherwise"
    " just".split()
)
"""Words by which a free wording may keep a condition."""

NARROWS = re.compile(
    r"\b(?P<mark>(?<!not )only|solely|exclusively|unless|except(?:ing)?|if|provided|providing|as long as|so long as|in case"
    r"|other than|apart from|subject to"
    r"|when|(?<!at )once(?! (?:an?|per|every|each|in|more|again|only|daily)\b)|where|whenever)\b",
    re.IGNORECASE,
)
WIDE = frozenset(
    "all every everyone everybody everything any anyone anybody anything each always everywhere anywhere whole entire"
    " whatever whichever wherever however regardless either".split()
)
PART = frozenset(
    "some most many several multiple few usually often sometimes normally generally mostly typically rarely selected certain".split()
)
BINDING = text.read("must need require mandatory obligatory obliged").roots
ANY_MORE = re.compile(r"\b(?:any (?:more|longer)|at all|after all|all over|above all|first of all)\b", re.IGNORECASE)
SINGLE = frozenset("whole entire total full complete fully".split())
"""Words for all of one thing."""

UNIVERSAL = frozenset("all every everyone everybody everything any anyone always whatever whichever wherever".split())
EXCEPTS = re.compile(r"\b(?:except|apart from|other than|unless|but not|excluding|aside from)\b", re.IGNORECASE)
ANYS = frozenset("any anyone anybody anything anywhere either".split())
DENYING = frozenset("not no never without cannot if unless whether before hardly nor neither should when".split())
WHOLE = frozenset(
    "full fully all every each any always everyone everything whole entire per 24 whichever whatever".split()
)
HEDGES = frozenset(
    "usually often sometimes normally generally mostly typically certain several multiple many few selected".split()
)
MILD = frozenset("may might can could should up aim try hope plan likely about around".split())
EXCLUDES = frozenset("only solely exclusively just except apart unless not no cannot never single alone".split())
FREE = frozenset("can may could".split())
BOUND_TO = frozenset("must need needs require requires to".split())
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
PARTS = re.compile(r"[;:.]\s|,\s|\b(?:but|while|whereas)\b", re.IGNORECASE)
SEGMENT = re.compile(r"[;:.]\s|,\s+(?=(?:and|but|or|while|whereas)\b)", re.IGNORECASE)


def meant(clause: Said, window: Said) -> Said:
    """The parts of a sentence that a clause repeats; all of it where none is mostly repeated."""
    parts = [part for part in map(text.read, segments(window.text)) if part.content]
    near = [part for part in parts if signs.share(part.content, clause.roots) >= MOST]
    return text.read("; ".join(part.text for part in near)) if near and len(near) < len(parts) else window


def quantity(clause: Said, near: Said, window: Said) -> str:
    """See `_quantity`; of a free wording it is a guess."""
    found = _quantity(clause, near, window)
    return found if negation.closely(clause, near) else Guess(found)


def _quantity(clause: Said, near: Said, window: Said) -> str:
    """The claim says all where the source says some or nothing of it, certainly where it says mostly, must where it says can."""
    close = negation.closely(clause, near)
    if _goes_for_all(clause, window) and not _says_all(near if close else window, clause):
        return "it says of all what the cited passage does not"
    if (
        clause.texts & UNIVERSAL
        and EXCEPTS.search(window.text)
        and not EXCEPTS.search(clause.text)
        and "other" not in clause.texts
    ):
        return OPPOSITE
    limited, limiting = _partly(near, clause), _partly(clause, near)
    if limited and not limiting and clause.texts.isdisjoint(MILD):
        return "it says for certain what the cited passage limits"
    if limiting and not limited and not clause.texts & HEDGES and not signs.denies(window.text):
        return "it limits what the cited passage does not"
    if clause.texts & SOLE and not (_soles(clause) & _soles(window, 4) if close else window.texts & EXCLUDES):
        return "it says only of what the cited passage does not"
    return _binding(clause, near, window)


def _says_all(said: Said, about: Said) -> bool:
    """Whether a text speaks of all there are of what another one is about: in the part of it that has most of that one's words."""
    parts = [part for part in map(text.read, PARTS.split(said.text)) if part.content]
    words = [word for word in about.content if word.text not in WIDE]
    wide = [signs.meaning_share(words, part) for part in parts if not part.texts.isdisjoint(WHOLE)]
    return bool(wide) and max(wide) >= max(signs.meaning_share(words, part) for part in parts) - 0.05


def _goes_for_all(said: Said, source: Said) -> bool:
    """Whether a text speaks of all there are. Not where "any" only stands behind a denial or a condition, where "each" means "per",
    and where "all" is all of one thing, or where the source says it of the same.
    """
    for at, word in enumerate(said.words):
        if word.text not in WIDE:
            continue
        before = {other.text for other in said.words[max(0, at - 8) : at]}
        after = [other.text for other in said.words[at + 1 : at + 9]]
        following = after[0] if after else ""
        if word.text in ANYS and (before & DENYING or "or" in after[:5] or ANY_MORE.search(said.text)):
            continue
        if word.text == "all" and (
            following in ("your", "my", "it", "you", "of", "the", "over") or before & {"at", "after", "not"}
        ):
            continue
        if _repeats(said, at, source):
            continue
        if word.text == "however" and said.text[word.end : word.end + 1] == ",":
            continue
        if word.text in ("each", "every") and (
            _is_per(said, at) or ("per" in source.texts and said.words[at + 1].root in source.roots)
        ):
            continue
        if word.text in SINGLE and source.texts & SINGLE:
            continue
        return True
    return False


def _repeats(said: Said, at: int, source: Said) -> bool:
    """Whether "all" or the like at this place stands before the same word in the source."""
    if at + 1 >= len(said.words):
        return False
    following = said.words[at + 1].root
    return any(one.text == said.words[at].text and two.root == following for one, two in pairwise(source.words))


def _is_per(said: Said, at: int) -> bool:
    """Whether "each" or "every" at this place says how often or of what a number is: "£5 each month", "once every 5 years"."""
    return any(word.is_number or word.text in ("once", "one", "for", "of") for word in said.words[max(0, at - 3) : at])


def _binding(clause: Said, near: Said, window: Said) -> str:
    """What must be done is not what may be done. In a free wording only where the very same is done under another modal verb."""
    close = negation.closely(clause, near)
    ours, theirs = _binds(clause), _binds(near if close else window)
    is_either = any(signs.denies(each.text) or _commands(each) for each in (clause, near))
    if ours == theirs or is_either:
        return ""
    if close or _modal(clause, FREE if theirs else BOUND_TO) & _modal(near, BOUND_TO if theirs else FREE):
        return "it is more or less binding in the cited passage"
    return ""


def _modal(said: Said, modals: frozenset[str]) -> set[str]:
    """The verbs that directly follow one of these."""
    found = set()
    for at, word in enumerate(said.words):
        if word.text in modals and (
            word.text != "to" or said.words[at - 1].text in ("have", "has", "had", "need", "needs")
        ):
            found.update([w.root for w in said.words[at + 1 : at + 5] if w.is_content][:1])
    return found


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
    if not negation.closely(clause, window):
        return Guess(_added(clause, window) or _freely(clause, window, whole))
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


def _freely(clause: Said, window: Said, whole: Said) -> str:
    """A free wording says what holds under an exception or a proviso, without a word for any."""
    if not whole.texts.isdisjoint(NARROWS_SOMEHOW) or signs.denies(whole.text):
        return ""
    for part in segments(window.text):
        for mark in NARROWS.finditer(part):
            inner, rest = _split(part, mark)
            is_strict = mark["mark"].lower() not in ("where", "when", "once", "whenever", "if")
            if not is_strict or not rest.content or signs.meaning_share(rest.content, clause) < MOST:
                continue
            if signs.meaning_share(inner, whole) < HARDLY:
                return OPPOSITE
    return ""


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
        inner = tuple(
            word for word in _split(clause.text, mark)[0] if not word.is_number and word.root not in bounds.LENGTHS
        )
        if inner and signs.meaning_share(inner, window) < (HALF if negation.closely(clause, window) else HARDLY):
            return "the cited passage does not make that condition"
    return ""


def _unqualified(claim: Said, near: Said) -> str:
    """ "Unused items" become "items"."""
    for word, following in pairwise(near.words):
        dropped = PREFIXED.match(word.text) and word.text not in UNPREFIXED and word.root not in claim.roots
        if dropped and following.is_content and following.root in claim.roots:
            return OPPOSITE
    return ""
