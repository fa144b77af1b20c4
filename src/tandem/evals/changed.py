"""The changed pairs: true sentences of articles, and each with one thing changed that makes it false.

    python -m tandem.evals.changed [--articles FOLDER] [--seed N] > pairs.jsonl
    tandem eval grounding pairs.jsonl

One row a line in the format of `tandem eval grounding`, with `kind` (`number`, `date`, `name`, `negation`, `condition`, `scope` for
the changed; `verbatim`, `paraphrase` for the true) and `pair`. The rules here know sentences, not the gate: nothing of it is
imported. They are blunt: about one changed sentence in fifty still says something that the passage says elsewhere.
"""

import argparse
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from tandem.embedding import tokens
from tandem.knowledge import passages

ARTICLES = Path(str(resources.files("tandem.demo"))) / "articles"
OF_EACH = 80
"""Pairs of each kind, at most."""

NUMBER = re.compile(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w-])")
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()
UNITS = ("minute", "hour", "day", "week", "month", "year")
DATED = re.compile(rf"\b(?:{'|'.join(DAYS)}|{'|'.join(MONTHS)}|\d{{1,2}}:\d\d)\b|\b(?P<unit>{'|'.join(UNITS)})(?=s?\b)")
NAMES = re.compile(r"(?<=[a-z,] )(?:\*\*)?([A-Z][A-Za-z]{2,})(?:\*\*)?(?=[\s,.;)])")
OTHERS = "Klarna Belgium Vodafone Brescia Monument Zurich Larkspur Fenwick Portugal Discover Hermes Tamworth".split()

Change = Callable[[str, random.Random, str], str | None]


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence in its passage."""

    heading: str
    passage: str
    sentence: str


def places(folder: Path) -> Iterator[Place]:
    """Every sentence worth changing, in order."""
    for path in sorted(folder.glob("*.md")):
        _, head, body = path.read_text().split("---\n", 2)
        title = next(line.split(":", 1)[1].strip() for line in head.splitlines() if line.startswith("title:"))
        for passage in passages.split(body.strip(), title=title, count_tokens=tokens.count):
            for start, end in passages.sentences(passage.text):
                sentence = re.sub(r"^(?:[-*]|\d+\.)\s+", "", passage.text[start:end].strip())
                if (
                    6 <= len(sentence.split()) <= 40
                    and sentence[0].isupper()
                    and sentence[-1] == "."
                    and "|" not in sentence
                ):
                    yield Place(passage.heading, passage.text, sentence)


def number(sentence: str, rng: random.Random, passage: str) -> str | None:
    """One number becomes another: half of the time one that stands elsewhere in the passage."""
    found = list(NUMBER.finditer(sentence))
    if not found:
        return None
    match = rng.choice(found)
    elsewhere = sorted(set(NUMBER.findall(passage)) - set(NUMBER.findall(sentence)))
    plain = match[0].replace(",", ".")
    other = str(round(float(plain) * rng.choice((0.5, 1.5, 2, 3))) + 1) if plain.count(".") <= 1 else "7"
    if elsewhere and rng.random() < 0.5:
        other = rng.choice(elsewhere)
    return _put(sentence, match.span(), other) if other != match[0] else None


def date(sentence: str, rng: random.Random, passage: str) -> str | None:
    """Another weekday, month, time of day or unit of time."""
    found = list(DATED.finditer(sentence))
    if not found:
        return None
    match = rng.choice(found)
    word = match[0]
    if ":" in word:
        hour, minute = word.split(":")
        other = f"{(int(hour) + rng.choice((1, 2, 3))) % 24}:{minute}"
    else:
        family = next(f for f in (DAYS, MONTHS, UNITS) if word in f)
        other = rng.choice([w for w in family if w != word])
    return _put(sentence, match.span(), other)


def name(sentence: str, rng: random.Random, passage: str) -> str | None:
    """Another name in a name's place."""
    found = [m for m in NAMES.finditer(sentence) if m[1] not in (*DAYS, *MONTHS, "Acme", "Outdoor")]
    if not found:
        return None
    match = rng.choice(found)
    return _put(sentence, match.span(1), rng.choice([w for w in OTHERS if w not in passage]))


