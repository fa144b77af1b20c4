"""The block of `key: value` lines between `---` marks at the top of a Markdown file.

Deliberately not YAML: one line, one value, all of it text. Lists in brackets stay as written.
"""

import re

from tandem.knowledge.reading.cleaning import clean_line

BLOCK = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.{0,20000}?)(?:\r?\n)?^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.S | re.M)
LINE = re.compile(r"([A-Za-z][\w .-]{0,60}?)[ \t]*:(?:[ \t]+(.*)|[ \t]*)")
ANY_KEY = re.compile(r"^[A-Za-z][\w .-]{0,60}?[ \t]*:(?:\s|$)", re.M)
MOST_KEYS = 64


def take(text: str) -> tuple[dict[str, str], str]:
    """The front matter (keys in lower case, quotes around a value removed) and the text below it.

    A block without a single `key: value` line is no front matter, only text between two rules.
    """
    block = BLOCK.match(text)
    if not block or not ANY_KEY.search(block.group(1)):
        return {}, text
    found: dict[str, str] = {}
    for line in block.group(1).splitlines()[:1000]:
        pair = LINE.fullmatch(line.rstrip())
        if pair and len(found) < MOST_KEYS:
            found[pair.group(1).lower()] = _unquote(clean_line(pair.group(2) or ""))
    return {key: value for key, value in found.items() if value}, text[block.end() :]


def _unquote(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value
