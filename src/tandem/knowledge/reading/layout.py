"""Lines on pages to paragraphs, headings and lists: pure geometry, and knows nothing about PDF.

The rules are the printer's: a heading is set larger, a paragraph ends where a line stops short or the
gap widens, and what stands at the edge of most pages belongs to the paper, not to the text.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from tandem.knowledge.reading import compose
from tandem.knowledge.reading.compose import Block

HEADING_GROWTH = 1.15
"""A heading is at least this much larger than the text; word processors' smallest step is 12 to 14."""

HEADING_CHARACTERS = 160
HEADING_LEVELS = 4
GAP_GROWTH = 1.35
"""A gap this much wider than the usual distance of lines starts a paragraph."""

SHORT_SHARE = 0.8
"""A line that ends left of this share of the column, with a full stop, ends its paragraph."""

EDGE_SHARE = 0.1
REPEATED_SHARE = 0.5
LEAST_PAGES = 3
"""Furniture: in the outer tenth of the printed area, the same but for digits on half of three or more pages."""

BULLET = re.compile(r"^(?:[•◦▪●‣∙·○■□–*\uf0b7\uf0a7]|-)\s+(?=\S)")
NUMBERED = re.compile(r"^(\d{1,3})[.)]\s+(?=\S)")
ENDS = re.compile(r"[.!?:;。！？؟…][\"'”’»)\]]*$")
HYPHENS = "\ufffe\x02\u00ad"
SOFT_BREAK = re.compile(rf"(\w+)[{HYPHENS}]\s*(\w+)")
HARD_HYPHEN = re.compile(r"[^\W\d_]-$")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page in points from the lower left corner; `pale` says it is nearly white."""

    text: str
    size: float
    left: float
    right: float
    top: float
    bottom: float
    pale: bool = False


def markdown(pages: Sequence[Sequence[Line]]) -> str:
    """The Markdown of all pages in order."""
    kept = _without_furniture(pages)
    lines = [line for page in kept for line in page]
    if not lines:
        return ""
    compounds = {word.lower() for line in lines for word in re.findall(r"\w+-\w+", line.text)}
    levels = _levels(lines)
    blocks: list[Block] = []
    carried: list[Line] = []
    for page in kept:
        carried = _page(page, carried, blocks, levels, compounds)
    _close(carried, blocks, levels, compounds)
    return compose.join(_lists_joined(blocks))


def _page(
    page: Sequence[Line], run: list[Line], blocks: list[Block], levels: dict[float, int], compounds: set[str]
) -> list[Line]:
    """Add a page's lines; the paragraph still open at its end is handed back, for the next page."""
    column = max((line.right for line in page), default=0.0)
    usual = _usual_distance(page)
    for index, line in enumerate(page):
        before = run[-1] if run else None
        if before and _starts(line, before, column, usual, levels, turned=index == 0):
            _close(run, blocks, levels, compounds)
            run = []
        run.append(line)
    return run


def _starts(line: Line, before: Line, column: float, usual: float, levels: dict[float, int], *, turned: bool) -> bool:
    """Whether a line starts something new rather than going on with the one before it."""
    if levels.get(line.size, 0) != levels.get(before.size, 0) or BULLET.match(line.text) or NUMBERED.match(line.text):
        return True
    if turned:
        return bool(ENDS.search(before.text)) or not line.text[:1].islower()
    distance = before.bottom - line.bottom
    if distance > usual * GAP_GROWTH or distance < -usual:
        return True
    return bool(ENDS.search(before.text)) and before.right < SHORT_SHARE * column


def _usual_distance(page: Sequence[Line]) -> float:
    """The distance from line to line inside paragraphs, in points."""
    steps = [above.bottom - below.bottom for above, below in pairwise(page)]
    near = [step for step, line in zip(steps, page, strict=False) if 0 < step < 3 * max(line.size, 1)]
    return min(median(near), 1.6 * median(line.size for line in page)) if near else 14.0


def _close(run: Sequence[Line], blocks: list[Block], levels: dict[float, int], compounds: set[str]) -> None:
    """Write the lines of a run as one block."""
    if not run:
        return
    text = _joined(run, compounds)
    level = levels.get(run[0].size, 0)
    if level and len(text) <= HEADING_CHARACTERS:
        block = compose.heading(level, compose.literal(text))
    else:
        words = NUMBERED.sub(r"\1. ", BULLET.sub("- ", text))
        block = compose.paragraph(compose.literal(words))
    if block:
        is_item = block.text.startswith("- ") or bool(NUMBERED.match(block.text))
        blocks.append(Block(block.text, tight=is_item))


def _joined(run: Sequence[Line], compounds: set[str]) -> str:
    """The words of the lines as one line; a word cut at a line's end is whole again."""

    def mend(cut: re.Match[str]) -> str:
        whole = f"{cut[1]}-{cut[2]}"
        return whole if whole.lower() in compounds or not cut[2][:1].islower() else cut[1] + cut[2]

    text = ""
    for line in run:
        words = " ".join(line.text.split())
        if HARD_HYPHEN.search(text) and words[:1].islower():  # noqa: SIM108
            text = text[:-1] + HYPHENS[0] + words
        else:
            text = f"{text} {words}" if text else words
    return re.sub(f"[{HYPHENS}]", "-", SOFT_BREAK.sub(mend, text))


def _levels(lines: Iterable[Line]) -> dict[float, int]:
    """Heading level by letter size: the sizes clearly above that of most text, largest first."""
    letters: Counter[float] = Counter()
    for line in lines:
        letters[line.size] += len(line.text)
    usual = letters.most_common(1)[0][0]
    larger = sorted((size for size in letters if size >= usual * HEADING_GROWTH), reverse=True)
    if sum(letters[size] for size in larger) > sum(letters.values()) / 3:
        return {}  # a brochure that sets whole paragraphs large: size means nothing there
    return {size: min(index + 1, HEADING_LEVELS) for index, size in enumerate(larger)}


def _without_furniture(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages without running heads, feet and page numbers."""
    filled = [page for page in pages if page]
    if len(filled) < LEAST_PAGES:
        return [list(page) for page in pages]
    highest, lowest = (
        max(line.top for page in filled for line in page),
        min(line.bottom for page in filled for line in page),
    )
    margin = EDGE_SHARE * (highest - lowest)
    seen: Counter[str] = Counter()
    for page in filled:
        seen.update({_shape(line) for line in page if line.bottom > highest - margin or line.top < lowest + margin})
    paper = {shape for shape, times in seen.items() if times >= max(LEAST_PAGES, REPEATED_SHARE * len(filled))}
    return [[line for line in page if _shape(line) not in paper] for page in pages]


def _shape(line: Line) -> str:
    """What a line looks like when numbers do not matter, and about where it stands."""
    return f"{round(line.bottom / 12)} {re.sub(r'[0-9]+', '#', ' '.join(line.text.split()))}"


def _lists_joined(blocks: Iterable[Block]) -> list[Block]:
    """Items that follow each other are one list."""
    out: list[Block] = []
    for block in blocks:
        if block.tight and out and out[-1].tight:
            out[-1] = Block(f"{out[-1].text}\n{block.text}", tight=True)
        else:
            out.append(block)
    return out
