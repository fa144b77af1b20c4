"""Which kind of line a sentence stands in, from the offsets that `passages.sentences` gives (they leave the marks out)."""

import re

ITEM = re.compile(r"[ \t]*(?:[-*•]|\d+[.)])[ \t]")
NUMBERED = re.compile(r"[ \t]*\d+[.)][ \t]")


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
