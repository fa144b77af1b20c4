"""Word documents (.docx) to Markdown: headings by style, lists by numbering, tables, links.

Reads the XML tree that python-docx opens rather than its paragraphs, because those leave out inserted
text, content controls and text boxes. Deleted, hidden and struck-out runs are dropped; page headers,
footers and comments are not part of the text. Knows nothing about archives' safety: `archive` does.
"""

import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

import docx
from docx.document import Document
from docx.exceptions import PythonDocxError
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from lxml import etree  # type: ignore[import-untyped]

from tandem.knowledge.reading import archive, compose
from tandem.knowledge.reading.compose import Block
from tandem.knowledge.reading.errors import Unreadable

DAMAGED = "This Word document is damaged: its text cannot be opened."
BODY_LEVEL = 9
"""Outline level 9 means body text in WordprocessingML (section 17.3.1.20); 0 to 8 are headings."""

TINY_HALF_POINTS = 4
"""Letters of 2 points or less are not meant for readers."""

DEEPEST_STYLE = 12
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
PARAGRAPH, TABLE, CONTROL = qn("w:p"), qn("w:tbl"), qn("w:sdt")
SKIPPED = {qn("w:del"), qn("w:moveFrom"), qn("w:pPr"), FALLBACK, qn("w:rPr"), qn("w:txbxContent")}
VALUE = qn("w:val")
DAMAGES = (
    *(OpcError, PythonDocxError, etree.XMLSyntaxError, BadZipFile, zlib.error, EOFError, OSError),
    *(LookupError, ValueError, AttributeError, TypeError, NotImplementedError, OverflowError),
)
"""What python-docx, zipfile and our own walk trip over when parts are missing, cut off or contradictory."""

Xml = Any
"""Elements of python-docx's tree; lxml's types do not reach there."""


def read(data: bytes) -> tuple[str | None, str]:
    """The title among the properties and the Markdown. Raises Unreadable or UnsafeFile."""
    archive.check(data)
    try:
        document = docx.Document(BytesIO(data))
        blocks = _Reading(document).blocks(document.element.body)
    except DAMAGES:
        raise Unreadable(DAMAGED) from None
    return _title(document), compose.join(blocks)


def _title(document: Document) -> str | None:
    try:
        return document.core_properties.title or None
    except (OpcError, ValueError, KeyError, AttributeError):
        return None


