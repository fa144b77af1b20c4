"""HTML to Markdown: the main text of a whole page, or all of a fragment, without what nobody sees.

Knows nothing about fetching pages.
"""

import re
from typing import Any

from lxml import etree, html  # type: ignore[import-untyped]

from tandem.knowledge.reading import compose, hidden, mainpart
from tandem.knowledge.reading.compose import Block
from tandem.knowledge.reading.errors import Unreadable, UnsafeFile

Element = Any
"""An element of lxml's tree; lxml comes without types."""

BLOCKS = frozenset(
    re.findall(
        r"\S+",
        "address article aside blockquote body center details dd dialog div dl dt fieldset figcaption figure "
        "footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre search section "
        "summary table tbody td tfoot th thead tr ul caption",
    )
)
HEAD_TAGS = ("title", "meta", "link", "base", "style", "script", "noscript", "template")
HEADINGS = {f"h{level}": level for level in range(1, 7)}
CODES = ("code", "kbd", "samp", "tt")
MOST_SPAN = 50
"""Cells a hostile `colspan` or `rowspan` may stand for."""

MOST_CELLS = 200_000
WHOLE_PAGE = re.compile(r"<(?:!doctype|html|head|body)\b", re.I)
ALIEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TOO_DEEP = "This web page is nested deeper than any real page."
NOT_HTML = "This web page is damaged: no text could be found in it."


def read(text: str) -> tuple[str | None, str]:
    """The `<title>` and the Markdown of a page or fragment. Raises Unreadable when nothing parses."""
    root = _parse(text)
    named = root.find(".//title")
    title = "".join(named.itertext()) if named is not None else None
    _pull_out_of_head(root)
    hidden.drop(root)
    body = root.find("body")
    part = root if body is None else body
    if WHOLE_PAGE.search(text[:5000]):
        part = mainpart.of(part)
    return title, compose.join(_Page(part).blocks(part))


def fragment(text: str) -> str:
    """The Markdown of a piece of HTML, such as a table inside a Markdown file."""
    return read(f"<div>{text}</div>")[1]


