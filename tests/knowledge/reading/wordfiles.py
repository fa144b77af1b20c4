"""Small Word files and archives for tests, made on the spot.

Knows nothing about Tandem.
"""

from collections.abc import Callable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import docx
from docx.document import Document


def docx_of(write: Callable[[Document], object]) -> bytes:
    """The bytes of a new Word document after `write` has filled it."""
    document = docx.Document()
    write(document)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def zip_of(parts: dict[str, bytes]) -> bytes:
    """An archive with these parts."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


def docx_with(parts: dict[str, bytes]) -> bytes:
    """A working Word document with further or replaced parts."""
    with ZipFile(BytesIO(docx_of(lambda document: document.add_paragraph("Hello")))) as archive:
        return zip_of({**{name: archive.read(name) for name in archive.namelist()}, **parts})
