"""Markdown and plain text to the one reduced Markdown that Tandem keeps.

Reading its own output again changes nothing. Not a full CommonMark parser: it removes what is not text
(raw HTML, comments, images, emphasis marks), rewrites what has several spellings, and leaves the rest.
"""

import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser

from tandem.knowledge.reading import compose, hidden, webpage

FENCE = r"^[ \t]*(?P<fence>`{3,}|~{3,})[^\n]*(?:\n(?P<code>.*?))??(?:\n[ \t]*(?P=fence)[`~]*[ \t]*$|\Z)"
TOKEN = re.compile(
    FENCE
    + r"|(?P<ticks>(?<![\\`])`{1,3})(?!`)[^`\n]{1,500}(?P=ticks)(?!`)"
    + r"|(?P<comment><!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<![A-Za-z][^>]{0,500}>)"
    + r"|(?P<auto><(?:https?://[^\s<>]{1,2000}|[\w.+-]{1,64}@[\w.-]{1,255})>)"
    + r"|(?P<tag></?[A-Za-z][A-Za-z0-9]{0,15}(?:[\s/][^<>]{0,2000})?>)",
    re.M | re.S,
)
KNOWN_TAGS = (
    webpage.BLOCKS
    | frozenset(hidden.SILENT)
    | frozenset(
        re.findall(
            r"\S+",
            "a abbr b bdi bdo big br button cite code col colgroup data dfn em font i ins kbd label link mark "
            "meta q rp rt ruby samp small span strong sub sup time title tt u var wbr area base source track "
            "param head html body option",
        )
    )
)
STRUCTURES = ("table", "ul", "ol", "dl", "pre", "h1", "h2", "h3", "h4", "h5", "h6")
VOID = frozenset(
    re.findall(
        r"\S+",
        "br hr img input link meta wbr area base source track param col embed",
    )
)

KEPT_OPEN, KEPT_CLOSE = "\ue000", "\ue001"
LESS, AND, AS_WRITTEN = "\ue002", "\ue003", "\ue004"
PRIVATE = re.compile("[\ue000-\ue004]")
KEPT = re.compile("\ue000(\\d+)\ue001")

DEFINITION = re.compile(r"^ {0,3}\[(?!\^)([^\[\]\n]{1,200})\]:[ \t]*\n?[ \t]*<?([^\s<>]+)>?[^\n]*$", re.M)
IMAGE = re.compile(r"!\[[^\]\n]{0,500}\](?:\((?:[^()\n]|\([^()\n]{0,500}\)){0,2000}\)|\[[^\]\n]{0,200}\])")
LINK = re.compile(
    r"(?<!\\)\[((?:[^\[\]\n]|\n(?!\s*\n)){0,500})\]\(\s*<?([^\s<>()]{0,2000}(?:\([^\s()]{0,200}\)[^\s<>()]{0,2000})*)>?"
    r"(?:\s+(?:\"[^\"\n]{0,500}\"|'[^'\n]{0,500}'|\([^()\n]{0,500}\)))?\s*\)"
)
REFERENCE = re.compile(r"(?<!\\)\[([^\[\]\n]{1,200})\](?:\[([^\[\]\n]{0,200})\])?(?![\[(:])")
STRUCK = re.compile(r"(?<![\\~])~~(?=[^\s~])[^~\n]{1,500}~~(?!~)")
STARS = re.compile(r"(?<![\\*])(\*{1,3})(?=[^\s*])((?:[^*\n]|\n(?!\s*\n)){1,1000})(?<=[^\s*\\])\1(?!\*)")
SCORES = re.compile(
    r"(?<![\w\\])(_{1,3})(?=[^\s_])((?:[^_\n]|(?<=\w)_(?=\w)|\n(?!\s*\n)){1,1000})(?<=[^\s_\\])\1(?!\w)"
)
ESCAPED = re.compile(r"(?<![\n\d\\])(?<!^)\\([.!()+\-{}&'\",:;?=@%^$/])")
ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,30}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")

