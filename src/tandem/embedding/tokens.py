"""MiniLM's tokens: how a text is cut into them, and how many it has."""

import functools

from tokenizers import Tokenizer

from tandem.embedding import weights


@functools.cache
def tokenizer() -> Tokenizer:
    """The published tokenizer, without its own cutting and padding."""
    loaded = Tokenizer.from_str(weights.content("tokenizer.json").decode())
    loaded.no_truncation()
    loaded.no_padding()
    return loaded


def encode(text: str, longest: int) -> list[int]:
    """The token ids with the two that frame them, cut to `longest`; the closing one is kept."""
    ids: list[int] = tokenizer().encode(text).ids
    return ids if len(ids) <= longest else [*ids[: longest - 1], ids[-1]]


def encode_with_places(text: str, longest: int) -> tuple[list[int], list[tuple[int, int]]]:
    """The token ids as `encode` gives them, and where in the text each stands; the two that frame it stand nowhere: (0, 0)."""
    found = tokenizer().encode(text)
    ids: list[int] = found.ids
    places: list[tuple[int, int]] = found.offsets
    if len(ids) > longest:
        return [*ids[: longest - 1], ids[-1]], [*places[: longest - 1], places[-1]]
    return ids, places


@functools.cache
def words() -> frozenset[str]:
    """The words that the model knows whole: what it does not know may be mistyped."""
    return frozenset(word for word in tokenizer().get_vocab() if word.isalpha() and len(word) > 2)


def count(text: str) -> int:
    """How many tokens the text has, without the two that frame it."""
    return len(tokenizer().encode(text, add_special_tokens=False).ids)
