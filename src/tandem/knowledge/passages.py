"""A document's body cut into passages: what is searched, shown and cited.

A passage is a stretch of the body, character for character. Cuts follow the document: at headings
first, then around lists and tables, then between paragraphs, and inside one only between sentences.
Knows nothing about embeddings; whoever calls brings the way to count tokens.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tandem.knowledge import blocks
from tandem.knowledge.blocks import Block, Kind
from tandem.knowledge.sentences import cuts, sentences

__all__ = ["Passage", "sentences", "split"]

MAX_TOKENS = 220
"""The shipped embedding model reads 256 tokens; the difference is room for the heading path."""

DIVIDING_LEVEL = 3
"""Headings up to this level begin a passage of their own."""

TINY_SHARE = 0.2
"""A section below this share of a passage says too little alone and joins its neighbour."""

PATH_SEPARATOR = " › "
WORD = re.compile(r"\S+")
LONGEST_WORD = 200
"""Characters; longer runs without a space (keys, base64, scripts without spaces) may be cut."""

Count = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Passage:
    """`body[start:end] == text`. `heading` is the path to it: `Title › Section › Sub`."""

    ordinal: int
    heading: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch that stays together, what it costs, and whether what follows it belongs to it."""

    start: int
    end: int
    tokens: int
    leads: bool = False


@dataclass(frozen=True, slots=True)
class _Section:
    """What stands under one heading: its path of headings below the title, and its blocks."""

    path: tuple[str, ...]
    blocks: tuple[Block, ...]
    tokens: int

    @property
    def is_bare(self) -> bool:
        """Nothing but the heading itself."""
        return all(block.kind is Kind.HEADING for block in self.blocks)


def split(body: str, *, title: str, count_tokens: Count, max_tokens: int = MAX_TOKENS) -> list[Passage]:
    """Cut a body into passages of at most `max_tokens`, in order, without overlap, losing no word.

    `count_tokens` is trusted to be additive over white space (word pieces are); only a single word of
    many tokens that cannot be cut further may exceed the limit.
    """
    count = _counted_once(count_tokens)
    sections = _sections(body, title, count)
    found: list[Passage] = []
    for group in _grouped(sections, max_tokens):
        heading = PATH_SEPARATOR.join([title, *_common_path(group)] if title else _common_path(group))
        pieces = [piece for section in group for piece in _pieces(body, section, count, max_tokens)]
        for start, end in _packed(pieces, max_tokens):
            found.append(Passage(len(found), heading, body[start:end], start, end))
    return found


def _counted_once(count_tokens: Count) -> Count:
    """The same count; a paragraph is asked for as part of its section and again by itself, and counting is most of the work."""
    known: dict[str, int] = {}

    def count(text: str) -> int:
        found = known.get(text)
        if found is None:
            found = known[text] = count_tokens(text)
        return found

    return count


def _sections(body: str, title: str, count: Count) -> list[_Section]:
    """The body under its headings, in order; the first has no heading when text comes first."""
    sections: list[_Section] = []
    path: list[tuple[int, str]] = []
    held: list[Block] = []

    def close() -> None:
        if held:
            names = tuple(name for _, name in path if name.casefold() != title.casefold())
            tokens = sum(count(body[block.start : block.end]) for block in held)
            sections.append(_Section(names, tuple(held), tokens))
            held.clear()

    for block in blocks.parse(body):
        if block.kind is Kind.HEADING and block.level <= DIVIDING_LEVEL:
            close()
            path = [step for step in path if step[0] < block.level]
            path.append((block.level, body[block.inner : block.end]))
        held.append(block)
    close()
    return sections


def _grouped(sections: Sequence[_Section], max_tokens: int) -> Iterator[list[_Section]]:
    """Neighbouring sections together where one of them is tiny or a bare heading, the others alone."""
    group: list[_Section] = []
    size = 0
    for section in sections:
        if group and not _joins(group, size, section, max_tokens):
            yield group
            group, size = [], 0
        group.append(section)
        size += section.tokens
    if group:
        yield group


def _joins(group: Sequence[_Section], size: int, section: _Section, max_tokens: int) -> bool:
    """Whether a section goes with the group before it."""
    last = group[-1]
    is_below = section.path[: len(last.path)] == last.path
    if all(held.is_bare for held in group) and is_below:
        return True  # a heading alone is nothing: it opens the first section below it
    tiny = TINY_SHARE * max_tokens
    are_kin = is_below or section.path[:-1] == last.path[:-1]
    return are_kin and size + section.tokens <= max_tokens and (size < tiny or section.tokens < tiny)


