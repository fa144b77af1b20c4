"""Fetching a page of a site, and making of it an item, or the reason why it is none. What a crawl and a sitemap share."""

import hashlib
import re
from dataclasses import dataclass
from email.message import Message
from urllib.parse import parse_qsl, unquote, urlencode

from tandem.errors import Problem
from tandem.knowledge import reading
from tandem.knowledge.documents import FILE_BYTES, Written
from tandem.knowledge.reading import Format
from tandem.knowledge.sources import markup
from tandem.knowledge.sources.listing import Content, Failed, Item
from tandem.outgoing import Answer, Caps, Patient, TryLater, Unreachable, urls
from tandem.outgoing.patience import refusal
from tandem.outgoing.urls import Target

PAGE = Caps(bytes=FILE_BYTES, seconds=60.0)
TYPES = {
    "text/html": Format.HTML,
    "application/xhtml+xml": Format.HTML,
    "text/markdown": Format.MARKDOWN,
    "text/plain": Format.TEXT,
    "text/csv": Format.CSV,
    "application/pdf": Format.PDF,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": Format.DOCX,
}
TRACKING = re.compile(r"utm_\w+|gclid|fbclid|msclkid|mc_[ce]id|_hs\w+|sessionid|phpsessid|jsessionid", re.I)
"""Parameters that name the visitor or the way they came, not the page."""

GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class Visit:
    """What became of one address. Not `certain`: the server failed, and what is behind it is not known."""

    target: Target
    item: Item | None = None
    failed: Failed | None = None
    links: tuple[Target, ...] = ()
    certain: bool = True


def canonical(target: Target) -> Target:
    """The same page in one form: without the parameters that only track."""
    pairs = parse_qsl(target.query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if not TRACKING.fullmatch(name)]
    if len(kept) == len(pairs):
        return target
    return urls.read(f"{target.text.partition('?')[0]}" + (f"?{urlencode(kept)}" if kept else ""))


async def visit(patient: Patient, target: Target) -> Visit:
    """Ask for a page. Raises TryLater alone; everything else is the page's own affair."""
    try:
        answer = await patient.ask(target.text, caps=PAGE)
    except TryLater:
        raise
    except Problem as problem:
        away = isinstance(problem, Unreachable)
        return Visit(target, failed=_failed(target, problem, unreachable=away), certain=not away)
    here = canonical(urls.read(answer.url))
    if answer.status in GONE:
        return Visit(here)
    if answer.status != 200:
        return Visit(here, failed=_failed(target, refusal(answer), unreachable=True), certain=False)
    kind, charset = _type(answer)
    if kind is None:
        return Visit(here)
    mark = hashlib.sha256(answer.body).hexdigest()
    if kind is not Format.HTML:
        return Visit(here, Item(here.text, here.text, mark, raw=(kind, answer.body, None)))
    said = markup.read(_text(answer.body, charset), answer.headers.get("x-robots-tag", ""))
    base = _joined(here, said.base) or here
    own = _joined(base, said.canonical) or here
    links = tuple(filter(None, (_joined(base, link) for link in said.links))) if said.followed else ()
    if not said.indexed or own.origin != here.origin:
        return Visit(here, links=links)
    return Visit(own, Item(own.text, own.text, mark, raw=(kind, answer.body, charset)), links=links)


async def content(item: Item) -> Content:
    """What a page that was fetched says: its main text, read in a child process. Raises as `reading.read` does."""
    kind, body, charset = item.raw
    name = unquote(item.key.partition("?")[0].rstrip("/").rpartition("/")[2])[-200:] or "page"
    if kind in (Format.PDF, Format.DOCX):
        return Content(name, Written(kind, file=body, file_name=name), item.url)
    if charset is not None:
        body = _text(body, charset).encode()
    read = await reading.read(body, name=f"page.{kind}", declared=kind)
    return Content(read.title or name, Written(Format.MARKDOWN, read.body), item.url)


def _type(answer: Answer) -> tuple[Format | None, str | None]:
    """The kind of file that the server says it is, and its character set when that is said and true."""
    message = Message()
    message["content-type"] = answer.headers.get("content-type") or "text/html"
    charset = message.get_content_charset()
    kind = TYPES.get(message.get_content_type())
    if charset is not None:
        charset = {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252"}.get(
            charset, charset
        )  # as browsers do
        try:
            answer.body.decode(charset)
        except (LookupError, ValueError):
            charset = None
    return kind, charset


def _text(body: bytes, charset: str | None) -> str:
    try:
        return body.decode(charset or "utf-8")
    except ValueError:
        return body.decode("latin-1")  # tags and addresses are ASCII in what is left


def _joined(onto: Target, link: str | None) -> Target | None:
    if not link:
        return None
    try:
        return canonical(urls.join(onto, link))
    except Problem:
        return None


def _failed(target: Target, problem: Problem, *, unreachable: bool) -> Failed:
    return Failed(target.text, problem.detail, target.text, unreachable)
