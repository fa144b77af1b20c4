"""The customer's own name and address, where their record knows them. Nobody else's is looked for: no form tells a name."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from tandem.personal.kinds import Found, Kind

SHORTEST = 2
"""Letters of a name that is looked for."""

WORDS = frozenset(
    "will may mark grace hope rose faith joy bill rich art ray dawn june april august summer sunny art guy an do so in my long young".split()
)
"""Names that are words too: at the beginning of a sentence they are left."""

LEAST_LINE = 6
"""Characters of a line of an address that is looked for by itself; it has to hold a number too."""


def people(text: str, names: Iterable[str]) -> Iterator[Found]:
    """A whole name in any case, and its parts where they are written as names: “will” is a word, “Will” may be one."""
    for name in names:
        whole, parts = _patterns(name.strip())
        for match in whole.finditer(text) if whole else ():
            yield Found(*match.span(), Kind.NAME)
        for match in parts.finditer(text) if parts else ():
            if match[0].lower() not in WORDS or not _begins_sentence(text, match.start()):
                yield Found(*match.span(), Kind.NAME)


def places(text: str, addresses: Iterable[str]) -> Iterator[Found]:
    """A whole address however its lines are broken, and those of its lines that hold a number."""
    for address in addresses:
        for pattern in _lines(address.strip()):
            for match in pattern.finditer(text):
                yield Found(*match.span(), Kind.ADDRESS)


@lru_cache(maxsize=1024)
def _patterns(name: str) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    if len(name) < SHORTEST:
        return None, None
    whole = _spaced(name)
    parts = [part for part in name.split() if len(part) >= SHORTEST and part[0].isupper()]
    return whole, re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, parts))})(?!\w)") if parts else None


@lru_cache(maxsize=1024)
def _lines(address: str) -> tuple[re.Pattern[str], ...]:
    if len(address) < LEAST_LINE:
        return ()
    lines = [line.strip() for line in re.split(r"[,;\n]", address)]
    kept = [line for line in lines if len(line) >= LEAST_LINE and any(character.isdigit() for character in line)]
    return tuple(_spaced(each) for each in (address, *kept))


def _spaced(text: str) -> re.Pattern[str]:
    """The words in any case, with any spaces and commas between them."""
    words = [re.escape(word) for word in re.split(r"[\s,;]+", text) if word]
    between = r"[\s,;]+"
    return re.compile(rf"(?<!\w){between.join(words)}(?!\w)", re.IGNORECASE)


def _begins_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip(" \"'“„(")
    return not before or before[-1] in ".!?\n:"
