"""File locks between processes. The kernel frees them with their last holder, so a killed process leaves none behind.

A lock belongs to the opened file: processes that inherit its descriptor hold it together.
"""

import fcntl
import os
import time
from pathlib import Path

from tandem.db.embedded.failure import NoServer


def take(path: Path, *, shared: bool = False, timeout: float = 0.0) -> int | None:
    """Lock the file within `timeout` seconds. Returns the descriptor that holds the lock, or None."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError:
        raise NoServer(
            f"{path} belongs to another user: start Tandem as that user, or choose another folder."
        ) from None
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    until = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            if time.monotonic() >= until:
                os.close(descriptor)
                return None
            time.sleep(0.01)


def is_free(path: Path) -> bool:
    """Whether nobody holds the lock at this moment."""
    descriptor = take(path)
    if descriptor is None:
        return False
    os.close(descriptor)
    return True
