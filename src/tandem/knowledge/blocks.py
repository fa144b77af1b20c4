"""The lines of a Markdown body as blocks with their places in it: headings, items, rows, paragraphs, code.

Offsets count characters of the body. Every character that is not white space lies in exactly one block.
Understands the reduced Markdown of `reading`, and takes any other text without complaint.
"""

import re
from dataclasses import dataclass, replace
from enum import Enum


class Kind(Enum):
    """What a block is; items and rows in a row make up a list or table."""

    HEADING = "heading"
    ITEM = "item"
    ROW = "row"
    PARAGRAPH = "paragraph"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Block:
    """`body[start:end]`, without the white space around it. `inner` is where the words begin after a
    mark such as `- ` or `## `. `level` is a heading's level or an item's depth in spaces. `fresh` says
    that a blank line (or the start of the text, or another kind) stands before it."""

    kind: Kind
    start: int
    end: int
    inner: int
    level: int
    fresh: bool


FENCE = re.compile(r"[ \t]*(```+|~~~+)")
HEADING = re.compile(r"(#{1,6})[ \t]+(?=\S)")
ITEM = re.compile(r"([ \t]*)(?:[-*+]|\d{1,9}[.)])[ \t]+(?=\S)")
ROW = re.compile(r"[ \t]*\|[ \t]*")
QUOTE = re.compile(r"[ \t]*(?:>[ \t]*)+(?=\S)")
LINE = re.compile(r"[^\n]+")


def parse(body: str) -> list[Block]:
    """All blocks of a body in order."""
    found: list[Block] = []
    fence = ""
    ended = -2
    for line in LINE.finditer(body):
        text, start = line[0], line.start()
        blank_before = start > ended + 1
        if text.isspace():
            continue
        end = start + len(text.rstrip())
        if fence or FENCE.match(text):
            fence = _code(found, text, start, end, fence)
        else:
            _add(found, text, start, end, blank_before)
        ended = line.end()
    return found


def _code(found: list[Block], text: str, start: int, end: int, fence: str) -> str:
    """Open, lengthen or close a code block; returns the fence that is open afterwards."""
    mark = FENCE.match(text)
    if not fence:
        found.append(Block(Kind.CODE, start, end, start, 0, True))
        return mark[1] if mark else ""
    found[-1] = replace(found[-1], end=end)
    closes = mark and mark[1].startswith(fence) and not text[mark.end() :].strip()
    return "" if closes else fence


def _add(found: list[Block], text: str, start: int, end: int, blank_before: bool) -> None:
    """Add one line outside code: as a block of its own, or to the block it goes on with."""
    last = found[-1] if found else None
    indent = len(text) - len(text.lstrip())
    if mark := HEADING.match(text):
        found.append(Block(Kind.HEADING, start, end, start + mark.end(), len(mark[1]), True))
    elif mark := ROW.match(text):
        fresh = blank_before or last is None or last.kind is not Kind.ROW
        found.append(Block(Kind.ROW, start + indent, end, start + mark.end(), 0, fresh))
    elif mark := ITEM.match(text):
        fresh = last is None or last.kind is not Kind.ITEM
        found.append(Block(Kind.ITEM, start + indent, end, start + mark.end(), indent, fresh))
    elif last and not blank_before and last.kind in (Kind.PARAGRAPH, Kind.ITEM):
        found[-1] = replace(last, end=end)
    else:
        quoted = QUOTE.match(text)
        inner = start + (quoted.end() if quoted else indent)
        found.append(Block(Kind.PARAGRAPH, start + indent, end, inner, indent, True))
