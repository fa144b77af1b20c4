"""Which part of a whole web page is its text, and which is the furniture around it.

Trusts the page's own marks (`main`, `article`, roles) first and common names of furniture second, and
falls back to the whole body rather than lose text. Knows nothing about Markdown.
"""

import re
from typing import Any

Element = Any
"""An element of lxml's tree; lxml comes without types."""

FURNITURE_TAGS = ("nav", "footer", "form", "dialog", "search")
FURNITURE_ROLES = frozenset(
    re.findall(
        r"\S+",
        "navigation banner contentinfo search complementary dialog alertdialog menu menubar",
    )
)
FURNITURE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|breadcrumbs?|sidebar|footer|cookies?|consent|newsletter|share|social|pagination|"
    r"skip-link|related-articles|site-header|page-header-nav|article-votes|comments)(?=$|[\s_-])",
    re.I,
)
LEAST_SHARE = 0.3
"""A part chosen by its mark holds at least this share of the page's words, else the whole body is taken."""

LINK_SHARE = 0.8
"""A list or box with more of its letters inside links than this is a menu, unless little else is left."""

LEAST_LINKS = 4


def of(body: Element) -> Element:
    """The element that holds the text; furniture inside it is removed in place."""
    before = _size(body)
    chosen = _marked(body)
    if chosen is None or _size(chosen) < LEAST_SHARE * before * _letters_outside_links(body):
        chosen = body
    for element in [e for e in chosen.iterdescendants() if _is_furniture(e, chosen)]:
        if element.getparent() is not None and not _holds_most(element, chosen):
            element.drop_tree()
    return chosen


def _marked(body: Element) -> Element | None:
    """The one `main`, or else the `article` with the most text."""
    mains = body.xpath(".//main | .//*[@role='main']")
    if mains:
        return max(mains, key=_size)
    articles = body.xpath(".//article | .//*[@itemprop='articleBody']")
    return max(articles, key=_size) if articles else None


def _is_furniture(element: Element, chosen: Element) -> bool:
    if element.tag in FURNITURE_TAGS or element.get("role") in FURNITURE_ROLES:
        return True
    if element.tag == "aside":
        return chosen.tag == "body" or int(element.xpath("count(.//a)")) >= LEAST_LINKS
    if element.tag == "header":
        return element.getparent() is chosen and chosen.tag == "body" and not element.xpath(".//h1")
    if FURNITURE_NAMES.search(f"{element.get('class', '')} {element.get('id', '')}"):
        return True
    return element.tag in ("ul", "ol", "div", "table") and _is_menu(element)


def _is_menu(element: Element) -> bool:
    links = element.xpath("count(.//a)")
    return bool(links >= LEAST_LINKS and _letters_outside_links(element) < 1 - LINK_SHARE)


def _holds_most(element: Element, chosen: Element) -> bool:
    """Furniture by name that holds most of the text is the text: names lie."""
    return _size(element) > 0.6 * _size(chosen)


def _letters_outside_links(element: Element) -> float:
    """Share of the letters that are not inside links, 0 to 1."""
    whole = _size(element)
    return 1 - min(1.0, sum(_size(link) for link in element.iter("a")) / whole) if whole else 1.0


def _size(element: Element) -> int:
    return sum(len(text.strip()) for text in element.itertext())
