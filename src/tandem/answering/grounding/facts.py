"""Numbers, dates and names of a claim, which must stand in the sentence that it rests on. Pure."""

from tandem.answering.grounding import belongs, bounds, kin, vocabulary
from tandem.answering.grounding.signs import Source
from tandem.answering.grounding.text import Said, Word

POINTS_BACK = frozenset("the your this that these those our its their".split())
"""Words before a number that was spoken of before: "after the 24 hours"."""


def numbers(clause: Said, window: Said, known: Source) -> str:
    """A number must stand there with its currency or unit and what it is for each of; a length of time may be said in other units."""
    lengths, there = bounds.lengths(clause), set(bounds.lengths(window).values())
    for at, word in enumerate(clause.words):
        if not word.is_number or lengths.get(at) in there:
            continue
        if word.root not in window.roots and word.root not in known.headings:
            if _points_back(clause, at, known):
                continue
            return f"the number {word.text} is not in the cited passage"
        if trouble := _counts_else(clause, at, window):
            return trouble
    return belongs.trouble(clause, window)


def _points_back(clause: Said, at: int, known: Source) -> bool:
    """Whether a number is one that another sentence of the source says of the same: "your €50 deposit"."""
    before = next((word.text for word in reversed(clause.words[:at]) if word.root not in bounds.CURRENCIES), "")
    unit = bounds.unit(clause.words, at)
    words = known.whole.words
    return before in POINTS_BACK and any(
        other.root == clause.words[at].root and bounds.unit(words, n) == unit for n, other in enumerate(words)
    )


def _counts_else(clause: Said, at: int, window: Said) -> str:
    word = clause.words[at]
    places = [n for n, other in enumerate(window.words) if other.root == word.root]
    unit, units = bounds.unit(clause.words, at), {bounds.unit(window.words, n) for n in places}
    elsewhere = {bounds.unit(window.words, n) for n, other in enumerate(window.words) if other.is_number}
    if unit and units and unit not in units and ("" not in units or unit in elsewhere):
        return f"the number {word.text} is not said of that in the cited passage"
    each, sets = bounds.per(clause.words, at), [bounds.per(window.words, n) for n in places]
    if each and sets and not any(_is_per(each, others, window) for others in sets):
        return f"the number {word.text} is not said per {min(each)} in the cited passage"
    return ""


def _is_per(each: frozenset[str], others: frozenset[str], window: Said) -> bool:
    """Whether a number for each of these is one for each of those: the same, or a word for them, or it is not said of what."""
    if not others:
        return each.isdisjoint(window.roots) or all(vocabulary.FAMILY.get(root) is None for root in each)
    known = kin.of(others)
    return all(root in others or not kin.groups(root).isdisjoint(known) for root in each)


def families(clause: Said, window: Said, known: Source) -> str:
    """A weekday, month or unit must stand there if another of its family does; a length of time may be said in other units."""
    lengths, there = bounds.lengths(clause), set(bounds.lengths(window).values())
    for at, word in enumerate(clause.words):
        if word.root not in vocabulary.FAMILY or word.root in window.roots or word.root in known.headings:
            continue
        if lengths.get(at) in there:
            continue
        family = vocabulary.FAMILY[word.root]
        if any(vocabulary.FAMILY.get(root) == family for root in window.roots):
            return f"“{word.text}” is not in the cited passage"
    return ""


def names(clause: Said, window: Said, known: Source) -> str:
    """What is written like a name must stand in the sentence itself or in a heading; elsewhere in the source only where the sentence
    has no name that the claim leaves out, in whose place it could stand.
    """
    is_free = not any(
        word.capital and word.is_content and word is not window.words[0] and not clause.says(word)
        for word in window.words
    )
    for word in clause.words[1:]:
        if not word.capital or not word.is_content or _has(window, word):
            continue
        if word.root in known.headings or word.root in known.everywhere or (is_free and _has(known.whole, word)):
            continue
        return f"the name {clause.text[word.start : word.end]} is not in the cited passage"
    return ""


def _has(said: Said, name: Word) -> bool:
    """Whether a name stands in a text, perhaps with another ending; no other word stands for it."""
    return name.root in said.roots or any(kin.begins_alike(name.root, root) for root in said.roots)
