"""A minimal PDF writer for tests: pages of positioned lines in Helvetica, nothing else.

Knows nothing about Tandem. Only what the reader must meet: sizes, positions, colours, pictures.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 595, 842
PICTURE = b"q 400 0 0 500 90 200 cm BI /W 2 /H 2 /CS /G /BPC 8 ID \x00\xff\xff\x00 EI Q\n"


@dataclass(frozen=True)
class Line:
    """Words at a place: points from the left and from the bottom, size in points, grey 0 (black) to 1."""

    text: str
    x: float = 72
    y: float = 700
    size: float = 11
    grey: float = 0


def pdf(pages: Sequence[Sequence[Line]], *, title: str = "", picture: bool = False) -> bytes:
    """A whole PDF file with these pages; with `picture` each page also shows a scan-like image."""
    objects: list[bytes] = [
        b"",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    kids = []
    for lines in pages:
        content = b"".join(_draw(line) for line in lines) + (PICTURE if picture else b"")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] "
            b"/Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>" % (WIDTH, HEIGHT, len(objects))
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    objects.append(b"<< /Title (%s) >>" % _escape(title))
    return _file(objects)


def _draw(line: Line) -> bytes:
    return b"BT %g g /F1 %g Tf 1 0 0 1 %g %g Tm (%s) Tj ET\n" % (
        line.grey,
        line.size,
        line.x,
        line.y,
        _escape(line.text),
    )


def _escape(text: str) -> bytes:
    return text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _file(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    xref = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        len(objects),
        xref,
    )
    return bytes(out)