def _common_path(group: Sequence[_Section]) -> list[str]:
    """The headings that all sections with text share."""
    paths = [section.path for section in group if not section.is_bare] or [group[-1].path]
    shared: list[str] = []
    for steps in zip(*paths, strict=False):
        if len(set(steps)) > 1:
            break
        shared.append(steps[0])
    return shared


def _pieces(body: str, section: _Section, count: Count, most: int) -> Iterator[_Piece]:
    """Headings, paragraphs, whole lists and whole tables; what is too long in its natural parts."""
    for run in _runs(section.blocks):
        start, end = run[0].start, run[-1].end
        whole = count(body[start:end])
        if whole <= most:
            yield _Piece(start, end, whole, _leads(body, run))
        elif len(run) > 1:
            for block in run:
                yield from _parts(body, block, count, most)
        else:
            yield from _parts(body, run[0], count, most)


def _runs(held: Iterable[Block]) -> Iterator[list[Block]]:
    """Items of one list and rows of one table together, every other block alone."""
    run: list[Block] = []
    for block in held:
        goes_on = run and not block.fresh and block.kind in (Kind.ITEM, Kind.ROW)
        if run and not goes_on:
            yield run
            run = []
        run.append(block)
    if run:
        yield run


def _leads(body: str, run: Sequence[Block]) -> bool:
    """A heading, or a paragraph such as "You need:", belongs to what follows."""
    return run[-1].kind is Kind.HEADING or (run[-1].kind is Kind.PARAGRAPH and body[run[-1].end - 1] in ":：")


def _parts(body: str, block: Block, count: Count, most: int) -> Iterator[_Piece]:
    """A block at its sentences (code at its lines), a sentence too long at its words."""
    stops = _line_ends(body, block) if block.kind is Kind.CODE else cuts(body, block.start, block.end)
    start = block.start
    for stop in [*stops, block.end]:
        start = _skip_space(body, start, stop)
        if start == stop:
            continue
        end = start + len(body[start:stop].rstrip())
        tokens = count(body[start:end])
        if tokens <= most:
            yield _Piece(start, end, tokens)
        else:
            yield from _words(body, start, end, count, most)
        start = stop


def _words(body: str, start: int, stop: int, count: Count, most: int) -> Iterator[_Piece]:
    """A run too long for a passage, at its spaces, and at any character where there are none."""
    for word in WORD.finditer(body, start, stop):
        for at in range(word.start(), word.end(), LONGEST_WORD):
            end = min(at + LONGEST_WORD, word.end())
            tokens = count(body[at:end])
            if tokens <= most:
                yield _Piece(at, end, tokens)
            else:
                yield from _halves(body, at, end, count, most)


def _halves(body: str, start: int, end: int, count: Count, most: int) -> Iterator[_Piece]:
    tokens = count(body[start:end])
    if tokens <= most or end - start < 2:
        yield _Piece(start, end, tokens)
        return
    middle = (start + end) // 2
    yield from _halves(body, start, middle, count, most)
    yield from _halves(body, middle, end, count, most)


def _packed(pieces: Iterable[_Piece], most: int) -> Iterator[tuple[int, int]]:
    """Fill passages with pieces in order; what leads goes along with what it leads to."""
    held: list[_Piece] = []
    for piece in pieces:
        if held and sum(kept.tokens for kept in held) + piece.tokens > most:
            carried = _leaders(held, most - piece.tokens)
            kept = held[: len(held) - len(carried)]
            if kept:
                yield kept[0].start, kept[-1].end
            held = carried
        held.append(piece)
    if held:
        yield held[0].start, held[-1].end


def _leaders(held: Sequence[_Piece], room: int) -> list[_Piece]:
    """The pieces at the end that lead to the next one and still fit before it."""
    carried: list[_Piece] = []
    for piece in reversed(held):
        room -= piece.tokens
        if not piece.leads or room < 0:
            break
        carried.insert(0, piece)
    return carried


def _line_ends(body: str, block: Block) -> list[int]:
    return [at for at in range(block.start, block.end) if body[at] == "\n"]


def _skip_space(body: str, start: int, stop: int) -> int:
    while start < stop and body[start].isspace():
        start += 1
    return start
