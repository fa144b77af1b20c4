"""Which language a message is in: py3langid's naive Bayes over byte n-grams, with a rule for short texts.

A short message in Latin letters says little: "ok refund pls" looks Danish. It keeps the language of what the customer wrote
before, and has none where that is short too.
"""

import re
import threading
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

LANGUAGES = (
    "en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "no", "fi", "cs", "hu", "ro", "tr", "el", "ru", "uk", "bg",
    "ar", "he", "hi", "th", "vi", "id", "ja", "zh", "ko",
)  # fmt: skip
"""Those that a support team may be asked in; fewer to choose from means fewer mistakes."""

SHORT_LETTERS, SHORT_WORDS = 16, 3
"""A text in Latin letters with fewer of either is short. Of CLINC150's 3,100 validation messages, all English, 0.4 % of those
that are not short are taken for another language (docs/decisions/0013-routing.md)."""

READ_CHARS = 1000

MARGIN = 6.0
"""A text of up to MIDDLING letters is English unless another language is ahead of it by so much in log-likelihood."""

MIDDLING = 60

NOISE = re.compile(r"https?://\S+|\S+@\S+|\S*\d\S*|[A-Z]{4,}")


def of(text: str, before: Sequence[str] = ()) -> str | None:
    """ISO 639-1 of the message; of the customer's earlier ones, newest first tried, where it is too short; else None."""
    for each in (text, *reversed(before)):
        found = _one(each[:READ_CHARS])
        if found is not None:
            return found
    return None


@lru_cache(maxsize=4000)
def _one(text: str) -> str | None:
    plain = NOISE.sub(" ", text) if not text.isupper() else text.lower()
    letters = [letter for letter in plain if letter.isalpha()]
    if not letters:
        return None
    is_latin = sum("LATIN" in unicodedata.name(letter, "") for letter in letters[:40]) * 2 >= len(letters[:40])
    if is_latin and (len(letters) < SHORT_LETTERS or len(plain.split()) < SHORT_WORDS):
        return None
    return _guess(plain, is_middling=is_latin and len(letters) <= MIDDLING)


def _guess(text: str, *, is_middling: bool) -> str:
    ranked = [(str(name), float(score)) for name, score in _ranked(text)]
    best, score = ranked[0]
    english = dict(ranked)["en"]
    return "en" if is_middling and score - english < MARGIN else best


def _ranked(text: str) -> Any:
    import py3langid

    with _LOADING:
        if not _READY:
            py3langid.set_languages(list(LANGUAGES))
            _READY.add(True)
    return py3langid.rank(text)


_LOADING = threading.Lock()
_READY: set[bool] = set()
"""Whether the languages have been chosen, which the library remembers for the process."""


def warm_up() -> None:
    """Load what is needed, which takes about a second, before the first customer waits for it. For a thread of its own."""
    _ranked("where is my order")