def _parse(text: str) -> Element:
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root: Element | None = html.document_fromstring(ALIEN.sub(" ", text).encode(), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        raise Unreadable(NOT_HTML) from None
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise UnsafeFile(TOO_DEEP)  # the parser stops there: what follows would be lost without a word
    if root is None:
        raise Unreadable(NOT_HTML)
    return root


def _pull_out_of_head(root: Element) -> None:
    """Put what does not belong in a head into the body: the parser leaves `main` there when no `body` is written."""
    head = root.find("head")
    strays = [child for child in head if child.tag not in HEAD_TAGS] if head is not None else []
    if not strays:
        return
    body = root.find("body")
    if body is None:
        body = etree.SubElement(root, "body")
    strays[-1].tail = (strays[-1].tail or "") + (body.text or "")
    body.text = None
    for place, stray in enumerate(strays):
        body.insert(place, stray)


class _Page:
    """One walk over a tree; it remembers which elements hold blocks, so that the walk stays linear."""

    def __init__(self, root: Element) -> None:
        self.holders: set[Element] = set()
        for element in root.iter(*BLOCKS):
            above = element.getparent()
            while above is not None and above not in self.holders:
                self.holders.add(above)
                above = above.getparent()

    def blocks(self, element: Element) -> list[Block]:
        """The content of an element as blocks; loose words between blocks become paragraphs."""
        found: list[Block | None] = []
        run = [_words(element.text)]
        for child in element:
            if child.tag in BLOCKS or child in self.holders:
                found.append(compose.paragraph("".join(run)))
                found += self._block(child) if child.tag in BLOCKS else self.blocks(child)
                run = []
            else:
                run.append(self._inline(child))
            run.append(_words(child.tail))
        found.append(compose.paragraph("".join(run)))
        return [block for block in found if block]

    def _block(self, element: Element) -> list[Block | None]:
        tag = element.tag
        if tag in HEADINGS:
            return [compose.heading(HEADINGS[tag], self._text(element))]
        if tag in ("ul", "ol", "menu"):
            return [self._list(element)]
        if tag == "table":
            return self._table(element)
        if tag == "pre":
            return [compose.fence(_preformatted(element))]
        if tag == "blockquote":
            return [compose.quote(self.blocks(element))]
        if tag == "dl":
            return [self._definitions(element)]
        if tag == "li":
            return [compose.listing([self.blocks(element)])]
        return [*self.blocks(element)]

    def _list(self, element: Element) -> Block | None:
        """The items; a list placed directly in a list, as old editors do, belongs to the item before."""
        items: list[list[Block]] = []
        for child in element:
            inner = (
                [block for block in self._block(child) if block] if child.tag in ("ul", "ol") else self.blocks(child)
            )
            if child.tag in ("ul", "ol") and items:
                items[-1] += inner
            elif inner:
                items.append(inner)
        start = element.get("start", "1")
        numbered = element.tag == "ol"
        return compose.listing(
            items, start=(int(start) if start.isascii() and start.isdecimal() else 1) if numbered else None
        )

    def _definitions(self, element: Element) -> Block | None:
        """Terms and what they mean, as `term: meaning` items."""
        items: list[list[Block]] = []
        term = ""
        for part in element.iter("dt", "dd"):
            if part.tag == "dt":
                term = f"{term}, {self._text(part)}" if term else self._text(part)
                continue
            blocks = self.blocks(part)
            if blocks and term:
                blocks[0] = Block(f"{term.rstrip(':')}: {blocks[0].text}", blocks[0].tight)
            items.append(blocks)
            term = ""
        if term:
            items.append([Block(term)])
        return compose.listing(items)

    def _table(self, element: Element) -> list[Block | None]:
        """A pipe table, or the contents in order where the table only arranges things on the page."""
        rows = [row for row in element.iter("tr") if next(row.iterancestors("table"), None) is element]
        arranges = element.find(".//table") is not None or any(
            element.find(f".//{tag}") is not None for tag in HEADINGS
        )
        caption = element.find("caption")
        above = [compose.paragraph(self._text(caption))] if caption is not None else []
        if arranges or max((len(row) for row in rows), default=0) < 2:
            return [*above, *(block for row in rows for cell in row for block in self.blocks(cell))]
        return [*above, compose.table(self._grid(rows))]

    def _grid(self, rows: list[Element]) -> list[list[str]]:
        """The cells, with what spans several rows repeated in each, so that every row reads alone."""
        grid: list[list[str]] = []
        open_cells: dict[int, tuple[int, str]] = {}
        for row in rows:
            line: list[str] = []
            for cell in row.iterchildren("td", "th"):
                _take_open(open_cells, line)
                text = self._text(cell)
                for column in range(_span(cell, "colspan")):
                    if (down := _span(cell, "rowspan")) > 1:
                        open_cells[len(line)] = (down - 1, text if column == 0 else "")
                    line.append(text if column == 0 else "")
            _take_open(open_cells, line)
            grid.append(line)
            if sum(map(len, grid[-1:])) * len(grid) > MOST_CELLS:
                raise Unreadable("This web page holds a table too large to read.")
        return grid

    def _text(self, element: Element) -> str:
        """Everything in an element on one line, links kept."""
        run = [_words(element.text)]
        for child in element:
            run.append(" " if child.tag in BLOCKS else "")
            run.append(self._inline(child))
            run.append(" " if child.tag in BLOCKS else "")
            run.append(_words(child.tail))
        return " ".join("".join(run).split())

    def _inline(self, element: Element) -> str:
        tag = element.tag
        if tag == "br":
            return "\n"
        if tag in CODES:
            return compose.code("".join(element.itertext()))
        inner = _words(element.text) + "".join(self._inline(child) + _words(child.tail) for child in element)
        if tag == "a":
            lead, tail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
            return (lead and " ") + compose.link(inner, element.get("href") or "") + (tail and " ")
        return f" {inner} " if tag in BLOCKS else inner


def _words(text: str | None) -> str:
    """Text of the source: its line breaks are spaces."""
    return compose.literal(text).replace("\n", " ") if text else ""


def _preformatted(element: Element) -> str:
    for line_break in element.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "")
    return "".join(element.itertext())


def _span(cell: Element, name: str) -> int:
    said = cell.get(name, "1")
    return min(max(int(said), 1), MOST_SPAN) if said.isascii() and said.isdecimal() and len(said) < 6 else 1


def _take_open(open_cells: dict[int, tuple[int, str]], line: list[str]) -> None:
    """Put the cells that reach down from rows above where the line has come to."""
    while (here := open_cells.get(len(line))) is not None:
        column, (left, text) = len(line), here
        if left > 1:
            open_cells[column] = (left - 1, text)
        else:
            del open_cells[column]
        line.append(text)
