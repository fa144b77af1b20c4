"""Where the sentences of a text begin and end, so that answers can quote them exactly.

Careful rather than eager: two sentences taken for one only make a longer quotation, while a cut inside a
number, an abbreviation or a link makes a false one. Latin, Cyrillic, Greek, Arabic, Hebrew, Indic and
East Asian punctuation. Knows nothing about passages or meaning.
"""

import re
from collections.abc import Iterator

from tandem.knowledge import blocks
from tandem.knowledge.blocks import Kind

END = re.compile(r"(?:[.!?…؟۔।॥]+[\"'”’»)\]*_]*(?=\s|$)|[。！？｡]+[\"'”’」』）》]*)")
SHIELDED = re.compile(r"`[^`\n]{1,500}`|\[[^\[\]]{0,500}\]\([^()\s]{0,2000}\)|https?://[^\s<>()]{1,2000}")
"""Inline code, links and addresses are never cut; a full stop behind an address still ends a sentence."""

LAST_WORD = re.compile(r"[^\s(\[\"'“‘«]*$")
NEXT_WORD = re.compile(r"\s+[\"'“‘«(\[*_¿¡]*([^\s]+)")
INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?")
DIGITS = re.compile(r"\d{1,3}")
TABLE_RULE = re.compile(r"[\s|:-]+")

NEVER_LAST = frozenset(
    re.findall(
        r"\S+",
        "mr mrs ms mx dr prof st sr sra dra mme mlle hr fr frl vs cf viz ca approx incl excl resp bzw z.b d.h u.a "
        "i.d.r evtl ggf inkl zzgl dept est e.g i.e eg ie p.ex par.ex rep sen gov capt lt sgt rev hon av ave blvd rd "
        "ул г стр т.е",
    )
)
"""Abbreviations that nearly always have something behind them."""

BEFORE_NUMBERS = frozenset(
    re.findall(
        r"\S+",
        "no nos nr núm num art abs fig figs eq sec ch chap vol pp p pg v ref ext tel max min § "
        "jan feb mar apr jun jul aug sep sept oct nov dec",
    )
)
"""Abbreviations in front of a number; before anything else they are words that may end a sentence."""

MAY_BE_LAST = frozenset(
    re.findall(
        r"\S+",
        "etc inc ltd co corp llc plc gmbh usw a.m p.m am pm u.s u.k e.u u.n u.s.a ph.d m.d jr bros т.д gen ex col "
        "mon tue tues wed thu thur thurs fri",
    )
)
"""Abbreviations that close a sentence as often as not: they do when a usual first word follows."""

STARTERS = frozenset(
    re.findall(
        r"\S+",
        "the a an this that these those you your we our us i it its if when where what who how why which for "
        "to in on at by from with as after before once while please contact call click open choose select "
        "enter go see note use there they he she their his her all any each every no not yes is are do does "
        "can but and or so however then also der die das sie wir ihr ein eine wenn bitte es im le la les un "
        "une vous nous si pour el los las usted si para il",
    )
)
MONTHS = frozenset(
    re.findall(
        r"\S+",
        "januar jänner februar märz april mai juni juli august september oktober november dezember january "
        "february march may june july october december",
    )
)


def sentences(text: str) -> list[tuple[int, int]]:
    """Start and end offsets of the sentences of a text, in order and without overlap.

    A heading, a list item, a table row and a code block are one unit each; their marks (`## `, `- `,
    `1. `, outer pipes) stay outside the offsets. The rule under a table's head is no unit.
    """
    found: list[tuple[int, int]] = []
    for block in blocks.parse(text):
        if block.kind is Kind.PARAGRAPH:
            found += _in_paragraph(text, block.inner, block.end)
        elif block.kind is Kind.ROW:
            found += _in_row(text, block.inner, block.end)
        else:
            found.append((block.inner, block.end))
    return found


def cuts(text: str, start: int, end: int) -> list[int]:
    """Where sentences end within `text[start:end]`, the last one's end not counted."""
    piece = text[start:end]
    shields = [shield.span() for shield in SHIELDED.finditer(piece)]
    ends: list[int] = []
    for mark in END.finditer(piece):
        at = mark.end()
        if at < len(piece) and not _is_shielded(mark.start(), at, shields) and _is_end(piece, mark):
            ends.append(start + at)
    return ends


def _in_paragraph(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for stop in [*cuts(text, start, end), end]:
        while start < stop and text[start].isspace():
            start += 1
        if start < stop:
            yield start, stop
        start = stop


def _in_row(text: str, start: int, end: int) -> list[tuple[int, int]]:
    row = text[start:end]
    if TABLE_RULE.fullmatch(row):
        return []
    words = row.rstrip()
    if words.endswith("|") and not words.endswith("\\|"):
        words = words[:-1].rstrip()
    return [(start, start + len(words))] if words else []


def _is_shielded(start: int, end: int, shields: list[tuple[int, int]]) -> bool:
    """Inside code, a link or an address, unless the mark is the very last thing of an address."""
    return any(begins < start < ends and not (end >= ends) for begins, ends in shields)


def _is_end(piece: str, mark: re.Match[str]) -> bool:
    """Whether punctuation ends a sentence, given what stands on both sides of it."""
    following = NEXT_WORD.match(piece, mark.end())
    after = following[1] if following else ""
    if after[:1].islower():
        return False
    if not mark[0].startswith(".") or mark[0].startswith(".."):
        return True
    before = LAST_WORD.search(piece, max(0, mark.start() - 40), mark.start())
    word = before[0].rstrip(".").lower() if before else ""
    return _full_stop(word, after, has_closer=len(mark[0]) > 1)


def _full_stop(word: str, after: str, *, has_closer: bool) -> bool:
    """Whether a single full stop behind `word` and before `after` ends a sentence."""
    starts_one = after.strip(".,;:!?'’\"").lower() in STARTERS
    if word in MAY_BE_LAST:
        return starts_one or has_closer
    if word in NEVER_LAST:
        return False
    if word in BEFORE_NUMBERS:
        return not after[:1].isdigit()
    if INITIALS.fullmatch(word + "."):
        return starts_one and not (word == "i" and after[:1].isdigit())
    if DIGITS.fullmatch(word):
        return after.strip(".,").lower() not in MONTHS
    return True
