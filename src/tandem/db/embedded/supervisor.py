"""The process that keeps one PostgreSQL running: starts it, starts it anew when it dies, stops it when nobody needs it.

If the supervisor itself is killed, the kernel tells PostgreSQL to shut down; whoever needs it next starts another
supervisor, which waits until the last process of the old server has gone.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from tandem.db.embedded import account, cluster, locks, places
from tandem.db.embedded.failure import NoServer
from tandem.db.embedded.places import Places

LOOK_EVERY = 0.25  # seconds between looks at the users' lock; a look costs two system calls
PATIENCE = 60.0  # seconds for a start (recovery after a crash included) or a shutdown (its checkpoint included)
STEADY = 60.0  # seconds of life after which an earlier death no longer delays a restart
LONGEST_PAUSE = 10.0  # seconds between restarts of a server that keeps dying
ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of <sys/prctl.h>
STOP = {signal.SIGTERM, signal.SIGINT}
STOP_IF_UNUSED = signal.SIGUSR1
LISTENS_TO = {signal.SIGCHLD, STOP_IF_UNUSED, *STOP}


class Supervisor:
    """Owns one cluster for as long as the supervisor lock is held."""

    def __init__(self, where: Places, major: int, linger: float, settings: Mapping[str, str]) -> None:
        self._where = where
        self._linger = linger
        self._account = account.of_server(where)
        self._binaries = account.binaries(major, self._account)
        self._major = major
        self._settings = settings
        self._server: subprocess.Popen[bytes] | None = None
        self._pause = 0.0
        self._not_before = 0.0

    def run(self, ready: Callable[[], None]) -> None:
        """Keep the server running until nobody has used it for `linger` seconds or a signal says stop."""
        ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1, 0, 0, 0)
        cluster.refuse_other_major(self._where, self._major)
        is_new = self._make_if_missing()
        signal.pthread_sigmask(signal.SIG_BLOCK, LISTENS_TO)
        try:
            self._start()
            ready()
            writing = cluster.write_through(self._where) if is_new else None
            self._watch()
            if writing:
                writing.join()
        finally:
            self._stop()

    def _make_if_missing(self) -> bool:
        if cluster.major_of(self._where) is not None:
            return False
        lock = self._wait_for_predecessor()
        try:
            cluster.make(self._where, self._major, self._account, self._binaries, lock)
        finally:
            os.close(lock)
        return True

    def _start(self) -> None:
        """Start the server and wait until it takes connections. Raises `NoServer` when it does not."""
        lock = self._wait_for_predecessor()
        try:
            cluster.sweep(self._where)
            cluster.configure(self._where, self._settings)
            places.private_dir(self._where.socket_dir, self._account.uid, self._account.gid)
            self._where.address.write_text(str(self._where.socket_dir))
            self._server = cluster.start(self._where, self._account, self._binaries, lock)
        finally:
            os.close(lock)  # from here on only the server's processes hold it
        until = time.monotonic() + PATIENCE
        while not cluster.is_ready(self._where):
            if self._server.poll() is not None:
                raise NoServer(f"PostgreSQL ended while starting; the last lines of {self._where.log} say why.")
            if time.monotonic() > until:
                raise NoServer(f"PostgreSQL was not ready within {PATIENCE:.0f} s; see {self._where.log}.")
            time.sleep(0.005)

    def _wait_for_predecessor(self) -> int:
        """The server lock, once every process of an earlier server has gone."""
        lock = locks.take(self._where.server_lock)
        if lock is None:
            cluster.end_leftovers(self._where)
            lock = locks.take(self._where.server_lock, timeout=PATIENCE)
        if lock is None:
            raise NoServer(f"An earlier PostgreSQL on {self._where.cluster} does not end; see {self._where.log}.")
        return lock

    def _watch(self) -> None:
        unused_since = time.monotonic()
        while True:
            told = signal.sigtimedwait(LISTENS_TO, LOOK_EVERY)
            number = told.si_signo if told else None
            if number in STOP:
                return
            self._restart_if_dead()
            users = locks.take(self._where.users_lock)
            if users is None:
                unused_since = time.monotonic()
            elif number == STOP_IF_UNUSED or time.monotonic() - unused_since >= self._linger:
                return  # and keep this lock to our end: who comes now waits, then starts the next supervisor
            else:
                os.close(users)

    def _restart_if_dead(self) -> None:
        """Start a dead server anew, at once the first time, then with growing pauses while it keeps dying."""
        server, now = self._server, time.monotonic()
        if server is None or server.poll() is None:
            _bury_orphans(server)
            return
        if now < self._not_before:
            return
        _say(f"the server has died (status {server.returncode}); starting it anew")
        self._pause = min(LONGEST_PAUSE, 2 * self._pause or 0.25) if now < self._not_before + STEADY else 0.25
        self._not_before = now + self._pause
        try:
            self._start()
        except NoServer as failure:
            _say(failure.detail)

    def _stop(self) -> None:
        server = self._server
        if server is None:
            return  # another one's files may be there
        if server.poll() is None:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                server.send_signal(signal.SIGQUIT)  # leaves recovery to the next start; nothing committed is lost
                server.wait()
        cluster.sweep(self._where)
        if self._where.socket_dir.is_dir():
            self._where.socket_dir.rmdir()


def supervise(
    data_dir: Path,
    *,
    major: int,
    linger: float,
    settings: Mapping[str, str],
    ready: Callable[[], None],
) -> bool:
    """Be the supervisor of this data folder until it is no longer needed; False when there is one already."""
    where = places.of(data_dir)
    lock = locks.take(where.supervisor_lock)
    if lock is None:
        return False
    os.truncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    Supervisor(where, major, linger, settings).run(ready)
    return True


def _bury_orphans(server: subprocess.Popen[bytes] | None) -> None:
    """Take the exit status of children that a killed server has left to us, so that they do not stay as zombies."""
    while True:
        try:
            found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if found is None or (server and found.si_pid == server.pid):
            return
        os.waitpid(found.si_pid, 0)


def _say(text: str) -> None:
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC supervisor: {text}", file=sys.stderr, flush=True)
