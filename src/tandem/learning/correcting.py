"""Drafting a correction from the record, without a model: what was said and when, and what the article says now.

The words of the article are the article's; the words around them are fixed. An agent may word all of it anew.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tandem.embedding import Embedder
from tandem.learning import wording
from tandem.tickets import tickets

QUOTE_CHARS = 400
"""Of one sentence; a longer one is cut at a word."""

LOOKED_AT = 24
"""Sentences of the article, those that share most words with what was said, that are compared by meaning."""

ALIKE = 0.45
"""Cosine plus WORDS times the shared words, from which a sentence counts as what the article says now instead."""

WORDS = 0.3

MARKS = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)|(\*\*|__|`)|^\s*(?:[-*•]|#+)\s+", re.MULTILINE)
"""Markdown that means nothing in a message: addresses behind links, emphasis, bullets."""

PERSON_HINT = "If this changes anything for you, just answer here and a person will look at it with you."


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of the version that answers now."""

    id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """A document as it answers now. `version` is None, and `body` empty, when nothing of it does."""

    id: UUID
    title: str
    version: int | None
    body: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """A stretch of a version that answers rest on."""

    version: int
    text: str


@dataclass(frozen=True, slots=True)
class Instead:
    """A sentence that was quoted, and the one that stands nearest to it now; None where nothing does."""

    said: str
    now: str | None = None
    passage_id: UUID | None = None


async def instead(
    quotes: Sequence[Quote], article: Article, before: Mapping[int, str], embedder: Embedder
) -> dict[Quote, tuple[Instead, ...]]:
    """For each quotation, what became of its sentences that no longer stand in the article; none for one that stands.

    `before` holds the bodies of the versions quoted: what stood there already is not what the article says instead.
    """
    gone = {quote: wording.lost(quote.text, article.body, before.get(quote.version)) for quote in quotes}
    wanted = tuple(dict.fromkeys((quote.version, s) for quote, sentences in gone.items() for s in sentences))
    old = {version: wording.plain(body) for version, body in before.items()}
    chosen = [(sentence, _candidates(sentence, article, old.get(version, ""))) for version, sentence in wanted]
    found = dict(zip(wanted, await _nearest(chosen, embedder), strict=True))
    return {quote: tuple(found[quote.version, s] for s in sentences) for quote, sentences in gone.items()}


def _candidates(sentence: str, article: Article, old: str) -> list[tuple[str, UUID]]:
    there = [(s, passage.id) for passage in article.passages for s in wording.statements(passage.text)]
    new = [each for each in there if wording.plain(each[0]) not in old]
    return sorted(new, key=lambda each: -wording.shared(sentence, each[0]))[:LOOKED_AT]


async def _nearest(chosen: Sequence[tuple[str, list[tuple[str, UUID]]]], embedder: Embedder) -> list[Instead]:
    texts = tuple(
        dict.fromkeys(text for sentence, there in chosen if there for text in (sentence, *(s for s, _ in there)))
    )
    vectors = dict(zip(texts, await embedder.embed_passages(texts), strict=True))
    nearest = []
    for sentence, there in chosen:
        scored = [
            (float(vectors[sentence] @ vectors[s]) + WORDS * wording.shared(sentence, s), s, id) for s, id in there
        ]
        score, text, passage_id = max(scored, default=(0.0, "", None), key=lambda each: each[0])
        nearest.append(Instead(sentence, text, passage_id) if score >= ALIKE else Instead(sentence))
    return nearest


def draft(said_at: datetime, said: str, quotes: Sequence[str], changed: Sequence[Instead], article: Article) -> str:
    """The correction of one answer. `quotes` is what it rested on, `changed` what became of the sentences that are gone."""
    day = f"{said_at.day} {said_at:%B %Y}"
    if not changed:
        told = _told(said, quotes)
        return (
            f"On {day} our assistant told you: {told}\n\nWe have since found that this is not right, and we are sorry. "
            f"Please do not rely on it. {PERSON_HINT}"
        )
    told = _told(said, [each.said for each in changed])
    now = [each.now for each in changed if each.now]
    if now:
        article_says = f"Our article “{article.title}” now says: {_quoted(now)}"
    else:
        article_says = "Our help articles say nothing about this any more, so please do not rely on it."
    return (
        f"On {day} our assistant told you: {told}\n\nThat is not right any more. {article_says}\n\n"
        f"We are sorry for the mix-up. {PERSON_HINT}"
    )


def _told(said: str, sentences: Sequence[str]) -> str:
    """The sentences where the answer gave them word for word; else the answer itself, which rested on them."""
    plain = wording.plain(said)
    if all(wording.plain(sentence) in plain for sentence in sentences):
        return _quoted(sentences)
    return _quoted([said])


def _quoted(sentences: Sequence[str]) -> str:
    return " ".join(f"“{shortened(sentence)}”" for sentence in dict.fromkeys(sentences))


def shortened(sentence: str) -> str:
    """On one line, without Markdown's marks, and no longer than can be read."""
    return tickets.shortened(MARKS.sub(r"\1", sentence), QUOTE_CHARS)