class _Reading:
    """One document being read; it remembers styles, numbering and the counters of lists."""

    def __init__(self, document: Document) -> None:
        self.links = {key: rel.target_ref for key, rel in document.part.rels.items() if rel.is_external}
        self.styles = {style.get(qn("w:styleId")): style for style in document.styles.element.iter(qn("w:style"))}
        self.formats = _number_formats(document)
        self.titled = any(self._style_name(p) == "title" for p in document.element.body.iter(PARAGRAPH))
        self.counters: dict[tuple[str, int], int] = {}

    def blocks(self, parent: Xml) -> list[Block]:
        """The block content of a body, cell or text box. List items in a row become one block."""
        found: list[Block] = []
        items: list[str] = []
        for element in _content(parent):
            item = self._item(element) if element.tag == PARAGRAPH else None
            if item is not None:
                items.append(item)
                continue
            block = self._table(element) if element.tag == TABLE else self._paragraph(element)
            if block is None:
                continue
            found += [Block("\n".join(items))] if items else []
            items = []
            found.append(block)
        found += [Block("\n".join(items))] if items else []
        return _joined_code(found)

    def _paragraph(self, element: Xml) -> Block | None:
        text = self._text(element)
        if level := self._heading_level(element):
            return compose.heading(level, text)
        style = self._style_name(element)
        if "code" in style or "preformatted" in style or style == "macro text":
            return compose.fence("".join(node.text or "\n" for node in element.iter(qn("w:t"), qn("w:br"))))
        block = compose.paragraph(text)
        return compose.quote([block]) if block and style in ("quote", "intense quote") else block

    def _item(self, element: Xml) -> str | None:
        """A paragraph with numbering as a list item, or None for any other paragraph."""
        number, level = self._numbering(element)
        if not number or self._heading_level(element):
            return None
        text = " ".join(self._text(element).split())
        if not text:
            return None
        format = self.formats.get((number, level), "bullet")
        if format in ("bullet", "none"):
            return f"{compose.INDENT * level}- {text}"
        for deeper in [key for key in self.counters if key[0] == number and key[1] > level]:
            del self.counters[deeper]
        count = self.counters[number, level] = self.counters.get((number, level), 0) + 1
        return f"{compose.INDENT * level}{count}. {text}"

    def _numbering(self, element: Xml) -> tuple[str, int]:
        """The list a paragraph belongs to (empty for none) and its depth, from itself or its style."""
        for source in [element.find(qn("w:pPr")), *self._style_properties(element)]:
            mark = source.find(qn("w:numPr")) if source is not None else None
            if mark is None:
                continue
            number, level = mark.find(qn("w:numId")), mark.find(qn("w:ilvl"))
            depth = int(level.get(VALUE)) if level is not None else 0
            return ("" if number is None or number.get(VALUE) == "0" else number.get(VALUE)), min(depth, 8)
        return "", 0

    def _heading_level(self, element: Xml) -> int:
        """1 to 6 for a heading, 0 for anything else. Under a title every heading is one level deeper."""
        if self._style_name(element) == "title":
            return 1
        for source in [element.find(qn("w:pPr")), *self._style_properties(element)]:
            outline = source.find(qn("w:outlineLvl")) if source is not None else None
            if outline is not None:
                level = int(outline.get(VALUE, BODY_LEVEL))
                return 0 if level >= BODY_LEVEL else min(level + 1 + self.titled, 6)
        return 0

    def _style_properties(self, element: Xml) -> Iterator[Xml]:
        """The paragraph properties of the style, of the style it is based on, and so on."""
        name = _style_id(element)
        for _ in range(DEEPEST_STYLE):
            style = self.styles.get(name)
            if style is None:
                return
            yield style.find(qn("w:pPr"))
            base = style.find(qn("w:basedOn"))
            name = base.get(VALUE) if base is not None else None

    def _style_name(self, element: Xml) -> str:
        style = self.styles.get(_style_id(element))
        name = style.find(qn("w:name")) if style is not None else None
        return (name.get(VALUE) or "").lower() if name is not None else ""

    def _text(self, element: Xml) -> str:
        """The visible words of a paragraph as inline Markdown, then those of text boxes in it."""
        words = "".join(self._pieces(element))
        boxes = [" ".join(self._text(p) for p in box.iter(PARAGRAPH)) for box in _boxes(element)]
        return "\n".join([words, *boxes])

    def _pieces(self, element: Xml) -> Iterator[str]:
        for child in element:
            if child.tag in SKIPPED or not isinstance(child.tag, str):
                continue
            if child.tag == qn("w:t"):
                yield compose.literal(child.text or "")
            elif child.tag == qn("w:noBreakHyphen"):
                yield "-"
            elif child.tag in (qn("w:tab"), qn("w:br"), qn("w:cr"), PARAGRAPH):
                yield "\n" if child.tag == qn("w:br") and child.get(qn("w:type")) is None else " "
            elif child.tag == qn("w:hyperlink"):
                yield compose.link("".join(self._pieces(child)), self.links.get(child.get(qn("r:id")), ""))
            elif child.tag != qn("w:r") or not _is_hidden(child):
                yield from self._pieces(child)

    def _table(self, element: Xml) -> Block | None:
        """A pipe table; a single column is a frame around text, not a table."""
        rows = [[self._cell(cell) for cell in row.iter(qn("w:tc"))] for row in element.iterchildren(qn("w:tr"))]
        if max((len(row) for row in rows), default=0) < 2:
            inner = [block for cell in element.iter(qn("w:tc")) for block in self.blocks(cell)]
            return Block(compose.join(inner)) if inner else None
        return compose.table(rows)

    def _cell(self, cell: Xml) -> str:
        return " ".join(self._text(paragraph) for paragraph in cell.iter(PARAGRAPH))


