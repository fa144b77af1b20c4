"""Why a file could not be read, each in words an administrator understands.

`detail` never holds text of the file. The docstring says what to do.
"""

from tandem.errors import Problem


class Unreadable(Problem):
    """The file is damaged, empty, protected or of a kind Tandem does not read. Send another copy or format."""

    status, code, title = 422, "unreadable_file", "This file cannot be read"


class NeedsOcr(Problem):
    """The pages are pictures without text. Run text recognition (OCR) over the file and send the result."""

    status, code, title = 422, "needs_ocr", "This file has no text in it, only pictures"


class FileTooLarge(Problem):
    """The file, its pages or its text exceed a limit that the detail names. Split it."""

    status, code, title = 413, "file_too_large", "This file is too large"


class TookTooLong(Problem):
    """Reading was stopped at the time limit. Split or simplify the file; trying again does not help."""

    status, code, title = 422, "took_too_long", "Reading this file took too long"


class UnsafeFile(Problem):
    """The file is built like an attack: an archive bomb, two formats in one, foreign paths. Do not open it."""

    status, code, title = 422, "unsafe_file", "This file is not safe to open"


KINDS: dict[str, type[Problem]] = {
    kind.code: kind for kind in (Unreadable, NeedsOcr, FileTooLarge, TookTooLong, UnsafeFile)
}
"""By code, to rebuild in the parent what the child raised."""
