"""The last wash of every text: one Unicode form, one kind of line end, nothing a reader cannot see.

Invisible characters go because they carry instructions past people's eyes to a model; the two joiners
that Persian, Indic scripts and emoji need stay. Knows nothing about Markdown.
"""

import re
import unicodedata

LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\ue000-\uf8ff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
TRAILING = re.compile(r"[ \t]+$", re.M)
BLANK_RUN = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """The text in NFC with `\\n` line ends, at most one blank line running, no control characters."""
    text = LINE_ENDS.sub("\n", text).expandtabs(4)
    text = INVISIBLE.sub("", SPACES.sub(" ", text))
    text = TRAILING.sub("", unicodedata.normalize("NFC", text))
    return BLANK_RUN.sub("\n\n", text).strip("\n").rstrip()


def clean_line(text: str) -> str:
    """The same for a title or value: one line, single spaces."""
    return " ".join(clean(text).split())
