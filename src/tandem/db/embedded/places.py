"""Where the embedded server keeps its things: all below one data folder, except a socket whose path would be too long.

DIR/postgres/       the cluster              DIR/postgres.log   what the server and its supervisor say
DIR/run/            locks and the socket
"""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from tandem.db.embedded.failure import NoServer

PORT = 5432  # only a part of the socket's name: the server listens on no network
LONGEST_SOCKET_PATH = 107  # bytes of sun_path, less the closing zero


@dataclass(frozen=True, slots=True)
class Places:
    """The paths that belong to one data folder."""

    root: Path

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.root / "postgres"

    @property
    def newborn(self) -> Path:
        """A cluster while it is being made; renamed to `cluster` when complete, so that there is never half a one."""
        return self.root / "postgres.new"

    @property
    def log(self) -> Path:
        """What the server and its supervisor have said."""
        return self.root / "postgres.log"

    @property
    def run(self) -> Path:
        """The locks, and mostly the socket."""
        return self.root / "run"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the supervisor as long as it lives; its text is the process id."""
        return self.run / "supervisor.lock"

    @property
    def users_lock(self) -> Path:
        """Shared by everyone who uses the database."""
        return self.run / "users.lock"

    @property
    def server_lock(self) -> Path:
        """Held together by all PostgreSQL processes of this cluster: free means that not one of them is left."""
        return self.run / "server.lock"

    @property
    def address(self) -> Path:
        """A file that names the folder of the socket; the supervisor may be another user than its reader."""
        return self.run / "address"

    @property
    def socket_dir(self) -> Path:
        """Where a supervisor of this user puts the socket: root's not below the data folder, as that may be closed."""
        short = hashlib.sha256(bytes(self.root)).hexdigest()[:16]
        if os.geteuid() == 0:
            base = Path("/run") if os.access("/run", os.W_OK) else Path("/tmp")  # noqa: S108  (checked when made)
            return base / f"tandem-{short}"
        near = self.run / "socket"
        if len(bytes(near / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
            return near
        return Path("/tmp") / f"tandem-{os.geteuid()}-{short}"  # noqa: S108  (checked when made)


def of(data_dir: Path) -> Places:
    """The places of a data folder, which is made when it is not there, readable by its owner only."""
    places = Places(data_dir.resolve())
    try:
        places.run.mkdir(mode=0o700, parents=True, exist_ok=True)
    except PermissionError:
        raise NoServer(
            f"{places.root} may not be written by this user: start Tandem as its owner, or choose another folder."
        ) from None
    return places


def private_dir(path: Path, uid: int, gid: int) -> None:
    """Make the folder, mode 0700, for the server's user. Refuses one that somebody else has put there."""
    try:
        path.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), uid) or found.st_mode & 0o077:
            raise NoServer(f"{path} is not ours alone: remove it, then start again.") from None
    if uid != os.geteuid():
        os.chown(path, uid, gid)
