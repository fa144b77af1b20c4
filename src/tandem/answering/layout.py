"""A passage's sentences, and which kind of line each stands in. The offsets leave the marks of lists, tables and headings out."""

import re
from functools import lru_cache

from tandem.knowledge import passages

ITEM = re.compile(r"[ \t]*(?:[-*•]|\d+[.)])[ \t]")
NUMBERED = re.compile(r"[ \t]*\d+[.)][ \t]")


@lru_cache(maxsize=5_000)
def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Where each sentence of a passage starts and ends (`passages.sentences`). Remembered: passages come again."""
    return tuple(passages.sentences(text))


def line_start(text: str, at: int) -> int:
    """Where the line around an offset begins."""
    return text.rfind("\n", 0, at) + 1


def is_item(text: str, at: int) -> bool:
    """Whether the line is an item of a list."""
    return ITEM.match(text, line_start(text, at)) is not None


def is_row(text: str, at: int) -> bool:
    """Whether the line is a row of a table."""
    return text.startswith("|", line_start(text, at))


def is_heading(text: str, at: int) -> bool:
    """Whether the line is a heading."""
    return text.startswith("#", line_start(text, at))
