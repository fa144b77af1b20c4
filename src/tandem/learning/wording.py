"""What a text says, whatever its punctuation: two texts say the same when their words, numbers and signs are the same.

Numbers and negations are words here; pure punctuation, marks of emphasis, white space and capitals are not.
"""

import re

from tandem.answering import layout, words
from tandem.knowledge import passages

TOKEN = re.compile(r"\d[\d.,:]*\d|[^\W_]+(?:['’][^\W_]+)*|[%€$£¥°§<>=+&]|(?<!\w)[-−](?=\d)")
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def plain(text: str) -> str:
    """The words, numbers and signs of a text, each between spaces."""
    found = (THOUSANDS.sub("", token).replace("’", "'") for token in TOKEN.findall(text.casefold()))
    return f" {' '.join(found)} "


def lost(quote: str, text: str, old: str | None = None) -> tuple[str, ...]:
    """The sentences of a quotation that are no sentences of the text; where they stand, and what is between them, is all one.

    A sentence that goes on now ("… if you paid the full price") is not the same any more. What was no whole sentence in the
    `old` text either, as a passage may end within one, is looked for inside of sentences too.
    """
    there = {plain(sentence) for sentence in statements(text)}
    gone = tuple(sentence for sentence in statements(quote) if plain(sentence) not in there)
    if not gone or old is None:
        return gone
    whole, said = {plain(sentence) for sentence in statements(old)}, plain(text)
    return tuple(sentence for sentence in gone if plain(sentence) in whole or plain(sentence) not in said)


def statements(text: str) -> tuple[str, ...]:
    """The sentences of a text that say something: no headings, nothing without a word."""
    return tuple(
        text[start:end]
        for start, end in passages.sentences(text)
        if not layout.is_heading(text, start) and plain(text[start:end]).strip()
    )


def shared(one: str, other: str) -> float:
    """How much of their content words two sentences share, as F1 of the words."""
    ours, theirs = set(words.content(one)), set(words.content(other))
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours or theirs else 0.0
