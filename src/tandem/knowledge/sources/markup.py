"""What a crawler has to know of a web page before anybody reads its text: its links, and what it says about itself.

Looks for a few tags by expressions that go over the page once and backtrack nowhere, because a stranger wrote it and no child
process guards this one; the text is read by `reading`, in a child.
"""

import html
import re
from dataclasses import dataclass

MOST_CHARS = 3_000_000
MOST_LINKS = 5_000

NOT_MARKUP = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style|template)\b.*?(?:</\1\s*>|\Z)", re.I | re.S)
TAG = re.compile(r"<(a|area|link|base|meta)\s([^<>]{1,4000})>", re.I)
ATTRIBUTE = re.compile(r"""(?<![^\s"'/])([a-zA-Z:-]{1,40})\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


@dataclass(frozen=True, slots=True)
class Markup:
    """Addresses are as written, to be joined onto `base` when there is one."""

    base: str | None
    canonical: str | None
    links: tuple[str, ...]
    indexed: bool
    followed: bool


def read(text: str, robots_header: str = "") -> Markup:
    """The page's own word about itself; `robots_header` is its X-Robots-Tag."""
    base = canonical = None
    links: dict[str, None] = {}
    rules = [robots_header]
    for name, inside in TAG.findall(NOT_MARKUP.sub(" ", text[:MOST_CHARS])):
        said = _attributes(inside)
        href = said.get("href", "").strip()
        match name.lower():
            case "base" if href and base is None:
                base = href
            case "link" if "canonical" in said.get("rel", "").lower().split() and href and canonical is None:
                canonical = href
            case "meta" if said.get("name", "").lower() in ("robots", "tandem"):
                rules.append(said.get("content", ""))
            case "a" | "area" if href and len(links) < MOST_LINKS and "nofollow" not in said.get("rel", "").lower():
                links[href] = None
    told = {rule.strip().lower() for line in rules for rule in line.split(",")}
    return Markup(base, canonical, tuple(links), not told & {"noindex", "none"}, not told & {"nofollow", "none"})


def _attributes(inside: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, double, single, bare in ATTRIBUTE.findall(inside):
        found.setdefault(name.lower(), html.unescape(double or single or bare))
    return found