RULE = re.compile(r"^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
SETEXT = re.compile(r"^ {0,3}(=+|-{2,})[ \t]*$")
ATX = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
BULLET = re.compile(r"^([ \t]*)[*+•](?=[ \t]+\S)")
NUMBER = re.compile(r"^([ \t]*\d{1,9})\)(?=[ \t]+\S)")
NO_PARAGRAPH = re.compile(r"^[ \t]*(?:$|#{1,6}\s|[-*+][ \t]|\d{1,9}[.)][ \t]|\||>|\ue000)")


def normalise(text: str) -> str:
    """Any Markdown as the reduced Markdown of `ReadDocument.body`."""
    kept: list[str] = []
    prose = _without_html(PRIVATE.sub("", text.replace("\r\n", "\n")), kept)
    prose = _inline(prose)
    prose = "\n".join(_lines(prose.split("\n")))
    return KEPT.sub(lambda mark: kept[int(mark.group(1))], prose)


def from_text(text: str) -> str:
    """Plain text as Markdown: its words stay as they are, underlined lines become headings."""
    escaped = compose.literal(text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = [re.sub(r"^(?=[ ]{0,3}(?:#{1,6}\s|```|~~~))", r"\\", line) for line in escaped.split("\n")]
    return "\n".join(_lines([compose.BULLET_GLYPH.sub("- ", line) for line in lines]))


def _without_html(text: str, kept: list[str]) -> str:
    """Put code aside (its place is marked), drop comments and what is hidden, unwrap the other tags."""

    def keep(piece: str) -> str:
        kept.append(piece)
        return f"{KEPT_OPEN}{len(kept) - 1}{KEPT_CLOSE}"

    out: list[str] = []
    links: list[str] = []
    at = 0
    while token := TOKEN.search(text, at):
        out.append(text[at : token.start()])
        at = token.end()
        if token["fence"]:
            out.append(keep(_fenced(token)))
        elif token["ticks"]:
            out.append(keep(token[0]))
        elif token["auto"]:
            out.append(token[0][1:-1])
        elif token["tag"]:
            piece, at = _tag(text, token, links, keep)
            out.append(piece)
    return "".join([*out, text[at:]])


def _fenced(token: re.Match[str]) -> str:
    indent = token[0][: len(token[0]) - len(token[0].lstrip(" \t"))]
    code = (token["code"] or "").replace("```", "'''")
    return f"{indent}```\n{code}\n{indent}```" if code.strip() else ""


def _tag(text: str, token: re.Match[str], links: list[str], keep: Callable[[str], str]) -> tuple[str, int]:
    """What stands for a tag in the prose, and where reading goes on."""
    closing, name, attributes = _parsed(token[0])
    if name not in KNOWN_TAGS:
        return compose.literal(token[0]), token.end()
    if name == "a":
        return _anchor(closing, attributes, links), token.end()
    if closing or name in VOID:
        return ("\n" if name in webpage.BLOCKS or name == "br" else ""), token.end()
    if hidden.is_hidden(name, attributes):
        return "", _end_of_element(text, name, token.end())
    if name in STRUCTURES:
        end = _end_of_element(text, name, token.end())
        return f"\n\n{keep(webpage.fragment(text[token.start() : end]))}\n\n", end
    return ("\n" if name in webpage.BLOCKS else ""), token.end()


def _anchor(closing: bool, attributes: dict[str, str], links: list[str]) -> str:
    if not closing:
        links.append(attributes.get("href", ""))
        return "["
    return f"]({links.pop()})" if links else ""


def _end_of_element(text: str, name: str, start: int) -> int:
    """Behind the closing tag that belongs to an element, or the end of the text: browsers do the same."""
    depth = 1
    for tag in re.compile(rf"<(/?){name}(?=[\s/>])[^<>]*>", re.I).finditer(text, start):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return tag.end()
    return len(text)


def _inline(text: str) -> str:
    """Links checked, images and marks of emphasis gone, entities and needless backslashes resolved."""
    targets = {" ".join(found[1].lower().split()): found[2] for found in DEFINITION.finditer(text)}
    text = IMAGE.sub("", DEFINITION.sub("", text))
    text = LINK.sub(lambda found: compose.link(found[1], found[2]), text)

    def refer(found: re.Match[str]) -> str:
        target = targets.get(" ".join((found[2] or found[1]).lower().split()))
        return compose.link(found[1], target) if target else found[0]

    text = STRUCK.sub("", REFERENCE.sub(refer, text) if targets else text)
    for _ in range(2):  # **bold with *italics* inside**
        text = SCORES.sub(r"\2", STARS.sub(r"\2", text))
    text = _entities(text)
    return ESCAPED.sub(r"\1", text)


def _entities(text: str) -> str:
    """Entities as the characters they stand for, except where those would start a tag, entity or mark."""
    text = ENTITY.sub(_character, text)
    signs = compose.literal_signs(text.replace(LESS, "<").replace(AND, "&"))
    return signs.replace(AS_WRITTEN, "&")


def _character(entity: re.Match[str]) -> str:
    meant = unescape(entity[0])
    if meant in "<&":
        return LESS if meant == "<" else AND
    is_mark = meant in "*_`[]|\\~#" or (meant.isspace() and meant not in " \u00a0")
    return AS_WRITTEN + entity[0][1:] if is_mark else meant


def _lines(lines: list[str]) -> list[str]:
    """Headings, bullets and numbers in one spelling; rules dropped."""
    out: list[str] = []
    for line in lines:
        under = SETEXT.match(line)
        if under and out and not NO_PARAGRAPH.match(out[-1]):
            out[-1] = f"{'#' if under[1][0] == '=' else '##'} {out[-1].strip()}"
        elif RULE.match(line):
            out.append("")
        elif atx := ATX.match(line):
            out.append(f"{atx[1]} {atx[2].strip()}" if atx[2].strip() else "")
        else:
            out.append(NUMBER.sub(r"\1.", BULLET.sub(r"\1-", line)))
    return out


class _Tag(HTMLParser):
    """Reads the name and attributes of a single tag."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.name = ""
        self.attributes: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.name, self.attributes = tag, {key: value or "" for key, value in attrs}

    def handle_endtag(self, tag: str) -> None:
        self.name = tag


def _parsed(source: str) -> tuple[bool, str, dict[str, str]]:
    """Whether it closes, its name in lower case, its attributes."""
    tag = _Tag()
    tag.feed(source)
    return source.startswith("</"), tag.name, tag.attributes
