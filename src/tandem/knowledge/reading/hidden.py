"""What a visitor of a web page does not see: dropped, because it is where instructions to a model hide.

Looks at tags, attributes, inline styles and simple rules of the page's own style sheets. Struck-out
text goes too: it is what the author took back.
"""

import re
from typing import Any

Element = Any
"""An element of lxml's tree; lxml comes without types."""

SILENT = (
    *("script", "style", "template", "noscript", "head", "iframe", "object", "embed", "applet", "svg"),
    *("canvas", "audio", "video", "map", "img", "picture", "input", "select", "textarea", "datalist"),
    *("del", "s", "strike", "progress", "meter", "frameset", "noframes"),
)
"""Tags whose content is not text of the page."""

HIDING = re.compile(
    r"""(?:^|[;{\s])(?:
      display\s*:\s*none | visibility\s*:\s*(?:hidden|collapse) | content-visibility\s*:\s*hidden
    | opacity\s*:\s*0?(?:\.0\d*)?\s*(?:[;!}]|$) | font-size\s*:\s*(?:0|0?\.\d+|1(?:\.0)?px)[a-z%]*\s*(?:[;!}]|$)
    | (?:max-)?(?:height|width)\s*:\s*[01](?:px)?\s*;(?=.*overflow\s*:\s*(?:hidden|clip))
    | text-indent\s*:\s*-\d{3,} | (?:left|top|right|bottom|margin-left|margin-top)\s*:\s*-\d{3,}
    | clip\s*:\s*rect\(\s*[01](?:px)?[\s,]+[01] | clip-path\s*:\s*inset\(\s*(?:50|100)%
    | transform\s*:\s*scale\(\s*0 | color\s*:\s*transparent | text-decoration[a-z-]*\s*:[^;]*line-through
    )""",
    re.I | re.X | re.S,
)
COLOUR = re.compile(r"(?:^|[;{\s])color\s*:\s*([^;!}]+)", re.I)
GROUND = re.compile(r"(?:^|[;{\s])background(?:-color)?\s*:\s*([^;!}]+)", re.I)
HIDDEN_CLASSES = frozenset(
    re.findall(
        r"\S+",
        "sr-only visually-hidden visuallyhidden screen-reader-text screen-reader-only hidden d-none hide is- hidden",
    )
)
SHOWN_AGAIN = re.compile(r"[:-](?:block|flex|grid|inline|table)")
RULE = re.compile(r"([^{}]{1,500})\{([^{}]{0,2000})\}")
AT_BLOCK = re.compile(r"@[a-z-]+[^{};]{0,500}\{(?:[^{}]{0,5000}\{[^{}]{0,5000}\}){0,500}[^{}]{0,5000}\}", re.I)
CSS_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.S)
SIMPLE_SELECTOR = re.compile(r"[a-z0-9]*([.#])([\w-]+)", re.I)
WHITE = re.compile(
    r"white|snow|ivory|ghostwhite|#f[a-f]f?[a-f]?(?:f[a-f])?[0-9a-f]{0,2}|rgba?\(\s*25[0-5]\D+25[0-5]\D+25[0-5].*", re.I
)


def drop(root: Element) -> None:
    """Take everything unseen out of the tree, in place; the text after each element stays."""
    unseen = _unseen_by_style_sheet(root)
    doomed = [element for element in root.iter() if _is_hidden(element, unseen)]
    for element in doomed:
        if element.getparent() is not None and element.tag != "body":
            element.drop_tree()


def is_hidden(tag: str, attributes: dict[str, str]) -> bool:
    """Whether an element with this tag and these attributes is not seen, whatever surrounds it."""
    style = attributes.get("style", "")
    return (
        tag in SILENT
        or "hidden" in attributes
        or bool(HIDING.search(style))
        or _is_pale(style, attributes.get("color", ""))
    )


def _is_hidden(element: Element, unseen: set[str]) -> bool:
    if not isinstance(element.tag, str):
        return True
    attributes = {str(key): str(value) for key, value in element.attrib.items()}
    classes = attributes.get("class", "").split()
    if unseen & {*(f".{name}" for name in classes), f"#{attributes.get('id', '')}"} or _hides(classes):
        return True
    if not is_hidden(element.tag, attributes):
        return False
    only_pale = (
        element.tag not in SILENT and "hidden" not in attributes and not HIDING.search(attributes.get("style", ""))
    )
    return not (only_pale and _stands_on_dark(element))


def _hides(classes: list[str]) -> bool:
    """A common class for hiding, unless another shows the element again on wider screens."""
    return any(name.lower() in HIDDEN_CLASSES for name in classes) and not any(map(SHOWN_AGAIN.search, classes))


def _is_pale(style: str, colour: str) -> bool:
    """White letters, or letters of the very colour of their ground."""
    if said := COLOUR.search(style):
        colour = said.group(1)
    if not colour:
        return False
    ground = GROUND.search(style)
    paint = ground.group(1).strip().lower() if ground else "white"
    own = colour.strip().lower()
    return own == paint or bool(WHITE.fullmatch(own) and WHITE.fullmatch(paint))


def _stands_on_dark(element: Element) -> bool:
    """Whether something around the element paints a ground that is not white."""
    for around in element.iterancestors():
        ground = GROUND.search(around.get("style", ""))
        paint = ground.group(1).strip() if ground else around.get("bgcolor", "")
        if paint:
            return not WHITE.fullmatch(paint)
    return False


def _unseen_by_style_sheet(root: Element) -> set[str]:
    """Classes (`.x`) and ids (`#x`) that a `<style>` of the page hides outside media queries."""
    sheets = CSS_COMMENT.sub("", "\n".join(style.text or "" for style in root.iter("style")))
    unseen: set[str] = set()
    for selectors, body in RULE.findall(AT_BLOCK.sub("", sheets)):
        if HIDING.search(body) or _is_pale(body, ""):
            named = (SIMPLE_SELECTOR.fullmatch(selector.strip()) for selector in selectors.split(","))
            unseen |= {name.group(1) + name.group(2) for name in named if name}
    return unseen