def _content(parent: Xml) -> Iterator[Xml]:
    """Paragraphs and tables, also inside content controls and custom XML."""
    for child in parent:
        if child.tag in (PARAGRAPH, TABLE):
            yield child
        elif child.tag in (CONTROL, qn("w:sdtContent"), qn("w:customXml"), qn("w:ins"), qn("w:moveTo")):
            yield from _content(child)


def _boxes(element: Xml) -> list[Xml]:
    """Text boxes anchored in a paragraph, each once (Word writes a second copy for old readers)."""
    found = element.iter(qn("w:txbxContent"))
    return [box for box in found if not any(above.tag == FALLBACK for above in box.iterancestors())]


def _style_id(element: Xml) -> str | None:
    properties = element.find(qn("w:pPr"))
    style = properties.find(qn("w:pStyle")) if properties is not None else None
    return style.get(VALUE) if style is not None else "Normal"


def _number_formats(document: Document) -> dict[tuple[str, int], str]:
    """How each list counts, by list and depth: "bullet", "decimal", "lowerLetter" and so on."""
    part = next((rel.target_part for rel in document.part.rels.values() if rel.reltype.endswith("/numbering")), None)
    if part is None:
        return {}
    root: Xml = part.element
    abstract: dict[str, dict[int, str]] = {}
    for definition in root.iterchildren(qn("w:abstractNum")):
        levels = definition.iterchildren(qn("w:lvl"))
        abstract[definition.get(qn("w:abstractNumId"))] = {
            int(level.get(qn("w:ilvl"))): level.find(qn("w:numFmt")).get(VALUE)
            for level in levels
            if level.find(qn("w:numFmt")) is not None
        }
    return {
        (number.get(qn("w:numId")), level): format
        for number in root.iterchildren(qn("w:num"))
        for level, format in abstract.get(number.find(qn("w:abstractNumId")).get(VALUE), {}).items()
    }


def _is_hidden(run: Xml) -> bool:
    """Hidden, struck out, white without a ground of its own, or too small to read."""
    properties = run.find(qn("w:rPr"))
    if properties is None:
        return False
    if any(_is_on(properties.find(qn(f"w:{mark}"))) for mark in ("vanish", "strike", "dstrike")):
        return True
    size, colour = properties.find(qn("w:sz")), properties.find(qn("w:color"))
    if size is not None and (size.get(VALUE) or "").isdecimal() and int(size.get(VALUE)) <= TINY_HALF_POINTS:
        return True
    pale = colour is not None and (colour.get(VALUE) or "").upper() in ("FFFFFF", "FEFEFE")
    return pale and not _stands_on_colour(run, properties)


def _is_on(mark: Xml) -> bool:
    return mark is not None and mark.get(VALUE, "true").lower() not in ("0", "false", "off", "none")


def _stands_on_colour(run: Xml, properties: Xml) -> bool:
    """Whether the run, its paragraph, cell or table has shading or the run is highlighted."""
    if properties.find(qn("w:highlight")) is not None or properties.find(qn("w:shd")) is not None:
        return True
    places = (PARAGRAPH, qn("w:tc"), TABLE)
    return any(above.find(f"./*/{qn('w:shd')}") is not None for above in run.iterancestors(*places))


def _joined_code(blocks: list[Block]) -> list[Block]:
    """Fences that follow each other are lines of one listing."""
    out: list[Block] = []
    for block in blocks:
        if out and block.text.startswith("```") and out[-1].text.startswith("```"):
            out[-1] = Block(out[-1].text.removesuffix("```") + block.text.removeprefix("```\n"))
        else:
            out.append(block)
    return out
