"""How the readers write Markdown: one place that knows the marks, so that every format reads alike.

Text that would by accident be a mark (a tag, a heading, a fence, a link) is written so that it is none.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

INDENT = "    "
"""Four spaces nest under both `- ` and `10. `."""

TAG_LIKE = re.compile(r"<(?=[A-Za-z/!?])")
ENTITY_LIKE = re.compile(r"&(?=#?[A-Za-z0-9]{1,31};)")
MARK_AT_START = re.compile(r"^(?=[ ]{0,3}(?:#{1,6}(?:\s|$)|```|~~~|={3,}[ ]*$|-{3,}[ ]*$))", re.M)
BULLET_GLYPH = re.compile(r"^[ ]*[•◦▪●‣∙·○■□–\uf0b7\uf0a7][ \t]+(?=\S)", re.M)
SPACES = re.compile(r"[ \t\r\f\v\u00a0]+")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of Markdown that stands on lines of its own; `tight` blocks nest in a list item directly."""

    text: str
    tight: bool = False


def literal(text: str) -> str:
    """Words of the document, such that no HTML tag and no link can arise from them."""
    return literal_signs(text).replace("](", "] (")


def literal_signs(text: str) -> str:
    """Less-than and ampersand signs, where a tag or an entity would come of them, as entities."""
    return TAG_LIKE.sub("&lt;", ENTITY_LIKE.sub("&amp;", text))


def paragraph(text: str) -> Block | None:
    """Inline Markdown as a paragraph, its line breaks kept, its spaces squeezed; None when it is empty."""
    lines = [SPACES.sub(" ", line).strip() for line in text.split("\n")]
    kept = "\n".join(line for line in lines if line)
    kept = BULLET_GLYPH.sub("- ", MARK_AT_START.sub(r"\\", kept))
    return Block(kept) if kept else None


def heading(level: int, text: str) -> Block | None:
    """A heading line of level 1 to 6."""
    words = " ".join(text.split())
    return Block(f"{'#' * min(max(level, 1), 6)} {words}") if words else None


def link(text: str, url: str) -> str:
    """A link where the address is http or https; for mail and telephone the address in brackets."""
    words, address = " ".join(text.split()), url.strip()
    scheme, _, rest = address.partition(":")
    if scheme.lower() in ("mailto", "tel"):
        plain = rest.partition("?")[0]
        return words if not plain or plain in words or not words.isprintable() else f"{words} ({plain})".strip()
    if not words or not _is_web(address):
        return words
    safe = address.replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(">", "%3E")
    return words if words == address else f"[{words.replace('[', '(').replace(']', ')')}]({safe})"


def _is_web(address: str) -> bool:
    """Whether the address is an absolute http(s) one with a host and without spaces in it."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", address)


def code(text: str) -> str:
    """Inline code; a backtick inside would end it, so such text stays plain."""
    words = " ".join(text.split())
    return f"`{words}`" if words and "`" not in words else literal(words)


def fence(text: str) -> Block | None:
    """A code block, lines as they are."""
    body = text.strip("\n").replace("```", "'''")
    return Block(f"```\n{body}\n```") if body.strip() else None


def quote(blocks: Iterable[Block]) -> Block | None:
    """A quotation: every line marked."""
    text = join(blocks)
    return Block("\n".join(f"> {line}".rstrip() for line in text.split("\n"))) if text else None


def listing(items: Iterable[Sequence[Block]], *, start: int | None = None) -> Block | None:
    """A list, numbered from `start` or with bullets; each item is the blocks it holds."""
    lines, number = [], start
    for blocks in items:
        if not blocks:
            continue
        mark = "- " if number is None else f"{number}. "
        lines.append(mark + _indented(blocks))
        number = None if number is None else number + 1
    return Block("\n".join(lines), tight=True) if lines else None


def _indented(blocks: Sequence[Block]) -> str:
    text = blocks[0].text
    for block in blocks[1:]:
        text += ("\n" if block.tight else "\n\n") + block.text
    return text.replace("\n", "\n" + INDENT).replace(f"\n{INDENT}\n", "\n\n")


def table(rows: Sequence[Sequence[str]]) -> Block | None:
    """A pipe table; the first row is its head. Cells are inline Markdown."""
    width = max((len(row) for row in rows), default=0)
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if not filled:
        return None
    lines = [_row([*row, *[""] * (width - len(row))]) for row in filled]
    return Block("\n".join([lines[0], "|" + " --- |" * width, *lines[1:]]))


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("\\|", "|").replace("|", "\\|") for cell in cells) + " |"


def join(blocks: Iterable[Block]) -> str:
    """The blocks one below the other with a blank line between."""
    return "\n\n".join(block.text for block in blocks)
