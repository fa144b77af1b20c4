"""Reading a file that somebody sent: bytes in, clean Markdown out, and nothing the file does can hurt Tandem.

Knows nothing about tenants, documents in the database or passages. Call `await reading.read(data, name=...)`.
The parsers are imported in the child process only, never here.
"""

from tandem.knowledge.reading.document import DEFAULT, Format, Limits, ReadDocument
from tandem.knowledge.reading.errors import (
    FileTooLarge,
    NeedsOcr,
    TookTooLong,
    Unreadable,
    UnsafeFile,
)
from tandem.knowledge.reading.parent import read

__all__ = [
    "DEFAULT",
    "FileTooLarge",
    "Format",
    "Limits",
    "NeedsOcr",
    "ReadDocument",
    "TookTooLong",
    "Unreadable",
    "UnsafeFile",
    "read",
]
