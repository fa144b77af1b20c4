"""How the rest of Tandem gets at the embedded server: ensure it runs, hold it while using it, ask it to stop."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from psycopg import pq

from tandem.db.embedded import cluster, locks, places
from tandem.db.embedded.failure import NoServer
from tandem.db.embedded.places import Places

LINGER = 10.0  # seconds a server without users stays, so that a restart of Tandem finds it warm
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server answers: a folder with a Unix socket."""

    socket_dir: Path

    @property
    def owner_url(self) -> str:
        """The connection string of the superuser, for the database `tandem`."""
        return self.url(cluster.OWNER)

    def url(self, user: str, dbname: str = cluster.DATABASE) -> str:
        """The connection string of a user, who needs no password (see `cluster`)."""
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://{quote(user, safe='')}@/{quote(dbname, safe='')}?host={host}&port={places.PORT}"


def ensure(
    data_dir: Path,
    *,
    major: int = 18,
    timeout: float = 60,
    linger: float = LINGER,
    settings: Mapping[str, str] = NOTHING,
) -> Address:
    """Make sure a server runs on this data folder and answers; start its supervisor when there is none.

    Hold the folder (`hold`) before, or the server may go again after `linger` seconds. `linger` and `settings`
    (PostgreSQL settings) count only for a supervisor that this call starts. Blocks for up to `timeout` seconds.
    Raises `NoServer` with one sentence for the operator.
    """
    where = places.of(data_dir)
    cluster.refuse_other_major(where, major)
    until = time.monotonic() + timeout
    with hold(data_dir, timeout=timeout):
        while True:
            if locks.is_free(where.supervisor_lock):
                _start_supervisor(where, major, linger, settings)
            address = _address(where)
            if address and _answers(address) and not locks.is_free(where.supervisor_lock):
                return address  # a server whose supervisor has died meanwhile is on its way out
            if time.monotonic() > until:
                raise NoServer(f"PostgreSQL did not answer within {timeout:.0f} s; see {where.log}.")
            time.sleep(0.01)


@contextmanager
def hold(data_dir: Path, *, timeout: float = 60) -> Iterator[None]:
    """Be a user of the server on this data folder: it is not stopped meanwhile. Ends with the process at the latest."""
    where = places.of(data_dir)
    lock = locks.take(where.users_lock, shared=True, timeout=timeout)
    if lock is None:
        raise NoServer(f"PostgreSQL has been shutting down for {timeout:.0f} s; see {where.log}.")
    try:
        yield
    finally:
        os.close(lock)


def stop(data_dir: Path, *, timeout: float = 60) -> bool:
    """Ask the server to stop now, if nobody holds it. True when it has stopped, or was not running."""
    where = places.of(data_dir)
    until = time.monotonic() + timeout
    while not locks.is_free(where.supervisor_lock):
        if _is_used(where) or time.monotonic() > until:
            return False
        _tell_supervisor(where)
        time.sleep(0.05)
    return True


def _start_supervisor(where: Places, major: int, linger: float, settings: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "tandem.db.embedded", "--detach", "--data", str(where.root)]
    command += ["--major", str(major), "--linger", str(linger)]
    command += [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    started = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
        start_new_session=True,  # a Ctrl-C in our terminal is not meant for the database
    )
    if started.returncode != 0:
        raise NoServer(started.stderr.strip() or f"PostgreSQL's supervisor did not start; see {where.log}.")


def _answers(address: Address) -> bool:
    return pq.PGconn.ping(address.owner_url.encode()) == pq.Ping.OK


def _address(where: Places) -> Address | None:
    try:
        return Address(Path(where.address.read_text()))
    except FileNotFoundError:
        return None


def _is_used(where: Places) -> bool:
    """Whether somebody else holds the users' lock; the supervisor does too once it is stopping, and that is no use."""
    lock = locks.take(where.users_lock, timeout=0.1)
    if lock is not None:
        os.close(lock)
        return False
    shared = locks.take(where.users_lock, shared=True)
    if shared is None:
        return False
    os.close(shared)
    return True


def _tell_supervisor(where: Places) -> None:
    try:
        pid = int(where.supervisor_lock.read_text())
        if b"tandem.db.embedded" in Path(f"/proc/{pid}/cmdline").read_bytes():  # not somebody else's number by now
            os.kill(pid, signal.SIGUSR1)
    except (OSError, ValueError):
        return
