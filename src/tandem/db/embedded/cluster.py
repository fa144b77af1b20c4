"""One PostgreSQL cluster: making it, configuring it, starting it.

Everyone who reaches the socket is let in as whom they say they are ("trust"). That is as safe as a password here,
and only here: the server listens on no network, and the socket's folder has mode 0700, so that reaching it already
takes the rights of its owner, who could read any password file too.
"""

import ctypes
import functools
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from tandem.db.embedded import account, places
from tandem.db.embedded.account import Account
from tandem.db.embedded.failure import NoServer
from tandem.db.embedded.places import Places

DATABASE = "tandem"
OWNER = "postgres"

# For two cores and a few hundred MB.
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_compression": "on",
    "max_wal_size": "1GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "'%m [%p] '",
    # The log holds no customer's words: no statement that failed, no detail that quotes a row.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
LEAST_SHARED_MEMORY = 256 * 2**20  # bytes in /dev/shm that parallel index builds want; containers often have 64 MB
PARENT_DIED = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>
_libc = ctypes.CDLL(None, use_errno=True)


def major_of(where: Places) -> int | None:
    """The PostgreSQL version a cluster was made by, or None when there is no cluster yet."""
    try:
        return int((where.cluster / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None


def refuse_other_major(where: Places, major: int) -> None:
    """Raise `NoServer` when the cluster there was made by another major version."""
    found = major_of(where)
    if found not in (None, major):
        raise NoServer(
            f"{where.cluster} was made by PostgreSQL {found} and this is {major}:"
            f" choose {found}, or dump the database with {found} and load it into an empty folder with {major}."
        )


def make(where: Places, major: int, server: Account, binaries: Path, lock: int) -> None:
    """Make the cluster with its database, completely or not at all; the programs that do it hold `lock` too."""
    born_as = account.of_birth(server)
    shutil.rmtree(where.newborn, ignore_errors=True)
    places.private_dir(where.newborn, born_as.uid, born_as.gid)
    # The built-in provider came with PostgreSQL 17; before it the C library's locale of the same name has to serve.
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"] if major >= 17 else _libc_locale()
    with reachable(where.newborn, born_as) as (path, fds):
        init = [str(binaries / "initdb"), "-D", path, "-U", OWNER, "--auth=trust", "--encoding=UTF8", *locale]
        made = born_as.run([*init, "--no-sync"], pass_fds=(*fds, lock))
        if made.returncode != 0:
            raise NoServer(f"PostgreSQL could not make its files in {where.newborn}: {_last_line(made.stderr)}")
        single = [str(binaries / "postgres"), "--single", "-D", path, "template1"]
        created = born_as.run(single, says=f"CREATE DATABASE {DATABASE};\n", pass_fds=(*fds, lock))
        if created.returncode != 0 or "ERROR" in created.stderr:
            raise NoServer(f"PostgreSQL could not create its database: {_last_line(created.stderr)}")
    if server.drops:
        _give(where.newborn, server)
    where.newborn.rename(where.cluster)


def configure(where: Places, chosen: Mapping[str, str]) -> None:
    """Write `postgresql.conf` anew; what an operator set with ALTER SYSTEM still counts more."""
    settings = {**SETTINGS, **chosen}
    if not _has_shared_memory():
        settings.setdefault("dynamic_shared_memory_type", "mmap")
    lines = [f"{name} = {value}\n" for name, value in settings.items()]
    (where.cluster / "postgresql.conf").write_text("# Written by Tandem at every start.\n" + "".join(lines))


def start(where: Places, server: Account, binaries: Path, lock: int) -> subprocess.Popen[bytes]:
    """Start PostgreSQL. It holds `lock` with all its processes, and shuts down cleanly when we die."""
    with reachable(where.cluster, server) as (path, fds), open(where.log, "ab") as log:
        return subprocess.Popen(
            [binaries / "postgres", "-D", path, "-k", where.socket_dir, "-p", str(places.PORT)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            pass_fds=(*fds, lock),
            start_new_session=True,
            preexec_fn=functools.partial(_stop_with_parent, os.getpid()),
            user=server.new_user,
            group=server.new_group,
            extra_groups=server.new_groups,
        )


def write_through(where: Places) -> threading.Thread:
    """Begin to write a new cluster's files through to the disk beside the running server; making it left that out."""

    def flush() -> None:
        for folder, _, files in os.walk(where.cluster):
            for path in (folder, *(os.path.join(folder, name) for name in files)):
                with suppress(OSError):  # the server may have removed it meanwhile
                    _flush(path)

    thread = threading.Thread(target=flush, name="write-through")
    thread.start()
    return thread


def is_ready(where: Places) -> bool:
    """Whether the server that runs there has said that it takes connections."""
    try:
        return where.cluster.joinpath("postmaster.pid").read_text().splitlines()[7].strip() == "ready"
    except (FileNotFoundError, IndexError):
        return False


def end_leftovers(where: Places) -> None:
    """Tell the processes of a server without supervisor to end: the server cleanly, or if it is dead its orphans."""
    left = [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _works_in(entry, where.cluster)]
    try:
        server = int((where.cluster / "postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        server = 0
    for pid in left:
        with suppress(ProcessLookupError):
            if server not in left:
                os.kill(pid, signal.SIGQUIT)
            elif pid == server:
                os.kill(pid, signal.SIGINT)


def sweep(where: Places) -> None:
    """Remove what a killed server has left. Only for who holds the server lock: then no process of it lives."""
    (where.cluster / "postmaster.pid").unlink(missing_ok=True)
    for left in where.socket_dir.glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)


@contextmanager
def reachable(folder: Path, user: Account) -> Iterator[tuple[str, tuple[int, ...]]]:
    """A path by which the account can reach its own folder, and the descriptors it must inherit for that.

    Root's data may lie below folders closed to everyone else, such as /root. An inherited descriptor of the folder
    lets the server in there without opening anything to anybody.
    """
    if not user.drops:
        yield str(folder), ()
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}", (descriptor,)
    finally:
        os.close(descriptor)


def _stop_with_parent(parent: int) -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    _libc.prctl(PARENT_DIED, signal.SIGINT)  # SIGINT is PostgreSQL's fast, clean shutdown
    if os.getppid() != parent:
        os._exit(1)


def _flush(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _give(folder: Path, owner: Account) -> None:
    for path, _, files in os.walk(folder):
        os.chown(path, owner.uid, owner.gid)
        for name in files:
            os.chown(os.path.join(path, name), owner.uid, owner.gid, follow_symlinks=False)


def _works_in(process: Path, folder: Path) -> bool:
    try:
        return os.readlink(process / "cwd") == str(folder)  # a zombie, being dead, has none
    except OSError:
        return False


def _libc_locale() -> list[str]:
    listed = subprocess.run(["locale", "-a"], capture_output=True, text=True).stdout if shutil.which("locale") else ""
    return ["--locale=C.UTF-8"] if {"c.utf8", "c.utf-8"} & set(listed.lower().split()) else ["--locale=C"]


def _has_shared_memory() -> bool:
    try:
        room = os.statvfs("/dev/shm")  # noqa: S108  (only asked how large it is)
    except OSError:
        return False
    return room.f_blocks * room.f_frsize >= LEAST_SHARED_MEMORY


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