Rule = tuple[str, str | Callable[[re.Match[str]], str]]
"""What is looked for, and what is put there."""

DENIALS: tuple[Rule, ...] = (
    (r"\bcannot\b", "can"),
    (r"\bcan no longer\b", "can still"),
    (r"\b(do|does|is|are|was|has|have|will|must|may) not\b", r"\1"),
    (r"\bnever\b", "always"),
    (r"\bwithout\b", "with"),
    (r"\bThere is no\b", "There is a"),
    (r"\bno\b(?!\")", "a"),
)
STATEMENTS: tuple[Rule, ...] = (
    (r"\bcan\b", "cannot"),
    (r"\b(is|are|was|will|must|may)\b", r"\1 not"),
    (r"\b(You|We|they) (get|pay|need|send|refund|keep|answer|accept|offer|charge)\b", r"\1 do not \2"),
)
CONDITIONS: tuple[Rule, ...] = (
    (
        r"(?<!even)(?<!at)(?<!and)(?<!or),? (?:unless|except|if|when|provided|as long as|only if|only when) [^,;.:]{12,}"
        r"(?=[.;]|, (?:and|but))",
        "",
    ),
    (r"^(?:If|When|Once|Unless) [^,;]+, (?!and |or |but |then )(\w)(?=[^,]*\.$)", lambda m: m[1].upper()),
    (r"\bunless\b", "if"),
    (r"\bexcept\b", "including"),
    (r"\bbefore\b", "after"),
    (r"\bafter\b", "before"),
    (r"\buntil\b", "after"),
    (r"\bwithout\b", "with"),
)
SCOPES: tuple[Rule, ...] = (
    (r"\b[Oo]nly ", ""),
    (r"\ball\b", "some"),
    (r"\bAll\b", "Some"),
    (r"\b(?:every|each)\b(?! one)", "some"),
    (r"\b[Mm]ost\b", "all"),
    (r"\bup to\b(?= \d)", "at least"),
    (r"\bat least\b(?= \d)", "at most"),
    (r"\bwithin\b", "after"),
    (r"\bsome\b", "all"),
    (r"\bmay\b", "must"),
    (r"\busually\b", "always"),
    (r"\boften\b", "always"),
    (r"\bmust\b", "may"),
    (r"^Members\b", "All customers"),
    (r"^(?=[A-Z][a-z]+s (?:are|can|cannot)\b)(\w)", lambda m: f"All {m[1].lower()}"),
    (r"\b[Uu]n(?:used|worn|opened|damaged) (?!and\b)(?=[a-z])", ""),
    (r"\bfrom (?=[€£$\d])", "up to "),
    (r"\bYou can (?=\w+ )", "You can only "),
    (r"\bup to (?=\d)", ""),
    (r"\bat least (?=\d)", ""),
)


def negation(sentence: str, rng: random.Random, passage: str) -> str | None:
    """A "not" dropped or put in."""
    return _first(sentence, (*DENIALS, *STATEMENTS))


def condition(sentence: str, rng: random.Random, passage: str) -> str | None:
    """A condition dropped, or turned round."""
    changed = _first(sentence, rng.sample(CONDITIONS, len(CONDITIONS)))
    return changed if changed and len(changed.split()) >= 4 else None


def scope(sentence: str, rng: random.Random, passage: str) -> str | None:
    """More or fewer than it was said of, or another limit."""
    changed = _first(sentence, rng.sample(SCOPES, len(SCOPES)))
    return changed[0].upper() + changed[1:] if changed else None


def _first(sentence: str, rules: Sequence[Rule]) -> str | None:
    for old, new in rules:
        if re.search(old, sentence):
            return re.sub(old, new, sentence, count=1)
    return None


