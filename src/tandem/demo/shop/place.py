"""Where the shop is: its port and secret in `shop.json` beside the data, readable by its owner alone.

The port stays the same from start to start, because the addresses in Tandem's registry name it. Only when another
program has taken it, a new one is chosen and written down.
"""

import contextlib
import fcntl
import json
import os
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

HOST = "127.0.0.1"
"""The shop's books are not for the network."""


@dataclass(frozen=True, slots=True)
class Place:
    """`secret` is of Standard Webhooks: `whsec_` and 32 random bytes in base64."""

    port: int
    secret: str

    @property
    def url(self) -> str:
        """What `{shop}` stands for in the addresses of `demo/actions`; no slash at the end."""
        return f"http://{HOST}:{self.port}"


class AlreadyOpen(RuntimeError):
    """A shop runs on this data already. Stop it first, or use that one."""


def file(data_dir: Path) -> Path:
    """Where the place is written down."""
    return data_dir / "shop.json"


def database(data_dir: Path) -> Path:
    """The shop's books. Stop the shop and delete the file, and the next start fills it anew, from that day on."""
    return data_dir / "shop.sqlite3"


def load(data_dir: Path) -> Place | None:
    """The place as it was settled last, or None."""
    try:
        found = json.loads(file(data_dir).read_text())
    except FileNotFoundError:
        return None
    return Place(int(found["port"]), str(found["secret"]))


def settle(data_dir: Path, wanted: int, free: Callable[[int], bool], another: Callable[[], int]) -> Place:
    """The place to use from now on: the known one while its port is free or held by this very shop.

    `wanted` is the port of the first time; `another` finds a free one when that is taken. The secret never changes.
    """
    known = load(data_dir)
    if known and (_is_open(data_dir) or free(known.port)):
        return known
    return move(data_dir, wanted if not known and free(wanted) else another())


def move(data_dir: Path, port: int) -> Place:
    """The shop is at this port from now on; the secret of a known one stays."""
    known = load(data_dir)
    place = Place(port, known.secret if known else "whsec_" + b64encode(secrets.token_bytes(32)).decode())
    data_dir.mkdir(parents=True, exist_ok=True)
    draft = file(data_dir).with_suffix(".tmp")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump({"url": place.url, **asdict(place)}, out, indent=1)
    draft.replace(file(data_dir))
    return place


@contextlib.contextmanager
def hold(data_dir: Path) -> Iterator[None]:
    """As long as the shop is open. Raises AlreadyOpen."""
    with _lock(data_dir) as lock:
        if not _take(lock):
            raise AlreadyOpen(f"A shop runs on {data_dir} already.")
        yield


def _is_open(data_dir: Path) -> bool:
    with _lock(data_dir) as lock:
        return not _take(lock)


@contextlib.contextmanager
def _lock(data_dir: Path) -> Iterator[int]:
    lock = os.open(data_dir / "shop.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield lock
    finally:
        os.close(lock)


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
