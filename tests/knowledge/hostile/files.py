"""Files built to hurt a reader: bombs, loops, lies, noise. Made on the spot from a seed, never stored.

Knows nothing about the reader; `generate(count)` gives as many different ones as asked for.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.knowledge.reading.pdfs import Line, pdf
from tests.knowledge.reading.wordfiles import docx_of, docx_with, zip_of

ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol" * 10}">' for n in range(9))
DOCUMENT = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'
GOOD = {
    "a.pdf": pdf([[Line("Some text that can be read.", y=700 - 20 * row) for row in range(20)]] * 3),
    "a.docx": docx_of(lambda document: document.add_heading("Heading", 1)),
    "a.html": b"<!doctype html><html><body><h1>Heading</h1><p>Text</p><table><tr><td>a<td>b</table></body></html>",
    "a.md": b"---\ntitle: x\n---\n# Heading\n\n- item\n\n| a | b |\n| --- | --- |\n\n```\ncode\n```\n[l](https://a.example)",
    "a.txt": "Plain text – with “signs”.\n".encode(),
}


@dataclass(frozen=True)
class Hostile:
    """A file, what it is called, and what is wrong with it."""

    kind: str
    name: str
    data: bytes


def generate(count: int, *, seed: int = 1) -> Iterator[Hostile]:
    """The hand-made attacks first, then mutations of good files until there are `count`."""
    dice = random.Random(seed)  # the same corpus every time
    made = 0
    for kind, (name, build) in ATTACKS.items():
        if made < count:
            yield Hostile(kind, name, build())
            made += 1
    while made < count:
        name = dice.choice(sorted(GOOD))
        mutate = dice.choice(MUTATIONS)
        yield Hostile(f"{mutate.__name__} {made}", name, mutate(GOOD[name], dice))
        made += 1


def _xml(inside: str, before: str = "") -> bytes:
    return docx_with({"word/document.xml": ('<?xml version="1.0"?>' + before + DOCUMENT.format(inside)).encode()})


ATTACKS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "zip bomb": ("a.docx", lambda: docx_with({"word/media/a.bin": b"\0" * 60_000_000})),
    "xml bomb": ("a.docx", lambda: docx_with({"word/document.xml": DOCUMENT.format("<w:p/>" * 9_000_000).encode()})),
    "wide xml": ("a.docx", lambda: _xml("<w:p><w:r><w:t>x</w:t></w:r></w:p>" * 40_000)),
    "deep xml": ("a.docx", lambda: _xml("<w:sdt>" * 5_000 + "</w:sdt>" * 5_000)),
    "billion laughs": ("a.docx", lambda: _xml("<w:p><w:r><w:t>&e8;</w:t></w:r></w:p>", f"<!DOCTYPE x [{ENTITIES}]>")),
    "outside entity": (
        "a.docx",
        lambda: _xml("<w:p><w:r><w:t>&x;</w:t></w:r></w:p>", '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    ),
    "path out": ("a.docx", lambda: docx_with({"../../../../x": b"x"})),
    "absolute path": ("a.docx", lambda: docx_with({"/etc/x": b"x"})),
    "backslash path": ("a.docx", lambda: docx_with({"word\\..\\x": b"x"})),
    "archive in archive": ("a.docx", lambda: zip_of({"a.docx": docx_with({})})),
    "polyglot": ("a.pdf", lambda: GOOD["a.pdf"] + GOOD["a.docx"]),
    "polyglot turned": ("a.docx", lambda: GOOD["a.docx"] + GOOD["a.pdf"]),
    "page tree loop": ("a.pdf", lambda: GOOD["a.pdf"].replace(b"/Kids [5 0 R", b"/Kids [2 0 R")),
    "endless pages": ("a.pdf", lambda: GOOD["a.pdf"].replace(b"/Count 3", b"/Count 2147483647")),
    "huge page": ("a.pdf", lambda: GOOD["a.pdf"].replace(b"[0 0 595 842]", b"[0 0 9e9 9e9]")),
    "huge letters": ("a.pdf", lambda: pdf([[Line("x" * 5_000, size=9_000)] * 50])),
    "white everywhere": ("a.pdf", lambda: pdf([[Line(f"hidden {n}", y=n, grey=1) for n in range(800)]] * 3)),
    "deep html": ("a.html", lambda: b"<div>" * 300_000 + b"x"),
    "deep lists": ("a.html", lambda: b"<ul><li>" * 100_000),
    "deep inline": ("a.html", lambda: b"<p>" + b"<b>" * 100_000 + b"x"),
    "many attributes": ("a.html", lambda: b"<p " + b" ".join(b"a%d=1" % n for n in range(50_000)) + b">x"),
    "huge spans": ("a.html", lambda: b"<table>" + b"<tr><td rowspan=65534 colspan=1000>x" * 3_000),
    "tables in tables": ("a.html", lambda: b"<table><tr><td>" * 2_000),
    "css for ever": ("a.html", lambda: b"<style>" + b"@media{" * 50_000 + b"a{" * 50_000 + b"</style><p>x"),
    "open brackets": ("a.md", lambda: b"[" * 300_000),
    "open images": ("a.md", lambda: b"![a](" * 100_000),
    "stars": ("a.md", lambda: b"*a " * 200_000),
    "double stars": ("a.md", lambda: b"**a" * 100_000),
    "scores": ("a.md", lambda: b"_a " * 200_000),
    "backticks": ("a.md", lambda: b"`a" * 200_000),
    "open tags": ("a.md", lambda: b"<a <b <div " * 100_000),
    "hidden for ever": ("a.md", lambda: b"<div hidden>" * 60_000),
    "comments": ("a.md", lambda: b"<!--" * 200_000),
    "definitions": ("a.md", lambda: b"".join(b"[a%d]: https://a.example\n" % n for n in range(50_000))),
    "front matter": ("a.md", lambda: b"---\n" + b"a: b\n" * 200_000),
    "one line": ("a.txt", lambda: b"a" * 10_000_000),
    "marks on marks": ("a.txt", lambda: ("e" + "\u0301" * 500_000).encode()),
    "tag letters": ("a.txt", lambda: "".join(chr(0xE0000 + n % 127) for n in range(200_000)).encode() + b"x"),
    "half a pair": ("a.txt", lambda: b"\xff\xfe" + b"\x00\xd8" * 50_000),
    "noise": ("a.txt", lambda: random.Random(7).randbytes(300_000)),
}


def cut(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(1, len(data))]


def flip(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice((1, 3, 30, 300))):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def repeat(data: bytes, dice: random.Random) -> bytes:
    start, length = dice.randrange(len(data)), dice.randrange(1, 400)
    return data[:start] + data[start : start + length] * dice.choice((2, 50, 2_000)) + data[start + length :]


def numbers(data: bytes, dice: random.Random) -> bytes:
    """Some digit becomes a very large or negative number."""
    places = [place for place, byte in enumerate(data) if 48 <= byte <= 57]
    place = dice.choice(places or [0])
    return data[:place] + dice.choice((b"99999999999", b"-1", b"2147483647", b"0")) + data[place + 1 :]


def joined(data: bytes, dice: random.Random) -> bytes:
    return data + dice.choice(list(GOOD.values()))


MUTATIONS = (cut, flip, repeat, numbers, joined)