CHANGES: dict[str, Change] = {
    "number": number, "date": date, "name": name, "negation": negation, "condition": condition, "scope": scope,
}  # fmt: skip

_ALONE = r"(?<![\w.,:€£$-])"
WORDINGS: tuple[Rule, ...] = (
    (r"\bcannot\b", "can't"),
    (r"\bdo not\b", "don't"),
    (r"\bis not\b", "isn't"),
    (r"\bare not\b", "aren't"),
    (r"\bdoes not\b", "doesn't"),
    (r"\be-mail\b", "email"),
    (r"\bchoose\b", "select"),
    (r"\breceive\b", "get"),
    (r"\bparcel\b", "package"),
    (r"\bbought\b", "purchased"),
    (r"\bYou can\b", "You are able to"),
    (r"\bmust\b", "need to"),
    (r"\bas soon as\b", "once"),
    (r"\bbegins\b", "starts"),
    (r"\bat once\b", "immediately"),
    (rf"{_ALONE}2(?= [a-z])", "two"),
    (rf"{_ALONE}3(?= [a-z])", "three"),
    (rf"{_ALONE}5(?= [a-z])", "five"),
    (rf"{_ALONE}10(?= [a-z])", "ten"),
    (r"\bcosts\b", "is priced at"),
    (r"\bsend it\b", "ship it"),
    (r"\bshop\b", "store"),
    (r"\bneed\b", "require"),
    (r"\bhelp\b", "assist"),
    (r"\bphone\b", "telephone"),
    (r"\bsimply \b", ""),
    (r"\bPlease (\w)", lambda m: m[1].upper()),
    (r"\bper\b", "a"),
    (r"\byour\b", "the"),
)
FRONTED = re.compile(r"^(If|When|Once|Before|After|Until) ([^,;]+), ([^,;]+)\.$")


def paraphrase(sentence: str, rng: random.Random) -> str | None:
    """The same said with one to three other words, or with its halves exchanged, sometimes after a courtesy."""
    said = sentence.replace("**", "")
    if match := FRONTED.match(said):
        mark, first, second = match.groups()
        said = f"{second[0].upper()}{second[1:]} {mark.lower()} {first}."
    usable = [each for each in WORDINGS if re.search(each[0], said)]
    for old, new in rng.sample(usable, min(len(usable), rng.choice((1, 2, 3)))):
        said = re.sub(old, new, said, count=1)
    if rng.random() < 0.3 and said.split()[0] in ("You", "The", "If", "Your", "There", "It", "An", "A", "Members"):
        said = f"Yes, {said[0].lower()}{said[1:]}"
    return said if said != sentence else None


def _put(sentence: str, span: tuple[int, int], other: str) -> str:
    return sentence[: span[0]] + other + sentence[span[1] :]


def rows(folder: Path, seed: int) -> Iterator[dict[str, Any]]:
    """The pairs, kind by kind; a sentence serves one kind once."""
    rng = random.Random(seed)  # noqa: S311 (no secret: the same seed writes the same pairs)
    known = list(places(folder))
    for kind, change in CHANGES.items():
        rng.shuffle(known)
        count = 0
        for place in known:
            changed = change(place.sentence, rng, place.passage)
            if changed is None or changed == place.sentence:
                continue
            count += 1
            pair = f"{kind}-{count:03}"
            shared = {"passages": [f"{place.heading}\n\n{place.passage}"], "pair": pair}
            yield {"id": f"{pair}-changed", "answer": changed, "supported": False, "kind": kind, **shared}
            other = paraphrase(place.sentence, rng) if rng.random() < 0.6 else None
            true = (other, "paraphrase") if other else (place.sentence, "verbatim")
            yield {"id": f"{pair}-true", "answer": true[0], "supported": True, "kind": true[1], **shared}
            if count == OF_EACH:
                break


def main() -> None:
    """Print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=Path, default=ARTICLES)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    for row in rows(asked.articles, asked.seed):
        print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
